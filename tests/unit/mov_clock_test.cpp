// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/track_clock.hpp"

#include <doctest/doctest.h>

using namespace onair;
using namespace onair::mov;

TEST_CASE("frames at 30000/1001 lie on whole ticks for a day, from times cut or rounded to nanoseconds") {
    TrackClock clock(30000, Rational(30000, 1001), true);
    for (int64_t n = 0; n < 2589408; n += 997) {
        const __int128 exact = static_cast<__int128>(n) * 1001 * 1000000000;
        CHECK(clock.to_ticks(static_cast<int64_t>(exact / 30000)) == n * 1001);
        CHECK(clock.to_ticks(static_cast<int64_t>((exact + 15000) / 30000)) == n * 1001);
    }
}

TEST_CASE("decoding time: given, else that of presentation; intra pictures have one time") {
    TrackClock inter(1000, 25, false), intra(1000, 25, true);
    CHECK(inter.next({80000000, 0, {}}).ticks.dts == 0);
    CHECK(inter.next({120000000, {}, {}}).ticks.dts == 120);
    CHECK(intra.next({80000000, 0, {}}).ticks.dts == 80);
}

TEST_CASE("times before the movie's start are negative ticks") {
    TrackClock clock(12800, 25, false);
    CHECK(clock.next({0, -80000000, {}}).ticks.dts == -1024);
}

TEST_CASE("backwards and standing still are told, and do not move the clock") {
    TrackClock clock(1000, 25, true);
    CHECK_FALSE(clock.next({40000000, {}, {}}).backwards);
    CHECK(clock.next({40000000, {}, {}}).backwards);
    CHECK(clock.next({20000000, {}, {}}).backwards);
    CHECK_FALSE(clock.next({41000000, {}, {}}).backwards);
}

TEST_CASE("duration: given, else a picture at the rate, else 0") {
    CHECK(TrackClock(1000, 25, true).next({0, {}, 7000000}).ticks.duration == 7);
    CHECK(TrackClock(30000, Rational(30000, 1001), true).next({0, {}, {}}).ticks.duration == 1001);
    CHECK(TrackClock(1000, 0, true).next({0, {}, {}}).ticks.duration == 0);
}

TEST_CASE("samples follow one another; only real holes are filled") {
    SampleCounter counter(48000);
    CHECK(counter.next(100, 1000).position == 100);
    CHECK(counter.next(1101, 1000).position == 1100); // jitter
    SampleCounter::Step step = counter.next(2100 + 4800, 1000);
    CHECK(step.fill == 4800);
    CHECK(step.position == 6900);
    step = counter.next(7900 - 1920, 1000); // 40 ms is still jitter
    CHECK(step.overlap == 0);
    CHECK(step.position == 7900);
    step = counter.next(8900 - 1921, 1000);
    CHECK(step.overlap == 1921);
    CHECK(step.position == 8900);
}

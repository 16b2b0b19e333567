// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "common/timecode/timecode.hpp"
#include "tests/support/error_of.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace onair;
using namespace onair::tc;
using test::error_of;

namespace {
const Rational ntsc(30000, 1001), ntsc60(60000, 1001), ntsc120(120000, 1001), film(24000, 1001);

} // namespace

TEST_CASE("frame numbers of known addresses") {
    struct Row {
        Rational fps;
        const char* text;
        int64_t frames;
    };
    // 107892, 215784 and 431568 are the measured payloads of 01:00:00;00; 24 h of 29.97 drop frame are 2589408 frames.
    const Row rows[] = {
        {25, "00:00:00:00", 0},        {25, "01:00:00:00", 90000},      {24, "01:00:00:00", 86400},
        {film, "01:00:00:00", 86400},  {30, "00:00:30:00", 900},        {ntsc, "01:00:00:00", 108000},
        {ntsc, "01:00:00;00", 107892}, {ntsc60, "01:00:00;00", 215784}, {ntsc120, "01:00:00;00", 431568},
        {ntsc, "00:00:59;29", 1799},   {ntsc, "00:01:00;02", 1800},     {ntsc, "00:09:59;29", 17981},
        {ntsc, "00:10:00;00", 17982},  {ntsc, "23:59:59;29", 2589407},  {ntsc60, "00:01:00;04", 3600},
        {120, "01:00:00:119", 432119}, {ntsc, "15:44:35:10", 1700260},
    };
    for (const Row& row : rows) {
        CAPTURE(row.text);
        const Parsed p = parse(row.text);
        const Rate rate(row.fps, p.drop_frame);
        validate(p.address, rate);
        CHECK(to_frames(p.address, rate) == row.frames);
        CHECK(from_frames(row.frames, rate) == p.address);
        CHECK(format(p.address, p.drop_frame) == row.text);
    }
}

TEST_CASE("every frame of a drop-frame day has one address and no dropped number is used") {
    for (const Rational fps : {ntsc, ntsc60}) {
        const Rate rate(fps, true);
        Timecode previous = from_frames(-1, rate);
        CHECK(to_frames(previous, rate) == rate.frames_per_day() - 1);
        for (int64_t n = 0; n < rate.frames_per_day(); ++n) {
            const Timecode t = from_frames(n, rate);
            REQUIRE(to_frames(t, rate) == n);
            REQUIRE_FALSE((t.seconds == 0 && t.minutes % 10 != 0 && t.frames < rate.dropped()));
            REQUIRE_FALSE(t == previous);
            previous = t;
        }
        CHECK(from_frames(rate.frames_per_day(), rate) == Timecode{});
    }
}

TEST_CASE("wrap at midnight in both directions") {
    const Rate rate(25, false);
    CHECK(from_frames(rate.frames_per_day(), rate) == Timecode{});
    CHECK(from_frames(-1, rate) == Timecode{23, 59, 59, 24});
    CHECK(from_frames(3 * rate.frames_per_day() + 25, rate) == Timecode{0, 0, 1, 0});
}

TEST_CASE("what is no timecode is refused with the field and the reason") {
    struct Row {
        const char* text;
        const char* says;
    };
    const Row rows[] = {
        {"", "hours are missing"},
        {"01", "minutes are missing"},
        {"01:00:00", "frames are missing"},
        {"01:00:00:", "frames are missing"},
        {"24:00:00:00", "hours 24, the largest is 23"},
        {"01:60:00:00", "minutes 60, the largest is 59"},
        {"01:00:99:00", "seconds 99"},
        {"01:00:00:00x", "something follows the frames"},
        {"01;00:00:00", "';' after the hours"},
        {"aa:00:00:00", "hours are missing"},
        {"-1:00:00:00", "hours are missing"},
        {"001:00:00:00", "too many digits"},
        {"01:00:00:300", "frames 300"},
    };
    for (const Row& row : rows) {
        CAPTURE(row.text);
        const std::string said = error_of([&] { parse(row.text); });
        CHECK_MESSAGE(said.find(row.says) != std::string::npos, said);
    }
}

TEST_CASE("addresses that the rate does not have") {
    CHECK(error_of([] { validate(parse("01:00:00:30").address, Rate(30, false)); }).find("frames 30") !=
          std::string::npos);
    CHECK(error_of([] { validate(parse("10:01:00;00").address, Rate(ntsc, true)); }).find("do not exist") !=
          std::string::npos);
    CHECK(error_of([] { validate(parse("10:01:00;03").address, Rate(ntsc60, true)); }).find("do not exist") !=
          std::string::npos);
    CHECK(error_of([] { validate(parse("10:10:00;00").address, Rate(ntsc, true)); }).empty());
}

TEST_CASE("rates") {
    for (const Rational fps :
         {Rational(25, 2), Rational(300), Rational(0, 1), Rational(2398, 100), Rational(30000, 1000 * 7)})
        CHECK_FALSE(Rate::has_timecode(fps));
    for (const Rational fps : {Rational(1), Rational(25), Rational(120), ntsc, film, Rational(48000, 1001)})
        CHECK(Rate::has_timecode(fps));
    CHECK(Rate(ntsc120, true).dropped() == 8);
    CHECK(error_of([] { Rate(Rational(25, 2), false); }).find("25/2") != std::string::npos);
    CHECK(error_of([] { Rate(Rational(25), true); }).find("drop-frame") != std::string::npos);
    CHECK(error_of([] { Rate(Rational(30), true); }).find("drop-frame") != std::string::npos);
}

TEST_CASE("a base of 30 counts fast rates slower") {
    struct Row {
        Rational fps;
        int nominal, divisor;
    };
    const Row rows[] = {
        {24, 24, 1},  {30, 30, 1},      {ntsc, 30, 1}, {48, 24, 2},          {Rational(48000, 1001), 24, 2},
        {50, 25, 2},  {60, 30, 2},      {72, 24, 3},   {ntsc60, 30, 2},      {100, 25, 4},
        {120, 30, 4}, {ntsc120, 30, 4}, {240, 30, 8},  {Rational(12), 12, 1}};
    for (const Row& row : rows) {
        CAPTURE(to_text(row.fps));
        const Rate rate(row.fps, false, 30);
        CHECK(rate.nominal() == row.nominal);
        CHECK(rate.divisor() == row.divisor);
        CHECK(rate.count_fps() * Rational(row.divisor) == row.fps);
        CHECK(Rate(row.fps, false).divisor() == 1);
    }
    for (const Rational fps : {ntsc60, ntsc120}) {
        const Rate rate(fps, true, 30);
        CHECK(rate.dropped() == 2);
        CHECK(to_frames(parse("01:00:00;00").address, rate) == 107892);
    }
    CHECK(error_of([] { Rate(Rational(119), false, 30); }).find("119/1 pictures a second") != std::string::npos);
    CHECK(error_of([] { Rate(Rational(60), true, 30); }).find("drop-frame") != std::string::npos);
    CHECK(error_of([] {
              validate(parse("01:00:00:30").address, Rate(60, false, 30));
          }).find("at 30/1 frames a second") != std::string::npos);
}

TEST_CASE("counts below 0 are for those who allow them") {
    const Parsed minus = parse(" -00:00:01:00", Sign::allowed);
    CHECK(minus.negative);
    CHECK(to_frames(minus, Rate(25, false)) == -25);
    CHECK(to_frames(parse("00:00:01:00", Sign::allowed), Rate(25, false)) == 25);
    CHECK(format_frames(-25, Rate(25, false), true) == "-00:00:01:00");
    CHECK(format_frames(-25, Rate(25, false)) == "23:59:59:00");
    CHECK(format_frames(25, Rate(25, false), true) == "00:00:01:00");
    CHECK(error_of([] { parse("-00:00:01:00"); }).find("hours are missing") != std::string::npos);
    CHECK(error_of([] { parse("--00:00:01:00", Sign::allowed); }).find("hours are missing") != std::string::npos);
    CHECK(error_of([] { to_frames(parse("-00:01:00;00", Sign::allowed), Rate(ntsc, true)); }).find("do not exist") !=
          std::string::npos);
}

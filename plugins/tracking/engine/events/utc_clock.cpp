// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/events/utc_clock.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <limits>

namespace onair::track {

namespace {

using std::chrono::microseconds;

template <class C>
int64_t now_of() {
    return std::chrono::duration_cast<microseconds>(C::now().time_since_epoch()).count();
}

/// Takes digits and marks off the front of a text; `ok` stays false after the first surprise.
struct Reader {
    std::string_view rest;
    bool ok = true;

    int digits(size_t n) {
        if (!ok || rest.size() < n) return fail();
        int value = 0;
        for (size_t i = 0; i < n; ++i) {
            if (rest[i] < '0' || rest[i] > '9') return fail();
            value = value * 10 + (rest[i] - '0');
        }
        rest.remove_prefix(n);
        return value;
    }
    char any_of(std::string_view marks) {
        if (!ok || rest.empty() || marks.find(rest[0]) == std::string_view::npos) return static_cast<char>(fail());
        const char c = rest[0];
        rest.remove_prefix(1);
        return c;
    }
    int fail() {
        ok = false;
        return 0;
    }
};

int64_t fraction(Reader& r) {
    if (r.rest.empty() || r.rest[0] != '.') return 0;
    r.rest.remove_prefix(1);
    int64_t us = 0, scale = 100000;
    size_t n = 0;
    for (; n < r.rest.size() && r.rest[n] >= '0' && r.rest[n] <= '9'; ++n, scale /= 10)
        us += (r.rest[n] - '0') * scale;
    if (n == 0) r.fail();
    r.rest.remove_prefix(n);
    return us;
}

/// Minutes east of Greenwich.
int offset(Reader& r) {
    const char sign = r.any_of("Zz+-");
    if (!r.ok || sign == 'Z' || sign == 'z') return 0;
    const int hours = r.digits(2);
    r.any_of(":");
    const int minutes = r.digits(2);
    if (hours > 23 || minutes > 59) r.fail();
    return (sign == '-' ? -1 : 1) * (hours * 60 + minutes);
}

} // namespace

int64_t SystemClock::utc_us() { return now_of<std::chrono::system_clock>(); }
int64_t SystemClock::monotonic_us() { return now_of<std::chrono::steady_clock>(); }

ClockPair sample_clock_pair(const std::function<int64_t()>& clock_ns, Clock& wall) {
    ClockPair best;
    int64_t best_width = std::numeric_limits<int64_t>::max();
    for (int i = 0; i < 3; ++i) {
        const int64_t before = wall.utc_us();
        const int64_t clock = clock_ns();
        const int64_t after = wall.utc_us();
        if (after >= before && after - before < best_width) {
            best_width = after - before;
            best = {clock, before + (after - before) / 2};
        }
    }
    if (best_width == std::numeric_limits<int64_t>::max()) best = {clock_ns(), wall.utc_us()}; // the wall clock steps
    return best;
}

int64_t UtcMap::to_utc(const std::function<int64_t()>& clock_ns, Clock& wall, int64_t ns) {
    if (!pair_ || std::abs(pair_->to_utc(clock_ns()) - wall.utc_us()) > tolerance_us)
        pair_ = sample_clock_pair(clock_ns, wall);
    return pair_->to_utc(ns);
}

std::string format_utc(int64_t us) {
    using namespace std::chrono;
    const sys_time<microseconds> t{microseconds(us)};
    const auto day = floor<days>(t);
    const year_month_day date(day);
    const hh_mm_ss<microseconds> time(t - day);
    std::array<char, 64> out{};
    std::snprintf(out.data(), out.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%06dZ", static_cast<int>(date.year()),
                  static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                  static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()),
                  static_cast<int>(time.seconds().count()), static_cast<int>(time.subseconds().count()));
    return out.data();
}

std::optional<int64_t> parse_utc(std::string_view text) {
    using namespace std::chrono;
    Reader r{text};
    const int y = r.digits(4);
    r.any_of("-");
    const int m = r.digits(2);
    r.any_of("-");
    const int d = r.digits(2);
    r.any_of("Tt ");
    const int hour = r.digits(2);
    r.any_of(":");
    const int minute = r.digits(2);
    r.any_of(":");
    const int second = r.digits(2);
    const int64_t us = fraction(r);
    const int east = offset(r);
    const year_month_day date(year(y), month(static_cast<unsigned>(m)), day(static_cast<unsigned>(d)));
    if (!r.ok || !r.rest.empty() || !date.ok() || hour > 23 || minute > 59 || second > 60) return std::nullopt;
    const auto t = sys_days(date) + hours(hour) + minutes(minute) + seconds(second) - minutes(east);
    return duration_cast<microseconds>(t.time_since_epoch()).count() + us;
}

} // namespace onair::track

// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/timecode_runs.hpp"
#include "tests/support/error_of.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

using namespace onair;
using namespace onair::mov;
using test::error_of;
using test::has;

namespace {

const Rational ntsc(30000, 1001), ntsc60(60000, 1001);

CarriedTimecode carried(const std::string& text, Rational rate) {
    const tc::Parsed parsed = tc::parse(text);
    return {parsed.address, parsed.drop_frame, rate};
}

CarriedTimecode carried(int64_t number, Rational rate, bool drop) {
    return {tc::from_frames(number, tc::Rate(rate, drop)), drop, rate};
}

/// A track whose ticks are `den` for a picture.
TrackTiming timing(Rational rate) { return {rate.num, rate, rate.den}; }

/// A stretch of pictures: `count` of them, the first with the timecode `text` (empty: without any), counting on.
struct Stretch {
    std::string text;
    int count = 0;
    int64_t gap = 0; ///< pictures missing before it
};

struct Feed {
    Rational rate;
    TimecodeRuns runs;
    int64_t at = 0; ///< pictures

    explicit Feed(Rational r, RunsPolicy policy = {}) : rate(r), runs(timing(r), std::move(policy)) {}

    void put(const Stretch& s) {
        at += s.gap;
        std::optional<tc::Parsed> start;
        if (!s.text.empty()) start = tc::parse(s.text);
        for (int i = 0; i < s.count; ++i, ++at) {
            std::optional<CarriedTimecode> c;
            if (start) {
                const tc::Rate counted(rate, start->drop_frame);
                c = carried(to_frames(*start, counted) + i, rate, start->drop_frame);
            }
            runs.frame(at * rate.den, rate.den, c);
        }
    }
    std::vector<TimecodeRun> finish() { return runs.finish(at * rate.den); }
};

/// "start+duration=timecode" in pictures, ',' between the runs, '~' before a continuation.
std::string shown(const std::vector<TimecodeRun>& runs, int64_t ticks) {
    std::string out;
    for (const TimecodeRun& r : runs)
        out += (out.empty() ? "" : ", ") + std::string(r.continuation ? "~" : "") + std::to_string(r.start / ticks) +
               "+" + std::to_string(r.duration / ticks) + "=" +
               tc::format_frames(r.frame_number, r.format.rate, r.format.negative);
    return out;
}

/// What a reader computes for the time `pts`.
std::optional<int64_t> read_at(const std::vector<TimecodeRun>& runs, int64_t pts, int64_t timescale) {
    for (const TimecodeRun& r : runs)
        if (pts >= r.start && pts < r.start + r.duration) {
            const Rational count = r.format.rate.count_fps();
            const int64_t elapsed = (pts - r.start) * count.num / (count.den * timescale);
            const int64_t day = r.format.rate.frames_per_day();
            return (r.frame_number + elapsed) % day;
        }
    return std::nullopt;
}

std::vector<TimecodeRun> merged(const std::vector<TimecodeRun>& runs) {
    std::vector<TimecodeRun> out;
    for (const TimecodeRun& run : runs)
        if (run.continuation && !out.empty())
            out.back().duration += run.duration;
        else
            out.push_back(run);
    return out;
}

using Pictures = std::vector<std::pair<int64_t, std::optional<CarriedTimecode>>>;

int64_t earliest(const Pictures& pictures, size_t from) {
    int64_t out = INT64_MAX;
    for (; from < pictures.size(); ++from)
        out = std::min(out, pictures[from].first);
    return out;
}

} // namespace

TEST_CASE("pictures become runs") {
    struct Row {
        const char* what;
        Rational rate;
        std::vector<Stretch> in;
        const char* out;
        size_t discontinuities;
    };
    const Row rows[] = {
        {"continuous", 25, {{"01:00:00:00", 50}}, "0+50=01:00:00:00", 0},
        {"none at all", 25, {{"", 50}}, "", 0},
        {"a jump", 25, {{"01:00:00:00", 10}, {"05:00:00:00", 5}}, "0+10=01:00:00:00, 10+5=05:00:00:00", 1},
        {"a jump of one", 25, {{"01:00:00:00", 10}, {"01:00:00:11", 5}}, "0+10=01:00:00:00, 10+5=01:00:00:11", 1},
        {"a jump as long as the gap", 25, {{"01:00:00:00", 10}, {"01:00:00:20", 5, 10}}, "0+25=01:00:00:00", 0},
        {"a gap that the timecode does not have",
         25,
         {{"01:00:00:00", 10}, {"01:00:00:10", 5, 10}},
         "0+20=01:00:00:00, 20+5=01:00:00:10",
         1},
        {"pictures without", 25, {{"01:00:00:00", 10}, {"", 10}, {"01:00:00:20", 5}}, "0+25=01:00:00:00", 0},
        {"late", 25, {{"", 30}, {"01:00:00:00", 5}}, "0+35=00:59:58:20", 0},
        {"late and midnight", 25, {{"", 30}, {"00:00:00:20", 5}}, "0+10=23:59:59:15, 10+25=00:00:00:00", 0},
        {"midnight", 25, {{"23:59:59:20", 15}}, "0+5=23:59:59:20, 5+10=00:00:00:00", 0},
        {"midnight, drop frame", ntsc, {{"23:59:59;20", 15}}, "0+10=23:59:59;20, 10+5=00:00:00;00", 0},
        {"drop frame over a minute", ntsc, {{"00:00:59;20", 40}}, "0+40=00:00:59;20", 0},
        {"back by an hour", 25, {{"02:00:00:00", 5}, {"01:00:00:00", 5}}, "0+5=02:00:00:00, 5+5=01:00:00:00", 1},
        {"duplicates",
         25,
         {{"02:00:00:00", 1}, {"02:00:00:00", 1}, {"02:00:00:00", 2}},
         "0+1=02:00:00:00, 1+1=02:00:00:00, 2+2=02:00:00:00",
         2},
        {"drop frame comes on", ntsc, {{"01:00:00:00", 5}, {"01:00:00;05", 5}}, "0+5=01:00:00:00, 5+5=01:00:00;05", 1},
        {"a jump to midnight is no midnight",
         25,
         {{"01:00:00:00", 5}, {"00:00:00:00", 5}},
         "0+5=01:00:00:00, 5+5=00:00:00:00",
         1},
        {"47.952", Rational(48000, 1001), {{"01:00:00:40", 20}}, "0+20=01:00:00:40", 0},
        {"119.88 drop frame", Rational(120000, 1001), {{"00:00:59;118", 4}}, "0+4=00:00:59;118", 0},
        {"240", 240, {{"23:59:59:238", 4}}, "0+2=23:59:59:238, 2+2=00:00:00:00", 0},
    };
    for (const Row& row : rows) {
        CAPTURE(row.what);
        Feed feed(row.rate);
        for (const Stretch& s : row.in)
            feed.put(s);
        const auto runs = feed.finish();
        CHECK(shown(runs, row.rate.den) == row.out);
        CHECK(feed.runs.discontinuities() == row.discontinuities);
        CHECK(feed.runs.take_discontinuities().size() == row.discontinuities);
    }
}

TEST_CASE("a late first timecode, by policy") {
    const auto feed = [](FirstTimecode first) {
        RunsPolicy policy;
        policy.pad = "video_0";
        policy.first = first;
        Feed out(25, policy);
        out.put({"", 30});
        out.put({"01:00:00:00", 5});
        return shown(out.finish(), 1);
    };
    CHECK(feed(FirstTimecode::extrapolate) == "0+35=00:59:58:20");
    CHECK(feed(FirstTimecode::gap) == "30+5=01:00:00:00");
    const std::string said = error_of([&] { feed(FirstTimecode::error); });
    CHECK_MESSAGE((has(said, "video_0") && has(said, "01:00:00:00") && has(said, "1200 ms")), said);
}

TEST_CASE("a discontinuity tells the time, what was expected and what came") {
    Feed feed(ntsc);
    feed.put({"01:00:00;00", 10});
    feed.put({"05:00:00;00", 10});
    feed.put({"05:00:00:10", 10});
    feed.finish();
    const auto said = feed.runs.take_discontinuities();
    REQUIRE(said.size() == 2);
    CHECK(said[0].at == 10010);
    CHECK(said[0].expected == "01:00:00;10");
    CHECK(said[0].found == "05:00:00;00");
    CHECK(said[1].expected == "05:00:00;10");
    CHECK(said[1].found == "05:00:00:10");
    CHECK(feed.runs.take_discontinuities().empty());
}

TEST_CASE("pictures come in decode order") {
    // I0 P3 B1 B2 P6 B4 B5 …, then 16 pictures back to front
    for (const bool deep : {false, true}) {
        TimecodeRuns runs(timing(25), {});
        std::vector<int64_t> order{0};
        for (int64_t i = 3; i < 60; i += 3)
            order.insert(order.end(), {i, i - 2, i - 1});
        if (deep) {
            order.clear();
            for (int64_t i = 0; i < 64; i += 16)
                for (int64_t k = 15; k >= 0; --k)
                    order.push_back(i + k);
        }
        for (const int64_t n : order)
            runs.frame(n, 1, carried(90000 + n + (n >= 40 ? 1000 : 0), 25, false));
        CHECK(shown(runs.finish(64), 1) == "0+40=01:00:00:00, 40+24=01:00:41:15");
        CHECK(runs.discontinuities() == 1);
    }
}

TEST_CASE("jitter and variable durations are no discontinuities, drift is put right without a word") {
    TimecodeRuns jitter({90000, 25, 3600}, {});
    std::mt19937 random(1);
    for (int64_t n = 0; n < 1000; ++n)
        jitter.frame(n * 3600 + static_cast<int64_t>(random() % 1700), 3600, carried(90000 + n, 25, false));
    CHECK(jitter.finish(1000 * 3600).size() == 1);

    TimecodeRuns variable({90000, 25, 3600}, {}); // pictures that were left out
    for (int64_t n = 0; n < 1000; n += 1 + static_cast<int64_t>(random() % 7))
        variable.frame(n * 3600, 3600, carried(90000 + n, 25, false));
    CHECK(shown(variable.finish(1000 * 3600), 3600) == "0+1000=01:00:00:00");

    TimecodeRuns drift({90000, 25, 3600}, {}); // 3601 ticks a picture: half of one after 1800 pictures
    for (int64_t n = 0; n < 10000; ++n)
        drift.frame(n * 3601, 3601, carried(90000 + n, 25, false));
    const auto runs = drift.finish(10000 * 3601);
    CHECK(runs.size() == 6);
    CHECK(drift.discontinuities() == 0);
    for (int64_t n = 0; n < 10000; ++n)
        REQUIRE(std::abs(*read_at(runs, n * 3601 + 1800, 90000) - (90000 + n)) <= 1);
}

TEST_CASE("a base of 30: numbers last several pictures, and every picture is told its number") {
    struct Row {
        Rational rate;
        const char* start;
        const char* first; ///< the first run in pictures
    };
    const Row rows[] = {
        {60, "01:00:00:00", "0+100=01:00:00:00"},
        {60, "01:00:00:01", "0+1=01:00:00:00, ~1+99=01:00:00:01"},
        {ntsc60, "01:00:59;58", "0+100=01:00:59;29"},
        {50, "10:00:00:00", "0+100=10:00:00:00"},
        {120, "01:00:00:03", "0+1=01:00:00:00, ~1+99=01:00:00:01"},
        {Rational(120000, 1001), "01:00:59;116", "0+100=01:00:59;29"},
    };
    for (const Row& row : rows) {
        CAPTURE(row.start);
        RunsPolicy policy;
        policy.base = 30;
        Feed feed(row.rate, policy);
        feed.put({row.start, 100});
        const auto runs = feed.finish();
        CHECK(shown(runs, row.rate.den) == row.first);
        const tc::Parsed start = tc::parse(row.start);
        const int64_t first = to_frames(start, tc::Rate(row.rate, start.drop_frame));
        const int divisor = tc::Rate(row.rate, false, 30).divisor();
        for (int64_t n = 0; n < 100; ++n)
            REQUIRE(read_at(runs, n * row.rate.den, row.rate.num) == (first + n) / divisor);
        const TmcdFields fields = tmcd_fields(runs.at(0).format, row.rate.num);
        CHECK(fields.frames * divisor == tc::Rate(row.rate, false).nominal());
        CHECK(fields.frame_duration == row.rate.den * divisor);
    }
}

TEST_CASE("timecode of half the rate on each picture: its phase shows at the first step") {
    for (const int phase : {0, 1}) {
        TimecodeRuns runs(timing(60), {});
        for (int64_t n = 0; n < 40; ++n)
            runs.frame(n, 1, carried(108000 + (n + phase) / 2, 30, false));
        const auto out = runs.finish(40);
        CHECK(runs.discontinuities() == 0);
        CHECK(out.at(0).format.rate.nominal() == 30);
        for (int64_t n = 0; n < 40; ++n)
            REQUIRE(read_at(out, n, 60) == 108000 + (n + phase) / 2);
    }
    TimecodeRuns jump(timing(60), {});
    for (int64_t n = 0; n < 40; ++n)
        jump.frame(n, 1, carried(108000 + n / 2 + (n >= 20), 30, false));
    jump.finish(40);
    CHECK(jump.discontinuities() == 1);
}

TEST_CASE("a forced start counts whatever the pictures carry; below 0 too") {
    RunsPolicy policy;
    policy.forced = forced_start(tc::parse("-00:00:01:00", tc::Sign::allowed), 25, 0);
    Feed feed(25, policy);
    feed.put({"05:00:00:00", 20});
    feed.put({"", 20});
    CHECK(feed.runs.known());
    const auto runs = feed.finish();
    REQUIRE(runs.size() == 1);
    CHECK(shown(runs, 1) == "0+40=-00:00:01:00");
    CHECK(runs[0].frame_number == -25);
    CHECK(tmcd_fields(runs[0].format, 25).flags == (TmcdFields::wraps | TmcdFields::negative));
    CHECK(feed.runs.discontinuities() == 0);
}

TEST_CASE("fields of the sample description") {
    struct Row {
        Rational rate;
        bool drop;
        int base;
        int64_t timescale;
        TmcdFields fields;
    };
    const Row rows[] = {
        {25, false, 0, 12800, {2, 12800, 512, 25}},
        {ntsc, true, 0, 30000, {3, 30000, 1001, 30}},
        {Rational(24000, 1001), false, 0, 24000, {2, 24000, 1001, 24}},
        {Rational(48000, 1001), false, 0, 48000, {2, 48000, 1001, 48}},
        {ntsc60, true, 0, 60000, {3, 60000, 1001, 60}},
        {ntsc60, true, 30, 60000, {3, 60000, 2002, 30}},
        {50, false, 30, 50, {2, 50, 2, 25}},
        {240, false, 0, 24000, {2, 24000, 100, 240}},
        {ntsc, false, 0, 1000, {2, 30000, 1001, 30}}, // no whole number of milliseconds
    };
    for (const Row& row : rows)
        CHECK(tmcd_fields({tc::Rate(row.rate, row.drop, row.base)}, row.timescale) == row.fields);
}

TEST_CASE("an impossible timecode is refused and the picture can be given without it") {
    TimecodeRuns runs(timing(ntsc), {});
    runs.frame(0, 1001, carried("01:00:00;00", ntsc));
    const CarriedTimecode wrong = carried("01:01:00;00", ntsc);
    CHECK(has(error_of([&] { runs.frame(1001, 1001, wrong); }), "do not exist"));
    runs.frame(1001, 1001, std::nullopt);
    CHECK(shown(runs.finish(2002), 1001) == "0+2=01:00:00;00");
}

TEST_CASE("fragments together are the whole") {
    // Random stretches, B-frames and cuts: what the fragments tell of each picture is what the whole tells.
    std::mt19937 random(4);
    const auto below = [&](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };
    for (int round = 0; round < 300; ++round) {
        const Rational rate = std::vector<Rational>{25, ntsc, 60, ntsc60}[static_cast<size_t>(below(4))];
        RunsPolicy policy;
        policy.base = below(2) * 30;
        TimecodeRuns parts(timing(rate), policy), whole(timing(rate), policy);
        const bool drop = rate.den == 1001 && below(2);
        int64_t number = below(2) ? tc::Rate(rate, drop).frames_per_day() - 100 : below(10000);
        Pictures pictures;
        for (int64_t at = 0; pictures.size() < 300; ++at) {
            if (below(40) == 0) number += below(1000);
            if (below(40) == 0) at += below(20);
            std::optional<CarriedTimecode> c;
            if (pictures.empty() || below(4)) c = carried(number, rate, drop);
            pictures.emplace_back(at * rate.den, c);
            ++number;
        }
        for (size_t i = 1; i + 2 < pictures.size(); i += 3)
            std::rotate(pictures.begin() + static_cast<std::ptrdiff_t>(i),
                        pictures.begin() + static_cast<std::ptrdiff_t>(i + 2),
                        pictures.begin() + static_cast<std::ptrdiff_t>(i + 3));
        std::vector<TimecodeRun> told;
        int64_t end = 0;
        for (size_t i = 0; i < pictures.size(); ++i) {
            parts.frame(pictures[i].first, rate.den, pictures[i].second);
            whole.frame(pictures[i].first, rate.den, pictures[i].second);
            end = std::max(end, pictures[i].first + rate.den);
            if (below(20) == 0) {
                const int64_t safe = i + 1 == pictures.size() ? end : earliest(pictures, i + 1);
                for (const TimecodeRun& run : parts.take_until(safe))
                    told.push_back(run);
            }
        }
        for (const TimecodeRun& run : parts.take_until(end))
            told.push_back(run);
        const auto all = whole.finish(end);
        CHECK(parts.finish(end) == all);
        int64_t covered = pictures.front().first;
        for (const TimecodeRun& run : told) {
            REQUIRE(run.start == covered);
            REQUIRE(run.duration > 0);
            covered += run.duration;
        }
        REQUIRE(covered == end);
        REQUIRE(merged(told) == merged(all));
        for (const auto& [pts, c] : pictures)
            REQUIRE(read_at(told, pts, rate.num) == read_at(all, pts, rate.num));
        for (const auto& [pts, c] : pictures)
            if (c)
                REQUIRE(read_at(all, pts, rate.num) ==
                        to_frames(c->address, tc::Rate(rate, drop)) / tc::Rate(rate, drop, policy.base).divisor());
    }
}

TEST_CASE("fragments before the first timecode have none; it may be known before its picture's turn") {
    Feed feed(25);
    feed.put({"", 10});
    CHECK_FALSE(feed.runs.known());
    CHECK(feed.runs.take_until(5).empty());
    feed.put({"01:00:00:00", 10});
    CHECK(feed.runs.known());
    CHECK(feed.runs.first_format()->rate.nominal() == 25);
    CHECK(feed.runs.first_pts() == 0);
    CHECK(shown(feed.runs.take_until(8), 1) == "");
    CHECK(shown(feed.runs.take_until(15), 1) == "8+7=00:59:59:23");
    CHECK(shown(feed.runs.take_until(20), 1) == "~15+5=01:00:00:05");
    CHECK(shown(feed.finish(), 1) == "0+20=00:59:59:15");
}

TEST_CASE("24 hours of pictures are few runs, and a timecode that jumps at each picture does not fill the memory") {
    Feed feed(25);
    feed.put({"10:00:00:00", 24 * 3600 * 25 + 10});
    CHECK(shown(feed.finish(), 1) == "0+1260000=10:00:00:00, 1260000+900010=00:00:00:00");
    TimecodeRuns wild(timing(25), {});
    for (int64_t n = 0; n < 10000; ++n)
        wild.frame(n, 1, carried(7 * n % 80000, 25, false));
    CHECK(wild.finish(10000).size() == 10000);
    CHECK(wild.discontinuities() == 9999);
    CHECK(wild.take_discontinuities().size() == TimecodeRuns::kept_discontinuities);
}

TEST_CASE("runs that were taken may be forgotten: no memory grows, and what is taken is the same") {
    RunsPolicy policy;
    policy.keep_taken = false;
    TimecodeRuns forgetful(timing(25), policy), keeping(timing(25), {});
    for (int64_t n = 0; n < 10000; ++n) {
        for (TimecodeRuns* runs : {&forgetful, &keeping})
            runs->frame(n, 1, carried(n / 3 * 70 % 80000 + n, 25, false));
        if (n % 25 == 24) REQUIRE(forgetful.take_until(n) == keeping.take_until(n));
        REQUIRE(forgetful.memory() < 3000);
    }
    CHECK(keeping.memory() > 100000);
    CHECK(forgetful.take_until(10000) == keeping.take_until(10000));
    keeping.forget_taken();
    CHECK(keeping.memory() < 100);
}

// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/support/track_fakes.hpp"

#include "engine/events/reference_time.hpp"
#include "engine/events/text_rules.hpp"
#include "engine/events/utc_clock.hpp"
#include "engine/events/uuid.hpp"

#include <doctest/doctest.h>

#include <set>
#include <string>
#include <thread>
#include <vector>

using namespace onair::track;

TEST_CASE("RFC 3339 is read and written") {
    struct Row {
        const char* text;
        const char* back; ///< null: refused
    };
    const Row rows[] = {
        {"2026-11-24T12:00:00Z", "2026-11-24T12:00:00.000000Z"},
        {"2026-11-24t12:00:00.5z", "2026-11-24T12:00:00.500000Z"},
        {"2026-11-24 12:00:00.1234567+02:00", "2026-11-24T10:00:00.123456Z"},
        {"2026-03-01T00:30:00-01:30", "2026-03-01T02:00:00.000000Z"},
        {"2024-02-29T23:59:60Z", "2024-03-01T00:00:00.000000Z"},
        {"1970-01-01T00:00:00Z", "1970-01-01T00:00:00.000000Z"},
        {"1969-12-31T23:59:59.75Z", "1969-12-31T23:59:59.750000Z"},
        {"2026-02-29T00:00:00Z", nullptr},
        {"2026-13-01T00:00:00Z", nullptr},
        {"2026-11-24T24:00:00Z", nullptr},
        {"2026-11-24T12:00:00", nullptr},
        {"2026-11-24T12:00:00.Z", nullptr},
        {"2026-11-24T12:00:00+0200", nullptr},
        {"2026-11-24T12:00:00Z ", nullptr},
        {"24.11.2026", nullptr},
        {"", nullptr},
    };
    for (const Row& row : rows) {
        CAPTURE(row.text);
        const auto us = parse_utc(row.text);
        REQUIRE(us.has_value() == (row.back != nullptr));
        if (us) CHECK(format_utc(*us) == row.back);
    }
}

TEST_CASE("media time becomes UTC by a pair of clocks") {
    onair::test::FakeClock wall;
    const auto pair = sample_clock_pair([] { return int64_t{5'000'000'000}; }, wall);
    CHECK(pair.to_utc(5'000'000'000) == wall.utc);
    CHECK(pair.to_utc(7'500'000'000) == wall.utc + 2'500'000);
    CHECK(pair.to_utc(4'000'000'000) == wall.utc - 1'000'000);
}

TEST_CASE("one pair is kept until the clocks come apart") {
    onair::test::FakeClock wall;
    const int64_t begin = wall.utc;
    int64_t media = 0;
    const auto clock = [&] { return media; };
    UtcMap map;
    CHECK(map.to_utc(clock, wall, 0) == begin);
    media = 1'000'000'000;
    wall.utc = begin + 1'000'500; // jitter of the reading
    CHECK(map.to_utc(clock, wall, 2'000'000'000) == begin + 2'000'000);
    wall.utc = begin + 3601'000'000; // the wall clock was set an hour ahead
    CHECK(map.to_utc(clock, wall, 2'000'000'000) == begin + 3602'000'000);
    wall.utc = begin - 3599'000'000; // and two back
    CHECK(map.to_utc(clock, wall, 2'000'000'000) == begin - 3598'000'000);
}

TEST_CASE("ids are UUIDv7, rise and never repeat") {
    UuidMaker maker;
    const int64_t now = 1'795'521'600'123'000;
    std::string last;
    for (int i = 0; i < 20000; ++i) {
        const std::string id = maker.make(i < 10000 ? now : now - 60'000'000); // the clock steps back
        CHECK(is_uuid(id));
        CHECK(id[14] == '7');
        CHECK(std::string("89ab").find(id[19]) != std::string::npos);
        CHECK(id > last);
        last = id;
    }
    CHECK(UuidMaker().make(now).substr(0, 13) == "01a20d6d-5a7b");
}

TEST_CASE("ids of many threads differ") {
    UuidMaker maker;
    std::vector<std::vector<std::string>> made(4);
    std::vector<std::thread> threads;
    for (auto& list : made)
        threads.emplace_back([&list, &maker] {
            for (int i = 0; i < 2000; ++i)
                list.push_back(maker.make(1'000'000));
        });
    for (auto& thread : threads)
        thread.join();
    std::set<std::string> all;
    for (const auto& list : made)
        all.insert(list.begin(), list.end());
    CHECK(all.size() == 8000);
}

TEST_CASE("invalid UTF-8 is replaced, valid UTF-8 is left alone") {
    CHECK_FALSE(repaired_utf8("plain \xC3\xA4 \xE2\x82\xAC \xF0\x9F\x8E\xAC").has_value());
    CHECK(repaired_utf8("a\xFF"
                        "b") == "a\xEF\xBF\xBD"
                                "b");
    CHECK(repaired_utf8("\xC3") == "\xEF\xBF\xBD");
    CHECK(repaired_utf8("\xED\xA0\x80x") == "\xEF\xBF\xBDx"); // a surrogate
    CHECK(repaired_utf8("\xC0\xAF") == "\xEF\xBF\xBD");       // overlong
    CHECK(repaired_utf8("\xF5\x80\x80\x80.") == "\xEF\xBF\xBD.");
}

TEST_CASE("lengths and cuts are in code points") {
    CHECK(length("a\xC3\xA4\xF0\x9F\x8E\xAC") == 3);
    CHECK(cut("a\xC3\xA4\xF0\x9F\x8E\xAC", 2) == "a\xC3\xA4");
    CHECK(cut("abc", 3) == "abc");
    CHECK(cut("\xC3\xA4\xC3\xA4", 3) == "\xC3\xA4\xC3\xA4");
}

TEST_CASE("blank is what Matomo would trim to nothing, and the Unicode spaces") {
    for (const char* text : {"", " ", "\t\r\n\v", "\xC2\xA0", "\xE2\x80\x8B", "\xE3\x80\x80 \xEF\xBB\xBF"})
        CHECK(is_blank(text));
    for (const char* text : {"a", " . ", "\xC3\xA4"})
        CHECK_FALSE(is_blank(text));
}

TEST_CASE("forms of ids, types, addresses and URLs") {
    for (const char* text : {"a.b", "onair.run.progress", "0.0", "a.b_c.d1"})
        CHECK(is_type(text));
    for (const char* text : {"", "a", "a.", ".a", "a..b", "A.b", "a.B", "a_b.c", "a.b c", "a.b\n"})
        CHECK_FALSE(is_type(text));
    CHECK_FALSE(is_type("a." + std::string(127, 'b')));
    CHECK(is_type("a." + std::string(126, 'b')));
    for (const char* text : {"http://h", "https://h/p?q#f", "gst://h/p/e", "urn:x:y"})
        CHECK(is_absolute_url(text));
    for (const char* text : {"", "h/p", ":x", "http:", "http://h p", "1http://h", "http://h\n"})
        CHECK_FALSE(is_absolute_url(text));
    for (const char* text : {"1.2.3.4", "::1", "2001:db8::1", "::ffff:1.2.3.4"})
        CHECK(is_ip(text));
    for (const char* text : {"", "1.2.3", "1.2.3.256", "host", "1.2.3.4 "})
        CHECK_FALSE(is_ip(text));
    CHECK(is_id("A.b_c:d-1"));
    CHECK_FALSE(is_id("joe@example.org"));
    CHECK_FALSE(is_id(std::string(129, 'a')));
}

TEST_CASE("reference timestamps of three clocks are one moment") {
    constexpr uint64_t s = 1'000'000'000, moment = 1'764'583'200; // 2025-12-01 10:00:00 UTC
    struct Row {
        const char* caps;
        uint64_t ns;
        TimeSource source;
        int64_t us;
    };
    const Row rows[] = {
        {"timestamp/x-unix", moment * s + 1999, TimeSource::refts, int64_t{moment} * 1'000'000 + 1},
        {"timestamp/x-ntp", (moment + 2'208'988'800) * s, TimeSource::ntp, int64_t{moment} * 1'000'000},
        {"timestamp/x-ptp", (moment + 37) * s, TimeSource::ptp, int64_t{moment} * 1'000'000},
    };
    for (const Row& row : rows) {
        CAPTURE(row.caps);
        const auto time = read_reference(row.caps, row.ns, 37);
        REQUIRE(time);
        CHECK(time->source == row.source);
        CHECK(time->utc_us == row.us);
    }
    CHECK_FALSE(read_reference("timestamp/x-drop-frame", moment * s, 37));
    CHECK_FALSE(read_reference("timestamp/x-ntp", moment, 37)); // before 1970
    CHECK(current_tai_offset() >= 37);
}

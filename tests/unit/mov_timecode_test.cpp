// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "common/base/error.hpp"
#include "engine/timecode_choice.hpp"

#include <doctest/doctest.h>

using namespace onair;
using namespace onair::mov;

namespace {

const Rational ntsc(30000, 1001);

CarriedTimecode carried(const char* text, Rational rate) {
    const tc::Parsed parsed = tc::parse(text);
    return {parsed.address, parsed.drop_frame, rate};
}

TimecodeQuestion question(TimecodeSource source, const char* property, const char* meta, Rational rate) {
    TimecodeQuestion q;
    q.pad = "video_3";
    q.source = source;
    if (property) q.property = tc::parse(property);
    if (meta) q.carried = carried(meta, rate);
    q.frame_rate = rate;
    return q;
}

std::string answer(const TimecodeQuestion& q) {
    try {
        const auto start = choose_timecode(q);
        if (!start) return "none";
        const std::string from = start->source == TimecodeSource::property ? "property " : "meta ";
        return from + start->text + (start->overridden.empty() ? "" : " over " + start->overridden);
    } catch (const Error& e) {
        return std::string("error: ") + e.what();
    }
}

} // namespace

TEST_CASE("which timecode it is") {
    struct Row {
        TimecodeSource source;
        const char* property;
        const char* meta;
        Rational rate;
        const char* expected;
    };
    using enum TimecodeSource;
    const Row rows[] = {
        {automatic, nullptr, nullptr, 25, "none"},
        {automatic, nullptr, nullptr, 0, "none"},
        {automatic, "01:00:00:00", nullptr, 25, "property 01:00:00:00"},
        {automatic, "01:00:00;00", "02:00:00;02", ntsc, "property 01:00:00;00 over 02:00:00;02"},
        {automatic, nullptr, "02:00:00;02", ntsc, "meta 02:00:00;02"},
        {property, "01:00:00:00", "02:00:00:00", 25, "property 01:00:00:00 over 02:00:00:00"},
        {meta, "01:00:00:00", "02:00:00:00", 25, "meta 02:00:00:00"},
        {none, "01:00:00:00", "02:00:00:00", 25, "none"},
        {none, "01:00:00:00", nullptr, 0, "none"},
    };
    for (const Row& row : rows) {
        CAPTURE(row.expected);
        CHECK(answer(question(row.source, row.property, row.meta, row.rate)) == row.expected);
    }
}

TEST_CASE("what cannot be counted is an error that names the pad and the reason") {
    struct Row {
        TimecodeSource source;
        const char* property;
        const char* meta;
        Rational rate;
        const char* says;
    };
    using enum TimecodeSource;
    const Row rows[] = {
        {automatic, "01:00:00:00", nullptr, 0,
         "caps of video_3 have no fixed frame rate to count it at. Put videorate"},
        {meta, nullptr, nullptr, 0, "videorate"},
        {meta, nullptr, nullptr, 25, "first picture of video_3 carries no timecode"},
        {automatic, "01:00:00:00", nullptr, Rational(25, 2), "for video_3. There is no timecode at 25/2"},
        {automatic, "01:00:00:00", nullptr, 300, "300/1"},
        {automatic, "01:00:00;00", nullptr, 25, "no drop-frame timecode at 25/1"},
        {automatic, "01:00:00:25", nullptr, 25, "frames 25, the largest at 25/1"},
        {automatic, "10:01:00;00", nullptr, ntsc, "frames 0 do not exist in drop frame at the start of minute 1"},
    };
    for (const Row& row : rows) {
        CAPTURE(row.says);
        const std::string said = answer(question(row.source, row.property, row.meta, row.rate));
        CHECK_MESSAGE(said.find(row.says) != std::string::npos, said);
        CHECK(said.rfind("error: ", 0) == 0);
    }
}

TEST_CASE("a picture's timecode must count at the pictures' rate") {
    TimecodeQuestion q = question(TimecodeSource::automatic, nullptr, "01:00:00:00", 50);
    q.carried->rate = 25;
    const std::string said = answer(q);
    CHECK_MESSAGE(said.find("arrives at video_3 counts 25/1 frames a second, the pictures come at 50/1") !=
                      std::string::npos,
                  said);
    q.carried->rate = 0; // not told: the pictures' own
    CHECK(answer(q) == "meta 01:00:00:00");
}

TEST_CASE("the properties are checked before anything runs") {
    CHECK_FALSE(read_timecode_property(TimecodeSource::automatic, "").has_value());
    CHECK(read_timecode_property(TimecodeSource::automatic, "01:00:00;00")->drop_frame);
    const auto said = [](TimecodeSource source, const char* text) -> std::string {
        try {
            read_timecode_property(source, text);
            return {};
        } catch (const Error& e) {
            return e.what();
        }
    };
    CHECK(said(TimecodeSource::property, "").find("property timecode is not set") != std::string::npos);
    CHECK(said(TimecodeSource::automatic, "25:00:00:00").find("hours 25, the largest is 23") != std::string::npos);
}

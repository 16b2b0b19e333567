// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/timecode_lookup.hpp"
#include "tests/support/error_of.hpp"
#include "tests/support/mov_make.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

using namespace onair;
using namespace onair::mov;
using test::error_of;
using test::has;
using test::MadeMovie;

namespace {

TimecodeFile read(const std::vector<uint8_t>& bytes) {
    return read_timecode_file(bytes.size(), [&](uint64_t at, std::span<uint8_t> into) {
        if (at > bytes.size() || into.size() > bytes.size() - at) return false;
        std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(at), into.size(), into.begin());
        return true;
    });
}

/// The text at picture `n` of a movie's video rate; "-" before the first timecode.
std::string at(const TimecodeLookup& lookup, int64_t n, Rational fps) {
    const auto stamp = lookup.at(scale_round(n, 1000000000 * fps.den, fps.num), fps);
    return stamp ? tc::format(stamp->address, stamp->rate.drop_frame()) : "-";
}

std::string at(const MadeMovie& movie, int64_t n) {
    return at(TimecodeLookup(read(movie.bytes()), -1, "x"), n, Rational(movie.timescale, movie.frame_ticks));
}

} // namespace

TEST_CASE("samples, descriptions and references of a file") {
    MadeMovie movie;
    movie.reel = "A001R2X5";
    movie.descriptions = {{3, 30000, 1001, 30}, {2, 30000, 1001, 30}};
    movie.samples = {{20, 107892, 1}, {20, 540000, 2}, {20, 0, 2}};
    for (const bool first : {false, true}) {
        movie.moov_first = first;
        const TimecodeFile file = read(movie.bytes());
        REQUIRE(file.tracks.size() == 2);
        CHECK(file.tracks[0].timecode_references == std::vector<uint32_t>{2});
        REQUIRE(file.timecode_tracks().size() == 1);
        const FileTrack& track = *file.timecode_tracks()[0];
        CHECK(track.descriptions.at(0).fields == movie.descriptions[0]);
        CHECK(track.descriptions.at(1).fields == movie.descriptions[1]);
        CHECK(track.descriptions[0].reel == "A001R2X5");
        REQUIRE(track.timecodes.size() == 3);
        CHECK(track.timecodes[1].value == 540000);
        CHECK(track.timecodes[1].time == 20020);
        CHECK(track.timecodes[2].description == 1);
        const auto bytes = movie.bytes();
        CHECK(bytes[track.timecodes[1].offset + 1] == 540000 >> 16);
        CHECK(bytes[track.descriptions[1].flags_offset + 3] == 2);
    }
    CHECK(at(movie, 19) == "01:00:00;19");
    CHECK(at(movie, 20) == "05:00:00:00");
    CHECK(at(movie, 59) == "00:00:00:19");
    CHECK(at(movie, 100) == "00:00:02:00"); // counts on behind the end
}

TEST_CASE("edits") {
    MadeMovie movie{.timescale = 25, .frame_ticks = 1, .pictures = 60, .descriptions = {{2, 25, 1, 25}}};
    movie.samples = {{30, 90000, 1}, {30, 0, 1}};
    CHECK(at(movie, 0) == "01:00:00:00");
    movie.timecode_edits = {{10, -1}, {60, 0}};
    CHECK(at(movie, 9) == "-");
    CHECK(at(movie, 10) == "01:00:00:00");
    CHECK(at(movie, 40) == "00:00:00:00");
    movie.timecode_edits = {{10, 35}, {20, 5}}; // two cuts in the middle of samples
    CHECK(at(movie, 0) == "00:00:00:05");
    CHECK(at(movie, 9) == "00:00:00:14");
    CHECK(at(movie, 10) == "01:00:00:05");
    CHECK(at(movie, 29) == "01:00:00:24");
    movie.timecode_edits = {{0, 2}}; // length 0: to the end
    CHECK(at(movie, 0) == "01:00:00:02");
}

TEST_CASE("numbers that last several pictures become one for each picture") {
    MadeMovie movie{.timescale = 60000, .frame_ticks = 1001, .pictures = 60, .descriptions = {{3, 60000, 2002, 30}}};
    movie.samples = {{60, 107892 + 17, 1}};
    CHECK(at(movie, 0) == "01:00:00;34");
    CHECK(at(movie, 1) == "01:00:00;35");
    CHECK(at(movie, 59) == "01:00:01;33");
    movie.descriptions = {{3, 60000, 1001, 30}}; // the pictures' duration, but 30 numbers a second
    CHECK(at(movie, 1) == "01:00:00;35");
}

TEST_CASE("what descriptions mean") {
    struct Row {
        TmcdFields fields;
        int nominal;
        Rational fps;
        bool drop, doubt;
    };
    const Row rows[] = {
        {{2, 25, 1, 25}, 25, 25, false, false},
        {{1, 30000, 1001, 30}, 30, {30000, 1001}, true, false},
        {{0, 2997, 100, 30}, 30, {30000, 1001}, false, false},
        {{0, 23976, 1000, 24}, 24, {24000, 1001}, false, false},
        {{0, 2500, 100, 0}, 25, 25, false, false},
        {{0, 30000, 1001, 29}, 30, {30000, 1001}, false, true}, // a camera
        {{0, 24000, 1001, 23}, 24, {24000, 1001}, false, true},
        {{1, 30, 1, 30}, 30, {30000, 1001}, true, true},
        {{1, 25, 1, 25}, 25, 25, false, true},
        {{1, 24000, 1001, 24}, 24, {24000, 1001}, false, true},
        {{0, 240, 1, 240}, 240, 240, false, false},
        {{0, 100, 1, 24}, 24, 24, false, true},
    };
    for (const Row& row : rows) {
        CAPTURE(row.fields.timescale);
        const auto counting = counting_of(row.fields);
        REQUIRE(counting);
        CHECK(counting->rate.nominal() == row.nominal);
        CHECK(counting->rate.fps() == row.fps);
        CHECK(counting->rate.drop_frame() == row.drop);
        CHECK(counting->doubt.empty() == !row.doubt);
    }
    for (const TmcdFields& none :
         {TmcdFields{8, 25, 1, 25}, TmcdFields{0, 25, 0, 25}, TmcdFields{0, 0, 1, 25}, TmcdFields{0, 1000, 1, 0}})
        CHECK_FALSE(counting_of(none));
}

TEST_CASE("which track, and what is refused") {
    const auto bytes = MadeMovie{}.bytes();
    CHECK(has(error_of([&] { TimecodeLookup(read(bytes), 1, "in.mov"); }), "track 1 of in.mov"));
    CHECK(TimecodeLookup(read(bytes), 0, "in.mov").track_id() == 2);
    CHECK(has(error_of([&] { read(std::vector<uint8_t>(100, 0x20)); }), "leaves the file"));
    CHECK(has(error_of([&] { read({bytes.begin(), bytes.begin() + 20}); }), "no movie box"));
    MadeMovie far;
    far.samples[0].description = 7;
    CHECK(has(error_of([&] { read(far.bytes()); }), "description that is not there"));
}

TEST_CASE("cut off and damaged files are read or refused, nothing else") {
    MadeMovie movie;
    movie.samples = {{20, 107892, 1}, {40, 540000, 1}};
    movie.timecode_edits = {{60060, 0}};
    movie.reel = "A1";
    const auto whole = movie.bytes();
    const auto try_it = [](const std::vector<uint8_t>& bytes) {
        try {
            const TimecodeFile file = read(bytes);
            if (!file.timecode_tracks().empty()) TimecodeLookup(file, -1, "x").at(1000000000, Rational(30000, 1001));
            return true;
        } catch (const Error&) {
            return false;
        }
    };
    for (size_t n = 0; n < whole.size(); ++n)
        CHECK_FALSE(try_it({whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(n)}));
    std::mt19937 random(7);
    size_t readable = 0;
    for (int round = 0; round < 20000; ++round) {
        auto bytes = whole;
        for (int flips = 1 + static_cast<int>(random() % 4); flips--;)
            bytes[random() % bytes.size()] ^= static_cast<uint8_t>(1u << (random() % 8));
        readable += try_it(bytes);
    }
    CHECK(readable > 0);
}

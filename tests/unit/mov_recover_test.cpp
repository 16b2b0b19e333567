// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
// What is read of fragments that end anywhere, and the plain movie that is made of them.
#include "engine/fragment_reader.hpp"
#include "engine/fragment_samples.hpp"
#include "engine/recover.hpp"
#include "engine/reserve.hpp"
#include "engine/timecode_file.hpp"
#include "tests/support/error_of.hpp"
#include "tests/support/mov_inputs.hpp"
#include "tests/support/mov_tracks.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

using namespace onair;
using namespace onair::mov;
using namespace onair::test;

namespace {

ReadAt reader_of(const Bytes& bytes) {
    return [&bytes](uint64_t at, std::span<uint8_t> into) {
        if (at > bytes.size() || into.size() > bytes.size() - at) return false;
        std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(at), into.size(), into.begin());
        return true;
    };
}

FragmentedMovie fragments_of(const Bytes& bytes) { return read_fragments(bytes.size(), reader_of(bytes)); }

/// A recording of mode=hybrid as it is before its end.
Bytes recording_of(const Input& input) {
    const Made made = make(input, Mode::hybrid);
    return file_of({made.out.writes.begin(), made.out.writes.end() - 4});
}

Bytes beginning(const Bytes& file, size_t size) {
    return {file.begin(), file.begin() + static_cast<std::ptrdiff_t>(size)};
}

/// Where the movie box ends: nothing can be made of less.
size_t front(const Bytes& recording) {
    for (const OuterBox& box : outer_boxes(recording.size(), reader_of(recording)))
        if (box.type == "moov") return box.offset + box.size;
    return 0;
}

/// As tctool recover --in-place leaves it.
Bytes finished(Bytes file) {
    const FragmentedMovie movie = fragments_of(file);
    for (const Trim& trim : movie.trims)
        apply(file, trim.position, trim.bytes);
    if (movie.torn) file.resize(movie.end);
    for (const EndWrite& write : end_writes(movie.reserve.value(), file.size(), {}, plain_movie_box(movie, 0)))
        apply(file, write.position, write.bytes);
    return file;
}

Bytes joined(const TrackContent& track) {
    Bytes all;
    for (const Bytes& sample : track.samples)
        all.insert(all.end(), sample.begin(), sample.end());
    return all;
}

void check_beginning(const std::vector<TrackContent>& part, const std::vector<TrackContent>& whole) {
    // A track of which nothing is there is left out: then the pictures alone are looked at.
    for (size_t i = 0; i < (part.size() == whole.size() ? part.size() : 1); ++i) {
        const Bytes is = joined(part[i]), should = joined(whole[i]);
        REQUIRE(is.size() <= should.size());
        REQUIRE(std::equal(is.begin(), is.end(), should.begin()));
    }
}

const Input& input_of(const std::vector<Input>& all, const std::string& what) {
    return *std::find_if(all.begin(), all.end(), [&](const Input& input) { return input.what == what; });
}

} // namespace

TEST_CASE("recover: the plain movie of a whole recording has the samples, lengths and edits of mode=plain") {
    for (const Input& input : inputs()) {
        // What the boxes in front cannot tell is not in the fragments; a track without samples is left out.
        if (input.what == "a late timecode" || input.what == "the drop-frame flag changes" ||
            input.what == "nothing at all" || input.what == "sound never comes")
            continue;
        CAPTURE(input.what);
        const auto is = movie_content(finished(recording_of(input)));
        const auto should = movie_content(make(input, Mode::plain).file());
        REQUIRE(is.size() == should.size());
        for (size_t i = 0; i < is.size(); ++i) {
            CAPTURE(i);
            CHECK(is[i].samples == should[i].samples);
            CHECK(is[i].boxes == should[i].boxes);
        }
    }
}

TEST_CASE("recover: of every beginning of a recording, what is whole") {
    const std::vector<Input> all = inputs();
    for (const char* what : {"continuous", "8 tracks of sound", "B-frames", "jumps", "sound begins late"}) {
        CAPTURE(std::string(what));
        const Bytes recording = recording_of(input_of(all, what));
        const auto whole = movie_content(make(input_of(all, what), Mode::plain).file());
        size_t before = 0;
        // Each byte of the last fragments of small ones; sound makes the others large.
        const size_t step = recording.size() < 20000 ? 1 : 2999;
        for (size_t size = front(recording); size <= recording.size(); size += step) {
            CAPTURE(size);
            const Bytes cut = beginning(recording, size);
            const FragmentedMovie movie = fragments_of(cut);
            const size_t pictures = movie.tracks[0].index.samples();
            CHECK(pictures >= before);
            before = pictures;
            if (pictures == 0) continue;
            check_beginning(movie_content(finished(cut)), whole);
        }
        CHECK(before == whole[0].samples.size());
    }
}

TEST_CASE("recover: trimmed step by step, the file tells the same, and in the end no more than is there") {
    const std::vector<Input> all = inputs();
    for (const char* what : {"continuous", "8 tracks of sound", "B-frames"}) {
        CAPTURE(std::string(what));
        const Bytes recording = recording_of(input_of(all, what));
        size_t trims = 0;
        for (size_t size = front(recording) + 100; size <= recording.size(); size += recording.size() / 60) {
            CAPTURE(size);
            Bytes file = beginning(recording, size);
            const FragmentedMovie movie = fragments_of(file);
            const Bytes box = plain_movie_box(movie, 0);
            for (const Trim& trim : movie.trims) {
                apply(file, trim.position, trim.bytes);
                REQUIRE(file.size() == size);
                CHECK(plain_movie_box(fragments_of(file), 0) == box);
                ++trims;
            }
            if (movie.torn) file.resize(movie.end);
            const FragmentedMovie after = fragments_of(file);
            CHECK(plain_movie_box(after, 0) == box);
            CHECK(after.samples_lost <= 1); // of sound, a sample of which some frames are there
            CHECK_FALSE(after.torn);
            const TimecodeFile strict = read_timecode_file(file.size(), reader_of(file)); // refuses what is cut off
            CHECK(strict.tracks[0].samples == after.tracks[0].index.samples());
        }
        CHECK(trims > 20);
    }
}

TEST_CASE("recover: an end that was begun changes nothing until it is done") {
    for (const size_t which : {size_t{0}, size_t{6}}) { // with timecode samples behind the fragments, and without
        const Made made = make(inputs()[which], Mode::hybrid);
        const auto& writes = made.out.writes;
        Bytes file = file_of({writes.begin(), writes.end() - 4});
        const Bytes recording = file, box = plain_movie_box(fragments_of(file), 0);
        size_t plain = 0;
        for (const auto& write : std::span(writes).last(4))
            for (size_t i = 0; i < write.bytes.size(); ++i) {
                apply(file, write.position + i, std::span(write.bytes).subspan(i, 1));
                const FragmentedMovie movie = fragments_of(file);
                plain += !movie.fragmented;
                if (!movie.fragmented) continue;
                REQUIRE(plain_movie_box(movie, 0) == box);
                if (i % 50 == 0) REQUIRE(movie_content(finished(file)).size() == movie_content(made.file()).size());
            }
        CHECK(plain == 5);
        const auto& a = writes.end()[-4];
        for (unsigned subset = 0; subset < 256; ++subset) { // the size of the reserve, half written
            Bytes early = recording;
            for (unsigned i = 0; i < 8; ++i)
                if (subset >> i & 1) apply(early, a.position + i, std::span(a.bytes).subspan(i, 1));
            CHECK(plain_movie_box(fragments_of(early), 0) == box);
        }
    }
}

TEST_CASE("recover: a finished movie that was cut off later, a movie without a movie box, one that is whole") {
    const Input input = inputs()[0];
    const Bytes whole = make(input, Mode::hybrid).file();
    const Bytes cut = beginning(whole, whole.size() / 2);
    const FragmentedMovie movie = fragments_of(cut);
    CHECK(movie.fragmented);
    CHECK(movie.reserve == 20);
    CHECK(movie.tracks[0].index.samples() > 20);
    CHECK_FALSE(fragments_of(whole).fragmented);
    const Bytes plain = make(input, Mode::plain).file();
    CHECK(has(error_of([&] { fragments_of(beginning(plain, plain.size() / 2)); }), "wide"));
    CHECK(has(error_of([&] { fragments_of(beginning(whole, 10)); }), "cut off"));
    CHECK(has(error_of([&] { fragments_of({}); }), "nothing"));
}

namespace {

struct Told {
    uint32_t count, size;
    int64_t dts, duration;
    uint64_t position;
    bool key;
    bool operator==(const Told&) const = default;
};

/// A moof at `offset` with what `body` writes into it, as the reader tells it; two tracks, 7 and 9.
template <class Body>
std::vector<Told> told(uint64_t offset, Body&& body) {
    BoxWriter extends, w;
    extends.box("mvex", [&] {
        extends.full_box("trex", 0, 0, [&] {
            for (const uint32_t value : {7U, 1U, 10U, 100U, 0x10000U})
                extends.u32(value);
        });
    });
    w.box("moof", [&] { body(w); });
    FragmentSamples samples;
    samples.add_defaults(parse_boxes(extends.data()).at(0));
    samples.add_track(7);
    samples.add_track(9);
    samples.begin_at(0, 1000);
    std::vector<Told> out;
    samples.read(parse_boxes(w.data(), offset).at(0), [&](const ToldSample& t) {
        out.push_back({t.sample.count, t.sample.size, t.sample.dts, *t.sample.duration, t.position, t.sample.key});
    });
    return out;
}

} // namespace

TEST_CASE("fragments of other writers") {
    const auto rows = told(5000, [](BoxWriter& w) {
        w.box("traf", [&] { // defaults of trex; behind the moof's beginning; the first is a key
            w.full_box("tfhd", 0, 0, [&] { w.u32(7); });
            w.full_box("trun", 0, 0x4, [&] { w.u32(3), w.u32(0x2000000); });
            w.full_box("trun", 0, 0x200, [&] { w.u32(2), w.u32(5), w.u32(6); });
        });
        w.box("traf", [&] { // behind the data of the track before; all alike
            w.full_box("tfhd", 0, 0x8 | 0x10, [&] { w.u32(9), w.u32(1), w.u32(4); });
            w.full_box("trun", 0, 0, [&] { w.u32(1024); });
        });
        w.box("traf", [&] { // from a base of its own, at a time of its own
            w.full_box("tfhd", 0, 0x1, [&] { w.u32(7), w.u64(70000); });
            w.full_box("tfdt", 1, 0, [&] { w.u64(2000); });
            w.full_box("trun", 1, 0x1 | 0x100, [&] { w.u32(1), w.i32(-8), w.u32(33); });
        });
    });
    const std::vector<Told> expected = {{1, 100, 1000, 10, 5000, true}, {2, 100, 1010, 10, 5100, false},
                                        {1, 5, 1030, 10, 5300, false},  {1, 6, 1040, 10, 5305, false},
                                        {1024, 4, 0, 1, 5311, true},    {1, 100, 2000, 33, 69992, false}};
    CHECK(rows == expected);
}

TEST_CASE("fragments that contradict themselves") {
    const auto said = [](auto&& body) { return error_of([&] { told(0, body); }); };
    CHECK(has(said([](BoxWriter& w) { w.box("traf", [] {}); }), "no header (tfhd)"));
    const auto in_track = [&](uint32_t id, auto&& body) {
        return said([&](BoxWriter& w) {
            w.box("traf", [&] {
                w.full_box("tfhd", 0, 0x10, [&] { w.u32(id), w.u32(0); });
                body(w);
            });
        });
    };
    CHECK(has(in_track(8, [](BoxWriter&) {}), "belongs to no track"));
    CHECK(has(in_track(7, [](BoxWriter& w) { w.full_box("trun", 0, 0x200, [&] { w.u32(3), w.u32(1); }); }),
              "fewer samples than it says"));
    CHECK(has(in_track(7, [](BoxWriter& w) { w.full_box("trun", 0, 0, [&] { w.u32(0xffffffff); }); }),
              "too many samples without bytes"));
    CHECK(has(in_track(7, [](BoxWriter& w) { w.full_box("tfdt", 1, 0, [&] { w.u64(uint64_t{1} << 63); }); }),
              "begins at no time"));
    const auto far = [](BoxWriter& w) {
        w.box("traf", [&] {
            w.full_box("tfhd", 0, 0x8, [&] { w.u32(7), w.u32(0xffffffff); });
            w.full_box("trun", 0, 0, [&] { w.u32(0xffffffff); });
        });
    };
    CHECK(has(said(far), "ends at no time"));
    CHECK(told(0, [](BoxWriter& w) {
              w.box("traf", [&] {
                  w.full_box("tfhd", 0, 0, [&] { w.u32(7); });
                  w.full_box("trun", 0, 0, [&] { w.u32(0); });
              });
          }).empty());
}

// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
// Movies in fragments, and with the movie box in front.
#include "engine/box_reader.hpp"
#include "engine/mov_writer.hpp"
#include "tests/support/error_of.hpp"
#include "tests/support/mov_memory.hpp"
#include "tests/support/mov_reader.hpp"

#include <doctest/doctest.h>

#include <map>
#include <string>

using namespace onair;
using namespace onair::mov;
using namespace onair::test;

namespace {

constexpr int64_t ms = 1000000;

struct Run {
    int64_t time = 0, duration = 0;
    int32_t number = 0;
    bool operator==(const Run&) const = default;
};

/// What the fragments of a file say of one track.
struct Track {
    int64_t decode_time = -1; ///< of the first fragment
    int64_t end = 0;          ///< of the last one
    uint64_t samples = 0, bytes = 0;
    std::vector<int64_t> presentations;
    std::vector<Run> runs; ///< of a timecode track
};

/// Reads fragments; checks that each begins where the one before ended.
struct Fragments {
    std::vector<Box> boxes;
    std::vector<uint8_t> bytes;
    std::map<uint32_t, Track> tracks;
    size_t count = 0;

    explicit Fragments(std::vector<uint8_t> file) : bytes(std::move(file)) {
        boxes = parse_boxes(bytes);
        for (const Box& box : boxes)
            if (box.type == "moof") {
                ++count;
                for (const Box* traf : box.all("traf"))
                    track_fragment(box.offset, *traf);
            }
    }

    void track_fragment(uint64_t moof, const Box& traf) {
        Fields tfhd(*traf.child("tfhd"));
        tfhd.skip(1);
        const uint32_t defaults = tfhd.u24();
        REQUIRE((defaults & 0x20000));
        Track& track = tracks[tfhd.u32()];
        REQUIRE(tfhd.u32() == 1);
        const uint32_t duration = defaults & 8 ? tfhd.u32() : 0, size = defaults & 16 ? tfhd.u32() : 0;
        Fields tfdt(*traf.child("tfdt"));
        tfdt.skip(4);
        int64_t time = tfdt.i64();
        if (track.decode_time < 0)
            track.decode_time = time;
        else
            CHECK(time == track.end);
        Fields trun(*traf.child("trun"));
        trun.skip(1);
        const uint32_t flags = trun.u24(), samples = trun.u32();
        uint64_t at = moof + trun.u32();
        for (uint32_t i = 0; i < samples; ++i) {
            const uint32_t lasts = flags & 0x100 ? trun.u32() : duration, takes = flags & 0x200 ? trun.u32() : size;
            if (flags & 0x400) trun.u32();
            const int32_t offset = flags & 0x800 ? trun.i32() : 0;
            track.presentations.push_back(time + offset);
            if (takes == 4)
                track.runs.push_back({time, lasts, Fields(std::span(bytes).subspan(at, 4), "sample").i32()});
            at += takes;
            time += lasts;
            track.bytes += takes;
        }
        CHECK(at <= bytes.size());
        track.samples += samples;
        track.end = time;
    }
};

struct Recorded {
    MemoryOutput out;
    std::vector<std::string> doubts;
};

/// `count` pictures, in the order that `decoding` gives, then the end.
template <class Picture>
Recorded record(MovieSpec spec, int count, const Picture& picture) {
    Recorded made;
    MovWriter writer(made.out, std::move(spec), [&](const Error& e) { made.doubts.push_back(e.what()); });
    for (int n = 0; n < count; ++n)
        writer.write(0, picture(n));
    writer.finish();
    return made;
}

Packet packet(int64_t pts, std::optional<int64_t> dts = {}, std::optional<CarriedTimecode> timecode = {}) {
    Packet made{Payload::owned(std::vector<uint8_t>(50)), {pts, dts, std::nullopt}, true, timecode};
    return made;
}

MovieSpec fragmented(TrackSpec track) {
    MovieSpec spec = movie(std::move(track));
    spec.mode = Mode::fragmented;
    return spec;
}

} // namespace

TEST_CASE("fragments: nothing is written twice, each is one group, all samples are there") {
    const Recorded made =
        record(fragmented(video_track(25, "01:00:00:00")), 60, [](int n) { return packet(frame_ns(n, 25)); });
    CHECK(made.out.seeks == 0);
    CHECK(made.out.groups == 3);
    const Fragments file(made.out.bytes);
    CHECK(file.count == 3);
    CHECK(file.tracks.at(1).samples == 60);
    CHECK(file.tracks.at(1).decode_time == 0);
    CHECK(file.tracks.at(1).end == 60 * 512);
    const Mov mov(made.out.bytes);
    std::vector<std::string> top = mov.top;
    std::erase(top, "free"); // what keeps a moof within a sector
    CHECK(top == std::vector<std::string>{"ftyp", "moov", "mdat", "moof", "mdat", "moof", "mdat", "moof", "mdat"});
    // The first sample is in the movie box, the others go on from there.
    const MovTrack& tmcd = mov.by_handler("tmcd");
    CHECK(mov.by_handler("vide").timecode_tracks == std::vector<uint32_t>{tmcd.id});
    CHECK(tmcd.stts == decltype(tmcd.stts){{1, 25 * 512}});
    CHECK(mov.first_sample(tmcd) == 90000);
    CHECK(file.tracks.at(2).runs == std::vector<Run>{{25 * 512, 25 * 512, 90025}, {50 * 512, 10 * 512, 90050}});
}

TEST_CASE("what a live source lost is a gap, and the timecode of each fragment is right on both sides of it") {
    const auto at = [](int n) { return int64_t{n < 20 ? n : n < 40 ? n + 33 : n + 2000}; };
    const Recorded made = record(fragmented(carrying_track(25)), 60, [&](int n) {
        const tc::Timecode address = tc::from_frames(90000 + at(n), tc::Rate(25, false));
        return packet(frame_ns(at(n), 25), {}, CarriedTimecode{address, false, 25});
    });
    CHECK(made.doubts.empty());
    const Fragments file(made.out.bytes);
    CHECK(file.tracks.at(1).samples == 60);
    const Mov mov(made.out.bytes);
    int64_t end = static_cast<int64_t>(mov.by_handler("tmcd").ticks());
    CHECK(mov.first_sample(mov.by_handler("tmcd")) == 90000);
    for (const Run& run : file.tracks.at(2).runs) {
        CHECK(run.time == end);
        CHECK(run.number == 90000 + run.time / 512);
        end = run.time + run.duration;
    }
    CHECK(end == (at(59) + 1) * 512);
}

TEST_CASE("fragments are cut by time where no shown picture is missing, not at key pictures; B-frames keep their "
          "presentation") {
    TrackSpec track = video_track(25, "", false);
    const int order[] = {0, 3, 1, 2, 6, 4, 5, 9, 7, 8};
    MovieSpec spec = fragmented(std::move(track));
    spec.fragment_duration = 160 * ms;
    const Recorded made = record(std::move(spec), 10, [&](int n) {
        Packet p = packet(frame_ns(order[n], 25), frame_ns(n - 2, 25));
        p.key = n == 0;
        return p;
    });
    const Fragments file(made.out.bytes);
    CHECK(file.count == 2); // behind 0 3 1 2; behind 6 4 5 9 picture 8 would be missing
    const Track& video = file.tracks.at(1);
    REQUIRE(video.samples == 10);
    for (size_t n = 0; n < 10; ++n)
        CHECK(video.presentations[n] == (order[n] + 2) * 512);
    CHECK(Mov(made.out.bytes).by_handler("vide").edits == std::vector<Edit>{{0, 2 * 512}});
}

TEST_CASE("a timecode that jumps is a sample of its own, and told") {
    for (const Mode mode : {Mode::plain, Mode::faststart, Mode::fragmented}) {
        MovieSpec spec = movie(carrying_track(25));
        spec.mode = mode;
        MemoryOutput out;
        MovWriter writer(out, std::move(spec));
        std::vector<DiscontinuityReport> reports;
        for (int n = 0; n < 60; ++n) {
            const bool jumped = n >= 30;
            const tc::Rate rate(25, false);
            const tc::Timecode address = tc::from_frames((jumped ? 900000 : 90000) + n, rate);
            writer.write(0, packet(frame_ns(n, 25), {}, CarriedTimecode{address, false, 25}));
            for (const auto& report : writer.take_discontinuities())
                reports.push_back(report);
        }
        writer.finish();
        for (const auto& report : writer.take_discontinuities())
            reports.push_back(report);
        REQUIRE(reports.size() == 1);
        CHECK(reports[0].at == 1200 * ms);
        CHECK(reports[0].what.expected == "01:00:01:05");
        CHECK(reports[0].what.found == "10:00:01:05");
        const Mov mov(out.bytes);
        const MovTrack& tmcd = mov.by_handler("tmcd");
        CHECK(mov.first_sample(tmcd) == 90000);
        if (mode != Mode::fragmented) {
            CHECK(tmcd.stts == decltype(tmcd.stts){{2, 30 * 512}});
            CHECK(mov.u32(tmcd.chunks.at(0) + 4) == 900030);
            continue;
        }
        const Fragments file(out.bytes);
        CHECK(file.tracks.at(2).runs ==
              std::vector<Run>{{25 * 512, 5 * 512, 90025}, {30 * 512, 20 * 512, 900030}, {50 * 512, 10 * 512, 900050}});
    }
}

TEST_CASE("a late first timecode: counted back, with a gap, waited for, without, or one of our own") {
    struct Row {
        Mode mode;
        FirstTimecode first;
        bool running;
        int from;       ///< first picture with a timecode; it is 01:00:00:00 there
        int64_t number; ///< of the first sample, -1: no timecode track
        int64_t gap;    ///< empty edit, ticks
        const char* doubt;
    };
    const Row rows[] = {
        {Mode::plain, FirstTimecode::extrapolate, false, 10, 89990, 0, ""},
        {Mode::plain, FirstTimecode::gap, false, 10, 90000, 10 * 512, ""},
        {Mode::plain, FirstTimecode::extrapolate, false, 100, -1, 0, ""},
        {Mode::plain, FirstTimecode::extrapolate, true, 100, 0, 0, ""},
        {Mode::fragmented, FirstTimecode::extrapolate, false, 10, 89990, 0, ""},
        {Mode::fragmented, FirstTimecode::gap, false, 10, 90000, 10 * 512, ""},
        {Mode::fragmented, FirstTimecode::extrapolate, false, 25, 89975, 0, ""}, // on the picture that would end it
        {Mode::fragmented, FirstTimecode::extrapolate, false, 40, -1, 0, "came after the movie box"},
        {Mode::fragmented, FirstTimecode::extrapolate, true, 100, 0, 0, ""},
        {Mode::hybrid, FirstTimecode::extrapolate, false, 10, 89990, 0, ""},
        {Mode::hybrid, FirstTimecode::gap, false, 10, 90000, 10 * 512, ""},
        {Mode::hybrid, FirstTimecode::extrapolate, false, 40, 89960, 0, "came after the recording began"},
        {Mode::hybrid, FirstTimecode::extrapolate, true, 100, 0, 0, ""},
    };
    for (const Row& row : rows) {
        CAPTURE(row.from);
        CAPTURE(row.number);
        TrackSpec track = carrying_track(25);
        track.timecode->runs.first = row.first;
        track.timecode->running = row.running;
        MovieSpec spec = movie(std::move(track));
        spec.mode = row.mode;
        const Recorded made = record(std::move(spec), 60, [&](int n) {
            if (n < row.from) return packet(frame_ns(n, 25));
            const tc::Timecode address = tc::from_frames(90000 + n - row.from, tc::Rate(25, false));
            return packet(frame_ns(n, 25), {}, CarriedTimecode{address, false, 25});
        });
        const Mov mov(made.out.bytes);
        CHECK(mov.count("tmcd") == (row.number < 0 ? 0 : 1));
        CHECK(made.doubts.size() == (row.doubt[0] ? 1 : 0));
        if (row.doubt[0] && !made.doubts.empty()) CHECK(has(made.doubts[0], row.doubt));
        if (row.number < 0) continue;
        const MovTrack& tmcd = mov.by_handler("tmcd");
        CHECK(mov.first_sample(tmcd) == row.number);
        const bool gap = !tmcd.edits.empty() && tmcd.edits.front().media_time == -1;
        CHECK((gap ? static_cast<int64_t>(tmcd.edits.front().duration) : 0) == row.gap);
    }
}

TEST_CASE("pictures that begin long after the sound lie in their place, and so does their timecode") {
    for (const bool forced : {true, false}) {
        CAPTURE(forced);
        MovieSpec spec = movie(audio_track(), forced ? video_track(25, "01:00:00:00") : carrying_track(25));
        spec.mode = Mode::fragmented;
        MemoryOutput out;
        MovWriter writer(out, std::move(spec));
        for (int64_t n = 0; n < 30; ++n)
            writer.write(0, {Payload::owned(std::vector<uint8_t>(4800 * 4)), {n * 100 * ms, {}, {}}, true, {}});
        for (int n = 0; n < 25; ++n)
            writer.write(1, packet(3000 * ms + frame_ns(n, 25), {}, carried("01:00:00:00", 25)));
        writer.finish();
        const Mov mov(out.bytes);
        const Fragments file(out.bytes);
        const auto begins = [&](const MovTrack& track, int64_t first) {
            const bool gap = !track.edits.empty() && track.edits.front().media_time == -1;
            return first + (gap ? static_cast<int64_t>(track.edits.front().duration) : 0);
        };
        CHECK(begins(mov.by_handler("vide"), file.tracks.at(2).decode_time) == 3 * 12800);
        const MovTrack& tmcd = mov.by_handler("tmcd");
        const int64_t first = tmcd.chunks.empty() ? file.tracks.at(3).decode_time : 0;
        CHECK(begins(tmcd, first) == 3 * 12800);
    }
}

TEST_CASE("faststart: the movie box is in front, positions point into the media, the temporary file is gone") {
    MovieSpec spec = movie(video_track(25, "01:00:00:00"), audio_track());
    spec.mode = Mode::faststart;
    MemoryOutput out;
    MovWriter writer(out, std::move(spec));
    for (int n = 0; n < 10; ++n) {
        writer.write(0, {Payload::owned(std::vector<uint8_t>(100, static_cast<uint8_t>(n + 1))),
                         {frame_ns(n, 25), {}, {}},
                         true,
                         {}});
        writer.write(1, {Payload::owned(std::vector<uint8_t>(1920 * 4, 0xee)), {n * 40 * ms, {}, {}}, true, {}});
    }
    CHECK(out.bytes.empty());
    writer.finish();
    CHECK(out.seeks == 0);
    const Mov mov(out.bytes);
    CHECK(mov.top == std::vector<std::string>{"ftyp", "moov", "mdat"});
    const MovTrack& video = mov.by_handler("vide");
    REQUIRE(video.chunks.size() == 10);
    for (uint64_t n = 0; n < 10; ++n)
        CHECK(mov.u8(video.chunks[n]) == n + 1);
    CHECK(mov.u8(mov.by_handler("soun").chunks.at(3)) == 0xee);
    CHECK(mov.first_sample(mov.by_handler("tmcd")) == 90000);
}

TEST_CASE("faststart: a temporary file that cannot be made is an error with its path") {
    MovieSpec spec = movie(video_track(25));
    spec.mode = Mode::faststart;
    spec.temporary_file = "/no/such/directory/file";
    MemoryOutput out;
    const std::string said = error_of([&] { MovWriter(out, std::move(spec)); });
    CHECK(has(said, "/no/such/directory/file"));
    CHECK(has(said, "No such file"));
    CHECK(has(said, "faststart-file"));
}

TEST_CASE("MP4: its brands and headers, the timecode track without a reel") {
    TrackSpec track = video_track(25, "01:00:00:00");
    track.parameters->codec_id = AV_CODEC_ID_MPEG4;
    track.parameters->codec_tag = MKTAG('m', 'p', '4', 'v');
    track.timecode->reel_name = "A001";
    MovieSpec spec = movie(std::move(track));
    spec.brand = Brand::mp4;
    const Recorded made = record(std::move(spec), 5, [](int n) { return packet(frame_ns(n, 25)); });
    const Mov mov(made.out.bytes);
    CHECK(mov.text(8, 4) == "isom");
    const MovTrack& tmcd = mov.by_handler("tmcd");
    CHECK(mov.first_sample(tmcd) == 90000);
    CHECK(mov.timecode(tmcd).reel.empty());
    const std::string text(made.out.bytes.begin(), made.out.bytes.end());
    CHECK(has(text, "nmhd"));
    CHECK_FALSE(has(text, "gmhd"));
    CHECK_FALSE(has(text, "mhlr"));
}

TEST_CASE("shared: one timecode track for all tracks") {
    MovieSpec spec = movie(audio_track(), video_track(25, "01:00:00:00"), video_track(25, "02:00:00:00"));
    spec.timecode = {true, true, "Line A", "eng"};
    MemoryOutput out;
    MovWriter writer(out, std::move(spec));
    const std::vector<uint8_t> sound(1920 * 4), picture(9);
    writer.write(0, {sound, {0, {}, {}}, true, {}});
    writer.write(1, {picture, {0, {}, {}}, true, {}});
    writer.write(2, {picture, {0, {}, {}}, true, {}});
    writer.finish();
    const Mov mov(out.bytes);
    REQUIRE(mov.count("tmcd") == 1);
    for (size_t i = 0; i < 3; ++i)
        CHECK(mov.tracks[i].timecode_tracks == std::vector<uint32_t>{4});
    CHECK(mov.first_sample(mov.by_handler("tmcd")) == 90000);
    CHECK(has(std::string(out.bytes.begin(), out.bytes.end()), "Line A"));
}

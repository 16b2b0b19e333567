// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/first_packet.hpp"
#include "engine/mov_writer.hpp"
#include "tests/support/error_of.hpp"
#include "tests/support/mov_memory.hpp"
#include "tests/support/mov_reader.hpp"

#include <doctest/doctest.h>

#include <numeric>

using namespace onair;
using namespace onair::mov;
using namespace onair::test;

namespace {

const Rational ntsc(30000, 1001), film(24000, 1001), ntsc60(60000, 1001);
constexpr int64_t ms = 1000000;

void write_frames(MovWriter& writer, size_t track, int count, Rational rate, int64_t from = 0) {
    for (int n = 0; n < count; ++n) {
        const std::vector<uint8_t> frame(100 + static_cast<size_t>(n), static_cast<uint8_t>(n));
        writer.write(track, {frame, {from + frame_ns(n, rate), std::nullopt, std::nullopt}, true});
    }
}

} // namespace

TEST_CASE("the timecode track: payload, rate, flags and reference, at every rate") {
    struct Row {
        Rational rate;
        const char* text;
        uint32_t frame_number;
        uint32_t flags;
        int nominal;
        uint32_t timescale, frame_duration;
    };
    // Frame numbers are those of the timecode test; flag 1 is drop frame, 2 wraps after 24 hours.
    const Row rows[] = {
        {30, "00:00:30:00", 900, 2, 30, 15360, 512},         {25, "01:00:00:00", 90000, 2, 25, 12800, 512},
        {24, "01:00:00:00", 86400, 2, 24, 12288, 512},       {film, "01:00:00:00", 86400, 2, 24, 24000, 1001},
        {ntsc, "01:00:00:00", 108000, 2, 30, 30000, 1001},   {ntsc, "01:00:00;00", 107892, 3, 30, 30000, 1001},
        {ntsc60, "01:00:00;00", 215784, 3, 60, 60000, 1001}, {ntsc, "23:59:59;29", 2589407, 3, 30, 30000, 1001},
        {50, "23:59:59:49", 4319999, 2, 50, 12800, 256},     {100, "01:00:00:99", 360099, 2, 100, 12800, 128},
        {120, "01:00:00:119", 432119, 2, 120, 15360, 128},
    };
    for (const Row& row : rows) {
        CAPTURE(row.text);
        CAPTURE(to_text(row.rate));
        MemoryOutput out;
        MovieSpec spec = movie(video_track(row.rate, row.text));
        spec.tracks[0].timecode->reel_name = "A001R2X5";
        MovWriter writer(out, std::move(spec));
        write_frames(writer, 0, 30, row.rate);
        writer.finish();

        const Mov mov(out.bytes);
        CHECK(mov.top == std::vector<std::string>{"ftyp", "wide", "mdat", "moov"});
        REQUIRE(mov.count("tmcd") == 1);
        const MovTrack& video = mov.by_handler("vide");
        const MovTrack& tmcd = mov.by_handler("tmcd");
        CHECK(video.entry == "apch");
        CHECK(video.timecode_tracks == std::vector<uint32_t>{tmcd.id});
        CHECK(video.samples() == 30);
        CHECK(video.stts == decltype(video.stts){{30, row.frame_duration}});
        const bool midnight = row.text[0] == '2'; // the second picture is 00:00:00:00, a sample of its own
        CHECK(tmcd.samples() == (midnight ? 2 : 1));
        CHECK(tmcd.ticks() == video.ticks());
        CHECK(tmcd.timescale == video.timescale);
        CHECK(tmcd.duration == video.duration);
        CHECK(mov.first_sample(tmcd) == row.frame_number);
        const TimecodeEntry entry = mov.timecode(tmcd);
        CHECK(entry.flags == row.flags);
        CHECK(entry.timescale == row.timescale);
        CHECK(entry.frame_duration == row.frame_duration);
        CHECK(int{entry.frames} == row.nominal);
        CHECK(entry.reel == "A001R2X5");
    }
}

TEST_CASE("no timecode, no track") {
    MemoryOutput out;
    MovWriter writer(out, movie(video_track(25)));
    write_frames(writer, 0, 3, 25);
    writer.finish();
    const Mov mov(out.bytes);
    CHECK(mov.tracks.size() == 1);
    CHECK(mov.by_handler("vide").timecode_tracks.empty());
}

TEST_CASE("payload passes by without a copy, and the output is seeked only for the size of mdat") {
    MemoryOutput out;
    MovWriter writer(out, movie(video_track(25, "01:00:00:00")));
    const std::vector<uint8_t> frame(200000, 7);
    for (int n = 0; n < 4; ++n)
        writer.write(0, {frame, {frame_ns(n, 25), {}, {}}, true});
    writer.finish();
    CHECK(out.payload_writes == 4);
    CHECK(out.payload_addresses == std::vector<const uint8_t*>(4, frame.data()));
    CHECK(out.seeks == 1);  // to the size of mdat, at the end
    CHECK(out.writes == 3); // header, movie box, size
}

TEST_CASE("the timecode belongs to the video track when sound comes first") {
    MemoryOutput out;
    MovWriter writer(out, movie(audio_track(), video_track(25, "01:00:00:00")));
    const std::vector<uint8_t> sound(1920 * 4);
    writer.write(0, {sound, {0, {}, {}}, true});
    write_frames(writer, 1, 2, 25);
    writer.finish();
    const Mov mov(out.bytes);
    REQUIRE(mov.tracks.size() == 3);
    CHECK(mov.tracks[0].handler == "soun");
    CHECK(mov.tracks[0].timecode_tracks.empty());
    CHECK(mov.tracks[1].timecode_tracks == std::vector<uint32_t>{mov.tracks[2].id});
}

TEST_CASE("two video tracks have a timecode track each") {
    MemoryOutput out;
    MovWriter writer(out, movie(video_track(25, "01:00:00:00"), video_track(50, "02:00:00:00")));
    write_frames(writer, 0, 2, 25);
    write_frames(writer, 1, 2, 50);
    writer.finish();
    const Mov mov(out.bytes);
    REQUIRE(mov.count("tmcd") == 2);
    for (size_t i = 0; i < 2; ++i) {
        const MovTrack& tmcd = mov.by_handler("tmcd", i);
        CHECK(mov.by_handler("vide", i).timecode_tracks == std::vector<uint32_t>{tmcd.id});
        CHECK(mov.first_sample(tmcd) == (i ? 2U * 3600 * 50 : 90000U));
    }
}

TEST_CASE("a track that starts late gets an empty edit, and its timecode track the same one") {
    MemoryOutput out;
    MovWriter writer(out, movie(audio_track(), video_track(ntsc, "01:00:00;00")));
    const std::vector<uint8_t> sound(48000 * 4);
    writer.write(0, {sound, {0, {}, {}}, true});
    write_frames(writer, 1, 30, ntsc, 500 * ms);
    writer.finish();
    const Mov mov(out.bytes);
    CHECK(mov.timescale == 30000); // the video's, so that edits fall on ticks of it
    const std::vector<Edit> edits{{15000, -1}, {30030, 0}};
    CHECK(mov.by_handler("vide").edits == edits);
    CHECK(mov.by_handler("tmcd").edits == edits);
    CHECK(mov.by_handler("tmcd").duration == mov.by_handler("vide").duration);
    CHECK(mov.by_handler("soun").edits == std::vector<Edit>{{30000, 0}});
}

TEST_CASE("B-frames: every packet is there, the first picture is shown at 0, the timecode is not delayed") {
    MemoryOutput out;
    MovWriter writer(out, movie(video_track(25, "01:00:00:00", false)));
    const int order[] = {0, 3, 1, 2, 6, 4, 5};
    for (int n = 0; n < 7; ++n) {
        const std::vector<uint8_t> frame(50);
        writer.write(0, {frame, {frame_ns(order[n], 25), frame_ns(n - 2, 25), {}}, n == 0});
    }
    writer.finish();
    const Mov mov(out.bytes);
    const MovTrack& video = mov.by_handler("vide");
    CHECK(video.samples() == 7);
    CHECK(video.stts == decltype(video.stts){{7, 512}});
    CHECK(video.edits == std::vector<Edit>{{7 * 512, 2 * 512}});
    CHECK(mov.by_handler("tmcd").edits == std::vector<Edit>{{7 * 512, 0}});
}

TEST_CASE("the last picture's duration comes from the packet, else from the rate") {
    for (const bool given : {false, true}) {
        MemoryOutput out;
        MovWriter writer(out, movie(video_track(25)));
        const std::vector<uint8_t> frame(50);
        writer.write(0, {frame, {0, {}, {}}, true});
        writer.write(0, {frame, {40 * ms, {}, given ? std::optional<int64_t>(120 * ms) : std::nullopt}, true});
        writer.finish();
        CHECK(Mov(out.bytes).by_handler("vide").ticks() == (given ? 4U : 2U) * 512);
    }
}

TEST_CASE("a hole in the sound is filled, so that the rest stays in place; an overlap is told") {
    MemoryOutput out;
    std::vector<std::string> doubts;
    MovWriter writer(out, movie(audio_track()), [&](const Error& e) { doubts.push_back(e.what()); });
    const std::vector<uint8_t> sound(4800 * 4, 0x55);
    for (const int64_t at : {0, 100, 400, 500})
        writer.write(0, {sound, {at * ms, {}, {}}, true});
    CHECK(doubts.empty());
    writer.write(0, {sound, {450 * ms, {}, {}}, true});
    writer.write(0, {sound, {450 * ms, {}, {}}, true});
    writer.finish();
    CHECK(Mov(out.bytes).by_handler("soun").samples() == 6 * 4800 + 9600);
    REQUIRE(doubts.size() == 1); // once
    CHECK(doubts[0].find("audio_0 arrives 150 ms earlier") != std::string::npos);
}

TEST_CASE("a packet that goes backwards is refused with the pad and both times; the rest can still be finished") {
    MemoryOutput out;
    MovWriter writer(out, movie(video_track(25, "01:00:00:00")));
    write_frames(writer, 0, 3, 25);
    const std::vector<uint8_t> frame(50);
    const std::string said = error_of([&] { writer.write(0, {frame, {40 * ms, {}, {}}, true}); });
    CHECK(said.find("video_0") != std::string::npos);
    CHECK(said.find("0.04") != std::string::npos);
    CHECK(said.find("0.08") != std::string::npos);
    writer.finish();
    CHECK(Mov(out.bytes).by_handler("vide").samples() == 3);
}

TEST_CASE("an output that refuses stops the writer at once, wherever it is") {
    MemoryOutput whole;
    {
        MovWriter writer(whole, movie(video_track(25, "01:00:00:00")));
        write_frames(writer, 0, 5, 25);
        writer.finish();
    }
    for (uint64_t limit = 0; limit < whole.bytes.size(); limit += 37) {
        CAPTURE(limit);
        MemoryOutput out;
        out.refuse_from = limit;
        CHECK_THROWS_AS(
            [&] {
                MovWriter writer(out, movie(video_track(25, "01:00:00:00")));
                write_frames(writer, 0, 5, 25);
                writer.finish();
            }(),
            OutputStopped);
    }
}

TEST_CASE("dropped without finish: nothing leaks and nothing is written behind the caller's back") {
    MemoryOutput out;
    {
        MovWriter writer(out, movie(video_track(25, "01:00:00:00")));
        write_frames(writer, 0, 5, 25);
    }
    const std::string text(out.bytes.begin(), out.bytes.end());
    CHECK(text.find("moov") == std::string::npos);
}

TEST_CASE("drop frame at 120000/1001, which FFmpeg 5.1 cannot count") {
    const Rational rate(120000, 1001);
    MemoryOutput out;
    MovWriter writer(out, movie(video_track(rate, "01:00:00;00")));
    write_frames(writer, 0, 4, rate);
    writer.finish();
    const Mov mov(out.bytes);
    CHECK(mov.first_sample(mov.by_handler("tmcd")) == 431568);
}

TEST_CASE("DNxHR is another sample entry than DNxHD, told by the first packet") {
    for (const uint32_t cid : {1235U, 1272U}) {
        std::vector<uint8_t> frame(4096);
        const uint8_t prefix[] = {0, 0, 2, 0x80, 1};
        std::copy(std::begin(prefix), std::end(prefix), frame.begin());
        frame[42] = static_cast<uint8_t>(cid >> 8);
        frame[43] = static_cast<uint8_t>(cid);
        TrackSpec track = video_track(25);
        track.parameters->codec_id = AV_CODEC_ID_DNXHD;
        track.parameters->codec_tag = 0;
        complete_from_first_packet(*track.parameters, frame);
        MemoryOutput out;
        MovWriter writer(out, movie(std::move(track)));
        writer.write(0, {frame, {0, {}, {}}, true});
        writer.finish();
        CHECK(Mov(out.bytes).by_handler("vide").entry == (cid == 1272 ? "AVdh" : "AVdn"));
    }
}

TEST_CASE("what libavformat refuses comes with its own words") {
    MemoryOutput out;
    TrackSpec track = video_track(25);
    track.parameters->codec_id = AV_CODEC_ID_VP8;
    track.parameters->codec_tag = 0;
    try {
        MovWriter writer(out, movie(std::move(track)));
        FAIL("accepted");
    } catch (const Error& e) {
        CHECK(std::string(e.what()).find("libavformat refused to write the movie's header") != std::string::npos);
        CHECK_MESSAGE(e.detail().find("VP8 muxing is currently not supported") != std::string::npos, e.detail());
        CHECK(e.detail().find("avformat_write_header") != std::string::npos);
    }
}

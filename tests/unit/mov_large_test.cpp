// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
// Long, large and many: memory an hour, positions beyond 4 GiB, durations beyond 31 bits.
#include "engine/box_reader.hpp"
#include "engine/layout.hpp"
#include "engine/mov_writer.hpp"
#include "engine/sample_table.hpp"
#include "tests/support/error_of.hpp"
#include "tests/support/mov_memory.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <string>

using namespace onair;
using namespace onair::mov;
using namespace onair::test;

namespace {

/// An output that keeps small writes and counts payload, so that a file may be larger than memory.
class SparseOutput final : public Output {
  public:
    std::map<uint64_t, std::vector<uint8_t>> kept;
    uint64_t size = 0;
    bool write(uint64_t position, std::span<const uint8_t> bytes) noexcept override {
        kept[position].assign(bytes.begin(), bytes.end());
        size = std::max(size, position + bytes.size());
        return true;
    }
    bool write_payload(uint64_t position, const Payload& payload) noexcept override {
        size = std::max(size, position + payload.size);
        return true;
    }
};

/// A packet of which only the size is ever looked at.
Packet blank(size_t size, int64_t pts) { return {Payload(size, std::make_shared<int>(0)), {pts, {}, {}}, true, {}}; }

const Box& moov_of(const std::vector<Box>& boxes) {
    return *std::find_if(boxes.begin(), boxes.end(), [](const Box& b) { return b.type == "moov"; });
}

} // namespace

TEST_CASE("an hour of 25 pictures a second and two PCM tracks takes less than 4 MiB") {
    MemoryOutput unused;
    SampleIndex video, sound[2];
    uint64_t position = 36;
    for (int64_t n = 0; n < 3600 * 25; ++n) {
        Sample picture;
        picture.size = 100000 + static_cast<uint32_t>(n * 7919 % 5000);
        picture.dts = n * 512;
        video.add(picture, position);
        position += picture.size;
        for (SampleIndex& index : sound) {
            Sample samples;
            samples.count = 1920;
            samples.size = 6;
            samples.dts = n * 1920;
            samples.duration = 1;
            index.add(samples, position);
            position += 1920 * 6;
        }
    }
    video.close(512);
    const size_t bytes = video.memory() + sound[0].memory() + sound[1].memory();
    CHECK(video.memory() < 90000 * 12 + 200);   // a size and a position for each picture
    CHECK(sound[0].memory() < 90000 * 8 + 200); // a position for each packet
    CHECK(bytes < 4 << 20);
    MESSAGE("bytes an hour: " << bytes);
    BoxWriter w;
    write_sample_table(w, {}, video);
    CHECK(w.size() < 90000 * 12 + 200);
}

TEST_CASE("hybrid: an hour of 50 pictures a second and 16 tracks of sound takes 3 MB, with AAC 15 MB") {
    // The index is what remains when the fragments are written, one of each second.
    struct Row {
        const char* what;
        bool b_frames;
        uint32_t packet, limit; ///< samples in a packet of sound (1: compressed), bytes an hour
    };
    for (const Row& row : {Row{"intra, PCM", false, 960, 1400000}, Row{"B-frames, PCM", true, 960, 3000000},
                           Row{"B-frames, AAC", true, 1, 15000000}}) {
        MovieSpec spec = movie(carrying_track(50, !row.b_frames));
        for (int i = 0; i < 16; ++i)
            spec.tracks.push_back(audio_track());
        Movie movie(std::move(spec));
        uint64_t position = 36;
        for (int64_t second = 0; second < 3600; ++second) {
            for (int64_t n = second * 50; n < second * 50 + 50; ++n) {
                Sample picture;
                picture.size = 100000 + static_cast<uint32_t>(n * 7919 % 5000);
                picture.dts = n * 512;
                if (row.b_frames) picture.composition = n % 3 == 0 ? 1024 : n % 3 == 1 ? 1536 : 0;
                picture.key = !row.b_frames || n % 25 == 0;
                movie.tracks()[0].index.add(picture, position);
                position += picture.size;
            }
            for (size_t track = 1; track <= 16; ++track)
                for (int64_t n = 0; n < 50; ++n) {
                    Sample sound;
                    sound.count = row.packet;
                    sound.size = row.packet > 1 ? 3 : 300 + static_cast<uint32_t>(n * 31 % 77);
                    sound.dts = (second * 50 + n) * row.packet;
                    sound.duration = row.packet > 1 ? 1 : 1024;
                    movie.tracks()[track].index.add(sound, position);
                    position += uint64_t{sound.count} * sound.size;
                }
        }
        CHECK(movie.index_memory() < row.limit);
        MESSAGE(std::string(row.what) << ": bytes an hour: " << movie.index_memory());
    }
}

TEST_CASE("beyond 4 GiB: the media take the 64-bit size, positions are co64, the timecode is behind them") {
    SparseOutput out;
    MovWriter writer(out, movie(video_track(25, "01:00:00:00")));
    const size_t gib = size_t{1} << 30;
    for (int n = 0; n < 5; ++n)
        writer.write(0, blank(gib, frame_ns(n, 25)));
    writer.finish();
    REQUIRE(out.kept.size() == 3);
    const auto& [at, tail] = *out.kept.rbegin();
    CHECK(at == 36 + 5 * gib);
    const std::vector<Box> boxes = parse_boxes(std::span(tail).subspan(4), at + 4);
    const Box& moov = moov_of(boxes);
    const Box* co64 = moov.find("trak/mdia/minf/stbl/co64");
    REQUIRE(co64);
    Fields positions(*co64);
    positions.skip(4);
    CHECK(positions.u32() == 5);
    CHECK(positions.u64() == 36);
    positions.skip(8 * 3);
    CHECK(positions.u64() == 36 + 4 * gib);
    const std::vector<uint8_t>& size = out.kept.at(20); // over `wide`
    Fields mdat(size, "mdat");
    CHECK(mdat.u32() == 1);
    CHECK(mdat.text(4) == "mdat");
    CHECK(mdat.u64() == 16 + 5 * gib + 4);
    Fields timecode(*moov.all("trak").at(1)->find("mdia/minf/stbl/co64"));
    timecode.skip(8);
    CHECK(timecode.u64() == at);
}

TEST_CASE("more samples than 32 bits count: an error, and the movie is whole") {
    SparseOutput out;
    MovWriter writer(out, movie(audio_track(192000)));
    const int64_t second = 1000000000;
    const auto write = [&] {
        for (int64_t n = 0; n < 100; ++n) // 1000 s each
            writer.write(0, blank(size_t{192000000} * 4, n * 1000 * second));
    };
    CHECK(has(error_of(write), "audio_0 has more samples than the tables"));
    writer.finish();
    const std::vector<Box> boxes = parse_boxes(out.kept.rbegin()->second);
    Fields stsz(*moov_of(boxes).find("trak/mdia/minf/stbl/stsz"));
    stsz.skip(4);
    CHECK(stsz.u32() == 4);
    CHECK(stsz.u32() == 22 * 192000000U);
}

TEST_CASE("longer than 31 bits of ticks: version 1 boxes") {
    SparseOutput out;
    MovWriter writer(out, movie(video_track(Rational(30000, 1001), "01:00:00;00")));
    const int64_t hour = 3600 * int64_t{1000000000};
    for (int64_t n = 0; n <= 30; n += 10)
        writer.write(0, blank(10, n * hour));
    writer.finish();
    const auto& [at, tail] = *out.kept.rbegin();
    const Box box = parse_boxes(std::span(tail).subspan(8)).at(0); // 2 timecode samples: midnight
    REQUIRE(box.type == "moov");
    for (const char* path : {"mvhd", "trak/tkhd", "trak/mdia/mdhd", "trak/edts/elst"}) {
        CAPTURE(std::string(path));
        CHECK(Fields(*box.find(path)).u8() == 1);
    }
    Fields mdhd(*box.find("trak/mdia/mdhd"));
    mdhd.skip(20);
    CHECK(mdhd.u32() == 30000);
    CHECK(mdhd.u64() == 30 * 3600 * uint64_t{30000} + 1001);
}

TEST_CASE("the average bit rate is told where readers look for it") {
    std::vector<uint8_t> entry;
    {
        BoxWriter w;
        w.box("avc1", [&] { w.zeros(78); });
        entry = with_bit_rate(w.take(), 1234567);
    }
    const std::vector<Box> boxes = parse_boxes(entry);
    const std::vector<Box> tail = parse_tail(boxes.at(0), 78);
    REQUIRE(tail.size() == 1);
    CHECK(tail[0].type == "btrt");
    Fields btrt(tail[0]);
    btrt.skip(8);
    CHECK(btrt.u32() == 1234567);
    CHECK(with_bit_rate(entry, 99).size() == entry.size()); // there is one already
    const std::vector<uint8_t> esds = {0,   0,   0,    44,   'm', 'p', '4', 'a', 0, 0,    0,    0,    0,  0, 0, 31,
                                       'e', 's', 'd',  's',  0,   0,   0,   0,   3, 0x80, 0x80, 0x80, 20, 0, 1, 0,
                                       4,   13,  0x40, 0x15, 0,   0,   0,   0,   0, 0,    0,    0,    0,  0, 0, 0};
    const std::vector<uint8_t> patched = with_bit_rate(esds, 128000);
    Fields fields(std::span<const uint8_t>(patched).subspan(39), "esds");
    CHECK(fields.u32() == 128000);
    CHECK(fields.u32() == 128000);
}

// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
// What the first packet tells.
#include "engine/first_packet.hpp"
#include "tests/support/mov_memory.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstring>
#include <vector>

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavutil/mem.h>
}

using namespace onair;
using namespace onair::mov;
using namespace onair::test;

TEST_CASE("start codes where lengths are promised") {
    struct Row {
        AVCodecID codec;
        uint8_t length_byte; ///< of the configuration record: the size of lengths minus one
        std::vector<uint8_t> packet;
        bool annex_b;
    };
    const Row rows[] = {
        {AV_CODEC_ID_H264, 0xff, {0, 0, 0, 1, 0x65, 1, 2, 3}, true},
        {AV_CODEC_ID_H264, 0xff, {0, 0, 1, 0x65, 1, 2, 3}, true},
        {AV_CODEC_ID_H264, 0xff, {0, 0, 0, 4, 0x65, 1, 2, 3}, false},
        {AV_CODEC_ID_H264,
         0xff,
         {0, 0, 0, 1, 0x09, 0, 0, 0, 2, 0x65, 1},
         false}, // a length of 1 looks like a start code
        {AV_CODEC_ID_H264, 0xfd, {0, 2, 0x65, 1}, false},
        {AV_CODEC_ID_HEVC, 0x0f, {0, 0, 0, 1, 0x40, 1, 2, 3}, true},
        {AV_CODEC_ID_HEVC, 0x0f, {0, 0, 0, 4, 0x40, 1, 2, 3}, false},
        {AV_CODEC_ID_PRORES, 0xff, {0, 0, 0, 1, 0x65, 1, 2, 3}, false},
        {AV_CODEC_ID_H264, 0xff, {0}, false}, // nothing that could be told apart
    };
    for (const Row& row : rows) {
        CAPTURE(row.packet.size());
        CAPTURE(row.codec);
        TrackSpec track = video_track(25);
        AVCodecParameters& p = *track.parameters;
        p.codec_id = row.codec;
        p.extradata = static_cast<uint8_t*>(av_mallocz(32 + AV_INPUT_BUFFER_PADDING_SIZE));
        p.extradata_size = 32;
        p.extradata[row.codec == AV_CODEC_ID_HEVC ? 21 : 4] = row.length_byte;
        const PeekBytes peek = [&](size_t at, std::span<uint8_t> into) {
            if (at + into.size() > row.packet.size()) return false;
            std::memcpy(into.data(), row.packet.data() + at, into.size());
            return true;
        };
        CHECK(is_annex_b(p, row.packet.size(), peek) == row.annex_b);
    }
}

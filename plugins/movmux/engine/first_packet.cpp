// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/first_packet.hpp"

#include <algorithm>
#include <array>
#include <iterator>

extern "C" {
#include <libavcodec/codec_par.h>
}

namespace onair::mov {

namespace {

/// The compression id of SMPTE ST 2019-1, 32 bits big endian at offset 40 of a coded frame, and FFmpeg's profile number
/// (libavcodec/defs.h; the macro's name changed between 5.1 and 9).
constexpr size_t cid_offset = 40;
struct DnxProfile {
    uint32_t cid;
    int profile;
};
constexpr DnxProfile dnxhr[] = {{1270, 5}, {1271, 4}, {1272, 3}, {1273, 2}, {1274, 1}};

} // namespace

void complete_from_first_packet(AVCodecParameters& parameters, std::span<const uint8_t> packet) {
    if (parameters.codec_id != AV_CODEC_ID_DNXHD || packet.size() < cid_offset + 4) return;
    uint32_t cid = 0;
    for (size_t i = 0; i < 4; ++i)
        cid = cid << 8 | packet[cid_offset + i];
    const auto at = std::find_if(std::begin(dnxhr), std::end(dnxhr), [=](const DnxProfile& p) { return p.cid == cid; });
    parameters.profile = at == std::end(dnxhr) ? 0 : at->profile; // 0: DNxHD
}

/// Where the configuration record of a codec has the size of the lengths, minus one, in the two lowest bits
/// (ISO/IEC 14496-15: avcC 5.3.3.1, hvcC 8.3.3.1).
struct LengthSize {
    AVCodecID codec;
    int offset;
};
constexpr LengthSize length_sizes[] = {{AV_CODEC_ID_H264, 4}, {AV_CODEC_ID_HEVC, 21}};

bool is_annex_b(const AVCodecParameters& parameters, size_t size, const PeekBytes& peek) {
    const auto at = std::find_if(std::begin(length_sizes), std::end(length_sizes),
                                 [&](const LengthSize& l) { return l.codec == parameters.codec_id; });
    if (at == std::end(length_sizes) || parameters.extradata_size <= at->offset) return false;
    std::array<uint8_t, 4> head{};
    if (!peek(0, head) || head[0] || head[1] || (head[2] != 1 && !(head[2] == 0 && head[3] == 1))) return false;
    // It looks like a start code; a length may look the same, and then the lengths fill the packet.
    const size_t bytes = (parameters.extradata[at->offset] & 3U) + 1;
    size_t position = 0;
    while (position + bytes <= size && peek(position, std::span(head).first(bytes))) {
        size_t length = 0;
        for (size_t i = 0; i < bytes; ++i)
            length = length << 8 | head[i];
        position += bytes + length;
    }
    return position != size;
}

} // namespace onair::mov

// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/first_packet.hpp"

#include <algorithm>
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

} // namespace onair::mov

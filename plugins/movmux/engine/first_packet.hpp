// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>

struct AVCodecParameters;

namespace onair::mov {

/// Takes into `parameters` what the caps do not tell and only the first packet does: DNxHR is another sample entry
/// (AVdh) than DNxHD (AVdn).
void complete_from_first_packet(AVCodecParameters& parameters, std::span<const uint8_t> packet);

/// Reads bytes of a packet; false when they are not there.
using PeekBytes = std::function<bool(size_t at, std::span<uint8_t> into)>;

/// True for a packet of H.264 or HEVC whose NAL units begin with start codes (Annex B) where the caps promise lengths.
bool is_annex_b(const AVCodecParameters& parameters, size_t size, const PeekBytes& peek);

} // namespace onair::mov

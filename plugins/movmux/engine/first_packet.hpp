// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <cstdint>
#include <span>

struct AVCodecParameters;

namespace onair::mov {

/// Takes into `parameters` what the caps do not tell and only the first packet does: DNxHR is another sample entry
/// (AVdh) than DNxHD (AVdn).
void complete_from_first_packet(AVCodecParameters& parameters, std::span<const uint8_t> packet);

} // namespace onair::mov

// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <cstdint>
#include <span>
#include <vector>

namespace onair::mov {

/// True when `bytes` are one whole movie box.
bool is_movie_box(std::span<const uint8_t> bytes);

/// Corrects the timecode tracks in the movie box that libavformat wrote; everything else is copied.
///
/// | box of the timecode track | what libavformat writes                         | what it becomes |
/// |---------------------------|-------------------------------------------------|-----------------------------------------|
/// | edts/elst                 | starts at 0 always; up to one frame too long    | the edits of the video that refers
/// to   | |                           | with B-frames (9.0)                             | it, media time 0: the first
/// picture and | |                           |                                                 | the first timecode
/// coincide             | | tkhd duration             | without the start gap                           | the video's |
/// | stsd/tmcd flags           | drop frame only                                 | with 0x2 (wraps after 24 hours) as
/// well |
///
/// A box in a form that is not known here is left as it is.
std::vector<uint8_t> corrected_movie_box(std::span<const uint8_t> moov);

} // namespace onair::mov

// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "common/av/av_log.hpp"
#include "engine/movie_spec.hpp"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace onair::mov {

/// What libavformat knows best: how a codec is described in a movie. Boxes, whole.
struct TrackDescription {
    std::vector<uint8_t> entry; ///< the sample entry, with avcC, esds, colr, fiel, …
    std::vector<uint8_t> extra; ///< boxes of the track itself, `tapt`; empty where there are none
};

/// The description of one track, out of the movie box of a movie with one packet that libavformat writes into memory.
/// Nothing else of that movie is used, and no packet of the real one passes through it. Throws Error(library) with
/// libavformat's own words when it has no description for the codec.
TrackDescription describe_track(const TrackSpec& track, Brand brand);

/// The box `udta` with title, artist and the like; empty when `metadata` is.
std::vector<uint8_t> describe_metadata(const std::vector<std::pair<std::string, std::string>>& metadata, Brand brand);

/// Says in a sample entry how many bits a second the track has on average, as a reader shows: in `btrt`, which is added
/// to H.264, HEVC and MPEG-4 entries, and in the decoder configuration of `esds` (ISO/IEC 14496-1, 7.2.6.6).
/// `bits` 0: not known.
///
/// | btrt offset | bytes | content                      |  | esds, behind tag 4 and its size | bytes | content |
/// |-------------|-------|------------------------------|--|---------------------------------|-------|-----------------|
/// | 8           | 4     | size of the decoder's buffer |  | 0                               | 5     | type, buffer |
/// | 12          | 4     | most bits a second           |  | 5                               | 4     | most bits | | 16
/// | 4     | average bits a second        |  | 9                               | 4     | average bits    |
std::vector<uint8_t> with_bit_rate(std::vector<uint8_t> entry, uint32_t bits);

/// The ticks of a second that a track of this kind has: the sample rate, or a multiple of the frame rate's numerator
/// that is at least 10000, so that a picture lasts a whole number of ticks (1001 at 30000).
int64_t track_timescale(const TrackSpec& track);

} // namespace onair::mov

// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/box_reader.hpp"
#include "engine/timecode_runs.hpp"
#include "engine/track_box.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// What the movie box of any writer says of its tracks, but for their samples.
namespace onair::mov {

struct TrackHead {
    uint32_t id = 0;
    std::string handler;                       ///< "vide", "soun", "tmcd"
    bool enabled = false;                      ///< tkhd flag 1
    uint32_t timescale = 0;                    ///< ticks a second, never 0
    uint64_t duration = 0;                     ///< tkhd, movie ticks
    std::vector<TrackEdit> edits;              ///< in presentation order; empty: the media from its beginning
    std::vector<uint32_t> timecode_references; ///< tref/tmcd
};

/// One sample description of a timecode track.
struct TimecodeDescription {
    TmcdFields fields;
    std::string reel;          ///< empty: none
    uint64_t flags_offset = 0; ///< in the file: 32 bits
};

/// Throw Error(format) where a box is missing or a timescale is 0.
TrackHead read_track_head(const Box& trak);
uint32_t read_movie_timescale(const Box& moov);

/// Of a sample entry `tmcd`.
TimecodeDescription read_timecode_description(const Box& entry);

/// The box at `path`, which must be there.
const Box& need_box(const Box& trak, std::string_view path);

/// Takes version and flags off; the version.
uint8_t take_version(Fields& fields);

} // namespace onair::mov

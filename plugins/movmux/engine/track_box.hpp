// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/box_writer.hpp"
#include "engine/movie_spec.hpp"
#include "engine/sample_index.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace onair::mov {

enum class TrackKind { video, sound, timecode };

struct TrackEdit {
    uint64_t duration = 0;  ///< movie ticks; 0 as the last of a fragmented movie: as long as there are samples
    int64_t media_time = 0; ///< ticks of the track; -1: nothing is shown
};

/// Everything in a track's box but its samples.
struct TrackHeader {
    uint32_t id = 1;
    TrackKind kind = TrackKind::video;
    bool enabled = true;
    uint32_t width = 0, height = 0; ///< shown, 16.16
    std::string name;               ///< of the handler
    std::string language;           ///< ISO 639-2, "" for none
    int64_t timescale = 0;
    uint64_t duration = 0; ///< movie ticks, start gap included; 0 in a fragmented movie
    std::vector<TrackEdit> edits;
    std::vector<uint32_t> timecode_tracks; ///< ids that `tref` names
    std::vector<std::vector<uint8_t>> descriptions;
    std::vector<uint8_t> extra; ///< boxes of libavformat's behind tkhd
};

/// The box `trak`.
///
/// | box                | content                                                                              |
/// |--------------------|--------------------------------------------------------------------------------------|
/// | tkhd               | id, duration, size; flags 1 enabled, 2 in the movie                                  |
/// | edts/elst          | start gap, then the media from its first presentation on                             |
/// | tref/tmcd          | the timecode tracks of this one                                                      |
/// | mdia/mdhd          | timescale, duration in it, language                                                  |
/// | mdia/hdlr          | kind and name                                                                        |
/// | mdia/minf          | vmhd, smhd, or gmhd{gmin, tmcd{tcmi}} (nmhd in MP4); hdlr `dhlr` (QuickTime); dinf    |
/// | mdia/minf/stbl     | sample_table.hpp                                                                     |
/// | udta/name          | QuickTime: the name of a timecode track                                              |
///
/// Durations beyond 31 bits make version 1 boxes.
void write_track(BoxWriter& w, const TrackHeader& header, const SampleIndex& index, Brand brand, uint64_t shift = 0);

/// The box `edts`; nothing without edits.
void write_edits(BoxWriter& w, const std::vector<TrackEdit>& edits);

/// A language of three letters in 15 bits (ISO/IEC 14496-12, 8.4.2); without one QuickTime's "unspecified", or `und`.
uint16_t language_code(const std::string& language, Brand brand);

/// The identity matrix of mvhd and tkhd.
void write_matrix(BoxWriter& w);

} // namespace onair::mov

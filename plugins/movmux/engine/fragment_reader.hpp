// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/box_reader.hpp"
#include "engine/sample_index.hpp"

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

/// What is whole of a movie in fragments that may end anywhere, whoever wrote it.
namespace onair::mov {

/// A track with all its samples that lie whole in the file: of the movie box and of the fragments.
struct RecoveredTrack {
    uint32_t id = 0;
    std::string handler; ///< "vide", "soun", "tmcd"
    uint32_t timescale = 0;
    std::vector<uint32_t> timecode_references; ///< tref/tmcd
    SampleIndex index;                         ///< positions in the file; the duration of the last sample is open
    int64_t last_duration = 0;                 ///< of the last sample, as the file says
    /// The earliest and the latest moment shown, ticks of media time as the fragments count it.
    int64_t presented_start = 0, presented_end = 0;
};

struct FragmentedMovie {
    std::vector<uint8_t> moov; ///< the movie box, whole
    uint64_t moov_offset = 0;
    bool fragmented = false;           ///< it has mvex: fragments follow
    uint64_t file_type_size = 0;       ///< of the box ftyp at the beginning; 0: there is none
    std::optional<uint64_t> reserve;   ///< position of the 16 bytes of reserve.hpp
    uint64_t end = 0;                  ///< behind the last byte that may belong to a sample
    uint32_t fragments = 0;            ///< that gave a sample
    uint64_t samples_lost = 0;         ///< told by the fragments, but not whole in the file
    std::deque<RecoveredTrack> tracks; ///< in the order of the movie box
};

/// Reads the boxes of a file up to where they end or stop making sense; media are not read, but for timecode samples.
/// Throws Error(format) when there is no movie box, with what there is instead.
FragmentedMovie read_fragments(uint64_t file_size, const ReadAt& read);

} // namespace onair::mov

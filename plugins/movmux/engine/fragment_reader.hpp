// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/box_reader.hpp"
#include "engine/recovered_track.hpp"

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

/// What is whole of a movie in fragments that may end anywhere, whoever wrote it.
namespace onair::mov {

/// Bytes of a file that are to be others.
struct Trim {
    uint64_t position = 0;
    std::vector<uint8_t> bytes;
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

    /// The file ends in the middle of a box. These changes, in any order, and then nothing behind `end`, make it a file
    /// of whole boxes whose last fragment tells of no sample that is not there (of sound, of none whose frames are
    /// not).
    bool torn = false;
    std::vector<Trim> trims;
};

/// Reads the boxes of a file up to where they end or stop making sense; media are not read, but for timecode samples.
/// Throws Error(format) when there is no movie box, with what there is instead.
FragmentedMovie read_fragments(uint64_t file_size, const ReadAt& read);

} // namespace onair::mov

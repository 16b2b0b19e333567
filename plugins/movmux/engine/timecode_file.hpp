// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/box_reader.hpp"
#include "engine/track_reader.hpp"

#include <cstdint>
#include <string>
#include <vector>

/// The timecode tracks of a QuickTime or MP4 file, whoever wrote it: all samples, of the movie box and of fragments,
/// with the places where they stand. Layout: docs/specs/tmcd.md.
namespace onair::mov {

struct TimecodeSample {
    int64_t time = 0;     ///< media time, ticks of the track
    int64_t duration = 0; ///< ticks
    int32_t value = 0;    ///< frame number as it stands in the file
    uint32_t description = 0;
    uint64_t offset = 0; ///< in the file: 32 bits
};

struct FileTrack : TrackHead {
    uint64_t media_ticks = 0; ///< sum of the samples' durations, fragments included
    uint64_t samples = 0;

    // Timecode tracks only:
    std::vector<TimecodeDescription> descriptions;
    std::vector<TimecodeSample> timecodes;
};

struct TimecodeFile {
    uint32_t movie_timescale = 0;
    bool fragmented = false;
    std::vector<FileTrack> tracks;
    std::vector<OuterBox> outer;
    std::vector<uint8_t> moov; ///< the movie box, whole
    uint64_t moov_offset = 0;
    std::vector<std::string> doubts; ///< what is odd in the timecode tracks, in words

    std::vector<const FileTrack*> timecode_tracks() const;
    const FileTrack* track(uint32_t id) const;
};

/// Reads a file. Throws Error(format) for what is no movie, has a timecode track that it contradicts, or lies beyond
/// the limits; memory and time are bounded by the size of the file's boxes.
TimecodeFile read_timecode_file(uint64_t file_size, const ReadAt& read);

} // namespace onair::mov

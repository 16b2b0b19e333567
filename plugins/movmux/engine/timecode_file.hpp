// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/box_reader.hpp"
#include "engine/timecode_runs.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// The timecode tracks of a QuickTime or MP4 file, whoever wrote it: all samples, of the movie box and of fragments,
/// with the places where they stand. Layout: docs/specs/tmcd.md.
namespace onair::mov {

/// One sample description of a timecode track.
struct TimecodeDescription {
    TmcdFields fields;
    std::string reel;          ///< empty: none
    uint64_t flags_offset = 0; ///< in the file: 32 bits
};

struct TimecodeSample {
    int64_t time = 0;     ///< media time, ticks of the track
    int64_t duration = 0; ///< ticks
    int32_t value = 0;    ///< frame number as it stands in the file
    uint32_t description = 0;
    uint64_t offset = 0; ///< in the file: 32 bits
};

/// An edit, in presentation order.
struct FileEdit {
    uint64_t duration = 0;  ///< movie ticks; 0: to the end of the media (fragmented files)
    int64_t media_time = 0; ///< track ticks; -1: nothing is shown
};

struct FileTrack {
    uint32_t id = 0;
    std::string handler;                       ///< "vide", "soun", "tmcd"
    bool enabled = false;                      ///< tkhd flag 1
    uint32_t timescale = 0;                    ///< ticks a second
    uint64_t duration = 0;                     ///< tkhd, movie ticks
    std::vector<FileEdit> edits;               ///< empty: the media from its beginning
    std::vector<uint32_t> timecode_references; ///< tref/tmcd
    uint64_t media_ticks = 0;                  ///< sum of the samples' durations, fragments included
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

/// How the numbers of a description are to be read.
struct Counting {
    tc::Rate rate;           ///< exact N/1 or N*1000/1001
    Rational number_seconds; ///< how long a number lasts, by the file
    std::string doubt;       ///< what in the description is odd; empty: nothing
};

/// Nothing for a description that counts no time (no frames, no duration, a rate without timecode).
std::optional<Counting> counting_of(const TmcdFields& fields);

/// A stretch of the presentation with one sample's timecode. Times in nanoseconds.
struct TimecodeSpan {
    int64_t start = 0, end = 0; ///< presentation time
    int64_t elapsed = 0;        ///< of the sample, at `start`: above 0 where an edit begins in its middle
    int64_t value = 0;
    uint32_t description = 0;
};

/// What the track says over the presentation, in order, edits obeyed.
std::vector<TimecodeSpan> timecode_spans(const TimecodeFile& file, const FileTrack& track);

/// The frame number at `time`, which lies in the span. `pictures`: how many of them one number lasts; the answer counts
/// these (number * pictures + the picture within it), so that each picture has its own.
int64_t number_at(const TimecodeSpan& span, const Counting& counting, int64_t time, int pictures = 1);

} // namespace onair::mov

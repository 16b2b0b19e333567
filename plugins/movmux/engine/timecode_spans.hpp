// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/timecode_file.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// What the timecode tracks of a file say over its presentation.
namespace onair::mov {

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

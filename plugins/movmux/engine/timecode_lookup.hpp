// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/timecode_spans.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace onair::mov {

/// A picture's timecode, at the pictures' own rate.
struct Stamp {
    tc::Timecode address;
    tc::Rate rate;
};

/// Answers which timecode a file gives to a time of its presentation.
class TimecodeLookup {
  public:
    /// `number`: which of the file's timecode tracks, from 0; -1: the one that the first video track refers to, else
    /// the first. `name` is the file's, for the texts. Throws Error(settings) for a track that is not there, and
    /// Error(format) when the track counts no time. The file must have a timecode track.
    TimecodeLookup(const TimecodeFile& file, int number, const std::string& name);

    /// At `time` in nanoseconds, for pictures of `frame_rate` (0: not known, then the file's count is taken). Nothing
    /// before the first timecode; behind the last one it counts on.
    std::optional<Stamp> at(int64_t time, Rational frame_rate) const;

    uint32_t track_id() const noexcept { return track_id_; }
    const std::vector<TimecodeSpan>& spans() const noexcept { return spans_; }
    const std::vector<std::string>& doubts() const noexcept { return doubts_; }

  private:
    uint32_t track_id_ = 0;
    std::vector<TimecodeSpan> spans_;
    std::vector<Counting> countings_; ///< by description
    std::vector<std::string> doubts_;
};

} // namespace onair::mov

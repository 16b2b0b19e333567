// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "common/base/rational.hpp"

#include <cstdint>
#include <optional>

namespace onair::mov {

/// Times of a packet in nanoseconds since the movie's start; those before it are negative.
struct PacketTimes {
    int64_t pts = 0;
    std::optional<int64_t> dts;
    std::optional<int64_t> duration;
};

/// The same in ticks of a track.
struct Ticks {
    int64_t pts = 0;
    int64_t dts = 0;
    int64_t duration = 0;
};

/// From nanoseconds to the ticks of one track.
///
/// Every time is rounded to the nearest tick from the movie's start, never summed up, so rounding cannot run off: a
/// picture at n*1001/30000 s, cut to whole nanoseconds, lies exactly on tick n*1001.
class TrackClock {
  public:
    /// `timescale` is ticks a second; `frame_rate` 0 when it is not fixed; `intra`: DTS is PTS.
    TrackClock(int64_t timescale, Rational frame_rate, bool intra);

    /// Throws nothing; `backwards` tells that the decoding time does not lie behind the last one.
    struct Answer {
        Ticks ticks;
        bool backwards = false;
    };
    Answer next(const PacketTimes& times);

    int64_t to_ticks(int64_t ns) const;
    int64_t last_dts() const noexcept { return last_dts_.value_or(0); }

  private:
    int64_t timescale_;
    Rational frame_rate_;
    bool intra_;
    std::optional<int64_t> last_dts_;
};

/// Counts the samples of a PCM track: its times follow from the number of samples alone (stts has one entry), so a hole
/// in the timestamps must be filled for the sound to stay in place.
class SampleCounter {
  public:
    explicit SampleCounter(int64_t rate) : rate_(rate) {}

    struct Step {
        int64_t position = 0; ///< where the packet's samples begin, after the fill
        int64_t fill = 0;     ///< samples of silence to write before them, at `position - fill`
        int64_t overlap = 0;  ///< samples by which the packet's time lies before `position`, beyond the tolerance
    };
    /// `pts` in samples; counts `samples` in.
    Step next(int64_t pts, int64_t samples);

  private:
    int64_t rate_;
    std::optional<int64_t> end_;
};

} // namespace onair::mov

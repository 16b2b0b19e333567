// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/movie_spec.hpp"
#include "engine/sample_index.hpp"
#include "engine/timecode_runs.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace onair::mov {

/// The timecode track of a video track: its sample descriptions and samples, out of the runs.
class TimecodeTrack {
  public:
    /// `media`: position of the video track among the media tracks.
    TimecodeTrack(TimecodePlan plan, std::string pad, TrackTiming timing, size_t media, uint32_t id);

    /// A picture, in decoding order; times in ticks of the video track.
    void frame(int64_t pts, int64_t duration, const std::optional<CarriedTimecode>& carried);

    bool known() const noexcept { return runs_.known(); }
    /// The same, counting only pictures that are presented before `bound`: what take_until() looks at.
    bool known_before(int64_t bound) const noexcept {
        return known() && (plan_.runs.forced || (first_carried_ && *first_carried_ < bound));
    }
    std::optional<CountingFormat> first_format() const { return runs_.first_format(); }
    /// Nothing came in time: where the plan says so, a count from 00:00:00:00 begins at the first picture. False when
    /// there is to be no timecode track.
    bool begin_without();

    /// The runs of a fragment. One whose format the movie box in front of the data does not have (`fixed_format`) is
    /// counted in that format.
    std::vector<TimecodeRun> take_until(int64_t presented, bool fixed_format);
    std::vector<TimecodeRun> finish(int64_t end);

    /// The sample description of a format, from 1; a new one is added.
    uint32_t description_of(const CountingFormat& format);
    std::vector<std::vector<uint8_t>> descriptions(Brand brand) const;

    std::vector<Discontinuity> take_discontinuities() { return runs_.take_discontinuities(); }
    bool format_refused() const noexcept { return format_refused_; } ///< take_until() had to count another way

    /// What take_until() gave need not be kept: finish() will not be asked.
    void forget_taken() { runs_.forget_taken(); }
    /// Bytes of memory that grow with the movie.
    size_t memory() const noexcept { return runs_.memory(); }

    size_t media() const noexcept { return media_; }
    uint32_t id() const noexcept { return id_; }
    const TimecodePlan& plan() const noexcept { return plan_; }
    const std::string& pad() const noexcept { return pad_; }
    int64_t timescale() const noexcept { return timing_.timescale; }

    std::optional<int64_t> origin; ///< presentation time of the first sample: media time 0
    SampleIndex index;

  private:
    TimecodePlan plan_;
    std::string pad_;
    TrackTiming timing_;
    size_t media_;
    uint32_t id_;
    TimecodeRuns runs_;
    std::vector<CountingFormat> formats_;
    std::optional<int64_t> first_carried_; ///< presentation time
    bool format_refused_ = false;
};

/// The sample of a run: its frame number, signed, in 32 bits.
std::vector<uint8_t> timecode_sample(const TimecodeRun& run);

} // namespace onair::mov

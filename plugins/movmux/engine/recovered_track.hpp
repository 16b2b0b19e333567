// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/box_reader.hpp"
#include "engine/sample_index.hpp"
#include "engine/track_reader.hpp"

#include <cstdint>
#include <optional>

namespace onair::mov {

/// A track with all its samples that lie whole in the file: of the movie box and of the fragments.
struct RecoveredTrack : TrackHead {
    SampleIndex index;         ///< positions in the file; the duration of the last sample is open
    int64_t last_duration = 0; ///< of the last sample, as the file says
    /// The earliest and the latest moment shown, ticks of media time as the fragments count it.
    int64_t presented_start = 0, presented_end = 0;
};

/// Puts samples of fragments into the index of a plain movie: frames of uncompressed sound become samples of their own,
/// timecodes that count on become one.
class TrackBuilder {
  public:
    /// `track`, whose head is read here, and `read` outlive the builder.
    TrackBuilder(RecoveredTrack& track, const Box& trak, const ReadAt& read);

    /// The sample has a duration, and lies whole in the file.
    void add(Sample sample, uint64_t position);

    uint32_t frame_bytes() const noexcept { return frame_bytes_; } ///< of uncompressed sound; 0: other
    int64_t next_dts() const noexcept { return next_dts_; }        ///< where the samples so far end

  private:
    void add_frames(Sample sample, uint64_t position, uint32_t frames);
    void add_timecodes(Sample sample, uint64_t position);
    bool counts_on(const Sample& sample, uint64_t position);
    void put(const Sample& sample, uint64_t position);

    RecoveredTrack& track_;
    const ReadAt& read_;
    uint32_t frame_bytes_ = 0;
    int64_t next_dts_ = 0;
    uint64_t counting_ = 0; ///< tmcd: ticks of the track that one number lasts, times `per_`
    uint64_t per_ = 1;
    std::optional<int64_t> next_number_; ///< tmcd: what the next one is when it counts on
    uint32_t last_description_ = 0;
};

} // namespace onair::mov

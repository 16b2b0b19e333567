// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "common/base/error.hpp"
#include "engine/movie_spec.hpp"
#include "engine/sample_entry.hpp"
#include "engine/sample_index.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

namespace onair::mov {

/// Called for what is doubtful but goes on.
using Warn = std::function<void(const Error&)>;

/// A sample with its bytes, in the ticks of its track.
struct Piece {
    Sample sample;
    Payload payload;
    int64_t pts = 0;
    int64_t usual_duration = 0; ///< of the packet or the rate, for a sample that none follows; 0: not known
};

/// One track of media: turns packets into samples, and knows what of them is presented when.
class MediaTrack {
  public:
    /// Throws Error(library) when libavformat has no description for it.
    MediaTrack(TrackSpec spec, Brand brand, uint32_t id);

    /// The samples of a packet: one, or for PCM what it holds, with silence before it where there was a hole.
    /// Throws Error(timing) for a packet that goes backwards.
    std::vector<Piece> accept(const Packet& packet, const Warn& warn);

    const TrackSpec& spec() const noexcept { return spec_; }
    const TrackDescription& description() const noexcept { return description_; }
    int64_t timescale() const noexcept { return timescale_; }
    uint32_t id() const noexcept { return id_; }
    uint64_t packets() const noexcept { return packets_; }
    int64_t frame_ticks() const; ///< of a picture, 0 without a fixed rate

    bool empty() const noexcept { return packets_ == 0; }
    int64_t first_pts() const noexcept { return first_pts_; } ///< the earliest presentation, ticks
    int64_t end_pts() const noexcept { return end_pts_; }     ///< the latest one's end
    int64_t first_dts() const noexcept { return first_dts_; } ///< media time 0
    /// Media time 0 in fragments, whose boxes in front may be written before a packet came.
    int64_t fragments_origin() const noexcept { return at_start_ ? 0 : first_dts_; }
    int64_t last_duration() const noexcept { return last_duration_; }

    /// The boxes in front are written: when no packet came before, media time 0 is the movie's start in the fragments.
    void begin_at_start();

    /// Bits a second of the samples in the index; 0 when there are none.
    uint32_t bit_rate() const;

    SampleIndex index; ///< of the samples that are in the file, where the movie box tells them

  private:
    std::vector<Piece> accept_samples(const Packet& packet, const Warn& warn);
    Piece accept_one(const Packet& packet);
    void present(int64_t pts, int64_t duration);

    TrackSpec spec_;
    TrackDescription description_;
    int64_t timescale_;
    uint32_t id_;
    TrackClock clock_;
    std::optional<SampleCounter> samples_; ///< PCM only
    uint64_t packets_ = 0;
    int64_t first_pts_ = 0, end_pts_ = 0, first_dts_ = 0, last_duration_ = 0;
    bool warned_ = false, at_start_ = false;
};

} // namespace onair::mov

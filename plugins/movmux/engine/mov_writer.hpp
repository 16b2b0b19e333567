// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/layout.hpp"
#include "engine/movie_spec.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace onair::mov {

/// A timecode that is not the one which the time implies, for the application.
struct DiscontinuityReport {
    size_t track = 0;
    int64_t at = 0; ///< ns since the movie's start
    Discontinuity what;
};

/// Writes a QuickTime or MP4 movie: structure and timecode are ours, the description of a codec is libavformat's
/// (sample_entry.hpp). Packets must come interleaved, in decoding order of each track.
class MovWriter {
  public:
    /// Writes the header. Throws Error, or OutputStopped.
    MovWriter(Output& output, MovieSpec spec, Warn warn = {});
    ~MovWriter();
    MovWriter(const MovWriter&) = delete;
    MovWriter& operator=(const MovWriter&) = delete;

    /// Throws Error(timing) for a packet that goes backwards or a timecode that its rate does not have, or
    /// OutputStopped.
    void write(size_t track, const Packet& packet);

    /// Writes what is left: in plain and faststart the movie box, without which the file is not readable; in hybrid
    /// the last fragment and what makes the file a plain movie. Throws
    /// Error(timing), when the file is whole, for a timecode that was required and never came.
    void finish();

    uint64_t packets(size_t track) const;
    /// Nanoseconds of media that are held back until they are written: one fragment.
    int64_t held() const;
    std::vector<DiscontinuityReport> take_discontinuities();

  private:
    void count_timecode(size_t index, const Piece& piece, const std::optional<CarriedTimecode>& carried);
    void warn_of_fragments(size_t index, const Packet& packet);
    void warn_once(size_t track, const Error& doubt);

    Warn warn_;
    std::unique_ptr<Movie> movie_;
    std::unique_ptr<Layout> layout_;
    std::vector<bool> warned_; ///< of each track's timecode
};

} // namespace onair::mov

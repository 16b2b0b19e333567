// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/box_writer.hpp"
#include "engine/media_track.hpp"
#include "engine/timecode_track.hpp"
#include "engine/track_box.hpp"

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

namespace onair::mov {

/// The tracks of a movie and the boxes that describe them; where the data lies is the layouts' (layout.hpp).
class Movie {
  public:
    /// Throws Error(library) for a codec that libavformat cannot describe.
    explicit Movie(MovieSpec spec);

    const MovieSpec& spec() const noexcept { return spec_; }
    std::deque<MediaTrack>& tracks() noexcept { return tracks_; }
    std::deque<TimecodeTrack>& timecodes() noexcept { return timecodes_; }
    TimecodeTrack* timecode_of(size_t media);

    /// No timecode came: the track is left out.
    void drop_timecode(const TimecodeTrack& track);

    /// The file type box. QuickTime: `qt  `; MP4: `isom`, with `iso6` when there are fragments.
    void write_file_type(BoxWriter& w) const;

    /// The movie box; `shift` is added to the positions in the tables. In a fragmented movie it says which tracks
    /// there are (mvex/trex) and has no samples.
    ///
    /// | box  | content                                                                                        |
    /// |------|------------------------------------------------------------------------------------------------|
    /// | mvhd | timescale: the first video track's, so that edits fall on pictures; the longest track's duration |
    /// | trak | media tracks in the order of the pads, ids from 1; then the timecode tracks                       |
    /// | mvex | fragmented: a trex with zeros for each track; every fragment says its own defaults                |
    /// | udta | title, artist, … as libavformat writes them                                                       |
    void write_box(BoxWriter& w, uint64_t shift = 0);

    bool fragmented() const noexcept { return spec_.mode == Mode::fragmented; }

  private:
    int64_t movie_ticks(int64_t ticks, int64_t timescale) const;
    int64_t start() const;
    std::vector<TrackEdit> edits(int64_t gap, int64_t duration, int64_t media_time) const;
    TrackHeader header_of(size_t media) const;
    TrackHeader header_of(const TimecodeTrack& track) const;

    MovieSpec spec_;
    int64_t timescale_;
    std::vector<uint8_t> metadata_;
    std::deque<MediaTrack> tracks_;
    std::deque<TimecodeTrack> timecodes_;
};

} // namespace onair::mov

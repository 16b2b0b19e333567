// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/box_writer.hpp"
#include "engine/media_track.hpp"
#include "engine/timecode_track.hpp"
#include "engine/track_box.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

namespace onair::mov {

/// What the boxes of a movie say. A hybrid movie has both forms, one after the other.
enum class Form {
    whole,     ///< where all samples are
    fragments, ///< which tracks there are; the samples follow in fragments
};

/// The tracks of a movie and the boxes that describe them; where the data lies is the layouts' (layout.hpp).
class Movie {
  public:
    /// Throws Error(library) for a codec that libavformat cannot describe.
    explicit Movie(MovieSpec spec);

    const MovieSpec& spec() const noexcept { return spec_; }
    std::deque<MediaTrack>& tracks() noexcept { return tracks_; }
    /// The timecode tracks of a form; none of a form that the movie does not have. Each form has its own: the boxes in
    /// front of fragments settle things (the format, whether there is a timecode) that a movie box at the end need not.
    std::deque<TimecodeTrack>& timecodes(Form form) noexcept { return timecodes_[static_cast<size_t>(form)]; }
    const std::deque<TimecodeTrack>& timecodes(Form form) const noexcept {
        return timecodes_[static_cast<size_t>(form)];
    }
    TimecodeTrack* timecode_of(size_t media, Form form);

    /// No timecode came: the track is left out.
    void drop_timecode(const TimecodeTrack& track, Form form);

    /// The file type box. QuickTime: `qt  `; MP4: `isom`, with `iso6` when there are fragments.
    void write_file_type(BoxWriter& w) const;

    /// The movie box; `shift` is added to the positions in the tables. In the form of fragments it says which
    /// tracks there are (mvex/trex) and has no samples.
    ///
    /// | box  | content                                                                                        |
    /// |------|------------------------------------------------------------------------------------------------|
    /// | mvhd | timescale: the first video track's, so that edits fall on pictures; the longest track's duration |
    /// | trak | media tracks in the order of the pads, ids from 1; then the timecode tracks                       |
    /// | mvex | fragments: a trex  with zeros for each track; every fragment says its own defaults                |
    /// | udta | title, artist, … as libavformat writes them                                                       |
    void write_box(BoxWriter& w, Form form, uint64_t shift = 0);

    /// Bytes of memory that the movie box of the whole movie needs until it is written; 0 when that is not to come.
    size_t index_memory() const noexcept;
    /// The whole movie's box is not to come: forgets all samples. Its timecodes go on, for discontinuities.
    void drop_index();

    bool has(Form form) const noexcept {
        return form == Form::whole ? spec_.mode != Mode::fragmented
                                   : spec_.mode == Mode::fragmented || spec_.mode == Mode::hybrid;
    }
    /// What the movie is when it ends as it should.
    Form last_form() const noexcept { return has(Form::whole) ? Form::whole : Form::fragments; }

  private:
    void add_timecode(const MediaTrack& track, size_t media, uint32_t id);
    int64_t movie_ticks(int64_t ticks, int64_t timescale) const;
    int64_t start() const;
    TrackHeader header_of(size_t media, Form form) const;
    TrackHeader header_of(const TimecodeTrack& track, Form form) const;

    MovieSpec spec_;
    int64_t timescale_;
    std::vector<uint8_t> metadata_;
    std::deque<MediaTrack> tracks_;
    std::array<std::deque<TimecodeTrack>, 2> timecodes_; ///< by form
};

} // namespace onair::mov

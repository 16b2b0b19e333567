// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/recover.hpp"

#include "common/base/rational.hpp"
#include "engine/box_writer.hpp"
#include "engine/sample_table.hpp"
#include "engine/track_box.hpp"

#include <algorithm>
#include <utility>

namespace onair::mov {

namespace {

constexpr uint64_t largest_short = INT32_MAX;

/// mvhd, mdhd (4 bytes between the times and the duration) and tkhd (8), with another duration.
void write_with_duration(BoxWriter& w, const Box& box, size_t between, uint64_t duration) {
    Fields f(box);
    const uint8_t before = f.u8();
    const uint32_t flags = f.u24();
    const uint64_t created = f.sized(before), modified = f.sized(before);
    const uint8_t version = before || duration > largest_short;
    w.full_box(box.type, version, flags, [&] {
        w.sized(version, created);
        w.sized(version, modified);
        w.bytes(f.take(between));
        f.sized(before);
        w.sized(version, duration);
        w.bytes(f.take(f.left()));
    });
}

/// What the movie shows of a track, its length not counted yet.
struct Placed {
    std::vector<TrackEdit> edits; ///< before the last one
    int64_t media_time = 0;       ///< of the last one, as the fragments count it
    bool told = false;            ///< there was an edit list
};

Placed placed(const RecoveredTrack& track) {
    Placed out;
    out.edits = track.edits;
    out.told = !out.edits.empty();
    if (out.edits.empty() || out.edits.back().media_time < 0) return out;
    out.media_time = out.edits.back().media_time;
    out.edits.pop_back();
    return out;
}

class Builder {
  public:
    Builder(FragmentedMovie movie, uint64_t shift)
        : movie_(std::move(movie)), boxes_(parse_boxes(movie_.moov, movie_.moov_offset)), moov_(boxes_.at(0)),
          scale_(read_movie_timescale(moov_)), shift_(shift) {
        for (const RecoveredTrack& track : movie_.tracks)
            placed_.push_back(placed(track));
        for (size_t i = 0; i < movie_.tracks.size(); ++i)
            if (movie_.tracks[i].handler == "tmcd") end_with_video(i);
        for (RecoveredTrack& track : movie_.tracks)
            track.index.close(track.last_duration);
    }

    std::vector<uint8_t> run() {
        BoxWriter traks;
        uint64_t longest = 0;
        size_t number = 0;
        for (const Box* trak : moov_.all("trak")) {
            const size_t track = number++;
            if (!movie_.tracks[track].index.empty()) longest = std::max(longest, write_trak(traks, *trak, track));
        }
        BoxWriter w;
        w.box("moov", [&] {
            bool done = false;
            for (const Box& box : moov_.children) {
                if (box.type == "mvhd") write_movie_header(w, box, longest);
                if (box.type == "trak" && !std::exchange(done, true)) w.bytes(traks.data());
                if (box.type != "mvhd" && box.type != "trak" && box.type != "mvex") w.bytes(box.bytes);
            }
        });
        return w.take();
    }

  private:
    /// Rounded up: libavformat leaves out what lies behind an edit, and a movie may count in ms.
    uint64_t movie_ticks(int64_t ticks, const RecoveredTrack& track) const {
        if (ticks <= 0) return 0;
        const int64_t rounded = scale_round(ticks, scale_, track.timescale);
        return static_cast<uint64_t>(rounded) + (scale_round(rounded, track.timescale, scale_) < ticks);
    }

    /// The next track id, which ends the box, is above all that there are: FFmpeg's fragments forget the timecode
    /// track.
    void write_movie_header(BoxWriter& w, const Box& box, uint64_t duration) const {
        write_with_duration(w, box, 4, duration);
        uint32_t largest = 0;
        for (const RecoveredTrack& track : movie_.tracks)
            largest = std::max(largest, track.id);
        if (largest < UINT32_MAX) w.patch_u32(w.size() - 4, largest + 1);
    }

    bool is_gone(uint32_t id) const {
        return std::any_of(movie_.tracks.begin(), movie_.tracks.end(),
                           [&](const RecoveredTrack& t) { return t.id == id && t.index.empty(); });
    }

    /// Where the track ends in the movie, movie ticks.
    uint64_t end_of(size_t number) const {
        const RecoveredTrack& track = movie_.tracks[number];
        uint64_t end = movie_ticks(track.presented_end - placed_[number].media_time, track);
        for (const TrackEdit& edit : placed_[number].edits)
            end += edit.duration;
        return end;
    }

    /// The last timecode counts on to the end of the pictures, and no further: pictures of a fragment may be lost whose
    /// timecode is there, and some writers tell only how long the first fragment is.
    void end_with_video(size_t number) {
        RecoveredTrack& timecode = movie_.tracks[number];
        if (timecode.index.empty()) return;
        const auto refers = [&](const RecoveredTrack& t) {
            const auto& ids = t.timecode_references;
            return t.handler == "vide" && std::find(ids.begin(), ids.end(), timecode.id) != ids.end();
        };
        const auto video = std::find_if(movie_.tracks.begin(), movie_.tracks.end(), refers);
        if (video == movie_.tracks.end() || video->index.empty()) return;
        const size_t other = static_cast<size_t>(video - movie_.tracks.begin());
        const int64_t more = scale_round(static_cast<int64_t>(end_of(other)) - static_cast<int64_t>(end_of(number)),
                                         timecode.timescale, scale_);
        timecode.presented_end += more; // with what is told of later jumps, the edit ends before them
        timecode.last_duration = std::max<int64_t>(timecode.last_duration + more, 1);
    }

    /// Fragments count media time from the beginning of the movie; a plain track's media begin with its first sample.
    std::vector<TrackEdit> edits_of(size_t number) const {
        const RecoveredTrack& track = movie_.tracks[number];
        const Placed& place = placed_[number];
        const int64_t first = track.index.first_dts(), late = first - place.media_time;
        // Without an edit list libavformat shows reordered pictures from their own time on, with one from 0.
        if (!place.told && late <= 0 && track.presented_start != first) return {};
        std::vector<TrackEdit> edits = place.edits;
        if (late > 0) {
            if (edits.empty() || edits.back().media_time >= 0) edits.push_back({0, -1});
            edits.back().duration += movie_ticks(late, track);
        }
        edits.push_back(
            {movie_ticks(track.presented_end - std::max(place.media_time, first), track), std::max<int64_t>(-late, 0)});
        return edits;
    }

    /// Returns how long it is, in movie ticks.
    uint64_t write_trak(BoxWriter& w, const Box& trak, size_t number) {
        const RecoveredTrack& track = movie_.tracks[number];
        const std::vector<TrackEdit> edits = edits_of(number);
        uint64_t duration = edits.empty() ? end_of(number) : 0;
        for (const TrackEdit& edit : edits)
            duration += edit.duration;
        w.box("trak", [&] {
            for (const Box& box : trak.children) {
                const auto& ids = track.timecode_references;
                const bool refers = std::any_of(ids.begin(), ids.end(), [&](uint32_t id) { return is_gone(id); });
                if (box.type == "edts" || (box.type == "tref" && refers)) continue;
                if (box.type == "tkhd") {
                    write_with_duration(w, box, 8, duration);
                    write_edits(w, edits);
                } else {
                    write_part(w, box, track);
                }
            }
        });
        return duration;
    }

    void write_part(BoxWriter& w, const Box& box, const RecoveredTrack& track) {
        if (box.type == "mdia" || box.type == "minf") {
            w.box(box.type, [&] {
                for (const Box& child : box.children)
                    write_part(w, child, track);
            });
        } else if (box.type == "mdhd") {
            write_with_duration(w, box, 4, static_cast<uint64_t>(track.index.media_duration()));
        } else if (box.type == "stbl") {
            std::vector<std::vector<uint8_t>> descriptions;
            for (const Box& entry : box.child("stsd")->children) // read_fragments() looked that it is there
                descriptions.emplace_back(entry.bytes.begin(), entry.bytes.end());
            write_sample_table(w, descriptions, track.index, shift_);
        } else {
            w.bytes(box.bytes);
        }
    }

    FragmentedMovie movie_;
    std::vector<Box> boxes_; ///< of the movie box
    const Box& moov_;
    uint32_t scale_; ///< of the movie
    uint64_t shift_;
    std::vector<Placed> placed_; ///< by track
};

} // namespace

std::vector<uint8_t> plain_movie_box(FragmentedMovie movie, uint64_t shift) {
    return Builder(std::move(movie), shift).run();
}

} // namespace onair::mov

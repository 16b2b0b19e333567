// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/recover.hpp"

#include "common/base/rational.hpp"
#include "engine/box_writer.hpp"
#include "engine/messages.hpp"
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

uint32_t timescale_of(const Box& moov) {
    const Box* mvhd = moov.child("mvhd");
    if (!mvhd) throw error(Msg::file_no_movie, {"its movie box has no header (mvhd)"});
    Fields f(*mvhd);
    f.skip(f.u8() ? 19 : 11);
    const uint32_t scale = f.u32();
    if (scale == 0) throw error(Msg::file_no_movie, {"its movie header has no timescale"});
    return scale;
}

std::vector<TrackEdit> edits_of(const Box& trak) {
    std::vector<TrackEdit> edits;
    const Box* elst = trak.find("edts/elst");
    if (!elst) return {{0, 0}};
    Fields f(*elst);
    const uint8_t version = f.u8();
    f.skip(3);
    for (uint32_t n = f.count(version ? 20 : 12); n; --n) {
        TrackEdit edit;
        edit.duration = f.sized(version);
        edit.media_time = version ? f.i64() : f.i32();
        f.skip(4);
        edits.push_back(edit);
    }
    if (edits.empty() || edits.back().media_time < 0) edits.push_back({0, 0});
    return edits;
}

/// Fragments count media time from the beginning of the movie; a plain track's media begin with its first sample.
std::vector<TrackEdit> finished_edits(const Box& trak, const RecoveredTrack& track, uint32_t movie_scale) {
    std::vector<TrackEdit> edits = edits_of(trak);
    if (track.index.empty()) return {};
    TrackEdit last = edits.back();
    edits.pop_back();
    const auto movie_ticks = [&](int64_t ticks) {
        return static_cast<uint64_t>(std::max<int64_t>(scale_round(ticks, movie_scale, track.timescale), 0));
    };
    const int64_t late = track.index.first_dts() - last.media_time;
    last.duration = movie_ticks(track.presented_end - std::max(last.media_time, track.index.first_dts()));
    last.media_time = std::max<int64_t>(-late, 0);
    if (late > 0) {
        if (edits.empty() || edits.back().media_time >= 0) edits.push_back({0, -1});
        edits.back().duration += movie_ticks(late);
    }
    edits.push_back(last);
    return edits;
}

class Builder {
  public:
    Builder(const FragmentedMovie& movie, uint64_t shift) : movie_(movie), shift_(shift) {}

    std::vector<uint8_t> run() {
        const std::vector<Box> boxes = parse_boxes(movie_.moov, movie_.moov_offset);
        const Box& moov = boxes.at(0);
        const uint32_t scale = timescale_of(moov);
        BoxWriter traks;
        uint64_t longest = 0;
        size_t number = 0;
        for (const Box* trak : moov.all("trak"))
            longest = std::max(longest, write_trak(traks, *trak, movie_.tracks.at(number++), scale));
        BoxWriter w;
        w.box("moov", [&] {
            bool done = false;
            for (const Box& box : moov.children) {
                if (box.type == "mvhd") write_with_duration(w, box, 4, longest);
                if (box.type == "trak" && !std::exchange(done, true)) w.bytes(traks.data());
                if (box.type != "mvhd" && box.type != "trak" && box.type != "mvex") w.bytes(box.bytes);
            }
        });
        return w.take();
    }

  private:
    /// Returns how long it is, in movie ticks.
    uint64_t write_trak(BoxWriter& w, const Box& trak, const RecoveredTrack& track, uint32_t scale) {
        const std::vector<TrackEdit> edits = finished_edits(trak, track, scale);
        uint64_t duration = 0;
        for (const TrackEdit& edit : edits)
            duration += edit.duration;
        w.box("trak", [&] {
            for (const Box& box : trak.children) {
                if (box.type == "edts") continue;
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

    const FragmentedMovie& movie_;
    uint64_t shift_;
};

} // namespace

std::vector<uint8_t> plain_movie_box(const FragmentedMovie& movie, uint64_t shift) {
    return Builder(movie, shift).run();
}

} // namespace onair::mov

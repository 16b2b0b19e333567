// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "movie_edit.hpp"

#include "messages.hpp"

#include <algorithm>
#include <limits>

namespace onair::tctool {

using namespace onair::mov;

MovieEdit::MovieEdit(const TimecodeFile& file)
    : file_(file), bytes_(file.moov), boxes_(parse_boxes(bytes_, file.moov_offset)) {}

void MovieEdit::patch(uint64_t offset, std::span<const uint8_t> bytes) {
    std::copy(bytes.begin(), bytes.end(), bytes_.begin() + static_cast<std::ptrdiff_t>(offset - file_.moov_offset));
}

const Box& MovieEdit::trak(uint32_t id) const {
    const Box* found = nullptr;
    size_t index = 0;
    for (const Box* box : boxes_.at(0).all("trak")) {
        if (file_.tracks.at(index++).id != id) continue;
        if (found) throw error(Msg::not_understood, {"two tracks have the number " + std::to_string(id)});
        found = box;
    }
    if (!found) throw error(Msg::no_such_track, {std::to_string(id)});
    return *found;
}

void MovieEdit::repair_references(std::vector<std::string>& done) {
    for (const FileTrack* timecode : file_.timecode_tracks()) {
        const auto refers = [&](const FileTrack& t) {
            return std::find(t.timecode_references.begin(), t.timecode_references.end(), timecode->id) !=
                   t.timecode_references.end();
        };
        const auto video = [](const FileTrack& t) { return t.handler == "vide"; };
        const auto& tracks = file_.tracks;
        if (std::any_of(tracks.begin(), tracks.end(), [&](const FileTrack& t) { return video(t) && refers(t); }))
            continue;
        const auto target = std::find_if(tracks.begin(), tracks.end(), [&](const FileTrack& t) {
            return video(t) && t.timecode_references.empty() && !added_.contains(&trak(t.id));
        });
        if (target == tracks.end()) {
            done.push_back("track " + std::to_string(timecode->id) + ": no video track without timecode");
            continue;
        }
        const Box& to = trak(target->id);
        if (to.child("tref")) continue; // references of other kinds: not ours to rebuild
        std::vector<uint8_t> reference;
        // A reference that stands alone on another track moves, so the movie box keeps its size.
        for (const FileTrack& other : tracks)
            if (reference.empty() && !video(other) && refers(other) && other.timecode_references.size() == 1)
                if (const Box* tref = trak(other.id).child("tref"); tref->children.size() == 1) {
                    reference.assign(tref->bytes.begin(), tref->bytes.end());
                    replaced_[tref] = {};
                }
        if (reference.empty()) {
            BoxWriter w;
            w.box("tref", [&] { w.box("tmcd", [&] { w.u32(timecode->id); }); });
            reference = w.take();
        }
        added_[&to] = reference;
        done.push_back("track " + std::to_string(timecode->id) + ": referred to by the video track " +
                       std::to_string(target->id));
    }
}

/// The end of the video's presentation in movie ticks.
uint64_t MovieEdit::video_end(uint32_t timecode_id) const {
    const FileTrack* video = nullptr;
    for (const FileTrack& t : file_.tracks) {
        if (t.handler != "vide") continue;
        const bool refers = std::find(t.timecode_references.begin(), t.timecode_references.end(), timecode_id) !=
                            t.timecode_references.end();
        if (!video || refers) video = &t;
        if (refers) break;
    }
    if (!video) return 0;
    uint64_t end = 0;
    for (const TrackEdit& edit : video->edits)
        end += edit.duration;
    if (video->edits.empty())
        end = static_cast<uint64_t>(
            scale_round(static_cast<int64_t>(video->media_ticks), file_.movie_timescale, video->timescale));
    return end;
}

void MovieEdit::patch_sized(const Box& box, size_t at, bool wide, uint64_t value) {
    BoxWriter w;
    w.sized(wide, wide ? value : std::min<uint64_t>(value, std::numeric_limits<uint32_t>::max()));
    patch(box.content_offset() + at, w.data());
}

void MovieEdit::set_last_sample(const Box& stbl, uint64_t ticks) {
    const Box& stts = *stbl.child("stts");
    Fields f(stts);
    f.skip(4);
    const uint32_t entries = f.count(8);
    f.skip(8 * (entries - size_t{1}));
    const uint32_t count = f.u32();
    if (count == 1) return patch_sized(stts, 8 + 8 * size_t{entries} - 4, false, ticks);
    const uint32_t each = f.u32();
    BoxWriter w;
    w.box("stts", [&] {
        w.bytes(stts.content().first(4));
        w.u32(entries + 1);
        w.bytes(stts.content().subspan(8, 8 * (entries - size_t{1})));
        w.u32(count - 1), w.u32(each), w.u32(1), w.u32(ticks);
    });
    replaced_[&stts] = w.take();
}

void MovieEdit::repair_duration(const FileTrack& track, std::vector<std::string>& done) {
    const uint64_t end = video_end(track.id);
    const std::string name = "track " + std::to_string(track.id);
    uint64_t before = 0, shown = 0; // movie ticks: of all edits but the last, of all
    for (const TrackEdit& edit : track.edits)
        before = shown, shown += edit.duration;
    if (track.edits.empty())
        shown = static_cast<uint64_t>(
            scale_round(static_cast<int64_t>(track.media_ticks), file_.movie_timescale, track.timescale));
    const TrackEdit last = track.edits.empty() ? TrackEdit{} : track.edits.back();
    const int64_t media =
        scale_round(static_cast<int64_t>(end - before), track.timescale, file_.movie_timescale) + last.media_time;
    const bool media_good = std::abs(media - static_cast<int64_t>(track.media_ticks)) <= 1;
    if (end == 0 || (shown == end && track.duration == end && media_good)) return;
    const bool fits = end > before && last.media_time >= 0 && media > track.timecodes.back().time &&
                      media - track.timecodes.back().time <= std::numeric_limits<uint32_t>::max();
    if (!fits || file_.fragmented) {
        done.push_back(name + ": its duration is not the video's, and it is left: " +
                       (fits ? "the movie is fragmented" : "the samples or edits do not allow it"));
        return;
    }
    const Box& box = trak(track.id);
    const Box &tkhd = *box.child("tkhd"), &mdhd = *box.find("mdia/mdhd");
    const bool head_wide = tkhd.content()[0], media_wide = mdhd.content()[0];
    patch_sized(tkhd, head_wide ? 28 : 20, head_wide, end);
    patch_sized(mdhd, media_wide ? 24 : 16, media_wide, static_cast<uint64_t>(media));
    if (!track.edits.empty()) {
        const Box& elst = *box.find("edts/elst");
        const bool wide = elst.content()[0];
        patch_sized(elst, 8 + (wide ? 20 : 12) * (track.edits.size() - 1), wide, end - before);
    }
    set_last_sample(*box.find("mdia/minf/stbl"), static_cast<uint64_t>(media - track.timecodes.back().time));
    done.push_back(name + ": lasts as long as the video");
}

bool MovieEdit::within(const Box& box) const {
    return replaced_.contains(&box) || added_.contains(&box) ||
           std::any_of(box.children.begin(), box.children.end(), [&](const Box& b) { return within(b); });
}

void MovieEdit::emit(BoxWriter& w, const Box& box) const {
    if (const auto other = replaced_.find(&box); other != replaced_.end()) return w.bytes(other->second);
    if (!within(box)) return w.bytes(box.bytes);
    w.box(box.type, [&] {
        size_t at = box.header;
        for (const Box& child : box.children) {
            emit(w, child);
            at += child.bytes.size();
        }
        if (const auto more = added_.find(&box); more != added_.end()) w.bytes(more->second);
        w.bytes(box.bytes.subspan(at)); // what is behind the last box
    });
}

std::vector<uint8_t> MovieEdit::built() const {
    BoxWriter w;
    emit(w, boxes_.at(0));
    return w.take();
}

void MovieEdit::place(Plan& plan, uint64_t size, bool growing) const {
    std::vector<uint8_t> now = built();
    const size_t old = file_.moov.size();
    auto outer = std::find_if(file_.outer.begin(), file_.outer.end(),
                              [&](const OuterBox& b) { return b.offset == file_.moov_offset; });
    const auto behind = outer + 1;
    const bool last = behind == file_.outer.end();
    const bool spare = !last && (behind->type == "free" || behind->type == "skip") && !behind->to_end;
    const uint64_t room = old + (spare ? behind->size : 0);
    // The rest of the room becomes a box `free`; only its header is written.
    const auto fits = [&] { return now.size() == room || now.size() + 8 <= room; };
    if (now.size() == old || (spare && fits())) {
        if (now.size() != old && now.size() < room) {
            BoxWriter w;
            w.u32(room - now.size()), w.type("free");
            now.insert(now.end(), w.data().begin(), w.data().end());
        }
        plan.patches.push_back({file_.moov_offset, {}, now});
        return;
    }
    if (last && now.size() > old) {
        plan.patches.push_back({file_.moov_offset, {}, now});
        plan.size = file_.moov_offset + now.size();
        return;
    }
    if (!growing || file_.outer.back().to_end) throw error(Msg::no_room, {std::to_string(now.size() - old)});
    BoxWriter free_type;
    free_type.type("free");
    plan.patches.push_back({file_.moov_offset + 4, {}, free_type.take()});
    plan.patches.push_back({size, {}, now});
    plan.size = size + now.size();
    plan.done.push_back("the movie box stands at the end of the copy now");
}

} // namespace onair::tctool

// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/fragment_box.hpp"

#include "engine/fragment_flags.hpp"
#include "engine/layout.hpp"

#include <utility>

namespace onair::mov {

namespace {

constexpr uint32_t key_flags = 0x02000000;   // depends on no other
constexpr uint32_t other_flags = 0x01010000; // depends on others, is no sync sample

/// Reads run-length coded values one after another.
template <class T>
class Cursor {
  public:
    explicit Cursor(const RunLengths<T>& runs) : at_(runs.begin()), end_(runs.end()) {}
    T next() {
        while (at_ != end_ && used_ == at_->count) {
            ++at_;
            used_ = 0;
        }
        if (at_ == end_) return T{};
        ++used_;
        return at_->value;
    }

  private:
    decltype(std::declval<const RunLengths<T>&>().begin()) at_, end_;
    uint64_t used_ = 0;
};

void write_samples(BoxWriter& w, const SampleIndex& index, uint32_t flags) {
    if ((flags & ~has_data_offset) == 0) return;
    Cursor durations(index.durations());
    Cursor keys(index.keys());
    Cursor compositions(index.compositions());
    for (uint64_t i = 0; i < index.samples(); ++i) {
        if (flags & has_duration) w.u32(durations.next());
        if (flags & has_size) w.u32(index.size_of(i));
        if (flags & has_flags) w.u32(keys.next() ? key_flags : other_flags);
        if (flags & has_composition) w.i32(compositions.next());
    }
}

/// Returns where the data offset stands, which is known when the whole moof is.
size_t write_track_fragment(BoxWriter& w, const TrackFragment& track) {
    const SampleIndex& index = *track.index;
    const bool same_duration = index.durations().uniform(), same_size = index.common_size().has_value();
    const bool same_flags = index.keys().uniform();
    size_t offset_at = 0;
    w.box("traf", [&] {
        w.full_box("tfhd", 0,
                   from_moof | has_description | (same_duration ? has_default_duration : 0U) |
                       (same_size ? has_default_size : 0U) | (same_flags ? has_default_flags : 0U),
                   [&] {
                       w.u32(track.track_id);
                       w.u32(track.description);
                       if (same_duration) w.u32(index.durations().begin()->value);
                       if (same_size) w.u32(*index.common_size());
                       if (same_flags) w.u32(index.keys().begin()->value ? key_flags : other_flags);
                   });
        w.full_box("tfdt", 1, 0, [&] { w.i64(track.decode_time); });
        const uint32_t flags = has_data_offset | (same_duration ? 0U : has_duration) | (same_size ? 0U : has_size) |
                               (same_flags ? 0U : has_flags) | (index.compositions().empty() ? 0U : has_composition);
        w.full_box("trun", 1, flags, [&] {
            w.u32(index.samples());
            offset_at = w.size();
            w.u32(0);
            write_samples(w, index, flags);
        });
    });
    return offset_at;
}

} // namespace

void write_fragment(BoxWriter& w, uint32_t number, const std::vector<TrackFragment>& tracks, uint64_t media_size) {
    const size_t start = w.size();
    std::vector<size_t> offsets;
    w.box("moof", [&] {
        w.full_box("mfhd", 0, 0, [&] { w.u32(number); });
        for (const TrackFragment& track : tracks)
            offsets.push_back(write_track_fragment(w, track));
    });
    write_header(w, "mdat", media_size);
    for (size_t i = 0; i < tracks.size(); ++i)
        w.patch_u32(offsets[i], static_cast<uint32_t>(w.size() - start + tracks[i].data_offset));
}

} // namespace onair::mov

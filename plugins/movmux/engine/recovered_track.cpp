// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/recovered_track.hpp"

#include "engine/messages.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>

namespace onair::mov {

namespace {

/// Uncompressed sound and the bytes of one of its samples; 0: as the sample entry says.
constexpr std::pair<std::string_view, uint32_t> pcm_types[] = {
    {"sowt", 0}, {"twos", 0}, {"lpcm", 0}, {"raw ", 0}, {"NONE", 0}, {"ipcm", 0}, {"fpcm", 0},
    {"in24", 3}, {"in32", 4}, {"fl32", 4}, {"fl64", 8}, {"ulaw", 1}, {"alaw", 1}};

/// Bytes of a frame of uncompressed sound, of which a fragment may have many in one sample and a plain movie has one;
/// 0 for other sound.
///
/// | offset in a sound sample entry | bytes | content                                             |
/// |--------------------------------|-------|-----------------------------------------------------|
/// | 8                              | 8     | reserved, data reference index                      |
/// | 16                             | 8     | version in 16 bits, revision, vendor                |
/// | 24                             | 4     | channels, bits of a sample                          |
/// | 28                             | 8     | compression, packet size, rate                      |
/// | 36                             | 12    | version 1: samples a packet, bytes a packet, a frame |
/// | 36                             | 36    | version 2: …; bytes of a frame at 64                |
uint32_t bytes_of_frame(const Box& entry) {
    const auto known = std::find_if(std::begin(pcm_types), std::end(pcm_types),
                                    [&](const auto& type) { return type.first == entry.type; });
    if (known == std::end(pcm_types)) return 0;
    Fields f(entry);
    f.skip(8);
    const uint16_t version = f.u16();
    f.skip(6);
    const uint32_t channels = f.u16(), bits = f.u16();
    f.skip(8);
    if (version == 2) {
        f.skip(28);
        return f.u32();
    }
    return channels * (known->second ? known->second : bits / 8);
}

} // namespace

TrackBuilder::TrackBuilder(RecoveredTrack& track, const Box& trak, const ReadAt& read) : track_(track), read_(read) {
    static_cast<TrackHead&>(track) = read_track_head(trak);
    const Box& stsd = need_box(trak, "mdia/minf/stbl/stsd");
    if (stsd.children.empty()) return;
    const Box& entry = stsd.children.front();
    if (track.handler == "soun") frame_bytes_ = bytes_of_frame(entry);
    if (track.handler == "tmcd" && entry.type == "tmcd") {
        const TmcdFields fields = read_timecode_description(entry).fields;
        per_ = fields.timescale;
        counting_ = uint64_t{fields.frame_duration} * track.timescale;
    }
}

void TrackBuilder::add(Sample sample, uint64_t position) {
    if (counting_ && sample.size == 4) return add_timecodes(sample, position);
    const int64_t duration = *sample.duration, ticks = duration * sample.count;
    const int64_t shown = sample.dts + sample.composition;
    track_.presented_start = track_.index.empty() ? shown : std::min(track_.presented_start, shown);
    track_.presented_end = std::max(track_.presented_end, shown + ticks);
    track_.last_duration = duration;
    next_dts_ = sample.dts + ticks;
    const uint32_t frames = frame_bytes_ ? sample.size / frame_bytes_ : 0;
    if (frames > 1 && sample.size % frame_bytes_ == 0 && duration >= frames)
        return add_frames(sample, position, frames);
    if (const uint32_t more = sample.count - 1) { // all but the last, which waits
        sample.count = more;
        put(sample, position);
        position += uint64_t{more} * sample.size;
        sample.dts += duration * more;
        sample.count = 1;
    }
    sample.duration.reset(); // until the next one, or as the file says when none follows: a gap stays one
    put(sample, position);
}

/// Samples of many frames of sound each.
void TrackBuilder::add_frames(Sample sample, uint64_t position, uint32_t frames) {
    const int64_t duration = *sample.duration;
    sample.size = frame_bytes_;
    for (uint32_t left = sample.count; left; --left) {
        sample.count = frames - 1;
        sample.duration = 1;
        put(sample, position);
        Sample last = sample;
        last.count = 1;
        last.dts += frames - 1;
        last.duration.reset();
        put(last, position + uint64_t{frames - 1} * frame_bytes_);
        sample.dts += duration;
        position += uint64_t{frames} * frame_bytes_;
    }
    track_.last_duration = duration - (frames - 1);
}

void TrackBuilder::add_timecodes(Sample sample, uint64_t position) {
    for (uint32_t left = std::exchange(sample.count, 1); left; --left) {
        const int64_t duration = *sample.duration;
        if (track_.index.empty()) track_.presented_start = sample.dts;
        if (counts_on(sample, position)) {
            track_.last_duration += duration;
        } else {
            Sample open = sample;
            open.duration.reset();
            put(open, position);
            track_.last_duration = duration;
        }
        sample.dts += duration;
        position += sample.size;
        next_dts_ = track_.presented_end = sample.dts;
    }
}

/// A timecode sample that says what the one before it says of its time adds nothing; it becomes a part of that.
bool TrackBuilder::counts_on(const Sample& sample, uint64_t position) {
    std::array<uint8_t, 4> bytes{};
    if (!read_(position, bytes)) return false;
    const int64_t number = Fields(bytes, "mdat").i32();
    const uint64_t duration = static_cast<uint64_t>(*sample.duration);
    const auto numbers = static_cast<int64_t>((duration * per_ * 2 + counting_) / (2 * counting_));
    const bool on = next_number_ == number && sample.description == last_description_ && sample.dts == next_dts_;
    next_number_ = number + numbers;
    last_description_ = sample.description;
    return on;
}

void TrackBuilder::put(const Sample& sample, uint64_t position) {
    if (!track_.index.has_room(sample.count)) throw error(Msg::too_many_samples, {std::to_string(track_.id)});
    track_.index.add(sample, position);
}

} // namespace onair::mov

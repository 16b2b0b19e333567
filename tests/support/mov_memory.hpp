// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "common/av/av_ptr.hpp"
#include "engine/mov_writer.hpp"

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace onair::test {

/// An output in memory that counts what it is asked and refuses when told so.
class MemoryOutput final : public mov::Output {
  public:
    std::vector<uint8_t> bytes;
    size_t writes = 0, payload_writes = 0, seeks = 0, groups = 0;
    uint64_t refuse_from = UINT64_MAX; ///< position at which the device is full
    std::vector<const uint8_t*> payload_addresses;

    bool write(uint64_t position, std::span<const uint8_t> data) noexcept override {
        ++writes;
        return take(position, data);
    }
    bool write_payload(uint64_t position, const mov::Payload& payload) noexcept override {
        ++payload_writes;
        payload_addresses.push_back(payload.bytes.data());
        return take(position, payload.bytes);
    }
    void begin_group() noexcept override { ++groups; }

  private:
    bool take(uint64_t position, std::span<const uint8_t> data) {
        if (position + data.size() > refuse_from) return false;
        if (position != next_) ++seeks;
        next_ = position + data.size();
        bytes.resize(std::max<size_t>(bytes.size(), next_));
        std::copy(data.begin(), data.end(), bytes.begin() + static_cast<std::ptrdiff_t>(position));
        return true;
    }
    uint64_t next_ = 0;
};

inline mov::TrackSpec video_track(Rational rate, const std::string& timecode = "", bool intra = true) {
    mov::TrackSpec track;
    track.name = "video_0";
    track.parameters = av::make_codec_parameters();
    track.parameters->codec_type = AVMEDIA_TYPE_VIDEO;
    track.parameters->codec_id = AV_CODEC_ID_PRORES;
    track.parameters->codec_tag = MKTAG('a', 'p', 'c', 'h');
    track.parameters->width = 64;
    track.parameters->height = 48;
    track.frame_rate = rate;
    track.intra = intra;
    if (!timecode.empty()) {
        track.timecode.emplace();
        track.timecode->runs.pad = track.name;
        track.timecode->runs.forced = mov::forced_start(tc::parse(timecode), rate, 0);
    }
    return track;
}

/// The same with a timecode track that counts what the pictures carry.
inline mov::TrackSpec carrying_track(Rational rate, bool intra = true) {
    mov::TrackSpec track = video_track(rate, "", intra);
    track.timecode.emplace();
    track.timecode->runs.pad = track.name;
    return track;
}

inline mov::CarriedTimecode carried(const std::string& text, Rational rate) {
    const tc::Parsed parsed = tc::parse(text);
    return {parsed.address, parsed.drop_frame, rate};
}

inline mov::TrackSpec audio_track(int rate = 48000) {
    mov::TrackSpec track;
    track.name = "audio_0";
    track.parameters = av::make_codec_parameters();
    track.parameters->codec_type = AVMEDIA_TYPE_AUDIO;
    track.parameters->codec_id = AV_CODEC_ID_PCM_S16LE;
    track.parameters->sample_rate = rate;
    track.parameters->ch_layout.order = AV_CHANNEL_ORDER_UNSPEC;
    track.parameters->ch_layout.nb_channels = 2;
    track.parameters->block_align = 4;
    track.parameters->bits_per_coded_sample = 16;
    track.sample_bytes = 4;
    track.intra = true;
    return track;
}

template <class... T>
mov::MovieSpec movie(T&&... tracks) {
    mov::MovieSpec spec;
    (spec.tracks.push_back(std::forward<T>(tracks)), ...);
    return spec;
}

/// The time of frame `n`, cut to whole nanoseconds as GStreamer does.
inline int64_t frame_ns(int64_t n, Rational rate) { return scale_round(n * 1000000000, rate.den, rate.num); }

} // namespace onair::test

// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/media_track.hpp"

#include "engine/messages.hpp"

#include <algorithm>
#include <string>

namespace onair::mov {

namespace {

std::string seconds_text(int64_t ticks, int64_t timescale) {
    std::string text = std::to_string(static_cast<double>(ticks) / static_cast<double>(timescale));
    return text + " s";
}

} // namespace

MediaTrack::MediaTrack(TrackSpec spec, Brand brand, uint32_t id)
    : spec_(std::move(spec)), description_(describe_track(spec_, brand)), timescale_(track_timescale(spec_)), id_(id),
      clock_(timescale_, spec_.frame_rate, spec_.intra) {
    if (spec_.sample_bytes) samples_.emplace(timescale_);
    if (!spec_.is_video()) last_duration_ = spec_.parameters->frame_size;
}

int64_t MediaTrack::frame_ticks() const {
    return spec_.frame_rate.num > 0 ? scale_round(timescale_, spec_.frame_rate.den, spec_.frame_rate.num) : 0;
}

void MediaTrack::begin_at_start() { at_start_ = packets_ == 0; }

uint32_t MediaTrack::bit_rate() const {
    if (index.media_duration() <= 0) return 0;
    const int64_t bits = scale_round(static_cast<int64_t>(index.bytes() * 8), timescale_, index.media_duration());
    return static_cast<uint32_t>(std::min<int64_t>(bits, UINT32_MAX));
}

void MediaTrack::present(int64_t pts, int64_t duration) {
    first_pts_ = packets_ == 0 ? pts : std::min(first_pts_, pts);
    end_pts_ = packets_ == 0 ? pts + duration : std::max(end_pts_, pts + duration);
}

Piece MediaTrack::accept_one(const Packet& packet) {
    const int64_t last = clock_.last_dts();
    const TrackClock::Answer answer = clock_.next(packet.times);
    if (answer.backwards)
        throw error(Msg::backwards,
                    {spec_.name, seconds_text(answer.ticks.dts, timescale_), seconds_text(last, timescale_)});
    if (packets_ == 0) first_dts_ = answer.ticks.dts;
    if (packets_ > 0 && answer.ticks.duration == 0 && last_duration_ == 0) last_duration_ = answer.ticks.dts - last;
    if (answer.ticks.duration > 0) last_duration_ = answer.ticks.duration;
    present(answer.ticks.pts, last_duration_);
    Piece piece;
    piece.payload = packet.payload;
    piece.pts = answer.ticks.pts;
    piece.usual_duration = last_duration_;
    piece.sample.size = static_cast<uint32_t>(packet.payload.size);
    piece.sample.dts = answer.ticks.dts;
    piece.sample.composition = answer.ticks.pts - answer.ticks.dts;
    piece.sample.key = packet.key;
    return piece;
}

std::vector<Piece> MediaTrack::accept_samples(const Packet& packet, const Warn& warn) {
    std::vector<Piece> pieces;
    const auto add = [&](int64_t position, int64_t count, Payload payload) {
        Piece piece;
        piece.payload = std::move(payload);
        piece.pts = piece.sample.dts = position;
        piece.sample.count = static_cast<uint32_t>(count);
        piece.sample.size = static_cast<uint32_t>(spec_.sample_bytes);
        piece.sample.duration = piece.usual_duration = 1;
        pieces.push_back(std::move(piece));
    };
    const int64_t count = static_cast<int64_t>(packet.payload.size / spec_.sample_bytes);
    const SampleCounter::Step step = samples_->next(clock_.to_ticks(packet.times.pts), count);
    if (step.overlap && !warned_ && warn) {
        warned_ = true;
        warn(error(Msg::audio_overlap, {spec_.name, std::to_string(step.overlap * 1000 / timescale_)}));
    }
    const int64_t begin = step.position - step.fill;
    if (packets_ == 0) first_dts_ = begin;
    present(begin, step.fill + count);
    const int64_t most = timescale_; // a second of silence at a time, the same memory each time
    Payload silence;
    if (step.fill)
        silence =
            Payload::owned(std::vector<uint8_t>(static_cast<size_t>(std::min(step.fill, most)) * spec_.sample_bytes));
    for (int64_t done = 0; done < step.fill; done += most) {
        const int64_t now = std::min(most, step.fill - done);
        Payload part = silence;
        part.size = static_cast<size_t>(now) * spec_.sample_bytes;
        part.bytes = part.bytes.first(part.size);
        add(begin + done, now, std::move(part));
    }
    add(step.position, count, packet.payload);
    return pieces;
}

std::vector<Piece> MediaTrack::accept(const Packet& packet, const Warn& warn) {
    if (packet.payload.size == 0) return {};
    if (packet.payload.size > UINT32_MAX)
        throw error(Msg::packet_too_large, {spec_.name, std::to_string(packet.payload.size)});
    std::vector<Piece> pieces;
    if (samples_)
        pieces = accept_samples(packet, warn);
    else
        pieces.push_back(accept_one(packet));
    ++packets_;
    return pieces;
}

} // namespace onair::mov

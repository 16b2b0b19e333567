// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/mov_writer.hpp"

#include "common/av/av_error.hpp"
#include "engine/messages.hpp"

#include <algorithm>
#include <climits>
#include <new>

extern "C" {
#include <libavformat/avformat.h>
#include <libavutil/timecode.h>
}

namespace onair::mov {

namespace {

constexpr AVRational no_rate_time_base{1, 90000}; // of pictures without a fixed rate

AVRational to_av(const Rational& r) { return {static_cast<int>(r.num), static_cast<int>(r.den)}; }

/// libavformat takes the denominator of a stream's time base and doubles it until it is at least 10000 (movenc.c,
/// mov_init). With the frame rate's numerator a picture lasts a whole number of ticks: 1001 at 30000.
AVRational time_base_of(const TrackSpec& spec) {
    if (spec.parameters->codec_type == AVMEDIA_TYPE_AUDIO) return {1, spec.parameters->sample_rate};
    return spec.frame_rate.num > 0 ? to_av(spec.frame_rate.inverse()) : no_rate_time_base;
}

/// Edit lists are in movie ticks: with the video's own timescale they fall on pictures. The default of 1000 does not.
int movie_timescale(const std::vector<TrackSpec>& tracks) {
    const auto video = std::find_if(tracks.begin(), tracks.end(),
                                    [](const TrackSpec& t) { return t.parameters->codec_type == AVMEDIA_TYPE_VIDEO; });
    int64_t scale = time_base_of(video == tracks.end() ? tracks.front() : *video).den;
    while (scale < 10000)
        scale *= 2;
    return static_cast<int>(scale);
}

/// libavutil must count the same start as we do: 5.1 knows no drop frame at 120000/1001, for one. A track that it would
/// leave out, or write wrongly, is an error before anything is written.
void check_timecode(const TrackSpec& spec, void* log_context) {
    AVTimecode counted{};
    av::LogCollector log;
    const TimecodeStart& start = *spec.timecode;
    const int result = av_timecode_init_from_string(&counted, to_av(spec.frame_rate), start.text.c_str(), log_context);
    const int64_t ours = to_frames(start.address, tc::Rate(spec.frame_rate, start.drop_frame));
    if (result < 0 || counted.start != ours)
        throw error(Msg::timecode_refused, {start.text, to_text(spec.frame_rate)},
                    log.with(result < 0
                                 ? av::error_text("av_timecode_init_from_string", result)
                                 : "frame number " + std::to_string(counted.start) + ", not " + std::to_string(ours)));
}

std::string seconds_text(int64_t ticks, AVRational time_base) {
    return std::to_string(static_cast<double>(ticks) * av_q2d(time_base)) + " s";
}

} // namespace

void MovWriter::Free::operator()(AVFormatContext* context) const noexcept { avformat_free_context(context); }

MovWriter::MovWriter(Output& output, MovieSpec spec, Warn warn)
    : bridge_(output), warn_(std::move(warn)), packet_(av::make_packet()) {
    AVFormatContext* made = nullptr;
    {
        av::LogCollector log;
        const int result = avformat_alloc_output_context2(&made, nullptr, "mov", nullptr);
        context_.reset(made);
        check(result, "avformat_alloc_output_context2", "QuickTime", log);
    }
    context_->pb = bridge_.context();
    context_->flags |= AVFMT_FLAG_CUSTOM_IO;
    for (const auto& [key, value] : spec.metadata)
        av_dict_set(&context_->metadata, key.c_str(), value.c_str(), 0);
    const int timescale = movie_timescale(spec.tracks);
    for (TrackSpec& track : spec.tracks) {
        tracks_.push_back({std::move(track), nullptr, {}, {}, 0, false});
        add_stream(tracks_.back(), spec.reel_name);
    }
    write_header(timescale);
}

MovWriter::~MovWriter() = default;

void MovWriter::check(int result, const char* call, std::string_view what, const av::LogCollector& log) const {
    if (bridge_.stopped()) throw OutputStopped();
    if (result < 0) throw error(Msg::library_refused, {what}, log.with(av::error_text(call, result)));
}

void MovWriter::add_stream(Track& track, const std::string& reel_name) {
    AVStream* stream = avformat_new_stream(context_.get(), nullptr);
    if (!stream || avcodec_parameters_copy(stream->codecpar, track.spec.parameters.get()) < 0) throw std::bad_alloc();
    track.stream = stream;
    stream->time_base = time_base_of(track.spec);
    stream->sample_aspect_ratio = stream->codecpar->sample_aspect_ratio;
    if (track.spec.frame_rate.num > 0) stream->avg_frame_rate = stream->r_frame_rate = to_av(track.spec.frame_rate);
    if (!track.spec.timecode) return;
    check_timecode(track.spec, context_.get());
    av_dict_set(&stream->metadata, "timecode", track.spec.timecode->text.c_str(), 0);
    if (!reel_name.empty()) av_dict_set(&stream->metadata, "reel_name", reel_name.c_str(), 0);
}

void MovWriter::write_header(int movie_timescale) {
    av::Dictionary options;
    options.set("movie_timescale", int64_t{movie_timescale});
    av::LogCollector log;
    const int result = avformat_write_header(context_.get(), options.address());
    avio_flush(context_->pb);
    bridge_.flush();
    check(result, "avformat_write_header", "the movie's header", log);
    for (Track& track : tracks_) {
        // The time base is libavformat's to choose; only now it is known, and its numerator is 1.
        track.clock.emplace(track.stream->time_base.den, track.spec.frame_rate, track.spec.intra);
        if (track.spec.sample_bytes) track.samples.emplace(track.stream->time_base.den);
    }
}

void MovWriter::put(size_t index, std::span<const uint8_t> bytes, const Ticks& ticks, bool key, bool payload) {
    AVPacket& packet = *packet_;
    // Not counted (buf is null): av_write_frame() of this muxer is done with the bytes when it returns.
    packet.data = const_cast<uint8_t*>(bytes.data());
    packet.size = static_cast<int>(bytes.size());
    packet.stream_index = static_cast<int>(index);
    packet.pts = ticks.pts;
    packet.dts = ticks.dts;
    packet.duration = ticks.duration;
    packet.flags = key ? AV_PKT_FLAG_KEY : 0;
    av::LogCollector log;
    if (payload) bridge_.set_payload(bytes);
    const int result = av_write_frame(context_.get(), &packet);
    bridge_.set_payload({});
    av_packet_unref(&packet);
    check(result, "av_write_frame", "a packet of " + tracks_[index].spec.name, log);
}

void MovWriter::write_silence(size_t index, int64_t position, int64_t samples) {
    const Track& track = tracks_[index];
    const int64_t chunk = std::min<int64_t>(samples, track.stream->time_base.den); // a second at most
    const std::vector<uint8_t> zeros(static_cast<size_t>(chunk) * track.spec.sample_bytes);
    for (int64_t done = 0; done < samples; done += chunk) {
        const int64_t now = std::min(chunk, samples - done);
        put(index, std::span(zeros).first(static_cast<size_t>(now) * track.spec.sample_bytes),
            {position + done, position + done, now}, true, false);
    }
}

void MovWriter::write_samples(size_t index, const Packet& packet) {
    Track& track = tracks_[index];
    const int64_t count = static_cast<int64_t>(packet.bytes.size() / track.spec.sample_bytes);
    const SampleCounter::Step step = track.samples->next(track.clock->to_ticks(packet.times.pts), count);
    if (step.overlap && !track.warned && warn_) {
        track.warned = true;
        warn_(error(Msg::audio_overlap,
                    {track.spec.name, std::to_string(step.overlap * 1000 / track.stream->time_base.den)}));
    }
    if (step.fill) write_silence(index, step.position - step.fill, step.fill);
    put(index, packet.bytes, {step.position, step.position, count}, true, true);
}

void MovWriter::write(size_t index, const Packet& packet) {
    Track& track = tracks_.at(index);
    if (packet.bytes.empty()) return;
    if (packet.bytes.size() > INT_MAX)
        throw error(Msg::library_refused, {"a packet of " + track.spec.name}, "larger than 2 GiB");
    if (track.samples) {
        write_samples(index, packet);
    } else {
        const int64_t last = track.clock->last_dts();
        const TrackClock::Answer answer = track.clock->next(packet.times);
        if (answer.backwards)
            throw error(Msg::backwards, {track.spec.name, seconds_text(answer.ticks.dts, track.stream->time_base),
                                         seconds_text(last, track.stream->time_base)});
        put(index, packet.bytes, answer.ticks, packet.key, true);
    }
    ++track.packets;
}

void MovWriter::finish() {
    av::LogCollector log;
    const int result = av_write_trailer(context_.get());
    avio_flush(context_->pb);
    bridge_.flush();
    check(result, "av_write_trailer", "the movie box", log);
}

} // namespace onair::mov

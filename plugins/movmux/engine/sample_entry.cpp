// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/sample_entry.hpp"

#include "common/av/av_error.hpp"
#include "engine/box_reader.hpp"
#include "engine/messages.hpp"

#include <memory>
#include <new>

extern "C" {
#include <libavformat/avformat.h>
#include <libavutil/mem.h>
}

namespace onair::mov {

namespace {

constexpr int64_t no_rate_timescale = 90000; // of pictures without a fixed rate
constexpr int64_t least_timescale = 10000;

AVRational to_av(const Rational& r) { return {static_cast<int>(r.num), static_cast<int>(r.den)}; }

/// A movie in memory.
class InitMovie {
  public:
    explicit InitMovie(Brand brand) {
        AVFormatContext* made = nullptr;
        const char* name = brand == Brand::mp4 ? "mp4" : "mov";
        check(avformat_alloc_output_context2(&made, nullptr, name, nullptr), "avformat_alloc_output_context2", name);
        context_.reset(made);
        check(avio_open_dyn_buf(&made->pb), "avio_open_dyn_buf", name);
        made->flags |= AVFMT_FLAG_BITEXACT; // no library version in the file
    }
    AVFormatContext* get() const { return context_.get(); }

    void add_track(const TrackSpec& track) {
        AVStream* stream = avformat_new_stream(get(), nullptr);
        if (!stream || avcodec_parameters_copy(stream->codecpar, track.parameters.get()) < 0) throw std::bad_alloc();
        stream->time_base = {1, static_cast<int>(track_timescale(track))};
        stream->sample_aspect_ratio = stream->codecpar->sample_aspect_ratio;
        if (track.frame_rate.num > 0) stream->avg_frame_rate = stream->r_frame_rate = to_av(track.frame_rate);
    }

    /// The movie box of a movie with the one packet `first`.
    std::vector<uint8_t> write(std::vector<uint8_t> first, const std::string& what) {
        check(avformat_write_header(get(), nullptr), "avformat_write_header", what);
        const av::PacketPtr packet = av::make_packet();
        first.resize(first.size() + AV_INPUT_BUFFER_PADDING_SIZE);
        packet->data = first.data();
        packet->size = static_cast<int>(first.size() - AV_INPUT_BUFFER_PADDING_SIZE);
        packet->pts = packet->dts = 0;
        packet->duration = 1;
        packet->flags = AV_PKT_FLAG_KEY;
        check(av_write_frame(get(), packet.get()), "av_write_frame", what);
        check(av_write_trailer(get()), "av_write_trailer", what);
        uint8_t* data = nullptr;
        const int size = avio_close_dyn_buf(get()->pb, &data);
        get()->pb = nullptr;
        std::vector<uint8_t> bytes(data, data + size);
        av_free(data);
        return bytes;
    }

  private:
    struct Free {
        void operator()(AVFormatContext* context) const noexcept {
            if (context->pb) {
                uint8_t* data = nullptr;
                avio_close_dyn_buf(context->pb, &data);
                av_free(data);
            }
            avformat_free_context(context);
        }
    };
    void check(int result, const char* call, const std::string& what) const {
        if (result < 0) throw error(Msg::library_refused, {what}, log_.with(av::error_text(call, result)));
    }

    av::LogCollector log_;
    std::unique_ptr<AVFormatContext, Free> context_;
};

const Box& movie_box(const std::vector<Box>& boxes, const std::string& what) {
    for (const Box& box : boxes)
        if (box.type == "moov") return box;
    throw error(Msg::library_refused, {what}, "there is no movie box in what it wrote");
}

std::vector<uint8_t> copy_of(const Box& box) { return {box.bytes.begin(), box.bytes.end()}; }

} // namespace

int64_t track_timescale(const TrackSpec& track) {
    if (!track.is_video()) return track.parameters->sample_rate;
    int64_t scale = track.frame_rate.num > 0 ? track.frame_rate.num : no_rate_timescale;
    while (scale < least_timescale)
        scale *= 2;
    return scale;
}

TrackDescription describe_track(const TrackSpec& track, Brand brand) {
    const std::string what = "the movie's header for " + track.name;
    InitMovie movie(brand);
    movie.add_track(track);
    std::vector<uint8_t> first = track.first;
    if (first.empty()) first.resize(track.sample_bytes ? track.sample_bytes : 1);
    if (track.sample_bytes) first.resize(track.sample_bytes);
    const std::vector<uint8_t> bytes = movie.write(std::move(first), what);
    const std::vector<Box> boxes = parse_boxes(bytes);
    const Box* trak = movie_box(boxes, what).child("trak");
    const Box* stsd = trak ? trak->find("mdia/minf/stbl/stsd") : nullptr;
    if (!stsd || stsd->children.empty())
        throw error(Msg::library_refused, {what}, "there is no sample description in what it wrote");
    TrackDescription made;
    made.entry = copy_of(stsd->children.front());
    if (const Box* tapt = trak->child("tapt")) made.extra = copy_of(*tapt);
    return made;
}

std::vector<uint8_t> describe_metadata(const std::vector<std::pair<std::string, std::string>>& metadata, Brand brand) {
    if (metadata.empty()) return {};
    const std::string what = "the movie's tags";
    TrackSpec sound; // a movie must have a track
    sound.parameters = av::make_codec_parameters();
    sound.parameters->codec_type = AVMEDIA_TYPE_AUDIO;
    sound.parameters->codec_id = AV_CODEC_ID_MP3; // in both kinds of movie, without extradata
    sound.parameters->sample_rate = 48000;
    sound.parameters->ch_layout.order = AV_CHANNEL_ORDER_UNSPEC;
    sound.parameters->ch_layout.nb_channels = 2;
    InitMovie movie(brand);
    movie.add_track(sound);
    for (const auto& [key, value] : metadata)
        av_dict_set(&movie.get()->metadata, key.c_str(), value.c_str(), 0);
    const std::vector<uint8_t> bytes = movie.write({0xff, 0xfb, 0x90, 0}, what);
    const std::vector<Box> boxes = parse_boxes(bytes);
    const Box* udta = movie_box(boxes, what).child("udta");
    return udta ? copy_of(*udta) : std::vector<uint8_t>();
}

} // namespace onair::mov

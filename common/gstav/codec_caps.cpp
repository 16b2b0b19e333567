// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "common/gstav/codec_caps.hpp"

#include "common/gst/maps.hpp"
#include "common/gst/ref_ptr.hpp"

#include <gst/audio/audio.h>
#include <gst/video/video.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <iterator>

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavcodec/defs.h>
#include <libavutil/channel_layout.h>
#include <libavutil/mem.h>
#include <libavutil/pixfmt.h>
}

namespace onair::gstav {

namespace {

enum class Data { none, optional, required }; ///< codec_data

constexpr uint32_t no_tag = 0; ///< libavformat finds the QuickTime code by the codec

/// The table. `caps` selects a row (first match) and is the pad template's; `tag` is the QuickTime sample entry.
struct Row {
    AVMediaType type;
    const char* caps;
    AVCodecID codec;
    uint32_t tag;
    Data data;
    bool intra;
    AVPixelFormat format; ///< raw video only
};

constexpr AVMediaType video = AVMEDIA_TYPE_VIDEO, audio = AVMEDIA_TYPE_AUDIO;
constexpr AVPixelFormat coded = AV_PIX_FMT_NONE;
#define SIZE "width=(int)[1,65535],height=(int)[1,65535]" // 16 bits in the sample description
#define PCM "audio/x-raw,layout=interleaved,rate=(int)[1,2147483647],channels=(int)[1,64],format="
// 64 channels: written and read back with ffprobe.

constexpr Row rows[] = {
    // Apple ProRes: codes of the white paper "Apple ProRes", as in FFmpeg's isom_tags.c
    {video, "video/x-prores,variant=(string)proxy," SIZE, AV_CODEC_ID_PRORES, MKTAG('a', 'p', 'c', 'o'), Data::none,
     true, coded},
    {video, "video/x-prores,variant=(string)lt," SIZE, AV_CODEC_ID_PRORES, MKTAG('a', 'p', 'c', 's'), Data::none, true,
     coded},
    {video, "video/x-prores,variant=(string)standard," SIZE, AV_CODEC_ID_PRORES, MKTAG('a', 'p', 'c', 'n'), Data::none,
     true, coded},
    {video, "video/x-prores,variant=(string)hq," SIZE, AV_CODEC_ID_PRORES, MKTAG('a', 'p', 'c', 'h'), Data::none, true,
     coded},
    {video, "video/x-prores,variant=(string)4444," SIZE, AV_CODEC_ID_PRORES, MKTAG('a', 'p', '4', 'h'), Data::none,
     true, coded},
    {video, "video/x-prores,variant=(string)4444xq," SIZE, AV_CODEC_ID_PRORES, MKTAG('a', 'p', '4', 'x'), Data::none,
     true, coded},
    // AVdn or AVdh: known from the first picture only
    {video, "video/x-dnxhd," SIZE, AV_CODEC_ID_DNXHD, no_tag, Data::none, true, coded},
    {video, "video/x-h264,stream-format=(string)avc,alignment=(string)au," SIZE, AV_CODEC_ID_H264,
     MKTAG('a', 'v', 'c', '1'), Data::required, false, coded},
    {video, "video/x-h265,stream-format=(string)hvc1,alignment=(string)au," SIZE, AV_CODEC_ID_HEVC,
     MKTAG('h', 'v', 'c', '1'), Data::required, false, coded},
    {video, "video/mpeg,mpegversion=(int)4,systemstream=(boolean)false," SIZE, AV_CODEC_ID_MPEG4,
     MKTAG('m', 'p', '4', 'v'), Data::optional, false, coded},
    {video, "image/jpeg," SIZE, AV_CODEC_ID_MJPEG, MKTAG('j', 'p', 'e', 'g'), Data::none, true, coded},
    {video, "video/x-raw,format=v210," SIZE, AV_CODEC_ID_V210, MKTAG('v', '2', '1', '0'), Data::none, true,
     AV_PIX_FMT_YUV422P10},
    {video, "video/x-raw,format=UYVY," SIZE, AV_CODEC_ID_RAWVIDEO, MKTAG('2', 'v', 'u', 'y'), Data::none, true,
     AV_PIX_FMT_UYVY422},
    {video, "video/x-raw,format=RGB," SIZE, AV_CODEC_ID_RAWVIDEO, MKTAG('r', 'a', 'w', ' '), Data::none, true,
     AV_PIX_FMT_RGB24},
    {audio, PCM "S16LE", AV_CODEC_ID_PCM_S16LE, no_tag, Data::none, true, coded},
    {audio, PCM "S16BE", AV_CODEC_ID_PCM_S16BE, no_tag, Data::none, true, coded},
    {audio, PCM "S24LE", AV_CODEC_ID_PCM_S24LE, no_tag, Data::none, true, coded},
    {audio, PCM "S24BE", AV_CODEC_ID_PCM_S24BE, no_tag, Data::none, true, coded},
    {audio, PCM "S32LE", AV_CODEC_ID_PCM_S32LE, no_tag, Data::none, true, coded},
    {audio, PCM "S32BE", AV_CODEC_ID_PCM_S32BE, no_tag, Data::none, true, coded},
    {audio, "audio/mpeg,mpegversion=(int)4,stream-format=(string)raw,rate=(int)[1,2147483647],channels=(int)[1,8]",
     AV_CODEC_ID_AAC, MKTAG('m', 'p', '4', 'a'), Data::required, true, coded},
};
#undef SIZE
#undef PCM

constexpr int aac_frame = 1024; ///< samples; the length that durations show is taken from the packets

const std::array<gst::CapsPtr, std::size(rows)>& row_caps() {
    static const auto all = [] {
        std::array<gst::CapsPtr, std::size(rows)> made;
        for (size_t i = 0; i < made.size(); ++i) {
            made[i].reset(gst_caps_from_string(rows[i].caps));
            // Alive as long as the process.
            GST_MINI_OBJECT_FLAG_SET(made[i].get(), GST_MINI_OBJECT_FLAG_MAY_BE_LEAKED);
        }
        return made;
    }();
    return all;
}

/// A row takes caps that have all its fields; fields beyond them do not matter.
const Row* find_row(const GstCaps* caps) {
    for (size_t i = 0; i < std::size(rows); ++i)
        if (gst_caps_is_subset(caps, row_caps()[i].get())) return &rows[i];
    return nullptr;
}

bool set_extradata(AVCodecParameters& parameters, const GstStructure* structure, Data data, std::string& why) {
    const GValue* value = gst_structure_get_value(structure, "codec_data");
    GstBuffer* buffer = value && GST_VALUE_HOLDS_BUFFER(value) ? gst_value_get_buffer(value) : nullptr;
    if (data == Data::none || (data == Data::optional && !buffer)) return true;
    if (!buffer || gst_buffer_get_size(buffer) == 0) {
        why = codec_data_missing;
        return false;
    }
    const gst::BufferMap map(buffer, GST_MAP_READ);
    if (!map) {
        why = "codec_data cannot be read";
        return false;
    }
    parameters.extradata = static_cast<uint8_t*>(av_mallocz(map.bytes().size() + AV_INPUT_BUFFER_PADDING_SIZE));
    if (!parameters.extradata) throw std::bad_alloc();
    parameters.extradata_size = static_cast<int>(map.bytes().size());
    std::memcpy(parameters.extradata, map.bytes().data(), map.bytes().size());
    return true;
}

/// GStreamer's colour values and FFmpeg's are both tied to the code points of ISO/IEC 23091-2 (H.273).
void set_colour(AVCodecParameters& parameters, const GstStructure* structure) {
    const char* text = gst_structure_get_string(structure, "colorimetry");
    GstVideoColorimetry colour{};
    if (!text || !gst_video_colorimetry_from_string(&colour, text)) return;
    parameters.color_primaries = static_cast<AVColorPrimaries>(gst_video_color_primaries_to_iso(colour.primaries));
    parameters.color_trc =
        static_cast<AVColorTransferCharacteristic>(gst_video_transfer_function_to_iso(colour.transfer));
    parameters.color_space = static_cast<AVColorSpace>(gst_video_color_matrix_to_iso(colour.matrix));
    if (colour.range == GST_VIDEO_COLOR_RANGE_0_255) parameters.color_range = AVCOL_RANGE_JPEG;
    if (colour.range == GST_VIDEO_COLOR_RANGE_16_235) parameters.color_range = AVCOL_RANGE_MPEG;
}

/// Fields of interleaved pictures are woven: details 9 and 14 of the `fiel` atom (Apple TN2162), which FFmpeg calls TB
/// and BT. An order that the caps leave open stays unknown rather than guessed.
void set_fields(AVCodecParameters& parameters, const GstStructure* structure) {
    const char* mode = gst_structure_get_string(structure, "interlace-mode");
    const char* order = gst_structure_get_string(structure, "field-order");
    if (!mode) return;
    if (std::strcmp(mode, "progressive") == 0) parameters.field_order = AV_FIELD_PROGRESSIVE;
    if (std::strcmp(mode, "interleaved") != 0 || !order) return;
    if (std::strcmp(order, "top-field-first") == 0) parameters.field_order = AV_FIELD_TB;
    if (std::strcmp(order, "bottom-field-first") == 0) parameters.field_order = AV_FIELD_BT;
}

bool set_video(CodecStream& stream, const Row& row, const GstCaps* caps, std::string& why) {
    AVCodecParameters& parameters = *stream.parameters;
    const GstStructure* structure = gst_caps_get_structure(caps, 0);
    gst_structure_get_int(structure, "width", &parameters.width);
    gst_structure_get_int(structure, "height", &parameters.height);
    int num = 0, den = 1;
    if (gst_structure_get_fraction(structure, "framerate", &num, &den) && num > 0)
        stream.frame_rate = Rational(num, den);
    if (gst_structure_get_fraction(structure, "pixel-aspect-ratio", &num, &den) && num > 0)
        parameters.sample_aspect_ratio = {num, den};
    set_colour(parameters, structure);
    set_fields(parameters, structure);
    parameters.format = row.format;
    if (row.format == coded) return true;
    GstVideoInfo info;
    if (!gst_video_info_from_caps(&info, caps)) {
        why = "the caps are not those of raw video";
        return false;
    }
    // QuickTime's rows of RGB are padded to 2 bytes (QuickTime File Format, "raw "), GStreamer's to 4.
    if (row.format == AV_PIX_FMT_RGB24 && GST_VIDEO_INFO_PLANE_STRIDE(&info, 0) != (info.width * 3 + 1) / 2 * 2) {
        why = "rows of RGB of this width are padded; use a width that is a multiple of 4";
        return false;
    }
    stream.unit_bytes = GST_VIDEO_INFO_SIZE(&info);
    return true;
}

struct Position {
    GstAudioChannelPosition gst;
    uint64_t av;
};
constexpr Position positions[] = {
    {GST_AUDIO_CHANNEL_POSITION_FRONT_LEFT, AV_CH_FRONT_LEFT},
    {GST_AUDIO_CHANNEL_POSITION_FRONT_RIGHT, AV_CH_FRONT_RIGHT},
    {GST_AUDIO_CHANNEL_POSITION_FRONT_CENTER, AV_CH_FRONT_CENTER},
    {GST_AUDIO_CHANNEL_POSITION_LFE1, AV_CH_LOW_FREQUENCY},
    {GST_AUDIO_CHANNEL_POSITION_REAR_LEFT, AV_CH_BACK_LEFT},
    {GST_AUDIO_CHANNEL_POSITION_REAR_RIGHT, AV_CH_BACK_RIGHT},
    {GST_AUDIO_CHANNEL_POSITION_FRONT_LEFT_OF_CENTER, AV_CH_FRONT_LEFT_OF_CENTER},
    {GST_AUDIO_CHANNEL_POSITION_FRONT_RIGHT_OF_CENTER, AV_CH_FRONT_RIGHT_OF_CENTER},
    {GST_AUDIO_CHANNEL_POSITION_REAR_CENTER, AV_CH_BACK_CENTER},
    {GST_AUDIO_CHANNEL_POSITION_SIDE_LEFT, AV_CH_SIDE_LEFT},
    {GST_AUDIO_CHANNEL_POSITION_SIDE_RIGHT, AV_CH_SIDE_RIGHT},
    {GST_AUDIO_CHANNEL_POSITION_TOP_FRONT_LEFT, AV_CH_TOP_FRONT_LEFT},
    {GST_AUDIO_CHANNEL_POSITION_TOP_FRONT_RIGHT, AV_CH_TOP_FRONT_RIGHT},
    {GST_AUDIO_CHANNEL_POSITION_TOP_FRONT_CENTER, AV_CH_TOP_FRONT_CENTER},
    {GST_AUDIO_CHANNEL_POSITION_TOP_CENTER, AV_CH_TOP_CENTER},
    {GST_AUDIO_CHANNEL_POSITION_TOP_REAR_LEFT, AV_CH_TOP_BACK_LEFT},
    {GST_AUDIO_CHANNEL_POSITION_TOP_REAR_RIGHT, AV_CH_TOP_BACK_RIGHT},
    {GST_AUDIO_CHANNEL_POSITION_TOP_REAR_CENTER, AV_CH_TOP_BACK_CENTER},
};

/// FFmpeg's mask of GStreamer's; 0 where a position has no counterpart or the channels lie in another order there.
uint64_t av_mask(uint64_t gst_mask) {
    uint64_t mask = 0;
    for (unsigned bit = 0; bit < 64; ++bit) {
        if (!(gst_mask >> bit & 1)) continue;
        const auto at = std::find_if(std::begin(positions), std::end(positions),
                                     [&](const Position& p) { return static_cast<unsigned>(p.gst) == bit; });
        if (at == std::end(positions) || at->av < mask) return 0;
        mask |= at->av;
    }
    return mask;
}

/// Without a mask one and two channels are mono and stereo (GstAudioInfo's rule); more have no layout.
void set_channels(AVCodecParameters& parameters, const GstStructure* structure, int channels) {
    guint64 gst_mask = 0;
    const bool given = gst_structure_get(structure, "channel-mask", GST_TYPE_BITMASK, &gst_mask, nullptr);
    const uint64_t mask = given ? av_mask(gst_mask) : 0;
    if (!given && channels <= 2)
        av_channel_layout_default(&parameters.ch_layout, channels);
    else if (mask && av_channel_layout_from_mask(&parameters.ch_layout, mask) == 0 &&
             parameters.ch_layout.nb_channels == channels)
        return;
    else {
        av_channel_layout_uninit(&parameters.ch_layout);
        parameters.ch_layout.order = AV_CHANNEL_ORDER_UNSPEC;
        parameters.ch_layout.nb_channels = channels;
    }
}

bool set_audio(CodecStream& stream, const GstCaps* caps) {
    AVCodecParameters& parameters = *stream.parameters;
    const GstStructure* structure = gst_caps_get_structure(caps, 0);
    int channels = 0;
    gst_structure_get_int(structure, "channels", &channels);
    gst_structure_get_int(structure, "rate", &parameters.sample_rate);
    set_channels(parameters, structure, channels);
    if (parameters.codec_id == AV_CODEC_ID_AAC) {
        parameters.frame_size = aac_frame;
        return true;
    }
    const int bits = av_get_bits_per_sample(parameters.codec_id);
    parameters.bits_per_coded_sample = bits;
    parameters.block_align = bits / 8 * channels;
    stream.unit_bytes = static_cast<size_t>(parameters.block_align);
    return true;
}

} // namespace

GstCaps* codec_template_caps(AVMediaType type) {
    GstCaps* caps = gst_caps_new_empty();
    for (size_t i = 0; i < std::size(rows); ++i)
        if (rows[i].type == type) gst_caps_append(caps, gst_caps_copy(row_caps()[i].get()));
    return gst_caps_simplify(caps);
}

std::optional<CodecStream> stream_from_caps(const GstCaps* caps, std::string& why) {
    const Row* row = find_row(caps);
    if (!row) {
        why = not_in_table;
        return std::nullopt;
    }
    CodecStream stream;
    stream.parameters = av::make_codec_parameters();
    stream.intra = row->intra;
    stream.parameters->codec_type = row->type;
    stream.parameters->codec_id = row->codec;
    stream.parameters->codec_tag = row->tag;
    if (!set_extradata(*stream.parameters, gst_caps_get_structure(caps, 0), row->data, why)) return std::nullopt;
    const bool good = row->type == video ? set_video(stream, *row, caps, why) : set_audio(stream, caps);
    if (!good) return std::nullopt;
    return stream;
}

bool same_description(const AVCodecParameters& a, const AVCodecParameters& b) {
    return a.codec_id == b.codec_id && a.codec_tag == b.codec_tag && a.format == b.format && a.width == b.width &&
           a.height == b.height && a.sample_aspect_ratio.num == b.sample_aspect_ratio.num &&
           a.sample_aspect_ratio.den == b.sample_aspect_ratio.den && a.color_primaries == b.color_primaries &&
           a.color_trc == b.color_trc && a.color_space == b.color_space && a.color_range == b.color_range &&
           a.field_order == b.field_order && a.sample_rate == b.sample_rate &&
           av_channel_layout_compare(&a.ch_layout, &b.ch_layout) == 0 && a.extradata_size == b.extradata_size &&
           (a.extradata_size == 0 || std::memcmp(a.extradata, b.extradata, static_cast<size_t>(a.extradata_size)) == 0);
}

} // namespace onair::gstav

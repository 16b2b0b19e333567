// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
// The table from caps to codec parameters.
#include "common/gst/ref_ptr.hpp"
#include "common/gstav/codec_caps.hpp"

#include <doctest/doctest.h>

#include <string>

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavutil/channel_layout.h>
}

using namespace onair;

namespace {

struct Answer {
    std::optional<gstav::CodecStream> stream;
    std::string why;
};

Answer ask(const std::string& text) {
    Answer answer;
    const gst::CapsPtr caps(gst_caps_from_string(text.c_str()));
    REQUIRE(caps);
    answer.stream = gstav::stream_from_caps(caps.get(), answer.why);
    return answer;
}

const std::string size = ",width=64,height=48,framerate=25/1";

} // namespace

TEST_CASE("codec and sample entry of each row") {
    struct Row {
        std::string caps;
        AVCodecID codec;
        const char* tag;
        bool intra;
    };
    const std::string data = ",codec_data=(buffer)0142c01e";
    const Row rows[] = {
        {"video/x-prores,variant=(string)proxy" + size, AV_CODEC_ID_PRORES, "apco", true},
        {"video/x-prores,variant=(string)lt" + size, AV_CODEC_ID_PRORES, "apcs", true},
        {"video/x-prores,variant=(string)standard" + size, AV_CODEC_ID_PRORES, "apcn", true},
        {"video/x-prores,variant=(string)hq" + size, AV_CODEC_ID_PRORES, "apch", true},
        {"video/x-prores,variant=(string)4444" + size, AV_CODEC_ID_PRORES, "ap4h", true},
        {"video/x-prores,variant=(string)4444xq" + size, AV_CODEC_ID_PRORES, "ap4x", true},
        {"video/x-dnxhd" + size, AV_CODEC_ID_DNXHD, "", true},
        {"video/x-h264,stream-format=avc,alignment=au" + size + data, AV_CODEC_ID_H264, "avc1", false},
        {"video/x-h265,stream-format=hvc1,alignment=au" + size + data, AV_CODEC_ID_HEVC, "hvc1", false},
        {"video/x-raw,format=v210" + size, AV_CODEC_ID_V210, "v210", true},
        {"video/x-raw,format=UYVY" + size, AV_CODEC_ID_RAWVIDEO, "2vuy", true},
        {"audio/mpeg,mpegversion=4,stream-format=raw,rate=48000,channels=2" + data, AV_CODEC_ID_AAC, "mp4a", true},
    };
    for (const Row& row : rows) {
        CAPTURE(row.caps);
        const Answer answer = ask(row.caps);
        REQUIRE_MESSAGE(answer.stream, answer.why);
        const AVCodecParameters& p = *answer.stream->parameters;
        CHECK(p.codec_id == row.codec);
        uint32_t tag = 0;
        for (size_t i = 0; row.tag[0] && i < 4; ++i)
            tag |= static_cast<uint32_t>(row.tag[i]) << (8 * i);
        CHECK(p.codec_tag == tag);
        CHECK(answer.stream->intra == row.intra);
    }
}

TEST_CASE("PCM of all widths and both orders") {
    struct Row {
        const char* format;
        AVCodecID codec;
        int bytes;
    };
    const Row rows[] = {{"S16LE", AV_CODEC_ID_PCM_S16LE, 2}, {"S16BE", AV_CODEC_ID_PCM_S16BE, 2},
                        {"S24LE", AV_CODEC_ID_PCM_S24LE, 3}, {"S24BE", AV_CODEC_ID_PCM_S24BE, 3},
                        {"S32LE", AV_CODEC_ID_PCM_S32LE, 4}, {"S32BE", AV_CODEC_ID_PCM_S32BE, 4}};
    for (const Row& row : rows) {
        const Answer answer = ask("audio/x-raw,layout=interleaved,rate=96000,channels=6,channel-mask=(bitmask)0x3f,"
                                  "format=" +
                                  std::string(row.format));
        REQUIRE_MESSAGE(answer.stream, answer.why);
        CHECK(answer.stream->parameters->codec_id == row.codec);
        CHECK(answer.stream->unit_bytes == static_cast<size_t>(row.bytes) * 6);
        CHECK(answer.stream->parameters->sample_rate == 96000);
    }
}

TEST_CASE("channels: masks are translated, not copied") {
    struct Row {
        const char* fields;
        const char* layout;
    };
    const Row rows[] = {
        {"channels=1", "mono"},
        {"channels=2", "stereo"},
        {"channels=2,channel-mask=(bitmask)0x3", "stereo"},
        {"channels=6,channel-mask=(bitmask)0x3f", "5.1"},
        {"channels=6,channel-mask=(bitmask)0xc0f", "5.1(side)"}, // GStreamer's side channels are bits 10 and 11
        {"channels=8,channel-mask=(bitmask)0xc3f", "7.1"},
        {"channels=8,channel-mask=(bitmask)0x0", "8 channels"},
        {"channels=16", "16 channels"},
    };
    for (const Row& row : rows) {
        const Answer answer = ask("audio/x-raw,format=S24LE,layout=interleaved,rate=48000," + std::string(row.fields));
        REQUIRE_MESSAGE(answer.stream, answer.why);
        char text[64] = "";
        av_channel_layout_describe(&answer.stream->parameters->ch_layout, text, sizeof text);
        CHECK(std::string(text) == row.layout);
    }
}

TEST_CASE("colour, aspect ratio, fields, rate") {
    const Answer answer = ask("video/x-prores,variant=(string)hq,width=1920,height=1080,framerate=30000/1001,"
                              "pixel-aspect-ratio=4/3,colorimetry=bt2100-hlg,interlace-mode=interleaved,"
                              "field-order=bottom-field-first");
    REQUIRE_MESSAGE(answer.stream, answer.why);
    const AVCodecParameters& p = *answer.stream->parameters;
    CHECK(answer.stream->frame_rate == Rational(30000, 1001));
    CHECK(p.sample_aspect_ratio.num == 4);
    CHECK(p.color_primaries == AVCOL_PRI_BT2020);
    CHECK(p.color_trc == AVCOL_TRC_ARIB_STD_B67);
    CHECK(p.color_space == AVCOL_SPC_BT2020_NCL);
    CHECK(p.color_range == AVCOL_RANGE_MPEG);
    CHECK(p.field_order == AV_FIELD_BT);
    CHECK(ask("video/x-dnxhd,interlace-mode=progressive" + size).stream->parameters->field_order ==
          AV_FIELD_PROGRESSIVE);
    CHECK(ask("video/x-dnxhd" + size).stream->parameters->field_order == AV_FIELD_UNKNOWN);
    CHECK(ask("video/x-dnxhd,width=64,height=48,framerate=0/1").stream->frame_rate == Rational(0));
}

TEST_CASE("what cannot be written says why") {
    CHECK(ask("video/x-vp8" + size).why.find("not in the list") != std::string::npos);
    CHECK(ask("video/x-h264,stream-format=byte-stream,alignment=au" + size).why.find("not in the list") !=
          std::string::npos);
    CHECK(ask("video/x-h264,stream-format=avc,alignment=au" + size).why.find("codec_data is missing") !=
          std::string::npos);
    CHECK(ask("video/x-prores" + size).why.find("not in the list") != std::string::npos);
}

TEST_CASE("same description") {
    const auto same = [](const std::string& a, const std::string& b) {
        return gstav::same_description(*ask(a).stream->parameters, *ask(b).stream->parameters);
    };
    const std::string avc = "video/x-h264,stream-format=avc,alignment=au" + size + ",codec_data=(buffer)";
    CHECK(same(avc + "01020304", avc + "01020304"));
    CHECK_FALSE(same(avc + "01020304", avc + "01020305"));
    CHECK(same("video/x-dnxhd" + size, "video/x-dnxhd,profile=x" + size));
    CHECK_FALSE(same("video/x-dnxhd" + size, "video/x-dnxhd,width=64,height=50,framerate=25/1"));
}

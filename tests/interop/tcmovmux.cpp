// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
// What readers that are not ours find in the files.
#include "tests/support/error_of.hpp"
#include "tests/support/mov_feed.hpp"
#include "tests/support/skip.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace onair;
using namespace onair::test;

namespace {

std::string ffprobe(const std::string& options, const std::string& path) {
    return run_command("ffprobe -v quiet -of csv=p=0 " + options + " " + path).output;
}

size_t lines(const std::string& text) { return static_cast<size_t>(std::count(text.begin(), text.end(), '\n')); }

const std::string source = "videotestsrc num-buffers=12 ! video/x-raw,format=I422_10LE,width=64,height=48,framerate=";

} // namespace

TEST_CASE("the second user's problem: ProRes 1920x1080p30 with timecode 00:00:30:00") {
    if (!have_element("avenc_prores_ks")) return skip("avenc_prores_ks is not installed");
    if (!have_program("ffprobe")) return skip("ffprobe is not installed");
    ran();
    MovRun run("videotestsrc num-buffers=5 ! video/x-raw,format=I422_10LE,width=1920,height=1080,framerate=30/1 ! "
               "avenc_prores_ks profile=hq bitrate=2000000 ! m. ",
               "timecode=00:00:30:00");
    const PipelineResult result = run.run({});
    REQUIRE_MESSAGE(result.eos, all_said(result));
    const std::string streams =
        ffprobe("-count_packets -show_entries "
                "stream=codec_name,codec_tag_string,width,height,r_frame_rate,nb_read_packets:stream_tags=timecode",
                run.path());
    CHECK_MESSAGE(has(streams, "prores,apch,1920,1080,30/1,5,00:00:30:00"), streams);
    CHECK_MESSAGE(has(streams, "tmcd"), streams);
    CHECK(ffprobe("-show_entries format=nb_streams", run.path()) == "2\n");
    CHECK(run_command("ffmpeg -v error -i " + run.path() + " -f null -").output.empty());
}

TEST_CASE("drop frame, midnight and high rates read back as they were written") {
    if (!have_program("ffprobe")) return skip("ffprobe is not installed");
    ran();
    struct Row {
        int fps_n, fps_d;
        const char* timecode;
    };
    const Row rows[] = {{30000, 1001, "01:00:00;00"}, {30000, 1001, "10:01:00;02"}, {60000, 1001, "09:59:59;59"},
                        {30000, 1001, "00:59:59:29"}, {24000, 1001, "23:59:59:23"}, {25, 1, "23:59:59:24"},
                        {24, 1, "01:00:00:00"},       {50, 1, "12:34:56:49"},       {60, 1, "00:00:00:00"}};
    for (const Row& row : rows) {
        CAPTURE(std::string(row.timecode));
        MovRun run(appsrc("v", prores_caps + std::to_string(row.fps_n) + "/" + std::to_string(row.fps_d)) + " ! m. ",
                   "reel-name=A001 timecode=" + std::string(row.timecode));
        const PipelineResult result = run.run([&] { run.pictures("v", 3, row.fps_n, row.fps_d); });
        REQUIRE_MESSAGE(result.eos, all_said(result));
        const std::string tags = ffprobe("-show_entries stream=codec_type:stream_tags=timecode,reel_name", run.path());
        CHECK_MESSAGE(has(tags, "video," + std::string(row.timecode) + "\n"), tags);
        CHECK_MESSAGE(has(tags, "data,A001," + std::string(row.timecode) + "\n"), tags);
        if (!have_program("mediainfo")) continue;
        const std::string info = run_command("mediainfo '--Inform=Other;%TimeCode_FirstFrame%' " + run.path()).output;
        CHECK_MESSAGE(has(info, row.timecode), info);
    }
}

TEST_CASE("sound and picture stay together, whichever begins first") {
    if (!have_program("ffprobe")) return skip("ffprobe is not installed");
    ran();
    struct Row {
        GstClockTime video, sound;
        std::string video_pts, sound_pts;
    };
    const Row rows[] = {
        {5 * GST_SECOND, 5 * GST_SECOND, "0.000000", "0.000000"},
        {5 * GST_SECOND, 5500 * GST_MSECOND, "0.000000", "0.500000"},
        {5500 * GST_MSECOND, 5 * GST_SECOND, "0.500000", "0.000000"},
    };
    for (const Row& row : rows) {
        MovRun run(appsrc("v", prores_caps + "30000/1001") + " ! m. " + appsrc("a", pcm_caps) + " ! m.audio_0 ",
                   "timecode=01:00:00;00");
        const PipelineResult result = run.run([&] {
            run.pictures("v", 10, 30000, 1001, nullptr, row.video);
            run.sound("a", 3, row.sound);
        });
        REQUIRE_MESSAGE(result.eos, all_said(result));
        const auto first = [&](const char* stream) {
            const std::string text =
                ffprobe("-show_entries packet=pts_time -select_streams " + std::string(stream), run.path());
            return text.substr(0, text.find_first_of(",\n"));
        };
        CHECK(first("v:0") == row.video_pts);
        CHECK(first("a:0") == row.sound_pts);
        CHECK(first("d:0") == row.video_pts);
    }
}

TEST_CASE("B-frames: all packets, the first picture at 0, decoded without a word") {
    if (!have_element("x264enc")) return skip("x264enc is not installed");
    if (!have_program("ffmpeg")) return skip("ffmpeg is not installed");
    ran();
    MovRun run("videotestsrc num-buffers=60 ! video/x-raw,width=64,height=48,framerate=25/1 ! x264enc bframes=2 "
               "speed-preset=ultrafast ! m. ");
    const PipelineResult result = run.run({});
    REQUIRE_MESSAGE(result.eos, all_said(result));
    CHECK(lines(ffprobe("-show_entries packet=pts", run.path())) == 60);
    CHECK(has(ffprobe("-show_entries stream=start_time,duration,nb_frames", run.path()), "0.000000,2.400000,60"));
    const std::string frames =
        run_command("ffmpeg -v error -i " + run.path() + " -f framecrc - | grep -vc '^#'").output;
    CHECK(frames == "60\n");
    CHECK(run_command("ffmpeg -v error -i " + run.path() + " -f null -").output.empty());
}

TEST_CASE("codecs are read back as what they are") {
    if (!have_program("ffprobe")) return skip("ffprobe is not installed");
    struct Row {
        const char* needs;
        std::string branch;
        const char* expected;
    };
    const std::string tone = "audiotestsrc num-buffers=12 ! audio/x-raw,rate=48000,channels=";
    const Row rows[] = {
        {"avenc_prores_ks", source + "25/1 ! avenc_prores_ks profile=lt ! m. ", "prores,apcs"},
        {"avenc_dnxhd",
         "videotestsrc num-buffers=2 ! video/x-raw,format=Y42B,width=1280,height=720,framerate=25/1 ! "
         "avenc_dnxhd bitrate=90000000 ! m. ",
         "dnxhd,AVdn"},
        {"x265enc",
         "videotestsrc num-buffers=12 ! video/x-raw,width=128,height=96,framerate=25/1 ! x265enc "
         "speed-preset=ultrafast ! h265parse ! m. ",
         "hevc,hvc1"},
        {"videotestsrc", "videotestsrc num-buffers=3 ! video/x-raw,format=v210,width=70,height=48,framerate=25/1 ! m. ",
         "v210,v210"},
        {"videotestsrc", "videotestsrc num-buffers=3 ! video/x-raw,format=UYVY,width=64,height=48,framerate=25/1 ! m. ",
         "rawvideo,2vuy"},
        {"audiotestsrc", tone + "2,format=S16LE ! m. ", "pcm_s16le,sowt"},
        {"audiotestsrc", tone + "2,format=S16BE ! m. ", "pcm_s16be,twos"},
        {"audiotestsrc", tone + "2,format=S24LE ! m. ", "pcm_s24le,in24"},
        {"audiotestsrc", tone + "8,format=S24BE,channel-mask=(bitmask)0 ! m. ",
         "pcm_s24be,"}, // in24, lpcm from FFmpeg 9 on
        {"audiotestsrc", tone + "1,format=S32LE ! m. ", "pcm_s32le,in32"},
        {"avenc_aac", tone + "2 ! avenc_aac ! m. ", "aac,mp4a"},
    };
    for (const Row& row : rows) {
        CAPTURE(std::string(row.expected));
        if (!have_element(row.needs) || (std::string(row.needs) == "x265enc" && !have_element("h265parse"))) {
            skip(std::string(row.needs) + " is not installed");
            continue;
        }
        ran();
        MovRun run(row.branch);
        const PipelineResult result = run.run({});
        REQUIRE_MESSAGE(result.eos, all_said(result));
        const std::string said = ffprobe("-show_entries stream=codec_name,codec_tag_string", run.path());
        CHECK_MESSAGE(has(said, row.expected), said);
        if (!have_program("ffmpeg")) continue;
        const std::string decoded = run_command("ffmpeg -v error -i " + run.path() + " -f null -").output;
        CHECK_MESSAGE(decoded.empty(), decoded);
    }
}

TEST_CASE("channel layout, colour and fields survive") {
    if (!have_program("ffprobe")) return skip("ffprobe is not installed");
    ran();
    MovRun run(appsrc("v", prores_caps + "25/1,interlace-mode=interleaved,field-order=top-field-first,"
                                         "colorimetry=bt2100-hlg,pixel-aspect-ratio=4/3") +
               " ! m. audiotestsrc num-buffers=12 ! "
               "audio/x-raw,format=S24LE,rate=48000,channels=6,channel-mask=(bitmask)0x3f ! m.audio_0 ");
    const PipelineResult result = run.run([&] { run.pictures("v", 6, 25); });
    REQUIRE_MESSAGE(result.eos, all_said(result));
    const std::string said = run_command("ffprobe -v quiet -of default=nk=0 -show_entries "
                                         "stream=sample_aspect_ratio,color_space,color_transfer,color_primaries,"
                                         "field_order,channel_layout " +
                                         run.path())
                                 .output;
    for (const char* part : {"sample_aspect_ratio=4:3", "color_space=bt2020nc", "color_transfer=arib-std-b67",
                             "color_primaries=bt2020", "field_order=tb", "channel_layout=5.1"})
        CHECK_MESSAGE(has(said, part), said);
}

TEST_CASE("qtdemux and a decoder play the file: as many pictures as went in") {
    if (!have_element("avenc_prores_ks") || !have_element("qtdemux") || !have_element("avdec_prores"))
        return skip("avenc_prores_ks, avdec_prores or qtdemux is not installed");
    ran();
    MovRun run(source + "30000/1001 ! avenc_prores_ks profile=hq ! m. audiotestsrc num-buffers=20 ! "
                        "audio/x-raw,format=S24LE,rate=48000,channels=2 ! m. ",
               "timecode=01:00:00;00");
    const PipelineResult written = run.run({});
    REQUIRE_MESSAGE(written.eos, all_said(written));
    const PipelineResult result = run_launch("filesrc location=" + run.path() +
                                             " ! qtdemux name=d  d.video_0 ! queue ! avdec_prores ! videorate name=r ! "
                                             "fakesink  d.audio_0 ! queue ! fakesink");
    CHECK_MESSAGE(result.eos, all_said(result));
    CHECK(result.errors.empty());
    const PipelineResult counted =
        run_launch("filesrc location=" + run.path() + " ! qtdemux ! avdec_prores ! identity eos-after=13 ! fakesink");
    CHECK_MESSAGE(counted.eos, all_said(counted));
}

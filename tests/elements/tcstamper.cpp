// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/support/mov_feed.hpp"
#include "tests/support/mov_make.hpp"
#include "tests/support/skip.hpp"

#include <doctest/doctest.h>
#include <gst/app/app.h>
#include <gst/check/gstharness.h>
#include <gst/gst.h>
#include <gst/video/video.h>

#include <cstdint>
#include <cstdlib>
#include <map>
#include <string>
#include <vector>

using namespace onair;
using namespace onair::test;

namespace {

struct Stamped {
    PipelineResult result;
    std::map<GstClockTime, std::string> timecodes; ///< by PTS; "" where there is none
    std::vector<std::string> list() const {
        std::vector<std::string> out;
        for (const auto& [pts, text] : timecodes)
            out.push_back(text);
        return out;
    }
};

std::string timecode_of(GstBuffer* buffer) {
    const GstVideoTimeCodeMeta* meta = gst_buffer_get_video_time_code_meta(buffer);
    if (!meta) return {};
    return gst::CharPtr(gst_video_time_code_to_string(&meta->tc)).get();
}

/// Plays the video of `path` through tcstamper.
Stamped stamp(const std::string& path, const std::string& options = "", const std::string& demux = "qtdemux") {
    Stamped out;
    GstElement* pipeline = gst_parse_launch(("filesrc location=" + path + " ! " + demux +
                                             " name=d d.video_0 ! queue ! tcstamper location=" + path + " " + options +
                                             " ! appsink name=out sync=false")
                                                .c_str(),
                                            nullptr);
    const gst::ElementPtr sink(gst_bin_get_by_name(GST_BIN(pipeline), "out"));
    GstAppSinkCallbacks callbacks{};
    callbacks.new_sample = [](GstAppSink* app, gpointer user) {
        const gst::SamplePtr sample(gst_app_sink_pull_sample(app));
        GstBuffer* buffer = gst_sample_get_buffer(sample.get());
        static_cast<Stamped*>(user)->timecodes[GST_BUFFER_PTS(buffer)] = timecode_of(buffer);
        return GST_FLOW_OK;
    };
    gst_app_sink_set_callbacks(GST_APP_SINK(sink.get()), &callbacks, &out, nullptr);
    out.result = run_pipeline(pipeline, {}, 60 * GST_SECOND);
    gst_object_unref(pipeline);
    return out;
}

/// `count` timecodes from `text` on.
std::vector<std::string> counted(const std::string& text, Rational fps, int count) {
    const tc::Parsed start = tc::parse(text);
    const tc::Rate rate(fps, start.drop_frame);
    std::vector<std::string> out;
    for (int n = 0; n < count; ++n)
        out.push_back(tc::format_frames(to_frames(start, rate) + n, rate));
    return out;
}

/// Once for each try: run_pipeline() asks for PAUSED again after an error, which tries the file again.
bool said_once_a_try(const PipelineResult& result, const std::string& part) {
    return result.errors.size() == 2 && errors_with(result, part) == 2;
}

bool can_demux() {
    if (have_element("qtdemux")) return true;
    skip("needs qtdemux");
    return false;
}

} // namespace

TEST_CASE("what tcmovmux wrote") {
    if (!can_demux()) return;
    ran();
    struct Row {
        int fps_n, fps_d;
        const char* timecode;
    };
    for (const Row& row : {Row{25, 1, "01:00:00:00"}, Row{30000, 1001, "00:59:59;20"}, Row{60000, 1001, "10:00:59;50"},
                           Row{25, 1, "23:59:59:20"}, Row{24000, 1001, "01:00:00:00"}}) {
        CAPTURE(row.timecode);
        const MovRun run(appsrc("v", prores_caps + std::to_string(row.fps_n) + "/" + std::to_string(row.fps_d)) +
                             " ! m.",
                         std::string("timecode=") + row.timecode);
        REQUIRE(run.run([&] { run.pictures("v", 30, row.fps_n, row.fps_d); }).eos);
        const Stamped stamped = stamp(run.path());
        CHECK_MESSAGE(stamped.result.eos, all_said(stamped.result));
        CHECK(stamped.list() == counted(row.timecode, Rational(row.fps_n, row.fps_d), 30));
    }
}

TEST_CASE("B-frames") {
    if (!can_demux()) return;
    if (!have_element("x264enc") || !have_element("h264parse")) return skip("needs x264enc and h264parse");
    ran();
    const TempDir dir;
    for (const std::string mux : {"tcmovmux timecode=01:00:00:00", "qtmux"}) {
        if (mux == "qtmux" && (!have_element("qtmux") || !have_element("timecodestamper"))) continue;
        CAPTURE(mux);
        const std::string path = dir / "b.mov";
        REQUIRE(run_launch("videotestsrc num-buffers=30 ! video/x-raw,width=64,height=48,framerate=25/1 ! " +
                           std::string(mux == "qtmux" ? "timecodestamper set=always ! " : "") +
                           "x264enc bframes=3 b-adapt=false ! h264parse ! " + mux + " ! filesink location=" + path)
                    .eos);
        const Stamped stamped = stamp(path);
        CHECK(stamped.list() == counted(mux == "qtmux" ? "00:00:00:00" : "01:00:00:00", Rational(25), 30));
    }
}

TEST_CASE("what qtmux and ffmpeg wrote, drop frame too") {
    if (!can_demux()) return;
    const TempDir dir;
    const std::string path = dir / "a.mov";
    if (have_element("qtmux") && have_element("timecodestamper") && have_element("jpegenc")) {
        ran();
        REQUIRE(run_launch("videotestsrc num-buffers=40 ! video/x-raw,width=64,height=48,framerate=30000/1001 ! "
                           "timecodestamper drop-frame=true set=always ! jpegenc ! qtmux ! filesink location=" +
                           path)
                    .eos);
        CHECK(stamp(path).list() == counted("00:00:00;00", Rational(30000, 1001), 40));
    } else {
        skip("needs qtmux, timecodestamper and jpegenc");
    }
    if (!have_program("ffmpeg")) return skip("needs ffmpeg");
    ran();
    for (const std::string name : {"a.mov", "a.mp4"}) {
        CAPTURE(name);
        const std::string file = dir / name;
        REQUIRE(
            run_command("ffmpeg -v error -y -f lavfi -i testsrc=s=64x48:r=30000/1001:d=1.5 -c:v mpeg4 -bf 2 -timecode "
                        "'10:00:59;20' " +
                        file)
                .status == 0);
        const auto list = stamp(file).list();
        REQUIRE(list.size() >= 40);
        CHECK(list == counted("10:00:59;20", Rational(30000, 1001), static_cast<int>(list.size())));
    }
}

TEST_CASE("all samples and descriptions, edits, and timecode of half the rate") {
    if (!can_demux() || !have_element("jpegdec")) return;
    ran();
    const TempDir dir;
    MadeMovie movie;
    movie.descriptions = {{3, 30000, 1001, 30}, {2, 30000, 1001, 30}};
    movie.samples = {{20, 107892, 1}, {20, 540000, 2}, {20, 0, 2}};
    movie.write(dir / "multi.mov");
    const Stamped stamped = stamp(dir / "multi.mov");
    CHECK_MESSAGE(stamped.result.eos, all_said(stamped.result));
    auto wanted = counted("01:00:00;00", Rational(30000, 1001), 20);
    for (const char* start : {"05:00:00:00", "00:00:00:00"})
        for (const std::string& text : counted(start, Rational(30000, 1001), 20))
            wanted.push_back(text);
    CHECK(stamped.list() == wanted);

    MadeMovie half{.timescale = 60, .frame_ticks = 1, .descriptions = {{2, 60, 2, 30}}};
    half.samples = {{60, 108000, 1}};
    half.write(dir / "half.mov");
    CHECK(stamp(dir / "half.mov").list() == counted("01:00:00:00", Rational(60), 60));

    // The timecode begins half a second late; the video does not.
    MadeMovie late{.timescale = 60, .frame_ticks = 1, .descriptions = {{2, 60, 1, 60}}};
    late.samples = {{60, 216000, 1}};
    late.timecode_edits = {{30, -1}, {30, 0}};
    late.write(dir / "late.mov");
    const auto list = stamp(dir / "late.mov").list();
    REQUIRE(list.size() == 60);
    CHECK(list[29].empty());
    CHECK(list[30] == "01:00:00:00");
}

TEST_CASE("three runs of tcmovmux, in each mode") {
    if (!can_demux()) return;
    ran();
    for (const std::string options : {"mode=plain", "mode=faststart", "mode=fragmented fragment-duration=400",
                                      "mode=hybrid fragment-duration=400"}) {
        CAPTURE(options);
        const MovRun run(appsrc("v", prores_caps + "25/1") + " ! m.", options);
        std::vector<std::string> wanted;
        const PipelineResult result = run.run([&] {
            for (const auto& [start, count] :
                 {std::pair<const char*, int>{"01:00:00:00", 20}, {"05:00:00:00", 25}, {"23:59:59:10", 30}})
                for (const std::string& text : counted(start, Rational(25), count)) {
                    Piece piece;
                    piece.pts = wanted.size() * 40 * GST_MSECOND;
                    piece.timecode = text.c_str();
                    piece.timecode_fps_n = 25;
                    run.push("v", piece);
                    wanted.push_back(text);
                }
            run.eos("v");
        });
        REQUIRE_MESSAGE(result.eos, all_said(result));
        CHECK(stamp(run.path()).list() == wanted);
    }
}

TEST_CASE("a real camera file keeps every timecode") {
    const char* path = std::getenv("ONAIR_TEST_CAMERA_FILE");
    if (!path) return skip("set ONAIR_TEST_CAMERA_FILE to a camera's movie with timecode");
    if (!can_demux()) return;
    ran();
    const Stamped stamped = stamp(path);
    CHECK_MESSAGE(stamped.result.eos, all_said(stamped.result));
    const auto list = stamped.list();
    REQUIRE_FALSE(list.empty());
    for (const std::string& text : list)
        REQUIRE_FALSE(text.empty());
    if (const char* first = std::getenv("ONAIR_TEST_CAMERA_TIMECODE")) CHECK(list.front() == first);
    std::printf("%zu pictures, %s to %s\n", list.size(), list.front().c_str(), list.back().c_str());
}

TEST_CASE("files without timecode, and no files") {
    if (!can_demux()) return;
    ran();
    const TempDir dir;
    const MovRun run(appsrc("v", prores_caps + "25/1") + " ! m.");
    REQUIRE(run.run([&] { run.pictures("v", 5, 25, 1); }).eos);
    const Stamped required = stamp(run.path());
    CHECK_MESSAGE(said_once_a_try(required.result, "has no timecode track"), all_said(required.result));
    const Stamped passing = stamp(run.path(), "require=false");
    CHECK(passing.result.eos);
    CHECK(passing.result.warnings.size() == 1);
    CHECK(passing.list() == std::vector<std::string>(5));

    MadeMovie().write(dir / "one.mov");
    const Stamped second_track = stamp(dir / "one.mov", "track=1");
    CHECK(said_once_a_try(second_track.result, "Timecode track 1 of"));

    for (const auto& [location, says] : {std::pair<std::string, std::string>{"", "No file is set"},
                                         {"location=" + (dir / "none.mov"), "cannot be opened"},
                                         {"location=/", "it is not a regular file"},
                                         {"location=/bin/sh", "not a whole QuickTime or MP4 file"}}) {
        CAPTURE(location);
        const PipelineResult result = run_launch("fakesrc num-buffers=1 ! tcstamper " + location + " ! fakesink");
        CHECK_MESSAGE(said_once_a_try(result, says), all_said(result));
    }
}

TEST_CASE("data is not copied, a timecode that was there is replaced, and no time means no timecode") {
    const TempDir dir;
    MadeMovie().write(dir / "one.mov");
    GstHarness* harness = gst_harness_new_parse(("tcstamper location=" + (dir / "one.mov")).c_str());
    gst_harness_set_src_caps_str(harness, "image/jpeg,framerate=30000/1001");
    Piece piece;
    piece.pts = 0;
    piece.timecode = "09:09:09:09";
    GstBuffer* in = make_buffer(piece);
    gst_buffer_ref(in); // not writable
    gst_harness_push(harness, in);
    GstBuffer* out = gst_harness_pull(harness);
    CHECK(gst_buffer_peek_memory(out, 0) == gst_buffer_peek_memory(in, 0));
    CHECK(timecode_of(out) == "01:00:00;00");
    CHECK(timecode_of(in) == "09:09:09:09");
    CHECK(gst_buffer_get_n_meta(out, GST_VIDEO_TIME_CODE_META_API_TYPE) == 1);
    gst_buffer_unref(in);
    gst_buffer_unref(out);
    piece.pts = GST_CLOCK_TIME_NONE;
    piece.timecode = nullptr;
    gst_harness_push(harness, make_buffer(piece));
    out = gst_harness_pull(harness);
    CHECK(timecode_of(out).empty());
    gst_buffer_unref(out);
    gst_harness_teardown(harness);
}

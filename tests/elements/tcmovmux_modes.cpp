// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
// Modes and brands, live pipelines, what the application hears, and that payload is not copied.
#include "tests/support/mov_feed.hpp"
#include "tests/support/skip.hpp"

#include <doctest/doctest.h>

#include <gst/base/gstaggregator.h>

#include <algorithm>
#include <mutex>
#include <set>
#include <string>
#include <vector>

using namespace onair;
using namespace onair::test;

namespace {

const std::string video = appsrc("v", prores_caps + "25/1") + " ! m. ";
const std::string live_video = "videotestsrc is-live=true num-buffers=25 ! "
                               "video/x-raw,format=UYVY,width=64,height=48,framerate=50/1 ! queue ! m. ";

bool said(const PipelineResult& result, const std::string& part) {
    return std::any_of(result.messages.begin(), result.messages.end(),
                       [&](const std::string& m) { return m.find(part) != std::string::npos; });
}

/// A pipeline into a fifo: what comes out of its other end.
std::vector<uint8_t> through_pipe(const std::string& options) {
    TempDir dir;
    const std::string fifo = dir / "fifo", copy = dir / "copy.mov";
    run_command("mkfifo " + fifo + "; cat " + fifo + " >" + copy + " &");
    const PipelineResult result =
        run_launch("videotestsrc num-buffers=60 ! video/x-raw,format=UYVY,width=64,height=48,framerate=25/1 ! "
                   "tcmovmux timecode=01:00:00:00 " +
                       options + " ! filesink location=" + fifo,
                   20 * GST_SECOND);
    CHECK_MESSAGE(result.eos, all_said(result));
    for (int i = 0; i < 200; ++i) { // cat is done when the size stays
        const std::string size = run_command("stat -c %s " + copy).output;
        g_usleep(20000);
        if (size == run_command("stat -c %s " + copy).output && size.size() > 2) break;
    }
    std::ifstream file(copy, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

} // namespace

TEST_CASE("mode=auto: hybrid to a file, and what an application asks for") {
    struct Row {
        const char* options;
        std::vector<std::string> top;
        const char* message;
    };
    const Row rows[] = {
        {"", {"ftyp", "mdat", "moov"}, "mode=(string)hybrid, brand=(string)qt"},
        {"mode=hybrid fragment-duration=100", {"ftyp", "mdat", "moov"}, "mode=(string)hybrid"},
        {"fragment-duration=0", {"ftyp", "wide", "mdat", "moov"}, "mode=(string)plain"},
        {"max-index-bytes=1", {"ftyp", "free", "moov", "mdat", "moof", "mdat"}, "mode=(string)hybrid"},
        {"faststart=true", {"ftyp", "moov", "mdat"}, "mode=(string)faststart"},
        {"fragment-duration=1000", {"ftyp", "moov", "mdat", "moof", "mdat"}, "mode=(string)fragmented"},
        {"mode=plain fragment-duration=500", {"ftyp", "wide", "mdat", "moov"}, "mode=(string)plain"},
        {"mode=faststart", {"ftyp", "moov", "mdat"}, "mode=(string)faststart"},
        {"mode=fragmented", {"ftyp", "moov", "mdat", "moof", "mdat"}, "mode=(string)fragmented"},
    };
    for (const Row& row : rows) {
        CAPTURE(std::string(row.options));
        MovRun run(video, "timecode=10:00:00:00 " + std::string(row.options));
        const PipelineResult result = run.run([&] { run.pictures("v", 10, 25); });
        CHECK_MESSAGE(result.eos, all_said(result));
        CHECK_MESSAGE(said(result, row.message), all_said(result));
        CHECK(run.movie().top == row.top);
        CHECK(run.movie().first_sample(run.movie().by_handler("tmcd")) == 900000);
    }
}

TEST_CASE("a pipe: fragmented by itself, faststart when asked for") {
    const Mov fragments(through_pipe(""));
    CHECK(fragments.top ==
          std::vector<std::string>{"ftyp", "moov", "mdat", "moof", "mdat", "moof", "mdat", "moof", "mdat"});
    CHECK(fragments.first_sample(fragments.by_handler("tmcd")) == 90000);
    const Mov faststart(through_pipe("mode=faststart"));
    CHECK(faststart.top == std::vector<std::string>{"ftyp", "moov", "mdat"});
    CHECK(faststart.by_handler("vide").samples() == 60);
    CHECK(faststart.first_sample(faststart.by_handler("tmcd")) == 90000);
}

TEST_CASE("brand: by property and by what downstream takes") {
    const std::string source = appsrc("v", "video/mpeg,mpegversion=4,systemstream=false,width=64,height=48,"
                                           "framerate=25/1");
    struct Row {
        const char* options;
        const char* caps;
        const char* brand;
    };
    const Row rows[] = {{"", "", "qt  "},
                        {"", "video/quicktime", "qt  "},
                        {"", "video/quicktime,variant=apple", "qt  "},
                        {"", "video/quicktime,variant=iso", "isom"},
                        {"brand=mp4", "", "isom"},
                        {"brand=mp4", "video/quicktime", "isom"}};
    for (const Row& row : rows) {
        CAPTURE(std::string(row.options) + row.caps);
        TempDir dir;
        const std::string caps = row.caps[0] ? std::string(row.caps) + " ! " : "";
        GstElement* pipeline = gst_parse_launch((source + " ! tcmovmux " + row.options + " timecode=01:00:00:00 ! " +
                                                 caps + "filesink location=" + (dir / "a.mp4"))
                                                    .c_str(),
                                                nullptr);
        REQUIRE(pipeline);
        const PipelineResult result = run_pipeline(
            pipeline,
            [&] {
                const gst::ElementPtr v(gst_bin_get_by_name(GST_BIN(pipeline), "v"));
                for (guint64 n = 0; n < 5; ++n)
                    gst_app_src_push_buffer(GST_APP_SRC(v.get()), make_buffer({.pts = n * 40 * GST_MSECOND}));
                gst_app_src_end_of_stream(GST_APP_SRC(v.get()));
            },
            20 * GST_SECOND);
        gst_object_unref(pipeline);
        CHECK_MESSAGE(result.eos, all_said(result));
        const Mov mov = Mov::read(dir / "a.mp4");
        CHECK(mov.text(8, 4) == std::string(row.brand));
        CHECK(mov.first_sample(mov.by_handler("tmcd")) == 90000);
    }
}

TEST_CASE("payload goes out as the memory that came in, in plain and in fragments") {
    for (const char* mode : {"plain", "fragmented", "hybrid"}) {
        CAPTURE(std::string(mode));
        struct Seen {
            std::mutex lock;
            std::set<const guint8*> in, out;
            bool marked = false;
        } seen;
        MovRun run(video, "timecode=10:00:00:00 fragment-duration=200 mode=" + std::string(mode));
        const gst::ElementPtr mux = run.element("m");
        const auto watch = [&](const char* pad_name, GstPadProbeCallback probe) {
            const gst::PadPtr pad(gst_element_get_static_pad(mux.get(), pad_name));
            gst_pad_add_probe(pad.get(),
                              static_cast<GstPadProbeType>(GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_BUFFER_LIST),
                              probe, &seen, nullptr);
        };
        static const auto address = [](GstBuffer* buffer) {
            GstMapInfo info;
            gst_buffer_map(buffer, &info, GST_MAP_READ);
            const guint8* data = info.data;
            gst_buffer_unmap(buffer, &info);
            return data;
        };
        watch("video_0", [](GstPad*, GstPadProbeInfo* info, gpointer data) {
            auto& s = *static_cast<Seen*>(data);
            const std::lock_guard lock(s.lock);
            s.in.insert(address(GST_PAD_PROBE_INFO_BUFFER(info)));
            return GST_PAD_PROBE_OK;
        });
        watch("src", [](GstPad*, GstPadProbeInfo* info, gpointer data) {
            auto& s = *static_cast<Seen*>(data);
            const std::lock_guard lock(s.lock);
            if (info->type & GST_PAD_PROBE_TYPE_BUFFER) s.out.insert(address(GST_PAD_PROBE_INFO_BUFFER(info)));
            if (!(info->type & GST_PAD_PROBE_TYPE_BUFFER_LIST)) return GST_PAD_PROBE_OK;
            GstBufferList* list = GST_PAD_PROBE_INFO_BUFFER_LIST(info);
            for (guint i = 0; i < gst_buffer_list_length(list); ++i)
                s.out.insert(address(gst_buffer_list_get(list, i)));
            s.marked = GST_BUFFER_FLAG_IS_SET(gst_buffer_list_get(list, gst_buffer_list_length(list) - 1),
                                              GST_BUFFER_FLAG_MARKER);
            return GST_PAD_PROBE_OK;
        });
        // Kept until the end, so that no address comes twice.
        std::vector<GstBuffer*> kept;
        const PipelineResult result = run.run([&] {
            for (guint64 n = 0; n < 20; ++n) {
                GstBuffer* buffer = make_buffer({.pts = n * 40 * GST_MSECOND, .size = 5000});
                kept.push_back(gst_buffer_ref(buffer));
                gst_app_src_push_buffer(GST_APP_SRC(run.element("v").get()), buffer);
            }
            run.eos("v");
        });
        CHECK_MESSAGE(result.eos, all_said(result));
        CHECK(seen.in.size() == 20);
        for (const guint8* data : seen.in)
            CHECK(seen.out.count(data) == 1);
        CHECK(seen.marked == (std::string(mode) != "plain"));
        for (GstBuffer* buffer : kept)
            gst_buffer_unref(buffer);
    }
}

TEST_CASE("live: a pad that is never fed does not stop the movie") {
    for (const char* mode : {"plain", "fragmented", "hybrid"}) {
        CAPTURE(std::string(mode));
        MovRun run(live_video + appsrc("a", pcm_caps) + " is-live=true ! queue ! m.audio_0 ",
                   "timecode=01:00:00:00 mode=" + std::string(mode));
        const PipelineResult result = run.run([&] {
            const gst::ElementPtr mux = run.element("m");
            const gst::PadPtr pad(gst_element_get_static_pad(mux.get(), "video_0"));
            for (int i = 0; i < 500 && !gst_aggregator_pad_is_eos(GST_AGGREGATOR_PAD(pad.get())); ++i)
                g_usleep(10000);
            run.eos("a");
        });
        CHECK_MESSAGE(result.eos, all_said(result));
        CHECK(run.movie().count("tmcd") == 1);
        if (std::string(mode) != "fragmented") CHECK(run.movie().by_handler("vide").samples() == 25);
    }
}

TEST_CASE("live: the latency is upstream's and a fragment") {
    for (const bool fragmented : {false, true}) {
        CAPTURE(fragmented);
        MovRun run("videotestsrc is-live=true ! video/x-raw,format=UYVY,width=64,height=48,framerate=50/1 ! m. ",
                   fragmented ? "mode=fragmented fragment-duration=400" : "mode=plain");
        const gst::ElementPtr mux = run.element("m");
        const gst::PadPtr src(gst_element_get_static_pad(mux.get(), "src"));
        gst_element_set_state(run.pipeline(), GST_STATE_PLAYING);
        const GstClockTime expected = 20 * GST_MSECOND + (fragmented ? 400 * GST_MSECOND : 0);
        GstClockTime low = 0;
        gboolean live = FALSE;
        for (int i = 0; i < 500 && low != expected; ++i) {
            GstQuery* query = gst_query_new_latency();
            if (gst_pad_query(src.get(), query)) gst_query_parse_latency(query, &live, &low, nullptr);
            gst_query_unref(query);
            g_usleep(10000);
        }
        CHECK(live);
        CHECK(low == expected);
        gst_element_set_state(run.pipeline(), GST_STATE_NULL);
    }
}

TEST_CASE("a timecode that jumps is told with pad, time, old and new") {
    MovRun run(video, "");
    const PipelineResult result = run.run([&] {
        for (guint64 n = 0; n < 10; ++n)
            run.push("v", {.pts = n * 40 * GST_MSECOND,
                           .timecode = n == 0 ? "01:00:00:00" : (n == 6 ? "05:00:00:00" : nullptr),
                           .timecode_fps_n = 25});
        run.eos("v");
    });
    CHECK_MESSAGE(result.eos, all_said(result));
    CHECK(said(result, "timecode-discontinuity, pad=(string)video_0, running-time=(guint64)240000000, "
                       "old=(string)01:00:00:06, new=(string)05:00:00:00"));
    const Mov mov = run.movie();
    const MovTrack& tmcd = mov.by_handler("tmcd");
    CHECK(tmcd.stts == decltype(tmcd.stts){{1, 6 * 512}, {1, 4 * 512}});
}

TEST_CASE("properties of a pad stand in for the element's") {
    MovRun run(appsrc("v", prores_caps + "25/1") + " ! m.video_0 " + appsrc("w", prores_caps + "25/1") +
                   " ! m.video_1 ",
               "timecode=01:00:00:00 reel-name=ALL timecode-track-enabled=true language=eng timecode-track-name=LTC "
               "video_1::timecode=02:00:00:00 video_1::reel-name=TWO");
    const PipelineResult result = run.run([&] {
        run.pictures("v", 3, 25);
        run.pictures("w", 3, 25);
    });
    CHECK_MESSAGE(result.eos, all_said(result));
    const Mov mov = run.movie();
    CHECK(mov.first_sample(mov.by_handler("tmcd", 0)) == 90000);
    CHECK(mov.first_sample(mov.by_handler("tmcd", 1)) == 180000);
    CHECK(mov.timecode(mov.by_handler("tmcd", 0)).reel == "ALL");
    CHECK(mov.timecode(mov.by_handler("tmcd", 1)).reel == "TWO");
}

TEST_CASE("caps without codec_data may be followed by whole ones") {
    const std::string caps = "video/x-h264,stream-format=avc,alignment=au,width=64,height=48,framerate=25/1";
    MovRun run(appsrc("v", caps) + " ! m. ");
    const PipelineResult result = run.run([&] {
        run.caps("v", caps + ",codec_data=(buffer)0142c01effe1000467420000010004680000");
        run.pictures("v", 3, 25);
    });
    CHECK_MESSAGE(result.eos, all_said(result));
    CHECK(run.movie().by_handler("vide").samples() == 3);
}

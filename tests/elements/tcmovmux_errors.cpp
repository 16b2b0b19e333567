// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
// Every refusal: said once, with the values that matter.
#include "tests/support/mov_feed.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <functional>
#include <string>
#include <vector>

using namespace onair;
using namespace onair::test;

namespace {

struct Row {
    std::string what;
    std::string branches;
    std::string options;
    std::function<void(const MovRun&)> feed;
    std::vector<std::string> says; ///< all in the one error
};

const std::string video = appsrc("v", prores_caps + "25/1") + " ! m. ";
const std::string sound = appsrc("a", pcm_caps) + " ! m.audio_0 ";

void two_pictures(const MovRun& run) { run.pictures("v", 2, 25); }

} // namespace

TEST_CASE("errors") {
    const Row rows[] = {
        {"no PTS", video, "", [](const MovRun& r) { r.push("v", {}); }, {"buffer of video_0 has no timestamp (PTS)"}},
        {"no caps", "appsrc name=v format=time ! m.video_0 ", "", two_pictures, {"arrived at video_0 before any caps"}},
        {"no PTS later",
         video,
         "",
         [](const MovRun& r) {
             r.push("v", {.pts = 0});
             r.push("v", {}); // with a DTS basesrc might make it the PTS
         },
         {"buffer of video_0 has no timestamp"}},
        {"no frame rate",
         appsrc("v", prores_caps + "0/1") + " ! m. ",
         "timecode=01:00:00:00",
         two_pictures,
         {"caps of video_0 have no fixed frame rate", "videorate"}},
        {"a rate without timecode",
         appsrc("v", prores_caps + "25/2") + " ! m. ",
         "timecode=01:00:00:00",
         two_pictures,
         {"for video_0", "25/2"}},
        {"drop frame at 25", video, "timecode=01:00:00;00", two_pictures, {"no drop-frame timecode at 25/1"}},
        {"frames over the rate", video, "timecode=01:00:00:25", two_pictures, {"frames 25, the largest at 25/1"}},
        {"no timecode on the picture",
         video,
         "timecode-source=meta",
         two_pictures,
         {"no picture of video_0 carried a timecode", "timecodestamper"}},
        {"the first timecode must be on the first picture",
         video,
         "timecode-source=meta first-timecode=error",
         two_pictures,
         {"first picture of video_0 carries no timecode", "timecodestamper"}},
        {"timecode at another rate",
         appsrc("v", prores_caps + "50/1") + " ! m. ",
         "",
         [](const MovRun& r) { r.push("v", {.pts = 0, .timecode = "01:00:00:00", .timecode_fps_n = 25}); },
         {"counts 25/1", "come at 50/1"}},
        {"timecode without video",
         sound,
         "timecode=01:00:00:00",
         [](const MovRun& r) { r.sound("a", 2); },
         {"no video pad"}},
        {"backwards",
         video,
         "",
         [](const MovRun& r) {
             r.push("v", {.pts = 80 * GST_MSECOND});
             r.push("v", {.pts = 40 * GST_MSECOND});
         },
         {"buffer of video_0", "does not lie behind"}},
        {"caps changed",
         video,
         "",
         [](const MovRun& r) {
             r.push("v", {.pts = 0});
             r.caps("v", "video/x-prores,variant=(string)hq,width=128,height=96,framerate=25/1");
             r.push("v", {.pts = 40 * GST_MSECOND});
         },
         {"caps of video_0 changed", "width=(int)64", "width=(int)128"}},
        {"codec_data missing",
         appsrc("v", "video/x-h264,stream-format=avc,alignment=au,width=64,height=48") + " ! m. ",
         "",
         two_pictures,
         {"arrives at video_0 cannot be written", "codec_data is missing", "video/x-h264"}},
        {"raw picture of another size",
         appsrc("v", "video/x-raw,format=UYVY,width=64,height=48,framerate=25/1") + " ! m. ",
         "",
         two_pictures,
         {"buffer of video_0 holds 100 bytes where the caps need 6144"}},
        {"caps of another kind",
         appsrc("v", pcm_caps) + " ! m.video_0 ",
         "",
         [](const MovRun& r) { r.sound("v", 2); },
         {"arrives at video_0 cannot be written", "not in the list", "audio/x-raw"}},
        {"half a sample",
         sound,
         "",
         [](const MovRun& r) { r.push("a", {.pts = 0, .size = 4803}); },
         {"buffer of audio_0 holds 4803 bytes"}},
        {"bytes for times",
         "appsrc name=v format=bytes caps=\"" + prores_caps + "25/1\" ! m. ",
         "",
         two_pictures,
         {"segment of video_0 is in bytes", "format=time"}},
    };
    for (const Row& row : rows) {
        CAPTURE(row.what);
        MovRun run(row.branches, row.options);
        const PipelineResult result = run.run([&] { row.feed(run); });
        for (const std::string& part : row.says)
            CHECK_MESSAGE(errors_with(result, part) == 1, part << "\n" << all_said(result));
    }
}

TEST_CASE("what came before an error can be read") {
    struct Row {
        const char* what;
        std::function<void(const MovRun&)> bad;
        const char* says;
    };
    const Row rows[] = {
        {"no PTS", [](const MovRun& r) { r.push("v", {}); }, "has no timestamp"},
        {"other caps",
         [](const MovRun& r) {
             r.caps("v", "video/x-prores,variant=(string)hq,width=128,height=96,framerate=25/1");
             r.push("v", {.pts = 120 * GST_MSECOND});
         },
         "caps of video_0 changed"},
        {"backwards", [](const MovRun& r) { r.push("v", {.pts = 0}); }, "does not lie behind"},
    };
    for (const Row& row : rows) {
        CAPTURE(row.what);
        MovRun run(video, "timecode=10:00:00:00");
        const PipelineResult result = run.run([&] {
            for (guint64 i = 0; i < 3; ++i)
                run.push("v", {.pts = i * 40 * GST_MSECOND});
            row.bad(run);
        });
        CHECK_MESSAGE(errors_with(result, row.says) == 1, all_said(result));
        CHECK(run.movie().by_handler("vide").samples() == 3);
        CHECK(run.movie().count("tmcd") == 1);
    }
}

TEST_CASE("a bad property is refused before anything runs") {
    struct Bad {
        const char* options;
        const char* says;
    };
    const Bad rows[] = {
        {"timecode=25:00:00:00", "hours 25, the largest is 23"},
        {"timecode=01:00:00", "frames are missing"},
        {"timecode=01:61:00:00", "minutes 61"},
        {"timecode-source=property", "property timecode is not set"},
    };
    for (const Bad& row : rows) {
        CAPTURE(row.options);
        const MovRun run(video, row.options);
        PipelineResult result;
        CHECK(gst_element_set_state(run.pipeline(), GST_STATE_PAUSED) == GST_STATE_CHANGE_FAILURE);
        const gst::BusPtr bus(gst_element_get_bus(run.pipeline()));
        while (const gst::MessagePtr message{gst_bus_pop(bus.get())})
            take_message(result, message.get());
        CHECK_MESSAGE(errors_with(result, row.says) == 1, all_said(result));
    }
}

TEST_CASE("plain mode: an output that cannot be seeked is refused before any byte is written") {
    TempDir dir;
    for (const std::string& sink :
         {std::string("fakesink"), std::string("fdsink fd=1"), "filesink location=" + (dir / "fifo")}) {
        if (sink.find("fifo") != std::string::npos)
            run_command("mkfifo " + (dir / "fifo") + "; cat " + (dir / "fifo") + " >/dev/null &");
        CAPTURE(sink);
        const std::string line = "videotestsrc num-buffers=3 ! video/x-raw,format=UYVY,width=64,height=48 ! tcmovmux "
                                 "mode=plain ! "
                                 "identity name=i ! " +
                                 sink;
        if (sink == "fdsink fd=1" && lseek(1, 0, SEEK_CUR) >= 0) continue; // the test's output is a file here
        const PipelineResult result = run_launch(line, 20 * GST_SECOND);
        CHECK_FALSE(result.eos);
        CHECK_MESSAGE(errors_with(result, "plain mode needs a seekable output") == 1, all_said(result));
    }
}

TEST_CASE("streams without data: a warning each, and the others are written; nothing at all is an empty file") {
    {
        MovRun run(video + sound, "timecode=01:00:00:00");
        const PipelineResult result = run.run([&] {
            run.pictures("v", 2, 25);
            run.eos("a");
        });
        CHECK_MESSAGE(result.eos, all_said(result));
        REQUIRE(result.warnings.size() == 1);
        CHECK(result.warnings[0].has("stream of audio_0 ended before any data"));
        CHECK(run.movie().by_handler("vide").samples() == 2);
        CHECK(run.movie().count("soun") == 0);
        CHECK(run.movie().count("tmcd") == 1);
    }
    {
        MovRun run(video + sound, "timecode=01:00:00:00");
        const PipelineResult result = run.run([&] {
            run.eos("v");
            run.eos("a");
        });
        CHECK_MESSAGE(result.eos, all_said(result));
        CHECK(result.errors.empty());
        REQUIRE(result.warnings.size() == 1);
        CHECK(result.warnings[0].has("ended before any data arrived at video_0, audio_0"));
    }
}

TEST_CASE("a full device: the sink's own error, none of ours") {
    const PipelineResult result =
        run_launch("videotestsrc num-buffers=50 ! video/x-raw,format=UYVY,width=320,height=240 "
                   "! tcmovmux name=m ! filesink location=/dev/full",
                   20 * GST_SECOND);
    CHECK(errors_with(result, "libavformat") == 0);
    CHECK_MESSAGE(errors_with(result, "No space left") == 1, all_said(result));
}

TEST_CASE("a pad that is requested while the movie is written is refused with a warning") {
    MovRun run(video, "mode=plain");
    const gst::ElementPtr mux = run.element("m");
    const gst::PadPtr src(gst_element_get_static_pad(mux.get(), "src"));
    std::atomic<int> pushed{0};
    gst_pad_add_probe(
        src.get(), GST_PAD_PROBE_TYPE_BUFFER,
        [](GstPad*, GstPadProbeInfo*, gpointer count) {
            ++*static_cast<std::atomic<int>*>(count);
            return GST_PAD_PROBE_OK;
        },
        &pushed, nullptr);
    const PipelineResult result = run.run([&] {
        run.push("v", {.pts = 0});
        run.push("v", {.pts = 40 * GST_MSECOND});
        for (int i = 0; i < 1000 && pushed < 2; ++i) // the header and a picture: the movie is being written
            g_usleep(5000);
        GstPad* late = gst_element_request_pad_simple(mux.get(), "audio_%u");
        CHECK(late == nullptr);
        run.push("v", {.pts = 80 * GST_MSECOND});
        run.eos("v");
    });
    CHECK_MESSAGE(result.eos, all_said(result));
    REQUIRE(result.warnings.size() == 1);
    CHECK(result.warnings[0].has("while the movie is already being written"));
    CHECK(run.movie().by_handler("vide").samples() == 3);
}

TEST_CASE("caps that say the same are accepted again") {
    MovRun run(video, "");
    const PipelineResult result = run.run([&] {
        run.push("v", {.pts = 0});
        run.caps("v", prores_caps + "25/1,multiview-mode=(string)mono");
        run.push("v", {.pts = 40 * GST_MSECOND});
        run.eos("v");
    });
    CHECK_MESSAGE(result.eos, all_said(result));
    CHECK(run.movie().by_handler("vide").samples() == 2);
}

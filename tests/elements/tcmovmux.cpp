// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
// Pads, caps, properties, states, order of tracks, times.
#include "tests/support/mov_feed.hpp"
#include "tests/support/skip.hpp"

#include <doctest/doctest.h>
#include <gst/base/gstaggregator.h>

#include <string>
#include <vector>

using namespace onair;
using namespace onair::test;

namespace {

GstElement* make_mux() { return GST_ELEMENT(gst_object_ref_sink(gst_element_factory_make("tcmovmux", nullptr))); }

GstPad* request(GstElement* mux, const char* templ, const char* name) {
    GstElementClass* klass = GST_ELEMENT_GET_CLASS(mux);
    return klass->request_new_pad(mux, gst_element_class_get_pad_template(klass, templ), name, nullptr);
}

std::string name_of(GstPad* pad) {
    if (!pad) return "refused";
    const gst::CharPtr name(gst_pad_get_name(pad));
    gst_object_unref(pad);
    return name.get();
}

} // namespace

TEST_CASE("pads: ids are honoured, the next free one otherwise, taken and wrong names are refused") {
    GstElement* mux = make_mux();
    struct Row {
        const char* templ;
        const char* wanted;
        const char* got;
    };
    const Row rows[] = {
        {"video_%u", "video_7", "video_7"},  {"video_%u", nullptr, "video_0"},   {"video_%u", nullptr, "video_1"},
        {"video_%u", "video_7", "refused"},  {"audio_%u", nullptr, "audio_0"},   {"audio_%u", "video_3", "refused"},
        {"audio_%u", "audio_", "refused"},   {"audio_%u", "audio_x", "refused"}, {"audio_%u", "audio_101", "audio_101"},
        {"audio_%u", "audio_%u", "audio_1"},
    };
    for (const Row& row : rows) {
        CAPTURE(row.got);
        GstPad* pad = request(mux, row.templ, row.wanted);
        if (pad) gst_object_ref(pad);
        CHECK(name_of(pad) == row.got);
    }
    gst::PadPtr pad(gst_element_get_static_pad(mux, "video_0"));
    gst_element_release_request_pad(mux, pad.get());
    pad.reset();
    GstPad* again = request(mux, "video_%u", nullptr);
    gst_object_ref(again);
    CHECK(name_of(again) == "video_0");
    gst_object_unref(mux);
}

TEST_CASE("template caps, both ways round") {
    GstElementFactory* factory = gst_element_factory_find("tcmovmux");
    REQUIRE(factory);
    const auto takes = [&](const char* text) {
        const gst::CapsPtr caps(gst_caps_from_string(text));
        return gst_element_factory_can_sink_any_caps(factory, caps.get());
    };
    for (const char* variant : {"proxy", "lt", "standard", "hq", "4444", "4444xq"})
        CHECK(takes(("video/x-prores,variant=(string)" + std::string(variant)).c_str()));
    CHECK(takes("video/x-dnxhd"));
    CHECK(takes("video/x-h264,stream-format=avc,alignment=au"));
    CHECK(takes("video/x-h265,stream-format=hvc1,alignment=au"));
    CHECK(takes("video/x-raw,format=v210"));
    CHECK(takes("video/x-raw,format=UYVY"));
    CHECK(takes("audio/x-raw,format=S24LE,layout=interleaved,channels=16,rate=96000"));
    CHECK(takes("audio/mpeg,mpegversion=4,stream-format=raw"));
    CHECK_FALSE(takes("video/x-h264,stream-format=byte-stream"));
    CHECK_FALSE(takes("video/x-vp8"));
    CHECK_FALSE(takes("video/x-raw,format=I420"));
    for (const char* text : {"video/quicktime,variant=apple", "video/quicktime"}) {
        const gst::CapsPtr caps(gst_caps_from_string(text));
        CHECK(gst_element_factory_can_src_any_caps(factory, caps.get()));
    }
    gst_object_unref(factory);
}

TEST_CASE("properties go round and have the documented defaults") {
    GstElement* mux = make_mux();
    gchar* timecode = nullptr;
    gchar* reel = nullptr;
    gint source = -1;
    g_object_get(mux, "timecode", &timecode, "reel-name", &reel, "timecode-source", &source, nullptr);
    CHECK(timecode == nullptr);
    CHECK(reel == nullptr);
    CHECK(source == 0);
    gst_util_set_object_arg(G_OBJECT(mux), "timecode-source", "meta");
    g_object_set(mux, "timecode", "01:02:03;04", "reel-name", "A001", nullptr);
    g_object_get(mux, "timecode", &timecode, "reel-name", &reel, "timecode-source", &source, nullptr);
    CHECK(std::string(timecode) == "01:02:03;04");
    CHECK(std::string(reel) == "A001");
    CHECK(source == 2);
    g_free(timecode);
    g_free(reel);
    gst_object_unref(mux);
}

TEST_CASE("tracks lie in the order of the pads") {
    for (const bool sound_first : {false, true}) {
        const std::string v = appsrc("v", prores_caps + "25/1") + " ! m.video_5 ";
        const std::string a = appsrc("a", pcm_caps) + " ! m.audio_9 ";
        MovRun run(sound_first ? a + v : v + a, "timecode=01:00:00:00");
        const PipelineResult result = run.run([&] {
            run.pictures("v", 25, 25);
            run.sound("a", 10);
        });
        CHECK_MESSAGE(result.eos, all_said(result));
        const Mov mov = run.movie();
        REQUIRE(mov.tracks.size() == 3);
        CHECK(mov.tracks[sound_first ? 0 : 1].handler == "soun");
        CHECK(mov.tracks[sound_first ? 1 : 0].handler == "vide");
        CHECK(mov.by_handler("vide").samples() == 25);
        CHECK(mov.by_handler("soun").samples() == 48000);
        CHECK(mov.by_handler("soun").timecode_tracks.empty());
        CHECK(mov.by_handler("vide").timecode_tracks == std::vector<uint32_t>{mov.by_handler("tmcd").id});
    }
}

TEST_CASE("the earliest pad starts at 0, the others keep their distance to it") {
    MovRun run(appsrc("v", prores_caps + "30000/1001") + " ! m. " + appsrc("a", pcm_caps) + " ! m.audio_0 ",
               "timecode=01:00:00;00");
    const PipelineResult result = run.run([&] {
        run.pictures("v", 30, 30000, 1001, nullptr, 7500 * GST_MSECOND);
        run.sound("a", 10, 7000 * GST_MSECOND);
    });
    CHECK_MESSAGE(result.eos, all_said(result));
    const Mov mov = run.movie();
    CHECK(mov.by_handler("soun").edits == std::vector<Edit>{{30000, 0}});
    CHECK(mov.by_handler("vide").edits == std::vector<Edit>{{15000, -1}, {30030, 0}});
    CHECK(mov.by_handler("tmcd").edits == mov.by_handler("vide").edits);
}

TEST_CASE("the same element writes a second right file, also after an error") {
    MovRun run(appsrc("v", prores_caps + "30/1") + " ! m. ", "timecode=00:00:30:00");
    const auto good = [&] {
        const PipelineResult result = run.run([&] { run.pictures("v", 10); });
        CHECK_MESSAGE(result.eos, all_said(result));
        const Mov mov = run.movie();
        CHECK(mov.by_handler("vide").samples() == 10);
        CHECK(mov.first_sample(mov.by_handler("tmcd")) == 900);
    };
    good();
    std::remove(run.path().c_str());
    good();
    const PipelineResult bad = run.run([&] { run.push("v", {}); });
    CHECK(errors_with(bad, "has no timestamp") == 1);
    good();
    // Only to READY and back, and the muxer alone as splitmuxsink does it.
    gst_element_set_state(run.pipeline(), GST_STATE_READY);
    good();
}

TEST_CASE("to NULL without EOS: no crash, and the file stays as it is") {
    MovRun run(appsrc("v", prores_caps + "30/1") + " ! m. ", "timecode=00:00:30:00");
    gst_element_set_state(run.pipeline(), GST_STATE_PLAYING);
    for (guint64 n = 0; n < 5; ++n)
        run.push("v", {.pts = n * 33333333});
    gst_element_get_state(run.pipeline(), nullptr, nullptr, 5 * GST_SECOND);
    gst_element_set_state(run.pipeline(), GST_STATE_NULL);
    CHECK(true);
}

TEST_CASE("B-frames: 60 pictures in decoding order stay 60") {
    if (!have_element("x264enc")) return skip("x264enc is not installed");
    ran();
    MovRun run("videotestsrc num-buffers=60 ! video/x-raw,width=64,height=48,framerate=25/1 ! x264enc bframes=2 "
               "b-adapt=false speed-preset=ultrafast ! m. ",
               "timecode=10:00:00:00");
    const PipelineResult result = run.run({});
    CHECK_MESSAGE(result.eos, all_said(result));
    const Mov mov = run.movie();
    const MovTrack& video = mov.by_handler("vide");
    CHECK(video.entry == "avc1");
    CHECK(video.samples() == 60);
    CHECK(video.ticks() == 60 * 512);
    REQUIRE(video.edits.size() == 1);
    CHECK(video.edits[0].duration == 60 * 512);
    CHECK(video.edits[0].media_time > 0);
    CHECK(mov.by_handler("tmcd").edits == std::vector<Edit>{{60 * 512, 0}});
    CHECK(mov.first_sample(mov.by_handler("tmcd")) == 900000);
}

TEST_CASE("a pad may end early, and be released while the rest goes on") {
    MovRun run(appsrc("v", prores_caps + "25/1") + " ! m.video_0 " + appsrc("a", pcm_caps) + " ! m.audio_0 ");
    const PipelineResult result = run.run([&] {
        run.sound("a", 2);
        for (guint64 n = 0; n < 5; ++n)
            run.push("v", {.pts = n * 40 * GST_MSECOND});
        // Wait until the sound is through, then take its pad away while the video goes on.
        const gst::ElementPtr mux = run.element("m");
        const gst::PadPtr pad(gst_element_get_static_pad(mux.get(), "audio_0"));
        for (int i = 0; i < 1000 && !gst_aggregator_pad_is_eos(GST_AGGREGATOR_PAD(pad.get())); ++i)
            g_usleep(10000);
        const gst::PadPtr peer(gst_pad_get_peer(pad.get()));
        gst_pad_unlink(peer.get(), pad.get());
        gst_element_release_request_pad(mux.get(), pad.get());
        for (guint64 n = 5; n < 25; ++n)
            run.push("v", {.pts = n * 40 * GST_MSECOND});
        run.eos("v");
    });
    CHECK_MESSAGE(result.eos, all_said(result));
    CHECK(run.movie().by_handler("vide").samples() == 25);
    CHECK(run.movie().by_handler("soun").samples() == 9600);
}

TEST_CASE("gaps are no data: the other pad goes on and the times stay") {
    MovRun run(appsrc("v", prores_caps + "25/1") + " ! m. " + appsrc("a", pcm_caps) + " ! m.audio_0 ");
    const PipelineResult result = run.run([&] {
        run.pictures("v", 25, 25);
        run.push("a", {.pts = 0, .size = 4800 * 4});
        const gst::ElementPtr source = run.element("a");
        gst_element_send_event(source.get(), gst_event_new_gap(100 * GST_MSECOND, 200 * GST_MSECOND));
        run.push("a", {.pts = 300 * GST_MSECOND, .size = 4800 * 4});
        run.eos("a");
    });
    CHECK_MESSAGE(result.eos, all_said(result));
    const Mov mov = run.movie();
    CHECK(mov.by_handler("vide").samples() == 25);
    CHECK(mov.by_handler("soun").samples() == 4 * 4800); // the hole is silence
}

TEST_CASE("a gap before the first sound: the picture begins, the sound lies where it belongs") {
    MovRun run(appsrc("v", prores_caps + "25/1") + " ! m. " + appsrc("a", pcm_caps) + " ! m.audio_0 ",
               "timecode=01:00:00:00");
    const PipelineResult result = run.run([&] {
        const gst::ElementPtr source = run.element("a");
        const gst::PadPtr pad(gst_element_get_static_pad(source.get(), "src"));
        // appsrc sends its caps with the first buffer; an empty one is a gap.
        GstBuffer* empty = gst_buffer_new();
        GST_BUFFER_PTS(empty) = 0;
        GST_BUFFER_FLAG_SET(empty, GST_BUFFER_FLAG_GAP);
        gst_app_src_push_buffer(GST_APP_SRC(source.get()), empty);
        run.push("a", {.pts = 500 * GST_MSECOND, .size = 4800 * 4});
        run.eos("a");
        run.pictures("v", 25, 25);
    });
    CHECK_MESSAGE(result.eos, all_said(result));
    const Mov mov = run.movie();
    CHECK(mov.by_handler("vide").edits == std::vector<Edit>{{12800, 0}});
    CHECK(mov.by_handler("soun").edits == std::vector<Edit>{{6400, -1}, {1280, 0}});
}

TEST_CASE("raw video goes in as it is") {
    for (const char* format : {"UYVY", "v210", "RGB"}) {
        MovRun run("videotestsrc num-buffers=3 ! video/x-raw,width=" + std::string(format[0] == 'R' ? "68" : "66") +
                       ",height=32,framerate=25/1,format=" + std::string(format) + " ! m. ",
                   "timecode=01:00:00:00");
        const PipelineResult result = run.run({});
        CHECK_MESSAGE(result.eos, all_said(result));
        const Mov mov = run.movie();
        CHECK(mov.by_handler("vide").entry == (format[0] == 'U' ? "2vuy" : format[0] == 'v' ? "v210" : "raw "));
        CHECK(mov.by_handler("vide").samples() == 3);
        CHECK(mov.count("tmcd") == 1);
    }
}

TEST_CASE("title and artist of the tag setter are in the movie") {
    MovRun run(appsrc("v", prores_caps + "25/1") + " ! m. ");
    const gst::ElementPtr mux = run.element("m");
    gst_tag_setter_add_tags(GST_TAG_SETTER(mux.get()), GST_TAG_MERGE_REPLACE, GST_TAG_TITLE, "Evening news", nullptr);
    const PipelineResult result = run.run([&] { run.pictures("v", 2, 25); });
    CHECK_MESSAGE(result.eos, all_said(result));
    std::ifstream file(run.path(), std::ios::binary);
    const std::string bytes(std::istreambuf_iterator<char>(file), {});
    CHECK(bytes.find("Evening news") != std::string::npos);
}

TEST_CASE("a seek is refused and the movie is written on") {
    MovRun run("videotestsrc num-buffers=20 ! video/x-raw,format=UYVY,width=64,height=48,framerate=25/1 ! m. ",
               "timecode=01:00:00:00");
    gst_element_set_state(run.pipeline(), GST_STATE_PAUSED);
    REQUIRE(gst_element_get_state(run.pipeline(), nullptr, nullptr, 10 * GST_SECOND) == GST_STATE_CHANGE_SUCCESS);
    CHECK_FALSE(gst_element_seek_simple(run.pipeline(), GST_FORMAT_TIME, GST_SEEK_FLAG_FLUSH, 200 * GST_MSECOND));
    const PipelineResult result = run.run({});
    CHECK_MESSAGE(result.eos, all_said(result));
    CHECK(run.movie().by_handler("vide").samples() == 20);
    CHECK(run.movie().count("tmcd") == 1);
}

TEST_CASE("a flush of all pads empties the file: the movie begins anew") {
    MovRun run(appsrc("v", prores_caps + "25/1") + " ! m. ", "timecode=01:00:00:00");
    const PipelineResult result = run.run([&] {
        run.push("v", {.pts = 0});
        run.push("v", {.pts = 40 * GST_MSECOND});
        gst_element_get_state(run.pipeline(), nullptr, nullptr, 5 * GST_SECOND);
        const gst::ElementPtr source = run.element("v");
        gst_element_send_event(source.get(), gst_event_new_flush_start());
        gst_element_send_event(source.get(), gst_event_new_flush_stop(FALSE));
        run.push("v", {.pts = 400 * GST_MSECOND});
        run.push("v", {.pts = 440 * GST_MSECOND});
        run.eos("v");
    });
    CHECK_MESSAGE(result.eos, all_said(result));
    const Mov mov = run.movie();
    CHECK(mov.by_handler("vide").samples() == 2);
    CHECK(mov.first_sample(mov.by_handler("tmcd")) == 90000);
}

TEST_CASE("live sources with a pad that ends early: no deadlock") {
    MovRun run("videotestsrc is-live=true num-buffers=10 ! video/x-raw,format=UYVY,width=64,height=48,framerate=100/1 "
               "! m. audiotestsrc is-live=true num-buffers=2 ! audio/x-raw,format=S16LE,rate=48000,channels=1 ! m. ",
               "timecode=01:00:00:00");
    const PipelineResult result = run.run({});
    CHECK_MESSAGE(result.eos, all_said(result));
    CHECK(run.movie().by_handler("vide").samples() == 10);
    CHECK(run.movie().by_handler("soun").samples() == 2048);
}

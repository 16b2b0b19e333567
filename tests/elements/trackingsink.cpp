// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/support/command.hpp"
#include "tests/support/pipeline.hpp"
#include "tests/support/track_feed.hpp"

#include <doctest/doctest.h>
#include <gst/check/gstharness.h>
#include <gst/gst.h>
#include <gst/video/video.h>

#include <fstream>
#include <string>
#include <sys/stat.h>
#include <vector>

using namespace onair;
using test::PipelineResult;
using test::TempDir;
using test::TrackFeed;

namespace {

const std::string good = R"({"type":"test.case.run","props":{"n":1}})";

int mode_of(const std::string& path) {
    struct stat info {};
    return stat(path.c_str(), &info) == 0 ? static_cast<int>(info.st_mode & 0777) : -1;
}

void fine(const PipelineResult& result) {
    for (const auto& error : result.errors)
        CHECK_MESSAGE(false, error.text);
    CHECK(result.eos);
}

} // namespace

TEST_CASE("caps: three names, nothing else") {
    for (const char* caps : {"application/json", "application/x-json", "application/x-ndjson"}) {
        const TempDir dir;
        TrackFeed feed(dir / "e.db", caps);
        fine(feed.run([&] { feed.push(good); }));
        CHECK(feed.count("accepted") == 1);
    }
    const TempDir dir;
    for (const char* caps : {"video/x-raw", "text/x-raw", "application/octet-stream"}) {
        TrackFeed feed(dir / "e.db", caps);
        const auto result = feed.run([&] { feed.push(good); });
        CHECK_FALSE(result.errors.empty());
        CHECK(feed.count("received") == 0);
    }
}

TEST_CASE("defaults: no sync, no async, no last sample; not readable: a token") {
    GstElement* sink = gst_element_factory_make("trackingsink", nullptr);
    gboolean sync = TRUE, async = TRUE, last = TRUE;
    guint64 timeout = 0;
    g_object_get(sink, "sync", &sync, "async", &async, "enable-last-sample", &last, "drain-timeout", &timeout, nullptr);
    CHECK_FALSE(sync);
    CHECK_FALSE(async);
    CHECK_FALSE(last);
    CHECK(timeout == 5 * GST_SECOND);
    CHECK(g_object_class_find_property(G_OBJECT_GET_CLASS(sink), "token") == nullptr);
    gst_object_unref(sink);
}

TEST_CASE("NDJSON: whatever the borders of the buffers, the last line without its newline") {
    std::string stream;
    for (int i = 0; i < 20; ++i)
        stream += "{\"type\":\"test.case.run\",\"props\":{\"n\":" + std::to_string(i) + "}}" + (i < 19 ? "\n" : "");
    for (const size_t size : {size_t{1}, size_t{7}, size_t{100}, size_t{100000}}) {
        CAPTURE(size);
        const TempDir dir;
        TrackFeed feed(dir / "e.db");
        fine(feed.run([&] {
            for (size_t at = 0; at < stream.size(); at += size)
                feed.push(stream.substr(at, size));
        }));
        CHECK(feed.count("accepted") == 20);
        CHECK(feed.number("SELECT sum(json_extract(body, '$.props.n')) FROM events") == 190);
        CHECK(feed.stat("stored") == 20);
        CHECK(feed.balanced());
    }
}

TEST_CASE("JSON: objects over several lines, several in a row") {
    const TempDir dir;
    TrackFeed feed(dir / "e.db", "application/json");
    fine(feed.run([&] {
        feed.push("{\n  \"type\": \"test.case.run\",\n  \"props\": {\n");
        feed.push("    \"n\": [1, 2]\n  }\n}" + good + good + "\n");
        feed.push(good);
    }));
    CHECK(feed.count("accepted") == 4);
}

TEST_CASE("a stream without caps is taken as NDJSON") {
    const TempDir dir;
    std::ofstream(dir / "e.ndjson") << good << "\n" << good;
    const auto result =
        test::run_launch("filesrc location=" + (dir / "e.ndjson") + " ! trackingsink location=" + (dir / "e.db"));
    fine(result);
    TrackFeed feed(dir / "e.db");
    CHECK(feed.count("accepted") == 2);
    CHECK(feed.number("SELECT count(pts) FROM events") == 0); // a stream of bytes has no media time
}

TEST_CASE("what is bad costs itself only, and is said once a kind") {
    for (const char* caps : {"application/x-ndjson", "application/json"}) {
        CAPTURE(caps);
        const TempDir dir;
        TrackFeed feed(dir / "e.db", caps);
        const auto result = feed.run([&] {
            feed.push(good + "\n{\"type\":\n" + good + "\nnonsense\n" + good + "\n");
            feed.push("{\"type\":\"a.b\",\"s\":\"" + std::string(70000, 'x') + "\"}\n" + good + "\n");
            feed.push(R"({"type":"a.b","subject":{"user":"joe"},"props":{"s":"sesame"}})"
                      "\n" +
                      good + "\n" + R"({"type":"a.b","pts":-1})" + "\n");
        });
        fine(result);
        CHECK(feed.count("accepted") == 5);
        CHECK(feed.count("refused") == 4);
        CHECK(feed.count("consent") == 1);
        CHECK(feed.number("SELECT count(*) FROM refused WHERE reason = 'json'") == 2);
        CHECK(feed.number("SELECT count(*) FROM refused WHERE reason = 'too-long'") == 1);
        CHECK(feed.number("SELECT count(*) FROM refused WHERE reason = 'consent'") == 0); // only a number
        CHECK(feed.number("SELECT count(*) FROM refused WHERE reason = 'field' AND excerpt IS NOT NULL") == 1);
        CHECK(feed.stat("refused") == 4);
        CHECK(feed.balanced());
        CHECK(result.warnings.size() == 3); // json, too-long, field; consent is no trouble
        const auto bytes = test::run_command("cat " + (dir / "e.db") + "*").output;
        CHECK(bytes.find("joe") == std::string::npos);
        CHECK(bytes.find("sesame") == std::string::npos);
    }
}

TEST_CASE("custom events: in the stream, nested and dotted fields, lists; out of band") {
    const TempDir dir;
    TrackFeed feed(dir / "e.db");
    fine(feed.run([&] {
        feed.push(good + "\n", 2 * GST_SECOND);
        feed.send(gst_event_new_custom(
            GST_EVENT_CUSTOM_DOWNSTREAM,
            gst_structure_from_string(
                "tracking-event, type=(string)onair.caps.changed, action.category=(string)cat, "
                "action=(structure)[action, name=(string)n, value=(double)1.5], props.list=(int)<1, 2>, "
                "props.set=(string){a, b}, props.rate=(fraction)30000/1001, props.on=(boolean)true, "
                "props.big=(guint64)18446744073709551615;",
                nullptr)));
        feed.send(gst_event_new_custom(GST_EVENT_CUSTOM_DOWNSTREAM,
                                       gst_structure_new("other-event", "type", G_TYPE_STRING, "a.b", nullptr)));
        feed.send(gst_event_new_custom(GST_EVENT_CUSTOM_DOWNSTREAM,
                                       gst_structure_new("tracking-event", "type", G_TYPE_STRING, "a.b", "props.x",
                                                         G_TYPE_DOUBLE, 0.0 / 0.0, nullptr)));
        feed.send(gst_event_new_custom(GST_EVENT_CUSTOM_DOWNSTREAM,
                                       gst_structure_new("tracking-event", "type", G_TYPE_STRING, "a.b", "props",
                                                         G_TYPE_INT, 1, "props.x", G_TYPE_INT, 2, nullptr)));
    }));
    CHECK(feed.count("accepted") == 2);
    CHECK(feed.count("refused") == 2);
    CHECK(feed.number("SELECT count(*) FROM refused WHERE reason IN ('number', 'duplicate-key')") == 2);
    const std::string where = " FROM events WHERE type = 'onair.caps.changed'";
    CHECK(feed.number("SELECT pts" + where) == static_cast<int64_t>(2 * GST_SECOND));
    CHECK(feed.text("SELECT body->>'$.action'" + where) == R"({"category":"cat","name":"n","value":1.5})");
    CHECK(feed.text("SELECT body->>'$.props'" + where) ==
          R"({"list":[1,2],"set":["a","b"],"rate":"30000/1001","on":true,"big":18446744073709551615})");
    CHECK(feed.balanced());

    // Out of band, from the application's thread, without any buffer before it.
    TrackFeed other(dir / "oob.db");
    gst_element_set_state(other.pipeline(), GST_STATE_PLAYING);
    const gst::PadPtr pad(gst_element_get_static_pad(other.sink(), "sink"));
    for (int i = 0; i < 100; ++i)
        CHECK(gst_pad_send_event(pad.get(), gst_event_new_custom(GST_EVENT_CUSTOM_DOWNSTREAM_OOB,
                                                                 gst_structure_new("tracking-event", "type",
                                                                                   G_TYPE_STRING, "a.b", nullptr))));
    gst_element_set_state(other.pipeline(), GST_STATE_NULL); // no EOS: committed all the same
    CHECK(other.count("accepted") == 100);
    CHECK(other.stat("stored") == 100);
    CHECK(other.text("SELECT time_source FROM events") == "wall");
}

TEST_CASE("time from PTS and clock, timecode from the buffer") {
    const TempDir dir;
    TrackFeed feed(dir / "e.db");
    fine(feed.run([&] {
        GstBuffer* buffer = gst_buffer_new_memdup(good.data(), good.size());
        GST_BUFFER_PTS(buffer) = 40 * GST_MSECOND;
        gst_buffer_add_video_time_code_meta_full(buffer, 30000, 1001, nullptr, GST_VIDEO_TIME_CODE_FLAGS_DROP_FRAME, 1,
                                                 2, 3, 4, 0);
        feed.push(buffer);
        feed.push("\n" + good + "\n", 3600 * GST_SECOND); // far ahead: the sink does not sync
    }));
    CHECK(feed.number("SELECT pts FROM events WHERE seq = 1") == 3600 * static_cast<int64_t>(GST_SECOND));
    // The first line ended in the second buffer; its time is that buffer's, and that is in the future.
    CHECK(feed.text("SELECT time_source FROM events WHERE seq = 1") == "wall");

    TrackFeed live(dir / "live.db");
    fine(live.run([&] {
        const std::string line = good + "\n";
        GstBuffer* buffer = gst_buffer_new_memdup(line.data(), line.size());
        GST_BUFFER_PTS(buffer) = 40 * GST_MSECOND;
        gst_buffer_add_video_time_code_meta_full(buffer, 30000, 1001, nullptr, GST_VIDEO_TIME_CODE_FLAGS_DROP_FRAME, 1,
                                                 2, 3, 4, 0);
        live.push(buffer);
        live.push(R"({"type":"a.b","pts":7,"timecode":"10:00:00:00"})", 80 * GST_MSECOND);
    }));
    CHECK(live.text("SELECT time_source FROM events WHERE seq = 1") == "pipeline");
    CHECK(live.text("SELECT timecode FROM events WHERE seq = 1") == "01:02:03;04@30000/1001");
    CHECK(live.number("SELECT pts FROM events WHERE seq = 1") == 40'000'000);
    CHECK(live.number("SELECT body->>'$.running_time' FROM events WHERE seq = 1") == 40'000'000);
    CHECK(live.number("SELECT pts FROM events WHERE seq = 2") == 7);
    CHECK(live.text("SELECT timecode FROM events WHERE seq = 2") == "10:00:00:00");
    const int64_t apart = live.number("SELECT max(time_us) - min(time_us) FROM events");
    CHECK(apart >= 39'000); // exact, but for a pair of clocks that had to be read again
    CHECK(apart <= 41'000);
    const std::string source = live.text("SELECT body->>'$.source' FROM events");
    CHECK(source.starts_with("gst://"));
    CHECK(source.ends_with("/sink"));
}

TEST_CASE("EOS comes after the commit; the files are private; a second run appends") {
    const TempDir dir;
    TrackFeed feed(dir / "e.db");
    for (int run = 1; run <= 3; ++run) {
        CAPTURE(run);
        gst_element_set_state(feed.pipeline(), GST_STATE_PLAYING);
        for (int i = 0; i < 500; ++i)
            feed.push(good + "\n");
        feed.end();
        const gst::BusPtr bus(gst_element_get_bus(feed.pipeline()));
        const gst::MessagePtr message(gst_bus_timed_pop_filtered(
            bus.get(), 60 * GST_SECOND, static_cast<GstMessageType>(GST_MESSAGE_EOS | GST_MESSAGE_ERROR)));
        REQUIRE(message);
        CHECK(GST_MESSAGE_TYPE(message.get()) == GST_MESSAGE_EOS);
        CHECK(feed.count("accepted") == run * 500); // still PLAYING
        CHECK(feed.stat("stored") == 500);          // of this run
        for (const char* suffix : {"", "-wal", "-shm"})
            CHECK(mode_of(dir / ("e.db" + std::string(suffix))) == 0600);
        gst_element_set_state(feed.pipeline(), GST_STATE_NULL);
        CHECK(feed.stat("stored") == 500);
    }
    CHECK(feed.balanced());
}

TEST_CASE("a duplicate id is refused as such") {
    const TempDir dir;
    TrackFeed feed(dir / "e.db");
    fine(feed.run([&] { feed.push("{\"type\":\"a.b\",\"id\":\"X\"}\n{\"type\":\"a.c\",\"id\":\"X\"}\n"); }));
    CHECK(feed.count("accepted") == 1);
    CHECK(feed.count("duplicate") == 1);
    CHECK(feed.count("refused") == 0);
    CHECK(feed.stat("duplicates") == 1);
    CHECK(feed.balanced());
}

TEST_CASE("a flush drops the unfinished line and nothing else") {
    const TempDir dir;
    GstElement* sink = gst_element_factory_make("trackingsink", nullptr);
    gst_object_ref_sink(sink);
    g_object_set(sink, "location", (dir / "e.db").c_str(), nullptr);
    GstHarness* h = gst_harness_new_with_element(sink, "sink", nullptr);
    gst_harness_set_src_caps_str(h, "application/x-ndjson");
    const auto push = [&](const std::string& text) {
        return gst_harness_push(h, gst_buffer_new_memdup(text.data(), text.size()));
    };
    CHECK(push(good + "\n{\"type\":\"half") == GST_FLOW_OK);
    gst_harness_push_event(h, gst_event_new_flush_start());
    gst_harness_push_event(h, gst_event_new_flush_stop(TRUE));
    GstSegment segment;
    gst_segment_init(&segment, GST_FORMAT_TIME);
    gst_harness_push_event(h, gst_event_new_segment(&segment));
    CHECK(push(good + "\n") == GST_FLOW_OK);
    gst_harness_push_event(h, gst_event_new_eos());
    gst_harness_teardown(h);
    gst_object_unref(sink);
    TrackFeed feed(dir / "e.db");
    CHECK(feed.count("accepted") == 2);
    CHECK(feed.count("refused") == 0);
}

TEST_CASE("events of many threads at once") {
    const TempDir dir;
    TrackFeed feed(dir / "e.db");
    const gst::PadPtr pad(gst_element_get_static_pad(feed.sink(), "sink"));
    fine(feed.run([&] {
        std::vector<GThread*> threads;
        for (int t = 0; t < 4; ++t)
            threads.push_back(g_thread_new(
                "oob",
                [](gpointer p) -> gpointer {
                    for (int i = 0; i < 200; ++i)
                        gst_pad_send_event(static_cast<GstPad*>(p),
                                           gst_event_new_custom(GST_EVENT_CUSTOM_DOWNSTREAM_OOB,
                                                                gst_structure_new("tracking-event", "type",
                                                                                  G_TYPE_STRING, "a.b", nullptr)));
                    return nullptr;
                },
                pad.get()));
        for (int i = 0; i < 200; ++i)
            feed.push(good + "\n");
        for (GThread* thread : threads)
            g_thread_join(thread);
    }));
    CHECK(feed.count("accepted") == 1000);
    CHECK(feed.balanced());
}

// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/support/command.hpp"
#include "tests/support/http_server.hpp"
#include "tests/support/pipeline.hpp"
#include "tests/support/skip.hpp"
#include "tests/support/stopped_locker.hpp"
#include "tests/support/track_books.hpp"

#include "engine/store/sqlite.hpp"

#include <doctest/doctest.h>
#include <gst/check/gstharness.h>
#include <gst/gst.h>

#include <atomic>
#include <fstream>
#include <string>
#include <unistd.h>

using namespace onair;
using test::HttpServer;
using test::StoppedLocker;
using test::TempDir;

namespace {

int64_t number(const std::string& db, const std::string& sql) { return track::sql::Database(db).integer(sql); }
int64_t of_type(const std::string& db, const std::string& type) {
    return number(db, "SELECT count(*) FROM events WHERE type = '" + type + "'");
}

guint64 stat(GstElement* element, const char* field) {
    GstStructure* stats = nullptr;
    g_object_get(element, "stats", &stats, nullptr);
    guint64 n = 0;
    gst_structure_get_uint64(stats, field, &n);
    gst_structure_free(stats);
    return n;
}

/// A tap in a harness.
struct Tap {
    explicit Tap(const std::string& properties)
        : harness(gst_harness_new_parse(("trackingtap name=tap " + properties).c_str())),
          element(gst_bin_get_by_name(GST_BIN(harness->element), "tap")) {}
    ~Tap() {
        gst_object_unref(element);
        gst_harness_teardown(harness);
    }
    Tap(const Tap&) = delete;
    Tap& operator=(const Tap&) = delete;
    GstHarness* harness;
    GstElement* element;
};

void ride(GstBuffer* buffer, const char* structure) {
    GstCustomMeta* meta = gst_buffer_add_custom_meta(buffer, "GstTrackingEventMeta");
    GstStructure* from = gst_structure_from_string(structure, nullptr);
    gst_structure_foreach(
        from,
        [](GQuark field, const GValue* value, gpointer to) -> gboolean {
            gst_structure_id_set_value(static_cast<GstStructure*>(to), field, value);
            return TRUE;
        },
        gst_custom_meta_get_structure(meta));
    gst_structure_free(from);
}

} // namespace

TEST_CASE("any caps pass, and the buffers are the same ones") {
    for (const char* caps : {"video/x-raw,format=I420,width=16,height=16,framerate=25/1", "audio/mpeg,mpegversion=4",
                             "application/x-anything", "video/x-raw(memory:GLMemory),format=RGBA"}) {
        CAPTURE(caps);
        const TempDir dir;
        Tap tap("location=" + (dir / "e.db"));
        gst_harness_set_src_caps_str(tap.harness, caps);
        GstBuffer* in = gst_buffer_new_allocate(nullptr, 384, nullptr);
        GstBuffer* kept = gst_buffer_ref(in); // shared: not writable
        CHECK(gst_harness_push(tap.harness, in) == GST_FLOW_OK);
        const gst::BufferPtr out(gst_harness_pull(tap.harness));
        CHECK(out.get() == kept);
        gst_buffer_unref(kept);
        const gst::PadPtr pad(gst_element_get_static_pad(tap.element, "src"));
        const gst::CapsPtr now(gst_pad_get_current_caps(pad.get()));
        const gst::CapsPtr wanted(gst_caps_from_string(caps));
        CHECK(gst_caps_is_equal(now.get(), wanted.get()));
    }
}

TEST_CASE("events that ride on buffers are stored with the buffer's times and stay on it") {
    const TempDir dir;
    const std::string db = dir / "e.db";
    {
        Tap tap("location=" + db);
        gst_harness_set_src_caps_str(tap.harness, "video/x-raw");
        GstBuffer* buffer = gst_buffer_new();
        GST_BUFFER_PTS(buffer) = 40 * GST_MSECOND;
        ride(buffer, "x, type=(string)studio.goal.scored, props.team=(string)home;");
        ride(buffer, "x, type=(string)studio.replay.begun;");
        ride(buffer, "x, type=(string)NoType;");
        CHECK(gst_harness_push(tap.harness, buffer) == GST_FLOW_OK);
        const gst::BufferPtr out(gst_harness_pull(tap.harness));
        CHECK(gst_buffer_get_custom_meta(out.get(), "GstTrackingEventMeta") != nullptr);
        gst_harness_push(tap.harness, gst_buffer_new()); // without any
        gst_element_set_state(tap.element, GST_STATE_NULL);
        CHECK(stat(tap.element, "stored") == 2);
        CHECK(stat(tap.element, "refused") == 1);
        CHECK(stat(tap.element, "pending") == 0);
    }
    CHECK(of_type(db, "studio.goal.scored") == 1);
    CHECK(number(db, "SELECT pts FROM events WHERE type = 'studio.replay.begun'") == 40'000'000);
    CHECK(number(db, "SELECT count(*) FROM events WHERE body->>'$.props.team' = 'home'") == 1);
    CHECK(test::unbalanced(db).empty());
}

TEST_CASE("custom events and the context are taken and go on downstream") {
    const TempDir dir;
    const std::string db = dir / "e.db";
    {
        Tap tap("location=" + db);
        gst_harness_set_src_caps_str(tap.harness, "video/x-raw");
        const auto send = [&](GstEventType type, const char* text) {
            CHECK(gst_harness_push_event(tap.harness,
                                         gst_event_new_custom(type, gst_structure_from_string(text, nullptr))));
        };
        send(GST_EVENT_CUSTOM_DOWNSTREAM_STICKY, "tracking-context, props.show=(string)news;");
        send(GST_EVENT_CUSTOM_DOWNSTREAM, "tracking-event, type=(string)a.in_band;");
        send(GST_EVENT_CUSTOM_DOWNSTREAM_OOB, "tracking-event, type=(string)a.oob;");
        int custom = 0;
        while (GstEvent* event = gst_harness_try_pull_event(tap.harness)) {
            custom += gst_event_get_structure(event) &&
                      g_str_has_prefix(gst_structure_get_name(gst_event_get_structure(event)), "tracking-");
            gst_event_unref(event);
        }
        CHECK(custom == 3);
    }
    CHECK(number(db, "SELECT count(*) FROM events WHERE body->>'$.props.show' = 'news'") == 2);
    CHECK(test::unbalanced(db).empty());
}

TEST_CASE("auto-track of a video, its lateness downstream among it") {
    const TempDir dir;
    const std::string db = dir / "e.db";
    const auto result = test::run_launch(
        "videotestsrc num-buffers=50 ! video/x-raw,width=16,height=16,framerate=25/1 ! trackingtap name=tap location=" +
        db + " auto-track=start+caps+segment+progress+eos progress-interval=1000000000 ! fakesink");
    CHECK(result.eos);
    CHECK(result.errors.empty());
    CHECK(of_type(db, "onair.stream.start") == 1);
    CHECK(of_type(db, "onair.stream.caps") == 1);
    CHECK(of_type(db, "onair.stream.progress") == 2);
    CHECK(of_type(db, "onair.stream.eos") == 1);
    CHECK(number(db, "SELECT body->>'$.props.buffers' FROM events WHERE type = 'onair.stream.eos'") == 50);
    CHECK(test::unbalanced(db).empty());

    const std::string qos = dir / "qos.db";
    {
        Tap tap("auto-track=qos location=" + qos);
        gst_harness_set_src_caps_str(tap.harness, "video/x-raw");
        gst_harness_push(tap.harness, gst_buffer_new());
        for (const GstClockTimeDiff late : {GstClockTimeDiff{-5}, GstClockTimeDiff{30'000'000}, GstClockTimeDiff{1}})
            gst_harness_push_upstream_event(tap.harness,
                                            gst_event_new_qos(GST_QOS_TYPE_UNDERFLOW, 1.5, late, GST_SECOND));
    }
    CHECK(of_type(qos, "onair.stream.qos") == 1); // one a second at most
    CHECK(number(qos, "SELECT body->>'$.props.latest' FROM events") == 30'000'000);
}

TEST_CASE("wrong settings: one error at the start, and no stream") {
    for (const char* wrong : {"", "location=/nonexistent/e.db", "location=/tmp/x.db allow=purchase",
                              "location=/tmp/x.db policy-file=/nonexistent/policy"}) {
        CAPTURE(wrong);
        GstElement* pipeline =
            gst_parse_launch(("fakesrc ! trackingtap " + std::string(wrong) + " ! fakesink").c_str(), nullptr);
        CHECK(gst_element_set_state(pipeline, GST_STATE_PAUSED) == GST_STATE_CHANGE_FAILURE);
        const gst::BusPtr bus(gst_element_get_bus(pipeline));
        int errors = 0;
        while (const gst::MessagePtr message{gst_bus_pop_filtered(bus.get(), GST_MESSAGE_ERROR)})
            ++errors;
        CHECK(errors == 1);
        gst_element_set_state(pipeline, GST_STATE_NULL);
        gst_object_unref(pipeline);
        CHECK(access("/tmp/x.db", F_OK) != 0);
    }
}

/// The proof with figures is `./onair test --slow tracking-live`; here: every buffer passes while nothing else does.
TEST_CASE("a live stream passes while the store and the destination hang") {
    if (!test::have_program("python3")) return test::skip("needs python3 to hold a lock");
    const TempDir dir;
    const std::string db = dir / "e.db";
    std::ofstream(dir / "token") << "0123456789abcdef0123456789abcdef\n";
    std::atomic<bool> let_go{false};
    const HttpServer server([&](const auto&) {
        while (!let_go)
            g_usleep(1000);
        return test::http_answer("503 Service Unavailable", "");
    });
    GstElement* pipeline = gst_parse_launch(
        ("videotestsrc is-live=true num-buffers=60 ! video/x-raw,width=16,height=16,framerate=100/1 ! "
         "trackingtap name=tap drain-timeout=1000000 auto-track=progress+eos progress-interval=20000000 location=" +
         db + " matomo-url=" + server.url() + " site-id=1 token-file=" + (dir / "token") +
         " ! fakesink name=out sync=true")
            .c_str(),
        nullptr);
    GstElement* tap = gst_bin_get_by_name(GST_BIN(pipeline), "tap");
    GstElement* out = gst_bin_get_by_name(GST_BIN(pipeline), "out");
    gst_element_set_state(pipeline, GST_STATE_PAUSED);
    {
        gboolean taken = FALSE; // one event, so that the destination is asked
        g_signal_emit_by_name(tap, "push-json", "{\"type\":\"a.b\"}", &taken);
        CHECK(taken);
        g_signal_emit_by_name(tap, "flush", guint64{0}, &taken);
    }
    StoppedLocker locker(db);
    REQUIRE(locker.locked());
    gst_element_set_state(pipeline, GST_STATE_PLAYING);
    const gst::BusPtr bus(gst_element_get_bus(pipeline));
    const gst::MessagePtr end(gst_bus_timed_pop_filtered(
        bus.get(), 60 * GST_SECOND, static_cast<GstMessageType>(GST_MESSAGE_EOS | GST_MESSAGE_ERROR)));
    REQUIRE(end);
    CHECK(GST_MESSAGE_TYPE(end.get()) == GST_MESSAGE_EOS); // with the lock still held
    GstStructure* sink_stats = nullptr;
    g_object_get(out, "stats", &sink_stats, nullptr);
    guint64 rendered = 0, dropped = 1;
    gst_structure_get(sink_stats, "rendered", G_TYPE_UINT64, &rendered, "dropped", G_TYPE_UINT64, &dropped, nullptr);
    gst_structure_free(sink_stats);
    CHECK(rendered == 60);
    CHECK(dropped == 0);
    CHECK(stat(tap, "pending") > 20); // nothing was written meanwhile
    locker.release();
    let_go = true;
    gst_element_set_state(pipeline, GST_STATE_NULL);
    CHECK(stat(tap, "pending") == 0);
    CHECK(stat(tap, "received") == stat(tap, "stored"));
    CHECK(of_type(db, "onair.stream.eos") == 1);
    gst_object_unref(tap);
    gst_object_unref(out);
    gst_object_unref(pipeline);
    CHECK(test::unbalanced(db).empty());
    test::ran();
}

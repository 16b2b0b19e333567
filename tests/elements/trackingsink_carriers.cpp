// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
// How events come in besides NDJSON and JSON, what the stream adds to them, and whence their time comes.
#include "tests/support/command.hpp"
#include "tests/support/pipeline.hpp"
#include "tests/support/track_feed.hpp"

#include <doctest/doctest.h>
#include <gst/gst.h>
#include <gst/video/video.h>

#include <fstream>
#include <string>

using namespace onair;
using test::PipelineResult;
using test::TempDir;
using test::TrackFeed;

namespace {

void fine(const PipelineResult& result) {
    for (const auto& error : result.errors)
        CHECK_MESSAGE(false, error.text);
    CHECK(result.eos);
}

GstEvent* custom(GstEventType type, const char* structure) {
    return gst_event_new_custom(type, gst_structure_from_string(structure, nullptr));
}

const std::string cloud = R"({"specversion":"1.0","id":"C1","source":"/shop","type":"com.example.sold","time":)"
                          R"("2026-11-24T10:00:00Z","data":{"amount":5}})";

} // namespace

TEST_CASE("caps that events come in, and those that are refused") {
    struct Row {
        const char *caps, *text;
        bool taken;
    };
    const std::string plain = R"({"type":"a.b"})";
    const Row rows[] = {
        {"application/json", plain.c_str(), true},
        {"application/x-json", plain.c_str(), true},
        {"application/x-ndjson", plain.c_str(), true},
        {"application/cloudevents+json", cloud.c_str(), true},
        {"application/cloudevents-batch+json", cloud.c_str(), true},
        {"text/x-raw,format=utf8", "a line", true},
        {"text/x-raw,format=pango-markup", "a line", false},
        {"application/xml", "<a/>", false},
        {"video/x-raw", "x", false},
    };
    for (const Row& row : rows) {
        CAPTURE(row.caps);
        const TempDir dir;
        TrackFeed feed(dir / "e.db", row.caps);
        const auto result = feed.run([&] { feed.push(row.text); });
        CHECK(result.errors.empty() == row.taken);
        CHECK(feed.count("accepted") == row.taken);
        CHECK(feed.balanced());
    }
}

TEST_CASE("CloudEvents: one after another, and a batch cut anywhere") {
    std::string batch = "[";
    for (int i = 0; i < 5; ++i)
        batch += std::string(i ? ",\n" : "") + R"({"specversion":"1.0","id":"B)" + std::to_string(i) +
                 R"(","source":"/shop","type":"com.example.sold","data":{"n":1}})";
    batch += "]";
    for (const size_t size : {size_t{1}, size_t{50}, size_t{100000}}) {
        CAPTURE(size);
        const TempDir dir;
        TrackFeed feed(dir / "e.db", "application/cloudevents-batch+json");
        fine(feed.run([&] {
            for (size_t at = 0; at < batch.size(); at += size)
                feed.push(batch.substr(at, size));
        }));
        CHECK(feed.count("accepted") == 5);
        CHECK(feed.count("refused") == 0);
        CHECK(feed.number("SELECT count(*) FROM events WHERE type = 'com.example.sold'") == 5);
        CHECK(feed.balanced());
    }
    const TempDir dir;
    TrackFeed feed(dir / "e.db", "application/cloudevents+json");
    fine(feed.run([&] { feed.push(cloud + "\n" + R"({"specversion":"0.3","id":"X","type":"a.b","source":"/"})"); }));
    CHECK(feed.count("accepted") == 1);
    CHECK(feed.count("refused") == 1);
    CHECK(feed.number("SELECT length(id) FROM events") == 32); // a hash of source and id: together they are unique
    CHECK(feed.text("SELECT time FROM onair_events") == "2026-11-24T10:00:00.000000Z");
    CHECK(feed.balanced());
}

TEST_CASE("text: in timed streams a buffer is a whole, in a stream of bytes a line is") {
    const TempDir dir;
    TrackFeed feed(dir / "e.db", "text/x-raw,format=utf8");
    fine(feed.run([&] {
        feed.push("first", 0);
        feed.push("second\nthird", GST_SECOND);
    }));
    CHECK(feed.count("accepted") == 3);
    CHECK(feed.number("SELECT count(*) FROM events WHERE type = 'onair.text.line'") == 3);
    CHECK(feed.text("SELECT body->>'$.props.text' FROM events WHERE seq = 1") == "first");
    CHECK(feed.number("SELECT pts FROM events WHERE seq = 3") == static_cast<int64_t>(GST_SECOND));
    CHECK(feed.balanced());

    std::ofstream(dir / "lines.txt") << "one line\nand another\n";
    fine(test::run_launch("filesrc blocksize=5 location=" + (dir / "lines.txt") +
                          " ! text/x-raw,format=utf8 ! trackingsink location=" + (dir / "b.db")));
    TrackFeed bytes(dir / "b.db");
    CHECK(bytes.count("accepted") == 2);
    CHECK(bytes.text("SELECT body->>'$.props.text' FROM events WHERE seq = 1") == "one line");
}

TEST_CASE("tracking-context lies under the events after it, whatever way they come, until it is taken back") {
    const TempDir dir;
    TrackFeed feed(dir / "e.db");
    fine(feed.run([&] {
        feed.push("{\"type\":\"a.before\"}\n");
        feed.send(custom(GST_EVENT_CUSTOM_DOWNSTREAM_STICKY,
                         "tracking-context, subject.session=(string)S1, consent.analytics=(string)granted, "
                         "props.studio=(string)A, props.desk=(int)2;"));
        feed.push("{\"type\":\"a.under\",\"props\":{\"studio\":\"B\"}}\n");
        feed.send(custom(GST_EVENT_CUSTOM_DOWNSTREAM, "tracking-event, type=(string)a.custom;"));
        feed.send(custom(GST_EVENT_CUSTOM_DOWNSTREAM_STICKY, "tracking-context;"));
        feed.push("{\"type\":\"a.after\"}\n");
        feed.send(custom(GST_EVENT_CUSTOM_DOWNSTREAM_STICKY, "other-context, props.x=(int)1;"));
        feed.push("{\"type\":\"a.last\"}\n");
    }));
    CHECK(feed.count("accepted") == 5);
    CHECK(feed.text("SELECT body->>'$.props' FROM events WHERE type = 'a.under'") == R"({"studio":"B","desk":2})");
    CHECK(feed.text("SELECT session FROM events WHERE type = 'a.under'") == "S1");
    CHECK(feed.text("SELECT body->>'$.props.studio' FROM events WHERE type = 'a.custom'") == "A");
    for (const char* without : {"a.before", "a.after", "a.last"})
        CHECK(feed.number("SELECT count(session) + count(body->'$.props') FROM events WHERE type = '" +
                          std::string(without) + "'") == 0);
    CHECK(feed.balanced());
}

TEST_CASE("auto-track: the stream's own life") {
    const TempDir dir;
    TrackFeed feed(dir / "e.db", "application/x-ndjson",
                   "auto-track=start+caps+segment+tags+progress+gap+eos progress-interval=1000000000");
    fine(feed.run([&] {
        GstTagList* tags = gst_tag_list_new(GST_TAG_TITLE, "Evening news", GST_TAG_ARTIST, "Joe Bloggs",
                                            GST_TAG_GEO_LOCATION_NAME, "home", nullptr);
        for (guint i = 0; i < 5; ++i)
            feed.push("{\"type\":\"a.b\"}\n", i * GST_SECOND / 2);
        feed.send(gst_event_new_tag(tags));
        feed.send(gst_event_new_gap(3 * GST_SECOND, GST_SECOND));
    }));
    const auto n = [&](const char* type) {
        return feed.number("SELECT count(*) FROM events WHERE type = 'onair.stream." + std::string(type) + "'");
    };
    CHECK(n("start") == 1);
    CHECK(n("caps") == 1);
    CHECK(n("segment") == 1);
    CHECK(n("tags") == 1);
    CHECK(n("gap") == 1);
    CHECK(n("eos") == 1);
    CHECK(n("progress") == 3); // 0 s, 1 s, 2 s
    CHECK(feed.count("accepted") == 5 + 6 + 3);
    CHECK(feed.text("SELECT body->>'$.props.caps' FROM events WHERE type = 'onair.stream.caps'") ==
          "application/x-ndjson");
    CHECK(feed.number("SELECT body->>'$.props.buffers' FROM events WHERE type = 'onair.stream.eos'") == 5);
    CHECK(feed.text("SELECT body->>'$.props.title' FROM events WHERE type = 'onair.stream.tags'") == "Evening news");
    CHECK(feed.number("SELECT count(*) FROM events WHERE body LIKE '%Bloggs%' OR body LIKE '%home%'") == 0);
    CHECK(feed.balanced());

    TrackFeed off(dir / "off.db");
    fine(off.run([&] { off.push("{\"type\":\"a.b\"}\n", 0); }));
    CHECK(off.count("accepted") == 1);
}

TEST_CASE("time: a reference timestamp before a dated timecode before the clock") {
    struct Row {
        const char* reference; ///< or none
        guint64 ns;
        bool dated;
        const char *source, *time;
    };
    constexpr guint64 unix_s = 1764583200; // 2025-12-01 10:00:00 UTC
    const Row rows[] = {
        {"timestamp/x-unix", unix_s * GST_SECOND + 5 * GST_MSECOND, true, "refts", "2025-12-01T10:00:00.005000Z"},
        {"timestamp/x-ntp", (unix_s + 2208988800ULL) * GST_SECOND, true, "ntp", "2025-12-01T10:00:00.000000Z"},
        {"timestamp/x-ptp", (unix_s + 37) * GST_SECOND, true, "ptp", "2025-12-01T10:00:00.000000Z"},
        {"timestamp/x-other", unix_s * GST_SECOND, true, "timecode", "2025-12-01T01:00:00.480000Z"},
        {nullptr, 0, true, "timecode", "2025-12-01T01:00:00.480000Z"},
        {nullptr, 0, false, "pipeline", ""},
    };
    for (const Row& row : rows) {
        CAPTURE(row.source);
        const TempDir dir;
        TrackFeed feed(dir / "e.db");
        fine(feed.run([&] {
            GstBuffer* buffer = gst_buffer_new_memdup("{\"type\":\"a.b\"}\n", 15);
            GST_BUFFER_PTS(buffer) = 0;
            if (row.reference) {
                const gst::CapsPtr caps(gst_caps_new_empty_simple(row.reference));
                gst_buffer_add_reference_timestamp_meta(buffer, caps.get(), row.ns, GST_CLOCK_TIME_NONE);
            }
            GDateTime* midnight = row.dated ? g_date_time_new_utc(2025, 12, 1, 0, 0, 0) : nullptr;
            gst_buffer_add_video_time_code_meta_full(buffer, 25, 1, midnight, GST_VIDEO_TIME_CODE_FLAGS_NONE, 1, 0, 0,
                                                     12, 0);
            if (midnight) g_date_time_unref(midnight);
            feed.push(buffer);
        }));
        CHECK(feed.text("SELECT time_source FROM events") == row.source);
        if (*row.time) CHECK(feed.text("SELECT time FROM onair_events") == row.time);
        CHECK(feed.text("SELECT timecode FROM events") == "01:00:00:12@25/1");
    }
}

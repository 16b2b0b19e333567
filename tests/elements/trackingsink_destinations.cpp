// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
// Several destinations, what the bus and `stats` tell of them, and the signal verify.
#include "tests/support/command.hpp"
#include "tests/support/http_server.hpp"
#include "tests/support/pipeline.hpp"
#include "tests/support/track_fakes.hpp"
#include "tests/support/track_feed.hpp"

#include "common/gst/ref_ptr.hpp"
#include "engine/events/json.hpp"

#include <doctest/doctest.h>
#include <gst/gst.h>

#include <atomic>
#include <fstream>
#include <string>
#include <vector>

using namespace onair;
using test::http_answer;
using test::HttpServer;
using test::TempDir;
using test::TrackFeed;

namespace {

const std::string one = R"({"type":"a.b","action":{"name":"x"}})";

std::string body_of(const std::string& request) { return request.substr(request.find("\r\n\r\n") + 4); }

std::string take_all(const std::string& request) {
    track::json::Document doc;
    doc.Parse(body_of(request).c_str());
    return http_answer("200 OK", test::success(doc["requests"].Size()).body);
}

std::string token(const TempDir& dir, const char* name, const char* text) {
    std::ofstream(dir / name) << text << "\n";
    return dir / name;
}

/// A policy file with `destinations`.
std::string policy(const TempDir& dir, const std::string& destinations) {
    std::ofstream(dir / "policy.json") << R"({"format":1,"destinations":{)" << destinations << "}}";
    return "policy-file=" + (dir / "policy.json");
}

std::string described(const std::string& name, const std::string& url, const std::string& more) {
    return "\"" + name + R"(":{"kind":"matomo","url":")" + url + "\"," + more + "}";
}

/// Without the backslashes of serialisation.
std::string plain(std::string text) {
    std::erase(text, '\\');
    return text;
}

/// The field of a destination in `stats`, serialised.
std::string of_destination(GstElement* sink, const char* name, const char* field) {
    GstStructure* raw = nullptr;
    g_object_get(sink, "stats", &raw, nullptr);
    const gst::StructurePtr stats(raw);
    const GValue* all = gst_structure_get_value(stats.get(), "destinations");
    const GValue* its = gst_structure_get_value(gst_value_get_structure(all), name);
    if (!its) return "(none)";
    const GValue* value = gst_structure_get_value(gst_value_get_structure(its), field);
    if (!value) return "(none)";
    const gst::CharPtr text(gst_value_serialize(value));
    return plain(text.get());
}

/// The element messages of this name that are on the bus, as text, until one is there.
std::vector<std::string> messages(GstElement* pipeline, const char* name) {
    std::vector<std::string> out;
    GstBus* bus = gst_element_get_bus(pipeline);
    while (GstMessage* message =
               gst_bus_timed_pop_filtered(bus, out.empty() ? 10 * GST_SECOND : 0, GST_MESSAGE_ELEMENT)) {
        if (gst_message_has_name(message, name)) {
            const gst::CharPtr text(gst_structure_to_string(gst_message_get_structure(message)));
            out.push_back(plain(text.get()));
        }
        gst_message_unref(message);
    }
    gst_object_unref(bus);
    return out;
}

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

} // namespace

TEST_CASE("two destinations: each with its own site, token and fields; one that is down delays nothing") {
    const TempDir dir;
    const HttpServer first(take_all), second(take_all);
    const std::string other = described("other", second.url() + "/m/",
                                        R"("site":8,"token-file":")" + token(dir, "t2", "5econd") +
                                            R"(","allow":["type","source"],"batch-size":10)");
    const std::string down =
        described("down", "http://127.0.0.1:9/", R"("site":9,"token-file":")" + (dir / "t2") + "\"");
    TrackFeed feed(dir / "e.db", "application/x-ndjson",
                   "matomo-url=" + first.url() + " site-id=7 token-file=" + token(dir, "t1", "f1rst") +
                       " drain-timeout=300000000 " + policy(dir, other + "," + down));
    const auto result = feed.run([&] {
        for (int i = 0; i < 25; ++i)
            feed.push(one + "\n");
    });
    CHECK(result.eos);
    CHECK(of_destination(feed.sink(), "matomo", "delivered") == "25");
    CHECK(of_destination(feed.sink(), "other", "delivered") == "25");
    CHECK(of_destination(feed.sink(), "down", "queued") == "25");
    CHECK(of_destination(feed.sink(), "matomo", "state") == "closed");
    CHECK(std::stoi(of_destination(feed.sink(), "other", "requests")) >= 3); // more where the first was sent early
    CHECK(of_destination(feed.sink(), "other", "batch-size") == "10");
    CHECK(of_destination(feed.sink(), "down", "failures") != "0");
    CHECK(contains(of_destination(feed.sink(), "down", "last-error"), "cannot be reached"));
    CHECK(feed.balanced());
    for (const std::string& request : first.requests()) {
        CHECK(contains(request, "\"token_auth\":\"f1rst\""));
        CHECK(contains(request, "\"idsite\":7"));
        CHECK_FALSE(contains(request, "5econd"));
        CHECK(contains(request, "\"e_n\":\"x\""));
    }
    for (const std::string& request : second.requests()) {
        CHECK(request.starts_with("POST /m/matomo.php"));
        CHECK(contains(request, "\"token_auth\":\"5econd\""));
        CHECK(contains(request, "\"idsite\":8"));
        CHECK_FALSE(contains(request, "f1rst"));
        CHECK_FALSE(contains(request, "\"e_n\"")); // its own list of fields
    }
}

TEST_CASE("what is wrong with a destination is an error that names it") {
    const TempDir dir;
    token(dir, "t", "t0ken");
    const std::string with_token = R"("token-file":")" + (dir / "t") + "\"";
    struct Row {
        std::string destinations, more, text;
    };
    const Row rows[] = {
        {described("a", "http://127.0.0.1:9", R"("site":1)"), "", "destination a cannot be used: it has neither"},
        {described("a", "http://127.0.0.1:9", with_token), "", "destination a cannot be used: it has no site"},
        {described("a b", "http://127.0.0.1:9", R"("site":1,)" + with_token), "", "destination a b cannot be used"},
        {described("a", "ftp://127.0.0.1", R"("site":1,)" + with_token), "", "scheme is neither http nor https"},
        {described("a", "http://127.0.0.1:9", R"("site":1,"token-env":"NOT_THERE_I_HOPE")"), "", "it is not set"},
        {described("a", "http://127.0.0.1:9", R"("site":1,"ambiguous-policy":"verify",)" + with_token), "",
         "needs id-dimension"},
        {described("a", "http://127.0.0.1:9", R"("site":1,)" + with_token) + "," +
             described("b", "http://127.0.0.1:9/matomo.php", R"("site":1,)" + with_token),
         "", "same site as the destination"},
        {described("a", "http://127.0.0.1:9", R"("site":1,"kind":"other")"), "", "is there twice"},
        {"", "matomo-url=http://127.0.0.1:9 site-id=1 ambiguous-policy=verify token-file=" + (dir / "t"),
         "needs id-dimension"},
    };
    for (const Row& row : rows) {
        CAPTURE(row.text);
        TrackFeed feed(dir / "e.db", "application/x-ndjson", row.more + " " + policy(dir, row.destinations));
        const auto result = feed.run([] {});
        REQUIRE_FALSE(result.errors.empty());
        CHECK(contains(result.errors[0].text, row.text));
        CHECK_FALSE(contains(result.errors[0].text, "t0ken"));
    }
}

TEST_CASE("state and dead letters of a destination reach the bus") {
    const TempDir dir;
    std::atomic<int> n{0};
    const HttpServer server([&](const std::string& request) {
        if (n++ == 0) return http_answer("403 Forbidden", "", "Content-Type: text/html\r\n");
        track::json::Document doc;
        doc.Parse(body_of(request).c_str());
        const size_t last = doc["requests"].Size() - 1;
        if (contains(request, "\"e_n\":\"bad\""))
            return http_answer("200 OK", test::success(last, 1, "[" + std::to_string(last) + "]").body);
        return take_all(request);
    });
    TrackFeed feed(dir / "e.db", "application/x-ndjson",
                   "matomo-url=" + server.url() + " site-id=7 token-file=" + token(dir, "t", "t0ken"));
    gst_element_set_state(feed.pipeline(), GST_STATE_PLAYING);
    gboolean done = FALSE;
    g_signal_emit_by_name(feed.sink(), "push-json", one.c_str(), &done);
    CHECK(done);
    auto said = messages(feed.pipeline(), "trackingsink-destination");
    REQUIRE(said.size() == 1);
    CHECK(contains(said[0], "name=(string)matomo"));
    CHECK(contains(said[0], "state=(string)paused"));
    CHECK(contains(said[0], "refuses access"));
    CHECK(contains(said[0], "queued=(guint64)1"));
    CHECK(of_destination(feed.sink(), "matomo", "state") == "paused");
    g_signal_emit_by_name(feed.sink(), "flush", guint64{10 * GST_SECOND}, &done); // the operator has put it right
    CHECK(done);
    said = messages(feed.pipeline(), "trackingsink-destination");
    REQUIRE(said.size() >= 1);
    CHECK(contains(said.back(), "state=(string)closed"));
    feed.push(one + "\n" + R"({"id":"b-1","type":"a.b","action":{"name":"bad"}})" + "\n");
    said = messages(feed.pipeline(), "trackingsink-dead-letter");
    REQUIRE(said.size() == 1);
    CHECK(contains(said[0], "id=(string)b-1"));
    CHECK(contains(said[0], "reason=(string)invalid"));
    CHECK(contains(said[0], "destination=(string)matomo"));
    feed.end();
    gst_element_set_state(feed.pipeline(), GST_STATE_NULL);
    CHECK(feed.stat("dead") == 1);
    CHECK(feed.balanced());
}

TEST_CASE("the signal verify puts our counts beside those of the reports") {
    const TempDir dir;
    const HttpServer server([](const std::string& request) {
        if (request.starts_with("POST /matomo.php")) return take_all(request);
        const std::string form = body_of(request);
        CHECK(request.starts_with("POST /index.php"));
        CHECK(contains(form, "idSite=7&period=range&date=2026-11-01%2C2026-11-02&token_auth=t0ken"));
        if (contains(form, "Events.getCategory"))
            return http_answer("200 OK", R"([{"label":"a","nb_events":2},{"label":"b","nb_events":"1"}])");
        if (contains(form, "Actions.get")) return http_answer("200 OK", R"({"nb_pageviews":1,"nb_downloads":0})");
        if (contains(form, "ecommerceOrder")) return http_answer("200 OK", R"({"nb_conversions":1})");
        return http_answer("200 OK", R"({"nb_conversions":3})");
    });
    TrackFeed feed(dir / "e.db", "application/x-ndjson",
                   "matomo-url=" + server.url() + " site-id=7 token-file=" + token(dir, "t", "t0ken"));
    gst_element_set_state(feed.pipeline(), GST_STATE_PLAYING);
    const std::string at = R"("time":"2026-11-02T23:59:59Z")";
    const std::string events[] = {R"({"type":"a.b",)" + at + "}",
                                  R"({"type":"a.b",)" + at + "}",
                                  R"({"type":"a.b","time":"2026-11-03T00:00:00Z"})",
                                  R"({"type":"a.p","action":{"kind":"page","url":"http://a/"},)" + at + "}",
                                  R"({"type":"a.c","action":{"kind":"content","name":"c","url":"http://a/"},)" + at +
                                      "}",
                                  R"({"type":"a.c","action":{"kind":"content","name":"c"},)" + at + "}"};
    for (const std::string& event : events) {
        gboolean taken = FALSE;
        g_signal_emit_by_name(feed.sink(), "push-json", event.c_str(), &taken);
    }
    gboolean done = FALSE;
    g_signal_emit_by_name(feed.sink(), "flush", guint64{10 * GST_SECOND}, &done);
    CHECK(done);
    const auto ask = [&](const char* from, const char* to) {
        const gst::StructurePtr period(
            gst_structure_new("period", "from", G_TYPE_STRING, from, "to", G_TYPE_STRING, to, nullptr));
        GstStructure* raw = nullptr;
        g_signal_emit_by_name(feed.sink(), "verify", period.get(), &raw);
        if (!raw) return std::string("NULL");
        const gst::StructurePtr answer(raw);
        const gst::CharPtr text(gst_structure_to_string(answer.get()));
        return plain(text.get());
    };
    const std::string told = ask("2026-11-01", "2026-11-02");
    CAPTURE(told);
    const size_t theirs = told.find("theirs=");
    CHECK(told.find("events=(guint64)2") < theirs);
    CHECK(told.find("pages=(guint64)2") < theirs); // content without a URL is one to Matomo
    CHECK(told.find("events=(guint64)3", theirs) != std::string::npos);
    CHECK(told.find("goals=(guint64)2", theirs) != std::string::npos);
    CHECK(told.find("orders=(guint64)1", theirs) != std::string::npos);
    CHECK(ask("yesterday", "2026-11-02") == "NULL");
    CHECK(ask("2026-11-03", "2026-11-02") == "NULL");
    gst_element_set_state(feed.pipeline(), GST_STATE_NULL);
}

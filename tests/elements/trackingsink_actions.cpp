// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
// Action signals, settings that change what happens, and several elements on one file.
#include "tests/support/command.hpp"
#include "tests/support/http_server.hpp"
#include "tests/support/pipeline.hpp"
#include "tests/support/track_feed.hpp"

#include <doctest/doctest.h>
#include <gst/gst.h>

#include <fstream>
#include <sstream>
#include <string>
#include <unistd.h>
#include <vector>

using namespace onair;
using test::HttpServer;
using test::PipelineResult;
using test::TempDir;
using test::TrackFeed;

namespace {

const std::string joe = R"({"type":"a.joe","subject":{"user":"joe"},"consent":{"analytics":"granted"}})";
const std::string ann = R"({"type":"a.ann","subject":{"user":"ann"},"consent":{"analytics":"granted"}})";

gst::StructurePtr subject(const char* fields) {
    return gst::StructurePtr(gst_structure_from_string((std::string("subject, ") + fields + ";").c_str(), nullptr));
}

/// Emits `signal` with a subject; the report's field, or -1 without a report.
int64_t ask(GstElement* sink, const char* signal, const char* fields, const char* field) {
    GstStructure* report = nullptr;
    const auto s = subject(fields);
    g_signal_emit_by_name(sink, signal, s.get(), &report);
    if (!report) return -1;
    guint64 n = 0;
    gst_structure_get_uint64(report, field, &n);
    gst_structure_free(report);
    return static_cast<int64_t>(n);
}

std::string text_of(GstElement* sink, const char* signal, const char* argument) {
    gchar* text = nullptr;
    g_signal_emit_by_name(sink, signal, argument, &text);
    const std::string out = text ? text : "(null)";
    g_free(text);
    return out;
}

bool push(GstElement* sink, const std::string& json) {
    gboolean taken = FALSE;
    g_signal_emit_by_name(sink, "push-json", json.c_str(), &taken);
    return taken;
}

bool flush(GstElement* sink) {
    gboolean done = FALSE;
    g_signal_emit_by_name(sink, "flush", guint64{5 * GST_SECOND}, &done);
    return done;
}

std::vector<std::string> warnings(GstElement* pipeline) {
    std::vector<std::string> out;
    const gst::BusPtr bus(gst_element_get_bus(pipeline));
    while (const gst::MessagePtr message{gst_bus_pop_filtered(bus.get(), GST_MESSAGE_WARNING)})
        out.push_back(test::said_by(message.get(), gst_message_parse_warning).text);
    return out;
}

std::string files_of(const std::string& db) {
    std::string all;
    for (const char* suffix : {"", "-wal", "-shm"}) {
        std::ifstream file(db + suffix, std::ios::binary);
        std::ostringstream bytes;
        bytes << file.rdbuf();
        all += bytes.str();
    }
    return all;
}

} // namespace

TEST_CASE("push-event, push-json and flush; before PAUSED they are a warning") {
    const TempDir dir;
    TrackFeed feed(dir / "e.db");
    CHECK_FALSE(push(feed.sink(), R"({"type":"a.b"})"));
    const auto said = warnings(feed.pipeline());
    REQUIRE(said.size() == 1);
    CHECK(said[0].find("push-json needs the database") != std::string::npos);

    gst_element_set_state(feed.pipeline(), GST_STATE_PLAYING);
    CHECK(push(feed.sink(), R"({"type":"a.json"})"));
    gboolean taken = FALSE;
    const gst::StructurePtr event(gst_structure_from_string("x, type=(string)a.event, props.n=(int)7;", nullptr));
    g_signal_emit_by_name(feed.sink(), "push-event", event.get(), &taken);
    CHECK(taken);
    CHECK(push(feed.sink(), "no json")); // taken, and refused in the books
    CHECK(flush(feed.sink()));
    CHECK(feed.stat("stored") == 2);
    CHECK(feed.stat("refused") == 1);
    CHECK(feed.number("SELECT body->>'$.props.n' FROM events WHERE type = 'a.event'") == 7);
    gst_element_set_state(feed.pipeline(), GST_STATE_NULL);
    CHECK(feed.balanced());
}

TEST_CASE("withdraw, erase, export and grant") {
    const TempDir dir;
    const std::string db = dir / "e.db";
    TrackFeed feed(db);
    gst_element_set_state(feed.pipeline(), GST_STATE_PLAYING);
    for (int i = 0; i < 3; ++i)
        CHECK(push(feed.sink(), joe));
    CHECK(push(feed.sink(), ann));

    GstStructure* none = nullptr;
    const auto joes = subject("user=(string)joe");
    gchar* exported = nullptr;
    g_signal_emit_by_name(feed.sink(), "export", joes.get(), &exported);
    REQUIRE(exported);
    CHECK(std::string(exported).find("a.joe") != std::string::npos);
    CHECK(std::string(exported).find("a.ann") == std::string::npos);
    g_free(exported);

    CHECK(ask(feed.sink(), "withdraw", "user=(string)joe", "deleted") == 3);
    CHECK(push(feed.sink(), joe)); // opted out: counted only
    CHECK(flush(feed.sink()));
    CHECK(feed.stat("consent") == 1);
    CHECK(feed.number("SELECT count(*) FROM events") == 1);
    CHECK(ask(feed.sink(), "grant", "user=(string)joe", "released") == 0);
    CHECK(push(feed.sink(), joe));
    CHECK(flush(feed.sink()));
    CHECK(feed.number("SELECT count(*) FROM events") == 2);
    CHECK(ask(feed.sink(), "erase", "user=(string)joe", "deleted") == 1);
    CHECK(feed.number("SELECT count(*) FROM audit") >= 3);

    // Nobody is named: a warning, and nothing happens.
    warnings(feed.pipeline());
    g_signal_emit_by_name(feed.sink(), "erase", nullptr, &none);
    CHECK(none == nullptr);
    CHECK(ask(feed.sink(), "withdraw", "usr=(string)joe", "deleted") == -1);
    CHECK(warnings(feed.pipeline()).size() == 2);
    CHECK(feed.number("SELECT count(*) FROM events") == 1);
    gst_element_set_state(feed.pipeline(), GST_STATE_NULL);
    CHECK(files_of(db).find("joe") == std::string::npos);
    CHECK(files_of(db).find("ann") != std::string::npos);
    CHECK(feed.balanced());
}

TEST_CASE("visitor-id: the same for the same key, another for another") {
    const TempDir dir;
    TrackFeed feed(dir / "e.db");
    gst_element_set_state(feed.pipeline(), GST_STATE_PAUSED);
    const std::string first = text_of(feed.sink(), "visitor-id", "cookie-1");
    CHECK(first.size() == 16);
    CHECK(text_of(feed.sink(), "visitor-id", "cookie-1") == first);
    CHECK(text_of(feed.sink(), "visitor-id", "cookie-2") != first);
    CHECK(text_of(feed.sink(), "visitor-id", "") == "(null)");
    gst_element_set_state(feed.pipeline(), GST_STATE_NULL);
    gst_element_set_state(feed.pipeline(), GST_STATE_PAUSED); // it outlives the run
    CHECK(text_of(feed.sink(), "visitor-id", "cookie-1") == first);
    CHECK(files_of(dir / "e.db").find("cookie-1") == std::string::npos);
}

TEST_CASE("replay: refused events after the rule was changed; a wrong state is a warning") {
    const TempDir dir;
    std::ofstream(dir / "token") << "0123456789abcdef0123456789abcdef\n";
    TrackFeed feed(dir / "e.db");
    g_object_set(feed.sink(), "strict", TRUE, nullptr);
    gst_element_set_state(feed.pipeline(), GST_STATE_PLAYING);
    CHECK(push(feed.sink(), R"({"type":"a.b","strange":1})"));
    CHECK(flush(feed.sink()));
    CHECK(feed.stat("refused") == 1);
    g_object_set(feed.sink(), "strict", FALSE, nullptr); // at once
    guint n = 0;
    g_signal_emit_by_name(feed.sink(), "replay", "refused", nullptr, &n);
    CHECK(n == 1);
    CHECK(feed.stat("stored") == 1);
    CHECK(feed.number("SELECT body->>'$.props.strange' FROM events") == 1);
    warnings(feed.pipeline());
    g_signal_emit_by_name(feed.sink(), "replay", "nonsense", nullptr, &n);
    CHECK(n == 0);
    CHECK(warnings(feed.pipeline()).size() == 1);
    gst_element_set_state(feed.pipeline(), GST_STATE_NULL);
}

TEST_CASE("a policy is taken while the stream runs; a wrong one is a warning and changes nothing") {
    const TempDir dir;
    const std::string policy = dir / "policy";
    const auto write = [&](const std::string& text) { std::ofstream(policy) << text; };
    write(R"({"format":1,"rules":[{"name":"no-debug","match":{"type":["debug.*"]},"action":"drop"}]})");
    TrackFeed feed(dir / "e.db");
    gst_element_set_state(feed.pipeline(), GST_STATE_PLAYING);
    CHECK(push(feed.sink(), R"({"type":"debug.x"})"));
    g_object_set(feed.sink(), "policy-file", policy.c_str(), nullptr);
    CHECK(warnings(feed.pipeline()).empty());
    CHECK(push(feed.sink(), R"({"type":"debug.x"})"));
    CHECK(flush(feed.sink()));
    CHECK(feed.stat("stored") == 1);
    CHECK(feed.stat("filtered") == 1);
    write("{ nonsense");
    gboolean taken = TRUE;
    g_signal_emit_by_name(feed.sink(), "reload", &taken);
    CHECK_FALSE(taken);
    CHECK(warnings(feed.pipeline()).size() == 1);
    CHECK(push(feed.sink(), R"({"type":"debug.x"})"));
    CHECK(flush(feed.sink()));
    CHECK(feed.stat("filtered") == 2);
    write(R"({"format":1})");
    g_signal_emit_by_name(feed.sink(), "reload", &taken);
    CHECK(taken);
    CHECK(push(feed.sink(), R"({"type":"debug.x"})"));
    CHECK(flush(feed.sink()));
    CHECK(feed.stat("stored") == 2);
    gst_element_set_state(feed.pipeline(), GST_STATE_NULL);
    CHECK(feed.balanced());
}

TEST_CASE("privacy settings act before the store; pseudonyms need no reading back") {
    const TempDir dir;
    TrackFeed feed(dir / "e.db", "application/x-ndjson",
                   "pseudonyms=user-device ip-mask=3 referrer=exclude-all url-strip=secret consent-mode=anonymous");
    const auto result = feed.run([&] {
        feed.push(
            R"({"type":"a.b","subject":{"user":"joe"},"net":{"ip":"203.0.113.7","referrer":"https://r.example/p"},)"
            R"("action":{"kind":"page","url":"https://s.example/?secret=1&q=2"},"consent":{"analytics":"granted"}})"
            "\n");
        feed.push(R"({"type":"a.no","subject":{"user":"ben"},"net":{"ip":"203.0.113.8"}})"
                  "\n");
    });
    CHECK(result.errors.empty());
    CHECK(feed.count("accepted") == 2);
    CHECK(feed.text("SELECT body->>'$.net.ip' FROM events WHERE type = 'a.b'") == "203.0.0.0");
    CHECK(feed.text("SELECT body->>'$.action.url' FROM events WHERE type = 'a.b'") == "https://s.example/?q=2");
    CHECK(feed.number("SELECT count(*) FROM events WHERE body LIKE '%203.0.113%' OR body LIKE '%r.example%'") == 0);
    const std::string bytes = files_of(dir / "e.db");
    CHECK(bytes.find("joe") == std::string::npos);
    CHECK(bytes.find("ben") == std::string::npos);
    CHECK(feed.balanced());
}

TEST_CASE("no property, message or graph shows a token or a key") {
    const TempDir dir;
    const std::string secret = "5ec2e7a0b1c2d3e4f5a6b7c8d9e0f1a2";
    std::ofstream(dir / "token") << secret << "\n";
    const HttpServer server([](const auto&) { return test::http_answer("403 Forbidden", ""); });
    TrackFeed feed(dir / "e.db", "application/x-ndjson",
                   "pseudonyms=user matomo-url=" + server.url() + " site-id=1 token-file=" + (dir / "token"));
    gst_element_set_state(feed.pipeline(), GST_STATE_PLAYING);
    CHECK(push(feed.sink(), joe));
    CHECK_FALSE(flush(feed.sink()));
    std::ifstream key_file(dir / "e.db.key");
    std::string key;
    std::getline(key_file, key);
    CHECK(key.size() >= 64);
    const gst::CharPtr graph(gst_debug_bin_to_dot_data(GST_BIN(feed.pipeline()), GST_DEBUG_GRAPH_SHOW_ALL));
    std::string shown = graph.get();
    guint n = 0;
    GParamSpec** all = g_object_class_list_properties(G_OBJECT_GET_CLASS(feed.sink()), &n);
    for (guint i = 0; i < n; ++i) {
        if (!(all[i]->flags & G_PARAM_READABLE)) continue;
        GValue value = G_VALUE_INIT;
        g_value_init(&value, all[i]->value_type);
        g_object_get_property(G_OBJECT(feed.sink()), all[i]->name, &value);
        const gst::CharPtr text(g_strdup_value_contents(&value));
        shown += text.get();
        g_value_unset(&value);
    }
    g_free(all);
    for (const auto& text : warnings(feed.pipeline()))
        shown += text;
    CHECK(shown.find(secret) == std::string::npos);
    CHECK(shown.find(key) == std::string::npos);
    gst_element_set_state(feed.pipeline(), GST_STATE_NULL);
}

TEST_CASE("dry-run tells what would be sent and keeps nothing; validate-only only counts") {
    const TempDir dir;
    const std::string secret = "5ec2e7a0b1c2d3e4f5a6b7c8d9e0f1a2";
    std::ofstream(dir / "token") << secret << "\n";
    const HttpServer server([](const auto&) { return test::http_answer("200 OK", ""); });
    const std::string to = " matomo-url=" + server.url() + " site-id=1 token-file=" + (dir / "token");
    const std::string lines = joe + "\n" + R"({"type":"a.x","subject":{"user":"ben"}})" + "\nnonsense\n";
    for (const char* mode : {"dry-run=true", "validate-only=true"}) {
        CAPTURE(mode);
        const bool dry = std::string(mode).starts_with("dry");
        TrackFeed feed(dir / (std::string(mode) + ".db"), "application/x-ndjson", mode + to);
        const auto result = feed.run([&] { feed.push(lines); });
        CHECK(result.eos);
        CHECK(feed.stat("filtered") == 1);
        CHECK(feed.stat("consent") == 1);
        CHECK(feed.stat("refused") == 1);
        CHECK(feed.number("SELECT count(*) FROM events") == 0);
        CHECK(feed.balanced());
        CHECK(server.requests().empty());
        REQUIRE(result.messages.size() == (dry ? 1 : 0));
        if (!dry) continue;
        CHECK(result.messages[0].find("trackingsink-preview") != std::string::npos);
        CHECK(result.messages[0].find("joe") != std::string::npos);
        CHECK(result.messages[0].find(secret) == std::string::npos);
    }
}

TEST_CASE("two elements on one file share what they have, and end one after the other") {
    const TempDir dir;
    const std::string db = dir / "e.db";
    const auto link = dir / "link.db";
    TrackFeed first(db), second(link);
    REQUIRE(symlink("e.db", link.c_str()) == 0);
    gst_element_set_state(first.pipeline(), GST_STATE_PLAYING);
    gst_element_set_state(second.pipeline(), GST_STATE_PLAYING);
    CHECK(push(first.sink(), R"({"type":"a.first"})"));
    CHECK(push(second.sink(), R"({"type":"a.second"})"));
    CHECK(flush(second.sink()));
    CHECK(first.stat("stored") == 2);
    CHECK(second.stat("stored") == 2);
    gst_element_set_state(first.pipeline(), GST_STATE_NULL); // the second one goes on
    CHECK(push(second.sink(), R"({"type":"a.third"})"));
    gst_element_set_state(second.pipeline(), GST_STATE_NULL);
    CHECK(second.stat("stored") == 3);
    CHECK(first.count("accepted") == 3);
    CHECK(first.number("SELECT count(DISTINCT body->>'$.source') FROM events") == 2);
    CHECK(first.balanced());
}

TEST_CASE("two elements with other settings on one file: an error that names the property; alike: none") {
    const TempDir dir;
    struct Row {
        const char *mine, *theirs, *name; ///< none: they go together
    };
    const Row rows[] = {
        {"", "durability=sync", "durability"},
        {"max-rows=5", "max-rows=6", "max-rows"},
        {"", "ip-mask=2", "ip-mask"}, // overriding the policy file is a setting, though it is the default
        {"pseudonyms=user", "pseudonyms=off", "pseudonyms"},
        {"auto-track=gap", "auto-track=tags", nullptr},
        {"ip-mask=1", "ip-mask=1", nullptr},
    };
    for (const Row& row : rows) {
        CAPTURE(row.theirs);
        const std::string db = dir / (std::string(row.theirs) + ".db");
        TrackFeed first(db, "application/x-ndjson", row.mine), second(db, "application/x-ndjson", row.theirs);
        gst_element_set_state(first.pipeline(), GST_STATE_PLAYING);
        const auto result = second.run([&] { second.push(R"({"type":"a.b"})"); });
        CHECK(result.errors.empty() == (row.name == nullptr));
        if (row.name) {
            CHECK(result.errors[0].has("another value of the property " + std::string(row.name) + "."));
            // The first one was not disturbed.
            CHECK(push(first.sink(), R"({"type":"a.b"})"));
        }
        CHECK(flush(first.sink()));
        CHECK(first.stat("stored") == 1);
        gst_element_set_state(first.pipeline(), GST_STATE_NULL);
    }
}

TEST_CASE("a live stream does not wait: when-full=block says so once") {
    const TempDir dir;
    const std::string db = dir / "e.db";
    for (const bool live : {true, false}) {
        CAPTURE(live);
        TrackFeed feed(db, "application/x-ndjson", "when-full=block");
        const gst::ElementPtr src(gst_bin_get_by_name(GST_BIN(feed.pipeline()), "src"));
        g_object_set(src.get(), "is-live", static_cast<gboolean>(live), nullptr);
        const auto result = feed.run([&] {
            for (int i = 0; i < 3; ++i)
                feed.push("{\"type\":\"a.b\"}\n", i * GST_MSECOND);
        });
        CHECK(result.eos);
        REQUIRE(result.warnings.size() == (live ? 1 : 0));
        if (live) CHECK(result.warnings[0].has("cannot hold up a live pipeline"));
    }
}

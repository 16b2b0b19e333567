// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/support/http_server.hpp"
#include "tests/support/skip.hpp"
#include "tests/support/track_fakes.hpp"
#include "tests/support/track_feed.hpp"

#include "engine/events/json.hpp"

#include <doctest/doctest.h>
#include <gst/gst.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <fstream>
#include <mutex>
#include <string>
#include <thread>

using namespace onair;
using test::http_answer;
using test::HttpServer;
using test::TempDir;
using test::TrackFeed;

namespace {

const std::string good = R"({"type":"test.case.run","props":{"n":1}})";
const std::string secret = "5ecre7t0ken";

std::string take_all(const std::string& request) {
    track::json::Document doc;
    doc.Parse(request.substr(request.find("\r\n\r\n") + 4).c_str());
    return http_answer("200 OK", test::success(doc["requests"].Size()).body);
}

std::string to(const TempDir& dir, const std::string& url) {
    std::ofstream(dir / "token") << secret << "\n";
    return "matomo-url=" + url + " site-id=3 token-file=" + (dir / "token");
}

} // namespace

TEST_CASE("EOS comes after the delivery") {
    const TempDir dir;
    const HttpServer server(take_all);
    TrackFeed feed(dir / "e.db", "application/x-ndjson", to(dir, server.url() + "/"));
    const auto result = feed.run([&] {
        for (int i = 0; i < 450; ++i)
            feed.push(good + "\n");
    });
    CHECK(result.eos);
    CHECK(result.warnings.empty());
    CHECK(feed.count("delivered") == 450);
    CHECK(feed.stat("delivered") == 450);
    CHECK(feed.balanced());
    const std::string request = server.requests().at(0);
    CHECK(request.starts_with("POST /matomo.php HTTP/1.1"));
    CHECK(request.find("\"idsite\":3") != std::string::npos);
    CHECK(request.find("\"e_c\":\"test.case\",\"e_a\":\"run\"") != std::string::npos);
    test::ran();
}

TEST_CASE("a dead destination: one warning, EOS, and the next run sends what is queued") {
    const TempDir dir;
    std::string dead;
    {
        const HttpServer server([](const auto&) { return ""; });
        dead = server.url();
    }
    {
        TrackFeed feed(dir / "e.db", "application/x-ndjson", to(dir, dead) + " drain-timeout=1");
        const auto result = feed.run([&] {
            for (int i = 0; i < 10; ++i)
                feed.push(good + "\n");
        });
        CHECK(result.eos);
        CHECK(result.errors.empty());
        CHECK(feed.count("queued") == 10);
        CHECK(feed.balanced());
        if (!result.warnings.empty()) CHECK(result.warnings[0].has("cannot be reached"));
        CHECK(result.warnings.size() <= 1); // none, when the thread has not tried before it is stopped
    }
    const HttpServer server(take_all);
    {
        // Another destination: what was queued for the first does not go there.
        TrackFeed feed(dir / "e.db", "application/x-ndjson", to(dir, server.url()));
        CHECK(feed.run([&] { feed.push(good); }).eos);
        CHECK(feed.stat("carried") == 0);
        CHECK(feed.count("delivered") == 1);
        CHECK(feed.count("queued") == 10);
    }
    track::sql::Database(dir / "e.db").execute("UPDATE deliveries SET destination = 2");
    TrackFeed feed(dir / "e.db", "application/x-ndjson", to(dir, server.url()));
    CHECK(feed.run([] {}).eos);
    CHECK(feed.stat("carried") == 10);
    CHECK(feed.stat("delivered") == 10);
    CHECK(feed.count("queued") == 0);
}

TEST_CASE("refused access is one warning and no error") {
    const TempDir dir;
    const HttpServer server([](const auto&) { return http_answer("403 Forbidden", ""); });
    TrackFeed feed(dir / "e.db", "application/x-ndjson", to(dir, server.url()));
    const auto result = feed.run([&] { feed.push(good); });
    CHECK(result.eos);
    CHECK(result.errors.empty());
    REQUIRE(result.warnings.size() == 1);
    CHECK(result.warnings[0].has("refuses access (403)"));
    CHECK(feed.count("queued") == 1);
}

TEST_CASE("nothing personal is sent without consent, nothing at all without a destination") {
    const TempDir dir;
    const HttpServer server(take_all);
    TrackFeed feed(dir / "e.db", "application/x-ndjson", to(dir, server.url()));
    CHECK(feed.run([&] {
                  feed.push(R"({"type":"a.b","subject":{"user":"joe"}})"
                            "\n");
                  feed.push(R"({"type":"a.b","subject":{"user":"joe"},"consent":{"analytics":"granted","dnt":1}})"
                            "\n");
                  feed.push(R"({"type":"a.b","subject":{"user":"ann"},"consent":{"analytics":"granted"}})"
                            "\n");
              })
              .eos);
    std::string all;
    for (const auto& request : server.requests())
        all += request;
    CHECK(all.find("joe") == std::string::npos);
    CHECK(all.find("\"uid\":\"ann\"") != std::string::npos);
    CHECK(feed.count("consent") == 2);
    CHECK(feed.number("SELECT count(*) FROM refused") == 0); // nothing of them is kept
    CHECK(feed.balanced());

    TrackFeed silent(dir / "silent.db");
    CHECK(silent.run([&] { silent.push(good); }).eos);
    CHECK(silent.count("stored") == 1);
    CHECK(silent.count("queued") == 0);
}

TEST_CASE("a hanging destination: the stream goes on, and NULL does not wait for it") {
    const TempDir dir;
    std::mutex lock;
    std::condition_variable changed;
    bool asked = false, released = false;
    const HttpServer server([&](const auto&) {
        std::unique_lock guard(lock);
        asked = true;
        changed.notify_all();
        changed.wait(guard, [&] { return released; });
        return std::string();
    });
    {
        TrackFeed feed(dir / "e.db", "application/x-ndjson", to(dir, server.url()) + " drain-timeout=3600000000000");
        gst_element_set_state(feed.pipeline(), GST_STATE_PLAYING);
        feed.push(good + "\n");
        {
            std::unique_lock guard(lock);
            changed.wait(guard, [&] { return asked; });
        }
        for (int i = 0; i < 1000; ++i)
            feed.push(good + "\n");
        while (feed.stat("stored") < 1001) // the stream is not held up
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        feed.end();
        std::this_thread::sleep_for(std::chrono::milliseconds(50)); // into the drain, most likely
        gst_element_set_state(feed.pipeline(), GST_STATE_READY);    // an hour has not passed
        CHECK(feed.count("accepted") == 1001);
        CHECK(feed.count("queued") == 1001);
        CHECK(feed.stat("ambiguous") > 0); // the request was cut off
        CHECK(feed.balanced());
    }
    const std::lock_guard guard(lock);
    released = true;
    changed.notify_all();
}

TEST_CASE("the token is in no log, no property, no graph and no process argument") {
    const TempDir dir;
    // A registry of its own: a plugin that is built with a sanitizer does not load there, which must not be remembered.
    const std::string registry = "GST_REGISTRY_1_0=" + (dir / "registry") + " ";
    if (test::run_command(registry + "gst-inspect-1.0 trackingsink").status != 0)
        return test::skip("gst-inspect-1.0 and gst-launch-1.0 are not here, or cannot load a sanitized plugin");
    std::ofstream(dir / "e.ndjson") << good << "\n";
    const HttpServer server([](const auto&) { return http_answer("401 Unauthorized", ""); });
    const auto run = test::run_command(
        "GST_DEBUG=*:9 GST_DEBUG_FILE=" + (dir / "log") + " GST_DEBUG_DUMP_DOT_DIR=" + (dir / "") +
        " gst-launch-1.0 -v filesrc location=" + (dir / "e.ndjson") +
        " ! application/x-ndjson ! trackingsink location=" + (dir / "e.db") + " " + to(dir, server.url()));
    CHECK(run.status == 0);
    CHECK(run.output.find("refuses access (401)") != std::string::npos);
    CHECK(server.requests().at(0).find(secret) != std::string::npos);
    test::run_command("rm " + (dir / "token"));
    CHECK(test::run_command("grep -c trackingsink " + (dir / "log")).status == 0);
    CHECK(test::run_command("ls " + (dir / "") + "*.dot").status == 0);
    CHECK(test::run_command("grep -r -l " + secret + " " + (dir / "")).output.empty());
    CHECK(run.output.find(secret) == std::string::npos);
    test::ran();
}

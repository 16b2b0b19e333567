// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/support/command.hpp"
#include "tests/support/http_server.hpp"
#include "tests/support/track_books.hpp"

#include "engine/events/json_path.hpp"
#include "engine/store/sqlite.hpp"
#include "engine/tracker.hpp"

#include "common/base/error.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

using namespace onair;
using namespace onair::track;

namespace {

constexpr int64_t now = 1'795'521'600'000'000;

struct Dir {
    test::TempDir made;
    std::string path = made / "."; ///< the tests put names behind it
    Dir() { std::ofstream(path + "/token") << "0123456789abcdef0123456789abcdef\n"; }
    Tracker::Config config(const std::string& url = "") const {
        Tracker::Config out;
        out.location = path + "/events.db";
        out.source = "gst://h/p/e";
        out.matomo_url = url;
        out.site = 1;
        out.token_file = path + "/token";
        out.drain_timeout_us = 0;
        return out;
    }
    int64_t number(const std::string& sql) const { return sql::Database(path + "/events.db").integer(sql); }
};

Recorder::Result push(Tracker& tracker, const std::string& text) {
    Arrival arrival;
    arrival.recv_us = now;
    return tracker.push(text, arrival);
}

std::string personal(const std::string& user, const std::string& more = "") {
    return R"({"type":"a.b","subject":{"user":")" + user + R"("},"consent":{"analytics":"granted"})" + more + "}";
}

Subject user(const std::string& name) { return {.user = name, .device = {}, .session = {}, .visitor = {}}; }

std::string error_of(const std::function<void()>& what) {
    try {
        what();
    } catch (const Error& e) {
        return e.what();
    }
    return {};
}

test::HttpServer recording() {
    return test::HttpServer([](const std::string& request) {
        size_t n = 0;
        for (size_t at = request.find("\"idsite\""); at != std::string::npos; at = request.find("\"idsite\"", at + 1))
            ++n;
        return test::http_answer("200 OK",
                                 "{\"status\":\"success\",\"tracked\":" + std::to_string(n) + ",\"invalid\":0}");
    });
}

} // namespace

TEST_CASE("withdraw, erase, grant, forget and export need a subject") {
    const Dir dir;
    Tracker tracker(dir.config());
    for (const auto& act : std::vector<std::function<void()>>{[&] { tracker.withdraw({}); }, [&] { tracker.erase({}); },
                                                              [&] { tracker.grant({}); }, [&] { tracker.forget({}); },
                                                              [&] { tracker.export_subject({}); }})
        CHECK(error_of(act).find("No subject is named") != std::string::npos);
}

TEST_CASE("a withdrawal holds over restarts, until a grant") {
    const Dir dir;
    {
        Tracker tracker(dir.config());
        push(tracker, personal("joe"));
        push(tracker, personal("ann"));
        const ActReport report = tracker.withdraw(user("joe"));
        CHECK(report.deleted == 1);
        push(tracker, personal("joe"));
        tracker.commit();
        CHECK(tracker.books().consent == 1);
        CHECK(test::unbalanced(tracker.books()) == "");
    }
    CHECK(dir.number("SELECT count(*) FROM events WHERE user = 'joe'") == 0);
    CHECK(dir.number("SELECT count(*) FROM opt_out WHERE key LIKE '%joe%'") == 0); // keyed hashes only
    CHECK(dir.number("SELECT count(*) FROM audit WHERE action = 'withdraw'") == 2);
    CHECK(dir.number("SELECT count(*) FROM audit WHERE action || reason || counts LIKE '%joe%'") == 0);
    {
        Tracker tracker(dir.config());
        push(tracker, personal("joe"));
        tracker.commit();
        CHECK(tracker.books().consent == 1);
        tracker.grant(user("joe"));
        push(tracker, personal("joe"));
        tracker.commit();
        CHECK(tracker.books().stored == 1);
    }
    Tracker tracker(dir.config());
    push(tracker, personal("joe"));
    tracker.commit();
    CHECK(tracker.books().stored == 1);
}

TEST_CASE("opt-outs stand when pseudonyms are turned on and off in between") {
    const Dir dir;
    auto config = dir.config();
    config.policy.pseudonyms = Pseudonyms::user;
    {
        Tracker tracker(config);
        push(tracker, personal("joe"));
        CHECK(tracker.withdraw(user("joe")).deleted == 1); // found by its pseudonym
        push(tracker, personal("joe"));
        tracker.commit();
        CHECK(tracker.books().consent == 1);
    }
    Tracker tracker(dir.config()); // off
    push(tracker, personal("joe"));
    tracker.commit();
    CHECK(tracker.books().consent == 1);
}

TEST_CASE("a withdrawal that keeps the archive, without the person") {
    const Dir dir;
    Tracker tracker(dir.config());
    push(tracker, personal("joe", R"(,"action":{"name":"what"})"));
    const ActReport report = tracker.withdraw(user("joe"), true);
    CHECK(report.anonymised == 1);
    CHECK(report.deleted == 0);
    CHECK(dir.number("SELECT count(*) FROM events") == 1);
    CHECK(dir.number("SELECT count(*) FROM events WHERE body LIKE '%joe%' OR user IS NOT NULL") == 0);
}

TEST_CASE("without the key that the opt-outs were made with nothing is taken") {
    const Dir dir;
    { Tracker(dir.config()).withdraw(user("joe")); }
    const std::string key = dir.path + "/events.db.key";
    CHECK(std::filesystem::exists(key));
    std::filesystem::rename(key, key + ".old");
    CHECK(error_of([&] { Tracker tracker(dir.config()); }).find("bring the old key back") != std::string::npos);
    CHECK_FALSE(std::filesystem::exists(key)); // none was made in its place
    std::ofstream(key) << std::string(64, '0') << "\n";
    std::filesystem::permissions(key, std::filesystem::perms(0600));
    CHECK(error_of([&] { Tracker tracker(dir.config()); }).find("not the one") != std::string::npos);
    std::filesystem::rename(key + ".old", key);
    CHECK(error_of([&] { Tracker tracker(dir.config()); }).empty());
}

TEST_CASE("no key is made where none is needed") {
    const Dir dir;
    {
        Tracker tracker(dir.config());
        push(tracker, personal("joe"));
        tracker.commit();
    }
    CHECK_FALSE(std::filesystem::exists(dir.path + "/events.db.key"));
}

TEST_CASE("export: all that is stored of a subject") {
    const Dir dir;
    Tracker tracker(dir.config());
    push(tracker, personal("joe", R"(,"action":{"name":"what"})"));
    push(tracker, personal("ann"));
    json::Document doc;
    const std::string text = tracker.export_subject(user("joe"));
    doc.Parse(text.data(), text.size());
    REQUIRE(doc.IsArray());
    CHECK(text.find("\"what\"") != std::string::npos);
    CHECK(text.find("ann") == std::string::npos);
    tracker.withdraw(user("joe"));
    CHECK(tracker.export_subject(user("joe")).find(R"({"kind":"opt-out"})") != std::string::npos);
    CHECK(tracker.export_subject(user("nobody")) == "[]");
}

TEST_CASE("a policy that was tightened counts for what is queued") {
    const Dir dir;
    uint16_t port = 0;
    { port = recording().port(); }
    auto config = dir.config("http://127.0.0.1:" + std::to_string(port));
    config.policy.honour_dnt = false;
    {
        Tracker tracker(config); // nobody answers: queued
        push(tracker, R"({"type":"a.b","subject":{"user":"joe"},"consent":{"analytics":"granted","dnt":1}})");
        tracker.commit();
        CHECK(tracker.books().all().queued == 1);
        auto source = config.policy;
        source.honour_dnt = true;
        tracker.reload(source);
        CHECK(tracker.policy()->consent.honour_dnt);
        source.ip_mask = 9;
        source.file = "/nonexistent/policy.json";
        CHECK(error_of([&] { tracker.reload(source); }).find("cannot be read") != std::string::npos);
        CHECK(tracker.policy()->consent.honour_dnt); // what held before holds on
    }
    const test::HttpServer server([](const std::string&) { return std::string(); }, port);
    config.policy.honour_dnt = true;
    Tracker tracker(config);
    CHECK(tracker.flush(10'000'000));
    // By this run or, where the first one tried again in time, by that.
    CHECK(dir.number("SELECT count(*) FROM deliveries WHERE state = 'purged' AND reason = 'dnt'") == 1);
    CHECK(server.requests().empty());
    CHECK(test::unbalanced(tracker.books()) == "");
}

TEST_CASE("a dry run shows what would leave and keeps nothing") {
    const Dir dir;
    const test::HttpServer server = recording();
    auto config = dir.config(server.url());
    std::vector<std::string> shown;
    config.dry_run = true;
    config.preview = [&](std::string_view destination, std::string_view request) {
        shown.push_back(std::string(destination) + " " + std::string(request));
    };
    Tracker tracker(config);
    push(tracker, personal("joe", R"(,"net":{"ip":"203.0.113.7"})"));
    push(tracker, R"({"type":"a.b","subject":{"user":"ann"}})");
    push(tracker, "{}");
    CHECK(tracker.flush(1'000'000));
    REQUIRE(shown.size() == 1);
    CHECK(shown[0].find("matomo {") == 0);
    CHECK(shown[0].find("\"cip\":\"203.0.0.0\"") != std::string::npos);
    const Books books = tracker.books();
    CHECK(books.filtered == 1);
    CHECK(books.consent == 1);
    CHECK(books.refused == 1);
    CHECK(books.stored == 0);
    CHECK(test::unbalanced(books) == "");
    CHECK(server.requests().empty());
    config.dry_run = false;
    config.validate_only = true;
    tracker.close();
}

TEST_CASE("validate only") {
    const Dir dir;
    const test::HttpServer server = recording();
    auto config = dir.config(server.url());
    config.validate_only = true;
    Tracker tracker(config);
    push(tracker, personal("joe"));
    push(tracker, R"({"type":"nodot"})");
    CHECK(tracker.flush(1'000'000));
    CHECK(tracker.books().filtered == 1);
    CHECK(tracker.books().refused == 1);
    CHECK(dir.number("SELECT count(*) FROM events") == 0);
    CHECK(server.requests().empty());
}

TEST_CASE("refused events can be pushed again when the policy has changed") {
    const Dir dir;
    auto config = dir.config();
    config.policy.strict = true;
    Tracker tracker(config);
    push(tracker, R"({"type":"a.b","free":1})");
    push(tracker, R"({"type":"nodot"})");
    tracker.commit();
    CHECK(tracker.books().refused == 2);
    auto source = config.policy;
    source.strict = false;
    tracker.reload(source);
    CHECK(tracker.replay_refused("field") == 1);
    CHECK(dir.number("SELECT count(*) FROM events") == 1);
    CHECK(dir.number("SELECT count(*) FROM refused") == 1);
}

TEST_CASE("the first-party id: the same for a key, nothing for one who opted out") {
    const Dir dir;
    std::string id;
    {
        Tracker tracker(dir.config());
        id = tracker.visitor_id("joe@example.org");
        CHECK(id.size() == 16);
        CHECK(tracker.visitor_id("ann") != id);
        CHECK(tracker.visitor_id("").empty());
    }
    CHECK(dir.number("SELECT count(*) FROM visitors WHERE key LIKE '%joe%'") == 0);
    Tracker tracker(dir.config());
    CHECK(tracker.visitor_id("joe@example.org") == id);
    tracker.withdraw({.user = {}, .device = {}, .session = {}, .visitor = id});
    CHECK(tracker.visitor_id("joe@example.org").empty());
}

TEST_CASE("a user joins devices: the ad id of one is with the order of the other") {
    const Dir dir;
    const test::HttpServer server = recording();
    Tracker tracker(dir.config(server.url()));
    const auto event = [](const std::string& subject, const std::string& action) {
        return R"({"type":"shop.page.view","subject":{)" + subject +
               R"(},"consent":{"analytics":"granted","ads":"granted"},)" + action + "}";
    };
    push(tracker, event(R"("device":"aaaaaaaaaaaaaaaa")",
                        R"("action":{"kind":"page","url":"https://s/?gclid=G1&utm_campaign=spring"})"));
    push(tracker,
         event(R"("device":"aaaaaaaaaaaaaaaa","user":"joe")", R"("action":{"kind":"page","url":"https://s/in"})"));
    push(tracker, event(R"("device":"bbbbbbbbbbbbbbbb","user":"joe")",
                        R"("action":{"kind":"order"},"order":{"id":"7","revenue":5})"));
    CHECK(tracker.flush(10'000'000));
    CHECK(dir.number("SELECT count(DISTINCT visitor) FROM onair_journeys") == 1);
    CHECK(dir.number("SELECT count(*) FROM onair_journeys WHERE campaign ->> '$.gclid' = 'G1' AND order_id = '7'") ==
          1);
    std::string sent;
    for (const std::string& request : server.requests())
        sent += request;
    CHECK(sent.find("\"_rcn\":\"spring\"") != std::string::npos);
    CHECK(sent.find("G1") == std::string::npos); // on no list
    tracker.withdraw(user("joe"));
    CHECK(dir.number("SELECT count(*) FROM events") == 0); // those of the device before it signed in, too
    CHECK(dir.number("SELECT count(*) FROM visitors") == 0);
    CHECK(dir.number("SELECT count(*) FROM campaign") == 0);
}

TEST_CASE("withdrawing while others push: nothing of the subject is left, the books balance") {
    const Dir dir;
    const test::HttpServer server = recording();
    Tracker tracker(dir.config(server.url()));
    std::atomic<bool> stop{false};
    std::vector<std::thread> crowd;
    for (int t = 0; t < 2; ++t)
        crowd.emplace_back([&] {
            while (!stop)
                for (const char* who : {"joe", "ann"})
                    push(tracker, personal(who));
        });
    while (tracker.books().stored < 200)
        std::this_thread::yield();
    tracker.withdraw(user("joe"));
    const auto sent_before = [&] {
        size_t n = 0;
        for (const std::string& request : server.requests())
            for (size_t at = request.find("\"joe\""); at != std::string::npos; at = request.find("\"joe\"", at + 1))
                ++n;
        return n;
    };
    CHECK(dir.number("SELECT count(*) FROM events WHERE user = 'joe'") == 0);
    for (int i = 0; i < 100 && server.requests().empty(); ++i) // the one that was under way
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    const size_t sent = sent_before();
    const auto stored = tracker.books().stored;
    while (tracker.books().stored < stored + 200)
        std::this_thread::yield();
    stop = true;
    for (auto& thread : crowd)
        thread.join();
    CHECK(tracker.flush(20'000'000));
    CHECK(dir.number("SELECT count(*) FROM events WHERE user = 'joe'") == 0);
    CHECK(sent_before() == sent);
    CHECK(test::unbalanced(tracker.books()) == "");
}

TEST_CASE("CloudEvents and lines reach the store") {
    const Dir dir;
    Tracker tracker(dir.config());
    Arrival arrival;
    arrival.recv_us = now;
    CHECK(tracker.push_cloud_events(R"([{"specversion":"1.0","id":"1","source":"s","type":"a.b"},{"specversion":"1"}])",
                                    arrival) == Recorder::Result::ok);
    CHECK(tracker.push_line("hello", arrival) == Recorder::Result::ok);
    tracker.commit();
    CHECK(tracker.books().stored == 2);
    CHECK(tracker.books().refused == 1);
}

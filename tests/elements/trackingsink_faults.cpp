// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
// Every row of the decision table, through the element, to a server that keeps book. All rows at once, each with a
// pipeline and a server of its own: most of the time is back-off.
#include "tests/support/decision_table.hpp"
#include "tests/support/fault_books.hpp"
#include "tests/support/fault_plays.hpp"
#include "tests/support/skip.hpp"
#include "tests/support/track_feed.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <ctime>
#include <fstream>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

using namespace onair;
using namespace onair::test;

namespace {

constexpr int n = fault_events;
const std::string token = "5ecre7t0ken";

struct Outcome {
    int64_t delivered = 0, unconfirmed = 0, dead = 0, queued = 0, ambiguous = 0;
    bool operator==(const Outcome&) const = default;
};

Outcome outcome_of(const TrackFeed& feed) {
    return {feed.stat("delivered"), feed.stat("unconfirmed"), feed.stat("dead"), feed.stat("queued"),
            feed.stat("ambiguous")};
}

/// What the document says of it. All after it is played well.
Outcome expected(const FaultRow& row, const DecisionRow& said) {
    const int64_t events = row.proven ? n / 2 : n, dead = static_cast<int64_t>(row.play.invalid.size());
    Outcome out{.delivered = n - events};
    if (said.says(", ambiguous")) out.ambiguous = events * row.times;
    const size_t after = said.action.find("pause after ");
    const bool pauses = said.action.starts_with("pause") ||
                        (after != std::string::npos && row.times >= std::atoi(&said.action[after + 12]));
    if (said.action.starts_with("unconfirmed"))
        out.unconfirmed = events;
    else if (said.action.starts_with("unattributed") || (said.action.starts_with("split") && row.times > 1))
        out.dead = events;
    else if (pauses)
        out.queued = events;
    else if (said.action.starts_with("delivered")) {
        out.delivered += events - dead;
        out.dead = dead;
    } else
        out.delivered += events;
    return out;
}

std::string text(const Outcome& o) {
    return "delivered " + std::to_string(o.delivered) + ", unconfirmed " + std::to_string(o.unconfirmed) + ", dead " +
           std::to_string(o.dead) + ", queued " + std::to_string(o.queued) + ", ambiguous " +
           std::to_string(o.ambiguous);
}

std::string to(const TempDir& dir, const FaultServer& server) {
    std::ofstream(dir / "token") << token << "\n";
    return "matomo-url=" + server.url() + " site-id=3 token-file=" + (dir / "token");
}

/// `events` at once; the visitors are `visitors` many.
std::string events(int count, int visitors = 3) {
    std::string out;
    for (int i = 0; i < count; ++i)
        out += R"({"id":"e)" + std::to_string(i) + R"(","type":"test.case.run","source":"gst://h/p/)" +
               std::to_string(i % visitors) + R"(","action":{"name":"e)" + std::to_string(i) + "\"}}\n";
    return out;
}

std::string wrong_copies(const TrackFeed& feed, const FaultServer& server) {
    return wrong_copies(server, feed.database(), "matomo");
}

/// n events that wait for the server, so that the first request has all of them: they are queued for an address where
/// nobody is, which then becomes the server's.
void queue(const TempDir& dir, const FaultServer& server) {
    {
        TrackFeed feed(dir / "e.db", "application/x-ndjson",
                       "matomo-url=http://127.0.0.1:9 site-id=3 drain-timeout=1 token-file=" + (dir / "token"));
        feed.run([&] { feed.push(events(n)); });
    }
    track::sql::Database(dir / "e.db").execute("UPDATE destinations SET url = '" + server.url() + "/matomo.php'");
}

/// How a request comes to the server; it is there for all after it.
enum class Way { open, nobody_there, untrusted };

bool failed_once(const TrackFeed& feed) {
    for (int i = 0; i < 2000; ++i) {
        if (feed.of_destination("matomo", "failures") > 0) return true;
        g_usleep(5000);
    }
    return false;
}

/// What is wrong with one row; empty: nothing.
std::string play(const FaultRow& row, const DecisionRow& said, Way way = Way::open, const std::string& more = "") {
    const TempDir dir;
    const int first = row.proven;
    std::optional<TlsServer> stranger;
    if (way == Way::untrusted) stranger.emplace(make_certificate({}));
    auto server = std::make_unique<FaultServer>(
        [&](const Asked& asked) {
            return asked.number >= first && asked.number < first + row.times ? row.play : well();
        },
        token, 0, stranger);
    const std::string destination = to(dir, *server);
    queue(dir, *server);
    const uint16_t port = server->port();
    if (way == Way::nobody_there) server.reset();
    TrackFeed feed(dir / "e.db", "application/x-ndjson",
                   destination + " " + more + (row.proven ? " batch-size=5 max-connections=1" : ""));
    std::string out;
    const auto result = feed.run([&] {
        if (way != Way::nobody_there) return;
        if (!failed_once(feed)) out += "nothing failed; ";
        server = std::make_unique<FaultServer>([](const Asked&) { return well(); }, token, port);
    });
    if (feed.stat("carried") != n) out += "nothing was queued; ";
    if (!result.eos) out += "no EOS; ";
    if (!result.errors.empty()) out += "an error: " + result.errors[0].text + "; ";
    const Outcome wanted = expected(row, said);
    if (outcome_of(feed) != wanted) out += text(outcome_of(feed)) + " instead of " + text(wanted) + "; ";
    if (!feed.balanced()) out += "the books do not balance; ";
    if (way == Way::open && server->plays()[row.play.name] < 1) out += "it was not played; ";
    if (way == Way::untrusted && !server->everything().empty()) out += "a stranger was told something; ";
    return out + wrong_copies(feed, *server);
}

} // namespace

TEST_CASE("every row of the decision table") {
    std::map<std::string, DecisionRow> table;
    for (const DecisionRow& row : decision_table())
        table[row.answer] = row;
    if (table.empty()) return skip("docs/specs/delivery.md is not there");
    const FaultServer elsewhere([](const Asked&) { return well(); }, token);
    struct Played {
        FaultRow row;
        Way way = Way::open;
        std::string more = {}, wrong = {};
    };
    std::vector<Played> all;
    for (const FaultRow& row : fault_rows(elsewhere.url()))
        all.push_back({row});
    for (const FaultRow& row : timed_rows(1000))
        all.push_back({row, Way::open, "request-timeout=1000000000"});
    all.push_back(
        {{"no connection, or it broke before all was sent", named("nobody there", well())}, Way::nobody_there});
    all.push_back({{"certificate not trusted", named("a stranger", well())}, Way::untrusted});
    std::vector<std::thread> threads;
    for (Played& one : all) {
        REQUIRE_MESSAGE(table.count(one.row.row) == 1, one.row.row);
        threads.emplace_back([&] { one.wrong = play(one.row, table[one.row.row], one.way, one.more); });
    }
    for (auto& thread : threads)
        thread.join();
    for (const Played& one : all)
        CHECK_MESSAGE(one.wrong.empty(), one.row.play.name << ": " << one.wrong);
    CHECK(elsewhere.requests() == 0); // no redirect is followed
    CHECK(elsewhere.everything().empty());
    ran();
}

namespace {

/// How long the server was left alone after it had asked for that, s; `asked_at`: when it did.
double wait_after(const std::string& status, const std::string& when, std::atomic<std::time_t>& asked_at) {
    const TempDir dir;
    const Play busy = answers(status, "", "Content-Type: text/html\r\nRetry-After: " + when);
    FaultServer server(
        [&](const Asked& asked) {
            if (asked.number > 0) return well();
            asked_at = std::time(nullptr);
            return busy;
        },
        token);
    const std::string destination = to(dir, server);
    queue(dir, server);
    TrackFeed feed(dir / "e.db", "application/x-ndjson", destination);
    const bool eos = feed.run([] {}).eos;
    const auto gaps = server.gaps_s();
    return eos && feed.stat("delivered") == n && gaps.size() == 1 ? gaps[0] : 0;
}

} // namespace

TEST_CASE("Retry-After is kept to, in seconds and as a date") {
    char date[64] = "";
    const std::time_t at = std::time(nullptr) + 4;
    std::tm utc{};
    gmtime_r(&at, &utc);
    std::strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S GMT", &utc);
    double by_date = 0;
    std::atomic<std::time_t> asked_at{0}, other_asked_at{0}, third_asked_at{0};
    std::thread other([&] { by_date = wait_after("503 Service Unavailable", date, other_asked_at); });
    double other_by_date = 0;
    std::thread third([&] { other_by_date = wait_after("429 Too Many Requests", date, third_asked_at); });
    const double by_seconds = wait_after("429 Too Many Requests", "2", asked_at);
    other.join();
    third.join();
    CHECK(by_seconds > 1.95); // never sooner, and more than a first back-off
    CHECK(by_date > 0);
    CHECK(by_date > static_cast<double>(at - other_asked_at) - 1.05); // whole seconds are all that a date has
    CHECK(other_by_date > static_cast<double>(at - third_asked_at) - 1.05);
    CHECK(other_by_date > 0);
}

TEST_CASE("413: the batch becomes smaller, and what was too large once is not tried again") {
    const TempDir dir;
    FaultServer server(
        [](const Asked& asked) {
            return asked.bytes > 6000 ? answers("413 Payload Too Large", "", "Content-Type: text/html") : well();
        },
        token);
    TrackFeed feed(dir / "e.db", "application/x-ndjson", to(dir, server));
    CHECK(feed.run([&] { feed.push(events(400)); }).eos);
    CHECK(feed.stat("delivered") == 400);
    CHECK(feed.stat("ambiguous") == 0);
    CHECK(server.plays()["413 Payload Too Large"] < 12);
    CHECK(server.largest() > 10);
    CHECK(wrong_copies(feed, server).empty());
    CHECK(feed.balanced());
}

TEST_CASE("poison costs itself only, and outages in between cost nothing") {
    const TempDir dir;
    FaultServer server(
        [](const Asked& asked) {
            if (asked.number % 7 == 6) return answers("503 Service Unavailable", "", "Content-Type: text/html");
            return well();
        },
        token);
    TrackFeed feed(dir / "e.db", "application/x-ndjson", to(dir, server) + " drain-timeout=30000000000");
    const auto result = feed.run([&] {
        feed.push(events(300, 30));
        for (const char* name : {"bad1", "bad2", "bad3"})
            feed.push(R"({"id":")" + std::string(name) + R"(","type":"test.case.poison","source":"gst://h/p/1"})" +
                      "\n");
        for (int i = 0; i < 20; ++i) // a well one each, to tell poison from a server that is ill
            feed.push(R"({"id":"after)" + std::to_string(i) +
                      R"(","type":"test.case.run","source":"gst://h/p/1","action":{"name":"after)" + std::to_string(i) +
                      "\"}}\n");
    });
    CHECK(result.eos);
    CHECK(feed.stat("delivered") == 320);
    CHECK(feed.text("SELECT group_concat(id) FROM (SELECT id FROM onair_dead ORDER BY id)") == "bad1,bad2,bad3");
    CHECK(feed.text("SELECT group_concat(DISTINCT reason) FROM onair_dead") == "rejected");
    CHECK(server.books().count("bad1") == 0);
    CHECK(wrong_copies(feed, server).empty());
    CHECK(feed.balanced());
}

TEST_CASE("a page from a server that has taken events before is trouble that is got over within seconds") {
    const TempDir dir;
    FaultServer server(
        [](const Asked& asked) {
            return asked.number == 1 ? answers("200 OK", "<html>Sorry</html>", "Content-Type: text/html") : well();
        },
        token);
    TrackFeed feed(dir / "e.db", "application/x-ndjson", to(dir, server));
    gst_element_set_state(feed.pipeline(), GST_STATE_PLAYING);
    for (int i = 0; i < 2; ++i) {
        gboolean taken = FALSE, done = FALSE;
        const std::string event = R"({"id":"p)" + std::to_string(i) +
                                  R"(","type":"test.case.run","action":{"name":"p)" + std::to_string(i) + "\"}}";
        g_signal_emit_by_name(feed.sink(), "push-json", event.c_str(), &taken);
        CHECK(taken);
        g_signal_emit_by_name(feed.sink(), "flush", guint64{20} * GST_SECOND, &done); // a pause is three times as long
        CHECK(done);
    }
    CHECK(feed.stat("delivered") == 2);
    CHECK(feed.stat("ambiguous") == 1);
    gst_element_set_state(feed.pipeline(), GST_STATE_NULL);
    CHECK(wrong_copies(feed, server).empty());
    CHECK(feed.balanced());
}

TEST_CASE("a kept connection that dies after the server has stored: ambiguous, not sent again in secret") {
    const TempDir dir;
    FaultServer server(
        [](const Asked& asked) {
            return asked.number == 1 ? ends("cut", Play::End::reset, Play::Commit::all) : well();
        },
        token);
    TrackFeed feed(dir / "e.db", "application/x-ndjson", to(dir, server));
    gst_element_set_state(feed.pipeline(), GST_STATE_PLAYING);
    const auto flush = [&] {
        gboolean done = FALSE;
        g_signal_emit_by_name(feed.sink(), "flush", guint64{20} * GST_SECOND, &done);
        return done == TRUE;
    };
    feed.push(events(5, 1));
    while (feed.stat("stored") < 5)
        g_usleep(1000);
    CHECK(flush());
    feed.push(R"({"id":"late","type":"test.case.run","source":"gst://h/p/0","action":{"name":"late"}})"
              "\n");
    while (feed.stat("stored") < 6)
        g_usleep(1000);
    CHECK(flush());
    CHECK(feed.stat("delivered") == 6);
    CHECK(server.books().at("late") == 2);
    CHECK(feed.stat("ambiguous") == 1);
    gst_element_set_state(feed.pipeline(), GST_STATE_NULL);
    CHECK(wrong_copies(feed, server).empty());
}

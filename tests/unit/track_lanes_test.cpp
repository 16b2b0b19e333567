// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
// Several requests at a time: lanes, pace, circuit, questions, several destinations.
#include "tests/unit/track_lanes_rig.hpp"

TEST_CASE("what a visitor did goes in order, one request at a time, while others go beside it") {
    Rig rig({.pace = {.connections = 4, .events = 20}});
    rig.add(40, 12);
    std::map<std::string, int> next; // of each visitor
    size_t most = 0;
    std::mt19937 random(7);
    for (int round = 0; round < 500 && rig.send() > 0; ++round) {
        most = std::max(most, rig.under_way.size());
        std::map<std::string, uint64_t> who; // is in which request
        for (const auto& [id, request] : rig.under_way)
            for (const auto& name : names_in(request.body)) {
                const std::string visitor = name.substr(0, 16);
                const auto [at, fresh] = who.emplace(visitor, id);
                CHECK(at->second == id);
            }
        auto one = rig.under_way.begin();
        std::advance(one, random() % rig.under_way.size());
        if (random() % 4 == 0) { // all of it again
            rig.answer(one->first, http(503, ""));
            rig.wait();
            continue;
        }
        for (const auto& name : names_in(one->second.body))
            CHECK(std::stoi(name.substr(17)) == next[name.substr(0, 16)]++);
        rig.good(one->first);
        rig.wait();
    }
    CHECK(most == 4);
    CHECK(rig.books().delivered == 480);
    CHECK(rig.dispatcher.idle());
    CHECK(test::unbalanced_store(rig.store.books()).empty());
}

/// Seconds until all is sent, when a request takes a second an event and two of them are answered at a time. Visitors
/// from `first` on.
size_t time_for(int first, int visitors, int each, size_t events) {
    Rig rig({.pace = {.connections = 2, .events = events}});
    std::vector<Record> records;
    for (int i = 0; i < each; ++i)
        for (int v = 0; v < visitors; ++v)
            records.push_back(event_of(device(first + v), i));
    rig.store.commit(records);
    std::map<uint64_t, size_t> until;
    size_t now = 0;
    while (rig.send() > 0) {
        for (const auto& [id, request] : rig.under_way)
            until.try_emplace(id, now + rig.events(id));
        const auto next = std::min_element(until.begin(), until.end(),
                                           [](const auto& a, const auto& b) { return a.second < b.second; });
        now = next->second;
        rig.good(next->first);
        until.erase(next);
        rig.wait();
    }
    CHECK(rig.books().delivered == visitors * each);
    return now;
}

TEST_CASE("connections have as much to do, however the visitors fall") {
    for (const auto& [visitors, each] : {std::pair{20, 100}, {50, 60}, {200, 15}})
        for (const size_t events : {size_t{50}, size_t{200}, size_t{1000}})
            for (int first = 0; first < 4000; first += 1000) {
                CAPTURE(visitors);
                CAPTURE(events);
                CAPTURE(first);
                const auto ideal = static_cast<size_t>(visitors * each) / 2;
                CHECK(time_for(first, visitors, each, events) <= ideal + ideal / 20);
            }
}

TEST_CASE("requests are full while there is more in the store") {
    Rig rig({.pace = {.connections = 4, .events = 50}});
    rig.add(200, 20);
    size_t full = 0, others = 0;
    while (rig.send() > 0) {
        const uint64_t id = rig.first();
        ++(rig.events(id) == 50 ? full : others);
        rig.good(id);
        rig.wait();
    }
    CHECK(full >= 4000 / 50 - 6);
    CHECK(others <= 10);
}

TEST_CASE("events of days that are over are in one request at a time, fresh ones go beside it") {
    Rig rig({.pace = {.connections = 4, .events = 10}});
    constexpr int64_t day = 86'400'000'000;
    std::vector<Record> records;
    for (int visitor = 0; visitor < 60; ++visitor)
        for (int n = 0; n < 3; ++n)
            records.push_back(
                event_of(device(visitor), n, rig.clock.utc - (visitor < 30 ? 2 * day + visitor : 60'000'000)));
    rig.store.commit(records);
    size_t most = 0;
    for (int round = 0; round < 500 && rig.send() > 0; ++round) {
        most = std::max(most, rig.under_way.size());
        size_t with_past = 0;
        for (const auto& [id, request] : rig.under_way) {
            const auto names = names_in(request.body);
            with_past += std::any_of(names.begin(), names.end(),
                                     [](const auto& name) { return name.substr(0, 16) < device(30); });
        }
        CHECK(with_past <= 1);
        auto one = rig.under_way.begin();
        std::advance(one, static_cast<size_t>(round) % rig.under_way.size());
        round % 5 == 0 ? rig.answer(one->first, http(503, "")) : rig.good(one->first);
        rig.wait();
    }
    CHECK(most > 1);
    CHECK(rig.books().delivered == 180);
    CHECK(rig.dispatcher.idle());
}

TEST_CASE("more requests at a time while it goes well, half of them when it is too much") {
    Rig rig({.pace = {.connections = 8, .events = 10}});
    rig.add(64, 40);
    CHECK(rig.send() == 2);
    std::vector<size_t> at_a_time;
    for (int i = 0; i < 12; ++i) {
        rig.all_good();
        at_a_time.push_back(rig.send());
    }
    CHECK(std::is_sorted(at_a_time.begin(), at_a_time.end()));
    CHECK(at_a_time.back() > 4);
    const size_t before = rig.dispatcher.status().connections;
    rig.clock.monotonic += 1000;
    while (!rig.under_way.empty()) // all that were under way together are one failure
        rig.answer(rig.first(), http(429, ""));
    CHECK(rig.dispatcher.status().connections == before / 2);
    rig.wait();
    CHECK(rig.send() <= before / 2);
}

TEST_CASE("slow answers make smaller requests, fast ones larger again") {
    Pace pace({.connections = 1, .events = 200, .slow_us = 2'000'000});
    pace.succeeded(200, 0, 3'000'000);
    CHECK(pace.events() == 150);
    pace.succeeded(200, 1'000'000, 4'000'000); // was under way at that time
    CHECK(pace.events() == 150);
    for (int i = 0; i < 100; ++i)
        pace.succeeded(pace.events(), 5'000'000, 9'000'000);
    CHECK(pace.events() == 112);
    for (int i = 0; i < 200; ++i)
        pace.succeeded(pace.events(), 10'000'000, 10'100'000);
    CHECK(pace.events() > 112);
    pace.too_large(100, 100'000);
    CHECK(pace.events() == 50);
    CHECK(pace.bytes() == 50'000);
}

TEST_CASE("a circuit opens, is tried by one request, and closes") {
    Rig rig({.pace = {.connections = 4, .events = 10}});
    rig.add(32, 4);
    for (int i = 0; i < Breaker::trip; ++i) {
        CHECK(rig.dispatcher.status().state == Circuit::closed);
        rig.clock.monotonic += 1;
        rig.send();
        rig.clock.monotonic += 1;
        while (!rig.under_way.empty()) // all that were under way together are one failure
            rig.answer(rig.first(), broken(Answer::Kind::not_sent));
        CHECK(rig.send() == 0); // not before its time
        rig.wait();
    }
    CHECK(rig.states == std::vector<std::string>{"open"});
    CHECK(rig.last.reason.find("cannot be reached") != std::string::npos);
    CHECK(rig.last.queued == 128);
    CHECK(rig.send() == 1); // the probe
    CHECK(rig.states.back() == "half-open");
    CHECK(rig.send() == 1);
    rig.answer(rig.first(), broken(Answer::Kind::not_sent));
    CHECK(rig.states.back() == "open");
    rig.wait();
    rig.send();
    rig.all_good();
    CHECK(rig.states.back() == "closed");
    CHECK(rig.last.reason.empty());
    CHECK(rig.send() >= 1);
    CHECK(rig.books().ambiguous == 0);
}

TEST_CASE("a wrong configuration pauses, is said once, keeps the queue, and goes on when asked to") {
    for (const Answer& wrong :
         {http(401, ""), http(400, "<html>", "text/html"), http(302, ""), success(0, 4), broken(Answer::Kind::tls)}) {
        CAPTURE(wrong.status);
        Rig rig;
        rig.add(1, 4);
        rig.send();
        rig.answer(rig.first(), wrong);
        CHECK(rig.states == std::vector<std::string>{"paused"});
        CHECK(rig.dispatcher.due().value() - rig.clock.monotonic >= Timing{}.pause_us);
        rig.wait();
        rig.send();
        rig.answer(rig.first(), wrong);
        CHECK(rig.warnings.size() == 1);
        CHECK(rig.books().queued == 4);
        CHECK(rig.send() == 0);
        rig.dispatcher.try_now();
        CHECK(rig.send() == 1);
        rig.all_good();
        CHECK(rig.states.back() == "closed");
        CHECK(rig.books().delivered == 4);
    }
}

TEST_CASE("0 + 0 again and again is a wrong configuration") {
    Rig rig;
    rig.add(1, 4);
    for (int i = 0; i < 3; ++i) {
        CHECK(rig.dispatcher.status().state == Circuit::closed);
        rig.wait();
        rig.send();
        rig.answer(rig.first(), success(0, 0));
    }
    CHECK(rig.states == std::vector<std::string>{"paused"});
    rig.wait();
    rig.send();
    rig.all_good();
    CHECK(rig.books().delivered == 4);
}

TEST_CASE("all invalid, request after request: a token that lost its rights kills three requests at most") {
    Rig rig({.pace = {.connections = 1, .events = 5}});
    rig.add(1, 100);
    rig.send();
    rig.all_good();
    for (int i = 0; i < 20 && rig.dispatcher.status().state == Circuit::closed; ++i) {
        rig.wait();
        rig.send();
        rig.answer(rig.first(), success(0, 5));
    }
    CHECK(rig.dispatcher.status().state == Circuit::paused);
    CHECK(rig.books().dead == 15);
    CHECK(rig.books().queued == 80);
}

TEST_CASE("dead letters are told, ten a second") {
    Rig rig({.pace = {.connections = 1, .events = 40}});
    rig.add(1, 41);
    rig.send();
    rig.good(rig.first());
    rig.send();
    CHECK(rig.letters.empty());
    rig.answer(rig.first(), success(0, 1));
    REQUIRE(rig.letters.size() == 1);
    CHECK(rig.letters[0].id == device(0) + ".40");
    CHECK(rig.letters[0].reason == "invalid");
    CHECK(rig.letters[0].seq == 41);
    rig.add(1, 60, 41);
    rig.clock.monotonic += 1'000'000;
    rig.send();
    rig.answer(rig.first(), success(10, 30)); // nobody says which
    CHECK(rig.letters.size() == 11);
    CHECK(rig.letters.back().reason == "unattributed 30 of 40");
    rig.clock.monotonic += 1'000'000;
    rig.send();
    rig.answer(rig.first(), success(19, 1, "[0]"));
    CHECK(rig.letters.back().suppressed == 30);
    CHECK(rig.books().dead == 42);
}

TEST_CASE("with several requests under way nothing of who opts out is sent any more") {
    const auto key = std::make_shared<const Pseudonymiser>(std::string_view("k"));
    const auto opt_out = std::make_shared<OptOut>(key);
    const auto policy = std::make_shared<const Policy>();
    const Outbox outbox(
        "matomo", [&] { return policy; }, opt_out);
    Rig rig({.pace = {.connections = 4, .events = 10}, .outbox = &outbox});
    rig.add(32, 6);
    rig.send();
    REQUIRE(rig.under_way.size() == 2);
    const Subject gone{.user = {}, .device = device(3), .session = {}, .visitor = {}};
    opt_out->add(opt_out->keys_of(gone));
    for (bool first = true; rig.under_way.size() > 0; first = false) {
        for (const auto& [id, request] : rig.under_way)
            if (!first) CHECK(request.body.find(device(3)) == std::string::npos);
        const bool again = first; // what was under way comes back, and is not sent again as it was
        while (!rig.under_way.empty())
            again ? rig.answer(rig.first(), http(413, "")) : rig.good(rig.first());
        rig.wait();
        rig.send();
    }
    CHECK(rig.books().purged == 6);
    CHECK(rig.books().delivered == 186);
    CHECK(test::unbalanced_store(rig.store.books()).empty());
}

TEST_CASE("a destination that does not answer delays no other") {
    test::TempDir dir;
    SqliteStore store(dir / "e.db");
    const int64_t one = store.open_destination("matomo", "http://dead/matomo.php", "1", "dead");
    const int64_t two = store.open_destination("matomo", "http://well/matomo.php", "1", "well");
    const MatomoSender dead({"http://dead/matomo.php", "dead", false, true}, {.site = 1, .categories = {}}, "a");
    const MatomoSender well({"http://well/matomo.php", "well", false, true}, {.site = 1, .categories = {}}, "b");
    /// Nothing comes from "dead" before the end.
    struct Half : test::FakeTransport {
        using FakeTransport::FakeTransport;
        void start(uint64_t id, Request request) override {
            if (request.url.find("dead") == std::string::npos) return FakeTransport::start(id, std::move(request));
            const std::lock_guard guard(lock_);
            held.push_back(id);
        }
        void abort() override {
            {
                const std::lock_guard guard(lock_);
                for (const uint64_t id : held)
                    done_.push_back({id, broken(Answer::Kind::ambiguous)});
                held.clear();
            }
            wake();
        }
        std::vector<uint64_t> held;
    } transport([](const std::string& body) { return success(names_in(body).size()); });
    SystemClock clock;
    const auto config = [](const char* name) {
        Dispatcher::Config out{.name = name};
        out.random = [] { return 1.0; };
        return out;
    };
    Dispatcher first(store, one, dead, clock, config("dead")), second(store, two, well, clock, config("well"));
    {
        Courier courier({&first, &second}, transport, {});
        std::vector<Record> records;
        for (int i = 0; i < 1000; ++i)
            records.push_back(event_of(device(i % 20), i));
        store.commit(records);
        courier.wake();
        while (store.books().destinations[1].delivered < 1000)
            std::this_thread::yield();
        CHECK(store.books().destinations[0].queued == 1000);
        CHECK_FALSE(courier.drain(1000));
        courier.stop(0);
    }
    CHECK(store.books().destinations[0].ambiguous > 0);
    CHECK(test::unbalanced_store(store.books()).empty());
}

// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
// One event makes the server fail on the whole request and is not named.
#include "tests/unit/track_dispatcher_rig.hpp"

namespace {

/// Fails on poison, and on each of `count` requests from the one with the number `from` on.
Rig::Server ill_between(int from, int count, std::set<std::string> poison) {
    return [=, n = 0](const std::vector<std::string>& ids) mutable {
        ++n;
        const bool ill = n >= from && n < from + count;
        return ill || has_any(ids, poison) ? http(500, "{}") : success(ids.size());
    };
}

} // namespace

TEST_CASE("500: poison is found and costs only itself") {
    const std::vector<std::set<std::string>> poisons = {{"0"}, {"199"}, {"10", "11"}, {"3", "55", "90", "91", "160"}};
    for (const auto& poison : poisons) {
        CAPTURE(*poison.begin());
        CAPTURE(poison.size());
        Rig rig([&](const auto& ids) { return has_any(ids, poison) ? http(500, "{}") : success(ids.size()); });
        rig.add(200);
        CHECK(rig.run());
        CHECK(rig.store.books().all().dead == static_cast<int64_t>(poison.size()));
        CHECK(rig.store.books().all().delivered == 200 - static_cast<int64_t>(poison.size()));
        for (const auto& id : poison)
            CHECK(rig.state_of(id) == "dead:rejected");
        for (const auto& [id, times] : rig.seen)
            CHECK(times == 1);
        CHECK(rig.requests.size() < 6 + poison.size() * 18);
        rig.balance(200);
    }
}

TEST_CASE("500: a server that is ill kills no event") {
    bool ill = true;
    Rig rig([&](const auto& ids) { return ill ? http(500, "{}") : success(ids.size()); });
    rig.add(200);
    CHECK_FALSE(rig.run(80));
    CHECK(rig.store.books().all().dead == 0);
    CHECK(rig.store.books().all().queued == 200);
    CHECK(rig.waits > 3);
    ill = false;
    CHECK(rig.run());
    CHECK(rig.store.books().all().delivered == 200);
    rig.balance(200);
}

TEST_CASE("500: poison that comes last is found as well, whatever interrupts the search") {
    const std::set<std::string> poison{"55", "56", "57", "58", "59"};
    for (int ill_from = 1; ill_from < 40; ++ill_from)
        for (const int ill_for : {1, 4, 12, 40}) {
            CAPTURE(ill_from);
            CAPTURE(ill_for);
            Dispatcher::Config config;
            config.pace.events = 25;
            Rig rig(ill_between(ill_from, ill_for, poison), config);
            rig.add(60);
            CHECK(rig.run(300));
            CHECK(rig.store.books().all().dead == 5);
            CHECK(rig.store.books().all().delivered == 55);
        }
}

TEST_CASE("500: a good event among poison is not held up, and the next one is enough for all that is left") {
    for (const size_t most : {1, 200})
        for (int events = 2; events <= 9; ++events)
            for (int good = 0; good < events; ++good) {
                CAPTURE(most);
                CAPTURE(events);
                CAPTURE(good);
                const std::set<std::string> fine{"probe", std::to_string(good), std::to_string(events)};
                Dispatcher::Config config;
                config.pace.events = most;
                Rig rig(
                    [&](const auto& ids) {
                        return ids.size() == 1 && fine.count(ids[0]) ? success(1) : http(500, "{}");
                    },
                    config);
                rig.add(events);
                rig.run(100);
                CHECK(rig.state_of(std::to_string(good)) == "delivered");
                rig.add(1, events);
                rig.run(100);
                CHECK(rig.state_of(std::to_string(events)) == "delivered");
                CHECK(rig.store.books().all().dead == events - 1);
                rig.balance(events + 1);
            }
}

TEST_CASE("500: an event that fails alone waits for another to prove the server well") {
    const std::set<std::string> poison{"0"};
    Rig rig([&](const auto& ids) { return has_any(ids, poison) ? http(500, "{}") : success(ids.size()); });
    rig.add(1);
    CHECK_FALSE(rig.run(50));
    CHECK(rig.store.books().all().dead == 0);
    rig.add(1, 1);
    CHECK(rig.run());
    CHECK(rig.state_of("0") == "dead:rejected");
    CHECK(rig.state_of("1") == "delivered");
}

TEST_CASE("500: what failed before a restart is known to have failed") {
    Rig rig([&](const auto& ids) { return has_any(ids, {"0"}) ? http(500, "{}") : success(ids.size()); });
    rig.add(1);
    CHECK_FALSE(rig.run(20));
    rig.store.commit(std::vector<Record>{test::make_event("1", test::make_event("0").time_us - 1)}); // comes first
    Dispatcher next(rig.store, rig.to, rig.sender, rig.clock, rig.complete({}));
    CHECK(rig.run(next, 20));
    CHECK(rig.state_of("0") == "dead:rejected");
    CHECK(rig.state_of("1") == "delivered");
}

TEST_CASE("500: a batch that is nearly all poison is got through in the end") {
    const std::set<std::string> good{"27", "32"};
    Rig rig([&](const auto& ids) { return ids.size() == 1 && good.count(ids[0]) ? success(1) : http(500, "{}"); });
    rig.add(32);
    CHECK_FALSE(rig.run(5000));
    CHECK(rig.state_of("27") == "delivered");
    CHECK(rig.store.books().all().dead < 31); // after it nothing went through: the server could have fallen ill
    rig.add(1, 32);
    rig.run(5000);
    CHECK(rig.state_of("32") == "delivered");
    CHECK(rig.store.books().all().dead == 31);
    rig.balance(33);
}

TEST_CASE("500: a server that falls ill during the search for poison kills no innocent event") {
    for (int ill_from = 3; ill_from < 40; ++ill_from)
        for (const int ill_for : {1, 4, 40}) {
            CAPTURE(ill_from);
            CAPTURE(ill_for);
            Rig rig(ill_between(ill_from, ill_for, {"7", "30"}));
            rig.add(64);
            rig.run(300);
            rig.add(10, 64);
            CHECK(rig.run(300));
            CHECK(rig.store.books().all().dead == 2);
            CHECK(rig.state_of("7") == "dead:rejected");
            CHECK(rig.state_of("30") == "dead:rejected");
            CHECK(rig.store.books().all().delivered == 72);
        }
}

TEST_CASE("500: a search goes on where a busy server interrupted it") {
    for (const std::set<std::string>& poison : {std::set<std::string>{"1", "2", "3"}, {"0", "1", "2"}}) {
        int n = 0;
        Rig rig([&](const auto& ids) {
            if (++n % 5 == 0) return http(503, "");
            return has_any(ids, poison) ? http(500, "{}") : success(ids.size());
        });
        rig.add(12);
        CHECK(rig.run(200));
        CHECK(rig.store.books().all().dead == 3);
        CHECK(rig.store.books().all().delivered == 9);
        rig.add(8, 12);
        CHECK(rig.run(200));
        CHECK(rig.store.books().all().dead == 3);
        CHECK(rig.store.books().all().delivered == 17);
    }
}

TEST_CASE("an outage in the middle of the search for poison loses nothing") {
    const std::set<std::string> poison{"120"};
    int n = 0;
    Rig rig([&](const auto& ids) {
        ++n;
        if (n == 5) return broken(Answer::Kind::ambiguous);
        if (n == 6) return http(503, "");
        return has_any(ids, poison) ? http(500, "{}") : success(ids.size());
    });
    rig.add(200);
    CHECK(rig.run());
    CHECK(rig.store.books().all().delivered == 199);
    CHECK(rig.state_of("120") == "dead:rejected");
    CHECK(rig.store.books().all().ambiguous > 0);
    for (const auto& [id, times] : rig.seen)
        CHECK(times == 1);
    rig.balance(200);
}

TEST_CASE(
    "500: poison with nothing else in the queue is dead when probes have shown for hours that the server is well") {
    for (int events = 1; events <= 5; ++events) {
        CAPTURE(events);
        Rig rig([&](const auto& ids) { return ids[0] != "probe" ? http(500, "{}") : success(1); });
        rig.add(events);
        const int64_t before = rig.clock.monotonic;
        const bool few = events <= 4; // of more some will be innocent, most likely
        CHECK(rig.run() == few);
        CHECK(rig.store.books().all().dead == (few ? events : 0));
        CHECK(rig.clock.monotonic - before >= Timing{}.lone_us);
        CHECK(rig.store.books().all().ambiguous == 0);
        rig.balance(events);
        if (events > 1) continue;
        int probes = 0, tries = 0;
        for (const auto& request : rig.requests)
            ++(request[0] == "probe" ? probes : tries);
        CHECK(probes >= 10);
        CHECK(tries == probes + 1); // two in the beginning; then one each, and a probe after it
        CHECK(rig.requests.back()[0] == "probe");
        CHECK(rig.transport.bodies.back().find(R"("idsite":1,"rec":1,"apiv":1,"bots":1,"ping":1,"cid":")") !=
              std::string::npos);
    }
}

TEST_CASE("500: the last of a search is dead after a minute of good probes, not while the server is ill") {
    for (const int ill_for : {0, 3, 30}) { // from the moment on at which only the last witness, 2, is left
        CAPTURE(ill_for);
        int n = 0, written = 0;
        Rig rig([&](const auto& ids) {
            const bool ill = written >= 2 && n++ < ill_for;
            if (ill || has_any(ids, {"2"})) return http(500, "{}");
            if (ids[0] != "probe") written += static_cast<int>(ids.size());
            return success(ids.size());
        });
        rig.add(3);
        const int64_t before = rig.clock.monotonic;
        CHECK(rig.run());
        CHECK(rig.state_of("2") == "dead:rejected");
        CHECK(rig.clock.monotonic - before >= (ill_for ? Timing{}.lone_us : Timing{}.last_us));
        const auto probes = std::count(rig.requests.begin(), rig.requests.end(), std::vector<std::string>{"probe"});
        CHECK(probes >= 5);
    }
}

TEST_CASE(
    "500: an event that is alone is not dead while the server is ill, in whatever way, and goes when it is well") {
    const std::function<Answer(int)> ill[] = {
        [](int) { return http(500, "{}"); },                                           // its database is down
        [](int n) { return n % 7 == 0 ? success(1) : http(500, "{}"); },               // flaps
        [](int n) { return n % 9 == 0 ? http(503, "") : http(500, "{}"); },            // restarts now and then
        [](int n) { return n % 2 ? broken(Answer::Kind::not_sent) : http(500, "{}"); } // so does what is before it
    };
    for (const auto& answer : ill) {
        int n = 0;
        bool is_ill = true;
        Rig rig([&](const auto& ids) {
            if (!is_ill) return success(ids.size());
            ++n;
            return ids[0] == "probe" ? answer(n) : http(500, "{}");
        });
        rig.add(1);
        CHECK_FALSE(rig.run(2000));
        CHECK(rig.store.books().all().dead == 0);
        is_ill = false;
        CHECK(rig.run());
        CHECK(rig.state_of("0") == "delivered");
    }
    // A busy server between two tries: the hours begin anew.
    int tries = 0;
    Rig rig([&](const auto& ids) {
        if (ids[0] == "probe") return success(1);
        return ++tries % 40 == 0 ? http(503, "") : http(500, "{}");
    });
    rig.add(1);
    CHECK_FALSE(rig.run(1000));
    CHECK(rig.store.books().all().dead == 0);
}

TEST_CASE("500: with requests of one event poison is found by the others, and holds up none of them") {
    for (const size_t size : {1, 2, 3}) {
        CAPTURE(size);
        const std::set<std::string> poison{"0", "7"};
        Dispatcher::Config config;
        config.pace.events = size;
        Rig rig([&](const auto& ids) { return has_any(ids, poison) ? http(500, "{}") : success(ids.size()); }, config);
        rig.add(20);
        const int64_t before = rig.clock.monotonic;
        CHECK(rig.run(200));
        CHECK(rig.state_of("0") == "dead:rejected");
        CHECK(rig.state_of("7") == "dead:rejected");
        CHECK(rig.store.books().all().delivered == 18);
        CHECK(rig.clock.monotonic - before < 60'000'000);
        for (const auto& request : rig.requests)
            CHECK(request.size() <= size);
        rig.balance(20);
    }
}

TEST_CASE("500: with requests of one event a server that falls ill kills none") {
    for (int ill_from = 1; ill_from < 16; ++ill_from)
        for (const int ill_for : {1, 4, 40}) {
            CAPTURE(ill_from);
            CAPTURE(ill_for);
            Dispatcher::Config config;
            config.pace.events = 1;
            Rig rig(ill_between(ill_from, ill_for, {"3"}), config);
            rig.add(8);
            CHECK(rig.run(400));
            CHECK(rig.state_of("3") == "dead:rejected");
            CHECK(rig.store.books().all().delivered == 7);
        }
}

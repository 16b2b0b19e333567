// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
// One event makes the server fail on the whole request and is not named.
#include "tests/unit/track_dispatcher_rig.hpp"

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

TEST_CASE("500: a batch that is nearly all poison is got through in the end") {
    const std::set<std::string> good{"27", "32"};
    Rig rig([&](const auto& ids) { return ids.size() == 1 && good.count(ids[0]) ? success(1) : http(500, "{}"); });
    rig.add(32);
    CHECK_FALSE(rig.run(5000));
    CHECK(rig.state_of("27") == "delivered");
    CHECK(rig.store.books().all().dead == 0); // after it nothing went through: the server could have fallen ill
    rig.add(1, 32);
    rig.run(5000);
    CHECK(rig.state_of("32") == "delivered");
    CHECK(rig.store.books().all().dead >= 29); // two were kept as further witnesses: they wait for the next batch
    CHECK(rig.store.books().all().dead + rig.store.books().all().queued == 31);
    rig.balance(33);
}

TEST_CASE("500: a server that falls ill during the search for poison kills no innocent event") {
    for (int ill_from = 3; ill_from < 30; ill_from += 3)
        for (const int ill_for : {1, 4, 40}) {
            CAPTURE(ill_from);
            CAPTURE(ill_for);
            int n = 0;
            Rig rig([&](const auto& ids) {
                ++n;
                const bool ill = n >= ill_from && n < ill_from + ill_for;
                return ill || has_any(ids, {"7", "30"}) ? http(500, "{}") : success(ids.size());
            });
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
        const bool a_witness_is_poison = poison.count("0") > 0; // it waits for other events
        CHECK(rig.run(200) == !a_witness_is_poison);
        CHECK(rig.store.books().all().dead == 3 - a_witness_is_poison);
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

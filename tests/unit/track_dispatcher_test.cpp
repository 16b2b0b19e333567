// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/unit/track_dispatcher_rig.hpp"

TEST_CASE("all is delivered in batches, oldest first") {
    Rig rig(then_fine({}));
    rig.add(450);
    CHECK(rig.run());
    REQUIRE(rig.requests.size() == 3);
    CHECK(rig.requests[0].size() == 200);
    CHECK(rig.requests[2].size() == 50);
    CHECK(rig.requests[1][0] == "200");
    CHECK(rig.transport.urls[0] == "http://m/matomo.php");
    CHECK(rig.transport.bodies[0].find("\"token_auth\":\"secret\"") != std::string::npos);
    CHECK(rig.store.books().all().delivered == 450);
    CHECK(rig.warnings.empty());
    CHECK(rig.waits == 0);
    rig.balance(450);
}

TEST_CASE("a batch is sorted by time") {
    Rig rig(then_fine({}));
    rig.store.commit(std::vector<Record>{test::make_event("late", 1'795'521'600'000'000),
                                         test::make_event("early", 1'795'521'500'000'000)});
    CHECK(rig.run());
    CHECK(rig.requests[0] == std::vector<std::string>{"early", "late"});
}

TEST_CASE("what is sent again, and what that costs") {
    struct Row {
        const char* name;
        Answer answer;
        const char* warning;
        int64_t ambiguous;
        int64_t least_wait_us;
    };
    Answer later = http(503, "busy", "text/html");
    later.retry_after_s = 120;
    const Row rows[] = {
        {"no connection", broken(Answer::Kind::not_sent), "cannot be reached", 0, 1'000'000},
        {"bad certificate", broken(Answer::Kind::tls), "not trusted", 0, 60'000'000},
        {"no answer", broken(Answer::Kind::ambiguous), "counted as ambiguous", 4, 1'000'000},
        {"0 of 4", success(0), "recorded nothing", 0, 1'000'000},
        {"3 of 4", success(3), "counted as ambiguous", 4, 1'000'000},
        {"500 once", http(500, R"({"status":"error","tracked":2,"invalid":0})"), "stored nothing", 0, 1'000'000},
        {"429", http(429, ""), "429", 0, 1'000'000},
        {"502", http(502, "", "text/html"), "502", 4, 1'000'000},
        {"503 with Retry-After", later, "503", 0, 120'000'000},
        {"504", http(504, ""), "504", 4, 1'000'000},
        {"400", http(400, "<html>", "text/html"), "does not answer as Matomo", 0, 60'000'000},
        {"401", http(401, ""), "refuses access (401)", 0, 60'000'000},
        {"403", http(403, ""), "refuses access (403)", 0, 60'000'000},
        {"404", http(404, ""), "status 404", 0, 60'000'000},
        {"redirect", http(302, ""), "redirects (302)", 0, 60'000'000},
        {"not JSON", http(200, "hello", "text/html"), "does not answer as Matomo", 4, 60'000'000},
        {"all invalid at first", success(0, 4), "every event invalid", 0, 60'000'000},
    };
    for (const Row& row : rows) {
        CAPTURE(row.name);
        Rig rig(then_fine({row.answer, row.answer}));
        rig.add(4);
        const int64_t before = rig.clock.monotonic;
        rig.step();
        const auto due = rig.step();
        REQUIRE(due.has_value());
        CHECK(*due - before >= row.least_wait_us);
        CHECK(rig.requests.size() == 1); // nothing before its time
        CHECK(rig.store.books().all().queued == 4);
        CHECK(rig.run());
        CHECK(rig.store.books().all().delivered == 4);
        CHECK(rig.store.books().all().dead == 0);
        CHECK(rig.store.books().all().ambiguous == row.ambiguous * 2);
        CHECK(rig.warned(row.warning));
        CHECK(rig.warnings.size() == 1); // once a kind
        rig.balance(4);
    }
}

TEST_CASE("the back-off grows and is capped") {
    Rig rig([](const auto&) { return broken(Answer::Kind::not_sent); });
    rig.add(1);
    std::vector<int64_t> waits;
    for (int i = 0; i < 12; ++i) {
        rig.step();
        const int64_t due = rig.step().value();
        waits.push_back((due - rig.clock.monotonic) / 1'000'000);
        rig.clock.monotonic = due;
    }
    CHECK(waits == std::vector<int64_t>{1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300});
    CHECK(rig.warnings.size() == 1);
    rig.server = then_fine({});
    CHECK(rig.run());
    CHECK(rig.store.books().all().delivered == 1);
}

TEST_CASE("200 that names the invalid ones: those are dead, the rest is delivered") {
    Rig rig(then_fine({success(2, 2, "[1,2]")}));
    rig.add(4);
    CHECK(rig.run());
    CHECK(rig.state_of("0") == "delivered");
    CHECK(rig.state_of("1") == "dead:invalid");
    CHECK(rig.state_of("2") == "dead:invalid");
    CHECK(rig.state_of("3") == "delivered");
    CHECK(rig.requests.size() == 1);
    CHECK(rig.warned("reason invalid"));
    rig.balance(4);
}

TEST_CASE("200 that does not name them: none is sent again") {
    for (const Answer& answer : {success(2, 2), success(2, 2, "[]"), success(2, 2, "[1]"), success(2, 2, "[1,9]")}) {
        CAPTURE(answer.body);
        Rig rig(then_fine({answer}));
        rig.add(4);
        CHECK(rig.run());
        CHECK(rig.requests.size() == 1);
        CHECK(rig.state_of("0") == "dead:unattributed 2 of 4");
        CHECK(rig.store.books().all().dead == 4);
        CHECK(rig.warned("2 of 4 events invalid"));
    }
}

TEST_CASE("all invalid: a wrong site at first, dead events once the destination has taken some") {
    Rig rig(then_fine({success(1)}));
    rig.add(1);
    CHECK(rig.run());
    rig.server = then_fine({success(0, 3)});
    rig.add(3, 1);
    CHECK(rig.run());
    CHECK(rig.store.books().all().dead == 3);
    CHECK(rig.state_of("2") == "dead:invalid");
}

TEST_CASE("a page instead of a count: a wrong address at first, trouble of a server that has taken events before") {
    const Answer page = http(200, "<html>Sorry</html>", "text/html");
    Rig wrong(then_fine({page}));
    wrong.add(1);
    auto due = wrong.step();
    REQUIRE(due);
    CHECK(*due - wrong.clock.monotonic >= track::Timing().pause_us);
    CHECK(wrong.dispatcher.status().state == Circuit::paused);
    CHECK(wrong.warned("check matomo-url"));

    for (const bool other_run : {false, true}) {
        CAPTURE(other_run);
        Rig rig(then_fine({success(1), page}));
        rig.add(1);
        CHECK(rig.run());
        rig.add(2, 1);
        Dispatcher next_run(rig.store, rig.to, rig.sender, rig.clock, rig.complete({}));
        Dispatcher& dispatcher = other_run ? next_run : rig.dispatcher;
        dispatcher.look();
        for (auto& [id, request] : dispatcher.next())
            rig.transport.start(id, std::move(request));
        for (auto& [id, answer] : rig.transport.wait(0))
            dispatcher.answered(id, answer);
        REQUIRE(dispatcher.due());
        CHECK(*dispatcher.due() - rig.clock.monotonic <= track::Timing().backoff_us);
        CHECK(dispatcher.status().state == Circuit::closed);
        CHECK(rig.warned("has taken events before"));
        CHECK_FALSE(rig.warned("matomo-url"));
        CHECK(rig.store.books().all().ambiguous == 2);
    }
}

TEST_CASE("Matomo's database goes away in the middle of a request: sent again, not ambiguous, no search for poison") {
    Rig rig(
        then_fine({http(200, "Error:SQLSTATE[HY000]: General error: 2006 MySQL server has gone away", "text/html")}));
    rig.add(3);
    CHECK(rig.run());
    CHECK(rig.waits == 1);
    CHECK(rig.requests.size() == 2);
    CHECK(rig.warned("lost its database"));
    CHECK(rig.store.books().all().ambiguous == 0);
    CHECK(rig.store.books().all().delivered == 3);
}

TEST_CASE("answers without a count are unconfirmed") {
    for (const Answer& answer : {http(204, ""), http(200, "GIF89a", "image/gif"), success(9)}) {
        Rig rig(then_fine({answer}));
        rig.add(4);
        CHECK(rig.run());
        CHECK(rig.store.books().all().unconfirmed == 4);
        CHECK(rig.warned("cannot be confirmed"));
        rig.balance(4);
    }
}

TEST_CASE("413: in halves, and the size is remembered") {
    Rig rig([](const auto& ids) { return ids.size() > 50 ? http(413, "") : success(ids.size()); });
    rig.add(400);
    CHECK(rig.run());
    CHECK(rig.store.books().all().delivered == 400);
    int refused = 0;
    for (const auto& request : rig.requests)
        refused += request.size() > 50;
    CHECK(refused == 3); // 200, 100 and the second 100
    for (const auto& [id, times] : rig.seen)
        CHECK(times == 1);

    Rig tiny([](const auto&) { return http(413, ""); });
    tiny.add(2);
    CHECK(tiny.run());
    CHECK(tiny.store.books().all().dead == 2);
    CHECK(tiny.state_of("0") == "dead:too-large");
}

TEST_CASE("who opts out while a batch is under way is in no further request of it") {
    const auto key = std::make_shared<const Pseudonymiser>(std::string_view("k"));
    const auto opt_out = std::make_shared<OptOut>(key);
    const auto policy = std::make_shared<const Policy>();
    const Outbox outbox(
        "matomo", [&] { return policy; }, opt_out);
    const Subject joe{.user = "joe", .device = {}, .session = {}, .visitor = {}};
    int n = 0;
    Rig rig(
        [&](const std::vector<std::string>& ids) {
            if (n++ > 0) return success(ids.size());
            opt_out->add(opt_out->keys_of(joe)); // the store does not know yet
            return http(413, "");                // and the batch is in halves
        },
        {.outbox = &outbox});
    rig.add(3);
    Event event = test::make_event("J");
    event.body = R"({"id":"J","type":"a.b","action":{"name":"J"},"subject":{"user":"joe"},)"
                 R"("consent":{"analytics":"granted"}})";
    event.user = "joe";
    event.consent = Consent::granted;
    rig.store.commit(std::vector<Record>{event});
    CHECK(rig.run());
    CHECK(rig.seen["J"] == 0);
    CHECK(rig.state_of("J") == "purged:opt-out");
    CHECK(rig.store.books().all().delivered == 3);
    rig.balance(4);
}

TEST_CASE("an event without consent is purged, one that cannot be compiled is dead; they hold up nobody") {
    Rig rig(then_fine({}));
    Event personal = test::make_event("P");
    personal.body = R"({"id":"P","type":"a.b","subject":{"user":"u"},"consent":{"analytics":"denied"}})";
    personal.consent = Consent::denied;
    Event unknown = test::make_event("K");
    unknown.body = R"({"id":"K","type":"a.b","action":{"kind":"dance"}})";
    rig.store.commit(std::vector<Record>{personal, unknown});
    CHECK(rig.run());
    CHECK(rig.requests.empty()); // the gate before the wire
    CHECK(rig.state_of("P") == "purged:denied");
    CHECK(rig.state_of("K") == "dead:unmapped");
    rig.add(1);
    CHECK(rig.run());
    CHECK(rig.store.books().all().delivered == 1);
}

TEST_CASE("the thread sends, drains and stops") {
    Rig rig(then_fine({}));
    std::atomic<int> failures{0};
    SystemClock clock;
    Dispatcher dispatcher(rig.store, rig.to, rig.sender, clock, rig.complete({}));
    Courier thread({&dispatcher}, rig.transport, [&](const Error&) { ++failures; });
    for (int i = 0; i < 10; ++i) {
        rig.add(50, i * 50);
        thread.wake();
    }
    CHECK(thread.drain(60'000'000));
    CHECK(rig.store.books().all().delivered == 500);
    thread.stop(0);
    CHECK_FALSE(thread.drain(60'000'000));
    CHECK(failures == 0);
}

TEST_CASE("draining gives up where the next try is too far away") {
    Rig rig([](const auto&) { return http(403, ""); });
    rig.add(5);
    SystemClock clock;
    Dispatcher dispatcher(rig.store, rig.to, rig.sender, clock, rig.complete({}));
    Courier thread({&dispatcher}, rig.transport, {});
    CHECK_FALSE(thread.drain(30'000'000)); // the next one is due in 60 s: not waited for
    Interrupt interrupt;
    interrupt.set(true);
    CHECK_FALSE(thread.drain(INT64_C(1) << 40, Wait(interrupt)));
    CHECK(rig.store.books().all().queued == 5);
}

TEST_CASE("an interruption that is taken back at once ends the drain all the same") {
    std::atomic<bool> asked{false}, released{false};
    Rig rig([&](const auto&) {
        asked = true;
        while (!released)
            std::this_thread::yield();
        return http(503, "");
    });
    rig.add(5);
    SystemClock clock;
    Dispatcher dispatcher(rig.store, rig.to, rig.sender, clock, rig.complete({}));
    Courier thread({&dispatcher}, rig.transport, {});
    while (!asked)
        std::this_thread::yield();
    std::atomic<bool> drained{false};
    Interrupt interrupt;
    std::thread waiting([&] {
        thread.drain(INT64_C(3600) * 1'000'000, Wait(interrupt));
        drained = true;
    });
    while (!drained) { // until it waits there is nothing to interrupt
        interrupt.set(true);
        interrupt.set(false);
        thread.wake_waiting();
        std::this_thread::yield();
    }
    waiting.join();
    released = true;
}

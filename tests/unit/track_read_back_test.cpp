// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
// What may have arrived: dropped, asked for, known by its conversion.
#include "tests/unit/track_lanes_rig.hpp"

TEST_CASE("ambiguous-policy=drop: what may have arrived is unconfirmed and not sent again") {
    Rig rig({.ambiguous = AmbiguousPolicy::drop});
    rig.add(1, 4);
    rig.send();
    rig.answer(rig.first(), broken(Answer::Kind::ambiguous));
    CHECK(rig.books().unconfirmed == 4);
    CHECK(rig.books().ambiguous == 4);
    CHECK(rig.state_of(device(0) + ".2") == "unconfirmed:ambiguous");
    CHECK(rig.later() == 0);
    CHECK(rig.dispatcher.idle());
}

TEST_CASE("ambiguous-policy=verify: what is there is not sent again, what is absent twice is") {
    Rig rig({.ambiguous = AmbiguousPolicy::verify}, with_ids);
    rig.add(1, 3);
    rig.send();
    rig.answer(rig.first(), broken(Answer::Kind::ambiguous));
    CHECK(rig.books().queued == 3);
    REQUIRE(rig.later() == 1);
    const Request question = rig.under_way.begin()->second;
    CHECK(question.url == "http://m/index.php");
    CHECK(std::string(question.type) == "application/x-www-form-urlencoded");
    CHECK(question.body.find("method=Live.getLastVisitsDetails") != std::string::npos);
    CHECK(question.body.find("dimension5%3D%3D" + device(0) + ".1%2C") != std::string::npos);
    CHECK(question.body.find("date=2026-11-23%2C2026-11-25") != std::string::npos);
    rig.answer(rig.first(), http(500, "")); // no guess
    CHECK(rig.books().queued == 3);
    REQUIRE(rig.later() == 1);
    rig.answer(rig.first(), http(200, R"({"result":"error","message":"no access"})"));
    CHECK(rig.books().queued == 3);
    REQUIRE(rig.later() == 1); // asked about in halves now
    rig.answer(rig.first(), http(200, R"([{"actionDetails":[{"dimension5":")" + device(0) + R"(.0"}]}])"));
    CHECK(rig.books().delivered == 0);
    REQUIRE(rig.send() == 1);
    rig.answer(rig.first(), http(200, "[]"));
    CHECK(rig.send() == 0); // a server that was slow to store may still be at it
    CHECK(rig.dispatcher.due().value() - rig.clock.monotonic == 10'000'000);
    REQUIRE(rig.later() == 1);
    rig.answer(rig.first(), http(200, R"([{"actionDetails":[{"dimension5":")" + device(0) + R"(.1"}]}])"));
    REQUIRE(rig.send() == 1); // the visit may have more actions than it shows
    CHECK(rig.under_way.begin()->second.body.find("doNotFetchActions=1") != std::string::npos);
    rig.answer(rig.first(), http(200, "[]"));
    CHECK(rig.books().delivered == 2);
    REQUIRE(rig.send() == 1);
    CHECK(names_in(rig.under_way.begin()->second.body) == std::vector<std::string>{device(0) + ".2"});
    rig.all_good();
    CHECK(rig.books().delivered == 3);
    CHECK(rig.books().ambiguous == 3);
    CHECK(test::unbalanced_store(rig.store.books()).empty());
}

TEST_CASE("verify after a crash: what was being sent is asked for first") {
    Rig rig({.ambiguous = AmbiguousPolicy::verify}, with_ids);
    rig.add(1, 2);
    rig.send();
    rig.store.open_destination("matomo", "http://m/matomo.php", "1"); // as the next run does
    Dispatcher next(rig.store, rig.to, rig.sender, rig.clock, rig.complete({.ambiguous = AmbiguousPolicy::verify}));
    const auto out = next.next();
    REQUIRE(out.size() == 1);
    CHECK(out[0].request.url == "http://m/index.php");
}

TEST_CASE("conversions are looked for in the visits of their visitor") {
    const MatomoSender sender({"http://m/matomo.php", "m", false, true, "http://m/index.php"}, with_ids, "s");
    const Asked goal{"g", 1'795'521'600'000'000, R"({"cid":"00000000000000aa","cdt":1795521600,"idgoal":2})"};
    const Asked order{"o", 1'795'521'600'000'000,
                      R"({"cid":"00","uid":"joe","cdt":1795521600,"idgoal":0,"ec_id":"A1"})"};
    const Asked cart{"c", 1'795'521'600'000'000, R"({"cid":"00000000000000aa","cdt":1795521600,"idgoal":0})"};
    const std::vector<Asked> all{goal, order, cart};
    const std::string body = sender.ask(all, 1'795'521'600'000'000)->body;
    CHECK(body.find("segment=visitorId%3D%3D00000000000000aa%2CuserId%3D%3Djoe%2CvisitorId") != std::string::npos);
    using Is = Found::Is;
    struct Row {
        const char* answer;
        std::vector<Is> each;
    };
    const Row rows[] = {
        {"[]", {Is::absent, Is::absent, Is::absent}},
        {R"([{"visitorId":"00000000000000aa","actionDetails":[{"type":"goal","goalId":2,"timestamp":1795521600}]}])",
         {Is::present, Is::absent, Is::absent}},
        {R"([{"visitorId":"00000000000000aa","actionDetails":[{"type":"goal","goalId":"2","timestamp":1795521601}]}])",
         {Is::absent, Is::absent, Is::absent}},
        {R"([{"visitorId":"9","userId":"joe","actionDetails":[{"type":"ecommerceOrder","orderId":"A1","timestamp":1}]}])",
         {Is::absent, Is::present, Is::absent}},
        {R"([{"visitorId":"00000000000000aa","actionDetails":[{"type":"ecommerceAbandonedCart","timestamp":1795521600}]}])",
         {Is::absent, Is::absent, Is::present}},
        // Matomo 5.3.1 keeps the last cart of a visit, and of a visit with an order after it none.
        {R"([{"visitorId":"00000000000000aa","firstActionTimestamp":1795521600,"actionDetails":[)"
         R"({"type":"ecommerceAbandonedCart","timestamp":1795521609}]}])",
         {Is::absent, Is::absent, Is::present}},
        {R"([{"visitorId":"00000000000000aa","firstActionTimestamp":1795521500,"actionDetails":[)"
         R"({"type":"ecommerceOrder","orderId":"A2","timestamp":1795521605}]}])",
         {Is::absent, Is::absent, Is::present}},
        {R"([{"visitorId":"00000000000000aa","firstActionTimestamp":1795521599,"actionDetails":[)"
         R"({"type":"ecommerceAbandonedCart","timestamp":1795521599}]}])",
         {Is::absent, Is::absent, Is::absent}},
        {R"([{"visitorId":"00000000000000aa","firstActionTimestamp":1795525000,"actionDetails":[)"
         R"({"type":"ecommerceAbandonedCart","timestamp":1795525000}]}])",
         {Is::absent, Is::absent, Is::absent}},
    };
    for (const Row& row : rows) {
        CAPTURE(row.answer);
        const Found found = sender.found(http(200, row.answer), all);
        CHECK(found.usable);
        CHECK(found.each == row.each);
    }
    CHECK_FALSE(sender.found(http(200, std::string(100000, '[')), all).usable);
    std::string deep; // an answer is not trusted
    for (int i = 0; i < 50000; ++i)
        deep += "[";
    CHECK(sender.found(http(200, deep + std::string(50000, ']')), all).usable);
}

TEST_CASE("an order that may have arrived and is refused as a second one has arrived") {
    Rig rig;
    Event order = test::make_event("O");
    order.body = R"({"id":"O","type":"shop.order","source":"s","action":{"kind":"order"},)"
                 R"("order":{"id":"A1","revenue":5}})";
    rig.store.commit(std::vector<Record>{order});
    rig.send();
    rig.answer(rig.first(), broken(Answer::Kind::ambiguous));
    rig.wait();
    rig.send();
    rig.answer(rig.first(), success(0, 1));
    CHECK(rig.state_of("O") == "delivered");
    CHECK(rig.letters.empty());
}

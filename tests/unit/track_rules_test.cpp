// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/events/json_path.hpp"
#include "engine/privacy/limiter.hpp"
#include "engine/privacy/pattern.hpp"
#include "engine/privacy/policy_file.hpp"
#include "engine/privacy/rules.hpp"

#include <doctest/doctest.h>

#include <stdexcept>
#include <string>

using namespace onair;
using namespace onair::track;

namespace {

constexpr int64_t second = 1'000'000;

json::Document parsed(const std::string& text) {
    json::Document doc;
    doc.Parse<json::parse_flags>(text.data(), text.size());
    REQUIRE_FALSE(doc.HasParseError());
    return doc;
}

/// The rules of a policy file.
struct Rules {
    explicit Rules(const std::string& rules, const std::string& more = "", const std::string& environment = "")
        : policy(read_policy("{\"format\":1," + more + "\"rules\":[" + rules + "]}", environment)),
          judge(policy.rules) {}
    Ruling operator()(const std::string& event, int64_t now_us = 0, std::string_view id = "1") {
        doc = parsed(event);
        return judge.judge(doc, id, now_us);
    }
    Policy policy;
    RuleJudge judge;
    json::Document doc;
};

} // namespace

TEST_CASE("conditions") {
    struct Row {
        const char* match;
        const char* event;
        bool holds;
    };
    const std::string order =
        R"({"type":"shop.order.paid","action":{"kind":"order"},"order":{"revenue":20},"props":{"ok":true}})";
    const struct {
        const char* match;
        bool holds;
    } rows[] = {
        {R"({})", true},
        {R"({"type":"shop.order.paid"})", true},
        {R"({"type":"shop.order"})", false},
        {R"({"type":"shop.*"})", true},
        {R"({"type":"*"})", true},
        {R"({"type":["onair.*","shop.order.paid"]})", true},
        {R"({"action.kind":["cart","order"],"type":"onair.*"})", false}, // all conditions
        {R"({"order.revenue":{"min":20}})", true},
        {R"({"order.revenue":{"min":20.01}})", false},
        {R"({"order.revenue":{"min":1,"max":19}})", false},
        {R"({"order.revenue":20})", true},
        {R"({"type":{"min":1}})", false}, // no number
        {R"({"props.ok":true})", true},
        {R"({"props.none":{"exists":false}})", true},
        {R"({"props.ok":{"exists":false}})", false},
        {R"({"props.ok":{"exists":true}})", true},
        {R"({"props.none":"x"})", false},
        {R"({"type":{"regex":"^shop\\.(order|cart)\\."}})", true},
        {R"({"type":{"regex":"^order"}})", false},
        {R"({"order":"x"})", false}, // no scalar
    };
    for (const auto& row : rows) {
        CAPTURE(row.match);
        Rules rules(std::string(R"({"name":"r","action":"drop","match":)") + row.match + "}");
        CHECK(rules(order).keep == !row.holds);
    }
}

TEST_CASE("rules in order: keep and drop end it, what stands before still counts") {
    Rules rules(R"({"name":"mark","match":{"type":"a.*"},"set":{"props.seen":1},"routes":["matomo"]},)"
                R"({"name":"keep-b","match":{"type":"a.b"},"action":"keep","set":{"props.seen":2,"dims.3":"x"}},)"
                R"({"name":"drop-a","match":{"type":"a.*"},"action":"drop"})");
    Ruling ruling = rules(R"({"type":"a.b"})");
    CHECK(ruling.keep);
    CHECK(ruling.routes->at(0) == "matomo");
    CHECK(json::at(&rules.doc, "props.seen")->GetInt() == 2);
    CHECK(std::string(json::at(&rules.doc, "dims.3")->GetString()) == "x");
    ruling = rules(R"({"type":"a.c"})");
    CHECK_FALSE(ruling.keep);
    CHECK(ruling.reason == "drop-a");
    CHECK(rules(R"({"type":"c.d"})").keep);
    CHECK(rules(R"({"type":"c.d"})").routes == nullptr);

    Rules only(R"({"name":"these","match":{"type":"a.b"},"action":"keep"})", R"("default":"drop",)");
    CHECK(only(R"({"type":"a.b"})").keep);
    CHECK(only(R"({"type":"a.c"})").reason == "default");
}

TEST_CASE("rules of an environment") {
    const char* text = R"({"name":"r","environment":["stage","dev"],"action":"drop"})";
    CHECK_FALSE(Rules(text, "", "stage")(R"({"type":"a.b"})").keep);
    CHECK(Rules(text, "", "live")(R"({"type":"a.b"})").keep);
}

TEST_CASE("a set field replaces, but never what is in the way and no object") {
    Rules rules(R"({"name":"r","set":{"props.a.b":1}})");
    rules(R"({"type":"a.b","props":{"a":"text"}})");
    CHECK(json::at(&rules.doc, "props.a")->IsString());
    rules(R"({"type":"a.b","props":{"a":{"b":"old"}}})");
    CHECK(json::at(&rules.doc, "props.a.b")->GetInt() == 1);
    rules(R"({"type":"a.b","props":null})");
    CHECK(json::at(&rules.doc, "props.a.b")->GetInt() == 1);
}

TEST_CASE("sampling: the share is kept to, the same key has the same answer") {
    int kept = 0;
    for (int i = 0; i < 20000; ++i) {
        const std::string key = "k" + std::to_string(i);
        const bool in = in_sample(key, 0.1);
        CHECK(in == in_sample(key, 0.1));
        if (in) CHECK(in_sample(key, 0.5)); // a larger share holds the smaller
        kept += in;
    }
    CHECK(kept > 1850);
    CHECK(kept < 2150);
    CHECK(in_sample("x", 1));
    CHECK_FALSE(in_sample("x", 0));

    Rules rules(R"({"name":"s","sample":{"share":0.5,"key":"subject.session"}})");
    for (int i = 0; i < 20; ++i) {
        const std::string event = R"({"type":"a.b","subject":{"session":"s)" + std::to_string(i) + "\"}}";
        const bool first = rules(event, 0, "1").keep;
        CHECK(rules(event, 0, "2").keep == first); // whole sessions, whatever the event
    }
}

TEST_CASE("rate limit: a bucket for each key") {
    Rules rules(R"({"name":"r","rate-limit":{"events":2,"per":10,"key":"props.camera"}})");
    const auto keep = [&](const char* camera, int64_t at) {
        return rules(std::string(R"({"type":"a.b","props":{"camera":")") + camera + "\"}}", at).keep;
    };
    CHECK(keep("1", 0));
    CHECK(keep("1", 0));
    CHECK_FALSE(keep("1", 0));
    CHECK(keep("2", 0));
    CHECK_FALSE(keep("1", 4 * second));
    CHECK(keep("1", 5 * second)); // one has grown back
    CHECK_FALSE(keep("1", 5 * second));
    CHECK_FALSE(keep("1", 1 * second)); // a clock that steps back gives nothing
    CHECK(keep("1", 100 * second));
    CHECK(keep("1", 100 * second)); // never more than the burst
    CHECK_FALSE(keep("1", 100 * second));
}

TEST_CASE("debounce: the first of a flurry") {
    Rules rules(R"({"name":"d","debounce":{"quiet":2}})");
    const auto keep = [&](int64_t at) { return rules(R"({"type":"a.b"})", at).keep; };
    CHECK(keep(0));
    CHECK_FALSE(keep(1 * second));
    CHECK_FALSE(keep(2 * second)); // the flurry goes on
    CHECK(keep(4 * second));
}

TEST_CASE("a limiter forgets what it may and never grows") {
    Limiter limiter(RateLimit{1, second}, std::nullopt, 100);
    int passed = 0;
    for (int i = 0; i < 100000; ++i)
        passed += limiter.passes("k" + std::to_string(i), i);
    CHECK(passed == 100000);
}

TEST_CASE("patterns give up in time, whatever is written") {
    const Pattern evil("^(a+)+$");
    CHECK(evil.match(std::string(60, 'a') + "b") == Pattern::Match::gave_up);
    CHECK(evil.match("aaa") == Pattern::Match::yes);
    CHECK(evil.match("bbb") == Pattern::Match::no);
    CHECK(Pattern("straße").match("Hauptstraße 1") == Pattern::Match::yes);
    CHECK_THROWS_AS(Pattern("("), std::invalid_argument);
    CHECK_THROWS_AS(Pattern("\\C"), std::invalid_argument);
    CHECK_THROWS_AS(Pattern(std::string(5000, 'a')), std::invalid_argument);
}

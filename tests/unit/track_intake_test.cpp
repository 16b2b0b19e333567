// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/events/intake.hpp"
#include "engine/events/json.hpp"
#include "engine/privacy/consent.hpp"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

using namespace onair::track;

namespace {

constexpr int64_t now = 1'795'521'600'000'000; // 2026-11-24T12:00:00Z

Record take(std::string_view text, Arrival arrival = {}) {
    static Intake intake("gst://host/pipeline0/sink0");
    arrival.recv_us = now;
    return intake.take(text, arrival);
}

std::string nested(int depth) { // of objects, the event included
    std::string text = "{\"type\":\"a.b\",\"props\":";
    for (int i = 2; i < depth; ++i)
        text += "{\"p\":";
    text += "{}";
    return text + std::string(static_cast<size_t>(depth) - 2, '}') + "}";
}

std::string with_keys(int n) { // of the whole event; type and props are two
    std::string text = "{\"type\":\"a.b\",\"props\":{";
    for (int i = 0; i < n - 2; ++i) {
        if (i) text += ',';
        text += "\"k";
        text += std::to_string(i);
        text += "\":1";
    }
    return text + "}}";
}

std::string event(const std::string& fields) {
    return "{\"type\":\"a.b\"" + (fields.empty() ? "" : "," + fields) + "}";
}

} // namespace

TEST_CASE("what is refused, and why") {
    struct Row {
        std::string text;
        Reason reason;
        const char* detail;
    };
    const Row rows[] = {
        {"", Reason::json, "empty"},
        {"nonsense", Reason::json, "Invalid value"},
        {"[]", Reason::json, "not an object"},
        {"1", Reason::json, "not an object"},
        {event("\"a\":1,"), Reason::json, "byte"},
        {event("\"a\":NaN"), Reason::json, "Invalid value"},
        {event("") + "x", Reason::json, "root"},
        {event("\"a\":1e400"), Reason::number, "too big"},
        {event("\"a\":\"\\u0000\""), Reason::nul, "NUL"},
        {event("\"a\\u0000\":1"), Reason::nul, "NUL"},
        {event("") + std::string(1, '\0') + "x", Reason::nul, "NUL"},
        {nested(9), Reason::depth, "deeper than 8"},
        {"{\"type\":\"a.b\",\"x\":" + std::string(30000, '[') + std::string(30000, ']') + "}", Reason::depth, "deeper"},
        {with_keys(257), Reason::keys, "256"},
        {event("\"type\":\"a.c\""), Reason::duplicate_key, "twice"},
        {event("\"consent\":{\"analytics\":\"granted\",\"analytics\":\"denied\"}"), Reason::duplicate_key, "twice"},
        {event("\"a\":\"" + std::string(65536, 'x') + "\""), Reason::too_long, "65536"},
        {"{}", Reason::type, "type is missing"},
        {"{\"type\":null}", Reason::type, "missing"},
        {"{\"type\":1}", Reason::type, "string"},
        {"{\"type\":\"nodot\"}", Reason::type, "form"},
        {"{\"type\":\"A.b\"}", Reason::type, "form"},
        {event("\"id\":\"\""), Reason::id, "form"},
        {event("\"id\":\"joe@example.org\""), Reason::id, "form"},
        {event("\"id\":7"), Reason::id, "string"},
        {event("\"time\":\"yesterday\""), Reason::time, "3339"},
        {event("\"time\":\"1999-01-01T00:00:00Z\""), Reason::time, "20 years"},
        {event("\"time_source\":\"sundial\""), Reason::field, "time_source"},
        {event("\"pts\":-1"), Reason::field, "pts"},
        {event("\"pts\":1.5"), Reason::field, "pts"},
        {event("\"timecode\":\"1:2\""), Reason::field, "timecode"},
        {event("\"timecode\":\"25:00:00:00\""), Reason::field, "timecode"},
        {event("\"subject\":\"joe\""), Reason::field, "subject is not an object"},
        {event("\"subject\":{\"device\":\"abc\"}"), Reason::field, "subject.device"},
        {event("\"net\":{\"ip\":\"1.2.3\"}"), Reason::field, "net.ip"},
        {event("\"props\":[]"), Reason::field, "props"},
        {event("\"dims\":{\"0\":1}"), Reason::field, "1 to 999"},
        {event("\"dims\":{\"1000\":1}"), Reason::field, "1 to 999"},
        {event("\"dims\":{\"1\":[]}"), Reason::field, "scalar"},
        {event("\"consent\":{\"analytics\":\"yes\"}"), Reason::field, "consent.analytics"},
        {event("\"consent\":{\"dnt\":2}"), Reason::field, "consent.dnt"},
        {event("\"action\":{\"kind\":\"dance\"}"), Reason::field, "action.kind"},
        {event("\"action\":{\"category\":\" \"}"), Reason::field, "action.category is blank"},
        {event("\"action\":{\"action\":\"\xC2\xA0\"}"), Reason::field, "action.action is blank"},
        {event("\"action\":{\"action\":\"" + std::string(256, 'x') + "\"}"), Reason::field, "too long"},
        {event("\"action\":{\"name\":\"" + std::string(4097, 'x') + "\"}"), Reason::field, "too long"},
        {event("\"action\":{\"value\":\"7\"}"), Reason::field, "action.value"},
        {event("\"action\":{\"value\":[7]}"), Reason::field, "action.value"},
        {event("\"action\":{\"url\":\"page\"}"), Reason::field, "absolute"},
        {event("\"action\":{\"url\":\"http://h/" + std::string(1020, 'x') + "\"}"), Reason::field, "too long"},
        {event("\"action\":{\"kind\":\"page\"}"), Reason::field, "action.url is missing"},
        {event("\"action\":{\"kind\":\"search\",\"name\":\" \"}"), Reason::field, "action.name is missing"},
        {event("\"action\":{\"kind\":\"goal\"}"), Reason::field, "action.goal is missing"},
        {event("\"action\":{\"kind\":\"goal\",\"goal\":0}"), Reason::field, "positive"},
        {event("\"action\":{\"kind\":\"order\"}"), Reason::field, "order.id is missing"},
        {event("\"action\":{\"kind\":\"order\"},\"order\":{\"id\":\"1\"}"), Reason::field, "order.revenue is missing"},
        {event("\"order\":{\"currency\":\"euro\"}"), Reason::field, "currency"},
        {event("\"order\":{\"items\":[1]}"), Reason::field, "order.items"},
        {event("\"order\":{\"items\":[{\"name\":\"x\"}]}"), Reason::field, "item.sku is missing"},
        {event("\"order\":{\"items\":[{\"sku\":\"x\",\"price\":\"1\"}]}"), Reason::field, "item.price"},
        {event("\"subject\":{\"visitor\":\"abc\"}"), Reason::field, "subject.visitor"},
        {event("\"Subject\":{\"user\":\"joe\"}"), Reason::field, "subject is not written in lower case"},
        {event("\"NET\":{\"ip\":\"192.0.2.1\"}"), Reason::field, "net is not written in lower case"},
        {event("\"Consent\":{}"), Reason::field, "consent is not written in lower case"},
        {event("\"consent\":{\"explicit\":1}"), Reason::field, "consent.explicit"},
        {event("\"media\":{\"w\":\"1920\"}"), Reason::field, "media.w"},
        {event("\"action\":{\"category\":\"" + std::string(256, 'x') + "\"}"), Reason::field, "too long"},
        {event("\"order\":{\"revenue\":\"12\"}"), Reason::field, "order.revenue"},
    };
    for (const Row& row : rows) {
        CAPTURE(row.text.substr(0, 200));
        const Record record = take(row.text);
        const auto* refusal = std::get_if<Refusal>(&record);
        REQUIRE(refusal != nullptr);
        CHECK(to_text(refusal->reason) == to_text(row.reason));
        CAPTURE(refusal->detail);
        CHECK(refusal->detail.find(row.detail) != std::string::npos);
        CHECK(refusal->recv_us == now);
    }
}

TEST_CASE("what is taken") {
    const std::string rows[] = {
        event(""),
        nested(8),
        with_keys(256),
        event("\"timecode\":\"01:00:03;02@30000/1001\""),
        event("\"action\":{\"kind\":\"order\"},\"order\":{\"id\":\"1\",\"revenue\":9.5,\"currency\":\"EUR\",\"items\":["
              "{\"sku\":\"x\"}]}"),
        event("\"dims\":{\"1\":\"a\",\"999\":2}"),
        event("\"action\":{\"category\":\"" + std::string(255, 'x') + "\"}"),
        event("\"source\":null,\"subject\":null,\"net\":{}"),
        event("\"subject\":{\"user\":\"joe\"},\"consent\":{\"analytics\":\"granted\",\"dnt\":0}"),
    };
    for (const std::string& text : rows) {
        CAPTURE(text.substr(0, 200));
        const Record record = take(text);
        if (const auto* refusal = std::get_if<Refusal>(&record)) FAIL(refusal->detail);
    }
}

TEST_CASE("an event is normalised, and nothing of it is lost") {
    Arrival arrival;
    arrival.pts = 40'000'000;
    arrival.running_time = 41'000'000;
    arrival.time_us = now - 5'000'000;
    arrival.timecode = "10:00:00:00@25/1";
    Record record = take(R"({"colour":"red","type":"a.b","props":{"x":1},"x":2})", arrival);
    const Event e = std::get<Event>(record);
    CHECK(e.type == "a.b");
    CHECK(e.pts == 40'000'000);
    CHECK(e.timecode == "10:00:00:00@25/1");
    CHECK(to_text(e.time_source) == "pipeline");
    CHECK(e.body ==
          "{\"id\":\"" + e.id +
              "\",\"source\":\"gst://host/pipeline0/sink0\",\"type\":\"a.b\",\"time\":\"2026-11-24T11:59:55.000000Z\","
              "\"time_source\":\"pipeline\",\"pts\":40000000,\"running_time\":41000000,"
              "\"timecode\":\"10:00:00:00@25/1\",\"props\":{\"x\":1,\"colour\":\"red\",\"top.x\":2}}");

    // The event's own word goes before the buffer's.
    record = take(
        R"({"type":"a.b","pts":7,"timecode":"01:02:03:04","source":"gst://other/x","time":"2026-11-24T10:00:00+01:00",)"
        R"("id":"01A20D6D-5C7B-7000-8000-000000000000"})",
        arrival);
    const Event own = std::get<Event>(record);
    CHECK(own.id == "01a20d6d-5c7b-7000-8000-000000000000");
    CHECK(own.pts == 7);
    CHECK(own.timecode == "01:02:03:04");
    CHECK(own.time_us == now - 3 * 3600 * 1'000'000LL);
    CHECK(to_text(own.time_source) == "given");
    CHECK(own.body.find("gst://other/x") != std::string::npos);
    CHECK(std::get<Event>(take(event("\"id\":\"Client.7\""))).id == "Client.7");
}

TEST_CASE("the time of an event") {
    Arrival arrival;
    CHECK(to_text(std::get<Event>(take(event(""), arrival)).time_source) == "wall");
    arrival.time_us = now + 3600'000'000LL; // the sink does not sync: the media runs ahead of the clock
    const Event ahead = std::get<Event>(take(event(""), arrival));
    CHECK(to_text(ahead.time_source) == "wall");
    CHECK(ahead.time_us == now);
    const Event future = std::get<Event>(take(event("\"time\":\"2030-01-01T00:00:00Z\"")));
    CHECK(future.time_us == now);
    CHECK(future.body.find("\"time_given\":\"2030-01-01T00:00:00Z\"") != std::string::npos);
    const Event soon = std::get<Event>(take(event("\"time\":\"2026-11-24T12:00:30Z\",\"time_source\":\"ptp\"")));
    CHECK(soon.time_us == now + 30'000'000);
    CHECK(to_text(soon.time_source) == "ptp");
}

TEST_CASE("invalid UTF-8 is repaired and said so") {
    const Event e = std::get<Event>(take(event("\"props\":{\"a\":\"x\xFF\"}")));
    CHECK(e.repaired);
    CHECK(e.body.find("x\xEF\xBF\xBD") != std::string::npos);
    CHECK_FALSE(std::get<Event>(take(event(""))).repaired);
}

TEST_CASE("consent: every combination that counts") {
    struct Row {
        const char* text;
        bool personal, allowed;
    };
    const Row rows[] = {
        {R"({})", false, true},
        {R"({"subject":null,"net":{}})", false, true},
        {R"({"consent":{"analytics":"denied"}})", false, true},
        {R"({"subject":{"user":"u"}})", true, false},
        {R"({"Subject":{"user":"u"}})", true, false},
        {R"({"NET":"192.0.2.1"})", true, false},
        {R"({"net":{"ip":"192.0.2.1"},"consent":{}})", true, false},
        {R"({"net":{"ip":"192.0.2.1"},"consent":{"analytics":"unknown"}})", true, false},
        {R"({"net":{"ip":"192.0.2.1"},"consent":{"analytics":"denied"}})", true, false},
        {R"({"net":{"ip":"192.0.2.1"},"consent":{"analytics":true}})", true, false},
        {R"({"net":{"ip":"192.0.2.1"},"consent":{"ads":"granted"}})", true, false},
        {R"({"net":{"ip":"192.0.2.1"},"consent":{"analytics":"granted"}})", true, true},
        {R"({"net":{"ip":"192.0.2.1"},"consent":{"analytics":"granted","dnt":false,"gpc":0}})", true, true},
        {R"({"net":{"ip":"192.0.2.1"},"consent":{"analytics":"granted","dnt":"0","gpc":null}})", true, true},
        {R"({"net":{"ip":"192.0.2.1"},"consent":{"analytics":"granted","dnt":1}})", true, false},
        {R"({"net":{"ip":"192.0.2.1"},"consent":{"analytics":"granted","gpc":true}})", true, false},
        {R"({"net":{"ip":"192.0.2.1"},"consent":{"analytics":"granted","gpc":"1"}})", true, false},
        {R"({"net":{"ip":"192.0.2.1"},"consent":{"analytics":"granted","dnt":"what"}})", true, false},
        {R"({"net":{"ip":"192.0.2.1"},"consent":"granted"})", true, false},
    };
    for (const Row& row : rows) {
        CAPTURE(row.text);
        json::Document doc;
        doc.Parse(row.text);
        CHECK(is_personal(doc) == row.personal);
        const auto way = admit(read_consent(doc), false, ConsentRules{}).way;
        CHECK((way == Admission::Way::keep) == row.allowed);
    }
}

TEST_CASE("a refusal keeps nothing personal") {
    const auto refused = [](std::string_view text) { return std::get<Refusal>(take(text)); };
    const Refusal personal =
        refused(R"({"id":"A1","type":"a.b","time":"2026-11-24T10:00:00Z","subject":{"user":"joe"},"pts":"joe"})");
    CHECK(personal.id.empty()); // an application's id may say who it was
    CHECK(personal.type == "a.b");
    CHECK(personal.time_us == now - 2 * 3600 * 1'000'000LL);
    CHECK(personal.excerpt.empty());
    CHECK_FALSE(personal.whole);
    CHECK(personal.detail.find("joe") == std::string::npos);
    CHECK(refused(R"({"type":"joe@example.org","subject":{"user":"joe"},"id":"joe@example.org"})").excerpt.empty());
    const Refusal unreadable = refused(R"({"type":"a.b","subject":{"user":"joe"})");
    CHECK(unreadable.excerpt.empty()); // nobody knows what it says
    CHECK(unreadable.type.empty());
    const Refusal plain = refused("{\"type\":\"a.b\",\"pts\":-1,\"props\":{\"s\":\"" + std::string(5000, 'x') + "\"}}");
    CHECK(plain.excerpt.size() == 1024);
    CHECK(plain.type == "a.b");
    CHECK_FALSE(plain.whole);
    CHECK(refused(R"({"id":"A2","type":"a.b","pts":-1})").whole); // can be replayed once it is corrected
    CHECK(refused(R"({"id":"A2","type":"a.b","pts":-1})").id == "A2");
}

TEST_CASE("for want of consent an event is only counted") {
    const struct {
        const char* fields;
        const char* reason;
    } rows[] = {
        {R"("subject":{"user":"joe"})", "unknown"},
        {R"("net":{"ip":"192.0.2.1"},"consent":{"analytics":"denied"})", "denied"},
        {R"("subject":{"user":"joe"},"consent":{"analytics":"granted","dnt":1})", "dnt"},
        {R"("subject":{"user":"joe"},"consent":{"analytics":"granted","dnt":1,"gpc":1})", "gpc"},
    };
    for (const auto& row : rows) {
        const Record record = take(event(row.fields));
        const auto* tally = std::get_if<Tally>(&record);
        REQUIRE(tally != nullptr);
        CHECK(tally->outcome == Outcome::consent);
        CHECK(tally->reason == row.reason);
    }
}

// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/events/cloud_event.hpp"
#include "engine/events/intake.hpp"
#include "engine/privacy/in_flight.hpp"
#include "engine/privacy/policy_file.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

using namespace onair;
using namespace onair::track;

namespace {

constexpr int64_t now = 1'795'521'600'000'000; // 2026-11-24T12:00:00Z

/// An intake with a policy.
struct Way {
    explicit Way(const std::string& policy = R"({"format":1})")
        : intake("gst://h/p/e", std::make_shared<const Policy>(read_policy(policy, std::nullopt)), key, opt_out) {}
    Record take(const std::string& text) {
        arrival.recv_us = now;
        return intake.take(text, arrival);
    }
    Event event(const std::string& text) {
        const Record record = take(text);
        REQUIRE(std::holds_alternative<Event>(record));
        return std::get<Event>(record);
    }
    std::shared_ptr<const Pseudonymiser> key = std::make_shared<const Pseudonymiser>(std::string_view("k"));
    std::shared_ptr<OptOut> opt_out = std::make_shared<OptOut>(key);
    Arrival arrival;
    Intake intake;
};

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

} // namespace

TEST_CASE("what an event is stored with") {
    Way way(R"({"format":1,"minimise":{"pseudonyms":"user"}})");
    const Event e = way.event(
        R"({"type":"a.b","subject":{"user":"joe","device":"0123456789abcdef","session":"s","visitor":"00112233aabbccdd"},)"
        R"("net":{"ip":"192.0.2.7"},"consent":{"analytics":"granted"}})");
    CHECK(e.user == way.key->id("user", "joe"));
    CHECK(e.session == way.key->id("session", "s"));
    CHECK(e.device == "0123456789abcdef");
    CHECK(e.visitor == "00112233aabbccdd");
    CHECK(e.consent == Consent::granted);
    CHECK_FALSE(e.held);
    CHECK_FALSE(has(e.body, "joe"));
    CHECK(has(e.body, "192.0.0.0"));
    CHECK(way.event(R"({"type":"a.b"})").consent == Consent::not_needed);
}

TEST_CASE("the modes") {
    const std::string undecided = R"({"id":"joe-1","type":"a.b","subject":{"user":"joe"}})";
    Way hold(R"({"format":1,"consent":{"mode":"hold"}})");
    const Event held = hold.event(undecided);
    CHECK(held.held);
    CHECK(held.consent == Consent::unknown);
    CHECK(held.clicks.empty());
    const Record refused = hold.take(R"({"type":"a.b","subject":{"user":"joe"},"consent":{"analytics":"denied"}})");
    CHECK(std::get<Tally>(refused).reason == "denied"); // a no is not kept for later

    Way anonymous(R"({"format":1,"consent":{"mode":"anonymous"}})");
    const Event stripped = anonymous.event(undecided);
    CHECK(stripped.consent == Consent::not_needed);
    CHECK(stripped.user.empty());
    CHECK_FALSE(has(stripped.body + stripped.id, "joe"));
    CHECK(anonymous.event(undecided).id == stripped.id); // still one event when it comes twice
    CHECK(Way(R"({"format":1,"consent":{"mode":"anonymous"}})").event(undecided).id != stripped.id);
}

TEST_CASE("one who opted out, in every mode") {
    for (const char* mode : {"drop", "hold"}) {
        Way way(std::string(R"({"format":1,"consent":{"mode":")") + mode + "\"}}");
        way.opt_out->add(way.opt_out->keys_of({.user = "joe", .device = {}, .session = {}, .visitor = {}}));
        const Record record = way.take(
            R"({"type":"a.b","subject":{"user":"joe","device":"0123456789abcdef"},"consent":{"analytics":"granted","explicit":true}})");
        CHECK(std::get<Tally>(record).reason == "opt-out");
        CHECK(way.event(R"({"type":"a.b","subject":{"user":"ann"},"consent":{"analytics":"granted"}})").user == "ann");
    }
}

TEST_CASE("the context of a stream") {
    struct Row {
        const char *context, *event, *user, *outcome;
    };
    const char* joe = R"({"subject":{"user":"joe","session":"s"},"consent":{"analytics":"granted"},"dims":{"1":"x"}})";
    const Row rows[] = {
        {joe, R"({"type":"a.b"})", "joe", "stored"},
        {joe, R"({"type":"a.b","subject":{"session":"s"}})", "joe", "stored"},
        {joe, R"({"type":"a.b","subject":{"user":"ann"}})", "", "unknown"}, // joe's consent is not ann's
        {joe, R"({"type":"a.b","consent":{"analytics":"denied"}})", "", "denied"},
        {joe, R"({"type":"a.b","consent":{"dnt":1}})", "", "dnt"},
        {joe, R"({"type":"a.b","subject":null,"consent":null})", "joe", "stored"},
        {R"({"consent":{"analytics":"granted"}})", R"({"type":"a.b","subject":{"user":"ann"}})", "ann", "stored"},
        {"no JSON", R"({"type":"a.b"})", "", "stored"},
    };
    for (const Row& row : rows) {
        CAPTURE(row.event);
        Way way;
        way.arrival.context = std::make_shared<const std::string>(row.context);
        const Record record = way.take(row.event);
        if (const auto* event = std::get_if<Event>(&record)) {
            CHECK(std::string(row.outcome) == "stored");
            CHECK(event->user == row.user);
        } else {
            REQUIRE(std::holds_alternative<Tally>(record));
            CHECK(std::get<Tally>(record).reason == row.outcome);
        }
    }
}

TEST_CASE("ids of an ad click") {
    using Clicks = std::vector<std::pair<std::string, std::string>>;
    const auto clicks = [](const std::string& consent, const std::string& fields) {
        return Way()
            .event(R"({"type":"a.b","subject":{"user":"joe"},"consent":{)" + consent + "}," + fields + "}")
            .clicks;
    };
    const std::string both = R"("analytics":"granted","ads":"granted")", analytics = R"("analytics":"granted")";
    const std::string url = R"("action":{"kind":"page","url":"https://h/?gclid=G%201&utm_campaign=spring&x=1"})";
    CHECK(clicks(both, url) == Clicks{{"gclid", "G 1"}, {"utm_campaign", "spring"}});
    CHECK(clicks(analytics, url) == Clicks{{"utm_campaign", "spring"}}); // the networks' ids are for ads
    CHECK(clicks(both, R"("props":{"fbclid":"F"},"msclkid":"M")") == Clicks{{"fbclid", "F"}, {"msclkid", "M"}});
    const Event e = Way().event(R"({"type":"a.b","subject":{"user":"joe"},"consent":{)" + both + "}," + url + "}");
    CHECK_FALSE(has(e.body, "gclid"));
    CHECK(Way().event(R"({"type":"a.b",)" + url + "}").clicks.empty()); // of nobody
    CHECK(Way()
              .event(R"({"type":"a.b","subject":{"user":"joe"},"consent":{"analytics":"granted"},)"
                     R"("action":{"kind":"order"},"order":{"id":"1","revenue":2}})")
              .wants_campaign);
}

TEST_CASE("enrichment adds what is missing") {
    Way way(R"({"format":1,"enrich":{"fields":{"props.station":"north","dims.2":7},"pipeline":true,"caps":true}})");
    way.arrival.around = std::make_shared<const Surroundings>(Surroundings{"main", "sink", "video/x-raw"});
    way.arrival.timecode = "01:00:00:00";
    const Event e = way.event(R"({"type":"a.b","props":{"station":"south"}})");
    CHECK(has(e.body, R"("props":{"station":"south","pipeline":"main","element":"sink","caps":"video/x-raw"})"));
    CHECK(has(e.body, R"("dims":{"2":7})"));
    CHECK(e.timecode == "01:00:00:00");
}

TEST_CASE("rules see the event as it will be stored, a new policy counts for the next event") {
    Way way(
        R"({"format":1,"minimise":{"pseudonyms":"user"},"rules":[{"name":"joe","match":{"subject.user":"joe"},"action":"drop"}]})");
    const std::string joe = R"({"type":"a.b","subject":{"user":"joe"},"consent":{"analytics":"granted"}})";
    CHECK_FALSE(way.event(joe).user.empty()); // there is no joe any more
    way.intake.set_policy(std::make_shared<const Policy>(read_policy(
        R"({"format":1,"strict":true,"rules":[{"name":"joe","match":{"subject.user":"joe"},"action":"drop"}]})",
        std::nullopt)));
    const Record dropped = way.take(joe);
    CHECK(std::get<Tally>(dropped).outcome == Outcome::filtered);
    CHECK(std::get<Tally>(dropped).reason == "joe");
    CHECK(std::get<Refusal>(way.take(R"({"type":"a.b","free":1})")).reason == Reason::field);
}

TEST_CASE("CloudEvents") {
    const auto text = [](const std::string& ce) {
        auto out = from_cloud_event(ce);
        REQUIRE(std::holds_alternative<std::string>(out));
        return std::get<std::string>(out);
    };
    const std::string head = R"("specversion":"1.0","source":"/shop","type":"shop.order.paid",)";
    CHECK(text("{" + head +
               R"("id":"018f3b6e-0000-7000-8000-000000000001","time":"2026-11-24T10:00:00Z",)"
               R"("dataschema":"s:1","datacontenttype":"application/json","tenant":"t","subject":"o/7",)"
               R"("data":{"order":{"id":"7","revenue":1},"type":"x.y"}})") ==
          R"({"order":{"id":"7","revenue":1},"type":"shop.order.paid","source":"/shop",)"
          R"("id":"018f3b6e-0000-7000-8000-000000000001","time":"2026-11-24T10:00:00Z","schema":"s:1",)"
          R"("props":{"datacontenttype":"application/json","ce_tenant":"t","ce_subject":"o/7"}})");
    // The same id of another source is another event.
    const std::string a = text("{" + head + R"("id":"A 1"})");
    CHECK(a == text("{" + head + R"("id":"A 1"})"));
    CHECK(a != text(R"({"specversion":"1.0","source":"/other","type":"shop.order.paid","id":"A 1"})"));
    CHECK(std::holds_alternative<Event>(Way().take(a)));
    CHECK(has(text("{" + head + R"("id":"1","data":"plain"})"), R"("props":{"data":"plain"})"));
    CHECK(has(text("{" + head + R"("id":"1","data_base64":"QUI="})"), R"("props":{"data_base64":"QUI="})"));

    const struct {
        const char *ce, *detail;
    } bad[] = {{"[]", "object"},
               {"{", "byte"},
               {R"({"specversion":"0.3","id":"1","source":"s","type":"a.b"})", "specversion"},
               {R"({"specversion":"1.0","source":"s","type":"a.b"})", "id is missing"},
               {R"({"specversion":"1.0","id":"1","source":"","type":"a.b"})", "source is missing"}};
    for (const auto& row : bad) {
        auto out = from_cloud_event(row.ce);
        REQUIRE(std::holds_alternative<Problem>(out));
        CHECK(has(std::get<Problem>(out).detail, row.detail));
    }
    int good = 0, wrong = 0;
    const auto count = [&](const std::variant<std::string, Problem>& one) { ++(one.index() == 0 ? good : wrong); };
    read_cloud_events("[{" + head + R"("id":"1"},{"specversion":"1.0"},{)" + head + R"("id":"2"}])", count);
    CHECK(good == 2);
    CHECK(wrong == 1);
    read_cloud_events("{" + head + R"("id":"1"})", count);
    CHECK(good == 3);
    read_cloud_events("[{", count);
    CHECK(wrong == 2);
    read_cloud_events("[]", count);
    CHECK(good + wrong == 5);
}

TEST_CASE("a line of text") {
    const Event e = Way().event(event_of_line("say \"hello\"\t\xFF"));
    CHECK(e.type == "onair.text.line");
    CHECK(e.repaired);
    CHECK(has(e.body, R"("props":{"text":"say \"hello\"\t)"));
}

TEST_CASE("waiting for those who are inside does not wait for those who come") {
    InFlight in;
    std::atomic<bool> stop{false}, inside{false}, leave{false}, waited{false};
    std::thread crowd([&] {
        while (!stop) {
            const InFlight::Guard guard(in);
            std::this_thread::yield();
        }
    });
    std::thread one([&] {
        const InFlight::Guard guard(in);
        inside = true;
        while (!leave)
            std::this_thread::yield();
    });
    while (!inside)
        std::this_thread::yield();
    std::thread waiter([&] {
        in.wait_out();
        waited = true;
    });
    for (int i = 0; i < 1000; ++i)
        std::this_thread::yield();
    CHECK_FALSE(waited);
    leave = true;
    waiter.join(); // ends although the crowd goes on
    CHECK(waited);
    stop = true;
    crowd.join();
    one.join();
}

// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/delivery/outbox.hpp"
#include "engine/privacy/consent.hpp"

#include <doctest/doctest.h>

#include <string>
#include <tuple>

using namespace onair;
using namespace onair::track;

namespace {

ConsentFacts facts(Consent analytics, bool dnt = false, bool gpc = false, bool explicitly = false) {
    ConsentFacts out;
    out.personal = true;
    out.analytics = analytics;
    out.dnt = dnt;
    out.gpc = gpc;
    out.explicitly = explicitly;
    return out;
}

} // namespace

TEST_CASE("gate 1: the whole table against the rule in one sentence") {
    // "Kept as it is only with a granted decision, no honoured signal (unless decided knowing of it) and no opt-out;
    // held only where nobody has said no; otherwise dropped or made anonymous."
    using Way = Admission::Way;
    int rows = 0;
    for (const Consent analytics : {Consent::granted, Consent::denied, Consent::unknown})
        for (int bits = 0; bits < 64; ++bits)
            for (const ConsentMode mode : {ConsentMode::drop, ConsentMode::anonymous, ConsentMode::hold}) {
                const bool dnt = bits & 1, gpc = bits & 2, opted_out = bits & 4, knowing = bits & 8;
                const ConsentRules rules{mode, (bits & 16) != 0, (bits & 32) != 0};
                const bool signal = ((dnt && rules.honour_dnt) || (gpc && rules.honour_gpc)) &&
                                    !(knowing && analytics == Consent::granted);
                const bool yes = analytics == Consent::granted && !signal && !opted_out;
                const bool no = analytics == Consent::denied || signal || opted_out;
                const Way want = yes                                ? Way::keep
                                 : mode == ConsentMode::anonymous   ? Way::anonymise
                                 : mode == ConsentMode::hold && !no ? Way::hold
                                                                    : Way::drop;
                CHECK(admit(facts(analytics, dnt, gpc, knowing), opted_out, rules).way == want);
                ++rows;
            }
    CHECK(rows == 576);
    CHECK(admit(ConsentFacts{}, true, {}).way == Way::keep); // not personal
}

TEST_CASE("gate 2: only a granted event goes, and only for its purpose") {
    const ConsentRules rules;
    const auto refuse = [&](ConsentFacts f, Consent stored, bool opted_out = false,
                            Purpose purpose = Purpose::analytics) {
        return std::string(refuse_sending(f, stored, opted_out, purpose, rules));
    };
    CHECK(refuse(facts(Consent::granted), Consent::granted).empty());
    CHECK(refuse(facts(Consent::unknown), Consent::granted).empty()); // a grant came later
    CHECK(refuse(facts(Consent::unknown, true), Consent::granted).empty());
    CHECK(refuse(facts(Consent::unknown), Consent::unknown) == "unknown");
    CHECK(refuse(facts(Consent::granted), Consent::unknown) == "unknown"); // the store knows better
    CHECK(refuse(facts(Consent::granted), Consent::not_needed) == "unknown");
    CHECK(refuse(facts(Consent::denied), Consent::granted) == "denied");
    CHECK(refuse(facts(Consent::granted, true), Consent::granted) == "dnt"); // honoured since it was stored
    CHECK(refuse(facts(Consent::granted, true, true, true), Consent::granted).empty());
    CHECK(refuse(facts(Consent::granted), Consent::granted, true) == "opt-out");
    CHECK(refuse(facts(Consent::unknown), Consent::granted, true) == "opt-out");
    CHECK(refuse(facts(Consent::granted), Consent::granted, false, Purpose::ads) == "ads");
    CHECK(refuse(facts(Consent::granted), Consent::granted, false, Purpose::personalisation) == "personalisation");
    ConsentFacts all = facts(Consent::granted);
    all.ads = all.personalisation = Consent::granted;
    CHECK(refuse(all, Consent::granted, false, Purpose::ads).empty());
    CHECK(refuse(all, Consent::granted, false, Purpose::personalisation).empty());
    CHECK(refuse(ConsentFacts{}, Consent::not_needed, true).empty());
}

TEST_CASE("the outbox: a copy with the listed fields, nothing for a destination that nobody described") {
    Queued event;
    event.id = "1";
    event.consent = "granted";
    event.visitor = "00112233aabbccdd";
    event.campaign = R"({"utm_campaign":"spring","gclid":"G"})";
    event.body =
        R"({"id":"1","type":"a.b","subject":{"user":"joe"},"consent":{"analytics":"granted"},"props":{"x":1}})";
    CHECK(
        Outbox("matomo").clear(event).event.body ==
        R"({"id":"1","type":"a.b","subject":{"user":"joe"},"visitor":"00112233aabbccdd","campaign":{"utm_campaign":"spring"}})");
    CHECK(Outbox("elsewhere").clear(event).event.body == "{}");

    Policy policy;
    policy.destinations["ads"] = {*AllowList::profile("purchase"), Purpose::ads};
    const auto shared = std::make_shared<const Policy>(policy);
    const Outbox ads(
        "ads", [shared] { return shared; }, nullptr);
    CHECK(ads.clear(event).state == Delivery::purged);
    CHECK(ads.clear(event).reason == "ads");
    CHECK(ads.clear(event).event.body.empty());
    event.body =
        R"({"id":"1","type":"a.b","subject":{"user":"joe"},"consent":{"analytics":"granted","ads":"granted"}})";
    CHECK(ads.clear(event).event.body == R"({"subject":{"user":"joe"}})");
    event.body = "no JSON";
    CHECK(ads.clear(event).state == Delivery::dead);
    event.body = R"({"id":"1","type":"a.b"})"; // a pipeline's own
    event.consent = "not_needed";
    CHECK(ads.clear(event).event.body == "{}");
    CHECK(Outbox("matomo").clear(event).event.body == R"({"id":"1","type":"a.b"})"); // no visitor, no campaign
}

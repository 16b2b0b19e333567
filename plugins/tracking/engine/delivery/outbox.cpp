// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/delivery/outbox.hpp"

#include "engine/events/json_path.hpp"
#include "engine/privacy/identity.hpp"

namespace onair::track {

namespace {

/// A word that the store does not know counts as no decision.
Consent consent_of(std::string_view text) {
    for (const Consent c : {Consent::not_needed, Consent::granted, Consent::denied})
        if (to_text(c) == text) return c;
    return Consent::unknown;
}

/// What the store knows beside the body, where the allow-list finds it.
void add_store_fields(json::Document& doc, const Queued& event) {
    if (!event.visitor.empty()) {
        json::Value visitor = json::make_text(event.visitor, doc.GetAllocator());
        json::set(doc, "visitor", visitor, true);
    }
    json::Document campaign(&doc.GetAllocator());
    campaign.Parse<json::parse_flags>(event.campaign.data(), event.campaign.size());
    if (!campaign.HasParseError() && campaign.IsObject()) json::set(doc, "campaign", campaign, true);
}

std::string text_of(const json::Value& v) {
    rapidjson::StringBuffer buffer;
    json::Writer w(buffer);
    v.Accept(w);
    return json::to_string(buffer);
}

} // namespace

Outbox::Outbox(std::string destination)
    : Outbox(
          std::move(destination), [policy = std::make_shared<const Policy>()] { return policy; }, nullptr) {}

uint64_t Outbox::version() const { return policy_()->number + (opt_out_ ? opt_out_->version() : 0); }

Cleared Outbox::clear(const Queued& event) const {
    const auto policy = policy_();
    json::Document doc;
    doc.Parse<json::parse_flags>(event.body.data(), event.body.size());
    if (doc.HasParseError() || !doc.IsObject()) return Cleared::settled(Delivery::dead, "unreadable");

    const DestinationRules& rules = policy->of_destination(destination_);
    const ConsentFacts facts = read_consent(doc);
    Subject subject = subject_of(doc);
    if (subject.visitor.empty()) subject.visitor = event.visitor;
    const bool opted_out = facts.personal && opt_out_ && opt_out_->has(subject);
    const auto no = refuse_sending(facts, consent_of(event.consent), opted_out, rules.purpose, policy->consent);
    if (!no.empty()) return Cleared::settled(Delivery::purged, std::string(no));

    // Of an event that is not personal the store has none of these.
    if (facts.personal) add_store_fields(doc, event);
    Cleared out;
    out.event = {event.id, event.time_us, text_of(rules.allow.apply(doc))};
    return out;
}

} // namespace onair::track

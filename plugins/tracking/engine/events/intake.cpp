// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/events/intake.hpp"

#include "engine/events/context.hpp"
#include "engine/events/event_body.hpp"
#include "engine/events/json.hpp"
#include "engine/events/text_rules.hpp"
#include "engine/events/utc_clock.hpp"
#include "engine/events/validator.hpp"
#include "engine/privacy/enrich.hpp"
#include "engine/privacy/identity.hpp"

#include "common/base/text.hpp"

#include <optional>

namespace onair::track {

namespace {

using json::Document;
using json::Value;

std::string given_id(const Document& doc) {
    const auto id = json::find_text(&doc, "id");
    if (!id || !is_id(*id)) return {};
    return is_uuid(*id) ? ascii_lower(*id) : std::string(*id);
}

/// An event on its way.
struct Draft {
    Document doc;
    EventTime time;
    std::optional<std::string> repaired; ///< the text, when it was not valid UTF-8
    std::string_view text;
};

/// Of an event about a person nothing is kept that could be about them: only reason, rule, type and time.
Refusal refusal(const Problem& problem, const Arrival& arrival, const Draft& draft) {
    Refusal out{.reason = problem.reason,
                .detail = problem.detail,
                .id = {},
                .type = {},
                .time_us = {},
                .recv_us = arrival.recv_us,
                .excerpt = {}};
    if (!draft.doc.IsObject()) return out; // nobody knows what an unreadable text holds
    if (const auto type = json::find_text(&draft.doc, "type"); type && is_type(*type)) out.type = *type;
    if (const auto time = json::find_text(&draft.doc, "time")) out.time_us = parse_utc(*time);
    if (is_personal(draft.doc)) return out;
    out.id = given_id(draft.doc);
    out.excerpt = cut(draft.text, Limits::excerpt);
    out.whole = out.excerpt.size() == draft.text.size();
    return out;
}

std::optional<Problem> validate(Draft& draft, const Arrival& arrival, const Policy& policy) {
    if (auto problem = parse(draft.text, draft.doc)) return problem;
    if (arrival.context) {
        Document context;
        context.Parse<json::parse_flags>(arrival.context->data(), arrival.context->size());
        if (!context.HasParseError()) merge_context(draft.doc, context);
    }
    if (auto problem = check(draft.doc, policy.strict)) return problem;
    return find_time(draft.doc, arrival, draft.time);
}

Admission ask_consent(const Draft& draft, const ConsentFacts& facts, const OptOut* opt_out, const Policy& policy) {
    const bool opted_out = facts.personal && opt_out && opt_out->has(subject_of(draft.doc));
    return admit(facts, opted_out, policy.consent);
}

bool wants_campaign(const Document& doc) {
    const auto kind = json::find_text(json::find(&doc, "action"), "kind");
    return kind == "order" || kind == "goal";
}

} // namespace

Intake::Intake(std::string source, std::shared_ptr<const Policy> policy, std::shared_ptr<const Pseudonymiser> key,
               std::shared_ptr<const OptOut> opt_out)
    : source_(std::move(source)), key_(std::move(key)), opt_out_(std::move(opt_out)),
      current_(std::make_shared<Current>(std::move(policy))) {}

Intake::Intake(std::string source)
    : Intake(std::move(source), std::make_shared<const Policy>(), Pseudonymiser::passing(), nullptr) {}

void Intake::set_policy(std::shared_ptr<const Policy> policy) {
    auto next = std::make_shared<Current>(std::move(policy));
    const std::lock_guard guard(lock_);
    current_.swap(next);
}

std::shared_ptr<Intake::Current> Intake::current() const {
    const std::lock_guard guard(lock_);
    return current_;
}

/// The order of these steps is a promise (docs/specs/privacy.md).
Record Intake::take(std::string_view text, const Arrival& arrival) {
    const auto current = this->current();
    const Policy& policy = *current->policy;
    Draft draft;
    draft.repaired = repaired_utf8(text);
    draft.text = draft.repaired ? std::string_view(*draft.repaired) : text;

    // 1. validate
    if (const auto problem = validate(draft, arrival, policy)) return refusal(*problem, arrival, draft);

    // 2. consent
    const ConsentFacts facts = read_consent(draft.doc);
    const Admission admission = ask_consent(draft, facts, opt_out_.get(), policy);
    if (admission.way == Admission::Way::drop)
        return Tally{.outcome = Outcome::consent, .reason = std::string(admission.standing.reason)};

    // 3. minimise
    Event event;
    event.id = given_id(draft.doc);
    if (admission.way == Admission::Way::anonymise) {
        if (!event.id.empty()) event.id = passing_key_->id("event", event.id);
        draft.doc = anonymised(draft.doc, policy.minimise, *passing_key_);
        event.consent = Consent::not_needed;
    } else {
        if (admission.standing.state == Consent::granted) event.clicks = clicks_of(draft.doc, facts);
        minimise(draft.doc, policy.minimise, *key_);
        event.consent = admission.standing.state;
        event.held = admission.way == Admission::Way::hold;
    }
    if (event.id.empty()) event.id = ids_.make(arrival.recv_us);

    // 4. enrich
    enrich(draft.doc, policy.enrich, arrival);

    // 5. rules
    const Ruling ruling = current->judge.judge(draft.doc, event.id, arrival.recv_us);
    if (!ruling.keep) return Tally{.outcome = Outcome::filtered, .reason = ruling.reason};
    event.routes = ruling.routes;

    // 6. as it is stored
    const Subject subject = subject_of(draft.doc);
    event.user = subject.user;
    event.device = subject.device;
    event.session = subject.session;
    event.visitor = subject.visitor;
    event.wants_campaign = event.consent == Consent::granted && wants_campaign(draft.doc);
    event.repaired = draft.repaired.has_value();
    const bool placed = arrival.around && !arrival.around->source.empty();
    finish(event, draft.doc, draft.time, arrival, placed ? arrival.around->source : source_);
    return event;
}

} // namespace onair::track

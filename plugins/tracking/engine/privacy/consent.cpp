// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/privacy/consent.hpp"

#include "engine/privacy/names.hpp"

#include "common/base/text.hpp"

namespace onair::track {

namespace {

constexpr Name<ConsentMode> modes[] = {
    {ConsentMode::drop, "drop"}, {ConsentMode::anonymous, "anonymous"}, {ConsentMode::hold, "hold"}};
constexpr Name<Purpose> purposes[] = {
    {Purpose::analytics, "analytics"}, {Purpose::ads, "ads"}, {Purpose::personalisation, "personalisation"}};
constexpr Name<Consent> decisions[] = {{Consent::granted, "granted"}, {Consent::denied, "denied"}};

bool has_content(const json::Value& v) {
    if (v.IsNull()) return false;
    if (v.IsObject()) return v.MemberCount() > 0;
    return true;
}

/// A signal of refusal is off only where it is absent or says so.
bool is_set(const json::Value* consent, const char* name) {
    const json::Value* v = json::find(consent, name);
    if (!v || v->IsFalse()) return false;
    if (v->IsInt64()) return v->GetInt64() != 0;
    return !(v->IsString() && json::text(*v) == "0");
}

Consent decision(const json::Value* consent, const char* name) {
    const auto text = json::find_text(consent, name);
    return text ? value_of(decisions, *text).value_or(Consent::unknown) : Consent::unknown;
}

/// The signal that counts as a refusal, or nothing.
std::string_view signal_of(const ConsentFacts& facts, const ConsentRules& rules) {
    if (facts.explicitly && facts.analytics == Consent::granted) return {};
    if (rules.honour_gpc && facts.gpc) return "gpc";
    if (rules.honour_dnt && facts.dnt) return "dnt";
    return {};
}

} // namespace

std::string_view to_text(ConsentMode mode) { return name_of(modes, mode); }
std::optional<ConsentMode> consent_mode_of(std::string_view text) { return value_of(modes, text); }
std::string_view to_text(Purpose purpose) { return name_of(purposes, purpose); }
std::optional<Purpose> purpose_of(std::string_view text) { return value_of(purposes, text); }

bool is_personal(const json::Value& event) {
    for (const auto& member : event.GetObject()) {
        const size_t size = member.name.GetStringLength();
        if (size != 7 && size != 3) continue; // most are neither
        const std::string name = ascii_lower(json::text(member.name));
        if ((name == "subject" || name == "net") && has_content(member.value)) return true;
    }
    return false;
}

ConsentFacts read_consent(const json::Value& event) {
    const json::Value* consent = json::find(&event, "consent");
    const json::Value* said = json::find(consent, "explicit");
    return {.personal = is_personal(event),
            .analytics = decision(consent, "analytics"),
            .ads = decision(consent, "ads"),
            .personalisation = decision(consent, "personalisation"),
            .dnt = is_set(consent, "dnt"),
            .gpc = is_set(consent, "gpc"),
            .explicitly = said && said->IsTrue()};
}

Standing standing_of(const ConsentFacts& facts, bool opted_out, const ConsentRules& rules) {
    if (!facts.personal) return {Consent::not_needed, {}};
    if (opted_out) return {Consent::denied, "opt-out"};
    if (facts.analytics == Consent::denied) return {Consent::denied, "denied"};
    if (const auto signal = signal_of(facts, rules); !signal.empty()) return {Consent::denied, signal};
    if (facts.analytics == Consent::granted) return {Consent::granted, {}};
    return {Consent::unknown, "unknown"};
}

Admission admit(const ConsentFacts& facts, bool opted_out, const ConsentRules& rules) {
    const Standing standing = standing_of(facts, opted_out, rules);
    using Way = Admission::Way;
    if (standing.state == Consent::not_needed || standing.state == Consent::granted) return {Way::keep, standing};
    if (rules.mode == ConsentMode::anonymous) return {Way::anonymise, standing};
    // Personal data of one who said no is not kept for a change of mind.
    if (rules.mode == ConsentMode::hold && standing.state == Consent::unknown) return {Way::hold, standing};
    return {Way::drop, standing};
}

std::string_view refuse_sending(const ConsentFacts& facts, Consent stored, bool opted_out, Purpose purpose,
                                const ConsentRules& rules) {
    if (!facts.personal) return {};
    const Standing now = standing_of(facts, opted_out, rules);
    // A grant that came after the event: the body still says that there was no decision.
    const bool granted_later = stored == Consent::granted && facts.analytics == Consent::unknown && !opted_out;
    if (now.state != Consent::granted && !granted_later) return now.reason;
    if (stored != Consent::granted) return "unknown";
    if (purpose == Purpose::ads && facts.ads != Consent::granted) return "ads";
    if (purpose == Purpose::personalisation && facts.personalisation != Consent::granted) return "personalisation";
    return {};
}

} // namespace onair::track

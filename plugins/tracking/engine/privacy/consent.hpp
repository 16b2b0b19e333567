// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/events/event.hpp"
#include "engine/events/json.hpp"

#include <optional>
#include <string_view>

/// May this event be stored, may it be sent: docs/specs/privacy.md. Pure functions; anything unknown or malformed is
/// no.
namespace onair::track {

/// What becomes of a personal event that there is no consent for.
enum class ConsentMode {
    drop,      ///< it is counted
    anonymous, ///< stored and sent without all that is personal
    hold,      ///< without a decision: stored until there is one. With a refusal: as drop
};
std::string_view to_text(ConsentMode mode);
std::optional<ConsentMode> consent_mode_of(std::string_view text);

struct ConsentRules {
    ConsentMode mode = ConsentMode::drop;
    bool honour_dnt = true; ///< DNT: 1 is a refusal
    bool honour_gpc = true; ///< Sec-GPC: 1 is a refusal
};

/// What a destination does with events.
enum class Purpose { analytics, ads, personalisation };
std::string_view to_text(Purpose purpose);
std::optional<Purpose> purpose_of(std::string_view text);

/// What an event says about consent. A decision that is missing or malformed is `unknown`, a signal that is malformed
/// is set.
struct ConsentFacts {
    bool personal = false;
    Consent analytics = Consent::unknown, ads = Consent::unknown, personalisation = Consent::unknown;
    bool dnt = false, gpc = false;
    bool explicitly = false; ///< the decision was made by someone who knew that their browser sends these signals
};
ConsentFacts read_consent(const json::Value& event);

/// The event says something about a person: it has `subject` or `net` (in any case of letters) with content.
bool is_personal(const json::Value& event);

/// What the facts come to: `reason` is one word of docs/specs/privacy.md, empty where there is nothing against it.
struct Standing {
    Consent state = Consent::unknown;
    std::string_view reason;
};
Standing standing_of(const ConsentFacts& facts, bool opted_out, const ConsentRules& rules);

/// Gate 1, before an event is stored.
struct Admission {
    enum class Way { keep, anonymise, hold, drop };
    Way way = Way::drop;
    Standing standing;
};
Admission admit(const ConsentFacts& facts, bool opted_out, const ConsentRules& rules);

/// Gate 2, before each sending. `stored`: what the store says now, which is more than the event said where a grant came
/// later. Empty: it may go; else the reason.
std::string_view refuse_sending(const ConsentFacts& facts, Consent stored, bool opted_out, Purpose purpose,
                                const ConsentRules& rules);

} // namespace onair::track

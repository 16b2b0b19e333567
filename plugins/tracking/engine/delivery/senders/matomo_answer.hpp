// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/delivery/sender.hpp"

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace onair::track {

/// {"status":"success","tracked":2,"invalid":2,"invalid_indices":[1,2]}; the indices for a super user's token only.
struct MatomoCounts {
    size_t tracked = 0, invalid = 0;
    std::vector<size_t> indices; ///< sorted, each once; empty unless they name all that are invalid
};

/// What the rows of the table look at.
struct MatomoFacts {
    const Answer& answer;
    std::optional<MatomoCounts> counts; ///< of a 200
    bool at_commit = false;             ///< of a 500: all was tracked before it failed
    size_t sent = 0;                    ///< events
    Shown shown = {};
};

/// One row: answers that it fits mean this.
struct MatomoDecision {
    std::string_view answer;  ///< in words, as in docs/specs/delivery.md
    std::string_view meaning; ///< the same
    bool (*fits)(const MatomoFacts&);
    Action action;
    std::optional<Msg> say;
    bool maybe_stored = false;
    bool overload = false;
    int pause_after = 0;
    std::string_view reason = {}; ///< of those that are dead
};

/// The decision table. The first row that fits counts; the last one always does.
std::span<const MatomoDecision> matomo_decisions();
const MatomoDecision& matomo_decision(const MatomoFacts& facts);
MatomoFacts matomo_facts(const Answer& answer, size_t sent, Shown shown);

/// What Matomo's answer to `sent` events means. Pure.
Verdict judge_matomo(const Answer& answer, size_t sent, Shown shown);

} // namespace onair::track

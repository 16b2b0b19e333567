// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/privacy/allow_list.hpp"
#include "engine/privacy/consent.hpp"
#include "engine/privacy/minimise.hpp"
#include "engine/privacy/rules.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace onair::track {

/// What one destination may have.
struct DestinationRules {
    AllowList allow; ///< nothing by default
    Purpose purpose = Purpose::analytics;
};

/// What is added to each event.
struct Enrichment {
    std::vector<Assignment> fields;
    bool pipeline = false; ///< props.pipeline and props.element
    bool caps = false;     ///< props.caps
    bool timecode = true;  ///< timecode of the buffer, where the event has none
};

/// Everything that decides about an event on its way, as one value that does not change: a reload makes a new one.
/// docs/specs/policy-file.md.
struct Policy {
    uint64_t number = 0;     ///< grows with each load in this process
    std::string revision;    ///< the operator's own name of this version
    std::string environment; ///< "live" and so on
    bool strict = false;     ///< unknown top-level fields are refused instead of kept under props
    ConsentRules consent;
    MinimiseRules minimise;
    Enrichment enrich;
    RuleSet rules;
    std::map<std::string, DestinationRules, std::less<>> destinations;

    bool needs_key() const { return minimise.pseudonyms != Pseudonyms::off || minimise.order_ids; }
    /// Rules of a destination of this name; without any those of its kind (`matomo`: the profile matomo).
    const DestinationRules& of_destination(std::string_view name) const;
};

/// Where a policy comes from. What is set here overrides the file.
struct PolicySource {
    std::string file; ///< empty: none
    std::optional<std::string> environment;
    std::optional<bool> strict;
    std::optional<ConsentMode> consent_mode;
    std::optional<bool> honour_dnt, honour_gpc;
    std::optional<int> ip_mask;
    std::optional<Pseudonyms> pseudonyms;
    std::string pseudonym_key_file; ///< empty: the database's name with ".key"
    std::optional<std::vector<std::string>> url_strip;
    std::optional<ReferrerMode> referrer;
    std::map<std::string, std::string> allow; ///< destination -> profile or comma-separated fields
};

/// The policy of a source. Reads the whole file before anything counts; throws Error(settings) that names the place.
std::shared_ptr<const Policy> load_policy(const PolicySource& source);

} // namespace onair::track

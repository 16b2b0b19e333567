// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/delivery/ambiguous.hpp"
#include "engine/delivery/senders/matomo_mapping.hpp"
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

/// Where a destination is; read when the element starts.
struct Endpoint {
    std::string url; ///< empty: the file does not say
    unsigned site = 0;
    std::string token_file;     ///< its first line is the token
    std::string token_variable; ///< without a file: of the environment
    std::string ca_file;        ///< authorities that are trusted, PEM; empty: the system's
    std::optional<unsigned> connections, batch_size;
    std::optional<AmbiguousPolicy> ambiguous;
};

/// What one destination may have, and how it gets it.
struct DestinationRules {
    AllowList allow; ///< nothing by default
    Purpose purpose = Purpose::analytics;
    Endpoint endpoint = {};
    MatomoMapping mapping = {}; ///< its `site` is the endpoint's
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
    /// Rules of a destination of this name; one that nobody described gets nothing, but for "matomo": the profile
    /// matomo.
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
    std::map<std::string, std::string> allow; ///< destination -> comma-separated fields and profiles
    std::optional<unsigned> id_dimension;     ///< of the destination "matomo"
};

/// The policy of a source. Reads the whole file before anything counts; throws Error(settings) that names the place.
std::shared_ptr<const Policy> load_policy(const PolicySource& source);

} // namespace onair::track

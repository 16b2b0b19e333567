// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/events/json.hpp"
#include "engine/privacy/pseudonym.hpp"
#include "engine/privacy/url_strip.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace onair::track {

/// Which ids become keyed hashes.
enum class Pseudonyms { off, user, user_device };
std::string_view to_text(Pseudonyms mode);
std::optional<Pseudonyms> pseudonyms_of(std::string_view text);

/// What is taken from an event before it is stored.
struct MinimiseRules {
    int ip_mask = 2; ///< 0 to 4, Matomo's levels
    Pseudonyms pseudonyms = Pseudonyms::off;
    bool order_ids = false;                                   ///< order.id becomes a keyed hash too
    std::vector<std::string> url_strip = default_url_strip(); ///< query parameters, lower case
    ReferrerMode referrer = ReferrerMode::exclude_query;
};

/// Masks, pseudonyms and stripping on the event in place.
void minimise(json::Document& event, const MinimiseRules& rules, const Pseudonymiser& key);

/// Nothing but what no person can be found by: an allow-list, ids as hashes of a key that is in memory only.
json::Document anonymised(const json::Document& event, const MinimiseRules& rules, const Pseudonymiser& passing_key);

} // namespace onair::track

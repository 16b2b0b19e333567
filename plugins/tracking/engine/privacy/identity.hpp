// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/events/event.hpp"
#include "engine/events/json.hpp"
#include "engine/privacy/consent.hpp"
#include "engine/privacy/pseudonym.hpp"

#include <string>
#include <utility>
#include <vector>

namespace onair::track {

/// The ids of the subject as they stand in the event.
Subject subject_of(const json::Value& event);

/// The same subject as it is stored where ids are pseudonyms. A visitor id is ours and has none.
Subject pseudonym_form(const Subject& subject, const Pseudonymiser& key);

/// Ids of an ad click that the event brings, out of the query of action.url and out of props (names in lower case):
///
/// | ids                                                                          | need                     |
/// |------------------------------------------------------------------------------|--------------------------|
/// | of ad networks: gclid, gbraid, wbraid, dclid, fbclid, msclkid, twclid, ttclid, yclid, li_fat_id | consent.ads
/// granted | | of the own campaign: utm_*, mtm_*, pk_*                                       | consent.analytics
/// granted |
std::vector<std::pair<std::string, std::string>> clicks_of(const json::Value& event, const ConsentFacts& facts);

} // namespace onair::track

// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/events/event.hpp"
#include "engine/events/json.hpp"
#include "engine/privacy/consent.hpp"

namespace onair::track {

/// The ids of the subject as they stand in the event.
Subject subject_of(const json::Value& event);

/// Ids of an ad click that the event brings, out of the query of action.url and out of props (names in lower case):
///
/// | ids                                                                          | need                     |
/// |------------------------------------------------------------------------------|--------------------------|
/// | of ad networks: gclid, gbraid, wbraid, dclid, fbclid, msclkid, twclid, ttclid, yclid, li_fat_id | consent.ads
/// granted | | of the own campaign: utm_*, mtm_*, pk_*                                       | consent.analytics
/// granted |
std::vector<std::pair<std::string, std::string>> clicks_of(const json::Value& event, const ConsentFacts& facts);

} // namespace onair::track

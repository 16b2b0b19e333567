// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/events/json.hpp"

/// The gate that every event passes before it is stored and again before it is sent.
namespace onair::track {

/// The event says something about a person: it has `subject` or `net` (in any case of letters) with content.
bool is_personal(const json::Value& event);

/// Not personal; or consent.analytics is "granted" and neither consent.dnt nor consent.gpc is set. Anything unknown or
/// malformed means no.
bool consent_allows(const json::Value& event);

} // namespace onair::track

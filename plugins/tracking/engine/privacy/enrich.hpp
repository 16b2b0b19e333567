// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/events/event.hpp"
#include "engine/events/json.hpp"
#include "engine/privacy/policy.hpp"

namespace onair::track {

/// Adds what the policy says and the event lacks. After the consent gate, so never anything personal: a policy cannot
/// name `subject`, `net` or `consent` here.
void enrich(json::Document& event, const Enrichment& rules, const Arrival& arrival);

} // namespace onair::track

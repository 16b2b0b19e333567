// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/privacy/policy_reader.hpp"
#include "engine/privacy/rules.hpp"

#include <string_view>
#include <vector>

namespace onair::track {

/// The rules of an array that are for this environment, or for all.
std::vector<Rule> read_rules(const PolicyNode& node, std::string_view environment);

/// Fields of an object {path: value}. A rule works behind the consent gate: what the gate has looked at, and who and
/// what the event is, cannot be set.
std::vector<Assignment> read_assignments(const PolicyNode& node);

} // namespace onair::track

// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/privacy/policy.hpp"
#include "engine/privacy/policy_reader.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace onair::track {

/// The policy that a text describes (docs/specs/policy-file.md). `environment`: instead of the file's own. Throws
/// PolicyProblem.
Policy read_policy(std::string_view text, const std::optional<std::string>& environment);

} // namespace onair::track

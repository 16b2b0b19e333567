// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/events/event.hpp"
#include "engine/events/json.hpp"

#include <optional>
#include <string>
#include <string_view>

/// The rules of docs/specs/tracking-event.md.
namespace onair::track {

struct Problem {
    Reason reason;
    std::string detail; ///< names the field and the rule, never the value
};

/// Reads `text` (valid UTF-8) into `doc`.
std::optional<Problem> parse(std::string_view text, json::Document& doc);

/// Checks a parsed event: its shape (depth, keys), then every field by one table. `strict`: no field but known ones.
std::optional<Problem> check(const json::Document& doc, bool strict = false);

/// The field is one that the specification names; all others belong under `props`.
bool is_known_field(std::string_view name);

} // namespace onair::track

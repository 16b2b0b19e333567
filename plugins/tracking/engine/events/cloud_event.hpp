// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/events/event.hpp"
#include "engine/events/validator.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <variant>

namespace onair::track {

/// One CloudEvent 1.0 in its structured JSON form as an event of ours (docs/specs/tracking-event.md has the mapping),
/// or why it is none.
std::variant<std::string, Problem> from_cloud_event(std::string_view text);

/// The same for one (object) or a batch (array) of them; `each` is called once for each.
void read_cloud_events(std::string_view text, const std::function<void(std::variant<std::string, Problem>)>& each);

/// The event of a line of plain text: type onair.text.line, the line under props.text.
std::string event_of_line(std::string_view line);

} // namespace onair::track

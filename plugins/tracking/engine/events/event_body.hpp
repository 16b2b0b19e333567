// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/events/event.hpp"
#include "engine/events/json.hpp"
#include "engine/events/validator.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace onair::track {

/// `time` of an event as it was given and as it is used.
struct EventTime {
    int64_t us = 0;
    TimeSource source = TimeSource::wall;
    std::string replaced; ///< what was given, when it lies in the future
};
std::optional<Problem> find_time(const json::Document& doc, const Arrival& arrival, EventTime& out);

/// Fills in type, times, timecode and the body: known fields in the specification's order, the rest under `props`.
/// `event.id` is set already.
void finish(Event& event, const json::Document& doc, const EventTime& time, const Arrival& arrival,
            std::string_view source);

} // namespace onair::track

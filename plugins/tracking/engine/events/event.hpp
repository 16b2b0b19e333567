// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

/// What goes through the sink: docs/specs/tracking-event.md. Times are microseconds since 1970 UTC, media times are
/// nanoseconds.
namespace onair::track {

/// Limits of one event.
struct Limits {
    static constexpr size_t bytes = 65536; ///< of its JSON text
    static constexpr int depth = 8;        ///< objects and arrays inside each other, the event itself is 1
    static constexpr int keys = 256;       ///< in all of its objects together
    static constexpr size_t excerpt = 1024;
    static constexpr int64_t future_us = 60'000'000;                         ///< `time` ahead of the clock
    static constexpr int64_t past_us = 20LL * 366 * 24 * 3600 * 1'000'000LL; ///< `time` before it (Matomo: 20 years)
};

/// Where an event's time comes from; the names are those of the field `time_source`.
enum class TimeSource { refts, ntp, ptp, timecode, pipeline, wall, given };
std::string_view to_text(TimeSource source);
std::optional<TimeSource> time_source_of(std::string_view text);

/// Why an event was refused; the names are those of the column `reason`.
enum class Reason {
    json,
    too_long,
    nul,
    number,
    depth,
    keys,
    duplicate_key,
    type,
    id,
    time,
    field,
    consent,
    duplicate,
};
std::string_view to_text(Reason reason);

/// What is known of an event from outside of its text.
struct Arrival {
    int64_t recv_us = 0;                 ///< wall clock when it came
    std::optional<int64_t> time_us;      ///< of its media time; without one the wall clock is taken
    std::optional<int64_t> pts;          ///< ns
    std::optional<int64_t> running_time; ///< ns
    std::string timecode;                ///< "HH:MM:SS:FF@rate" or empty
};

/// A valid event, ready to be stored.
struct Event {
    std::string id;
    std::string type;
    int64_t time_us = 0;
    TimeSource time_source = TimeSource::wall;
    int64_t recv_us = 0;
    std::optional<int64_t> pts;
    std::string timecode;
    std::string body;      ///< the whole event as JSON, as it was normalised
    bool repaired = false; ///< invalid UTF-8 was replaced by U+FFFD
};

/// An event that is not taken. Holds nothing personal: `detail` names fields and rules, never values, and there is an
/// excerpt only of what was read and found to have neither subject nor net.
struct Refusal {
    Reason reason = Reason::json;
    std::string detail;
    std::string id;
    std::string type;
    std::optional<int64_t> time_us;
    int64_t recv_us = 0;
    std::string excerpt;
};

using Record = std::variant<Event, Refusal>;

} // namespace onair::track

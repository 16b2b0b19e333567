// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

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

/// Where a stream comes from, for events that are to tell (policy file, `enrich`).
struct Surroundings {
    std::string pipeline, element, caps;
    std::string source; ///< URI of the element, for events that do not name theirs; empty: the tracker's
};

/// What is known of an event from outside of its text.
struct Arrival {
    int64_t recv_us = 0;                           ///< wall clock when it came
    std::optional<int64_t> time_us;                ///< of its media time; without one the wall clock is taken
    TimeSource time_source = TimeSource::pipeline; ///< where `time_us` comes from
    std::optional<int64_t> pts;                    ///< ns
    std::optional<int64_t> running_time;           ///< ns
    std::string timecode;                          ///< "HH:MM:SS:FF@rate" or empty
    std::shared_ptr<const std::string> context;    ///< JSON object whose fields an event has that lacks them, or null
    std::shared_ptr<const Surroundings> around;    ///< or null
};

/// What the subject of an event agreed to, as read when it came; the names are those of the column `consent`.
enum class Consent { not_needed, granted, denied, unknown };
std::string_view to_text(Consent consent);

/// A valid event, ready to be stored. `user`, `device` and `session` are as they are stored: pseudonyms are made
/// before.
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

    std::string user, device, session; ///< empty: none
    std::string visitor;               ///< given by the application; empty: the store finds it by user and device
    Consent consent = Consent::not_needed;
    bool held = false;           ///< stored, but neither shown nor sent until a grant
    bool wants_campaign = false; ///< an order or goal: the store adds the visitor's ad-click ids
    std::vector<std::pair<std::string, std::string>> clicks; ///< ad-click ids it brings: "gclid", … and their values
    std::shared_ptr<const std::vector<std::string>> routes;  ///< names of destinations; null: all that are open
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
    bool whole = false; ///< the excerpt is the entire text: it can be replayed
};

/// Events of which nothing is kept but their number.
enum class Outcome { filtered, consent, dropped };
std::string_view to_text(Outcome outcome);

struct Tally {
    Outcome outcome = Outcome::filtered;
    std::string reason; ///< one word
    int64_t n = 1;
};

/// A data subject, every key as it is stored. Empty keys are not asked for; an event with any of the others is its.
struct Subject {
    std::string user, device, session, visitor;
};

/// What is done to a subject's events.
enum class Act {
    withdraw, ///< what is queued or held is purged, what is archived deleted or made anonymous
    erase,    ///< everything goes, and no byte of it is left in the files
    grant,    ///< what is held is queued
    forget,   ///< the subject is not recognised any more: visitor entries and ad-click ids go
};
std::string_view to_text(Act act);

struct ActReport {
    int64_t purged = 0; ///< deliveries
    int64_t deleted = 0, anonymised = 0, released = 0;
    bool complete = true; ///< erase: false while a reader of the file keeps old pages alive; it is tried again
};

/// Goes through the same queue as events: it acts on everything submitted before it.
struct Command {
    Act act = Act::withdraw;
    Subject subject;
    bool anonymise = false;           ///< withdraw: archived events stay, without their personal part
    std::string reason;               ///< one word for the audit table; nothing personal
    std::vector<std::string> opt_out; ///< keyed hashes to add (withdraw, erase) or to remove (grant)
    int64_t at_us = 0;
    std::shared_ptr<ActReport> report; ///< filled once it is committed
};

using Record = std::variant<Event, Refusal, Tally, Command>;

} // namespace onair::track

// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/events/event.hpp"

#include <cstddef>

namespace onair::track {

namespace {

template <class E>
struct Name {
    E value;
    std::string_view text;
};

constexpr Name<TimeSource> sources[] = {
    {TimeSource::refts, "refts"},       {TimeSource::ntp, "ntp"},           {TimeSource::ptp, "ptp"},
    {TimeSource::timecode, "timecode"}, {TimeSource::pipeline, "pipeline"}, {TimeSource::wall, "wall"},
    {TimeSource::given, "given"},
};

constexpr Name<Reason> reasons[] = {
    {Reason::json, "json"},
    {Reason::too_long, "too-long"},
    {Reason::nul, "nul"},
    {Reason::number, "number"},
    {Reason::depth, "depth"},
    {Reason::keys, "keys"},
    {Reason::duplicate_key, "duplicate-key"},
    {Reason::type, "type"},
    {Reason::id, "id"},
    {Reason::time, "time"},
    {Reason::field, "field"},
    {Reason::consent, "consent"},
    {Reason::duplicate, "duplicate"},
};

constexpr Name<Consent> consents[] = {
    {Consent::not_needed, "not_needed"},
    {Consent::granted, "granted"},
    {Consent::denied, "denied"},
    {Consent::unknown, "unknown"},
};

constexpr Name<Outcome> outcomes[] = {
    {Outcome::filtered, "filtered"},
    {Outcome::consent, "consent"},
    {Outcome::dropped, "dropped"},
};

constexpr Name<Act> acts[] = {
    {Act::withdraw, "withdraw"},
    {Act::erase, "erase"},
    {Act::grant, "grant"},
    {Act::forget, "forget"},
};

template <class E, size_t N>
std::string_view name_of(const Name<E> (&rows)[N], E value) {
    for (const auto& row : rows)
        if (row.value == value) return row.text;
    return rows[0].text;
}

} // namespace

std::string_view to_text(TimeSource source) { return name_of(sources, source); }
std::string_view to_text(Reason reason) { return name_of(reasons, reason); }
std::string_view to_text(Consent consent) { return name_of(consents, consent); }
std::string_view to_text(Outcome outcome) { return name_of(outcomes, outcome); }
std::string_view to_text(Act act) { return name_of(acts, act); }

std::optional<TimeSource> time_source_of(std::string_view text) {
    for (const auto& row : sources)
        if (row.text == text) return row.value;
    return std::nullopt;
}

} // namespace onair::track

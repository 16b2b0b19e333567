// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/events/event.hpp"

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

} // namespace

std::string_view to_text(TimeSource source) {
    for (const auto& row : sources)
        if (row.value == source) return row.text;
    return "wall";
}

std::optional<TimeSource> time_source_of(std::string_view text) {
    for (const auto& row : sources)
        if (row.text == text) return row.value;
    return std::nullopt;
}

std::string_view to_text(Reason reason) {
    for (const auto& row : reasons)
        if (row.value == reason) return row.text;
    return "json";
}

} // namespace onair::track

// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/events/json.hpp"

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace onair::track {

/// A category of the operator's own: which fields of an event become which parameters of the request. They come after
/// the mapping of the event's kind and replace what it wrote.
struct MatomoCategory {
    struct Field {
        std::string parameter; ///< one of is_mappable()
        std::string path;      ///< in the event, "props.title"; empty: `text` it is
        std::string text = {};
    };
    std::string type; ///< the event's type, or "prefix.*"
    std::vector<Field> fields;
};

/// How events become requests of one site: docs/specs/matomo-mapping.md.
struct MatomoMapping {
    int64_t site = 0;
    unsigned id_dimension = 0;    ///< the action dimension that takes the event's id; 0: none. `verify` reads it back.
    bool media_analytics = false; ///< ma_* for the plugin MediaAnalytics beside the event of category "media"
    bool crash_analytics = false; ///< cra* for the plugin CrashAnalytics beside the event of category "crash"
    std::vector<MatomoCategory> categories;
};

/// The parameter may be named in a MatomoCategory: what carries identity, access or time may not.
bool is_mappable(std::string_view parameter);

/// The first path that a mapping reads because of an option and that `passes` does not let through; empty: none. A list
/// of fields that may leave goes before an option that wants one.
std::string missing_field(const MatomoMapping& mapping, const std::function<bool(std::string_view)>& passes);

namespace matomo {

/// The event's parts that mappings read.
struct View {
    const json::Document& doc;
    std::string_view type, timecode;
    const json::Value *action, *order, *media, *net, *subject, *dims;
};

/// Writes the parameters of the event's kind, then those of its categories. False for a kind that is not known.
bool write_kind(json::Writer& w, const View& event, const MatomoMapping& mapping);

/// A string member that is not blank, else empty.
std::string_view text_of(const json::Value* parent, std::string_view name);
void put_text(json::Writer& w, std::string_view key, std::string_view text, size_t limit);
/// The first that is not empty.
std::string_view first_of(std::initializer_list<std::string_view> texts);

} // namespace matomo

} // namespace onair::track

// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/privacy/enrich.hpp"

#include "engine/events/json_path.hpp"

namespace onair::track {

void enrich(json::Document& event, const Enrichment& rules, const Arrival& arrival) {
    assign(event, rules.fields, false);
    const auto put = [&](std::string_view path, std::string_view text) {
        if (text.empty()) return;
        json::Value value = json::make_text(text, event.GetAllocator());
        json::set(event, path, value, false);
    };
    if (rules.timecode) put("timecode", arrival.timecode);
    if (!arrival.around) return;
    if (rules.pipeline) {
        put("props.pipeline", arrival.around->pipeline);
        put("props.element", arrival.around->element);
    }
    if (rules.caps) put("props.caps", arrival.around->caps);
}

} // namespace onair::track

// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/events/event_body.hpp"

#include "engine/events/text_rules.hpp"
#include "engine/events/utc_clock.hpp"

namespace onair::track {

namespace {

using json::Document;
using json::Value;
using json::Writer;

/// Unknown fields move under `props`; one whose name is taken there becomes "top.NAME".
void write_props(Writer& w, const Document& doc, const EventTime& time) {
    const Value* props = json::find(&doc, "props");
    bool open = false;
    const auto begin = [&] {
        if (open) return;
        json::put_key(w, "props");
        w.StartObject();
        open = true;
    };
    if (props)
        for (const auto& m : props->GetObject()) {
            begin();
            json::put_key(w, json::text(m.name));
            m.value.Accept(w);
        }
    for (const auto& m : doc.GetObject()) {
        const auto name = json::text(m.name);
        if (is_known_field(name)) continue;
        begin();
        json::put_key(w, props && props->HasMember(m.name) ? "top." + std::string(name) : std::string(name));
        m.value.Accept(w);
    }
    if (!time.replaced.empty() && !(props && props->HasMember("time_given"))) {
        begin();
        json::put(w, "time_given", time.replaced);
    }
    if (open) w.EndObject();
}

/// The event as it is stored and sent: known fields in the specification's order, the rest under `props`.
std::string write_body(const Document& doc, const Event& event, const EventTime& time, const Arrival& arrival,
                       std::string_view source) {
    rapidjson::StringBuffer buffer;
    Writer w(buffer);
    w.StartObject();
    json::put(w, "id", event.id);
    json::put(w, "source", json::find_text(&doc, "source").value_or(source));
    json::put(w, "type", event.type);
    json::put(w, "time", format_utc(event.time_us));
    json::put(w, "time_source", to_text(event.time_source));
    if (event.pts) json::put(w, "pts", *event.pts);
    const Value* running = json::find(&doc, "running_time");
    if (running || arrival.running_time)
        json::put(w, "running_time", running ? running->GetInt64() : *arrival.running_time);
    if (!event.timecode.empty()) json::put(w, "timecode", event.timecode);
    for (const char* name :
         {"dts", "stream_time", "schema", "subject", "net", "action", "order", "media", "dims", "consent"}) {
        const Value* v = json::find(&doc, name);
        if (!v || (v->IsObject() && v->MemberCount() == 0)) continue;
        json::put_key(w, name);
        v->Accept(w);
    }
    write_props(w, doc, time);
    w.EndObject();
    return json::to_string(buffer);
}

} // namespace

std::optional<Problem> find_time(const json::Document& doc, const Arrival& arrival, EventTime& out) {
    const auto ahead = [&](int64_t us) { return us > arrival.recv_us + Limits::future_us; };
    const auto given = json::find_text(&doc, "time");
    if (!given) {
        // A sink that does not sync runs ahead of the media time: then only the moment of arrival is true.
        const bool media = arrival.time_us && !ahead(*arrival.time_us);
        out = {media ? *arrival.time_us : arrival.recv_us, media ? arrival.time_source : TimeSource::wall, {}};
        return std::nullopt;
    }
    const auto us = parse_utc(*given);
    if (!us) return Problem{Reason::time, "time is not RFC 3339"};
    if (*us < arrival.recv_us - Limits::past_us) return Problem{Reason::time, "time is more than 20 years ago"};
    const auto source = json::find_text(&doc, "time_source");
    out = {*us, source ? time_source_of(*source).value_or(TimeSource::given) : TimeSource::given, {}};
    if (ahead(*us)) out = {arrival.recv_us, TimeSource::wall, std::string(*given)};
    return std::nullopt;
}

void finish(Event& event, const Document& doc, const EventTime& time, const Arrival& arrival, std::string_view source) {
    event.type = *json::find_text(&doc, "type");
    event.time_us = time.us;
    event.time_source = time.source;
    event.recv_us = arrival.recv_us;
    const Value* pts = json::find(&doc, "pts");
    event.pts = pts ? std::optional(pts->GetInt64()) : arrival.pts;
    event.timecode = json::find_text(&doc, "timecode").value_or("");
    event.body = write_body(doc, event, time, arrival, source);
}

} // namespace onair::track

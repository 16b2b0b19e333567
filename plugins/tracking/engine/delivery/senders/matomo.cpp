// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/delivery/senders/matomo.hpp"

#include "engine/events/digest.hpp"
#include "engine/events/event.hpp"
#include "engine/events/json.hpp"
#include "engine/events/text_rules.hpp"

#include "common/base/text.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace onair::track {

namespace {

constexpr int64_t day_us = 86'400'000'000;

using json::Value;
using json::Writer;
using matomo::first_of;
using matomo::put_text;
using matomo::text_of;
using matomo::View;

/// The visitor: the device (in hybrid tracking Matomo knows it by that), else who the store says, else something stable
/// of the person, else the place the event comes from.
std::string visitor(const View& e) {
    if (const auto device = text_of(e.subject, "device"); is_hex(device, 16)) return ascii_lower(device);
    if (const auto known = text_of(&e.doc, "visitor"); is_hex(known, 16)) return ascii_lower(known);
    for (const char* name : {"user", "session"})
        if (const auto text = text_of(e.subject, name); !text.empty())
            return sha256_hex(std::string(name) + ":" + std::string(text), 16);
    return sha256_hex("source:" + std::string(text_of(&e.doc, "source")), 16);
}

/// Matomo attributes a conversion to the campaign that is given with it (_rcn its name, _rck its keyword).
void write_campaign(Writer& w, const Value* campaign) {
    put_text(w, "_rcn",
             first_of({text_of(campaign, "mtm_campaign"), text_of(campaign, "pk_campaign"),
                       text_of(campaign, "utm_campaign")}),
             255);
    put_text(w, "_rck",
             first_of({text_of(campaign, "mtm_keyword"), text_of(campaign, "mtm_kwd"), text_of(campaign, "pk_keyword"),
                       text_of(campaign, "pk_kwd"), text_of(campaign, "utm_term")}),
             255);
}

void write_dimensions(Writer& w, const Value* dims) {
    if (!dims) return;
    for (const auto& m : dims->GetObject()) {
        if (m.value.IsObject() || m.value.IsArray() || m.value.IsNull()) continue;
        const std::string key = "dimension" + std::string(json::text(m.name));
        if (m.value.IsString()) {
            put_text(w, key, json::text(m.value), 255);
        } else {
            json::put_key(w, key);
            m.value.Accept(w);
        }
    }
}

} // namespace

Compiled compile_for_matomo(std::string_view body, int64_t time_us, const MatomoMapping& mapping, int64_t site,
                            int64_t now_us) {
    json::Document doc;
    doc.Parse<json::parse_flags>(body.data(), body.size());
    if (doc.HasParseError() || !doc.IsObject()) return {{}, "unreadable"};
    const View e{doc,
                 text_of(&doc, "type"),
                 text_of(&doc, "timecode"),
                 json::find(&doc, "action"),
                 json::find(&doc, "order"),
                 json::find(&doc, "media"),
                 json::find(&doc, "net"),
                 json::find(&doc, "subject"),
                 json::find(&doc, "dims")};
    rapidjson::StringBuffer buffer;
    Writer w(buffer);
    w.StartObject();
    json::put(w, "idsite", site);
    for (const char* name : {"rec", "apiv", "bots"}) {
        w.Key(name);
        w.Int(1);
    }
    const std::string cid = visitor(e);
    const std::string_view uid = text_of(e.subject, "user"); // to Matomo a user is one visitor on all devices
    json::put(w, "cid", cid);
    put_text(w, "uid", uid, 200);
    json::put(w, "cdt", std::min(time_us, now_us - 1'000'000) / 1'000'000);
    if (!matomo::write_kind(w, e, mapping)) return {{}, "unmapped"};
    put_text(w, "cip", text_of(e.net, "ip"), 64);
    put_text(w, "ua", text_of(e.net, "ua"), 1024);
    put_text(w, "lang", text_of(e.net, "lang"), 64);
    put_text(w, "urlref", text_of(e.net, "referrer"), 1024);
    write_campaign(w, json::find(&e.doc, "campaign"));
    write_dimensions(w, e.dims);
    if (mapping.id_dimension) put_text(w, "dimension" + std::to_string(mapping.id_dimension), text_of(&doc, "id"), 128);
    w.EndObject();
    Compiled out{json::to_string(buffer), {}};
    out.partition = uid.empty() ? cid : std::string(uid);
    out.past = time_us < now_us - day_us;
    out.unique = out.request.find("\"ec_id\":") != std::string::npos; // a value cannot hold this: quotes are escaped
    return out;
}

MatomoSender::MatomoSender(MatomoUrl url, int64_t site, MappingFn mapping, std::string token, std::string ca_file)
    : url_(std::move(url)), site_(site), mapping_(std::move(mapping)), token_(std::move(token)),
      ca_file_(std::move(ca_file)) {}

MatomoSender::MatomoSender(MatomoUrl url, MatomoMapping mapping, std::string token)
    : url_(std::move(url)), site_(mapping.site), token_(std::move(token)) {
    mapping_ = [fixed = std::make_shared<const MatomoMapping>(std::move(mapping))] { return fixed; };
}

Compiled MatomoSender::compile(const Outgoing& event, int64_t now_us) const {
    return compile_for_matomo(event.body, event.time_us, *mapping_(), site_, now_us);
}

Request MatomoSender::bulk(std::span<const std::string* const> requests) const {
    rapidjson::StringBuffer buffer;
    Writer w(buffer);
    w.StartObject();
    json::put(w, "token_auth", token_);
    w.Key("requests");
    w.StartArray();
    for (const std::string* request : requests)
        w.RawValue(request->data(), request->size(), rapidjson::kObjectType);
    w.EndArray();
    w.EndObject();
    return {.url = url_.tracker, .body = json::to_string(buffer), .ca_file = ca_file_};
}

/// A ping of a visitor that does not exist: Matomo makes no visit of it (its plugins/Heartbeat/Tracker/
/// PingRequestProcessor.php), so it never will exist.
std::optional<Request> MatomoSender::probe() const {
    rapidjson::StringBuffer buffer;
    Writer w(buffer);
    w.StartObject();
    json::put(w, "idsite", site_);
    for (const char* one : {"rec", "apiv", "bots", "ping"}) {
        w.Key(one);
        w.Int(1);
    }
    json::put(w, "cid", sha256_hex("probe", 16));
    w.EndObject();
    const std::string request = json::to_string(buffer);
    const std::string* const requests[] = {&request};
    return bulk(requests);
}

Verdict MatomoSender::judge(const Answer& answer, size_t sent, Shown shown) const {
    return judge_matomo(answer, sent, shown);
}

} // namespace onair::track

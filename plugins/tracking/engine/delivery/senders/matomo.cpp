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

using json::Value;
using json::Writer;

constexpr size_t name_limit = 600; ///< times six ("&quot;") stays under Matomo's 4096

/// The event's parts that mappings read.
struct View {
    const json::Document& doc;
    std::string_view type, timecode;
    const Value *action, *order, *media, *net, *subject, *dims;
};

std::string_view text_of(const Value* parent, std::string_view name) {
    const auto text = json::find_text(parent, name);
    return text && !is_blank(*text) ? *text : std::string_view();
}

void put_text(Writer& w, std::string_view key, std::string_view text, size_t limit = name_limit) {
    if (!text.empty()) json::put(w, key, cut(text, limit));
}

void put_number(Writer& w, std::string_view key, const Value* v) {
    if (!v || !v->IsNumber()) return;
    json::put_key(w, key);
    v->Accept(w);
}

std::string_view first_of(std::initializer_list<std::string_view> texts) {
    for (const auto text : texts)
        if (!text.empty()) return text;
    return {};
}

/// "onair.run.progress" is category "onair.run", action "progress".
std::pair<std::string_view, std::string_view> parts_of(std::string_view type) {
    const size_t dot = type.rfind('.');
    return {type.substr(0, dot), type.substr(dot + 1)};
}

void write_event(Writer& w, const View& e, std::string_view category) {
    const auto [prefix, last] = parts_of(e.type);
    w.Key("ca");
    w.Int(1);
    put_text(w, "e_c", first_of({category, text_of(e.action, "category"), prefix}), 255);
    put_text(w, "e_a", first_of({text_of(e.action, "action"), last}), 255);
    put_text(w, "e_n",
             first_of({text_of(e.action, "name"), text_of(e.media, "title"), text_of(e.media, "id"),
                       e.timecode.substr(0, e.timecode.find('@'))}));
    const Value* value = json::find(e.action, "value");
    put_number(w, "e_v", value ? value : json::find(e.media, "pos"));
    put_text(w, "url", text_of(e.action, "url"), 1024);
}

void map_event(Writer& w, const View& e) { write_event(w, e, {}); }
void map_media(Writer& w, const View& e) { write_event(w, e, "media"); }
void map_crash(Writer& w, const View& e) { write_event(w, e, "crash"); }

void map_page(Writer& w, const View& e) {
    put_text(w, "url", text_of(e.action, "url"), 1024);
    put_text(w, "action_name", text_of(e.action, "name"));
}

void map_download(Writer& w, const View& e) {
    put_text(w, "download", text_of(e.action, "url"), 1024);
    put_text(w, "url", text_of(e.action, "url"), 1024);
}

void map_search(Writer& w, const View& e) {
    put_text(w, "search", text_of(e.action, "name"));
    put_text(w, "search_cat", text_of(e.action, "category"), 200);
    const Value* count = json::find(e.action, "value");
    if (count && count->IsInt64()) put_number(w, "search_count", count);
    put_text(w, "url", text_of(e.action, "url"), 1024);
}

void map_goal(Writer& w, const View& e) {
    put_number(w, "idgoal", json::find(e.action, "goal"));
    put_number(w, "revenue", json::find(e.action, "value"));
    put_text(w, "url", text_of(e.action, "url"), 1024);
}

/// [[sku, name, category, price, quantity], …]
std::string items_of(const Value* items) {
    rapidjson::StringBuffer buffer;
    Writer w(buffer);
    w.StartArray();
    for (const Value& item : items->GetArray()) {
        w.StartArray();
        for (const char* name : {"sku", "name", "category"})
            json::put(w, cut(text_of(&item, name), 255));
        for (const auto& [name, fallback] : {std::pair{"price", 0}, std::pair{"quantity", 1}}) {
            const Value* v = json::find(&item, name);
            if (v && v->IsNumber())
                v->Accept(w);
            else
                w.Int(fallback);
        }
        w.EndArray();
    }
    w.EndArray();
    return json::to_string(buffer);
}

void map_cart(Writer& w, const View& e) {
    w.Key("idgoal");
    w.Int(0);
    put_number(w, "revenue", json::find(e.order, "revenue"));
    if (const Value* items = json::find(e.order, "items"); items && items->IsArray())
        json::put(w, "ec_items", items_of(items));
    put_text(w, "url", text_of(e.action, "url"), 1024);
}

void map_order(Writer& w, const View& e) {
    map_cart(w, e);
    put_text(w, "ec_id", text_of(e.order, "id"), 100);
    for (const auto& [key, name] :
         {std::pair{"ec_st", "subtotal"}, {"ec_tx", "tax"}, {"ec_sh", "shipping"}, {"ec_dt", "discount"}})
        put_number(w, key, json::find(e.order, name));
}

void map_ping(Writer& w, const View& e) {
    w.Key("ping");
    w.Int(1);
    put_text(w, "url", text_of(e.action, "url"), 1024);
}

struct Mapping {
    std::string_view kind;
    void (*write)(Writer&, const View&);
};
constexpr Mapping mappings[] = {
    {"event", map_event}, {"page", map_page}, {"download", map_download}, {"search", map_search}, {"goal", map_goal},
    {"order", map_order}, {"cart", map_cart}, {"media", map_media},       {"crash", map_crash},   {"ping", map_ping},
};

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

Compiled compile_for_matomo(std::string_view body, int64_t time_us, int64_t site, int64_t now_us) {
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
    const std::string_view kind = first_of({text_of(e.action, "kind"), "event"});
    const auto* mapping =
        std::find_if(std::begin(mappings), std::end(mappings), [&](const Mapping& m) { return m.kind == kind; });
    if (mapping == std::end(mappings)) return {{}, "unmapped"};

    rapidjson::StringBuffer buffer;
    Writer w(buffer);
    w.StartObject();
    json::put(w, "idsite", site);
    for (const char* name : {"rec", "apiv", "bots"}) {
        w.Key(name);
        w.Int(1);
    }
    json::put(w, "cid", visitor(e));
    put_text(w, "uid", text_of(e.subject, "user"), 200);
    json::put(w, "cdt", std::min(time_us, now_us - 1'000'000) / 1'000'000);
    mapping->write(w, e);
    put_text(w, "cip", text_of(e.net, "ip"));
    put_text(w, "ua", text_of(e.net, "ua"));
    put_text(w, "lang", text_of(e.net, "lang"), 64);
    put_text(w, "urlref", text_of(e.net, "referrer"), 1024);
    write_campaign(w, json::find(&e.doc, "campaign"));
    write_dimensions(w, e.dims);
    w.EndObject();
    return {json::to_string(buffer), {}};
}

MatomoSender::MatomoSender(MatomoUrl url, int64_t site, std::string token)
    : url_(std::move(url)), site_(site), token_(std::move(token)) {}

Compiled MatomoSender::compile(const Outgoing& event, int64_t now_us) const {
    return compile_for_matomo(event.body, event.time_us, site_, now_us);
}

std::string MatomoSender::body(std::span<const std::string* const> requests) const {
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
    return json::to_string(buffer);
}

Verdict MatomoSender::judge(const Answer& answer, size_t sent, bool proven) const {
    return judge_matomo(answer, sent, proven);
}

} // namespace onair::track

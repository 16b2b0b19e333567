// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/delivery/senders/matomo_mapping.hpp"

#include "engine/events/text_rules.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

namespace onair::track {

using json::Value;
using json::Writer;

namespace matomo {

namespace {

constexpr size_t name_limit = 600; ///< times six ("&quot;") stays under Matomo's 4096
constexpr size_t url_limit = 1024;

/// A parameter that is one member of one object of the event.
struct Param {
    const char* name;
    const Value* View::*object;
    const char* member;
    enum Kind { text, number, seconds, integer } kind = text;
    size_t limit = name_limit;
};

void put_number(Writer& w, std::string_view key, const Value* v) {
    if (!v || !v->IsNumber()) return;
    json::put_key(w, key);
    v->Accept(w);
}

void put(Writer& w, const View& e, const Param& p) {
    const Value* object = e.*p.object;
    const Value* v = json::find(object, p.member);
    if (p.kind == Param::text)
        put_text(w, p.name, text_of(object, p.member), p.limit);
    else if (p.kind == Param::number)
        put_number(w, p.name, v);
    else if (v && v->IsNumber() && (p.kind == Param::seconds || v->IsInt64()))
        json::put(w, p.name, static_cast<int64_t>(std::floor(std::clamp(v->GetDouble(), 0.0, 1e12))));
}

template <size_t n>
void put_all(Writer& w, const View& e, const Param (&params)[n]) {
    for (const Param& p : params)
        put(w, e, p);
}

/// "onair.run.progress" is category "onair.run", action "progress".
std::pair<std::string_view, std::string_view> parts_of(std::string_view type) {
    const size_t dot = type.rfind('.');
    return {type.substr(0, dot), type.substr(dot + 1)};
}

constexpr Param the_url{"url", &View::action, "url", Param::text, url_limit};

/// ca=1: a Matomo whose plugin is off must not make a page view of it.
void put_custom_action(Writer& w) {
    w.Key("ca");
    w.Int(1);
}

void write_event(Writer& w, const View& e, std::string_view category) {
    const auto [prefix, last] = parts_of(e.type);
    put_custom_action(w);
    put_text(w, "e_c", first_of({category, text_of(e.action, "category"), prefix}), 255);
    put_text(w, "e_a", first_of({text_of(e.action, "action"), last}), 255);
    put_text(w, "e_n",
             first_of({text_of(e.action, "name"), text_of(e.media, "title"), text_of(e.media, "id"),
                       e.timecode.substr(0, e.timecode.find('@'))}),
             name_limit);
    const Value* value = json::find(e.action, "value");
    put_number(w, "e_v", value ? value : json::find(e.media, "pos"));
    put(w, e, the_url);
}

void map_event(Writer& w, const View& e, const MatomoMapping&) { write_event(w, e, {}); }

void map_page(Writer& w, const View& e, const MatomoMapping&) {
    put_all(w, e,
            {the_url, {"action_name", &View::action, "name"}, {"pv_id", &View::action, "page_view", Param::text, 6}});
}

void map_download(Writer& w, const View& e, const MatomoMapping&) {
    put_all(w, e, {{"download", &View::action, "url", Param::text, url_limit}, the_url});
}

void map_outlink(Writer& w, const View& e, const MatomoMapping&) {
    put_all(w, e, {{"link", &View::action, "url", Param::text, url_limit}, the_url});
}

void map_search(Writer& w, const View& e, const MatomoMapping&) {
    put_all(w, e,
            {{"search", &View::action, "name"},
             {"search_cat", &View::action, "category", Param::text, 200},
             {"search_count", &View::action, "value", Param::integer},
             the_url});
}

/// An impression; with action.action, what was done to it.
void map_content(Writer& w, const View& e, const MatomoMapping&) {
    put_custom_action(w);
    put_all(w, e,
            {{"c_n", &View::action, "name"},
             {"c_p", &View::action, "piece"},
             {"c_t", &View::action, "target"},
             {"c_i", &View::action, "action"},
             the_url});
}

void map_goal(Writer& w, const View& e, const MatomoMapping&) {
    put_all(w, e,
            {{"idgoal", &View::action, "goal", Param::number},
             {"revenue", &View::action, "value", Param::number},
             the_url});
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

void map_cart(Writer& w, const View& e, const MatomoMapping&) {
    w.Key("idgoal");
    w.Int(0);
    put_number(w, "revenue", json::find(e.order, "revenue"));
    if (const Value* items = json::find(e.order, "items"); items && items->IsArray())
        json::put(w, "ec_items", items_of(items));
    put(w, e, the_url);
}

void map_order(Writer& w, const View& e, const MatomoMapping& mapping) {
    map_cart(w, e, mapping);
    put_all(w, e,
            {{"ec_id", &View::order, "id", Param::text, 100},
             {"ec_st", &View::order, "subtotal", Param::number},
             {"ec_tx", &View::order, "tax", Param::number},
             {"ec_sh", &View::order, "shipping", Param::number},
             {"ec_dt", &View::order, "discount", Param::number}});
}

/// A product that was looked at: a page view with the first item of the order.
void map_product(Writer& w, const View& e, const MatomoMapping& mapping) {
    map_page(w, e, mapping);
    const Value* items = json::find(e.order, "items");
    if (!items || !items->IsArray() || items->Empty()) return;
    const Value* item = &(*items)[0];
    put_text(w, "_pks", text_of(item, "sku"), 255);
    put_text(w, "_pkn", text_of(item, "name"), 255);
    put_text(w, "_pkc", text_of(item, "category"), 255);
    put_number(w, "_pkp", json::find(item, "price"));
}

/// What a stream knows of itself stands in for what the event does not say: its running time for the position, its caps
/// for the kind of media and the size. Null: it does not know either.
const Value* caps_of(const View& e) {
    const Value* caps = json::find(json::find(&e.doc, "props"), "caps");
    return caps && caps->IsString() ? caps : nullptr;
}

/// "…, width=(int)1920, …" is 1920.
void put_caps_number(Writer& w, const char* key, std::string_view caps, std::string_view field) {
    const std::string before = " " + std::string(field) + "=(int)";
    size_t at = caps.find(before);
    if (at == std::string_view::npos) return;
    int64_t n = 0;
    for (at += before.size(); at < caps.size() && caps[at] >= '0' && caps[at] <= '9' && n < 100'000; ++at)
        n = n * 10 + (caps[at] - '0');
    if (n > 0) json::put(w, key, n);
}

void put_stream(Writer& w, const View& e) {
    const Value* running = json::find(&e.doc, "running_time");
    if (!json::find(e.media, "pos") && running && running->IsInt64() && running->GetInt64() >= 0)
        json::put(w, "ma_ps", running->GetInt64() / 1'000'000'000);
    const Value* caps = caps_of(e);
    if (!caps) return;
    if (!json::find(e.media, "w")) put_caps_number(w, "ma_w", json::text(*caps), "width");
    if (!json::find(e.media, "h")) put_caps_number(w, "ma_h", json::text(*caps), "height");
}

/// "audio" or "video", by the event, else by the caps.
std::string_view kind_of_media(const View& e) {
    const std::string_view said = text_of(e.media, "type");
    const Value* caps = said.empty() ? caps_of(e) : nullptr;
    return said == "audio" || (caps && json::text(*caps).starts_with("audio/")) ? "audio" : "video";
}

/// Parameters of the plugin MediaAnalytics (developer.matomo.org, "Media Analytics for custom players") beside those of
/// an event: a Matomo without the plugin answers ca=1 with nothing that it knows by 500, for the whole request (5.3.1).
void map_media(Writer& w, const View& e, const MatomoMapping& mapping) {
    write_event(w, e, "media");
    if (!mapping.media_analytics) return;
    put_text(w, "ma_mt", kind_of_media(e), 5);
    put_text(w, "ma_re", first_of({text_of(e.media, "resource"), text_of(e.media, "id")}), url_limit);
    put_stream(w, e);
    put_all(w, e,
            {{"ma_id", &View::media, "id", Param::text, 255},
             {"ma_ti", &View::media, "title"},
             {"ma_pn", &View::media, "player", Param::text, 255},
             {"ma_st", &View::media, "watched", Param::seconds},
             {"ma_le", &View::media, "len", Param::seconds},
             {"ma_ps", &View::media, "pos", Param::seconds},
             {"ma_ttp", &View::media, "time_to_play", Param::seconds},
             {"ma_w", &View::media, "w", Param::integer},
             {"ma_h", &View::media, "h", Param::integer},
             {"ma_fs", &View::media, "fullscreen", Param::integer},
             {"ma_se", &View::media, "segments"}});
}

void map_crash(Writer& w, const View& e, const MatomoMapping& mapping) {
    write_event(w, e, "crash");
    if (!mapping.crash_analytics) return;
    put_text(w, "cra", first_of({text_of(e.action, "name"), text_of(e.action, "action"), e.type}), name_limit);
    put_text(w, "cra_tp", first_of({text_of(e.action, "action"), parts_of(e.type).second}), 255);
    put_all(w, e, {{"cra_ct", &View::action, "category", Param::text, 255}});
    put_text(w, "cra_st", text_of(json::find(&e.doc, "props"), "stack"), name_limit);
}

void map_ping(Writer& w, const View& e, const MatomoMapping&) {
    w.Key("ping");
    w.Int(1);
    put(w, e, the_url);
}

struct Mapping {
    std::string_view kind;
    void (*write)(Writer&, const View&, const MatomoMapping&);
};
/// docs/specs/matomo-mapping.md has the same table for readers.
constexpr Mapping mappings[] = {
    {"event", map_event},   {"page", map_page},   {"download", map_download}, {"outlink", map_outlink},
    {"search", map_search}, {"goal", map_goal},   {"content", map_content},   {"order", map_order},
    {"cart", map_cart},     {"media", map_media}, {"product", map_product},   {"crash", map_crash},
    {"ping", map_ping},
};

const Value* at_path(const Value* v, std::string_view path) {
    while (v && !path.empty()) {
        const size_t dot = path.find('.');
        v = json::find(v, path.substr(0, dot));
        path = dot == std::string_view::npos ? std::string_view() : path.substr(dot + 1);
    }
    return v;
}

bool is_of(const MatomoCategory& category, std::string_view type) {
    const std::string_view pattern = category.type;
    return pattern.ends_with(".*") ? type.starts_with(pattern.substr(0, pattern.size() - 1)) : pattern == type;
}

size_t limit_of(std::string_view parameter) {
    constexpr std::array urls{"url", "download", "link", "urlref", "c_t", "ma_re"};
    constexpr std::array names{"e_n", "action_name", "search", "c_n", "c_p", "c_i", "cra", "cra_st", "ma_ti"};
    const auto in = [&](const auto& list) { return std::find(list.begin(), list.end(), parameter) != list.end(); };
    return in(urls) ? url_limit : in(names) ? name_limit : 255;
}

/// The later of two members with one name counts in PHP's json_decode().
void write_categories(Writer& w, const View& e, const MatomoMapping& mapping) {
    for (const MatomoCategory& category : mapping.categories) {
        if (!is_of(category, e.type)) continue;
        for (const auto& field : category.fields) {
            const Value* v = field.path.empty() ? nullptr : at_path(&e.doc, field.path);
            const std::string_view text = v && v->IsString() ? json::text(*v) : std::string_view(field.text);
            if (v && v->IsNumber())
                put_number(w, field.parameter, v);
            else
                put_text(w, field.parameter, is_blank(text) ? std::string_view() : text, limit_of(field.parameter));
        }
    }
}

} // namespace

std::string_view text_of(const Value* parent, std::string_view name) {
    const auto text = json::find_text(parent, name);
    return text && !is_blank(*text) ? *text : std::string_view();
}

void put_text(Writer& w, std::string_view key, std::string_view text, size_t limit) {
    if (!text.empty()) json::put(w, key, cut(text, limit));
}

std::string_view first_of(std::initializer_list<std::string_view> texts) {
    for (const auto text : texts)
        if (!text.empty()) return text;
    return {};
}

bool write_kind(Writer& w, const View& event, const MatomoMapping& mapping) {
    const std::string_view kind = first_of({text_of(event.action, "kind"), "event"});
    const auto* found =
        std::find_if(std::begin(mappings), std::end(mappings), [&](const Mapping& m) { return m.kind == kind; });
    if (found == std::end(mappings)) return false;
    found->write(w, event, mapping);
    write_categories(w, event, mapping);
    return true;
}

} // namespace matomo

std::string missing_field(const MatomoMapping& mapping, const std::function<bool(std::string_view)>& passes) {
    if (mapping.id_dimension && !passes("id")) return "id";
    for (const MatomoCategory& category : mapping.categories) {
        if (!passes("type")) return "type";
        for (const auto& field : category.fields)
            if (!field.path.empty() && !passes(field.path)) return field.path;
    }
    return {};
}

bool is_mappable(std::string_view parameter) {
    constexpr std::array fixed{"idsite", "rec",        "apiv",      "bots",       "cid",
                               "_id",    "uid",        "cip",       "cdt",        "cdo",
                               "ca",     "ua",         "lang",      "ping",       "cs",
                               "uadata", "token_auth", "country",   "region",     "city",
                               "lat",    "long",       "new_visit", "send_image", "queuedtracking",
                               "debug",  "ec_items"};
    return !parameter.empty() && parameter.size() <= 32 && std::all_of(parameter.begin(), parameter.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    }) && std::find(fixed.begin(), fixed.end(), parameter) == fixed.end();
}

} // namespace onair::track

// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
// Which events a Matomo has: Live.getLastVisitsDetails, by the dimension that holds the event's id. Conversions have no
// dimension in Matomo (5.3.1): they are looked for in the visits of their visitor.
//
// | event                    | visit is found by        | row of actionDetails                                  |
// |--------------------------|--------------------------|-------------------------------------------------------|
// | goal                     | userId, else visitorId   | type "goal", goalId = idgoal, timestamp = cdt         |
// | order                    | the same                 | orderId = ec_id                                       |
// | cart                     | the same                 | "ecommerceAbandonedCart" or "ecommerceOrder" from cdt |
// |                          |                          | on, in a visit that had begun by then: a visit has    |
// |                          |                          | one cart, a later one or an order takes its place     |
// | ping                     | -                        | leaves nothing: counts as absent                      |
// | all others               | dimensionN               | dimensionN = id                                       |
#include "engine/delivery/senders/matomo.hpp"
#include "engine/events/json.hpp"
#include "engine/events/utc_clock.hpp"

#include <algorithm>
#include <cstdlib>
#include <string>
#include <string_view>
#include <unordered_set>

namespace onair::track {

namespace {

constexpr int64_t day_us = 86'400'000'000;
constexpr int deepest = 16;              ///< an answer is not trusted
constexpr size_t max_answer = 32u << 20; ///< 50 visits, each with its 500 actions

/// RFC 3986: everything but the unreserved characters.
std::string percent(std::string_view text) {
    constexpr char digits[] = "0123456789ABCDEF";
    std::string out;
    for (const char c : text) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                           c == '_' || c == '.' || c == '~';
        if (plain) {
            out += c;
            continue;
        }
        out += '%';
        out += digits[static_cast<unsigned char>(c) >> 4];
        out += digits[static_cast<unsigned char>(c) & 15];
    }
    return out;
}

std::string day_of(int64_t us) { return format_utc(us).substr(0, 10); }

/// Of the dimension, wherever in the answer it stands: visits and actions have it.
void collect(const json::Value& v, std::string_view dimension, std::unordered_set<std::string>& out, int depth = 0) {
    if (depth > deepest) return;
    if (v.IsArray())
        for (const auto& element : v.GetArray())
            collect(element, dimension, out, depth + 1);
    if (!v.IsObject()) return;
    for (const auto& member : v.GetObject()) {
        if (member.value.IsString() && json::text(member.name) == dimension)
            out.emplace(json::text(member.value));
        else
            collect(member.value, dimension, out, depth + 1);
    }
}

/// Numbers come as numbers or as texts.
std::string text_at(const json::Value* v, std::string_view name) {
    const json::Value* member = json::find(v, name);
    if (!member) return {};
    if (member->IsString()) return std::string(json::text(*member));
    return member->IsInt64() ? std::to_string(member->GetInt64()) : std::string();
}

int64_t number_at(const json::Value* v, std::string_view name) {
    return std::strtoll(text_at(v, name).c_str(), nullptr, 10);
}

/// A conversion, by its request.
struct Conversion {
    std::string goal, order, uid, cid;
    int64_t time = 0; ///< seconds
    bool is_one = false;

    explicit Conversion(std::string_view request) {
        json::Document doc;
        doc.Parse<json::parse_flags>(request.data(), request.size());
        if (doc.HasParseError() || !json::find(&doc, "idgoal")) return;
        is_one = true;
        goal = text_at(&doc, "idgoal");
        order = text_at(&doc, "ec_id");
        uid = text_at(&doc, "uid");
        cid = text_at(&doc, "cid");
        time = number_at(&doc, "cdt");
    }

    std::string segment() const { return uid.empty() ? "visitorId==" + percent(cid) : "userId==" + percent(uid); }
    bool is_of(const json::Value& visit) const {
        return uid.empty() ? text_at(&visit, "visitorId") == cid : text_at(&visit, "userId") == uid;
    }
    bool is(const json::Value& row, const json::Value& visit) const {
        if (!order.empty()) return text_at(&row, "orderId") == order;
        const std::string type = text_at(&row, "type");
        const int64_t at = number_at(&row, "timestamp");
        if (goal != "0") return type == "goal" && at == time && text_at(&row, "goalId") == goal;
        const bool takes_its_place = type == "ecommerceAbandonedCart" || type == "ecommerceOrder";
        return takes_its_place && at >= time && number_at(&visit, "firstActionTimestamp") <= time;
    }
    bool is_in(const json::Value& visits) const {
        for (const auto& visit : visits.GetArray()) {
            const json::Value* rows = json::find(&visit, "actionDetails");
            if (!is_of(visit) || !rows || !rows->IsArray()) continue;
            for (const auto& row : rows->GetArray())
                if (is(row, visit)) return true;
        }
        return false;
    }
};

} // namespace

std::string matomo_api_form(std::string_view method, int64_t site, std::string_view from, std::string_view to,
                            std::string_view token) {
    return "module=API&format=JSON&method=" + std::string(method) + "&idSite=" + std::to_string(site) +
           "&period=range&date=" + std::string(from) + "%2C" + std::string(to) + "&token_auth=" + percent(token);
}

std::optional<Request> MatomoSender::ask(std::span<const Asked> events, int64_t now_us) const {
    const unsigned dimension = mapping_()->id_dimension;
    if (dimension == 0 || events.empty()) return std::nullopt;
    const auto [first, last] = std::minmax_element(
        events.begin(), events.end(), [](const Asked& a, const Asked& b) { return a.time_us < b.time_us; });
    // A day on each side: the site has a time zone of its own. What was in the future was sent as "now".
    const int64_t from = std::min(first->time_us, now_us) - day_us, to = last->time_us + day_us;
    std::string segment; // the value of a segment is encoded for itself, and with the form once more
    bool rows = events.size() > 1;
    for (const Asked& event : events) {
        const Conversion conversion(event.request);
        rows |= conversion.is_one;
        if (!segment.empty()) segment += ',';
        segment += conversion.is_one ? conversion.segment()
                                     : "dimension" + std::to_string(dimension) + "==" + percent(event.id);
    }
    return api_request(matomo_api_form("Live.getLastVisitsDetails", site_, day_of(from), day_of(to), token_) +
                       "&filter_limit=500" + (rows ? "" : "&doNotFetchActions=1") + "&segment=" + percent(segment));
}

Found MatomoSender::found(const Answer& answer, std::span<const Asked> events) const {
    Found out;
    out.words = answer.words;
    if (answer.kind != Answer::Kind::http) return out;
    json::Document doc;
    doc.Parse<json::parse_flags>(answer.body.data(), answer.body.size());
    if (answer.status != 200 || doc.HasParseError() || !doc.IsArray()) {
        // {"result":"error","message":"…"}: Matomo's own words; the token is in none of them, but may be in a page.
        const auto words = doc.HasParseError() ? std::nullopt : json::find_text(&doc, "message");
        out.words = "status " + std::to_string(answer.status) +
                    (words && words->find(token_) == std::string_view::npos ? ": " + std::string(words->substr(0, 200))
                                                                            : std::string());
        return out;
    }
    out.usable = true;
    std::unordered_set<std::string> ids;
    collect(doc, "dimension" + std::to_string(mapping_()->id_dimension), ids);
    for (const Asked& event : events) {
        const Conversion conversion(event.request);
        const bool here = conversion.is_one ? conversion.is_in(doc) : ids.count(std::string(event.id)) > 0;
        const bool sure = conversion.is_one || doc.Empty();
        out.each.push_back(here ? Found::Is::present : sure ? Found::Is::absent : Found::Is::unseen);
    }
    return out;
}

Request MatomoSender::report(std::string_view method, std::string_view from, std::string_view to,
                             std::string_view more) const {
    return api_request(matomo_api_form(method, site_, from, to, token_) + std::string(more));
}

Request MatomoSender::api_request(std::string form) const {
    return {.url = url_.api,
            .body = std::move(form),
            .type = "application/x-www-form-urlencoded",
            .max_answer = max_answer,
            .ca_file = ca_file_};
}

} // namespace onair::track

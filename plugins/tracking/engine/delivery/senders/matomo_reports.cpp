// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/delivery/senders/matomo_reports.hpp"

#include "engine/events/json.hpp"
#include "engine/messages.hpp"

#include <cstdlib>

namespace onair::track {

namespace {

struct Kind {
    std::string_view kind, count;
    bool only_without_url = false;
};
/// Content without a URL is a page view, "Page URL not defined", to Matomo 5.3.1 (ActionReports.php leaves out events
/// only, and an action of type "content" is its URL).
constexpr Kind kinds[] = {
    {"event", "events"},  {"media", "events"},       {"crash", "events"},        {"page", "pages"},
    {"product", "pages"}, {"download", "downloads"}, {"outlink", "outlinks"},    {"search", "searches"},
    {"goal", "goals"},    {"order", "orders"},       {"content", "pages", true},
};

/// A call of the reporting API and the columns that are counted. Goals.get without a goal has the orders in its sum.
struct Report {
    std::string_view method, more, column, count;
};
constexpr Report reports[] = {
    {"Events.getCategory", "&filter_limit=-1", "nb_events", "events"},
    {"Actions.get", "", "nb_pageviews", "pages"},
    {"Actions.get", "", "nb_downloads", "downloads"},
    {"Actions.get", "", "nb_outlinks", "outlinks"},
    {"Actions.get", "", "nb_searches", "searches"},
    {"Goals.get", "", "nb_conversions", "goals"},
    {"Goals.get", "&idGoal=ecommerceOrder", "nb_conversions", "orders"},
};

int64_t number(const json::Value* v) {
    if (!v) return 0;
    if (v->IsNumber()) return static_cast<int64_t>(v->GetDouble());
    return v->IsString() ? std::strtoll(v->GetString(), nullptr, 10) : 0;
}

/// Of an object, or the sum over an array of them.
int64_t sum(const json::Value& report, std::string_view column) {
    if (!report.IsArray()) return number(json::find(&report, column));
    int64_t out = 0;
    for (const auto& row : report.GetArray())
        out += number(json::find(&row, column));
    return out;
}

} // namespace

std::string_view count_of_kind(std::string_view kind, bool has_url) {
    for (const Kind& row : kinds)
        if (row.kind == kind && !(row.only_without_url && has_url)) return row.count;
    return {};
}

KindCounts read_matomo_reports(const std::function<Answer(std::string_view, std::string_view)>& call,
                               const std::string& host) {
    KindCounts out;
    const Report* before = nullptr;
    json::Document doc;
    for (const Report& report : reports) {
        if (!before || before->method != report.method || before->more != report.more) {
            const Answer answer = call(report.method, report.more);
            doc = json::Document();
            doc.Parse<json::parse_flags>(answer.body.data(), answer.body.size());
            const bool readable = answer.kind == Answer::Kind::http && answer.status == 200 && !doc.HasParseError();
            if (!readable || json::find_text(&doc, "result") == "error")
                throw error(Msg::report_failed, {host, report.method},
                            readable ? std::string(json::find_text(&doc, "message").value_or("").substr(0, 200))
                            : answer.words.empty() ? "status " + std::to_string(answer.status)
                                                   : answer.words);
        }
        before = &report;
        out[std::string(report.count)] = sum(doc, report.column);
    }
    out["goals"] -= out["orders"];
    return out;
}

} // namespace onair::track

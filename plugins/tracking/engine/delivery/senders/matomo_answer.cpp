// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/delivery/senders/matomo_answer.hpp"

#include "engine/events/json.hpp"

#include <algorithm>
#include <numeric>
#include <optional>
#include <string>

namespace onair::track {

namespace {

using Facts = MatomoFacts;
using Kind = Answer::Kind;

template <Kind kind>
bool is(const Facts& f) {
    return f.answer.kind == kind;
}

template <int... statuses>
bool status(const Facts& f) {
    return ((f.answer.status == statuses) || ...);
}

template <int low, int high>
bool within(const Facts& f) {
    return f.answer.status >= low && f.answer.status <= high;
}

bool always(const Facts&) { return true; }
bool image(const Facts& f) { return f.answer.status == 200 && f.answer.content_type.starts_with("image/"); }

size_t sum(const Facts& f) { return f.counts->tracked + f.counts->invalid; }
bool all_stored(const Facts& f) { return f.counts && sum(f) == f.sent && f.counts->invalid == 0; }
bool none_valid(const Facts& f) { return f.counts && sum(f) == f.sent && f.counts->tracked == 0; }
bool none_valid_yet(const Facts& f) { return none_valid(f) && !f.shown.proven; }
bool some_named(const Facts& f) { return f.counts && sum(f) == f.sent && !f.counts->indices.empty(); }
bool some_unnamed(const Facts& f) { return f.counts && sum(f) == f.sent; }
bool nothing(const Facts& f) { return f.counts && sum(f) == 0; }
bool too_few(const Facts& f) { return f.counts && sum(f) < f.sent; }
bool too_many(const Facts& f) { return f.counts.has_value(); }
bool at_commit(const Facts& f) { return f.at_commit; }
/// What is left when the roll-back of a request fails, because the database went away in the middle of it: the end of
/// Matomo's piwik.php (5.3.1) prints the exception.
bool database_gone(const Facts& f) { return f.answer.status == 200 && f.answer.body.starts_with("Error:SQLSTATE["); }
bool no_count(const Facts& f) { return f.answer.status == 200 && f.shown.spoken; }

/// Matomo 5.3.1 was asked; plugins/BulkTracking/Tracker/Handler.php and Response.php say why. Without an answer first,
/// then what is read in full, then what is known by its status.
constexpr MatomoDecision table[] = {
    {"no connection, or it broke before all was sent", "not sent", is<Kind::not_sent>, Action::retry, Msg::unreachable},
    {"certificate not trusted", "not sent", is<Kind::tls>, Action::pause, Msg::tls_refused},
    {"none, or half of one, to a request that was sent", "unknown: it may be stored", is<Kind::ambiguous>,
     Action::retry, Msg::ambiguous, true, true},
    {"200, an image", "taken, not counted (not the bulk form)", image, Action::unconfirmed, Msg::unconfirmed},
    {"200, tracked = n", "stored", all_stored, Action::delivered, std::nullopt},
    {"200, invalid = n, and none was ever valid or three requests in a row were so", "wrong site or token",
     none_valid_yet, Action::pause, Msg::all_invalid},
    {"200, invalid = n", "these are bad", none_valid, Action::delivered, std::nullopt, false, false, 0, "invalid"},
    {"200, tracked + invalid = n, with the indices of the invalid ones", "those are bad, the others stored", some_named,
     Action::delivered, std::nullopt, false, false, 0, "invalid"},
    {"200, tracked + invalid = n, without indices", "the good ones are stored, nobody says which", some_unnamed,
     Action::unattributed, Msg::unattributed, false, false, 0, "unattributed"},
    {"200, 0 + 0", "nothing stored: recording is off", nothing, Action::retry, Msg::nothing_recorded, false, false, 3},
    {"200, tracked + invalid < n", "lock time-outs skipped some", too_few, Action::retry, Msg::ambiguous, true, true},
    {"200, tracked + invalid > n", "not our count", too_many, Action::unconfirmed, Msg::unconfirmed},
    {"200, `Error:SQLSTATE[…`", "its database went away in between: rolled back", database_gone, Action::retry,
     Msg::database_gone, false, true},
    {"200, anything else, of a server that has taken events before", "it is ill, or what stands before it answers",
     no_count, Action::retry, Msg::no_count, true, true},
    {"200, anything else", "not Matomo, or it broke off", status<200>, Action::pause, Msg::not_matomo, true},
    {"204", "taken, not counted (QueuedTracking)", status<204>, Action::unconfirmed, Msg::unconfirmed},
    {"3xx", "a redirect: the token would go along", within<300, 399>, Action::pause, Msg::redirected},
    {"401, 403, 407", "access refused", status<401, 403, 407>, Action::pause, Msg::access_denied},
    {"413", "too large", status<413>, Action::split, std::nullopt, false, false, 0, "too-large"},
    {"408, 425, 429, 503", "overloaded, not stored", status<408, 425, 429, 503>, Action::retry, Msg::overloaded, false,
     true},
    {"500, tracked + invalid = n", "all were tracked, the commit failed: they may be stored", at_commit, Action::retry,
     Msg::ambiguous, true, true},
    {"500", "all of it rolled back", status<500>, Action::isolate, Msg::server_error, false, false, 0, "rejected"},
    {"501", "not stored", status<501>, Action::retry, Msg::overloaded},
    {"502, 504, other 5xx", "a gateway lost the answer", within<502, 599>, Action::retry, Msg::overloaded, true, true},
    {"anything else (400, 404, …)", "not Matomo's bulk tracking", always, Action::pause, Msg::not_matomo},
};

std::optional<MatomoCounts> read_counts(const std::string& body, size_t sent, std::string_view status) {
    json::Document doc;
    doc.Parse<json::parse_flags>(body.data(), body.size());
    if (doc.HasParseError()) return std::nullopt;
    const json::Value* tracked = json::find(&doc, "tracked");
    const json::Value* invalid = json::find(&doc, "invalid");
    if (json::find_text(&doc, "status") != status || !tracked || !tracked->IsUint() || !invalid || !invalid->IsUint())
        return std::nullopt;
    MatomoCounts out{tracked->GetUint(), invalid->GetUint(), {}};
    const json::Value* indices = json::find(&doc, "invalid_indices");
    if (!indices || !indices->IsArray()) return out;
    for (const auto& index : indices->GetArray())
        if (index.IsUint() && index.GetUint() < sent) out.indices.push_back(index.GetUint());
    std::sort(out.indices.begin(), out.indices.end());
    out.indices.erase(std::unique(out.indices.begin(), out.indices.end()), out.indices.end());
    if (out.indices.size() != out.invalid) out.indices.clear();
    return out;
}

std::vector<size_t> dead_of(const MatomoDecision& row, const Facts& facts) {
    if (row.action != Action::delivered || row.reason.empty()) return {};
    if (facts.counts->tracked > 0) return facts.counts->indices;
    std::vector<size_t> all(facts.sent);
    std::iota(all.begin(), all.end(), size_t{0});
    return all;
}

} // namespace

std::span<const MatomoDecision> matomo_decisions() { return table; }

MatomoFacts matomo_facts(const Answer& answer, size_t sent, Shown shown) {
    MatomoFacts out{.answer = answer, .counts = std::nullopt, .sent = sent, .shown = shown};
    if (answer.kind != Kind::http) return out;
    if (answer.status == 200) out.counts = read_counts(answer.body, sent, "success");
    if (answer.status == 500)
        if (const auto failed = read_counts(answer.body, sent, "error"))
            out.at_commit = failed->tracked + failed->invalid >= sent;
    return out;
}

const MatomoDecision& matomo_decision(const MatomoFacts& facts) {
    return *std::find_if(std::begin(table), std::end(table),
                         [&](const MatomoDecision& row) { return row.fits(facts); });
}

Verdict judge_matomo(const Answer& answer, size_t sent, Shown shown) {
    const Facts facts = matomo_facts(answer, sent, shown);
    const MatomoDecision& row = matomo_decision(facts);
    Verdict v;
    v.action = row.action;
    v.say = row.say;
    v.args = {answer.kind == Kind::http ? std::to_string(answer.status) : answer.words};
    v.maybe_stored = row.maybe_stored;
    v.overload = row.overload;
    v.pause_after = row.pause_after;
    v.dead = dead_of(row, facts);
    v.reason = row.reason;
    v.retry_after_s = answer.retry_after_s;
    v.detail = answer.words;
    if (row.action == Action::unattributed) {
        v.args = {std::to_string(facts.counts->invalid), std::to_string(sent)};
        v.reason += " " + v.args[0] + " of " + v.args[1];
    }
    return v;
}

} // namespace onair::track

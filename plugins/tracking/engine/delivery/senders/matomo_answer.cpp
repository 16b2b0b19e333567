// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/delivery/senders/matomo.hpp"
#include "engine/events/json.hpp"

#include <algorithm>
#include <optional>

namespace onair::track {

namespace {

/// Answers that are known by their status alone; the first row that fits. 200 is read in full.
struct Row {
    int low, high;
    Action action;
    Msg say;
    bool maybe_stored = false;
};
constexpr Row rows[] = {
    {204, 204, Action::unconfirmed, Msg::unconfirmed}, // QueuedTracking, send_image=0
    {300, 399, Action::pause, Msg::redirected},        // never followed: the token would go along
    {401, 401, Action::pause, Msg::access_denied},
    {403, 403, Action::pause, Msg::access_denied},
    {407, 407, Action::pause, Msg::access_denied},
    {408, 408, Action::retry, Msg::overloaded},
    {413, 413, Action::split, Msg::overloaded}, // says nothing, see judge_status()
    {425, 425, Action::retry, Msg::overloaded},
    {429, 429, Action::retry, Msg::overloaded},
    {500, 500, Action::isolate, Msg::server_error},
    {501, 501, Action::retry, Msg::overloaded},
    {503, 503, Action::retry, Msg::overloaded},
    {502, 599, Action::retry, Msg::overloaded, true}, // a gateway that lost Matomo's answer, or did not wait for it
    {100, 599, Action::pause, Msg::not_matomo},       // 400: the plugin is off, a proxy answered; 404; …
};

/// {"status":"success","tracked":2,"invalid":2,"invalid_indices":[1,2]}; the indices for a super user's token only.
struct Counts {
    uint64_t tracked = 0, invalid = 0;
    std::vector<size_t> indices; ///< sorted, each once; empty unless they name all that are invalid
};

std::optional<Counts> read_counts(const std::string& body, size_t sent) {
    json::Document doc;
    doc.Parse<json::parse_flags>(body.data(), body.size());
    if (doc.HasParseError()) return std::nullopt;
    const json::Value* tracked = json::find(&doc, "tracked");
    const json::Value* invalid = json::find(&doc, "invalid");
    if (json::find_text(&doc, "status") != "success" || !tracked || !tracked->IsUint() || !invalid ||
        !invalid->IsUint())
        return std::nullopt;
    Counts out{tracked->GetUint(), invalid->GetUint(), {}};
    const json::Value* indices = json::find(&doc, "invalid_indices");
    if (!indices || !indices->IsArray()) return out;
    for (const auto& index : indices->GetArray())
        if (index.IsUint() && index.GetUint() < sent) out.indices.push_back(index.GetUint());
    std::sort(out.indices.begin(), out.indices.end());
    out.indices.erase(std::unique(out.indices.begin(), out.indices.end()), out.indices.end());
    if (out.indices.size() != out.invalid) out.indices.clear();
    return out;
}

Verdict verdict(Action action, std::optional<Msg> say = std::nullopt, std::vector<std::string> args = {}) {
    Verdict v;
    v.action = action;
    v.say = say;
    v.args = std::move(args);
    return v;
}

Verdict uncertain(Verdict v) {
    v.maybe_stored = true;
    return v;
}

std::vector<size_t> all(size_t n) {
    std::vector<size_t> out(n);
    for (size_t i = 0; i < n; ++i)
        out[i] = i;
    return out;
}

/// All are accounted for, some are invalid.
Verdict judge_invalid(const Counts& counts, size_t sent, bool proven) {
    // Not one is good and none ever was: the site or the token is wrong, not the events.
    if (counts.tracked == 0 && !proven) return verdict(Action::pause, Msg::all_invalid);
    Verdict v = verdict(Action::delivered, Msg::dead_letter, {"invalid"});
    v.reason = "invalid";
    v.dead = counts.tracked == 0 ? all(sent) : counts.indices;
    if (!v.dead.empty()) return v;
    const std::string k = std::to_string(counts.invalid), n = std::to_string(sent);
    v = verdict(Action::unattributed, Msg::unattributed, {k, n});
    v.reason = "unattributed " + k + " of " + n;
    return v;
}

Verdict judge_success(const Answer& answer, size_t sent, bool proven) {
    if (answer.content_type.starts_with("image/")) return verdict(Action::unconfirmed, Msg::unconfirmed);
    const auto counts = read_counts(answer.body, sent);
    if (!counts) return uncertain(verdict(Action::pause, Msg::not_matomo, {"200"})); // or only half of an answer
    const uint64_t sum = counts->tracked + counts->invalid;
    if (sum == 0) return verdict(Action::retry, Msg::nothing_recorded);
    if (sum < sent) return uncertain(verdict(Action::retry, Msg::ambiguous)); // lock time-outs skip events silently
    if (sum > sent) return verdict(Action::unconfirmed, Msg::unconfirmed);
    return counts->invalid == 0 ? verdict(Action::delivered) : judge_invalid(*counts, sent, proven);
}

Verdict judge_status(const Answer& answer) {
    for (const Row& row : rows) {
        if (answer.status < row.low || answer.status > row.high) continue;
        Verdict v = verdict(row.action, row.say, {std::to_string(answer.status)});
        v.maybe_stored = row.maybe_stored;
        v.retry_after_s = answer.retry_after_s;
        if (row.action == Action::split) v.say.reset(); // halving is all that there is to do
        return v;
    }
    return verdict(Action::pause, Msg::not_matomo, {std::to_string(answer.status)});
}

} // namespace

Verdict judge_matomo(const Answer& answer, size_t sent, bool proven) {
    Verdict v;
    switch (answer.kind) {
    case Answer::Kind::not_sent:
        v = verdict(Action::retry, Msg::unreachable);
        break;
    case Answer::Kind::tls:
        v = verdict(Action::pause, Msg::tls_refused);
        break;
    case Answer::Kind::ambiguous:
        v = uncertain(verdict(Action::retry, Msg::ambiguous));
        break;
    case Answer::Kind::http:
        return answer.status == 200 ? judge_success(answer, sent, proven) : judge_status(answer);
    }
    v.detail = answer.words;
    return v;
}

} // namespace onair::track

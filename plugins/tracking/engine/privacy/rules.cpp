// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/privacy/rules.hpp"

#include "engine/events/json_path.hpp"

#include <algorithm>

namespace onair::track {

namespace {

/// "a.*" is a beginning, anything else the whole text.
bool matches(std::string_view text, std::string_view wanted) {
    if (wanted.ends_with('*')) return text.starts_with(wanted.substr(0, wanted.size() - 1));
    return text == wanted;
}

std::string text_at(const json::Document& event, std::string_view path) {
    const json::Value* v = json::at(&event, path);
    return v ? json::scalar_text(*v) : std::string();
}

} // namespace

void assign(json::Document& event, const std::vector<Assignment>& fields, bool replace) {
    for (const Assignment& field : fields) {
        json::Document value(&event.GetAllocator());
        value.Parse<json::parse_flags>(field.json.data(), field.json.size());
        if (!value.HasParseError()) json::set(event, field.path, value, replace);
    }
}

bool Condition::holds(const json::Value& event) const {
    const json::Value* v = json::at(&event, path);
    if (exists && *exists != (v != nullptr)) return false;
    if (exists && !*exists) return true;
    if (!v) return false;
    if (!any_of.empty()) {
        const std::string text = json::scalar_text(*v);
        if (std::none_of(any_of.begin(), any_of.end(), [&](const auto& wanted) { return matches(text, wanted); }))
            return false;
    }
    if ((min || max) && !v->IsNumber()) return false;
    if (min && v->GetDouble() < *min) return false;
    if (max && v->GetDouble() > *max) return false;
    return !regex || regex->match(json::scalar_text(*v)) == Pattern::Match::yes;
}

RuleJudge::RuleJudge(const RuleSet& rules) : rules_(rules) {
    for (const Rule& rule : rules_.rules)
        limiters_.push_back(rule.rate || rule.debounce ? std::make_unique<Limiter>(rule.rate, rule.debounce) : nullptr);
}

Ruling RuleJudge::judge(json::Document& event, std::string_view id, int64_t now_us) {
    Ruling out;
    for (size_t i = 0; i < rules_.rules.size(); ++i) {
        const Rule& rule = rules_.rules[i];
        if (!std::all_of(rule.match.begin(), rule.match.end(), [&](const auto& c) { return c.holds(event); })) continue;
        const auto drop = [&] { return Ruling{.keep = false, .reason = rule.name, .routes = nullptr}; };
        if (rule.action == Rule::Action::drop) return drop();
        if (rule.sample) {
            const std::string key = rule.sample_key.empty() ? std::string(id) : text_at(event, rule.sample_key);
            if (!in_sample(key, *rule.sample)) return drop();
        }
        if (limiters_[i]) {
            const std::string key = rule.limit_key.empty() ? std::string() : text_at(event, rule.limit_key);
            if (!limiters_[i]->passes(key, now_us)) return drop();
        }
        assign(event, rule.set, true);
        if (rule.routes) out.routes = rule.routes;
        if (rule.action == Rule::Action::keep) return out;
    }
    out.keep = rules_.keep_by_default;
    if (!out.keep) out.reason = "default";
    return out;
}

} // namespace onair::track

// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/privacy/rule_reader.hpp"

#include "engine/privacy/allow_list.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <stdexcept>

namespace onair::track {

namespace {

using Node = PolicyNode;

std::string path_of(const Node& node) {
    std::string path = node.text();
    if (!is_path(path) || path.find('*') != std::string::npos) node.wrong("is not the path of a field");
    return path;
}

std::string scalar_of(const Node& node) {
    const json::Value& v = node.value();
    if (v.IsString()) return node.text();
    if (!v.IsNumber() && !v.IsBool()) node.wrong("is not a text, a number or a boolean");
    rapidjson::StringBuffer buffer;
    json::Writer w(buffer);
    v.Accept(w);
    return json::to_string(buffer);
}

std::shared_ptr<const Pattern> pattern_of(const Node& node) {
    try {
        return std::make_shared<const Pattern>(node.text());
    } catch (const std::invalid_argument& e) {
        node.wrong(std::string("is not a regular expression: ") + e.what());
    }
}

/// "text", ["text", …] or {"any-of": …, "min": …, "max": …, "regex": …, "exists": …}
Condition condition_of(std::string_view path, const Node& node) {
    Condition out;
    out.path = path;
    if (!is_path(path) || path.find('*') != std::string_view::npos) node.wrong("is not the path of a field");
    const auto take_texts = [&](const Node& n) {
        if (n.value().IsArray())
            n.each_element([&](const Node& one) { out.any_of.push_back(scalar_of(one)); });
        else
            out.any_of.push_back(scalar_of(n));
        if (out.any_of.empty()) n.wrong("is empty");
    };
    constexpr double all = std::numeric_limits<double>::max();
    if (!node.value().IsObject())
        take_texts(node);
    else
        node.keys({
            {"any-of", take_texts},
            {"min", [&](const Node& n) { out.min = n.number(-all, all); }},
            {"max", [&](const Node& n) { out.max = n.number(-all, all); }},
            {"regex", [&](const Node& n) { out.regex = pattern_of(n); }},
            {"exists", [&](const Node& n) { out.exists = n.boolean(); }},
        });
    return out;
}

int64_t microseconds(const Node& node) { return static_cast<int64_t>(node.number(0.001, 31'622'400) * 1e6); }

void set_key(Rule& rule, const Node& node) {
    const std::string path = path_of(node);
    if (!rule.limit_key.empty() && rule.limit_key != path) node.wrong("differs from the key of the rule's other limit");
    rule.limit_key = path;
}

void read_rate(const Node& node, Rule& rule) {
    RateLimit limit;
    node.keys({
        {"events", [&](const Node& n) { limit.events = n.number(1, 1e9); }},
        {"per", [&](const Node& n) { limit.per_us = microseconds(n); }},
        {"key", [&](const Node& n) { set_key(rule, n); }},
    });
    rule.rate = limit;
}

void read_debounce(const Node& node, Rule& rule) {
    Debounce quiet;
    node.keys({
        {"quiet", [&](const Node& n) { quiet.quiet_us = microseconds(n); }},
        {"key", [&](const Node& n) { set_key(rule, n); }},
    });
    rule.debounce = quiet;
}

void read_sample(const Node& node, Rule& rule) {
    if (node.value().IsNumber()) {
        rule.sample = node.number(0, 1);
        return;
    }
    rule.sample = 1;
    node.keys({
        {"share", [&](const Node& n) { rule.sample = n.number(0, 1); }},
        {"key", [&](const Node& n) { rule.sample_key = path_of(n); }},
    });
}

Rule::Action action_of(const Node& node) {
    const std::string word = node.text();
    if (word == "keep") return Rule::Action::keep;
    if (word == "drop") return Rule::Action::drop;
    if (word == "continue") return Rule::Action::go_on;
    node.wrong("is not one of keep, drop, continue");
}

Rule read_rule(const Node& node, std::string_view environment, bool& ours) {
    Rule out;
    node.keys({
        {"name", [&](const Node& n) { out.name = n.text(); }},
        {"environment",
         [&](const Node& n) {
             const auto names = n.texts();
             ours = std::find(names.begin(), names.end(), environment) != names.end();
         }},
        {"match",
         [&](const Node& n) {
             n.each_member([&](std::string_view path, const Node& c) { out.match.push_back(condition_of(path, c)); });
         }},
        {"action", [&](const Node& n) { out.action = action_of(n); }},
        {"sample", [&](const Node& n) { read_sample(n, out); }},
        {"rate-limit", [&](const Node& n) { read_rate(n, out); }},
        {"debounce", [&](const Node& n) { read_debounce(n, out); }},
        {"set", [&](const Node& n) { out.set = read_assignments(n); }},
        {"routes", [&](const Node& n) { out.routes = std::make_shared<const std::vector<std::string>>(n.texts()); }},
    });
    return out;
}

bool is_dimension(std::string_view name) {
    return !name.empty() && name.size() <= 3 && name[0] != '0' &&
           std::all_of(name.begin(), name.end(), [](char c) { return c >= '0' && c <= '9'; });
}

} // namespace

std::vector<Assignment> read_assignments(const PolicyNode& node) {
    constexpr std::array<std::string_view, 9> guarded{"subject", "net",         "consent", "id",          "type",
                                                      "time",    "time_source", "pts",     "running_time"};
    // What a later reader of the event relies on the validator for may only be set where any value is valid.
    constexpr std::array<std::string_view, 2> open{"props", "dims"};
    std::vector<Assignment> out;
    node.each_member([&](std::string_view path, const PolicyNode& value) {
        const std::string_view top = path.substr(0, path.find('.'));
        if (!is_path(path) || path.find('*') != std::string_view::npos) value.wrong("is not the path of a field");
        if (std::find(guarded.begin(), guarded.end(), top) != guarded.end()) value.wrong("cannot be set");
        if (std::find(open.begin(), open.end(), top) == open.end() || top == path)
            value.wrong("cannot be set: only fields of props and dims can");
        if (top == "dims" && !is_dimension(path.substr(5))) value.wrong("is not a dimension from 1 to 999");
        if (value.value().IsObject() || value.value().IsArray() || value.value().IsNull())
            value.wrong("is not a text, a number or a boolean");
        rapidjson::StringBuffer buffer;
        json::Writer w(buffer);
        value.value().Accept(w);
        out.push_back({std::string(path), json::to_string(buffer)});
    });
    return out;
}

std::vector<Rule> read_rules(const PolicyNode& node, std::string_view environment) {
    std::vector<Rule> out;
    node.each_element([&](const PolicyNode& one) {
        bool ours = true;
        Rule rule = read_rule(one, environment, ours);
        if (rule.name.empty()) one.wrong("has no name");
        const auto same = [&](const Rule& r) { return r.name == rule.name; };
        if (ours && std::any_of(out.begin(), out.end(), same)) one.wrong("has the name of another rule");
        if (ours) out.push_back(std::move(rule));
    });
    return out;
}

} // namespace onair::track

// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/privacy/policy_reader.hpp"

#include "engine/events/text_rules.hpp"

#include <algorithm>
#include <cmath>

namespace onair::track {

PolicyNode PolicyNode::member(std::string_view name, const json::Value& value) const {
    return {value, path_.empty() ? std::string(name) : path_ + "." + std::string(name)};
}

void PolicyNode::each_member(const std::function<void(std::string_view, const PolicyNode&)>& use) const {
    if (!value_->IsObject()) wrong("is not an object");
    for (auto m = value_->MemberBegin(); m != value_->MemberEnd(); ++m) {
        const PolicyNode node = member(json::text(m->name), m->value);
        for (auto other = value_->MemberBegin(); other != m; ++other)
            if (other->name == m->name) node.wrong("is there twice");
        use(json::text(m->name), node);
    }
}

void PolicyNode::keys(std::initializer_list<Key> table) const {
    each_member([&](std::string_view name, const PolicyNode& node) {
        const auto* key = std::find_if(table.begin(), table.end(), [&](const Key& k) { return k.name == name; });
        if (key == table.end()) node.wrong("is not known here");
        key->use(node);
    });
}

void PolicyNode::each_element(const Use& use) const {
    if (!value_->IsArray()) wrong("is not an array");
    for (rapidjson::SizeType i = 0; i < value_->Size(); ++i)
        use({(*value_)[i], path_ + "[" + std::to_string(i) + "]"});
}

bool PolicyNode::boolean() const {
    if (!value_->IsBool()) wrong("is neither true nor false");
    return value_->GetBool();
}

double PolicyNode::number(double low, double high) const {
    if (!value_->IsNumber()) wrong("is not a number");
    const double v = value_->GetDouble();
    if (!(v >= low && v <= high)) wrong("is out of range");
    return v;
}

int64_t PolicyNode::integer(int64_t low, int64_t high) const {
    if (!value_->IsInt64()) wrong("is not an integer");
    if (value_->GetInt64() < low || value_->GetInt64() > high)
        wrong("is not from " + std::to_string(low) + " to " + std::to_string(high));
    return value_->GetInt64();
}

std::string PolicyNode::text() const {
    if (!value_->IsString()) wrong("is not a text");
    const auto text = json::text(*value_);
    if (is_blank(text)) wrong("is blank");
    return std::string(text);
}

std::vector<std::string> PolicyNode::texts() const {
    if (!value_->IsArray()) return {text()};
    std::vector<std::string> out;
    each_element([&](const PolicyNode& node) { out.push_back(node.text()); });
    return out;
}

} // namespace onair::track

// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/events/json.hpp"

#include <string_view>

/// Fields by path: "order.revenue".
namespace onair::track::json {

/// The value at the path; null without one. An element of an array is not reached.
inline const Value* at(const Value* v, std::string_view path) {
    while (v && !path.empty()) {
        const size_t dot = path.find('.');
        v = find(v, path.substr(0, dot));
        path = dot == std::string_view::npos ? std::string_view() : path.substr(dot + 1);
    }
    return v;
}
inline Value* at(Value* v, std::string_view path) {
    return const_cast<Value*>(at(static_cast<const Value*>(v), path)); // NOLINT: of an object that is not const
}

inline Value make_text(std::string_view s, Document::AllocatorType& allocator) {
    return Value(s.data(), static_cast<rapidjson::SizeType>(s.size()), allocator);
}

/// A scalar as text: a string as it is, a number or boolean as JSON has it; empty for anything else.
inline std::string scalar_text(const Value& v) {
    if (v.IsString()) return std::string(text(v));
    if (v.IsNull() || v.IsObject() || v.IsArray()) return {};
    rapidjson::StringBuffer buffer;
    Writer w(buffer);
    v.Accept(w);
    return to_string(buffer);
}

/// Puts `value` at the path; objects on the way are made. False when something that is no object stands in the way, or
/// when there is a value and not `replace`.
inline bool set(Document& doc, std::string_view path, Value& value, bool replace) {
    Value* parent = &doc;
    for (;;) {
        const size_t dot = path.find('.');
        const std::string_view name = path.substr(0, dot);
        const bool last = dot == std::string_view::npos;
        const auto member = parent->FindMember(Value(name.data(), static_cast<rapidjson::SizeType>(name.size())));
        const bool there = member != parent->MemberEnd() && !member->value.IsNull();
        if (last && there && !replace) return false;
        if (!last && there && !member->value.IsObject()) return false;
        Value fresh(rapidjson::kObjectType);
        Value& next = last ? value : fresh;
        if (member == parent->MemberEnd()) {
            parent->AddMember(make_text(name, doc.GetAllocator()), next, doc.GetAllocator());
            if (last) return true;
            parent = &(parent->MemberEnd() - 1)->value;
        } else {
            if (last || !there) member->value = next;
            if (last) return true;
            parent = &member->value;
        }
        path.remove_prefix(dot + 1);
    }
}

} // namespace onair::track::json

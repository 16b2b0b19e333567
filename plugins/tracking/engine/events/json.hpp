// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#define RAPIDJSON_HAS_STDSTRING 1
#include <rapidjson/document.h>
#include <rapidjson/error/en.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// The one door to RapidJSON.
namespace onair::track::json {

using Document = rapidjson::Document;
using Value = rapidjson::Value;
using Writer = rapidjson::Writer<rapidjson::StringBuffer>;

/// Numbers exact, no recursion (a text of brackets alone must not exhaust the stack).
inline constexpr unsigned parse_flags = rapidjson::kParseFullPrecisionFlag | rapidjson::kParseIterativeFlag;

inline std::string_view text(const Value& v) { return {v.GetString(), v.GetStringLength()}; }

/// The member `name` of an object; null when `v` is no object, has none, or it is JSON null.
inline const Value* find(const Value* v, std::string_view name) {
    if (!v || !v->IsObject()) return nullptr;
    const auto it = v->FindMember(Value(name.data(), static_cast<rapidjson::SizeType>(name.size())));
    return it == v->MemberEnd() || it->value.IsNull() ? nullptr : &it->value;
}

/// A string member, or nothing.
inline std::optional<std::string_view> find_text(const Value* v, std::string_view name) {
    const Value* member = find(v, name);
    return member && member->IsString() ? std::optional(text(*member)) : std::nullopt;
}

template <class W>
void put(W& w, std::string_view s) {
    w.String(s.data(), static_cast<rapidjson::SizeType>(s.size()));
}
template <class W>
void put_key(W& w, std::string_view s) {
    w.Key(s.data(), static_cast<rapidjson::SizeType>(s.size()));
}
template <class W>
void put(W& w, std::string_view key, std::string_view s) {
    put_key(w, key);
    put(w, s);
}
template <class W>
void put(W& w, std::string_view key, int64_t n) {
    put_key(w, key);
    w.Int64(n);
}

inline std::string to_string(const rapidjson::StringBuffer& b) { return {b.GetString(), b.GetSize()}; }

} // namespace onair::track::json

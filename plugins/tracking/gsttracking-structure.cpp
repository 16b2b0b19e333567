// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "common/gst/ref_ptr.hpp"
#include "engine/events/json.hpp"
#include "gsttracking-port.hpp"

#include <string_view>

namespace onair::track {

namespace {

using json::Value;
using Allocator = json::Document::AllocatorType;

Value to_value(const GValue* v, Allocator& a);
Value to_object(const GstStructure* s, Allocator& a);

Value text_value(const char* text, Allocator& a) {
    if (!text) return Value(); // null: as if the field were not there
    return Value(text, static_cast<rapidjson::SizeType>(std::string_view(text).size()), a);
}

/// GStreamer's own words for what JSON has no type for (fractions, caps, flags).
Value serialized(const GValue* v, Allocator& a) {
    const gst::CharPtr text(gst_value_serialize(v));
    return text_value(text.get(), a);
}

template <guint (*Size)(const GValue*), const GValue* (*Get)(const GValue*, guint)>
Value to_array(const GValue* v, Allocator& a) {
    Value out(rapidjson::kArrayType);
    for (guint i = 0; i < Size(v); ++i)
        out.PushBack(to_value(Get(v, i), a), a);
    return out;
}

/// One row per type of field.
struct Conversion {
    GType type;
    Value (*convert)(const GValue*, Allocator&);
};

const Conversion* conversion_of(GType type) {
    static const Conversion table[] = {
        {G_TYPE_STRING, [](const GValue* v, Allocator& a) { return text_value(g_value_get_string(v), a); }},
        {G_TYPE_BOOLEAN, [](const GValue* v, Allocator&) { return Value(g_value_get_boolean(v) != FALSE); }},
        {G_TYPE_INT, [](const GValue* v, Allocator&) { return Value(g_value_get_int(v)); }},
        {G_TYPE_UINT, [](const GValue* v, Allocator&) { return Value(g_value_get_uint(v)); }},
        {G_TYPE_INT64, [](const GValue* v, Allocator&) { return Value(int64_t{g_value_get_int64(v)}); }},
        {G_TYPE_UINT64, [](const GValue* v, Allocator&) { return Value(uint64_t{g_value_get_uint64(v)}); }},
        {G_TYPE_LONG, [](const GValue* v, Allocator&) { return Value(int64_t{g_value_get_long(v)}); }},
        {G_TYPE_ULONG, [](const GValue* v, Allocator&) { return Value(uint64_t{g_value_get_ulong(v)}); }},
        {G_TYPE_DOUBLE, [](const GValue* v, Allocator&) { return Value(g_value_get_double(v)); }},
        {G_TYPE_FLOAT, [](const GValue* v, Allocator&) { return Value(double{g_value_get_float(v)}); }},
        {GST_TYPE_STRUCTURE,
         [](const GValue* v, Allocator& a) {
             const GstStructure* s = gst_value_get_structure(v);
             return s ? to_object(s, a) : Value();
         }},
        {GST_TYPE_LIST, to_array<gst_value_list_get_size, gst_value_list_get_value>},
        {GST_TYPE_ARRAY, to_array<gst_value_array_get_size, gst_value_array_get_value>},
    };
    for (const Conversion& row : table)
        if (row.type == type) return &row;
    return nullptr;
}

Value to_value(const GValue* v, Allocator& a) {
    const Conversion* row = conversion_of(G_VALUE_TYPE(v));
    return row ? row->convert(v, a) : serialized(v, a);
}

/// Puts `value` at "a.b.c"; objects on the way are made, and shared with nested structures of the same name.
void put_at(Value& object, std::string_view name, Value value, Allocator& a) {
    const size_t dot = name.find('.');
    const std::string_view head = name.substr(0, dot);
    const Value key(head.data(), static_cast<rapidjson::SizeType>(head.size()));
    auto member = object.FindMember(key);
    if (member == object.MemberEnd()) {
        object.AddMember(Value(key, a), dot == std::string_view::npos ? Value() : Value(rapidjson::kObjectType), a);
        member = object.FindMember(key);
    } else if (dot == std::string_view::npos && value.IsObject() && member->value.IsObject()) {
        for (auto& inner : value.GetObject())
            put_at(member->value, json::text(inner.name), std::move(inner.value), a);
        return;
    } else if (dot == std::string_view::npos || !member->value.IsObject()) {
        throw Refused{Reason::duplicate_key, "two fields of the structure have one name"};
    }
    if (dot == std::string_view::npos)
        member->value = std::move(value);
    else
        put_at(member->value, name.substr(dot + 1), std::move(value), a);
}

Value to_object(const GstStructure* s, Allocator& a) {
    Value out(rapidjson::kObjectType);
    for (gint i = 0; i < gst_structure_n_fields(s); ++i) {
        const char* name = gst_structure_nth_field_name(s, static_cast<guint>(i));
        put_at(out, name, to_value(gst_structure_get_value(s, name), a), a);
    }
    return out;
}

} // namespace

std::string to_json(const GstStructure* structure) {
    json::Document doc;
    const Value object = to_object(structure, doc.GetAllocator());
    rapidjson::StringBuffer buffer;
    json::Writer writer(buffer);
    if (!object.Accept(writer)) throw Refused{Reason::number, "a number is not finite"};
    return json::to_string(buffer);
}

} // namespace onair::track

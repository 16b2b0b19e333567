// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/events/context.hpp"

#include <algorithm>
#include <array>

namespace onair::track {

namespace {

using json::Value;

bool is_of_another(const Value& event, const Value& context) {
    const Value *ours = json::find(&event, "subject"), *theirs = json::find(&context, "subject");
    constexpr std::array<std::string_view, 4> ids{"user", "device", "session", "visitor"};
    return std::any_of(ids.begin(), ids.end(), [&](std::string_view id) {
        const Value *a = json::find(ours, id), *b = json::find(theirs, id);
        return a && b && *a != *b;
    });
}

void merge(Value& into, const Value& from, json::Document::AllocatorType& allocator, bool with_person) {
    for (const auto& member : from.GetObject()) {
        const auto name = json::text(member.name);
        if (!with_person && (name == "subject" || name == "net" || name == "consent")) continue;
        const auto there = into.FindMember(member.name);
        if (there == into.MemberEnd())
            into.AddMember(Value(member.name, allocator), Value(member.value, allocator), allocator);
        else if (there->value.IsNull())
            there->value.CopyFrom(member.value, allocator);
        else if (there->value.IsObject() && member.value.IsObject())
            merge(there->value, member.value, allocator, true);
    }
}

} // namespace

void merge_context(json::Document& event, const Value& context) {
    if (!event.IsObject() || !context.IsObject()) return;
    merge(event, context, event.GetAllocator(), !is_of_another(event, context));
}

} // namespace onair::track

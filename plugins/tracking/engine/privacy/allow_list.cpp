// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/privacy/allow_list.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace onair::track {

namespace {

using json::Value;
using Allocator = json::Document::AllocatorType;

/// The four of a conversion: amount (with its currency), product ids, user id, time.
constexpr std::array<std::string_view, 5> purchase{"order.revenue", "order.currency", "order.items.sku", "subject.user",
                                                   "time"};

/// What the mapping to Matomo reads.
constexpr std::array<std::string_view, 57> matomo{"id",
                                                  "source",
                                                  "type",
                                                  "time",
                                                  "timecode",
                                                  "running_time",
                                                  "subject.user",
                                                  "subject.device",
                                                  "subject.session",
                                                  "net.ip",
                                                  "net.ua",
                                                  "net.lang",
                                                  "net.referrer",
                                                  "action.kind",
                                                  "action.category",
                                                  "action.action",
                                                  "action.name",
                                                  "action.value",
                                                  "action.url",
                                                  "action.piece",
                                                  "action.target",
                                                  "action.page_view",
                                                  "action.goal",
                                                  "order.id",
                                                  "order.revenue",
                                                  "order.subtotal",
                                                  "order.tax",
                                                  "order.shipping",
                                                  "order.discount",
                                                  "order.items.sku",
                                                  "order.items.name",
                                                  "order.items.category",
                                                  "order.items.price",
                                                  "order.items.quantity",
                                                  "media.id",
                                                  "media.title",
                                                  "media.resource",
                                                  "media.type",
                                                  "media.player",
                                                  "media.pos",
                                                  "media.len",
                                                  "media.watched",
                                                  "media.time_to_play",
                                                  "media.w",
                                                  "media.h",
                                                  "media.fullscreen",
                                                  "media.segments",
                                                  "dims.*",
                                                  "visitor",
                                                  "campaign.utm_campaign",
                                                  "campaign.mtm_campaign",
                                                  "campaign.pk_campaign",
                                                  "campaign.utm_term",
                                                  "campaign.mtm_kwd",
                                                  "campaign.mtm_keyword",
                                                  "campaign.pk_kwd",
                                                  "campaign.pk_keyword"};

/// What no person can be found by: no subject, no net, nothing that is free text of the application (props, dims).
constexpr std::array<std::string_view, 35> anonymous{"id",
                                                     "source",
                                                     "type",
                                                     "time",
                                                     "time_source",
                                                     "pts",
                                                     "dts",
                                                     "running_time",
                                                     "stream_time",
                                                     "timecode",
                                                     "schema",
                                                     "action.kind",
                                                     "action.category",
                                                     "action.action",
                                                     "action.name",
                                                     "action.value",
                                                     "action.url",
                                                     "action.goal",
                                                     "order.id",
                                                     "order.revenue",
                                                     "order.subtotal",
                                                     "order.tax",
                                                     "order.shipping",
                                                     "order.discount",
                                                     "order.currency",
                                                     "order.items.sku",
                                                     "order.items.name",
                                                     "order.items.category",
                                                     "order.items.price",
                                                     "order.items.quantity",
                                                     "media.id",
                                                     "media.title",
                                                     "media.pos",
                                                     "media.len",
                                                     "media.resource"};

constexpr std::array<std::string_view, 1> all{"*"};

struct Profile {
    std::string_view name;
    std::span<const std::string_view> paths;
};
constexpr std::array<Profile, 4> profiles{
    {{"purchase", purchase}, {"matomo", matomo}, {"anonymous", anonymous}, {"all", all}}};

bool copy(const Value& from, const AllowList::Node& node, Value& to, Allocator& allocator);

bool copy_object(const Value& from, const AllowList::Node& node, Value& to, Allocator& allocator) {
    to.SetObject();
    for (const auto& member : from.GetObject()) {
        const auto at = node.fields.find(json::text(member.name));
        if (at == node.fields.end()) continue;
        Value value;
        if (copy(member.value, at->second, value, allocator))
            to.AddMember(Value(member.name, allocator), value, allocator);
    }
    return to.MemberCount() > 0;
}

bool copy(const Value& from, const AllowList::Node& node, Value& to, Allocator& allocator) {
    if (node.whole) {
        to.CopyFrom(from, allocator);
        return true;
    }
    if (from.IsObject()) return copy_object(from, node, to, allocator);
    if (from.IsArray()) {
        if (node.fields.empty()) return false;
        to.SetArray();
        for (const Value& element : from.GetArray()) {
            Value value;
            if (copy(element, node, value, allocator)) to.PushBack(value, allocator);
        }
        return !to.Empty();
    }
    if (!node.fields.empty()) return false; // the list speaks of something inside
    to.CopyFrom(from, allocator);
    return true;
}

} // namespace

AllowList::AllowList(std::span<const std::string_view> paths) {
    for (const auto path : paths)
        if (!path.empty()) add(path);
}

void AllowList::add(std::string_view path) {
    Node* node = &root_;
    while (!path.empty()) {
        const size_t dot = std::min(path.find('.'), path.size());
        const std::string_view name = path.substr(0, dot);
        path.remove_prefix(std::min(dot + 1, path.size()));
        if (name == "*" && path.empty()) {
            node->whole = true;
            return;
        }
        node = &node->fields[std::string(name)];
    }
}

bool AllowList::add_profile(std::string_view name) {
    for (const Profile& profile : profiles) {
        if (profile.name != name) continue;
        for (const auto path : profile.paths)
            add(path);
        return true;
    }
    return false;
}

bool AllowList::allows(std::string_view path) const {
    const Node* node = &root_;
    while (!path.empty() && !node->whole) {
        const size_t dot = std::min(path.find('.'), path.size());
        const auto at = node->fields.find(path.substr(0, dot));
        if (at == node->fields.end()) return false;
        node = &at->second;
        path.remove_prefix(std::min(dot + 1, path.size()));
    }
    return node->whole || node->fields.empty();
}

json::Document AllowList::apply(const json::Value& event) const {
    json::Document out(rapidjson::kObjectType);
    if (!event.IsObject()) return out;
    Value value;
    if (copy(event, root_, value, out.GetAllocator())) static_cast<Value&>(out) = value;
    return out;
}

std::optional<AllowList> AllowList::profile(std::string_view name) {
    AllowList out;
    return out.add_profile(name) ? std::optional(std::move(out)) : std::nullopt;
}

bool is_path(std::string_view path) {
    if (path.empty() || path.front() == '.' || path.back() == '.') return false;
    const size_t star = path.find('*');
    if (star != std::string_view::npos && star + 1 != path.size()) return false;
    if (star != std::string_view::npos && star > 0 && path[star - 1] != '.') return false;
    return path.find("..") == std::string_view::npos &&
           std::all_of(path.begin(), path.end(), [](char c) { return static_cast<unsigned char>(c) > 0x20; });
}

} // namespace onair::track

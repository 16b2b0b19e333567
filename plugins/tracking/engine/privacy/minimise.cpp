// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/privacy/minimise.hpp"

#include "engine/events/json_path.hpp"
#include "engine/privacy/allow_list.hpp"
#include "engine/privacy/ip_mask.hpp"
#include "engine/privacy/names.hpp"

namespace onair::track {

namespace {

using json::Document;
using json::Value;

constexpr Name<Pseudonyms> modes[] = {
    {Pseudonyms::off, "off"}, {Pseudonyms::user, "user"}, {Pseudonyms::user_device, "user+device"}};

/// Replaces the text at the path by f(text); an empty result takes the field away.
template <class F>
void replace(Document& doc, std::string_view object, std::string_view name, F&& f) {
    Value* parent = json::at(&doc, object);
    const auto text = json::find_text(parent, name);
    if (!text) return;
    const std::string next = f(*text);
    const auto member = parent->FindMember(Value(name.data(), static_cast<rapidjson::SizeType>(name.size())));
    if (next.empty())
        parent->RemoveMember(member);
    else if (next != *text)
        member->value = json::make_text(next, doc.GetAllocator());
}

} // namespace

std::string_view to_text(Pseudonyms mode) { return name_of(modes, mode); }
std::optional<Pseudonyms> pseudonyms_of(std::string_view text) { return value_of(modes, text); }

void minimise(Document& event, const MinimiseRules& rules, const Pseudonymiser& key) {
    replace(event, "net", "ip", [&](std::string_view ip) { return mask_ip(ip, rules.ip_mask); });
    const auto strip = [&](std::string_view url) { return strip_query(url, rules.url_strip); };
    replace(event, "action", "url", strip);
    replace(event, "media", "resource", strip);
    replace(event, "net", "referrer", [&](std::string_view url) { return strip_referrer(strip(url), rules.referrer); });
    const auto hide = [&](std::string_view kind) {
        return [&key, kind](std::string_view id) { return key.id(kind, id); };
    };
    if (rules.pseudonyms != Pseudonyms::off) {
        replace(event, "subject", "user", hide("user"));
        replace(event, "subject", "session", hide("session"));
    }
    if (rules.pseudonyms == Pseudonyms::user_device) replace(event, "subject", "device", hide("device"));
    if (rules.order_ids) replace(event, "order", "id", hide("order"));
}

Document anonymised(const Document& event, const MinimiseRules& rules, const Pseudonymiser& passing_key) {
    static const AllowList list = *AllowList::profile("anonymous");
    Document out = list.apply(event);
    const auto hide = [&](std::string_view kind) {
        return [&passing_key, kind](std::string_view id) { return passing_key.id(kind, id); };
    };
    replace(out, "order", "id", hide("order"));
    for (const auto& [object, name] : {std::pair{"action", "url"}, {"media", "resource"}})
        replace(out, object, name, [&](std::string_view url) { return without_query(url); });
    if (json::find_text(json::find(&out, "action"), "kind") == "search") // people search for themselves
        replace(out, "action", "name", [](std::string_view) { return std::string("(not kept)"); });
    minimise(out, rules, passing_key);
    return out;
}

} // namespace onair::track

// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/privacy/identity.hpp"

#include "engine/events/json_path.hpp"
#include "engine/events/text_rules.hpp"
#include "engine/privacy/url_strip.hpp"

#include <algorithm>
#include <array>

namespace onair::track {

namespace {

constexpr size_t longest = 255; ///< characters of a value; Google's and Meta's are under 200

constexpr std::array<std::string_view, 10> of_networks{"gclid",   "gbraid", "wbraid", "dclid", "fbclid",
                                                       "msclkid", "twclid", "ttclid", "yclid", "li_fat_id"};
constexpr std::array<std::string_view, 19> of_campaign{
    "utm_campaign",  "utm_source",  "utm_medium", "utm_term",   "utm_content", "utm_id",  "mtm_campaign",
    "mtm_keyword",   "mtm_kwd",     "mtm_source", "mtm_medium", "mtm_content", "mtm_cid", "mtm_group",
    "mtm_placement", "pk_campaign", "pk_keyword", "pk_kwd",     "pk_source"};

template <class Names>
bool is_in(const Names& names, std::string_view name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

} // namespace

Subject subject_of(const json::Value& event) {
    const json::Value* subject = json::find(&event, "subject");
    const auto id = [&](const char* name) { return std::string(json::find_text(subject, name).value_or("")); };
    return {.user = id("user"), .device = id("device"), .session = id("session"), .visitor = id("visitor")};
}

Subject pseudonym_form(const Subject& subject, const Pseudonymiser& key) {
    const auto hide = [&](std::string_view kind, const std::string& id) {
        return id.empty() ? std::string() : key.id(kind, id);
    };
    return {.user = hide("user", subject.user),
            .device = hide("device", subject.device),
            .session = hide("session", subject.session),
            .visitor = {}};
}

std::vector<std::pair<std::string, std::string>> clicks_of(const json::Value& event, const ConsentFacts& facts) {
    std::vector<std::pair<std::string, std::string>> out;
    const auto take = [&](std::string_view name, std::string_view value) {
        const bool wanted = is_in(of_campaign, name) || (facts.ads == Consent::granted && is_in(of_networks, name));
        if (!wanted || is_blank(value) || repaired_utf8(value) || value.find('\0') != std::string_view::npos) return;
        for (const auto& one : out)
            if (one.first == name) return;
        out.emplace_back(name, cut(value, longest));
    };
    if (const auto url = json::find_text(json::find(&event, "action"), "url"); url && url->find('?') != url->npos)
        for (const auto& [name, value] : query_of(*url))
            take(name, value);
    const auto look = [&](const json::Value* object) {
        if (!object) return;
        for (const auto& member : object->GetObject())
            if (member.value.IsString()) take(json::text(member.name), json::text(member.value));
    };
    look(json::find(&event, "props"));
    look(&event); // what is to go under props
    return out;
}

} // namespace onair::track

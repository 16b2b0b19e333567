// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/privacy/policy.hpp"

#include "engine/messages.hpp"
#include "engine/privacy/policy_file.hpp"

#include <atomic>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>

namespace onair::track {

namespace {

constexpr size_t max_file = 1u << 20;

std::string read_file(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    if (!in) throw error(Msg::policy_unreadable, {path, std::strerror(errno)}, "open");
    std::string text(max_file + 1, '\0');
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
    if (in.bad()) throw error(Msg::policy_unreadable, {path, std::strerror(errno)}, "read");
    text.resize(static_cast<size_t>(in.gcount()));
    if (text.size() > max_file) throw error(Msg::bad_policy, {path, "the file", "is longer than 1 MiB"});
    return text;
}

/// Fields and profiles with commas between.
AllowList allow_of(const std::string& destination, std::string_view text) {
    AllowList out;
    std::stringstream fields{std::string(text)};
    for (std::string field; std::getline(fields, field, ',');) {
        if (out.add_profile(field)) continue;
        if (!is_path(field))
            throw error(Msg::bad_policy, {"for " + destination, field, "is not the path of a field nor a profile"});
        out.add(field);
    }
    return out;
}

/// An option that wants a field which may not leave would come to nothing, and nobody would know.
void check_mappings(const PolicySource& source, const Policy& policy) {
    for (const auto& [name, rules] : policy.destinations) {
        const std::string field =
            missing_field(rules.mapping, [&](std::string_view path) { return rules.allow.allows(path); });
        if (!field.empty())
            throw error(Msg::bad_policy,
                        {source.file.empty() ? "for " + name : source.file, "destinations." + name,
                         "sends the field " + field + ", which its allow-list (allow) does not let through"});
    }
}

template <class T, class U>
void replace_by(T& setting, const std::optional<U>& by) {
    if (by) setting = *by;
}

} // namespace

const DestinationRules& Policy::of_destination(std::string_view name) const {
    static const DestinationRules matomo{*AllowList::profile("matomo"), Purpose::analytics};
    static const DestinationRules nothing;
    if (const auto at = destinations.find(name); at != destinations.end()) return at->second;
    return name == "matomo" ? matomo : nothing;
}

std::shared_ptr<const Policy> load_policy(const PolicySource& source) {
    static std::atomic<uint64_t> loaded{0};
    auto out = std::make_shared<Policy>();
    if (!source.file.empty()) {
        try {
            *out = read_policy(read_file(source.file), source.environment);
        } catch (const PolicyProblem& problem) {
            throw error(Msg::bad_policy, {source.file, problem.path, problem.what});
        }
    }
    out->number = ++loaded;
    replace_by(out->environment, source.environment);
    replace_by(out->strict, source.strict);
    replace_by(out->consent.mode, source.consent_mode);
    replace_by(out->consent.honour_dnt, source.honour_dnt);
    replace_by(out->consent.honour_gpc, source.honour_gpc);
    replace_by(out->minimise.ip_mask, source.ip_mask);
    replace_by(out->minimise.pseudonyms, source.pseudonyms);
    replace_by(out->minimise.url_strip, source.url_strip);
    replace_by(out->minimise.referrer, source.referrer);
    for (const auto& [destination, list] : source.allow)
        out->destinations[destination].allow = allow_of(destination, list);
    if (source.id_dimension) {
        auto rules = out->of_destination("matomo");
        rules.mapping.id_dimension = *source.id_dimension;
        out->destinations["matomo"] = std::move(rules);
    }
    check_mappings(source, *out);
    return out;
}

} // namespace onair::track

// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/privacy/policy_file.hpp"

#include "engine/privacy/rule_reader.hpp"

#include "common/base/text.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace onair::track {

namespace {

using Node = PolicyNode;

void read_consent(const Node& node, ConsentRules& out) {
    node.keys({
        {"mode", [&](const Node& n) { out.mode = n.word(consent_mode_of, "drop, anonymous, hold"); }},
        {"honour-dnt", [&](const Node& n) { out.honour_dnt = n.boolean(); }},
        {"honour-gpc", [&](const Node& n) { out.honour_gpc = n.boolean(); }},
    });
}

void read_minimise(const Node& node, MinimiseRules& out) {
    node.keys({
        {"ip-mask", [&](const Node& n) { out.ip_mask = static_cast<int>(n.integer(0, 4)); }},
        {"pseudonyms", [&](const Node& n) { out.pseudonyms = n.word(pseudonyms_of, "off, user, user+device"); }},
        {"order-ids", [&](const Node& n) { out.order_ids = n.boolean(); }},
        {"url-strip",
         [&](const Node& n) {
             out.url_strip = n.texts();
             for (auto& name : out.url_strip)
                 name = ascii_lower(name);
         }},
        {"referrer",
         [&](const Node& n) {
             out.referrer = n.word(referrer_mode_of, "keep, exclude-query, exclude-path, exclude-all");
         }},
    });
}

void read_enrich(const Node& node, Enrichment& out) {
    node.keys({
        {"fields", [&](const Node& n) { out.fields = read_assignments(n); }},
        {"pipeline", [&](const Node& n) { out.pipeline = n.boolean(); }},
        {"caps", [&](const Node& n) { out.caps = n.boolean(); }},
        {"timecode", [&](const Node& n) { out.timecode = n.boolean(); }},
    });
}

AllowList read_allow(const Node& node) {
    AllowList out;
    if (node.value().IsString()) {
        if (!out.add_profile(node.text()))
            node.wrong("is not one of purchase, matomo, anonymous, all, nor an array of fields");
        return out;
    }
    node.each_element([&](const Node& n) {
        const std::string path = n.text();
        if (out.add_profile(path)) return;
        if (!is_path(path)) n.wrong("is not the path of a field");
        out.add(path);
    });
    return out;
}

/// {"type": "vod.*", "fields": {"e_n": "props.title"}, "set": {"e_c": "films"}}
MatomoCategory read_category(const Node& node) {
    MatomoCategory out;
    const auto each = [&](const Node& object, const auto& take) {
        object.each_member([&](std::string_view name, const Node& n) {
            if (!is_mappable(name)) n.wrong("is not a parameter of Matomo that may be given here");
            MatomoCategory::Field field{.parameter = std::string(name), .path = {}};
            take(field, n);
            out.fields.push_back(std::move(field));
        });
    };
    node.keys({
        {"type", [&](const Node& n) { out.type = n.text(); }},
        {"fields",
         [&](const Node& n) {
             each(n, [](auto& field, const Node& value) {
                 field.path = value.text();
                 if (!is_path(field.path) || field.path.find('*') != std::string::npos)
                     value.wrong("is not the path of a field");
             });
         }},
        {"set", [&](const Node& n) { each(n, [](auto& field, const Node& value) { field.text = value.text(); }); }},
    });
    if (out.type.empty()) node.wrong("has no type");
    return out;
}

std::vector<MatomoCategory> read_categories(const Node& node) {
    std::vector<MatomoCategory> out;
    node.each_element([&](const Node& n) { out.push_back(read_category(n)); });
    return out;
}

DestinationRules read_destination(const Node& node) {
    DestinationRules out; // nothing leaves that is not named
    Endpoint& endpoint = out.endpoint;
    MatomoMapping& mapping = out.mapping;
    bool allowed = false;
    const auto number = [](const Node& n, int64_t low, int64_t high) {
        return static_cast<unsigned>(n.integer(low, high));
    };
    node.keys({
        {"allow",
         [&](const Node& n) {
             out.allow = read_allow(n);
             allowed = true;
         }},
        {"kind",
         [](const Node& n) {
             if (n.text() != "matomo") n.wrong("is not matomo");
         }},
        {"max-connections", [&](const Node& n) { endpoint.connections = number(n, 1, 16); }},
        {"batch-size", [&](const Node& n) { endpoint.batch_size = number(n, 1, 1000); }},
        {"ambiguous-policy",
         [&](const Node& n) { endpoint.ambiguous = n.word(ambiguous_policy_of, "retry, verify, drop"); }},
        {"purpose", [&](const Node& n) { out.purpose = n.word(purpose_of, "analytics, ads, personalisation"); }},
        {"url", [&](const Node& n) { endpoint.url = n.text(); }},
        {"site", [&](const Node& n) { endpoint.site = number(n, 1, 2147483647); }},
        {"token-file", [&](const Node& n) { endpoint.token_file = n.text(); }},
        {"ca-file", [&](const Node& n) { endpoint.ca_file = n.text(); }},
        {"token-env", [&](const Node& n) { endpoint.token_variable = n.text(); }},
        {"id-dimension", [&](const Node& n) { mapping.id_dimension = number(n, 0, 999); }},
        {"media-analytics", [&](const Node& n) { mapping.media_analytics = n.boolean(); }},
        {"crash-analytics", [&](const Node& n) { mapping.crash_analytics = n.boolean(); }},
        {"categories", [&](const Node& n) { mapping.categories = read_categories(n); }},
    });
    if (!allowed && !endpoint.url.empty()) out.allow.add_profile("matomo"); // that of its kind
    mapping.site = endpoint.site;
    return out;
}

void read_destinations(const Node& node, Policy& policy) {
    node.each_member([&](std::string_view name, const Node& one) {
        policy.destinations[std::string(name)] = read_destination(one);
    });
}

std::string place_of(std::string_view text, size_t offset) {
    const auto before = text.substr(0, offset);
    const auto line = 1 + std::count(before.begin(), before.end(), '\n');
    return "line " + std::to_string(line) + ", column " + std::to_string(offset - (before.rfind('\n') + 1) + 1);
}

bool keep_word(const Node& node) {
    const std::string word = node.text();
    if (word != "keep" && word != "drop") node.wrong("is neither keep nor drop");
    return word == "keep";
}

} // namespace

Policy read_policy(std::string_view text, const std::optional<std::string>& environment) {
    json::Document doc;
    doc.Parse<json::parse_flags | rapidjson::kParseCommentsFlag | rapidjson::kParseValidateEncodingFlag>(text.data(),
                                                                                                         text.size());
    if (doc.HasParseError())
        throw PolicyProblem{place_of(text, doc.GetErrorOffset()), rapidjson::GetParseError_En(doc.GetParseError())};
    Policy out;
    const Node root(doc, "");
    if (!doc.IsObject()) throw PolicyProblem{"the file", "is not an object"};
    if (!doc.HasMember("format")) throw PolicyProblem{"format", "is missing (it is 1)"};
    if (const auto* own = json::find(&doc, "environment"); own && !environment)
        out.environment = Node(*own, "environment").text();
    if (environment) out.environment = *environment; // rules are chosen by it
    root.keys({
        {"format", [](const Node& n) { n.integer(1, 1); }},
        {"revision", [&](const Node& n) { out.revision = n.text(); }},
        {"environment", [](const Node& n) { n.text(); }},
        {"strict", [&](const Node& n) { out.strict = n.boolean(); }},
        {"consent", [&](const Node& n) { read_consent(n, out.consent); }},
        {"minimise", [&](const Node& n) { read_minimise(n, out.minimise); }},
        {"enrich", [&](const Node& n) { read_enrich(n, out.enrich); }},
        {"destinations", [&](const Node& n) { read_destinations(n, out); }},
        {"rules", [&](const Node& n) { out.rules.rules = read_rules(n, out.environment); }},
        {"default", [&](const Node& n) { out.rules.keep_by_default = keep_word(n); }},
    });
    return out;
}

} // namespace onair::track

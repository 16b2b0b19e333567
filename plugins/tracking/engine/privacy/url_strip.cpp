// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/privacy/url_strip.hpp"

#include "engine/privacy/names.hpp"

#include "common/base/text.hpp"

#include <algorithm>

namespace onair::track {

namespace {

constexpr Name<ReferrerMode> modes[] = {{ReferrerMode::keep, "keep"},
                                        {ReferrerMode::exclude_query, "exclude-query"},
                                        {ReferrerMode::exclude_path, "exclude-path"},
                                        {ReferrerMode::exclude_all, "exclude-all"}};

/// The parts of a URL as they stand in the text: nothing is decoded, so that what is kept stays byte by byte (RFC 3986,
/// appendix B; a parser that normalises would change signatures and host names).
struct Parts {
    std::string scheme;    ///< with ":" and "//" where they are
    std::string authority; ///< without user and password
    std::string path, query, fragment;
    bool has_query = false, has_fragment = false;
};

Parts split(std::string_view url) {
    Parts out;
    if (const size_t hash = url.find('#'); hash != std::string_view::npos) {
        out.fragment = url.substr(hash + 1);
        out.has_fragment = true;
        url = url.substr(0, hash);
    }
    if (const size_t mark = url.find('?'); mark != std::string_view::npos) {
        out.query = url.substr(mark + 1);
        out.has_query = true;
        url = url.substr(0, mark);
    }
    const size_t colon = url.find(':'), slash = url.find('/');
    size_t at = 0;
    if (colon != std::string_view::npos && (slash == std::string_view::npos || colon < slash)) at = colon + 1;
    if (url.substr(at, 2) == "//") {
        out.scheme = url.substr(0, at + 2);
        const size_t end = std::min(url.find('/', at + 2), url.size());
        const std::string_view authority = url.substr(at + 2, end - at - 2);
        const size_t user = authority.rfind('@');
        out.authority = user == std::string_view::npos ? authority : authority.substr(user + 1);
        out.path = url.substr(end);
    } else {
        out.scheme = url.substr(0, at);
        out.path = url.substr(at);
    }
    return out;
}

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    c = static_cast<char>(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

std::string decoded(std::string_view text) {
    std::string out;
    for (size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%' && i + 2 < text.size() && hex_digit(text[i + 1]) >= 0 && hex_digit(text[i + 2]) >= 0) {
            out += static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]));
            i += 2;
        } else {
            out += text[i] == '+' ? ' ' : text[i];
        }
    }
    return out;
}

/// Calls `f(parameter, name, value)` with the parameter as it stands and its parts, not decoded.
template <class F>
void each_parameter(std::string_view query, F&& f) {
    while (!query.empty()) {
        const size_t end = std::min(query.find_first_of("&;"), query.size());
        const std::string_view one = query.substr(0, end);
        const size_t equal = std::min(one.find('='), one.size());
        f(one, one.substr(0, equal), equal < one.size() ? one.substr(equal + 1) : std::string_view());
        query.remove_prefix(std::min(end + 1, query.size()));
    }
}

bool is_listed(std::string_view name, std::span<const std::string> names) {
    std::string plain = ascii_lower(decoded(name));
    plain = plain.substr(0, plain.find('[')); // PHP's arrays: sid[] is sid
    return std::find(names.begin(), names.end(), trim(plain)) != names.end();
}

std::string stripped(std::string_view query, std::span<const std::string> names) {
    std::string out;
    bool first = true;
    each_parameter(query, [&](std::string_view one, std::string_view name, std::string_view) {
        if (is_listed(name, names)) return;
        if (!first) out += '&';
        out += one;
        first = false;
    });
    return out;
}

/// Path parameters (";jsessionid=…") of Java servers.
std::string stripped_path(std::string_view path, std::span<const std::string> names) {
    std::string out;
    while (!path.empty()) {
        const size_t semicolon = std::min(path.find(';'), path.size());
        out += path.substr(0, semicolon);
        path.remove_prefix(semicolon);
        if (path.empty()) break;
        const size_t end = std::min(path.find_first_of(";/", 1), path.size());
        const std::string_view one = path.substr(1, end - 1);
        if (!is_listed(one.substr(0, one.find('=')), names)) out += path.substr(0, end);
        path.remove_prefix(end);
    }
    return out;
}

} // namespace

std::string_view to_text(ReferrerMode mode) { return name_of(modes, mode); }
std::optional<ReferrerMode> referrer_mode_of(std::string_view text) { return value_of(modes, text); }

std::vector<std::string> default_url_strip() {
    return {"gclid",        "fbclid",         "msclkid",       "twclid",    "wbraid",     "gbraid",
            "yclid",        "fb_xd_fragment", "fb_comment_id", "phpsessid", "jsessionid", "sessionid",
            "aspsessionid", "doing_wp_cron",  "sid",           "pk_vid"};
}

std::string strip_query(std::string_view url, std::span<const std::string> names) {
    const Parts parts = split(url);
    const std::string query = stripped(parts.query, names);
    std::string out = parts.scheme + parts.authority + stripped_path(parts.path, names);
    if (!query.empty()) out += "?" + query;
    if (!parts.has_fragment) return out;
    // Single-page applications carry parameters behind the mark: "#access_token=…", "#/path?sid=…".
    const size_t mark = parts.fragment.find('?');
    const size_t from = mark != std::string::npos                       ? mark + 1
                        : parts.fragment.find('=') != std::string::npos ? 0
                                                                        : parts.fragment.size();
    std::string head = parts.fragment.substr(0, from);
    const std::string rest = stripped(std::string_view(parts.fragment).substr(from), names);
    if (rest.empty() && !head.empty() && head.back() == '?') head.pop_back();
    return head.empty() && rest.empty() ? out : out + "#" + head + rest;
}

std::string without_query(std::string_view url) {
    const Parts parts = split(url);
    return parts.scheme + parts.authority + parts.path;
}

std::string strip_referrer(std::string_view url, ReferrerMode mode) {
    if (mode == ReferrerMode::exclude_all) return {};
    const Parts parts = split(url);
    if (mode == ReferrerMode::exclude_path) return parts.authority.empty() ? "" : parts.scheme + parts.authority + "/";
    if (mode == ReferrerMode::exclude_query) return without_query(url);
    return std::string(url);
}

std::vector<std::pair<std::string, std::string>> query_of(std::string_view url) {
    std::vector<std::pair<std::string, std::string>> out;
    const Parts parts = split(url);
    each_parameter(parts.query, [&](std::string_view, std::string_view name, std::string_view value) {
        out.emplace_back(ascii_lower(decoded(name)), decoded(value));
    });
    return out;
}

} // namespace onair::track

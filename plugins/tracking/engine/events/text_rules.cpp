// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/events/text_rules.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <cstdint>
#include <cstring>

namespace onair::track {

namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_alnum(char c) { return is_digit(c) || is_lower(c) || (c >= 'A' && c <= 'Z'); }
bool is_hex_digit(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

/// Bytes of the valid sequence at the front (Unicode 15 table 3-7), 0 when there is none.
size_t sequence(std::string_view s) {
    const auto byte = [&](size_t i) { return static_cast<unsigned char>(i < s.size() ? s[i] : 0); };
    const unsigned char b = byte(0);
    if (b < 0x80) return 1;
    size_t n = b >= 0xF0 ? 4 : b >= 0xE0 ? 3 : 2;
    unsigned char low = 0x80, high = 0xBF;
    if (b < 0xC2 || b > 0xF4) return 0;
    if (b == 0xE0) low = 0xA0;
    if (b == 0xED) high = 0x9F;
    if (b == 0xF0) low = 0x90;
    if (b == 0xF4) high = 0x8F;
    if (byte(1) < low || byte(1) > high) return 0;
    for (size_t i = 2; i < n; ++i)
        if (byte(i) < 0x80 || byte(i) > 0xBF) return 0;
    return n;
}

/// Bytes of ASCII at the front, in eights: most texts are nothing else.
size_t ascii_run(std::string_view s) {
    size_t at = 0;
    for (uint64_t word = 0; at + sizeof word <= s.size(); at += sizeof word) {
        std::memcpy(&word, s.data() + at, sizeof word);
        if (word & 0x8080808080808080u) break;
    }
    return at;
}

uint32_t code_point(std::string_view s, size_t n) {
    constexpr std::array<unsigned char, 5> mask{0, 0x7F, 0x1F, 0x0F, 0x07};
    uint32_t cp = static_cast<unsigned char>(s[0]) & mask[n];
    for (size_t i = 1; i < n; ++i)
        cp = (cp << 6) | (static_cast<unsigned char>(s[i]) & 0x3Fu);
    return cp;
}

bool is_space(uint32_t cp) {
    return cp <= 0x20 || cp == 0x7F || cp == 0x85 || cp == 0xA0 || cp == 0x1680 || cp == 0x180E ||
           (cp >= 0x2000 && cp <= 0x200F) || cp == 0x2028 || cp == 0x2029 || cp == 0x202F || cp == 0x205F ||
           cp == 0x2060 || cp == 0x3000 || cp == 0xFEFF;
}

} // namespace

std::optional<std::string> repaired_utf8(std::string_view text) {
    size_t at = 0;
    const auto valid_to = [&] {
        while (at < text.size()) {
            if (const size_t plain = ascii_run(text.substr(at)); plain > 0) {
                at += plain;
                continue;
            }
            const size_t n = sequence(text.substr(at));
            if (n == 0) return false;
            at += n;
        }
        return true;
    };
    if (valid_to()) return std::nullopt;
    std::string out(text.substr(0, at));
    while (at < text.size()) {
        out += replacement;
        ++at;
        while (at < text.size() && is_continuation(text[at]))
            ++at;
        const size_t good = at;
        valid_to();
        out += text.substr(good, at - good);
    }
    return out;
}

size_t length(std::string_view text) {
    return text.size() - static_cast<size_t>(std::count_if(text.begin(), text.end(), is_continuation));
}

std::string_view cut(std::string_view text, size_t n) {
    if (text.size() <= n) return text;
    size_t at = 0;
    for (; at < text.size(); ++at)
        if (!is_continuation(text[at]) && n-- == 0) break;
    return text.substr(0, at);
}

bool is_blank(std::string_view text) {
    while (!text.empty()) {
        const size_t n = sequence(text);
        if (n == 0 || !is_space(code_point(text, n))) return false;
        text.remove_prefix(n);
    }
    return true;
}

bool is_hex(std::string_view text, size_t digits) {
    return text.size() == digits && std::all_of(text.begin(), text.end(), is_hex_digit);
}

bool is_id(std::string_view text) {
    return !text.empty() && text.size() <= 128 && std::all_of(text.begin(), text.end(), [](char c) {
        return is_alnum(c) || c == '.' || c == '_' || c == ':' || c == '-';
    });
}

bool is_uuid(std::string_view text) {
    if (text.size() != 36) return false;
    for (size_t i = 0; i < text.size(); ++i) {
        const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (dash ? text[i] != '-' : !is_hex_digit(text[i])) return false;
    }
    return true;
}

bool is_type(std::string_view text) {
    if (text.size() > 128) return false;
    size_t dots = 0, in_part = 0;
    for (const char c : text) {
        if (c == '.') {
            if (in_part == 0) return false;
            ++dots;
            in_part = 0;
        } else if (is_digit(c) || is_lower(c) || (c == '_' && dots > 0)) {
            ++in_part;
        } else {
            return false;
        }
    }
    return dots > 0 && in_part > 0;
}

bool is_absolute_url(std::string_view text) {
    const size_t colon = text.find(':');
    if (colon == std::string_view::npos || colon == 0 || colon + 1 == text.size()) return false;
    const auto scheme = text.substr(0, colon);
    if (!is_lower(static_cast<char>(scheme[0] | 0x20)) || !std::all_of(scheme.begin(), scheme.end(), [](char c) {
            return is_alnum(c) || c == '+' || c == '-' || c == '.';
        }))
        return false;
    return std::none_of(text.begin(), text.end(),
                        [](char c) { return static_cast<unsigned char>(c) <= 0x20 || c == 0x7F; });
}

bool is_ip(std::string_view text) {
    const std::string name(text);
    std::array<unsigned char, 16> address{};
    return inet_pton(AF_INET, name.c_str(), address.data()) == 1 ||
           inet_pton(AF_INET6, name.c_str(), address.data()) == 1;
}

} // namespace onair::track

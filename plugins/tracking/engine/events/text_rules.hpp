// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

/// Rules for texts that come from outside. Lengths are in code points, as databases count characters.
namespace onair::track {

/// The text with every invalid UTF-8 sequence replaced by U+FFFD; nothing when it is valid as it is.
std::optional<std::string> repaired_utf8(std::string_view text);

/// Code points of valid UTF-8.
size_t length(std::string_view text);

/// At most `n` code points of it.
std::string_view cut(std::string_view text, size_t n);

/// Only blanks: those of PHP's trim() (Matomo applies it) and the Unicode spaces.
bool is_blank(std::string_view text);

bool is_hex(std::string_view text, size_t digits);
bool is_id(std::string_view text);           ///< 1 to 128 of A-Z a-z 0-9 . _ : -
bool is_uuid(std::string_view text);         ///< 8-4-4-4-12 hexadecimal digits
bool is_type(std::string_view text);         ///< [a-z0-9]+(\.[a-z0-9_]+)+, at most 128
bool is_absolute_url(std::string_view text); ///< scheme ":" something, no blank or control character
bool is_ip(std::string_view text);

} // namespace onair::track

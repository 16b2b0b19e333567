// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <initializer_list>
#include <string>
#include <string_view>

namespace onair {

/// Replaces {0}, {1}, … {9} in `pattern` by the arguments (std::format is not in g++ 12).
/// A placeholder without an argument stays as it is; other braces are copied.
std::string fill(std::string_view pattern, std::initializer_list<std::string_view> args);

/// "3840x2160"
std::string size_text(int width, int height);

/// Lower-case copy of ASCII letters; other bytes are kept.
std::string ascii_lower(std::string_view text);

/// `text` without blanks (space, tab, CR, LF) at both ends.
std::string_view trim(std::string_view text);

} // namespace onair

// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// What is cut from URLs. Texts that are no URL come out empty where something had to be cut.
namespace onair::track {

/// Matomo's list (url_query_parameter_to_exclude_from_url in its global.ini.php).
std::vector<std::string> default_url_strip();

/// The URL without the query parameters of these names (lower case; compared without case, "name[]" too) and without
/// user name and password. Everything else stays byte by byte.
std::string strip_query(std::string_view url, std::span<const std::string> names);

/// The URL up to its query and fragment, without user name and password.
std::string without_query(std::string_view url);

/// How much of a referrer is kept (Matomo's anonymizeReferrer).
enum class ReferrerMode { keep, exclude_query, exclude_path, exclude_all };
std::string_view to_text(ReferrerMode mode);
std::optional<ReferrerMode> referrer_mode_of(std::string_view text);
std::string strip_referrer(std::string_view url, ReferrerMode mode);

/// Name and decoded value of each query parameter.
std::vector<std::pair<std::string, std::string>> query_of(std::string_view url);

} // namespace onair::track

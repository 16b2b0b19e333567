// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <string>

namespace onair::track {

inline constexpr char token_variable[] = "ONAIR_MATOMO_TOKEN";

/// The token: the first line of `file`, without one the environment variable `variable`. Throws Error(settings) that
/// says why there is none and never holds a byte of it.
std::string read_token(const std::string& file, const std::string& variable = token_variable);

} // namespace onair::track

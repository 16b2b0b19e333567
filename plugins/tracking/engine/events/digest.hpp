// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <cstddef>
#include <string>
#include <string_view>

namespace onair::track {

/// The first `digits` hexadecimal digits (at most 64) of SHA-256. Without a key: for what is no secret.
std::string sha256_hex(std::string_view text, size_t digits);

/// `n` bytes as hexadecimal digits.
std::string hex_of(const unsigned char* bytes, size_t n);

} // namespace onair::track

// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "common/base/error.hpp"

#include <string>

namespace onair::test {

/// The text of the Error that `body` throws, with its detail behind " | " where it has one; empty when it throws none.
std::string error_of(auto&& body) {
    try {
        body();
    } catch (const Error& e) {
        return e.detail().empty() ? e.what() : std::string(e.what()) + " | " + e.detail();
    }
    return {};
}

inline bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

} // namespace onair::test

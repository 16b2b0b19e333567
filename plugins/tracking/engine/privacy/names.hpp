// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <cstddef>
#include <optional>
#include <string_view>

namespace onair::track {

/// One word of a setting, a column or a field.
template <class T>
struct Name {
    T value;
    std::string_view text;
};

template <class T, size_t N>
std::string_view name_of(const Name<T> (&rows)[N], T value) {
    for (const auto& row : rows)
        if (row.value == value) return row.text;
    return rows[0].text;
}

template <class T, size_t N>
std::optional<T> value_of(const Name<T> (&rows)[N], std::string_view text) {
    for (const auto& row : rows)
        if (row.text == text) return row.value;
    return std::nullopt;
}

} // namespace onair::track

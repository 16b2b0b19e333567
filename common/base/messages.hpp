// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "common/base/error.hpp"
#include "common/base/text.hpp"

#include <initializer_list>
#include <string>
#include <string_view>

namespace onair {

/// One row of a plugin's table of error texts. `text` says what happened and what to do; {0}… are the values.
template <class Id>
struct MessageRow {
    Id id;
    ErrorKind kind;
    std::string_view text;
};

/// The Error of row `id`, with its values filled in. `Table` is a range of MessageRow that holds every id.
template <class Table, class Id>
Error make_error(const Table& table, Id id, std::initializer_list<std::string_view> args, std::string detail = {}) {
    for (const auto& row : table)
        if (row.id == id) return Error(row.kind, fill(row.text, args), std::move(detail));
    return Error(ErrorKind::internal, "an error without a text", std::move(detail));
}

} // namespace onair

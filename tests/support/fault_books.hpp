// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "tests/support/fault_server.hpp"

#include "engine/store/sqlite.hpp"

#include <cstdint>
#include <string>

namespace onair::test {

/// What is wrong between a server's books and those of a database about the destination `name`: an event that is not
/// there though it was delivered, one that is there more often than is known to be possible (`strict`: twice), what
/// does not come in order.
inline std::string wrong_copies(const FaultServer& server, const std::string& path, const std::string& name,
                                bool strict = false) {
    std::string out;
    const Books books = server.books();
    track::sql::Database db(path);
    track::sql::Statement row(db, "SELECT e.id, d.state, d.ambiguous FROM events e JOIN deliveries d USING (seq) "
                                  "JOIN destinations t USING (destination) WHERE t.name = ?1");
    row.bind(1, name);
    int lost = 0, extra = 0;
    while (row.row()) {
        const auto at = books.find(row.text(0));
        const int64_t copies = at == books.end() ? 0 : at->second;
        if (row.text(1) == "delivered" && copies == 0 && ++lost < 4) out += row.text(0) + " is not there; ";
        if (copies > 1 + (strict ? 0 : row.integer(2)) && ++extra < 4)
            out += row.text(0) + " is there " + std::to_string(copies) + " times; ";
    }
    if (lost > 3 || extra > 3) out += std::to_string(lost) + " lost, " + std::to_string(extra) + " extra; ";
    for (const std::string& disorder : server.disorders())
        out += disorder + "; ";
    return out;
}

} // namespace onair::test

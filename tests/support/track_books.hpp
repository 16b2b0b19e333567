// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/store/books.hpp"
#include "engine/store/sqlite.hpp"

#include <cstdint>
#include <string>

/// The equations that always hold, in one place: every test of trackingsink that stored something asks for them.
namespace onair::test {

/// What is wrong with the books of a run; empty: they balance. `settled`: nothing may be pending.
inline std::string unbalanced(const track::Books& books, bool settled = true) {
    std::string wrong;
    if (books.received != books.settled() + books.pending)
        wrong += "received " + std::to_string(books.received) + " is not " + std::to_string(books.settled()) + " + " +
                 std::to_string(books.pending) + "; ";
    if (settled && books.pending != 0) wrong += std::to_string(books.pending) + " are pending; ";
    for (const auto& d : books.destinations)
        if (!d.balanced())
            wrong += "of " + d.name + ": carried " + std::to_string(d.carried) + " + routed " +
                     std::to_string(d.routed) + " is not delivered " + std::to_string(d.delivered) + " + unconfirmed " +
                     std::to_string(d.unconfirmed) + " + dead " + std::to_string(d.dead) + " + expired " +
                     std::to_string(d.expired) + " + purged " + std::to_string(d.purged) + " + held " +
                     std::to_string(d.held) + " + queued " + std::to_string(d.queued) + "; ";
    return wrong;
}

/// The books of a store alone, which does not know what was received.
inline std::string unbalanced_store(track::Books books) {
    books.received = books.settled();
    return unbalanced(books);
}

/// The same of the database, over all runs, against its rows.
inline std::string unbalanced(const std::string& path) {
    track::sql::Database db(path);
    std::string wrong;
    const auto same = [&](const std::string& what, const std::string& a, const std::string& b) {
        const int64_t left = db.integer("SELECT " + a), right = db.integer("SELECT " + b);
        if (left != right) wrong += what + ": " + std::to_string(left) + " is not " + std::to_string(right) + "; ";
    };
    const auto total = [](const std::string& destination, const std::string& names) {
        return "coalesce((SELECT sum(n) FROM totals WHERE " + destination + " AND name IN (" + names + ")), 0)";
    };
    same(
        "received", "(SELECT n FROM onair_counts WHERE state = 'received')",
        "sum(n) FROM onair_counts WHERE state IN ('stored', 'refused', 'filtered', 'consent', 'duplicate', 'dropped')");
    same("stored - removed", total("destination = 0", "'stored'") + " - " + total("destination = 0", "'removed'"),
         "count(*) FROM events");
    db.execute("CREATE TEMP TABLE d AS SELECT destination FROM destinations");
    for (int64_t left = db.integer("SELECT count(*) FROM temp.d"); left > 0; --left) {
        const std::string n = std::to_string(db.integer("SELECT max(destination) FROM temp.d"));
        same("routed to " + n, total("destination = " + n, "'routed'"),
             total("destination = " + n, "'delivered', 'unconfirmed', 'dead', 'expired', 'purged'") +
                 " + (SELECT count(*) FROM deliveries WHERE state IN ('queued', 'held') AND destination = " + n + ")");
        db.execute("DELETE FROM temp.d WHERE destination = " + n);
    }
    if (db.integer("SELECT count(*) FROM pragma_integrity_check WHERE integrity_check = 'ok'") != 1)
        wrong += "integrity_check is not ok; ";
    return wrong;
}

} // namespace onair::test

// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
// SqliteStore: subjects and visitors, syncing, what is too old, and no byte left of what was erased.
#include "engine/messages.hpp"
#include "engine/store/sqlite_open.hpp"
#include "engine/store/sqlite_parts.hpp"

#include <algorithm>
#include <sqlite3.h>

namespace onair::track {

namespace {

constexpr size_t least_trace = 8; ///< a shorter text is found anywhere

/// A reader is not waited for.
bool checkpoint(sql::Database& db) {
    db.execute("PRAGMA busy_timeout=0");
    sql::Statement s(db, "PRAGMA wal_checkpoint(TRUNCATE)");
    const bool done = s.row() && s.integer(0) == 0;
    s.reset();
    db.execute("PRAGMA busy_timeout=10000");
    return done;
}

} // namespace

/// Under the lock. secure_delete has put zeros over the rows, but SQLite leaves copies where it moved cells between
/// pages. So the file is searched, and written anew where a trace is left or too short to be searched for. False: a
/// reader keeps the old -wal alive, or the disk is full; it is tried again by housekeeping().
bool SqliteStore::scrub(const std::vector<std::string>& traces) {
    try {
        bool clean = checkpoint(parts_->db);
        const bool sure = std::all_of(traces.begin(), traces.end(),
                                      [](const std::string& trace) { return trace.size() >= least_trace; });
        if (clean && !traces.empty() && (!sure || file_holds(parts_->db, traces))) {
            parts_->db.execute("VACUUM");
            clean = checkpoint(parts_->db);
        }
        if (clean) return true;
    } catch (const sql::SqliteError& e) {
        if (is_damage(e)) throw error(Msg::store_failed, {path_}, words_of(e));
    }
    unscrubbed_.insert(unscrubbed_.end(), traces.begin(), traces.end());
    return false;
}

std::vector<std::string> SqliteStore::opt_out() {
    std::vector<std::string> out;
    transact([&](Parts& parts) {
        parts.db.cached("SELECT key FROM opt_out").rows([&](sql::Statement& s) { out.push_back(s.text(0)); });
    });
    return out;
}

std::string SqliteStore::visitor_of(std::string_view key, int64_t ttl_us, int64_t now_us) {
    std::string visitor;
    transact([&](Parts& parts) { visitor = parts.identity.of_key(key, ttl_us, now_us); });
    return visitor;
}

std::string SqliteStore::export_subject(const Subject& subject) {
    std::string out;
    transact([&](Parts& parts) { out = parts.acts.export_subject(subject); });
    return out;
}

void SqliteStore::sync() {
    const std::lock_guard guard(lock_);
    if (!dirty_ || !parts_) return;
    try {
        parts_->db.sync_wal();
        dirty_ = false;
    } catch (const sql::SqliteError& e) {
        failed(e);
    }
}

/// Age goes by the monotonic clock from the start on: a step of the wall clock removes nothing.
int64_t SqliteStore::age_now() { return opened_utc_us_ + (clock_.monotonic_us() - opened_us_); }

bool SqliteStore::housekeeping() {
    bool more = false;
    transact([&](Parts& parts) {
        more = parts.room.expire(age_now());
        parts.identity.forget_cache();
    });
    const std::lock_guard guard(lock_);
    if (!unscrubbed_.empty() && parts_) scrub(std::exchange(unscrubbed_, {}));
    return more;
}

} // namespace onair::track

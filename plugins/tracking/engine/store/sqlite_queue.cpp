// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
// SqliteStore: what a sender asks for, and what is sent or taken again.
#include "engine/messages.hpp"
#include "engine/store/sqlite_open.hpp"
#include "engine/store/sqlite_parts.hpp"

#include <utility>

namespace onair::track {

namespace {

constexpr int64_t replay_slice = 10000;

struct NotQueued {};

bool may_be_replayed(Delivery state) {
    return state == Delivery::dead || state == Delivery::delivered || state == Delivery::unconfirmed ||
           state == Delivery::expired;
}

} // namespace

std::vector<Queued> SqliteStore::queued(int64_t destination, size_t max_events, size_t max_bytes, int64_t after) {
    std::vector<Queued> out;
    patiently([&] {
        out.clear();
        const std::lock_guard guard(lock_);
        try {
            if (!parts_) open();
            size_t bytes = 0;
            sql::Statement& s = parts_->queued;
            s.bind(1, destination).bind(2, static_cast<int64_t>(max_events)).bind(3, after);
            while (s.row()) {
                bytes += s.view(3).size();
                if (!out.empty() && bytes > max_bytes) break;
                out.push_back({s.integer(0), s.text(1), s.integer(2), s.text(3), s.text(4), s.integer(5), s.text(6),
                               s.text(7), s.text(8), s.text(9), s.text(10), s.text(11), s.integer(12), s.integer(13)});
            }
            s.reset();
        } catch (const sql::SqliteError& e) {
            failed(e);
        }
    });
    return out;
}

bool SqliteStore::mark_sending(int64_t destination, std::span<const int64_t> seqs) {
    bool all = true;
    patiently([&] {
        try {
            transact([&](Parts& parts) {
                for (const int64_t seq : seqs) {
                    parts.sending.bind(1, seq).bind(2, destination).run();
                    if (parts.db.changes() == 0) throw NotQueued{};
                }
            });
        } catch (const NotQueued&) {
            all = false;
        }
    });
    return all;
}

void SqliteStore::requeue(int64_t destination, std::span<const int64_t> seqs, bool ambiguous) {
    patiently([&] {
        transact([&](Parts& parts) {
            int64_t changed = 0;
            for (const int64_t seq : seqs) {
                parts.requeue.bind(1, seq).bind(2, destination).bind(3, int64_t{ambiguous}).run();
                changed += parts.db.changes();
            }
            if (ambiguous) ledger_.ambiguous(destination, changed);
        });
    });
}

void SqliteStore::settle(int64_t destination, std::span<const Settlement> settlements) {
    patiently([&] {
        transact([&](Parts& parts) {
            for (const Settlement& settled : settlements) {
                sql::Statement& s = parts.settle;
                s.bind(1, settled.seq).bind(2, destination).bind(3, to_text(settled.state));
                settled.reason.empty() ? s.bind_null(4) : s.bind(4, settled.reason);
                s.run();
                ledger_.moved(destination, Delivery::queued, "", settled.state, settled.reason, parts.db.changes());
                parts.room.yields_from(settled.seq);
            }
        });
    });
}

/// In slices, so that millions neither fill the memory nor keep events from being stored for long.
int64_t SqliteStore::replay(const Replay& what) {
    if (!may_be_replayed(what.state)) return 0;
    int64_t replayed = 0, from_seq = 0, from_destination = 0;
    for (bool more = true; more;) {
        transact([&](Parts& parts) {
            struct Row {
                int64_t seq, destination;
                std::string reason;
            };
            std::vector<Row> rows;
            parts.db
                .cached("SELECT d.seq, d.destination, d.reason FROM deliveries d JOIN destinations n USING "
                        "(destination) WHERE (d.seq, d.destination) > (?4, ?5) AND d.state = ?1 AND (?2 = '' OR "
                        "n.name = ?2) AND (?3 = '' OR d.reason = ?3) ORDER BY d.seq, d.destination LIMIT ?6")
                .bind(1, to_text(what.state))
                .bind(2, what.destination)
                .bind(3, what.reason)
                .bind(4, from_seq)
                .bind(5, from_destination)
                .bind(6, replay_slice)
                .rows([&](sql::Statement& s) {
                    rows.push_back({s.integer(0), s.integer(1), s.text(2)});
                });
            for (const Row& row : rows) {
                parts.db
                    .cached("UPDATE deliveries SET state = 'queued', reason = NULL WHERE seq = ?1 AND "
                            "destination = ?2")
                    .bind(1, row.seq)
                    .bind(2, row.destination)
                    .run();
                ledger_.moved(row.destination, what.state, row.reason, Delivery::queued, "");
                from_seq = row.seq;
                from_destination = row.destination;
            }
            replayed += static_cast<int64_t>(rows.size());
            more = static_cast<int64_t>(rows.size()) == replay_slice;
        });
    }
    return replayed;
}

/// On a connection of its own: it looks at all events, and storing must not wait for that.
std::vector<KindCount> SqliteStore::delivered(std::string_view destination, int64_t from_us, int64_t to_us) {
    std::vector<KindCount> out;
    try {
        sql::Database db(path_);
        db.cached(
              "SELECT coalesce(body ->> '$.action.kind', 'event'), body ->> '$.action.url' IS NOT NULL, count(*) FROM "
              "deliveries d JOIN events e USING (seq) JOIN destinations n USING (destination) WHERE n.name = ?1 AND "
              "d.state = 'delivered' AND e.time_us >= ?2 AND e.time_us < ?3 GROUP BY 1, 2")
            .bind(1, destination)
            .bind(2, from_us)
            .bind(3, to_us)
            .rows([&](sql::Statement& s) {
                out.push_back({s.text(0), s.integer(1) != 0, s.integer(2)});
            });
    } catch (const sql::SqliteError& e) {
        throw error(Msg::store_failed, {path_}, words_of(e));
    }
    return out;
}

bool SqliteStore::has_delivered(int64_t destination) {
    int64_t n = 0;
    transact([&](Parts& parts) {
        n = parts.db.cached("SELECT count(*) FROM totals WHERE destination = ?1 AND name = 'delivered' AND n > 0")
                .bind(1, destination)
                .first();
    });
    return n > 0;
}

std::vector<RefusedText> SqliteStore::refused_texts(std::string_view reason, int64_t after, size_t max) {
    std::vector<RefusedText> out;
    transact([&](Parts& parts) {
        parts.db
            .cached("SELECT seq, excerpt FROM refused WHERE seq > ?1 AND whole = 1 AND (?2 = '' OR reason = ?2) "
                    "ORDER BY seq LIMIT ?3")
            .bind(1, after)
            .bind(2, reason)
            .bind(3, static_cast<int64_t>(max))
            .rows([&](sql::Statement& s) {
                out.push_back({s.integer(0), s.text(1)});
            });
    });
    return out;
}

void SqliteStore::remove_refused(std::span<const int64_t> seqs) {
    transact([&](Parts& parts) {
        for (const int64_t seq : seqs)
            parts.db.cached("DELETE FROM refused WHERE seq = ?1").bind(1, seq).run();
    });
}

} // namespace onair::track

// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/store/event_rows.hpp"
#include "engine/store/identity.hpp"
#include "engine/store/room.hpp"
#include "engine/store/sqlite_store.hpp"
#include "engine/store/subject_acts.hpp"

#include <memory>

namespace onair::track {

/// All that goes with an open database, and is made anew when one is set aside. Internal to SqliteStore.
struct SqliteStore::Parts {
    Parts(std::unique_ptr<sql::Database> database, Ledger& ledger, const StoreLimits& limits)
        : owned(std::move(database)), db(*owned), identity(db), acts(db, ledger, identity), room(db, ledger, limits),
          event(db, "INSERT INTO events(seq, id, type, time_us, time_source, recv_us, pts, timecode, user, device, "
                    "session, visitor, consent, held, campaign, body) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, "
                    "?11, ?12, ?13, ?14, ?15, ?16) ON CONFLICT(id) DO NOTHING"),
          refused(db, "INSERT INTO refused(recv_us, reason, detail, id, type, time_us, excerpt, whole) "
                      "VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"),
          delivery(db, "INSERT INTO deliveries(seq, destination, state) VALUES(?1, ?2, ?3)"),
          queued(db,
                 "SELECT e.seq, e.id, e.time_us, e.body, e.type, e.recv_us, e.user, e.device, e.session, e.visitor, "
                 "e.consent, e.campaign, d.ambiguous, d.attempts FROM deliveries d JOIN events e USING (seq) "
                 "WHERE d.destination = ?1 AND d.state = 'queued' AND d.seq > ?3 ORDER BY d.seq LIMIT ?2"),
          sending(db, "UPDATE deliveries SET sending = 1, attempts = attempts + 1 "
                      "WHERE seq = ?1 AND destination = ?2 AND state = 'queued'"),
          requeue(db, "UPDATE deliveries SET sending = 0, ambiguous = ambiguous + ?3 "
                      "WHERE seq = ?1 AND destination = ?2 AND state = 'queued'"),
          settle(db, "UPDATE deliveries SET sending = 0, state = ?3, reason = ?4 "
                     "WHERE seq = ?1 AND destination = ?2 AND state = 'queued'") {}

    std::unique_ptr<sql::Database> owned;
    sql::Database& db;
    Identity identity;
    SubjectActs acts;
    Room room;
    sql::Statement event, refused, delivery, queued, sending, requeue, settle;
};

} // namespace onair::track

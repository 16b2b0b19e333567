// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/store/event_rows.hpp"

#include <utility>
#include <vector>

namespace onair::track {

int64_t EventRows::end_deliveries(int64_t seq, Delivery to, std::string_view reason) {
    std::vector<std::pair<int64_t, Delivery>> ended;
    db_.cached("SELECT destination, state FROM deliveries WHERE seq = ?1 AND state IN ('queued', 'held')")
        .bind(1, seq)
        .rows([&](sql::Statement& s) {
            ended.emplace_back(s.integer(0), delivery_of(s.view(1)).value_or(Delivery::queued));
        });
    for (const auto& [destination, from] : ended) {
        db_.cached("UPDATE deliveries SET sending = 0, state = ?3, reason = ?4 WHERE seq = ?1 AND destination = ?2")
            .bind(1, seq)
            .bind(2, destination)
            .bind(3, to_text(to))
            .bind(4, reason)
            .run();
        ledger_.moved(destination, from, "", to, reason);
    }
    return static_cast<int64_t>(ended.size());
}

void EventRows::remove(int64_t seq) {
    db_.cached("DELETE FROM deliveries WHERE seq = ?1").bind(1, seq).run();
    db_.cached("DELETE FROM events WHERE seq = ?1").bind(1, seq).run();
    ledger_.removed(db_.changes());
}

void EventRows::anonymise(int64_t seq) {
    db_.cached("UPDATE events SET user = NULL, device = NULL, session = NULL, visitor = NULL, campaign = NULL, "
               "held = 0, consent = 'not_needed', body = json_remove(body, '$.subject', '$.net') WHERE seq = ?1")
        .bind(1, seq)
        .run();
}

} // namespace onair::track

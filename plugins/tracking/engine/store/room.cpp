// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/store/room.hpp"

#include <algorithm>
#include <limits>
#include <vector>

namespace onair::track {

namespace {

constexpr int64_t least_bytes = 1 << 20;
constexpr int64_t slice = 1000; ///< rows of one step

/// Room that events leave to settlements, counts and acts, which must always go on.
int64_t reserve_of(int64_t max_bytes) { return std::min<int64_t>(64 * 4096, max_bytes / 8); }

std::vector<int64_t> seqs_of(sql::Statement& s) {
    std::vector<int64_t> out;
    s.rows([&](sql::Statement& row) { out.push_back(row.integer(0)); });
    return out;
}

} // namespace

Room::Room(sql::Database& db, Ledger& ledger, const StoreLimits& limits)
    : db_(db), limits_(limits), event_rows_(db, ledger), page_size_(db.integer("PRAGMA page_size")) {
    if (limits_.max_bytes > 0) {
        limits_.max_bytes = std::max(limits_.max_bytes, least_bytes);
        db_.execute("PRAGMA max_page_count=" + std::to_string(limits_.max_bytes / page_size_));
    }
    reload();
}

void Room::reload() {
    rows_ = db_.integer("SELECT coalesce(sum(CASE name WHEN 'stored' THEN n ELSE -n END), 0) FROM totals "
                        "WHERE destination = 0 AND name IN ('stored', 'removed')");
    from_ = sweep_ = {};
}

void Room::yields_from(int64_t seq) {
    for (int64_t& from : from_)
        from = std::min(from, seq - 1);
}

void Room::tighten() { guess_ = std::min(guess_ * 1.5, 8.0); }

bool Room::at_bound() const {
    return limits_.max_bytes > 0 && db_.integer("PRAGMA page_count") >=
                                        limits_.max_bytes / page_size_ - 1 - reserve_of(limits_.max_bytes) / page_size_;
}

Room::Need Room::need_of(const Record& record) const {
    const auto* event = std::get_if<Event>(&record);
    if (!event) return {};
    const size_t text = event->body.size() + 2 * event->id.size() + event->type.size() + event->timecode.size() +
                        2 * (event->user.size() + event->device.size()) + event->session.size();
    return {1, static_cast<int64_t>(static_cast<double>(text + 160) * guess_)};
}

int64_t Room::free_rows() const {
    return limits_.max_rows > 0 ? limits_.max_rows - rows_ : std::numeric_limits<int64_t>::max();
}

int64_t Room::free_bytes() const {
    if (limits_.max_bytes <= 0) return std::numeric_limits<int64_t>::max();
    const int64_t used = db_.cached("PRAGMA page_count").first() - db_.cached("PRAGMA freelist_count").first();
    return limits_.max_bytes - reserve_of(limits_.max_bytes) - used * page_size_;
}

size_t Room::admit(std::span<const Record> records) {
    if (limits_.max_rows <= 0 && limits_.max_bytes <= 0) return records.size();
    Need need;
    for (const Record& record : records) {
        const Need one = need_of(record);
        need.rows += one.rows;
        need.bytes += one.bytes;
    }
    make_room(need);
    Need left{free_rows(), free_bytes()};
    size_t n = 0;
    for (; n < records.size(); ++n) {
        const Need one = need_of(records[n]);
        if (one.rows > 0 && (one.rows > left.rows || one.bytes > left.bytes)) break;
        left.rows -= one.rows;
        left.bytes -= one.bytes;
    }
    return n;
}

void Room::make_room(Need need) {
    if (limits_.when_full == WhenFull::drop_newest) return;
    // No more than all of it: a group may be larger than the bounds.
    if (limits_.max_rows > 0) need.rows = std::min(need.rows, limits_.max_rows);
    while (free_rows() < need.rows)
        if (yield(std::min(need.rows - free_rows(), slice)) == 0) break;
    while (free_bytes() < need.bytes)
        if (yield(slice / 10) == 0) break;
}

int64_t Room::yield(int64_t rows) {
    if (limits_.when_full == WhenFull::drop_oldest) return yield_oldest(rows);
    const int64_t done = yield_done(rows, false);
    return done > 0 ? done : yield_done(rows, true);
}

/// Oldest first, those that need not be sent any more; dead letters only when there is nothing else.
int64_t Room::yield_done(int64_t rows, bool dead) {
    int64_t& from = from_[dead];
    const auto seqs = seqs_of(
        db_.cached("SELECT seq FROM events e WHERE seq > ?1 AND held = 0 AND NOT EXISTS (SELECT 1 FROM deliveries d "
                   "WHERE d.seq = e.seq AND (d.state IN ('queued', 'held') OR (d.state = 'dead' AND ?3 = 0))) "
                   "ORDER BY seq LIMIT ?2")
            .bind(1, from)
            .bind(2, rows)
            .bind(3, int64_t{dead}));
    from = seqs.size() == static_cast<size_t>(rows) ? seqs.back()
                                                    : db_.cached("SELECT coalesce(max(seq), 0) FROM events").first();
    for (const int64_t seq : seqs)
        remove(seq, Delivery::expired, "full");
    return static_cast<int64_t>(seqs.size());
}

int64_t Room::yield_oldest(int64_t rows) {
    const auto seqs = seqs_of(db_.cached("SELECT seq FROM events ORDER BY seq LIMIT ?1").bind(1, rows));
    for (const int64_t seq : seqs)
        remove(seq, Delivery::expired, "full");
    return static_cast<int64_t>(seqs.size());
}

void Room::remove(int64_t seq, Delivery to, std::string_view reason) {
    event_rows_.end_deliveries(seq, to, reason);
    event_rows_.remove(seq);
    --rows_;
}

bool Room::expire(int64_t now_us) {
    if (now_us - visitors_us_ >= StoreLimits::day_us / 24) {
        visitors_us_ = now_us;
        sweep_[1] = 0; // what was queued when the search came by
        expire_visitors(now_us);
    }
    bool more = expire_queued(now_us);
    more |= expire_held(now_us);
    more |= expire_archive(now_us);
    more |= expire_personal(now_us);
    return more;
}

bool Room::expire_queued(int64_t now_us) {
    if (limits_.queue_max_age_us <= 0) return false;
    const auto seqs = seqs_of(
        db_.cached("SELECT DISTINCT seq FROM (SELECT seq FROM deliveries WHERE state = 'queued' ORDER BY seq LIMIT ?2) "
                   "JOIN events USING (seq) WHERE recv_us < ?1")
            .bind(1, now_us - limits_.queue_max_age_us)
            .bind(2, slice));
    for (const int64_t seq : seqs) {
        event_rows_.end_deliveries(seq, Delivery::expired, "age");
        yields_from(seq);
    }
    return seqs.size() == static_cast<size_t>(slice);
}

bool Room::expire_held(int64_t now_us) {
    if (limits_.hold_max_age_us <= 0) return false;
    const auto seqs = seqs_of(db_.cached("SELECT seq FROM events WHERE held = 1 AND recv_us < ?1 ORDER BY seq LIMIT ?2")
                                  .bind(1, now_us - limits_.hold_max_age_us)
                                  .bind(2, slice));
    for (const int64_t seq : seqs)
        remove(seq, Delivery::purged, "hold-age");
    return seqs.size() == static_cast<size_t>(slice);
}

/// Goes through the oldest events slice by slice until a slice holds none that is too old; the next call begins anew.
bool Room::expire_archive(int64_t now_us) {
    if (limits_.archive_max_age_us <= 0) return false;
    int64_t& from = sweep_[0];
    int64_t seen = 0, last = from;
    std::vector<int64_t> old;
    db_.cached("SELECT e.seq, e.recv_us < ?1, e.held = 0 AND NOT EXISTS (SELECT 1 FROM deliveries d "
               "WHERE d.seq = e.seq AND d.state IN ('queued', 'held')) FROM events e WHERE e.seq > ?2 "
               "ORDER BY e.seq LIMIT ?3")
        .bind(1, now_us - limits_.archive_max_age_us)
        .bind(2, from)
        .bind(3, slice)
        .rows([&](sql::Statement& s) {
            last = s.integer(0);
            seen += s.integer(1);
            if (s.integer(1) && s.integer(2)) old.push_back(last);
        });
    for (const int64_t seq : old)
        remove(seq, Delivery::expired, "age");
    from = seen > 0 ? last : 0;
    return seen > 0;
}

bool Room::expire_personal(int64_t now_us) {
    if (limits_.personal_max_age_us <= 0) return false;
    int64_t& from = sweep_[1];
    int64_t seen = 0, last = from;
    std::vector<int64_t> old;
    db_.cached("SELECT e.seq, e.recv_us < ?1, e.consent <> 'not_needed' AND e.held = 0 AND NOT EXISTS (SELECT 1 FROM "
               "deliveries d WHERE d.seq = e.seq AND d.state IN ('queued', 'held')) FROM events e WHERE e.seq > ?2 "
               "ORDER BY e.seq LIMIT ?3")
        .bind(1, now_us - limits_.personal_max_age_us)
        .bind(2, from)
        .bind(3, slice)
        .rows([&](sql::Statement& s) {
            last = s.integer(0);
            seen += s.integer(1);
            if (s.integer(1) && s.integer(2)) old.push_back(last);
        });
    for (const int64_t seq : old)
        event_rows_.anonymise(seq);
    from = seen > 0 ? last : from;
    return seen > 0;
}

void Room::expire_visitors(int64_t now_us) {
    if (limits_.visitor_max_age_us > 0)
        db_.cached("DELETE FROM visitors WHERE seen_us < ?1").bind(1, now_us - limits_.visitor_max_age_us).run();
    if (limits_.campaign_max_age_us > 0)
        db_.cached("DELETE FROM campaign WHERE time_us < ?1").bind(1, now_us - limits_.campaign_max_age_us).run();
}

} // namespace onair::track

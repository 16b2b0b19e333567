// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
// Opening, transactions and what goes wrong in them; commit() of records.
#include "engine/store/sqlite_store.hpp"

#include "engine/messages.hpp"
#include "engine/store/sqlite_open.hpp"
#include "engine/store/sqlite_parts.hpp"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <sqlite3.h>
#include <utility>

namespace onair::track {

namespace {

struct StateName {
    Delivery value;
    std::string_view text;
};
constexpr StateName states[] = {
    {Delivery::queued, "queued"},           {Delivery::held, "held"}, {Delivery::delivered, "delivered"},
    {Delivery::unconfirmed, "unconfirmed"}, {Delivery::dead, "dead"}, {Delivery::expired, "expired"},
    {Delivery::purged, "purged"},
};

/// What an operator can do something about, by SQLite's primary result code; the call is made again.
struct TroubleRow {
    int code;
    Msg msg;
};
constexpr TroubleRow troubles[] = {
    {SQLITE_FULL, Msg::disk_full_now},  {SQLITE_BUSY, Msg::store_busy},     {SQLITE_LOCKED, Msg::store_busy},
    {SQLITE_READONLY, Msg::read_only},  {SQLITE_IOERR, Msg::store_trouble}, {SQLITE_CANTOPEN, Msg::store_trouble},
    {SQLITE_NOMEM, Msg::store_trouble},
};

/// Another name of the same file has the same lock.
std::string canonical(const std::string& path) {
    std::error_code failure;
    const auto real = std::filesystem::weakly_canonical(path, failure);
    return failure ? path : real.string();
}

void bind_text_or_null(sql::Statement& s, int at, std::string_view text) {
    text.empty() ? s.bind_null(at) : s.bind(at, text);
}

void bind_or_null(sql::Statement& s, int at, const std::optional<int64_t>& value) {
    value ? s.bind(at, *value) : s.bind_null(at);
}

} // namespace

std::string_view to_text(Delivery state) {
    for (const auto& row : states)
        if (row.value == state) return row.text;
    return "queued";
}

std::optional<Delivery> delivery_of(std::string_view text) {
    for (const auto& row : states)
        if (row.text == text) return row.value;
    return std::nullopt;
}

SqliteStore::SqliteStore(std::string path, StoreConfig config)
    : path_(canonical(path)), config_(std::move(config)), clock_(config_.clock ? *config_.clock : system_clock_),
      file_lock_(path_), opened_utc_us_(clock_.utc_us()), opened_us_(clock_.monotonic_us()) {
    try {
        open();
        return;
    } catch (const sql::SqliteError& e) {
        const bool ours = is_damage(e) && (file_lock_.was_there() || has_our_mark(path_));
        if (!ours) file_lock_.undo();
        const int code = e.code & 0xff;
        if (code == SQLITE_FULL) throw error(Msg::disk_full, {path_}, words_of(e));
        if (code == SQLITE_READONLY) throw error(Msg::read_only, {path_}, words_of(e));
        if (code == SQLITE_BUSY) throw error(Msg::store_in_use, {path_}, words_of(e));
        if (!is_damage(e)) throw error(Msg::cannot_open, {path_}, words_of(e));
        if (!ours) throw error(Msg::foreign_database, {path_}, words_of(e));
        set_damaged_aside(words_of(e));
    } catch (const Error&) {
        file_lock_.undo();
        throw;
    }
}

SqliteStore::~SqliteStore() {
    try {
        if (parts_ && dirty_) parts_->db.sync_wal();
    } catch (const sql::SqliteError&) { // closing writes the -wal into the database and syncs that
    }
}

void SqliteStore::open() {
    parts_ = std::make_unique<Parts>(open_database(path_, config_.durability), ledger_, config_.limits);
    next_seq_ = std::max(next_seq_, parts_->db.integer("SELECT coalesce(max(seq), 0) + 1 FROM events"));
}

/// The run goes on in a new file; numbers go on too, so that what a sender still holds fits nothing in it.
void SqliteStore::set_damaged_aside(const std::string& why) {
    parts_.reset();
    const std::string aside = set_aside(path_, clock_.utc_us());
    ledger_.set_aside();
    open();
    for (Destination& destination : destinations_)
        register_destination(destination);
    unscrubbed_.clear();
    if (config_.warn) config_.warn(error(Msg::set_aside, {path_, aside}, why));
}

void SqliteStore::transact(const std::function<void(Parts&)>& body) {
    const std::lock_guard guard(lock_);
    try {
        if (!parts_) open(); // a new file could not be begun at once
        ledger_.begin();
        sql::Transaction transaction(parts_->db);
        body(*parts_);
        ledger_.write(parts_->db);
        transaction.commit();
        ledger_.committed(); // only what is committed is counted
        dirty_ = true;
        well();
    } catch (const sql::SqliteError& e) {
        failed(e);
    } catch (...) {
        if (parts_) {
            parts_->identity.forget_cache();
            parts_->room.reload();
        }
        throw;
    }
}

/// Under the lock, after a rollback.
void SqliteStore::failed(const sql::SqliteError& e) {
    if (is_damage(e)) {
        try {
            set_damaged_aside(words_of(e));
        } catch (const sql::SqliteError& again) {
            parts_.reset();
            throw error(Msg::store_failed, {path_}, words_of(again));
        }
        throw Trouble(error(Msg::store_trouble, {path_}, words_of(e)));
    }
    const int code = e.code & 0xff;
    bool bound = false;
    if (parts_) {
        try {
            parts_->identity.forget_cache();
            parts_->room.reload();
            bound = code == SQLITE_FULL && parts_->room.at_bound();
            if (bound) parts_->room.tighten();
        } catch (const sql::SqliteError&) { // the first failure is the one to tell
        }
    }
    for (const TroubleRow& row : troubles) {
        if (row.code != code) continue;
        const Trouble trouble(error(row.msg, {path_}, words_of(e)));
        if (!bound) say(trouble);
        throw trouble;
    }
    throw error(Msg::store_failed, {path_}, words_of(e));
}

void SqliteStore::say(const Error& e) {
    if (!std::exchange(troubled_, true) && config_.warn) config_.warn(e);
}

void SqliteStore::well() {
    if (std::exchange(troubled_, false) && config_.warn) config_.warn(error(Msg::store_again, {path_}));
}

void SqliteStore::patiently(const std::function<void()>& what) {
    for (auto wait = std::chrono::milliseconds(20);; wait = std::min(wait * 2, std::chrono::milliseconds(5000))) {
        try {
            return what();
        } catch (const Trouble&) {
            std::unique_lock guard(patience_lock_);
            if (patience_.wait_for(guard, wait, [&] { return stopping_; })) throw;
        }
    }
}

void SqliteStore::stop_waiting() {
    {
        const std::lock_guard guard(patience_lock_);
        stopping_ = true;
    }
    patience_.notify_all();
}

int64_t SqliteStore::open_destination(std::string_view kind, std::string_view url, std::string_view site,
                                      std::string_view name) {
    Destination destination{0, std::string(kind), std::string(url), std::string(site),
                            std::string(name.empty() ? kind : name)};
    transact([&](Parts&) { register_destination(destination); });
    const std::lock_guard guard(lock_);
    destinations_.push_back(destination);
    return destination.number;
}

/// Its number stays the same when the database had to be set aside.
void SqliteStore::register_destination(Destination& to) {
    sql::Database& db = parts_->db;
    sql::Statement insert(db, "INSERT INTO destinations(destination, kind, url, site, name) VALUES(?1, ?2, ?3, ?4, ?5) "
                              "ON CONFLICT(kind, url, site) DO UPDATE SET name = excluded.name");
    to.number == 0 ? insert.bind_null(1) : insert.bind(1, to.number);
    insert.bind(2, to.kind).bind(3, to.url).bind(4, to.site).bind(5, to.name).run();
    sql::Statement find(db, "SELECT destination FROM destinations WHERE kind = ?1 AND url = ?2 AND site = ?3");
    to.number = find.bind(1, to.kind).bind(2, to.url).bind(3, to.site).first();
    // What a crash left in the middle of a request may have arrived.
    sql::Statement(db, "UPDATE deliveries SET sending = 0, ambiguous = ambiguous + 1 "
                       "WHERE destination = ?1 AND state = 'queued' AND sending = 1")
        .bind(1, to.number)
        .run();
    const int64_t ambiguous = db.changes();
    sql::Statement count(db, "SELECT count(*) FROM deliveries WHERE destination = ?1 AND state = 'queued'");
    sql::Statement held(db, "SELECT count(*) FROM deliveries WHERE destination = ?1 AND state = 'held'");
    const int64_t queued = count.bind(1, to.number).first();
    ledger_.open(to.number, to.name, queued, held.bind(1, to.number).first());
    ledger_.ambiguous(to.number, ambiguous);
}

void SqliteStore::insert(Parts& parts, const Refusal& refusal) {
    sql::Statement& s = parts.refused;
    s.bind(1, refusal.recv_us).bind(2, to_text(refusal.reason)).bind(3, refusal.detail);
    bind_text_or_null(s, 4, refusal.id);
    bind_text_or_null(s, 5, refusal.type);
    bind_or_null(s, 6, refusal.time_us);
    bind_text_or_null(s, 7, refusal.excerpt);
    s.bind(8, int64_t{refusal.whole}).run();
    ledger_.refused(refusal.reason);
}

/// False: its id is there.
bool SqliteStore::insert(Parts& parts, const Event& event) {
    std::string visitor = event.visitor, campaign;
    if (!event.held && !(event.user.empty() && event.device.empty())) {
        visitor = parts.identity.resolve(event.user, event.device, event.visitor, event.recv_us);
        if (!event.clicks.empty()) parts.identity.add_clicks(visitor, event.clicks, event.recv_us);
    }
    if (event.wants_campaign && !visitor.empty())
        campaign = parts.identity.clicks(visitor, event.recv_us - config_.limits.campaign_max_age_us);
    sql::Statement& s = parts.event;
    s.bind(1, next_seq_).bind(2, event.id).bind(3, event.type).bind(4, event.time_us);
    s.bind(5, to_text(event.time_source)).bind(6, event.recv_us);
    bind_or_null(s, 7, event.pts);
    bind_text_or_null(s, 8, event.timecode);
    bind_text_or_null(s, 9, event.user);
    bind_text_or_null(s, 10, event.device);
    bind_text_or_null(s, 11, event.session);
    bind_text_or_null(s, 12, visitor);
    s.bind(13, to_text(event.consent)).bind(14, int64_t{event.held});
    bind_text_or_null(s, 15, campaign);
    s.bind(16, event.body).run();
    if (parts.db.changes() == 0) return false;
    ledger_.stored(event.repaired);
    route(parts, event, next_seq_++);
    return true;
}

void SqliteStore::route(Parts& parts, const Event& event, int64_t seq) {
    for (const Destination& to : destinations_) {
        if (event.routes && std::find(event.routes->begin(), event.routes->end(), to.name) == event.routes->end())
            continue;
        parts.delivery.bind(1, seq).bind(2, to.number).bind(3, event.held ? "held" : "queued").run();
        ledger_.routed(to.number, event.held);
    }
}

/// How many were taken, from the front.
size_t SqliteStore::write(Parts& parts, std::span<const Record> records, std::vector<Acted>& acted) {
    size_t admitted = parts.room.admit(records);
    for (size_t i = 0; i < records.size(); ++i) {
        if (const auto* event = std::get_if<Event>(&records[i])) {
            if (i >= admitted) {
                if (config_.limits.when_full == WhenFull::block) return i;
                ledger_.tally(Outcome::dropped, "full", 1);
            } else if (insert(parts, *event)) {
                parts.room.stored(1);
            } else {
                insert(parts, Refusal{.reason = Reason::duplicate,
                                      .detail = "an event with this id is stored already",
                                      .id = event->id,
                                      .type = event->type,
                                      .time_us = event->time_us,
                                      .recv_us = event->recv_us,
                                      .excerpt = {}});
            }
        } else if (const auto* refusal = std::get_if<Refusal>(&records[i])) {
            insert(parts, *refusal);
        } else if (const auto* tally = std::get_if<Tally>(&records[i])) {
            ledger_.tally(tally->outcome, tally->reason, tally->n);
        } else {
            Acted done{&std::get<Command>(records[i]), {}, {}};
            done.report = parts.acts.run(*done.command, done.traces);
            parts.room.reload();
            acted.push_back(std::move(done));
        }
    }
    return records.size();
}

size_t SqliteStore::commit(std::span<const Record> records) {
    std::vector<Acted> acted;
    size_t taken = 0;
    int64_t dropped = 0;
    transact([&](Parts& parts) {
        const int64_t before = ledger_.books().dropped;
        taken = write(parts, records, acted);
        if (taken == 0 && !records.empty()) throw Trouble(error(Msg::bound_reached, {path_, "events wait"}));
        dropped = -before;
    });
    const std::lock_guard guard(lock_);
    dropped += ledger_.books().dropped;
    if (dropped > 0 && !std::exchange(full_said_, true) && config_.warn)
        config_.warn(error(Msg::bound_reached, {path_, "the newest events are dropped"}));
    for (Acted& done : acted) {
        if (done.command->act != Act::grant) done.report.complete = scrub(done.traces);
        if (done.command->report) *done.command->report = done.report;
    }
    return taken;
}

Books SqliteStore::books() const { return ledger_.books(); }

} // namespace onair::track

// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/store/sqlite_store.hpp"

#include "engine/messages.hpp"
#include "engine/store/sqlite_schema.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

namespace onair::track {

namespace {

constexpr std::pair<Delivery, std::string_view> states[] = {
    {Delivery::queued, "queued"},
    {Delivery::delivered, "delivered"},
    {Delivery::unconfirmed, "unconfirmed"},
    {Delivery::dead, "dead"},
};

/// What a failure means to the operator; the code is SQLite's extended one.
Error store_error(const std::string& path, const sql::SqliteError& e) {
    const std::string detail = "SQLite " + std::to_string(e.code) + ": " + e.words;
    const int code = e.code & 0xff;
    return error(code == SQLITE_FULL ? Msg::disk_full : Msg::store_failed, {path}, detail);
}

/// SQLite gives its -wal and -shm the mode of the database (os_unix.c, findCreateFileMode), so a new database is made
/// here, with 0600 whatever the umask. A file that is there is not opened: closing it would drop the locks that SQLite
/// holds on it in this process (fcntl(2)).
void make_if_missing(const std::string& path) {
    const int fd = open(path.c_str(), O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
    if (fd < 0 && errno != EEXIST) throw error(Msg::cannot_open, {path}, std::string("open: ") + std::strerror(errno));
    if (fd < 0) return;
    fchmod(fd, 0600); // a umask of 0277 and the like
    close(fd);
}

/// For a database that was there with a wider mode; only once it is known to be ours.
void make_private(const std::string& path) {
    for (const char* suffix : {"", "-wal", "-shm"}) {
        const std::string file = path + suffix;
        struct stat info {};
        if (stat(file.c_str(), &info) != 0 || (info.st_mode & 077) == 0) continue;
        if (chmod(file.c_str(), 0600) != 0)
            throw error(Msg::not_private, {file}, std::string("chmod: ") + std::strerror(errno));
    }
}

void bind_text_or_null(sql::Statement& s, int at, std::string_view text) {
    text.empty() ? s.bind_null(at) : s.bind(at, text);
}

void bind_or_null(sql::Statement& s, int at, const std::optional<int64_t>& value) {
    value ? s.bind(at, *value) : s.bind_null(at);
}

} // namespace

std::string_view to_text(Delivery state) {
    for (const auto& [value, text] : states)
        if (value == state) return text;
    return "queued";
}

struct SqliteStore::Statements {
    explicit Statements(sql::Database& db)
        : event(db, "INSERT INTO events(id, type, time_us, time_source, recv_us, pts, timecode, body) "
                    "VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT(id) DO NOTHING"),
          refused(db, "INSERT INTO refused(recv_us, reason, detail, id, type, time_us, excerpt) "
                      "VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)"),
          delivery(db, "INSERT INTO deliveries(seq, destination) VALUES(?1, ?2)"),
          queued(db, "SELECT e.seq, e.id, e.time_us, e.body FROM deliveries d JOIN events e USING (seq) "
                     "WHERE d.destination = ?1 AND d.state = 'queued' ORDER BY d.seq LIMIT ?2"),
          sending(db, "UPDATE deliveries SET sending = 1, attempts = attempts + 1 "
                      "WHERE seq = ?1 AND destination = ?2"),
          requeue(db, "UPDATE deliveries SET sending = 0, ambiguous = ambiguous + ?3 "
                      "WHERE seq = ?1 AND destination = ?2 AND state = 'queued'"),
          settle(db, "UPDATE deliveries SET sending = 0, state = ?3, reason = ?4 "
                     "WHERE seq = ?1 AND destination = ?2 AND state = 'queued'") {}
    sql::Statement event, refused, delivery, queued, sending, requeue, settle;
};

SqliteStore::SqliteStore(std::string path) : path_(std::move(path)) {
    make_if_missing(path_);
    try {
        open();
    } catch (const sql::SqliteError& e) {
        const std::string detail = "SQLite " + std::to_string(e.code) + ": " + e.words;
        const int code = e.code & 0xff;
        if (code == SQLITE_NOTADB) throw error(Msg::foreign_database, {path_}, detail);
        if (code == SQLITE_FULL) throw error(Msg::disk_full, {path_}, detail);
        throw error(Msg::cannot_open, {path_}, detail);
    }
}

SqliteStore::~SqliteStore() = default;

void SqliteStore::open() {
    db_ = std::make_unique<sql::Database>(path_);
    prepare_schema();
    make_private(path_);
    db_->execute("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=OFF;"
                 "PRAGMA journal_size_limit=16777216; PRAGMA wal_autocheckpoint=4000;");
    sql_ = std::make_unique<Statements>(*db_);
}

/// Nothing is written before the file is known to be ours or empty.
void SqliteStore::prepare_schema() {
    const int64_t app = db_->integer("PRAGMA application_id");
    const int64_t version = db_->integer("PRAGMA user_version");
    if (app == application_id && version == schema_version) return;
    if (app == application_id && version > schema_version)
        throw error(Msg::newer_schema, {path_, std::to_string(version), std::to_string(schema_version)});
    if (app != 0 || version != 0 || db_->integer("SELECT count(*) FROM sqlite_schema") != 0)
        throw error(Msg::foreign_database, {path_},
                    "application_id " + std::to_string(app) + ", user_version " + std::to_string(version));
    sql::Transaction transaction(*db_);
    if (db_->integer("PRAGMA user_version") == 0) { // another process may have been faster
        db_->execute(schema_1);
        db_->execute("PRAGMA application_id=" + std::to_string(application_id) +
                     "; PRAGMA user_version=" + std::to_string(schema_version));
    }
    transaction.commit();
}

template <class F>
void SqliteStore::transact(F&& body) {
    const std::lock_guard guard(lock_);
    try {
        Books books = books_;
        sql::Transaction transaction(*db_);
        body(books);
        transaction.commit();
        books_ = books; // only what is committed is counted
    } catch (const sql::SqliteError& e) {
        throw store_error(path_, e);
    }
}

int64_t SqliteStore::open_destination(std::string_view kind, std::string_view url, std::string_view site) {
    transact([&](Books& books) {
        sql::Statement(*db_, "INSERT INTO destinations(kind, url, site) VALUES(?1, ?2, ?3) ON CONFLICT DO NOTHING")
            .bind(1, kind)
            .bind(2, url)
            .bind(3, site)
            .run();
        sql::Statement find(*db_, "SELECT destination FROM destinations WHERE kind = ?1 AND url = ?2 AND site = ?3");
        find.bind(1, kind).bind(2, url).bind(3, site).row();
        destination_ = find.integer(0);
        // What a crash left in the middle of a request may have arrived.
        sql::Statement crashed(*db_, "UPDATE deliveries SET sending = 0, ambiguous = ambiguous + 1 "
                                     "WHERE destination = ?1 AND state = 'queued' AND sending = 1");
        crashed.bind(1, destination_).run();
        books.ambiguous += db_->changes();
        sql::Statement count(*db_, "SELECT count(*) FROM deliveries WHERE destination = ?1 AND state = 'queued'");
        count.bind(1, destination_).row();
        books.carried = books.queued = count.integer(0);
    });
    return destination_;
}

void SqliteStore::insert(const Refusal& refusal, Books& books) {
    sql::Statement& s = sql_->refused;
    s.bind(1, refusal.recv_us).bind(2, to_text(refusal.reason)).bind(3, refusal.detail);
    bind_text_or_null(s, 4, refusal.id);
    bind_text_or_null(s, 5, refusal.type);
    bind_or_null(s, 6, refusal.time_us);
    bind_text_or_null(s, 7, refusal.excerpt);
    s.run();
    ++(refusal.reason == Reason::duplicate ? books.duplicates : books.refused);
}

void SqliteStore::insert(const Event& event, Books& books) {
    sql::Statement& s = sql_->event;
    s.bind(1, event.id).bind(2, event.type).bind(3, event.time_us).bind(4, to_text(event.time_source));
    s.bind(5, event.recv_us);
    bind_or_null(s, 6, event.pts);
    bind_text_or_null(s, 7, event.timecode);
    s.bind(8, event.body).run();
    if (db_->changes() == 0)
        return insert(Refusal{.reason = Reason::duplicate,
                              .detail = "an event with this id is stored already",
                              .id = event.id,
                              .type = event.type,
                              .time_us = event.time_us,
                              .recv_us = event.recv_us,
                              .excerpt = {}},
                      books);
    ++books.accepted;
    books.repaired += event.repaired;
    if (destination_ == 0) {
        ++books.stored;
    } else {
        sql_->delivery.bind(1, db_->last_rowid()).bind(2, destination_).run();
        ++books.queued;
    }
}

void SqliteStore::commit(std::span<const Record> records) {
    transact([&](Books& books) {
        for (const Record& record : records)
            std::visit([&](const auto& r) { insert(r, books); }, record);
    });
}

std::vector<Queued> SqliteStore::queued(int64_t destination, size_t max_events, size_t max_bytes) {
    const std::lock_guard guard(lock_);
    try {
        std::vector<Queued> out;
        size_t bytes = 0;
        sql::Statement& s = sql_->queued;
        s.bind(1, destination).bind(2, static_cast<int64_t>(max_events));
        while (s.row()) {
            Queued next{s.integer(0), s.text(1), s.integer(2), s.text(3)};
            bytes += next.body.size();
            if (!out.empty() && bytes > max_bytes) break;
            out.push_back(std::move(next));
        }
        s.reset();
        return out;
    } catch (const sql::SqliteError& e) {
        throw store_error(path_, e);
    }
}

void SqliteStore::mark_sending(int64_t destination, std::span<const int64_t> seqs) {
    transact([&](Books&) {
        for (const int64_t seq : seqs)
            sql_->sending.bind(1, seq).bind(2, destination).run();
    });
}

void SqliteStore::requeue(int64_t destination, std::span<const int64_t> seqs, bool ambiguous) {
    transact([&](Books& books) {
        for (const int64_t seq : seqs)
            sql_->requeue.bind(1, seq).bind(2, destination).bind(3, int64_t{ambiguous}).run();
        if (ambiguous) books.ambiguous += static_cast<int64_t>(seqs.size());
    });
}

void SqliteStore::settle(int64_t destination, std::span<const Settlement> settlements) {
    transact([&](Books& books) {
        for (const Settlement& settled : settlements) {
            sql::Statement& s = sql_->settle;
            s.bind(1, settled.seq).bind(2, destination).bind(3, to_text(settled.state));
            bind_text_or_null(s, 4, settled.reason);
            s.run();
            const int64_t changed = db_->changes();
            books.queued -= changed;
            (settled.state == Delivery::delivered     ? books.delivered
             : settled.state == Delivery::unconfirmed ? books.unconfirmed
                                                      : books.dead) += changed;
        }
    });
}

Books SqliteStore::books() const {
    const std::lock_guard guard(lock_);
    return books_;
}

} // namespace onair::track

// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/store/sqlite.hpp"

#include <algorithm>
#include <sqlite3.h>

namespace onair::track::sql {

Database::Database(const std::string& path) {
    sqlite3* raw = nullptr;
    const int code = sqlite3_open_v2(path.c_str(), &raw, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
    db_.reset(raw);
    if (code != SQLITE_OK) {
        if (!raw) throw SqliteError{code, sqlite3_errstr(code)};
        fail();
    }
    sqlite3_extended_result_codes(raw, 1);
    sqlite3_busy_timeout(raw, 10000); // an operator's sqlite3 may hold the file for a moment
}

void Database::Close::operator()(sqlite3* db) const noexcept { sqlite3_close_v2(db); }

void Database::fail() const { throw SqliteError{sqlite3_extended_errcode(db_.get()), sqlite3_errmsg(db_.get())}; }

void Database::execute(const std::string& script) {
    if (sqlite3_exec(db_.get(), script.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) fail();
}

int64_t Database::integer(const std::string& query) {
    Statement statement(*this, query);
    return statement.row() ? statement.integer(0) : 0;
}

int64_t Database::last_rowid() const { return sqlite3_last_insert_rowid(db_.get()); }
int64_t Database::changes() const { return sqlite3_changes(db_.get()); }
bool Database::in_transaction() const { return sqlite3_get_autocommit(db_.get()) == 0; }

bool Database::read_only() const { return sqlite3_db_readonly(db_.get(), "main") == 1; }

void Database::sync_wal() {
    sqlite3_file* file = nullptr; // of the -wal, while the journal mode is WAL (sqlite3PagerJrnlFile)
    sqlite3_file_control(db_.get(), "main", SQLITE_FCNTL_JOURNAL_POINTER, &file);
    if (!file || !file->pMethods) return;
    const int code = file->pMethods->xSync(file, SQLITE_SYNC_NORMAL);
    if (code != SQLITE_OK) throw SqliteError{code, "fsync of the write-ahead log failed"};
}

Statement& Database::cached(std::string_view text) {
    const auto at = statements_.find(text);
    return at != statements_.end() ? at->second : statements_.emplace(text, Statement(*this, text)).first->second;
}

/// Through SQLite's own descriptor: to close another one would drop the locks that it holds (fcntl(2)).
void Database::read_file(const std::function<bool(std::string_view)>& each) const {
    sqlite3_file* file = nullptr;
    sqlite3_file_control(db_.get(), "main", SQLITE_FCNTL_FILE_POINTER, &file);
    if (!file || !file->pMethods) return;
    sqlite3_int64 size = 0;
    if (file->pMethods->xFileSize(file, &size) != SQLITE_OK) throw SqliteError{SQLITE_IOERR, "no size"};
    std::string piece;
    for (sqlite3_int64 at = 0; at < size; at += static_cast<sqlite3_int64>(piece.size())) {
        piece.resize(static_cast<size_t>(std::min<sqlite3_int64>(size - at, 1 << 20)));
        const int code = file->pMethods->xRead(file, piece.data(), static_cast<int>(piece.size()), at);
        if (code != SQLITE_OK) throw SqliteError{code, "reading the file failed"};
        if (!each(piece)) return;
    }
}

void Statement::Finalize::operator()(sqlite3_stmt* s) const noexcept { sqlite3_finalize(s); }

Statement::Statement(Database& db, std::string_view text) : db_(&db) {
    sqlite3_stmt* raw = nullptr;
    if (sqlite3_prepare_v2(db.raw(), text.data(), static_cast<int>(text.size()), &raw, nullptr) != SQLITE_OK) db.fail();
    statement_.reset(raw);
}

Statement& Statement::bind(int at, int64_t value) {
    if (sqlite3_bind_int64(statement_.get(), at, value) != SQLITE_OK) db_->fail();
    return *this;
}

Statement& Statement::bind(int at, std::string_view value) {
    if (sqlite3_bind_text64(statement_.get(), at, value.data() ? value.data() : "", value.size(), SQLITE_STATIC,
                            SQLITE_UTF8) != SQLITE_OK)
        db_->fail();
    return *this;
}

Statement& Statement::bind_null(int at) {
    if (sqlite3_bind_null(statement_.get(), at) != SQLITE_OK) db_->fail();
    return *this;
}

bool Statement::row() {
    const int code = sqlite3_step(statement_.get());
    if (code == SQLITE_ROW) return true;
    if (code == SQLITE_DONE) return false;
    const SqliteError failure{sqlite3_extended_errcode(db_->raw()), sqlite3_errmsg(db_->raw())};
    reset();
    throw failure;
}

void Statement::run() {
    while (row()) {
    }
    reset();
}

int64_t Statement::first(int64_t none) {
    const Reset at_end{*this};
    return row() ? integer(0) : none;
}

void Statement::reset() { sqlite3_reset(statement_.get()); }

int64_t Statement::integer(int column) const { return sqlite3_column_int64(statement_.get(), column); }

std::string Statement::text(int column) const {
    const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(statement_.get(), column));
    return bytes ? std::string(bytes, static_cast<size_t>(sqlite3_column_bytes(statement_.get(), column)))
                 : std::string();
}

std::string_view Statement::view(int column) const {
    const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(statement_.get(), column));
    return bytes ? std::string_view(bytes, static_cast<size_t>(sqlite3_column_bytes(statement_.get(), column)))
                 : std::string_view();
}

Transaction::Transaction(Database& db) : db_(&db) { db.execute("BEGIN IMMEDIATE"); }

Transaction::~Transaction() {
    if (db_ && db_->in_transaction()) sqlite3_exec(db_->raw(), "ROLLBACK", nullptr, nullptr, nullptr);
}

void Transaction::commit() {
    db_->execute("COMMIT");
    db_ = nullptr;
}

} // namespace onair::track::sql

// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/store/sqlite_open.hpp"

#include "engine/messages.hpp"
#include "engine/store/sqlite_schema.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <fcntl.h>
#include <fstream>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

namespace onair::track {

namespace {

constexpr const char* suffixes[] = {"", "-wal", "-shm"};
constexpr int64_t quick_check_bytes = 256 << 20; ///< about a second of reading

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
    for (const char* suffix : suffixes) {
        const std::string file = path + suffix;
        struct stat info {};
        if (stat(file.c_str(), &info) != 0 || (info.st_mode & 077) == 0) continue;
        if (chmod(file.c_str(), 0600) != 0)
            throw error(Msg::not_private, {file}, std::string("chmod: ") + std::strerror(errno));
    }
}

int64_t size_of(const std::string& path) {
    struct stat info {};
    return stat(path.c_str(), &info) == 0 ? static_cast<int64_t>(info.st_size) : 0;
}

void make_schema(sql::Database& db) {
    for (const char* part : {schema::base, schema::tables, schema::views})
        db.execute(part);
    db.execute("PRAGMA application_id=" + std::to_string(schema::application_id));
}

void migrate_from_1(sql::Database& db) {
    for (const char* part : {schema::from_1, schema::tables, schema::totals_from_1, schema::views})
        db.execute(part);
}

/// Nothing is written before the file is known to be ours or empty.
void prepare_schema(sql::Database& db, const std::string& path) {
    const int64_t app = db.integer("PRAGMA application_id");
    const int64_t version = db.integer("PRAGMA user_version");
    if (app == schema::application_id && version == schema::version) return;
    if (app == schema::application_id && version > schema::version)
        throw error(Msg::newer_schema, {path, std::to_string(version), std::to_string(schema::version)});
    const bool mine = app == schema::application_id && version == 1;
    if (!mine && (app != 0 || version != 0 || db.integer("SELECT count(*) FROM sqlite_schema") != 0))
        throw error(Msg::foreign_database, {path},
                    "application_id " + std::to_string(app) + ", user_version " + std::to_string(version));
    if (db.read_only()) return;
    sql::Transaction transaction(db);
    mine ? migrate_from_1(db) : make_schema(db);
    db.execute("PRAGMA user_version=" + std::to_string(schema::version));
    transaction.commit();
}

/// A run that did not end well leaves a -wal. Then it is worth the time to look whether the disk kept its promises.
void check_after_crash(sql::Database& db, const std::string& path, int64_t wal_bytes) {
    if (wal_bytes == 0 || size_of(path) > quick_check_bytes) return;
    sql::Statement check(db, "PRAGMA quick_check(1)");
    if (check.row() && check.text(0) != "ok") throw sql::SqliteError{SQLITE_CORRUPT, check.text(0)};
}

} // namespace

/// Only while SQLite does not have the file open (see make_if_missing).
bool has_our_mark(const std::string& path) {
    unsigned char mark[4] = {}; // big endian at 68 (sqlite.org/fileformat.html, 1.3)
    std::ifstream file(path, std::ios::binary);
    file.seekg(68).read(reinterpret_cast<char*>(mark), sizeof mark);
    return file && (mark[0] << 24 | mark[1] << 16 | mark[2] << 8 | mark[3]) == schema::application_id;
}

bool is_damage(const sql::SqliteError& e) {
    const int code = e.code & 0xff;
    return code == SQLITE_CORRUPT || code == SQLITE_NOTADB;
}

std::string words_of(const sql::SqliteError& e) { return "SQLite " + std::to_string(e.code) + ": " + e.words; }

std::unique_ptr<sql::Database> open_database(const std::string& path, Durability durability) {
    make_if_missing(path);
    const int64_t wal_bytes = size_of(path + "-wal");
    auto db = std::make_unique<sql::Database>(path);
    prepare_schema(*db, path);
    if (db->read_only()) throw error(Msg::read_only, {path}, "SQLite opens it for reading only");
    make_private(path);
    db->execute("PRAGMA journal_mode=WAL; PRAGMA secure_delete=ON; PRAGMA foreign_keys=OFF; PRAGMA temp_store=MEMORY;"
                "PRAGMA journal_size_limit=16777216; PRAGMA wal_autocheckpoint=4000;");
    db->execute(durability == Durability::sync ? "PRAGMA synchronous=FULL" : "PRAGMA synchronous=NORMAL");
    check_after_crash(*db, path, wal_bytes);
    return db;
}

std::string set_aside(const std::string& path, int64_t now_us) {
    const std::time_t seconds = static_cast<std::time_t>(now_us / 1'000'000);
    std::tm utc{};
    gmtime_r(&seconds, &utc);
    char stamp[32];
    std::strftime(stamp, sizeof stamp, "%Y%m%dT%H%M%SZ", &utc);
    std::string aside = path + ".corrupt-" + stamp;
    for (int n = 2; access(aside.c_str(), F_OK) == 0; ++n)
        aside = path + ".corrupt-" + stamp + "-" + std::to_string(n);
    for (const char* suffix : suffixes)
        if (std::rename((path + suffix).c_str(), (aside + suffix).c_str()) != 0 && errno != ENOENT)
            throw error(Msg::cannot_open, {path}, std::string("rename: ") + std::strerror(errno));
    return aside;
}

} // namespace onair::track

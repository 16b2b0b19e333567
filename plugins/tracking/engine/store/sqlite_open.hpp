// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/store/limits.hpp"
#include "engine/store/sqlite.hpp"

#include <cstdint>
#include <memory>
#include <string>

/// Files of the store: made private, known to be ours, of the newest schema, or set aside.
namespace onair::track {

/// Opens or makes the database. Throws Error (not ours, newer, read-only …) and, of a damaged one, SqliteError with
/// SQLITE_CORRUPT or SQLITE_NOTADB. A file that is not of this schema is never changed.
std::unique_ptr<sql::Database> open_database(const std::string& path, Durability durability);

/// Moves the database, its -wal and its -shm out of the way, to NAME.corrupt-YYYYMMDDThhmmssZ; that name.
std::string set_aside(const std::string& path, int64_t now_us);

bool has_our_mark(const std::string& path); ///< the application_id in the file's header
bool is_damage(const sql::SqliteError& e);  ///< the file, not the circumstances
std::string words_of(const sql::SqliteError& e);

} // namespace onair::track

// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

/// The few things of SQLite that the store needs, owned. Failures are SqliteError.
namespace onair::track::sql {

/// SQLite's extended result code and its own words.
struct SqliteError {
    int code;
    std::string words;
};

class Database;

/// A prepared statement. Parameters count from 1, columns from 0.
class Statement {
  public:
    Statement(Database& db, std::string_view text);

    Statement& bind(int at, int64_t value);
    Statement& bind(int at, std::string_view value); ///< the text must live until the statement has run
    Statement& bind_null(int at);
    bool row(); ///< runs to the next row
    void run(); ///< runs to the end and makes ready for the next time
    void reset();

    /// Calls `each` with every row, then makes ready for the next time, also when it throws.
    template <class F>
    void rows(F&& each) {
        const Reset at_end{*this};
        while (row())
            each(*this);
    }
    /// First column of the first row; `none` without one.
    int64_t first(int64_t none = 0);

    int64_t integer(int column) const;
    std::string text(int column) const;
    std::string_view view(int column) const; ///< until the next row

  private:
    struct Reset {
        Statement& statement;
        ~Reset() { statement.reset(); }
    };
    struct Finalize {
        void operator()(sqlite3_stmt* s) const noexcept;
    };
    Database* db_;
    std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

/// One thread at a time.
class Database {
  public:
    explicit Database(const std::string& path);

    void execute(const std::string& script);
    int64_t integer(const std::string& query); ///< first column of its first row, 0 without one
    int64_t last_rowid() const;
    int64_t changes() const;
    bool in_transaction() const;
    bool read_only() const;
    void sync_wal(); ///< fsync of the -wal: what is committed is on the disk
    /// A statement that is prepared once; `text` must live as long as the database.
    Statement& cached(std::string_view text);
    /// The file's bytes in pieces, as they lie on the disk; `each` returns false to end.
    void read_file(const std::function<bool(std::string_view)>& each) const;
    sqlite3* raw() const noexcept { return db_.get(); }
    [[noreturn]] void fail() const;

  private:
    struct Close {
        void operator()(sqlite3* db) const noexcept;
    };
    std::unique_ptr<sqlite3, Close> db_;
    std::map<std::string_view, Statement> statements_;
};

/// BEGIN IMMEDIATE … COMMIT; rolled back when it goes without commit().
class Transaction {
  public:
    explicit Transaction(Database& db);
    ~Transaction();
    Transaction(const Transaction&) = delete;
    Transaction& operator=(const Transaction&) = delete;
    void commit();

  private:
    Database* db_;
};

} // namespace onair::track::sql

// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/store/sqlite.hpp"
#include "engine/store/store.hpp"

#include <memory>
#include <mutex>
#include <string>

namespace onair::track {

/// The store in one SQLite file (WAL, synchronous=FULL, mode 0600): docs/specs/event-store.md has its tables.
/// A file that is not of this schema is never changed.
class SqliteStore : public Store {
  public:
    /// Opens or makes the file. Throws Error: cannot open, not ours, newer, not private.
    explicit SqliteStore(std::string path);
    ~SqliteStore() override;

    int64_t open_destination(std::string_view kind, std::string_view url, std::string_view site) override;
    void commit(std::span<const Record> records) override;
    std::vector<Queued> queued(int64_t destination, size_t max_events, size_t max_bytes) override;
    void mark_sending(int64_t destination, std::span<const int64_t> seqs) override;
    void requeue(int64_t destination, std::span<const int64_t> seqs, bool ambiguous) override;
    void settle(int64_t destination, std::span<const Settlement> settlements) override;
    Books books() const override;

    static constexpr int schema_version = 1;
    static constexpr int application_id = 0x4f416972; ///< "OAir"

  private:
    struct Statements;

    void open();
    void prepare_schema();
    void insert(const Event& event, Books& books);
    void insert(const Refusal& refusal, Books& books);

    /// Runs `body` under the lock in a transaction; SQLite's failures become Error.
    template <class F>
    void transact(F&& body);

    std::string path_;
    mutable std::mutex lock_;
    std::unique_ptr<sql::Database> db_;
    std::unique_ptr<Statements> sql_;
    int64_t destination_ = 0; ///< that new events are queued for; 0: none
    Books books_;
};

} // namespace onair::track

// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/events/utc_clock.hpp"
#include "engine/store/file_lock.hpp"
#include "engine/store/ledger.hpp"
#include "engine/store/limits.hpp"
#include "engine/store/sqlite.hpp"
#include "engine/store/store.hpp"

#include "common/base/error.hpp"

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace onair::track {

struct StoreConfig {
    StoreLimits limits;
    Durability durability = Durability::normal;
    std::function<void(const Error&)> warn; ///< any thread; once an episode: no room, no disk, set aside, back again
    Clock* clock = nullptr;                 ///< null: the system's
};

/// The store in one SQLite file (WAL, mode 0600): docs/specs/event-store.md has its tables. A file that is not of this
/// schema is never changed; a damaged one is moved aside and a new one begun. Trouble with the disk makes commit()
/// throw Trouble; the calls of a sender wait until it has gone or stop_waiting() is called.
class SqliteStore : public Store {
  public:
    /// Opens or makes the file. Throws Error: cannot open, in use, not ours, newer, not private, read-only.
    explicit SqliteStore(std::string path, StoreConfig config = {});
    ~SqliteStore() override;

    int64_t open_destination(std::string_view kind, std::string_view url, std::string_view site,
                             std::string_view name = {}) override;
    size_t commit(std::span<const Record> records) override;
    std::vector<Queued> queued(int64_t destination, size_t max_events, size_t max_bytes, int64_t after = 0) override;
    bool mark_sending(int64_t destination, std::span<const int64_t> seqs) override;
    void requeue(int64_t destination, std::span<const int64_t> seqs, bool ambiguous) override;
    void settle(int64_t destination, std::span<const Settlement> settlements) override;
    int64_t replay(const Replay& what) override;
    std::vector<RefusedText> refused_texts(std::string_view reason, int64_t after, size_t max) override;
    void remove_refused(std::span<const int64_t> seqs) override;
    std::vector<std::string> opt_out() override;
    std::string visitor_of(std::string_view key, int64_t ttl_us, int64_t now_us) override;
    bool has_delivered(int64_t destination) override;
    std::vector<KindCount> delivered(std::string_view destination, int64_t from_us, int64_t to_us) override;
    std::string export_subject(const Subject& subject) override;
    void sync() override;
    bool housekeeping() override;
    void stop_waiting() override;
    Books books() const override;

  private:
    struct Parts;
    struct Destination {
        int64_t number;
        std::string kind, url, site, name;
    };
    struct Acted {
        const Command* command;
        ActReport report;
        std::vector<std::string> traces;
    };

    void open();
    void set_damaged_aside(const std::string& why);
    void register_destination(Destination& destination);

    /// Runs `body` in a transaction, under the lock. SQLite's failures become Error or Trouble.
    void transact(const std::function<void(Parts&)>& body);
    [[noreturn]] void failed(const sql::SqliteError& e);
    void say(const Error& e);
    void well();
    /// Again and again while there is trouble.
    void patiently(const std::function<void()>& what);

    bool insert(Parts& parts, const Event& event);
    void insert(Parts& parts, const Refusal& refusal);
    size_t write(Parts& parts, std::span<const Record> records, std::vector<Acted>& acted);
    void route(Parts& parts, const Event& event, int64_t seq);
    bool scrub(const std::vector<std::string>& traces);
    int64_t age_now();

    std::string path_;
    StoreConfig config_;
    SystemClock system_clock_;
    Clock& clock_;
    FileLock file_lock_;
    int64_t opened_utc_us_ = 0, opened_us_ = 0;

    mutable std::mutex lock_; ///< of all below
    Ledger ledger_;
    std::unique_ptr<Parts> parts_;
    std::vector<Destination> destinations_;
    int64_t next_seq_ = 1; ///< never used twice in a run: a sender may still hold an old one
    bool dirty_ = false;   ///< committed, but not synced
    bool troubled_ = false, full_said_ = false;
    std::vector<std::string> unscrubbed_; ///< traces of erased subjects that may be in the files yet

    std::mutex patience_lock_;
    std::condition_variable patience_;
    bool stopping_ = false;
};

} // namespace onair::track

// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/store/limits.hpp"
#include "engine/store/record_queue.hpp"
#include "engine/store/store.hpp"
#include "engine/wait.hpp"

#include "common/base/error.hpp"

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <span>
#include <string_view>
#include <thread>
#include <vector>

namespace onair::track {

/// Commits records in groups on a thread of its own: while one group is being written the next one gathers. The same
/// thread syncs and keeps house. While the disk is in trouble records wait here, up to `max_records` and `max_bytes`.
class Recorder {
  public:
    struct Config {
        size_t max_records = 65536;
        size_t max_bytes = 64u << 20;
        size_t group = 8192; ///< records of one transaction at most
        /// What gives way here when the disk does not keep up and a record must not wait: the oldest events with
        /// drop_oldest, else the newest.
        WhenFull when_full = WhenFull::spill;
        int64_t sync_interval_us = 1'000'000; ///< longest time from commit to sync; 0: the store syncs by itself
        int64_t housekeeping_us = 60'000'000;
        int64_t patience_us = 5'000'000;          ///< of flush() and stop() while the disk is in trouble
        std::function<void()> committed;          ///< after each group, on the recorder's thread
        std::function<void(const Error&)> warn;   ///< once: records were dropped
        std::function<void(const Error&)> failed; ///< once; nothing is committed afterwards
    };

    Recorder(Store& store, Config config);
    ~Recorder(); ///< commits what was submitted

    enum class Result {
        ok,
        dropped,     ///< no room, and it must not wait: counted
        interrupted, ///< see Wait; or flush() ran out of patience
        failed
    };
    /// Any thread. Waits for room; with `wait` false the record, or an older one, is dropped then. Commands and tallies
    /// always go in.
    Result submit(Record record, Wait wait = {});
    /// Until everything submitted before is committed and synced. Interrupted only while the disk is in trouble.
    Result flush(Wait wait = {});
    void stop(); ///< commits what was submitted and takes no more

    void wake();              ///< those who wait look at their flags
    int64_t received() const; ///< events

  private:
    using Clock = std::chrono::steady_clock;

    bool has_room(size_t bytes) const;
    bool make_room(size_t bytes);
    void count_dropped();
    void add(Tally tally);

    void run();
    void wait_for_work(std::unique_lock<std::mutex>& guard, RecordQueue& spare);
    bool commit_group(std::span<const Record> group);
    size_t commit_part(std::span<const Record> part);
    bool wait_out(Clock::duration& wait);
    void upkeep();
    void give_up(int64_t lost);

    Store& store_;
    Config config_;
    mutable std::mutex lock_;
    std::condition_variable work_, room_;
    RecordQueue queue_;
    std::vector<Tally> tallies_;
    int64_t received_ = 0;
    int64_t submitted_ = 0, settled_ = 0, synced_ = 0, sync_wanted_ = 0; ///< numbers of records
    bool stopping_ = false, failed_ = false, troubled_ = false;
    bool said_full_ = false;
    bool asleep_ = false;  ///< the thread has to be woken for a record
    bool crowded_ = false; ///< somebody found no room
    Clock::time_point give_up_at_{};

    Clock::time_point next_sync_{}, next_housekeeping_{}, last_work_{}; ///< of the thread
    std::thread thread_;
};

} // namespace onair::track

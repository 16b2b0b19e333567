// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/store/store.hpp"

#include "common/base/error.hpp"

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace onair::track {

/// Commits records in groups on a thread of its own: while one group is being synced to the disk the next one gathers.
/// submit() waits only when `max_records` or `max_bytes` are waiting already.
class Recorder {
  public:
    struct Config {
        size_t max_records = 65536;
        size_t max_bytes = 64u << 20;
        size_t group = 8192;                      ///< records of one transaction at most
        std::function<void()> committed;          ///< after each group, on the recorder's thread
        std::function<void(const Error&)> failed; ///< once; nothing is committed afterwards
    };

    Recorder(Store& store, Config config);
    ~Recorder(); ///< commits what was submitted

    enum class Result { ok, interrupted, failed };
    /// Any thread. Waits for room; with `wait` false it takes the record in any case.
    Result submit(Record record, bool wait = true);
    Result flush(); ///< until everything submitted before is committed
    void stop();    ///< commits what was submitted and takes no more

    /// While set, submit() does not wait for room.
    void interrupt(bool on);
    int64_t received() const;

  private:
    void run();
    bool commit_group(std::vector<Record>& group);

    Store& store_;
    Config config_;
    mutable std::mutex lock_;
    std::condition_variable work_, room_;
    std::vector<Record> queue_;
    size_t queued_bytes_ = 0;
    int64_t received_ = 0, settled_ = 0;
    bool interrupted_ = false, stopping_ = false, failed_ = false;
    std::thread thread_;
};

} // namespace onair::track

// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/delivery/dispatcher.hpp"
#include "engine/wait.hpp"

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

namespace onair::track {

/// One thread that carries the requests of all destinations: a dispatcher for each, one transport for all. A
/// destination that does not answer delays no other.
class Courier {
  public:
    /// `failed`: the store failed; the thread has ended.
    Courier(std::vector<Dispatcher*> dispatchers, Transport& transport, std::function<void(const Error&)> failed);
    ~Courier(); ///< as stop(0)

    void wake();    ///< events were queued
    void try_now(); ///< the operator ends back-offs and pauses

    /// Waits until nothing is queued, but no longer than `patience_us` without an event being done, and not at all for
    /// destinations that are not tried again within that time. True when nothing is queued. An interrupt ends it even
    /// when it is cleared again at once (GstBaseSink calls unlock and unlock_stop in a row).
    bool drain(int64_t patience_us, Wait wait = {});
    void wake_waiting(); ///< those in drain() look at their interrupts

    /// Begins no further request and gives those under way `grace_us` to end.
    void stop(int64_t grace_us);

  private:
    /// What the thread knew when it last looked at all destinations.
    struct Outlook {
        bool busy = true;           ///< requests are under way, or it is looking just now
        bool idle = false;          ///< nothing is queued anywhere
        std::optional<int64_t> due; ///< the next try
        int64_t settled = 0;
    };

    void run();
    bool round();
    void send();
    void receive();
    Outlook look() const;

    std::vector<Dispatcher*> dispatchers_;
    Transport& transport_;
    std::function<void(const Error&)> failed_;
    SystemClock clock_;
    std::mutex lock_; ///< of all below
    std::condition_variable done_;
    bool woken_ = true, try_now_ = false, stopping_ = false, ended_ = false;
    Outlook outlook_;
    std::thread thread_;
};

} // namespace onair::track

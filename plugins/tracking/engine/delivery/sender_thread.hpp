// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/delivery/dispatcher.hpp"
#include "engine/wait.hpp"

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>

namespace onair::track {

/// Runs a dispatcher on a thread of its own.
class SenderThread {
  public:
    /// `failed`: the store failed; the thread has ended.
    SenderThread(Dispatcher& dispatcher, Transport& transport, std::function<void(const Error&)> failed);
    ~SenderThread(); ///< as stop(0)

    void wake(); ///< events were queued

    /// Waits until nothing is queued, but no longer than `patience_us` without an event being done, and not at all for
    /// a destination that is not tried again within that time. True when nothing is queued. An interrupt ends it even
    /// when it is cleared again at once (GstBaseSink calls unlock and unlock_stop in a row).
    bool drain(int64_t patience_us, Wait wait = {});
    void wake_waiting(); ///< those in drain() look at their interrupts

    /// Begins no further request and gives the one under way `grace_us` to end.
    void stop(int64_t grace_us);

  private:
    void run();

    Dispatcher& dispatcher_;
    Transport& transport_;
    std::function<void(const Error&)> failed_;
    SystemClock clock_;
    std::mutex lock_;
    std::condition_variable work_, done_;
    bool woken_ = true, busy_ = false, stopping_ = false, ended_ = false;
    std::optional<int64_t> due_;
    int64_t settled_ = 0;
    std::thread thread_;
};

} // namespace onair::track

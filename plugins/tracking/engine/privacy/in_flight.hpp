// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <array>
#include <atomic>
#include <cstdint>
#include <mutex>

namespace onair::track {

/// Waits for those who are inside, without ever holding up those who come: wait_out() returns when everyone who had
/// entered before has left. Two counters that take turns, so that newcomers cannot starve it.
class InFlight {
  public:
    class Guard {
      public:
        explicit Guard(InFlight& in) : count_(in.enter()) {}
        ~Guard() {
            if (--count_ == 0) count_.notify_all();
        }
        Guard(const Guard&) = delete;
        Guard& operator=(const Guard&) = delete;

      private:
        std::atomic<int64_t>& count_;
    };

    void wait_out() {
        const std::lock_guard guard(lock_);
        std::atomic<int64_t>& before = counts_[turn_++ & 1];
        for (int64_t n = before; n != 0; n = before)
            before.wait(n);
    }

  private:
    std::atomic<int64_t>& enter() {
        for (;;) {
            const uint32_t turn = turn_;
            std::atomic<int64_t>& count = counts_[turn & 1];
            ++count;
            if (turn == turn_) return count;
            if (--count == 0) count.notify_all(); // it is the others' turn now
        }
    }

    std::mutex lock_; ///< of wait_out()
    std::atomic<uint32_t> turn_{0};
    std::array<std::atomic<int64_t>, 2> counts_{};
};

} // namespace onair::track

// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <atomic>

namespace onair::track {

/// Ends the waiting of one user of a tracker; the others wait on. After set() the user calls Tracker::wake().
class Interrupt {
  public:
    void set(bool on) {
        on_ = on;
        if (on) ++times_;
    }
    bool on() const { return on_; }
    unsigned times() const { return times_; } ///< how often it was set

  private:
    std::atomic<bool> on_{false};
    std::atomic<unsigned> times_{0};
};

/// Whether a call may wait, and what ends that early. `true` and `false` are the forms without an interrupt.
struct Wait {
    bool wait = true;
    const Interrupt* interrupt = nullptr;

    Wait(bool w = true) : wait(w) {}
    explicit Wait(const Interrupt& i) : interrupt(&i) {}
    bool ended() const { return interrupt && interrupt->on(); }
    unsigned times() const { return interrupt ? interrupt->times() : 0; }
};

} // namespace onair::track

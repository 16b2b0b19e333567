// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/delivery/backoff.hpp"
#include "engine/delivery/status.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <utility>

namespace onair::track {

/// When a destination may be sent to. All times are monotonic. Several requests that fail together are one failure:
/// those that were started before the last failure say nothing new.
///
///     closed --failures--> open --time--> half-open --success--> closed
///       any --configuration--> paused --time, or asked for--> half-open
class Breaker {
  public:
    static constexpr int trip = 5; ///< failures in a row

    Breaker(std::function<double()> random, const Timing& timing)
        : backoff_(std::move(random), timing), pause_us_(timing.pause_us) {}

    Circuit state() const noexcept { return state_; }
    int64_t not_before() const noexcept { return not_before_; }
    bool admits(int64_t now, size_t in_flight) const {
        return now >= not_before_ && (state_ == Circuit::closed || in_flight == 0);
    }
    void started() {
        if (state_ != Circuit::closed) state_ = Circuit::half_open;
    }
    void failed(int64_t started, int64_t now, int64_t at_least) {
        if (started < last_failure_) return wait_until(now + at_least);
        last_failure_ = now;
        if (state_ == Circuit::half_open || ++in_a_row_ >= trip) state_ = Circuit::open;
        not_before_ = now + std::max(backoff_.next(), at_least);
    }
    void misconfigured(int64_t now, int64_t at_least) {
        last_failure_ = now;
        state_ = Circuit::paused;
        wait_until(now + std::max({backoff_.next(), at_least, pause_us_}));
    }
    void succeeded(int64_t started) {
        if (started < last_failure_) return; // an answer from before the trouble
        backoff_.succeeded();
        state_ = Circuit::closed;
        in_a_row_ = 0;
        not_before_ = 0;
    }
    void try_now() { not_before_ = 0; } ///< the operator says so

  private:
    void wait_until(int64_t moment) { not_before_ = std::max(not_before_, moment); }

    Backoff backoff_;
    int64_t pause_us_;
    Circuit state_ = Circuit::closed;
    int in_a_row_ = 0;
    int64_t not_before_ = 0;
    int64_t last_failure_ = 0;
};

} // namespace onair::track

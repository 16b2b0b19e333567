// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/delivery/timing.hpp"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <utility>

namespace onair::track {

/// Exponential back-off with full jitter: a random time in [0, min(longest, first * 2^failures)].
class Backoff {
  public:
    /// `random` in [0, 1].
    Backoff(std::function<double()> random, const Timing& timing) : random_(std::move(random)), timing_(timing) {}

    int64_t next() {
        const int64_t limit = std::min(timing_.longest_backoff_us, timing_.backoff_us << std::min(failures_++, 20));
        return static_cast<int64_t>(static_cast<double>(limit) * random_());
    }
    void succeeded() { failures_ = 0; }

  private:
    std::function<double()> random_;
    Timing timing_;
    int failures_ = 0;
};

} // namespace onair::track

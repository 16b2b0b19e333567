// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <algorithm>
#include <cstdint>
#include <functional>
#include <utility>

namespace onair::track {

/// Exponential back-off with full jitter: a random time in [0, min(cap, base * 2^failures)].
class Backoff {
  public:
    static constexpr int64_t base_us = 1'000'000;
    static constexpr int64_t cap_us = 300'000'000;
    static constexpr int64_t pause_us = 60'000'000; ///< least, where a configuration is wrong

    explicit Backoff(std::function<double()> random) : random_(std::move(random)) {} ///< random in [0, 1]

    int64_t next() {
        const int64_t limit = std::min(cap_us, base_us << std::min(failures_++, 20));
        return static_cast<int64_t>(static_cast<double>(limit) * random_());
    }
    void succeeded() { failures_ = 0; }

  private:
    std::function<double()> random_;
    int failures_ = 0;
};

} // namespace onair::track

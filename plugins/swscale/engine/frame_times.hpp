// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace onair::sws {

/// How long frames took: all of them counted, the last 1000 kept for the percentile. In milliseconds.
class FrameTimes {
  public:
    void add(double ms) {
        last_[frames_ % last_.size()] = static_cast<float>(ms);
        ++frames_;
        sum_ += ms;
    }
    uint64_t frames() const { return frames_; }
    double mean() const { return frames_ ? sum_ / static_cast<double>(frames_) : 0; }

    /// The time that 99 of 100 of the last frames did not exceed.
    double p99() const {
        const size_t count = std::min<size_t>(frames_, last_.size());
        if (count == 0) return 0;
        auto sorted = last_;
        const size_t at = (count * 99 + 99) / 100 - 1;
        std::nth_element(sorted.begin(), sorted.begin() + at, sorted.begin() + count);
        return static_cast<double>(sorted[at]);
    }

  private:
    std::array<float, 1000> last_{};
    uint64_t frames_ = 0;
    double sum_ = 0;
};

} // namespace onair::sws

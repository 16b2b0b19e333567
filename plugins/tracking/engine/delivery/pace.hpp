// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/delivery/timing.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace onair::track {

/// How much a destination gets at a time: requests by additive increase and multiplicative decrease (AIMD), events and
/// bytes of a request by how it copes with them.
class Pace {
  public:
    struct Limits {
        size_t connections = 4;
        size_t events = 200;
        size_t bytes = 512 * 1024;
        int64_t slow_us = Timing{}.slow_us;
    };
    static constexpr size_t least_slow = 20; ///< slow answers make a request no smaller than this
    static constexpr size_t patience = 16;   ///< full requests that were answered fast, before it gets a little more

    explicit Pace(Limits limits)
        : limits_(limits), connections_(std::min<size_t>(2, limits.connections)), events_(limits.events),
          bytes_(limits.bytes) {}

    size_t connections() const noexcept { return connections_; }
    size_t events() const noexcept { return events_; }
    size_t bytes() const noexcept { return bytes_; }

    /// A request of `events` was taken.
    void succeeded(size_t events, int64_t started, int64_t now) {
        if (++successes_ >= connections_) {
            successes_ = 0;
            connections_ = std::min(limits_.connections, connections_ + 1);
        }
        if (now - started > limits_.slow_us) return slow(events, started, now);
        if (now - started > limits_.slow_us / 2 || events < events_ || ++full_ < patience) return;
        full_ = 0;
        events_ = std::min(limits_.events, events_ + std::max<size_t>(1, events_ / 16));
        bytes_ = std::min(limits_.bytes, bytes_ + std::max<size_t>(1, bytes_ / 16));
    }
    /// It said that it has too much to do, or did not answer. Once for all that were under way together.
    void overloaded(int64_t started, int64_t now) {
        successes_ = 0;
        if (started < last_cut_) return;
        last_cut_ = now;
        connections_ = std::max<size_t>(1, connections_ / 2);
    }
    /// It does not take so much in one request.
    void too_large(size_t events, size_t bytes) {
        full_ = 0;
        events_ = std::max<size_t>(1, events / 2);
        bytes_ = std::max<size_t>(1024, bytes / 2);
    }

  private:
    void slow(size_t events, int64_t started, int64_t now) {
        if (started < last_slow_ || events <= least_slow) return;
        last_slow_ = now;
        events_ = std::max(std::min(least_slow, limits_.events), std::min(events_, events) * 3 / 4);
    }

    Limits limits_;
    size_t connections_, events_, bytes_;
    size_t successes_ = 0, full_ = 0;
    int64_t last_cut_ = 0, last_slow_ = 0;
};

} // namespace onair::track

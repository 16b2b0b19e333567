// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace onair::track {

/// At most `events` in `per_us` for one key, in bursts of at most `events` (a token bucket).
struct RateLimit {
    double events = 1;
    int64_t per_us = 1'000'000;
};

/// After an event those with the same key are dropped until none has come for `quiet_us`.
struct Debounce {
    int64_t quiet_us = 1'000'000;
};

/// Remembers keys for a rate limit or a debounce, at most `max_keys`: then those that have nothing left to remember
/// go, and if there are none, all do (events pass that would not have). Any thread may call.
class Limiter {
  public:
    Limiter(std::optional<RateLimit> rate, std::optional<Debounce> debounce, size_t max_keys = 65536)
        : rate_(rate), debounce_(debounce), max_keys_(max_keys) {}
    bool passes(std::string_view key, int64_t now_us);

  private:
    struct Entry {
        double tokens;
        int64_t last_us;
    };
    void make_room(int64_t now_us);

    std::optional<RateLimit> rate_;
    std::optional<Debounce> debounce_;
    size_t max_keys_;
    std::mutex lock_;
    std::unordered_map<uint64_t, Entry> keys_; ///< by hash: no id is kept
};

/// Whether `key` belongs to the share (0 to 1): the same key always gives the same answer.
bool in_sample(std::string_view key, double share);

} // namespace onair::track

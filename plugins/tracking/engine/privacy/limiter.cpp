// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/privacy/limiter.hpp"

#include <algorithm>

namespace onair::track {

namespace {

/// FNV-1a, then the finaliser of MurmurHash3, so that all bits depend on all.
uint64_t hash_of(std::string_view text) {
    uint64_t h = 0xcbf29ce484222325u;
    for (const char c : text)
        h = (h ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
    h = (h ^ (h >> 33)) * 0xff51afd7ed558ccdu;
    h = (h ^ (h >> 33)) * 0xc4ceb9fe1a85ec53u;
    return h ^ (h >> 33);
}

} // namespace

bool in_sample(std::string_view key, double share) {
    // The upper 53 bits as a number in [0, 1): exact in a double.
    return static_cast<double>(hash_of(key) >> 11) * 0x1p-53 < share;
}

bool Limiter::passes(std::string_view key, int64_t now_us) {
    const std::lock_guard guard(lock_);
    if (keys_.size() >= max_keys_) make_room(now_us);
    const auto [at, fresh] = keys_.try_emplace(hash_of(key), Entry{rate_ ? rate_->events : 0, now_us});
    Entry& entry = at->second;
    const int64_t since = std::max<int64_t>(0, now_us - entry.last_us); // the clock may step back
    entry.last_us = now_us;
    if (rate_) {
        entry.tokens = std::min(rate_->events, entry.tokens + static_cast<double>(since) * rate_->events /
                                                                  static_cast<double>(rate_->per_us));
        if (entry.tokens < 1) return false;
    }
    if (debounce_ && !fresh && since < debounce_->quiet_us) return false;
    if (rate_) entry.tokens -= 1;
    return true;
}

void Limiter::make_room(int64_t now_us) {
    const int64_t memory = std::max(rate_ ? rate_->per_us : 0, debounce_ ? debounce_->quiet_us : 0);
    std::erase_if(keys_, [&](const auto& entry) { return now_us - entry.second.last_us >= memory; });
    if (keys_.size() >= max_keys_) keys_.clear();
}

} // namespace onair::track

// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/events/event.hpp"
#include "engine/privacy/pseudonym.hpp"

#include <atomic>
#include <cstdint>
#include <memory>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace onair::track {

/// Those who opted out, as keyed hashes only. In memory, so that asking costs no I/O. Any thread may call.
class OptOut {
  public:
    explicit OptOut(std::shared_ptr<const Pseudonymiser> key) : key_(std::move(key)) {}

    /// The hashes of all ids of a subject, in the form given and as pseudonym: whatever the settings were when an event
    /// was stored or are when it comes, one of them meets.
    std::vector<std::string> keys_of(const Subject& subject) const;

    void add(const std::vector<std::string>& keys);
    void remove(const std::vector<std::string>& keys);
    bool has(const Subject& subject) const;       ///< one of its ids opted out
    uint64_t version() const { return version_; } ///< grows with each change

  private:
    std::string key_of(std::string_view kind, std::string_view id) const;

    std::shared_ptr<const Pseudonymiser> key_;
    std::atomic<size_t> size_{0};
    std::atomic<uint64_t> version_{0};
    mutable std::shared_mutex lock_;
    std::unordered_set<std::string> keys_;
};

} // namespace onair::track

// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/events/event.hpp"
#include "engine/store/books.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace onair::track {

/// Where an event stands on its way to a destination; the names are those of the column `state`.
enum class Delivery { queued, delivered, unconfirmed, dead };
std::string_view to_text(Delivery state);

/// A stored event on its way to a destination.
struct Queued {
    int64_t seq = 0;
    std::string id;
    int64_t time_us = 0;
    std::string body;
};

/// What became of one event at its destination.
struct Settlement {
    int64_t seq = 0;
    Delivery state = Delivery::delivered;
    std::string reason; ///< of a dead one
};

/// Holds events for good. Every method is one transaction: done when it returns, not done when it throws Error. Any
/// thread may call.
class Store {
  public:
    virtual ~Store() = default;

    /// Names the destination that events committed from now on are queued for; its number.
    virtual int64_t open_destination(std::string_view kind, std::string_view url, std::string_view site) = 0;

    virtual void commit(std::span<const Record> records) = 0;

    /// The oldest queued events, at most `max_events` and (but for the first) `max_bytes` of bodies.
    virtual std::vector<Queued> queued(int64_t destination, size_t max_events, size_t max_bytes) = 0;
    /// Writes down that these are being sent, so that a crash from here on is known to be ambiguous.
    virtual void mark_sending(int64_t destination, std::span<const int64_t> seqs) = 0;
    /// They stay queued; `ambiguous`: they may have arrived.
    virtual void requeue(int64_t destination, std::span<const int64_t> seqs, bool ambiguous) = 0;
    virtual void settle(int64_t destination, std::span<const Settlement> settlements) = 0;

    virtual Books books() const = 0; ///< without received and pending
};

} // namespace onair::track

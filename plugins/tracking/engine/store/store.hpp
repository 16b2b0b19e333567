// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/events/event.hpp"
#include "engine/store/books.hpp"

#include "common/base/error.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace onair::track {

/// Where an event stands on its way to a destination; the names are those of the column `state`.
enum class Delivery { queued, held, delivered, unconfirmed, dead, expired, purged };
std::string_view to_text(Delivery state);
std::optional<Delivery> delivery_of(std::string_view text);

/// A stored event on its way to a destination.
struct Queued {
    int64_t seq = 0;
    std::string id;
    int64_t time_us = 0;
    std::string body;
    std::string type;
    int64_t recv_us = 0;
    std::string user, device, session, visitor;
    std::string consent;   ///< what counts now: a grant changes it, the body keeps what was said then
    std::string campaign;  ///< JSON object of the visitor's ad-click ids, or empty
    int64_t ambiguous = 0; ///< how often it may have arrived
    int64_t attempts = 0;  ///< requests that it was in
};

/// What became of one event at its destination.
struct Settlement {
    int64_t seq = 0;
    Delivery state = Delivery::delivered;
    std::string reason; ///< of one that did not get there
};

/// Which settled deliveries are queued again.
struct Replay {
    std::string destination; ///< name; empty: all
    Delivery state = Delivery::dead;
    std::string reason; ///< empty: any
};

/// A refused event whose whole text is known.
struct RefusedText {
    int64_t seq = 0;
    std::string text;
};

/// A failure of the disk that may go away by itself: the same call may be made again.
class Trouble : public Error {
  public:
    explicit Trouble(const Error& e) : Error(e) {}
};

/// How many events of a kind.
struct KindCount {
    std::string kind; ///< action.kind; without one: event
    bool has_url = false;
    int64_t n = 0;
};

/// Holds events for good. Every method is one transaction: done when it returns, not done when it throws Error. Any
/// thread may call.
class Store {
  public:
    virtual ~Store() = default;

    /// Opens a destination for events that are committed from now on; its number. Routes know it by `name` (empty: the
    /// kind).
    virtual int64_t open_destination(std::string_view kind, std::string_view url, std::string_view site,
                                     std::string_view name = {}) = 0;

    /// How many of the records, from the front, are there: fewer only when the next one has to wait for room (then at
    /// least one, or Trouble is thrown).
    virtual size_t commit(std::span<const Record> records) = 0;

    /// The oldest queued events behind `after`, at most `max_events` and (but for the first) `max_bytes` of bodies.
    virtual std::vector<Queued> queued(int64_t destination, size_t max_events, size_t max_bytes, int64_t after = 0) = 0;
    /// Writes down that these are being sent, so that a crash from here on is known to be ambiguous. False, and nothing
    /// is written, when one of them is not queued any more: it was purged in the meantime and must not be sent.
    virtual bool mark_sending(int64_t destination, std::span<const int64_t> seqs) = 0;
    /// They stay queued; `ambiguous`: they may have arrived.
    virtual void requeue(int64_t destination, std::span<const int64_t> seqs, bool ambiguous) = 0;
    virtual void settle(int64_t destination, std::span<const Settlement> settlements) = 0;
    /// Queues settled deliveries again; how many.
    virtual int64_t replay(const Replay&) { return 0; }

    /// Refused events that can be pushed again, oldest first, and the removal of those that were.
    virtual std::vector<RefusedText> refused_texts(std::string_view /*reason*/, int64_t /*after*/, size_t /*max*/) {
        return {};
    }
    virtual void remove_refused(std::span<const int64_t>) {}

    /// The keyed hashes of those who opted out.
    virtual std::vector<std::string> opt_out() { return {}; }
    /// The first-party id (16 hexadecimal digits) of a key of the application; made when there is none or it is older
    /// than `ttl_us`.
    virtual std::string visitor_of(std::string_view /*key*/, int64_t /*ttl_us*/, int64_t /*now_us*/) { return {}; }
    /// Delivered events with a time in [from, to).
    virtual std::vector<KindCount> delivered(std::string_view /*destination name*/, int64_t /*from_us*/,
                                             int64_t /*to_us*/) {
        return {};
    }
    /// Whether any event was ever delivered there, in this run or an earlier one.
    virtual bool has_delivered(int64_t /*destination*/) { return false; }
    /// All that is known of a subject, as a JSON array.
    virtual std::string export_subject(const Subject&) { return "[]"; }

    virtual void sync() {}                        ///< what is committed survives a power cut afterwards
    virtual void stop_waiting() {}                ///< calls that wait for the disk to be well again fail from now on
    virtual bool housekeeping() { return false; } ///< removes what is too old, a slice a call; true: there is more

    virtual Books books() const = 0; ///< without received and pending; waits for no disk
};

} // namespace onair::track

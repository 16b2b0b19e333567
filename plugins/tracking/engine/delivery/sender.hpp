// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/delivery/outbox.hpp"
#include "engine/delivery/transport.hpp"
#include "engine/messages.hpp"
#include "engine/store/store.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace onair::track {

/// What an answer means for the events of its request.
enum class Action {
    delivered,    ///< all are there, but for Verdict::dead
    unconfirmed,  ///< taken, but nobody counts
    unattributed, ///< some were thrown away, nobody says which: never sent again
    retry,        ///< all again, after a back-off
    pause,        ///< a configuration is wrong: all again, after a long back-off
    isolate,      ///< nothing was stored because of one of them: find it
    split,        ///< too large: in halves
};

struct Verdict {
    Action action = Action::retry;
    bool maybe_stored = false;     ///< count the events as ambiguous when they go again
    std::vector<size_t> dead;      ///< of the request's events, those that are not to be sent again
    std::string reason;            ///< for them
    std::optional<Msg> say;        ///< to the operator, once a kind
    std::vector<std::string> args; ///< its values behind the host
    std::string detail;
    int retry_after_s = 0;
};

/// One event as the destination wants it, or why it cannot be.
struct Compiled {
    std::string request;
    std::string refused; ///< not empty: dead with this reason
};

/// A kind of destination: pure functions around the wire.
class Sender {
  public:
    virtual ~Sender() = default;
    virtual std::string url() const = 0;
    virtual std::string host() const = 0; ///< for messages
    virtual Compiled compile(const Outgoing& event, int64_t now_us) const = 0;
    virtual std::string body(std::span<const std::string* const> requests) const = 0;
    /// `proven`: this destination has taken events in this run.
    virtual Verdict judge(const Answer& answer, size_t sent, bool proven) const = 0;
};

} // namespace onair::track

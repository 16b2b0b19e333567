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
#include <string_view>
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
    bool maybe_stored = false;     ///< they may be there already: the ambiguous policy decides
    bool overload = false;         ///< fewer requests at a time from now on
    int pause_after = 0;           ///< so many of these in a row are a wrong configuration; 0: never
    std::vector<size_t> dead;      ///< of the request's events, those that are not to be sent again
    std::string reason;            ///< for them
    std::optional<Msg> say;        ///< to the operator, once a kind
    std::vector<std::string> args; ///< its values behind the host
    std::string detail;
    int retry_after_s = 0;
};

/// What a destination has shown before this answer.
struct Shown {
    bool proven = false; ///< it has taken events in this run: site and token are right
    bool spoken = false; ///< it has, in this run or an earlier one: at this address there is what we take it for
};

/// One event as the destination wants it, or why it cannot be.
struct Compiled {
    std::string request;
    std::string refused;        ///< not empty: dead with this reason
    bool unique = false;        ///< the destination refuses a second one as invalid
    bool past = false;          ///< of a day that is over: such events are in one request at a time
    std::string partition = {}; ///< events with the same one go in order, one request at a time
};

/// An event that may be there.
struct Asked {
    std::string_view id;
    int64_t time_us = 0;
    std::string_view request; ///< as it was sent
};

/// What a destination says to that.
struct Found {
    bool usable = false; ///< it was an answer to the question
    enum class Is {
        unseen,  ///< not in the answer, which means nothing but that there is more than it shows
        present, ///< it has it
        absent,  ///< it does not
    };
    std::vector<Is> each;
    std::string words; ///< why it is not usable
};

/// A kind of destination: pure functions around the wire.
class Sender {
  public:
    virtual ~Sender() = default;
    virtual std::string host() const = 0; ///< for messages
    virtual Compiled compile(const Outgoing& event, int64_t now_us) const = 0;
    virtual Request bulk(std::span<const std::string* const> requests) const = 0; ///< with all of these
    virtual Verdict judge(const Answer& answer, size_t sent, Shown shown) const = 0;

    /// What a server that is well takes and stores nothing of; none: there is no such thing.
    virtual std::optional<Request> probe() const { return std::nullopt; }

    /// The question which of these it has; none: it cannot be asked.
    virtual std::optional<Request> ask(std::span<const Asked>, int64_t /*now_us*/) const { return std::nullopt; }
    virtual Found found(const Answer&, std::span<const Asked>) const { return {}; }
};

} // namespace onair::track

// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/delivery/backoff.hpp"
#include "engine/delivery/outbox.hpp"
#include "engine/delivery/sender.hpp"
#include "engine/delivery/transport.hpp"
#include "engine/events/utc_clock.hpp"
#include "engine/store/store.hpp"

#include <bitset>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <vector>

namespace onair::track {

/// Takes queued events to one destination, one request at a time. A state machine without threads or waiting: step()
/// does at most one request and says when the next is due.
class Dispatcher {
  public:
    struct Config {
        size_t max_events = 200;
        size_t max_bytes = 512 * 1024;
        const Outbox* outbox = nullptr;         ///< null: that of a destination "matomo" with the default policy
        std::function<double()> random;         ///< in [0, 1], for the back-off
        std::function<void(const Error&)> warn; ///< once a kind
    };

    Dispatcher(Store& store, int64_t destination, const Sender& sender, Transport& transport, Clock& clock,
               Config config);

    /// The moment (monotonic) of the next step; nothing when no event is queued. Throws what the store throws.
    std::optional<int64_t> step();

    /// The store is not waited for any more when its disk is in trouble.
    void stop_waiting() { store_.stop_waiting(); }

    int64_t settled() const noexcept { return settled_; } ///< events that are done; grows with each success

  private:
    struct Item {
        int64_t seq;
        std::string request;
    };
    /// Part of the batch that is one request. `level`: how often it was halved to find a poison event.
    struct Span {
        size_t begin, end;
        int level = 0;
        size_t size() const { return end - begin; }
    };

    bool load();
    void send(const Span& span);
    void reload();
    void apply(const Span& span, const Verdict& verdict);
    void delivered(const Span& span, const Verdict& verdict, Delivery state);
    void answered();
    void unattributed(const Span& span, const Verdict& verdict);
    void again(const Span& span, const Verdict& verdict);
    void isolate(const Span& span, const Verdict& verdict);
    void split(const Span& span);
    void end_isolation();
    void outage();
    void back_off(int64_t at_least_us);
    void halve(const Span& span, int level, bool front);
    std::vector<int64_t> seqs(const Span& span) const;
    void settle(const std::vector<Settlement>& settlements);
    void say(Msg msg, const std::vector<std::string>& args, const std::string& detail = {});

    Store& store_;
    int64_t destination_;
    const Sender& sender_;
    Transport& transport_;
    Clock& clock_;
    Config config_;
    Outbox default_outbox_{"matomo"};
    const Outbox& outbox_;
    Backoff backoff_;

    std::vector<Item> batch_;
    std::deque<Span> spans_;  ///< of the batch, still to be sent
    uint64_t cleared_at_ = 0; ///< version of the outbox when the batch was cleared
    int64_t not_before_ = 0;
    int64_t settled_ = 0;
    bool proven_ = false; ///< the destination has taken events in this run
    std::bitset<64> said_;

    // Poison: one event makes the server fail on the whole request and is not named.
    bool failed_once_ = false; ///< the request was tried again already
    bool isolating_ = false;
    bool isolated_some_ = false;   ///< part of the batch went through: the server works
    int outages_ = 0;              ///< isolations in a row in which nothing went through
    std::vector<size_t> suspects_; ///< failed alone
};

} // namespace onair::track

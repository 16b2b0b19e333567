// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/delivery/ambiguous.hpp"
#include "engine/delivery/batch.hpp"
#include "engine/delivery/breaker.hpp"
#include "engine/delivery/lanes.hpp"
#include "engine/delivery/outbox.hpp"
#include "engine/delivery/pace.hpp"
#include "engine/delivery/sender.hpp"
#include "engine/delivery/status.hpp"
#include "engine/delivery/timing.hpp"
#include "engine/delivery/transport.hpp"
#include "engine/events/utc_clock.hpp"
#include "engine/store/store.hpp"

#include <bitset>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace onair::track {

/// Takes queued events to one destination. A state machine without threads, waiting and network: next() gives the
/// requests that are to be sent now, answered() takes what came of them. docs/specs/delivery.md.
class Dispatcher {
  public:
    struct Config {
        std::string name = "matomo"; ///< of the destination
        Pace::Limits pace;
        AmbiguousPolicy ambiguous = AmbiguousPolicy::retry;
        Timing timing = {};
        const Outbox* outbox = nullptr;         ///< null: that of a destination "matomo" with the default policy
        std::function<double()> random;         ///< in [0, 1], for the back-off
        std::function<void(const Error&)> warn; ///< once a kind
        std::function<void(const DestinationStatus&)> state; ///< another state of the circuit
        std::function<void(const DeadLetter&)> dead;         ///< at most dead_letters a second
    };
    static constexpr int dead_letters = 10;
    static constexpr int misconfigured_after = 3; ///< requests in a row in which not one event was valid

    Dispatcher(Store& store, int64_t destination, const Sender& sender, Clock& clock, Config config);

    struct Outbound {
        uint64_t id;
        Request request;
    };
    /// What is to be sent now. Throws what the store throws.
    std::vector<Outbound> next();
    void answered(uint64_t id, const Answer& answer);

    /// The moment (monotonic) of the next next() that has something to do, as far as next() and answered() knew.
    /// Nothing: only an answer or look() changes anything.
    std::optional<int64_t> due() const noexcept { return due_; }
    size_t in_flight() const noexcept { return in_flight_; }
    bool idle() const; ///< nothing is queued or under way

    void look();    ///< events were queued
    void try_now(); ///< the operator ends a back-off or a pause

    void stop_waiting() { store_.stop_waiting(); } ///< any thread: a disk in trouble is not waited for any more

    int64_t settled() const noexcept { return settled_; } ///< events that are done; grows with each success
    DestinationStatus status() const;                     ///< any thread

  private:
    // dispatcher.cpp: from the store to the wire
    void load();
    void take(const Queued& event, std::vector<Settlement>& not_sent);
    size_t batch_size() const;
    uint64_t form();
    uint64_t waiting(int64_t now) const;
    void start(uint64_t id, std::vector<Outbound>& out);
    void begin(uint64_t id, Batch& batch, Request request, std::vector<Outbound>& out);
    void forget();
    void read_anew();
    void dissolve(uint64_t id);
    void plan(int64_t now);

    // dispatcher_answers.cpp: what an answer does
    void apply(Batch& batch, const Span& span, const Verdict& verdict);
    void delivered(Batch& batch, const Span& span, const Verdict& verdict, Delivery state);
    void unattributed(Batch& batch, const Span& span, const Verdict& verdict);
    void again(Batch& batch, const Span& span, const Verdict& verdict);
    void split(Batch& batch, const Span& span);
    void well(Batch& batch, size_t events);
    Verdict judged(const Batch& batch, const Span& span, const Answer& answer);
    void close(uint64_t id);

    // dispatcher_search.cpp: which of them the server fails on
    void isolate(Batch& batch, const Span& span, const Verdict& verdict);
    void once_more(Batch& batch, const Span& span, const Verdict& verdict);
    void begin_isolation(Batch& batch, Span span);
    void put_witnesses_aside(Batch& batch, Span& span);
    void suspect(Batch& batch, size_t i);
    void reject(const Batch& batch, size_t i);
    void go_on(Batch& batch);
    void alone(Batch& batch);
    void probe(uint64_t id, Batch& batch, std::vector<Outbound>& out);
    void probed(Batch& batch, const Verdict& verdict);
    void outage(Batch& batch);

    // dispatcher_read_back.cpp: what is there already
    void ask(uint64_t id, Batch& batch, std::vector<Outbound>& out);
    void told(uint64_t id, Batch& batch, const Answer& answer);
    void end_read_back(uint64_t id, Batch& batch);
    std::vector<Asked> asked(const Batch& batch) const;

    // dispatcher_books.cpp: settling and telling
    void finish(std::vector<Settlement>& to, int64_t seq, const std::string& id, Delivery state, std::string reason);
    void settle(const std::vector<Settlement>& settlements);
    void requeue(Batch& batch, const Span& span, bool ambiguous);
    void say(Msg msg, const std::vector<std::string>& args, const std::string& detail = {});
    void tell_dead();
    void publish();

    Store& store_;
    int64_t destination_;
    const Sender& sender_;
    Clock& clock_;
    Config config_;
    Outbox default_outbox_{"matomo"};
    const Outbox& outbox_;
    Breaker breaker_;
    Pace pace_;

    // The queue is read in passes; what waits in the lanes can be forgotten at any time and read again.
    Lanes lanes_;
    std::unordered_set<int64_t> known_; ///< seqs in lanes and batches
    int64_t cursor_ = 0;                ///< last seq that was read
    bool exhausted_ = false;            ///< the pass found the end
    bool again_ = false;                ///< something came in front of the cursor
    uint64_t cleared_at_ = 0;           ///< version of the outbox when they were cleared

    std::map<uint64_t, Batch> batches_; ///< by number, which is that of its request as well
    uint64_t next_batch_ = 1;
    size_t in_flight_ = 0;
    struct Failed {
        int searches = 0; ///< in which nothing came out
        int alone = 0;
    };
    std::unordered_map<int64_t, Failed> failed_; ///< by seq
    std::optional<int64_t> due_;
    int64_t settled_ = 0;

    Shown shown_; ///< by the destination, so far

    /// Events that failed with nothing else in the queue.
    struct Alone {
        std::vector<int64_t> seqs = {};
        int64_t since = 0;
        bool others = false; ///< went through in the search that it is left of
        int probes = 0;      ///< good ones in a row, each after another failure
    };
    Alone alone_;

    int invalid_in_a_row_ = 0; ///< requests of which every event was invalid
    int nothing_in_a_row_ = 0; ///< answers of the kind that may be a wrong configuration

    std::bitset<64> said_;
    std::vector<DeadLetter> dead_; ///< of the transaction
    int64_t dead_second_ = 0, dead_told_ = 0, dead_suppressed_ = 0;

    mutable std::mutex status_lock_;
    DestinationStatus status_; ///< under status_lock_
};

} // namespace onair::track

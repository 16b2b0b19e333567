// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/delivery/destinations.hpp"
#include "engine/delivery/status.hpp"
#include "engine/events/intake.hpp"
#include "engine/privacy/in_flight.hpp"
#include "engine/privacy/opt_out.hpp"
#include "engine/privacy/policy.hpp"
#include "engine/store/books.hpp"
#include "engine/store/limits.hpp"
#include "engine/store/recorder.hpp"
#include "engine/store/store.hpp"
#include "engine/wait.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace onair::track {

/// The whole engine: validate -> consent -> minimise -> enrich -> rules -> store -> consent -> allow-list -> send.
/// Intake has the way before the store, Outbox the one behind it.
class Tracker {
  public:
    struct Config : DeliverySettings {
        std::string location; ///< database
        std::string source;   ///< URI for events that do not name theirs
        PolicySource policy;
        StoreLimits limits;
        Durability durability = Durability::normal;
        int64_t sync_interval_us = 1'000'000;
        int64_t drain_timeout_us = 5'000'000; ///< at the end: without an event sent, and of a disk in trouble
        bool validate_only = false;           ///< valid events are counted as filtered; nothing of them is kept or sent
        bool dry_run = false;                 ///< the same, and `preview` is told what would be sent
        std::function<void(std::string_view destination, std::string_view request)> preview; ///< any thread
        std::function<void(const DestinationStatus&)> state; ///< any thread; another state of a destination
        std::function<void(const DeadLetter&)> dead;         ///< any thread; an event that is not sent again
        std::function<void(const Error&)> warn;              ///< any thread; once a kind
        std::function<void(const Error&)> fail;              ///< any thread; the database cannot be used any more
    };

    /// Opens everything. Throws Error for what the operator has to correct.
    explicit Tracker(Config config);
    ~Tracker();

    /// Any thread. `wait`: for room, when the disk does not keep up; without it nothing here waits or does I/O.
    Recorder::Result push(std::string_view text, const Arrival& arrival, Wait wait = {});
    Recorder::Result push_refused(Reason reason, std::string_view detail, const Arrival& arrival);
    /// A structured CloudEvent or a batch (array) of them; the worst of their results.
    Recorder::Result push_cloud_events(std::string_view text, const Arrival& arrival, Wait wait = {});
    /// One line of plain text becomes an event of the type onair.text.line.
    Recorder::Result push_line(std::string_view line, const Arrival& arrival, Wait wait = {});

    /// What a subject may ask for. Each acts on all that was pushed before, is committed when it returns and holds for
    /// what is pushed and sent from then on (withdraw and erase: opted out until a grant). The subject's ids are as the
    /// application knows them. A subject without any id throws Error(settings).
    ActReport withdraw(const Subject& subject, bool anonymise = false);
    ActReport erase(const Subject& subject);
    ActReport grant(const Subject& subject);
    ActReport forget(const Subject& subject);
    std::string export_subject(const Subject& subject); ///< JSON array of all that is stored of it

    /// The first-party id of a visitor that the application knows by `key`: 16 hexadecimal digits, the same for
    /// `visitor_max_age`. Empty for one who opted out. The application asks only with consent.
    std::string visitor_id(std::string_view key);

    /// Delivered events of these days (YYYY-MM-DD) beside what the destinations' reports count. Asks them on the
    /// caller's thread. Throws Error.
    std::vector<Comparison> compare(const std::string& from, const std::string& to);

    int64_t replay(const Replay& replay);            ///< settled deliveries are queued again; how many
    int64_t replay_refused(std::string_view reason); ///< refused events are pushed again; how many

    /// Takes another policy for all that is pushed and sent from now on. Throws, and changes nothing, when it is wrong.
    void reload(PolicySource source);
    void reload(); ///< the same source, the file read anew
    std::shared_ptr<const Policy> policy() const;

    /// Until all that was pushed is committed and sent, at most `timeout_us`. True when nothing is left.
    bool flush(int64_t timeout_us);
    /// Until all that was pushed is committed.
    Recorder::Result commit(Wait wait = {});
    /// Until all that is queued is sent, at most drain_timeout without progress. True when nothing is left.
    bool drain(Wait wait = {});
    void wake(); ///< those who wait look at their interrupts
    /// Commits what was pushed, lets a request under way end (at most drain_timeout, unless drain() waited already) and
    /// leaves the rest queued. Nothing is taken afterwards.
    void close();

    Books books() const;
    std::vector<DestinationStatus> destinations() const; ///< none in a dry run

  private:
    void open_key();
    ActReport act(Act act, const Subject& subject, bool anonymise);
    Recorder::Result submit(Record record, Wait wait);
    Record previewed(Record record) const;
    void note_refusal(Reason reason);

    Config config_;
    std::shared_ptr<const Pseudonymiser> key_;
    std::shared_ptr<OptOut> opt_out_;
    mutable std::mutex policy_lock_;
    std::shared_ptr<const Policy> policy_; ///< under policy_lock_
    std::unique_ptr<Intake> intake_;
    InFlight pushes_;
    std::unique_ptr<Store> store_;
    std::unique_ptr<Destinations> destinations_; ///< null: nothing is sent
    std::mutex said_lock_;
    std::set<Reason> said_;
    std::atomic<bool> drained_{false};
    std::unique_ptr<Recorder> recorder_;
};

} // namespace onair::track

// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/events/intake.hpp"
#include "engine/store/books.hpp"
#include "engine/store/recorder.hpp"
#include "engine/store/store.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>

namespace onair::track {

/// The whole engine: validate -> consent -> store -> send.
class Tracker {
  public:
    struct Config {
        std::string location;   ///< database
        std::string source;     ///< URI for events that do not name theirs
        std::string matomo_url; ///< empty: nothing is sent
        unsigned site = 0;
        std::string token_file;
        int64_t drain_timeout_us = 5'000'000;
        std::function<void(const Error&)> warn; ///< any thread; once a kind
        std::function<void(const Error&)> fail; ///< any thread; the database cannot be used any more
    };

    /// Opens everything. Throws Error for what the operator has to correct.
    explicit Tracker(Config config);
    ~Tracker();

    /// Any thread. `wait`: for room, when the disk does not keep up.
    Recorder::Result push(std::string_view text, const Arrival& arrival, bool wait = true);
    Recorder::Result push_refused(Reason reason, std::string_view detail, const Arrival& arrival);

    /// Until all that was pushed is committed.
    Recorder::Result commit();
    /// Until all that is queued is sent, at most drain_timeout without progress. True when nothing is left.
    bool drain();
    /// While set, push() and drain() do not wait.
    void interrupt(bool on);
    /// Commits what was pushed, lets a request under way end (at most drain_timeout, unless drain() waited already) and
    /// leaves the rest queued. Nothing is taken afterwards.
    void close();

    Books books() const;

  private:
    struct Delivery;
    void open_delivery();
    void note_refusal(Reason reason);

    Config config_;
    Intake intake_;
    std::unique_ptr<Store> store_;
    std::unique_ptr<Delivery> delivery_; ///< null: no destination
    std::mutex said_lock_;
    std::set<Reason> said_;
    std::atomic<bool> drained_{false};
    std::unique_ptr<Recorder> recorder_;
};

} // namespace onair::track

// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/shared_tracker.hpp"

#include "engine/messages.hpp"

#include <algorithm>
#include <filesystem>
#include <mutex>
#include <optional>
#include <set>
#include <system_error>
#include <utility>
#include <vector>

namespace onair::track {

/// What the users of one file share.
struct TrackerUse::Slot {
    std::mutex lock; ///< of opening and closing: taken for as long as that takes
    Terms terms;
    std::shared_ptr<Tracker> tracker;

    std::mutex listeners_lock; ///< never held while a listener is called
    std::map<uint64_t, Listener> listeners;
    uint64_t next = 1;
    std::optional<Error> failure;

    uint64_t add(Listener listener) {
        const std::lock_guard guard(listeners_lock);
        listeners.emplace(next, std::move(listener));
        return next++;
    }
    void remove(uint64_t number) {
        const std::lock_guard guard(listeners_lock);
        listeners.erase(number);
        if (listeners.empty()) failure.reset();
    }
    std::vector<Listener> all() {
        const std::lock_guard guard(listeners_lock);
        std::vector<Listener> out;
        for (const auto& [number, listener] : listeners)
            out.push_back(listener);
        return out;
    }

    void warn(const Error& e) {
        const auto told = all();
        if (!told.empty() && told.front().warn) told.front().warn(e);
    }
    void fail(const Error& e) {
        {
            const std::lock_guard guard(listeners_lock);
            failure = e;
        }
        std::set<const void*> scopes;
        for (const Listener& listener : all())
            if (listener.fail && (!listener.scope || scopes.insert(listener.scope).second)) listener.fail(e);
    }
    void preview(std::string_view destination, std::string_view request) {
        const auto told = all();
        if (!told.empty() && told.front().preview) told.front().preview(destination, request);
    }
    /// Whatever only the user that is there longest is told.
    template <class Told, class What>
    void tell(Told Listener::*how, const What& what) {
        const auto told = all();
        if (!told.empty() && told.front().*how) (told.front().*how)(what);
    }
    std::optional<Error> failed() {
        const std::lock_guard guard(listeners_lock);
        return failure;
    }
};

/// The slot of a file, whatever path leads to it. Those that nobody uses any more are forgotten.
std::shared_ptr<TrackerUse::Slot> TrackerUse::slot_of(const std::string& location) {
    static std::mutex lock;
    static std::map<std::string, std::weak_ptr<Slot>> slots;
    std::error_code ignored;
    const auto path = std::filesystem::weakly_canonical(location, ignored);
    const std::lock_guard guard(lock);
    std::erase_if(slots, [](const auto& entry) { return entry.second.expired(); });
    auto& known = slots[path.empty() ? location : path.string()];
    auto slot = known.lock();
    if (!slot) known = slot = std::make_shared<Slot>();
    return slot;
}

TrackerUse::TrackerUse(Tracker::Config config, Terms terms, Listener listener) : slot_(slot_of(config.location)) {
    const std::lock_guard guard(slot_->lock);
    number_ = slot_->add(std::move(listener)); // first: opening may have something to say
    try {
        if (slot_->tracker) {
            const auto [mine, theirs] =
                std::mismatch(terms.begin(), terms.end(), slot_->terms.begin(), slot_->terms.end());
            if (mine != terms.end() || theirs != slot_->terms.end())
                throw error(Msg::settings_differ,
                            {config.location, mine == terms.end()            ? theirs->first
                                              : theirs == slot_->terms.end() ? mine->first
                                                                             : std::min(mine->first, theirs->first)});
            if (const auto failure = slot_->failed()) throw *failure;
        } else {
            open(std::move(config));
            slot_->terms = std::move(terms);
        }
        tracker_ = slot_->tracker;
    } catch (...) {
        slot_->remove(number_);
        throw;
    }
}

void TrackerUse::open(Tracker::Config config) {
    const std::weak_ptr<Slot> weak = slot_; // the tracker is the slot's
    config.warn = [weak](const Error& e) {
        if (const auto slot = weak.lock()) slot->warn(e);
    };
    config.fail = [weak](const Error& e) {
        if (const auto slot = weak.lock()) slot->fail(e);
    };
    config.preview = [weak](std::string_view destination, std::string_view request) {
        if (const auto slot = weak.lock()) slot->preview(destination, request);
    };
    config.state = [weak](const DestinationStatus& status) {
        if (const auto slot = weak.lock()) slot->tell(&Listener::state, status);
    };
    config.dead = [weak](const DeadLetter& letter) {
        if (const auto slot = weak.lock()) slot->tell(&Listener::dead, letter);
    };
    slot_->tracker = std::make_shared<Tracker>(std::move(config));
}

TrackerUse::~TrackerUse() {
    const std::lock_guard guard(slot_->lock);
    tracker_->commit();
    // The listener goes last: what closing has to say is said.
    const bool last = slot_->all().size() == 1;
    if (last) {
        tracker_->close();
        slot_->tracker.reset();
    }
    slot_->remove(number_);
}

void TrackerUse::reload(const PolicySource& source, Terms terms) {
    const std::lock_guard guard(slot_->lock);
    tracker_->reload(source);
    slot_->terms = std::move(terms);
}

} // namespace onair::track

// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/privacy/policy.hpp"
#include "engine/tracker.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace onair::track {

/// Settings on which all users of a database agree: name -> value as text.
using Terms = std::map<std::string, std::string>;

/// One user's use of the tracker of a database. Users of one process that name the same file (by whatever path) have
/// one Tracker: one queue to the disk, one sender, one set of books. Another process cannot open the file meanwhile.
class TrackerUse {
  public:
    /// Whom to tell. Called on any thread, also a little after the use has ended.
    struct Listener {
        /// Users with the same scope hear of a failure through one of them (elements of one pipeline).
        const void* scope = nullptr;
        std::function<void(const Error&)> warn; ///< only the user that is there longest is told
        std::function<void(const Error&)> fail;
        std::function<void(std::string_view destination, std::string_view request)> preview; ///< as warn
        std::function<void(const DestinationStatus&)> state;                                 ///< as warn
        std::function<void(const DeadLetter&)> dead;                                         ///< as warn
    };

    /// Opens the database, or joins those that have it open. Throws Error when that fails, or when they have it open
    /// on other terms (Msg::settings_differ).
    TrackerUse(Tracker::Config config, Terms terms, Listener listener);
    /// What was pushed is committed; the last one closes the tracker.
    ~TrackerUse();
    TrackerUse(const TrackerUse&) = delete;
    TrackerUse& operator=(const TrackerUse&) = delete;

    const std::shared_ptr<Tracker>& tracker() const noexcept { return tracker_; }
    /// For all users. Throws, and changes nothing, when the policy is wrong.
    void reload(const PolicySource& source, Terms terms);

  private:
    struct Slot;
    static std::shared_ptr<Slot> slot_of(const std::string& location);
    void open(Tracker::Config config);

    std::shared_ptr<Slot> slot_;
    uint64_t number_ = 0;
    std::shared_ptr<Tracker> tracker_;
};

} // namespace onair::track

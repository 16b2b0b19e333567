// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/delivery/ambiguous.hpp"
#include "engine/delivery/courier.hpp"
#include "engine/delivery/dispatcher.hpp"
#include "engine/delivery/http_transport.hpp"
#include "engine/delivery/outbox.hpp"
#include "engine/delivery/senders/matomo.hpp"
#include "engine/delivery/senders/matomo_reports.hpp"
#include "engine/delivery/status.hpp"
#include "engine/privacy/opt_out.hpp"
#include "engine/privacy/policy.hpp"
#include "engine/store/store.hpp"
#include "engine/wait.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace onair::track {

/// Where a destination is and how it is sent to.
struct DestinationSetup {
    std::string name;
    MatomoUrl url;
    unsigned site = 0;
    std::string token_file, token_variable, ca_file;
    Pace::Limits pace;
    AmbiguousPolicy ambiguous = AmbiguousPolicy::retry;
};

/// Events of a period in the store (delivered ones) and in the destination's reports.
struct Comparison {
    std::string destination;
    KindCounts ours, theirs;
};

/// What the properties say: the destination "matomo", and what holds for those that do not say otherwise.
struct DeliverySettings {
    std::string matomo_url; ///< empty: only the policy file names destinations
    unsigned site = 0;
    std::string token_file;
    std::string ca_file; ///< authorities (PEM) that are trusted for matomo_url; empty: the system's
    unsigned connections = 4;
    unsigned batch_size = 200;
    AmbiguousPolicy ambiguous = AmbiguousPolicy::retry;
    Timing timing;
};

/// The destinations of the settings and of the policy's section `destinations`. Throws Error(settings) for what the
/// operator has to correct, a missing token included.
std::vector<DestinationSetup> destinations_of(const DeliverySettings& settings, const Policy& policy);

/// All destinations of a tracker.
class Destinations {
  public:
    /// Whom to tell; on any thread.
    struct Hooks {
        std::function<void(const Error&)> warn, fail;
        std::function<void(const DestinationStatus&)> state;
        std::function<void(const DeadLetter&)> dead;
    };

    Destinations(std::vector<DestinationSetup> setups, const Timing& timing, const Outbox::PolicyFn& policy,
                 const std::shared_ptr<const OptOut>& opt_out);
    ~Destinations();

    void start(Store& store, const Hooks& hooks); ///< begins to send; without it this is a dry run
    bool started() const noexcept { return courier_ != nullptr; }

    // As Courier has them; nothing to do before start().
    void wake();
    void try_now();
    bool drain(int64_t patience_us, Wait wait = {});
    void wake_waiting();
    void stop(int64_t grace_us);

    /// Throws Error(settings) when they cannot go on with this policy.
    void accept(const Policy& policy) const;

    std::vector<DestinationStatus> status() const;
    /// Asks each destination on the caller's thread; the days are YYYY-MM-DD. Throws Error.
    std::vector<Comparison> compare(Store& store, const std::string& from, const std::string& to) const;
    /// What would be sent of an event.
    void preview(const Event& event, const std::function<void(std::string_view name, std::string_view request)>& show);

  private:
    struct One;
    std::mt19937_64 engine_{std::random_device{}()};
    std::uniform_real_distribution<double> jitter_{0.0, 1.0};
    SystemClock clock_;
    Timing timing_;
    HttpTransport transport_;
    std::vector<std::unique_ptr<One>> all_;
    std::unique_ptr<Courier> courier_;
};

} // namespace onair::track

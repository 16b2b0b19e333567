// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/privacy/opt_out.hpp"
#include "engine/privacy/policy.hpp"
#include "engine/store/store.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace onair::track {

/// A copy of an event with nothing in it but what its destination may have.
struct Outgoing {
    std::string id;
    int64_t time_us = 0;
    std::string body; ///< JSON; `visitor` and `campaign` of the store are fields of it, where the list allows them
};

/// What comes of a stored event on its way out: it goes, or it is settled as `state` with `reason`.
struct Cleared {
    Outgoing event;
    Delivery state = Delivery::queued; ///< queued: it goes
    std::string reason;

    static Cleared settled(Delivery state, std::string reason) {
        Cleared out;
        out.state = state;
        out.reason = std::move(reason);
        return out;
    }
};

/// The way of an event behind the store, to one destination: gate 2 of consent, then the allow-list. One thread.
class Outbox {
  public:
    using PolicyFn = std::function<std::shared_ptr<const Policy>()>;
    Outbox(std::string destination, PolicyFn policy, std::shared_ptr<const OptOut> opt_out)
        : destination_(std::move(destination)), policy_(std::move(policy)), opt_out_(std::move(opt_out)) {}
    /// With the default policy and nobody opted out.
    explicit Outbox(std::string destination);

    Cleared clear(const Queued& event) const;

    /// Changes whenever what clear() said may not hold any more: what was cleared before has to be cleared again.
    uint64_t version() const;

  private:
    std::string destination_;
    PolicyFn policy_;
    std::shared_ptr<const OptOut> opt_out_;
};

} // namespace onair::track

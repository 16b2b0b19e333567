// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/events/event.hpp"
#include "engine/events/uuid.hpp"
#include "engine/privacy/opt_out.hpp"
#include "engine/privacy/policy.hpp"
#include "engine/privacy/pseudonym.hpp"

#include <memory>
#include <mutex>
#include <string>
#include <string_view>

namespace onair::track {

/// The way of an event before it is stored: validate, consent, minimise, enrich, rules. No I/O, no waiting. Any thread
/// may call.
class Intake {
  public:
    /// `source`: the URI given to events that do not name theirs. `key`: of pseudonyms.
    Intake(std::string source, std::shared_ptr<const Policy> policy, std::shared_ptr<const Pseudonymiser> key,
           std::shared_ptr<const OptOut> opt_out);
    /// With the default policy and a passing key.
    explicit Intake(std::string source);

    Record take(std::string_view text, const Arrival& arrival);

    void set_policy(std::shared_ptr<const Policy> policy); ///< for events from now on

  private:
    struct Current { ///< a policy and what its limits remember
        explicit Current(std::shared_ptr<const Policy> p) : policy(std::move(p)), judge(policy->rules) {}
        std::shared_ptr<const Policy> policy;
        RuleJudge judge;
    };
    std::shared_ptr<Current> current() const;

    UuidMaker ids_;
    std::string source_;
    std::shared_ptr<const Pseudonymiser> key_;
    std::unique_ptr<Pseudonymiser> passing_key_ = Pseudonymiser::passing();
    std::shared_ptr<const OptOut> opt_out_;
    mutable std::mutex lock_;
    std::shared_ptr<Current> current_; ///< under lock_
};

} // namespace onair::track

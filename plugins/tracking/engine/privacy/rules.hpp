// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/events/event.hpp"
#include "engine/events/json.hpp"
#include "engine/privacy/limiter.hpp"
#include "engine/privacy/pattern.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace onair::track {

/// A field that is set to a value.
struct Assignment {
    std::string path;
    std::string json; ///< the value as JSON text
};
/// Sets them; objects on the way are made. What stands in the way and is no object stays, and so do existing fields
/// unless `replace`.
void assign(json::Document& event, const std::vector<Assignment>& fields, bool replace);

/// One condition on one field. Several kinds in one condition: all of them hold.
struct Condition {
    std::string path;
    std::optional<bool> exists;
    std::vector<std::string> any_of; ///< texts (numbers and booleans as JSON has them); "a.*" is a beginning
    std::optional<double> min, max;
    std::shared_ptr<const Pattern> regex;

    bool holds(const json::Value& event) const;
};

/// What happens to an event that fulfils all conditions.
struct Rule {
    enum class Action { go_on, keep, drop };
    std::string name;
    std::vector<Condition> match;
    Action action = Action::go_on;
    std::optional<double> sample; ///< share that is kept, 0 to 1
    std::string sample_key;       ///< path of the field that is sampled by; empty: the event's id
    std::optional<RateLimit> rate;
    std::optional<Debounce> debounce;
    std::string limit_key; ///< path; empty: one for the whole rule
    std::vector<Assignment> set;
    std::shared_ptr<const std::vector<std::string>> routes; ///< null: not decided here
};

/// Rules in order. The first `keep` or `drop` whose conditions hold ends it; a rule that samples or limits drops what
/// is too much.
struct RuleSet {
    std::vector<Rule> rules;
    bool keep_by_default = true;
};

/// What the rules come to for one event.
struct Ruling {
    bool keep = true;
    std::string reason; ///< name of the rule that dropped it
    std::shared_ptr<const std::vector<std::string>> routes;
};

/// Judges events by a set; holds what limits have to remember. One for each policy. Any thread may call.
class RuleJudge {
  public:
    explicit RuleJudge(const RuleSet& rules);
    /// May change `event` (`set`). `id`: of the event, for sampling.
    Ruling judge(json::Document& event, std::string_view id, int64_t now_us);

  private:
    const RuleSet& rules_;
    std::vector<std::unique_ptr<Limiter>> limiters_;
};

} // namespace onair::track

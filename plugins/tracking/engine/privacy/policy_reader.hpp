// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/events/json.hpp"

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// Reading of a settings file in JSON whose errors say where.
namespace onair::track {

/// A place in a policy file that cannot be used.
struct PolicyProblem {
    std::string path; ///< "rules[2].sample", or line and column
    std::string what;
};

/// A value and its path.
class PolicyNode {
  public:
    PolicyNode(const json::Value& value, std::string path) : value_(&value), path_(std::move(path)) {}

    using Use = std::function<void(const PolicyNode&)>;
    struct Key {
        std::string_view name;
        Use use;
    };
    /// Of an object: calls the use of each key that is there; another key, or one twice, is a problem.
    void keys(std::initializer_list<Key> table) const;
    void each_member(const std::function<void(std::string_view name, const PolicyNode&)>& use) const;
    void each_element(const Use& use) const;

    bool boolean() const;
    double number(double low, double high) const;
    int64_t integer(int64_t low, int64_t high) const;
    std::string text() const;               ///< not blank
    std::vector<std::string> texts() const; ///< one, or an array of them
    template <class T>
    T word(std::optional<T> (*of)(std::string_view), const char* words) const {
        const auto value = of(text());
        if (!value) wrong(std::string("is not one of ") + words);
        return *value;
    }

    const json::Value& value() const { return *value_; }
    [[noreturn]] void wrong(std::string what) const { throw PolicyProblem{path_, std::move(what)}; }

  private:
    PolicyNode member(std::string_view name, const json::Value& value) const;
    const json::Value* value_;
    std::string path_;
};

} // namespace onair::track

// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/delivery/sender.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <utility>
#include <vector>

namespace onair::track {

/// Finds out which of n events a destination has, by questions about groups of them. An event that is not seen in an
/// answer may be there all the same (Matomo shows the first 500 actions of a visit): such groups are asked about in
/// halves; of a single event every answer but "absent" means that it is there. What is absent is asked for a second
/// time, a while later: a server that was slow to store may still be at it.
class ReadBack {
  public:
    explicit ReadBack(size_t n) : state_(n, Is::unseen) { begin(); }

    /// Indices of the events to ask for next; empty: the pass is over.
    std::vector<size_t> group() const { return groups_.empty() ? std::vector<size_t>{} : groups_.front(); }

    void answered(const Found& found) {
        attempts = 0;
        const std::vector<size_t> group = std::move(groups_.front());
        groups_.pop_front();
        std::vector<size_t> rest;
        for (size_t i = 0; i < group.size(); ++i) {
            Is is = found.each.at(i);
            if (is == Is::unseen && group.size() == 1) is = Is::present;
            state_[group[i]] = is;
            if (is == Is::unseen) rest.push_back(group[i]);
        }
        if (rest.empty()) return;
        const auto middle = rest.begin() + static_cast<std::ptrdiff_t>((rest.size() + 1) / 2);
        groups_.emplace_back(rest.begin(), middle);
        if (middle != rest.end()) groups_.emplace_back(middle, rest.end());
    }

    /// The question got no usable answer: it may have been too much for the server.
    void failed() {
        if (attempts++ == 0 || groups_.front().size() == 1) return;
        const std::vector<size_t> group = std::move(groups_.front());
        const auto middle = group.begin() + static_cast<std::ptrdiff_t>(group.size() / 2);
        groups_.front().assign(middle, group.end());
        groups_.emplace_front(group.begin(), middle);
    }

    bool pass_over() const { return groups_.empty(); }
    bool finished() const { return pass_over() && (second_ || !any_absent()); }
    void second_pass() {
        second_ = true;
        begin();
    }
    bool is_present(size_t i) const { return state_[i] == Is::present; }

    int attempts = 0; ///< questions in a row without a usable answer

  private:
    using Is = Found::Is;

    bool any_absent() const { return std::find(state_.begin(), state_.end(), Is::absent) != state_.end(); }
    void begin() {
        std::vector<size_t> all;
        for (size_t i = 0; i < state_.size(); ++i)
            if (state_[i] != Is::present) all.push_back(i);
        if (!all.empty()) groups_.push_back(std::move(all));
    }

    std::vector<Is> state_;
    std::deque<std::vector<size_t>> groups_;
    bool second_ = false;
};

} // namespace onair::track

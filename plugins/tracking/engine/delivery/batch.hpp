// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/delivery/lanes.hpp"
#include "engine/delivery/read_back.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace onair::track {

/// Part of a batch that is one request. `level`: how often it was halved to find a poison event.
struct Span {
    size_t begin = 0, end = 0;
    int level = 0;
    size_t size() const { return end - begin; }
};

/// Events that were taken from their lanes together and go in one request, or, when that is refused, in parts of it,
/// one at a time. The lanes are held until all of it is settled or back in the queue.
struct Batch {
    /// In requests of at most `events`, as large as each other.
    Batch(std::vector<Item> all, size_t events) : items(std::move(all)) {
        const size_t requests = (items.size() + events - 1) / events;
        for (size_t i = 0; i < requests; ++i)
            spans.push_back({i * items.size() / requests, (i + 1) * items.size() / requests});
    }

    std::vector<Item> items;
    std::deque<Span> spans; ///< still to be sent
    std::optional<Span> under_way;
    int64_t started = 0;    ///< the request under way, monotonic
    int64_t not_before = 0; ///< monotonic
    bool in_flight = false;
    bool stale = false; ///< what was cleared may not hold any more: nothing further of it is sent

    /// Poison: one event makes the server fail on the whole request and is not named. So does a server that is ill. An
    /// event is to blame when it failed alone, then another of the batch went through, then it failed alone again.
    enum class Isolation {
        none,
        search, ///< halves, until those that fail are alone: the suspects
        probe,  ///< it is alone: the server itself is asked whether it is well
    };
    Isolation isolation = Isolation::none;
    bool failed_once = false;      ///< the request was tried again already
    bool isolated_some = false;    ///< part of it went through
    int outages = 0;               ///< isolations of its events before, in which nothing came out
    std::vector<size_t> suspects;  ///< nothing went through since they failed
    std::vector<size_t> on_trial;  ///< something did
    std::vector<size_t> witnesses; ///< put aside: sent last, when something must go through

    bool isolating() const { return isolation != Isolation::none; }
    bool is_on_trial(size_t i) const { return std::find(on_trial.begin(), on_trial.end(), i) != on_trial.end(); }
    /// The server is well at this moment: the suspects once more, at once.
    void went_through() {
        isolated_some = true;
        for (const size_t i : suspects)
            spans.push_front({i, i + 1});
        on_trial.insert(on_trial.end(), suspects.begin(), suspects.end());
        suspects.clear();
    }

    std::unique_ptr<ReadBack> read_back; ///< before anything is sent

    void halve(const Span& span, int level, bool front) {
        const size_t middle = span.begin + span.size() / 2;
        const Span low{span.begin, middle, level}, high{middle, span.end, level};
        if (front) {
            spans.push_front(high);
            spans.push_front(low);
        } else {
            spans.push_back(low);
            spans.push_back(high);
        }
    }
    void end_isolation() {
        spans.clear();
        suspects.clear();
        on_trial.clear();
        witnesses.clear();
        isolation = Isolation::none;
    }
    std::vector<int64_t> seqs(const Span& span) const {
        std::vector<int64_t> out;
        for (size_t i = span.begin; i < span.end; ++i)
            out.push_back(items[i].seq);
        return out;
    }
};

} // namespace onair::track

// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
// Settling, and what is told of it.
#include "engine/delivery/dispatcher.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

namespace onair::track {

std::string_view to_text(Circuit state) {
    constexpr std::pair<Circuit, std::string_view> names[] = {
        {Circuit::closed, "closed"},
        {Circuit::open, "open"},
        {Circuit::half_open, "half-open"},
        {Circuit::paused, "paused"},
    };
    for (const auto& [value, name] : names)
        if (value == state) return name;
    return "closed";
}

void Dispatcher::finish(std::vector<Settlement>& to, int64_t seq, const std::string& id, Delivery state,
                        std::string reason) {
    if (state == Delivery::dead) dead_.push_back({config_.name, id, reason, seq, 0});
    to.push_back({seq, state, std::move(reason)});
}

void Dispatcher::settle(const std::vector<Settlement>& settlements) {
    store_.settle(destination_, settlements);
    settled_ += static_cast<int64_t>(settlements.size());
    for (const Settlement& settled : settlements) {
        known_.erase(settled.seq);
        failed_.erase(settled.seq);
    }
    tell_dead();
}

void Dispatcher::requeue(Batch& batch, const Span& span, bool ambiguous) {
    store_.requeue(destination_, batch.seqs(span), ambiguous);
    for (size_t i = span.begin; ambiguous && i < span.end; ++i) {
        batch.items[i].ambiguous = true;
        batch.items[i].unsure = config_.ambiguous == AmbiguousPolicy::verify;
    }
}

/// Once it is committed. The first of all is a warning too; want of consent is no trouble and is not told.
void Dispatcher::tell_dead() {
    const auto letters = std::exchange(dead_, {});
    if (letters.empty()) return;
    say(Msg::dead_letter, {letters.front().reason});
    if (!config_.dead) return;
    for (DeadLetter letter : letters) {
        const int64_t second = clock_.monotonic_us() / 1'000'000;
        if (second != std::exchange(dead_second_, second)) dead_told_ = 0;
        if (++dead_told_ > dead_letters) {
            ++dead_suppressed_;
            continue;
        }
        letter.suppressed = std::exchange(dead_suppressed_, 0);
        config_.dead(letter);
    }
}

void Dispatcher::say(Msg msg, const std::vector<std::string>& args, const std::string& detail) {
    const std::string host = sender_.host();
    const std::string a = args.size() > 0 ? args[0] : "", b = args.size() > 1 ? args[1] : "";
    const Error told = error(msg, {host, a, b}, detail);
    {
        const std::lock_guard guard(status_lock_);
        status_.last_error = told.what();
    }
    const auto kind = static_cast<size_t>(msg);
    if (said_[kind]) return;
    said_.set(kind);
    if (config_.warn) config_.warn(told);
}

DestinationStatus Dispatcher::status() const {
    const std::lock_guard guard(status_lock_);
    return status_;
}

/// The figures of now; another state of the circuit is told.
void Dispatcher::publish() {
    DestinationStatus told;
    {
        const std::lock_guard guard(status_lock_);
        status_.in_flight = in_flight_;
        status_.connections = breaker_.state() == Circuit::closed ? pace_.connections() : 1;
        status_.batch_size = pace_.events();
        if (status_.state == breaker_.state()) return;
        status_.state = breaker_.state();
        status_.since_us = clock_.utc_us();
        status_.reason = status_.state == Circuit::closed ? std::string() : status_.last_error;
        told = status_;
    }
    if (!config_.state) return;
    for (const DestinationBooks& books : store_.books().destinations)
        if (books.name == config_.name) told.queued = books.queued;
    config_.state(told);
}

} // namespace onair::track

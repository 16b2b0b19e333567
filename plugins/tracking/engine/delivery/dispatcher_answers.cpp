// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
// What an answer does to the events of its request.
#include "engine/delivery/dispatcher.hpp"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <utility>

namespace onair::track {

namespace {

bool is_repeated(const Item& item) { return item.unique && item.ambiguous; }

} // namespace

void Dispatcher::answered(uint64_t id, const Answer& answer) {
    Batch& batch = batches_.at(id);
    --in_flight_;
    batch.in_flight = false;
    if (batch.read_back) {
        told(id, batch, answer);
    } else {
        const Span span = *std::exchange(batch.under_way, std::nullopt);
        apply(batch, span, judged(batch, span, answer));
        close(id);
    }
    plan(clock_.monotonic_us());
    publish();
}

/// What the kind of destination says, seen with the answers before.
Verdict Dispatcher::judged(const Batch& batch, const Span& span, const Answer& answer) {
    const auto from = batch.items.begin() + static_cast<std::ptrdiff_t>(span.begin);
    const bool repeated = std::all_of(from, from + static_cast<std::ptrdiff_t>(span.size()), is_repeated);
    const bool proven = repeated || (shown_.proven && invalid_in_a_row_ < misconfigured_after);
    Verdict verdict = sender_.judge(answer, span.size(), {.proven = proven, .spoken = shown_.spoken});
    {
        const std::lock_guard guard(status_lock_);
        ++status_.requests;
        if (verdict.action != Action::delivered && verdict.action != Action::unconfirmed) ++status_.failures;
    }
    if (verdict.pause_after == 0)
        nothing_in_a_row_ = 0;
    else if (++nothing_in_a_row_ >= verdict.pause_after)
        verdict.action = Action::pause;
    if (verdict.say) say(*verdict.say, verdict.args, verdict.detail);
    return verdict;
}

void Dispatcher::apply(Batch& batch, const Span& span, const Verdict& verdict) {
    if (batch.isolation == Batch::Isolation::probe) return probed(batch, verdict);
    if (verdict.overload) pace_.overloaded(batch.started, clock_.monotonic_us());
    switch (verdict.action) {
    case Action::delivered:
        return delivered(batch, span, verdict, Delivery::delivered);
    case Action::unconfirmed:
        return delivered(batch, span, verdict, Delivery::unconfirmed);
    case Action::unattributed:
        return unattributed(batch, span, verdict);
    case Action::retry:
    case Action::pause:
        return again(batch, span, verdict);
    case Action::isolate:
        return isolate(batch, span, verdict);
    case Action::split:
        return split(batch, span);
    }
}

/// After an answer: the batch goes when nothing of it is left, or when what is left has to be cleared again.
void Dispatcher::close(uint64_t id) {
    Batch& batch = batches_.at(id);
    if (batch.spans.empty() && batch.isolating()) go_on(batch);
    if (batch.spans.empty() || batch.stale) dissolve(id);
}

void Dispatcher::delivered(Batch& batch, const Span& span, const Verdict& verdict, Delivery state) {
    std::vector<Settlement> done;
    for (size_t i = 0; i < span.size(); ++i) {
        const Item& item = batch.items[span.begin + i];
        // What may have been there and is refused as a second one is there.
        const bool dead =
            !is_repeated(item) && std::find(verdict.dead.begin(), verdict.dead.end(), i) != verdict.dead.end();
        finish(done, item.seq, item.id, dead ? Delivery::dead : state, dead ? verdict.reason : std::string());
    }
    settle(done);
    const bool none_valid = !verdict.dead.empty() && verdict.dead.size() == span.size();
    invalid_in_a_row_ = none_valid ? invalid_in_a_row_ + 1 : 0;
    well(batch, span.size());
}

/// The destination works.
void Dispatcher::well(Batch& batch, size_t events) {
    breaker_.succeeded(batch.started);
    pace_.succeeded(events, batch.started, clock_.monotonic_us());
    shown_ = {.proven = true, .spoken = true};
    if (!batch.isolating()) batch.failed_once = false;
    batch.went_through();
}

/// Fewer at a time, so that the next one that is invalid costs fewer others.
void Dispatcher::unattributed(Batch& batch, const Span& span, const Verdict& verdict) {
    std::vector<Settlement> done;
    for (size_t i = span.begin; i < span.end; ++i)
        finish(done, batch.items[i].seq, batch.items[i].id, Delivery::dead, verdict.reason);
    settle(done);
    invalid_in_a_row_ = 0;
    well(batch, 0);
    if (span.size() > Pace::least_slow) pace_.too_large(span.size(), config_.pace.bytes);
}

/// The rest of the batch goes back as well and comes with the next pass; but what a search for poison has found so far
/// is kept.
void Dispatcher::again(Batch& batch, const Span& span, const Verdict& verdict) {
    const int64_t wait = static_cast<int64_t>(verdict.retry_after_s) * 1'000'000;
    const int64_t now = clock_.monotonic_us();
    alone_ = {}; // the server is ill
    verdict.action == Action::pause ? breaker_.misconfigured(now, wait) : breaker_.failed(batch.started, now, wait);
    requeue(batch, span, verdict.maybe_stored);
    const bool drop = verdict.maybe_stored && config_.ambiguous == AmbiguousPolicy::drop;
    if (drop) {
        std::vector<Settlement> done;
        for (size_t i = span.begin; i < span.end; ++i)
            finish(done, batch.items[i].seq, batch.items[i].id, Delivery::unconfirmed, "ambiguous");
        settle(done);
    }
    const bool verify = verdict.maybe_stored && config_.ambiguous == AmbiguousPolicy::verify;
    if (!batch.isolating() || verdict.action == Action::pause || verify) return batch.end_isolation();
    if (!drop) batch.spans.push_front(span);
    batch.not_before = breaker_.not_before();
}

void Dispatcher::split(Batch& batch, const Span& span) {
    if (span.size() == 1) {
        std::vector<Settlement> dead;
        finish(dead, batch.items[span.begin].seq, batch.items[span.begin].id, Delivery::dead, "too-large");
        return settle(dead);
    }
    requeue(batch, span, false);
    size_t bytes = 0;
    for (size_t i = span.begin; i < span.end; ++i)
        bytes += batch.items[i].request.size();
    pace_.too_large(span.size(), bytes);
    batch.halve(span, span.level, true);
}

} // namespace onair::track

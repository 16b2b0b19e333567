// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
// What an answer does to the events of its request.
#include "engine/delivery/dispatcher.hpp"

#include <algorithm>
#include <utility>

namespace onair::track {

void Dispatcher::answered(uint64_t id, const Answer& answer) {
    Batch& batch = batches_.at(id);
    --in_flight_;
    batch.in_flight = false;
    if (batch.read_back) {
        told(id, batch, answer);
    } else {
        const Span span = *std::exchange(batch.under_way, std::nullopt);
        apply(batch, span, judged(answer, span.size()));
        close(id);
    }
    plan(clock_.monotonic_us());
    publish();
}

/// What the kind of destination says, seen with the answers before.
Verdict Dispatcher::judged(const Answer& answer, size_t sent) {
    Verdict verdict = sender_.judge(answer, sent, proven_ && invalid_in_a_row_ < misconfigured_after);
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
    if (batch.spans.empty() && batch.isolating) end_isolation(batch);
    if (batch.spans.empty() || batch.stale) dissolve(id);
}

void Dispatcher::delivered(Batch& batch, const Span& span, const Verdict& verdict, Delivery state) {
    std::vector<Settlement> done;
    for (size_t i = 0; i < span.size(); ++i) {
        const Item& item = batch.items[span.begin + i];
        const bool dead = std::find(verdict.dead.begin(), verdict.dead.end(), i) != verdict.dead.end();
        finish(done, item.seq, item.id, dead ? Delivery::dead : state, dead ? verdict.reason : std::string());
    }
    settle(done);
    invalid_in_a_row_ = verdict.dead.size() == span.size() ? invalid_in_a_row_ + 1 : 0;
    well(batch, span.size());
}

/// The destination works.
void Dispatcher::well(Batch& batch, size_t events) {
    breaker_.succeeded(batch.started);
    pace_.succeeded(events, batch.started, clock_.monotonic_us());
    proven_ = true;
    batch.isolated_some = true;
    if (!batch.isolating) batch.failed_once = false;
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

/// The rest of the batch goes back as well: it comes with the next pass.
void Dispatcher::again(Batch& batch, const Span& span, const Verdict& verdict) {
    requeue(batch, span, verdict.maybe_stored);
    if (verdict.maybe_stored && config_.ambiguous == AmbiguousPolicy::drop) {
        std::vector<Settlement> done;
        for (size_t i = span.begin; i < span.end; ++i)
            finish(done, batch.items[i].seq, batch.items[i].id, Delivery::unconfirmed, "ambiguous");
        settle(done);
    }
    batch.spans.clear();
    batch.suspects.clear();
    batch.isolating = false;
    const int64_t wait = static_cast<int64_t>(verdict.retry_after_s) * 1'000'000;
    const int64_t now = clock_.monotonic_us();
    verdict.action == Action::pause ? breaker_.misconfigured(now, wait) : breaker_.failed(batch.started, now, wait);
}

/// A 500: the first time all of it again; then it is halved, in breadth, until the culprits are alone.
void Dispatcher::isolate(Batch& batch, const Span& span, const Verdict& verdict) {
    requeue(batch, span, false); // rolled back
    if (!batch.failed_once) {
        batch.failed_once = true;
        batch.spans.push_front(span);
        const int64_t now = clock_.monotonic_us();
        breaker_.failed(batch.started, now, static_cast<int64_t>(verdict.retry_after_s) * 1'000'000);
        batch.not_before = breaker_.not_before();
        return;
    }
    batch.isolating = true;
    if (span.size() == 1)
        batch.suspects.push_back(span.begin);
    else
        batch.halve(span, span.level + 1, false);
}

/// An event that failed alone is only to blame when the server took another one of the same batch.
void Dispatcher::end_isolation(Batch& batch) {
    if (!batch.isolated_some) return outage(batch);
    std::vector<Settlement> dead;
    for (const size_t i : batch.suspects)
        finish(dead, batch.items[i].seq, batch.items[i].id, Delivery::dead, "rejected");
    batch.suspects.clear();
    batch.isolating = false;
    if (dead.empty()) return;
    settle(dead);
}

/// Each time one level deeper, so that even a batch of little but poison is got through in the end.
void Dispatcher::outage(Batch& batch) {
    for (const Item& item : batch.items)
        if (known_.count(item.seq) > 0) failed_[item.seq] = batch.outages + 1;
    batch.spans.clear();
    batch.suspects.clear();
    batch.isolating = false;
    breaker_.failed(batch.started, clock_.monotonic_us(), 0);
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

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

constexpr size_t most_witnesses = 3;
constexpr size_t for_a_witness = 4; ///< events of a batch
constexpr int lone_tries = 3;       ///< with a back-off between
constexpr int least_probes = 10;

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
    batch.isolated_some = true;
    if (!batch.isolating()) batch.failed_once = false;
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

/// A 500: the first time all of it again; then the culprits are searched for.
void Dispatcher::isolate(Batch& batch, const Span& span, const Verdict& verdict) {
    requeue(batch, span, false); // rolled back
    switch (batch.isolation) {
    case Batch::Isolation::none:
        return batch.failed_once ? begin_isolation(batch, span) : once_more(batch, span, verdict);
    case Batch::Isolation::halving:
        if (span.size() == 1) return batch.suspects.push_back(span.begin);
        return batch.halve(span, span.level + 1, false);
    case Batch::Isolation::witness:
        batch.suspects.push_back(span.begin);
        if (!batch.witnesses.empty()) return next_witness(batch);
        if (batch.suspects.size() > 1 || !batch.isolated_some) return outage(batch);
        // All others went through: it is either poison itself, or the server has just fallen ill.
        if (++batch.lone_failures >= lone_tries) return batch.guilty.push_back(span.begin);
        batch.suspects.clear();
        return once_more(batch, span, verdict);
    case Batch::Isolation::probe: // probed()
    case Batch::Isolation::trial:
        if (batch.is_suspect(span.begin)) return batch.guilty.push_back(span.begin);
        ++failed_[batch.items[span.begin].seq]; // a witness that was not needed: it comes with the next batch
    }
}

void Dispatcher::once_more(Batch& batch, const Span& span, const Verdict& verdict) {
    batch.failed_once = true;
    batch.spans.push_front(span);
    breaker_.failed(batch.started, clock_.monotonic_us(), static_cast<int64_t>(verdict.retry_after_s) * 1'000'000);
    batch.not_before = breaker_.not_before();
}

/// Witnesses are those that were in the fewest searches before: most likely they are innocent.
void Dispatcher::begin_isolation(Batch& batch, Span span) {
    const auto searches = [&](size_t i) {
        const auto at = failed_.find(batch.items[i].seq);
        return at == failed_.end() ? 0 : at->second;
    };
    batch.isolation = Batch::Isolation::halving;
    batch.isolated_some = false;
    if (span.size() == 1) {
        batch.suspects.push_back(span.begin);
        return batch.borrow_witness();
    }
    // From several places: bad events often come together.
    std::vector<size_t> chosen;
    const size_t places[] = {span.end - 1, span.begin, span.begin + span.size() / 2};
    for (size_t n = std::clamp<size_t>(span.size() / for_a_witness, 1, most_witnesses), j = 0; j < n; ++j) {
        size_t best = places[j];
        for (size_t i = span.begin; i < span.end; ++i)
            if (searches(i) < searches(best) && std::find(chosen.begin(), chosen.end(), i) == chosen.end()) best = i;
        if (std::find(chosen.begin(), chosen.end(), best) == chosen.end()) chosen.push_back(best);
    }
    std::sort(chosen.rbegin(), chosen.rend());
    for (const size_t i : chosen) { // to the end; the others stay sorted by time
        const auto at = batch.items.begin();
        std::rotate(at + static_cast<std::ptrdiff_t>(i), at + static_cast<std::ptrdiff_t>(i) + 1,
                    at + static_cast<std::ptrdiff_t>(span.end));
        batch.witnesses.push_back(--span.end);
    }
    ++span.level;
    if (span.size() == 1)
        batch.spans.push_back(span);
    else
        batch.halve(span, span.level, false);
}

void Dispatcher::next_witness(Batch& batch) {
    const size_t i = batch.witnesses.front();
    batch.witnesses.erase(batch.witnesses.begin());
    batch.spans.push_back({i, i + 1});
}

/// A stage of the search is over: the next one.
void Dispatcher::go_on(Batch& batch) {
    if (batch.isolation == Batch::Isolation::halving) {
        if (batch.witnesses.empty()) return alone(batch);
        batch.isolation = Batch::Isolation::witness;
        return next_witness(batch);
    }
    const bool sought = batch.isolation == Batch::Isolation::witness && batch.guilty.empty();
    if (sought && batch.suspects.empty() && !batch.witnesses.empty()) return next_witness(batch); // it is one of them
    if (sought) {
        batch.isolation = Batch::Isolation::trial;
        for (const auto* list : {&batch.witnesses, &batch.suspects})
            for (const size_t i : *list)
                batch.spans.push_back({i, i + 1});
        batch.witnesses.clear();
        if (!batch.spans.empty()) return;
    }
    std::vector<Settlement> dead;
    for (const size_t i : batch.guilty)
        finish(dead, batch.items[i].seq, batch.items[i].id, Delivery::dead, "rejected");
    batch.end_isolation();
    if (!dead.empty()) settle(dead);
}

/// No other event can show that the server is well. A probe cannot show as much: it proves that the server answers and
/// reads its database, not that it can write. So this takes long.
void Dispatcher::alone(Batch& batch) {
    const int64_t seq = batch.items.front().seq;
    if (known_.size() > 1 || !exhausted_) return outage(batch); // the next batch has others
    if (alone_.seq != seq) alone_ = {seq, clock_.monotonic_us(), 0};
    batch.isolation = Batch::Isolation::probe;
    batch.spans.push_back({0, 1});
}

void Dispatcher::probe(uint64_t id, Batch& batch, std::vector<Outbound>& out) {
    auto request = sender_.probe();
    if (!request) {
        outage(batch);
        return dissolve(id);
    }
    batch.under_way = batch.spans.front();
    batch.spans.clear();
    begin(id, batch, std::move(*request), out);
}

void Dispatcher::probed(Batch& batch, const Verdict& verdict) {
    const int64_t now = clock_.monotonic_us();
    const bool well = verdict.action == Action::delivered && verdict.dead.empty();
    alone_ = well ? Alone{alone_.seq, alone_.since, alone_.probes + 1} : Alone{};
    if (alone_.probes < least_probes || now - alone_.since < config_.timing.lone_us) return outage(batch);
    std::vector<Settlement> dead;
    finish(dead, batch.items.front().seq, batch.items.front().id, Delivery::dead, "rejected");
    batch.end_isolation();
    settle(dead);
}

/// Each time one level deeper, so that even a batch of little but poison is got through in the end.
void Dispatcher::outage(Batch& batch) {
    for (const Item& item : batch.items)
        if (known_.count(item.seq) > 0) failed_[item.seq] = batch.outages + 1;
    batch.end_isolation();
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

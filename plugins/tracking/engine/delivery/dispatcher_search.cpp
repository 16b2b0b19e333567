// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
// The search for the event that a server fails on without naming it (docs/specs/delivery.md).
#include "engine/delivery/dispatcher.hpp"

#include <algorithm>
#include <cstddef>
#include <tuple>
#include <utility>

namespace onair::track {

namespace {

constexpr size_t most_witnesses = 3;
constexpr size_t for_a_witness = 2; ///< events of a batch
constexpr size_t most_alone = 4;
constexpr int probes_alone = 10, probes_after_others = 5;

} // namespace

/// A 500: the first time all of it again; then the culprits are searched for.
void Dispatcher::isolate(Batch& batch, const Span& span, const Verdict& verdict) {
    requeue(batch, span, false); // rolled back
    if (!batch.isolating()) return batch.failed_once ? begin_isolation(batch, span) : once_more(batch, span, verdict);
    if (span.size() > 1) return batch.halve(span, span.level + 1, false);
    if (batch.is_on_trial(span.begin)) return reject(batch, span.begin);
    suspect(batch, span.begin);
}

void Dispatcher::suspect(Batch& batch, size_t i) {
    ++failed_[batch.items[i].seq].alone;
    batch.suspects.push_back(i);
}

void Dispatcher::reject(const Batch& batch, size_t i) {
    std::vector<Settlement> dead;
    finish(dead, batch.items[i].seq, batch.items[i].id, Delivery::dead, "rejected");
    settle(dead);
}

void Dispatcher::once_more(Batch& batch, const Span& span, const Verdict& verdict) {
    batch.failed_once = true;
    batch.spans.push_front(span);
    breaker_.failed(batch.started, clock_.monotonic_us(), static_cast<int64_t>(verdict.retry_after_s) * 1'000'000);
    batch.not_before = breaker_.not_before();
}

void Dispatcher::begin_isolation(Batch& batch, Span span) {
    batch.isolation = Batch::Isolation::search;
    batch.isolated_some = false;
    if (span.size() == 1) return suspect(batch, span.begin);
    put_witnesses_aside(batch, span);
    ++span.level;
    if (span.size() == 1)
        batch.spans.push_back(span);
    else
        batch.halve(span, span.level, false);
}

/// Those that failed least before, in this run, then in earlier ones: most likely they are innocent. Where that says
/// nothing, from several places: bad events often come together.
void Dispatcher::put_witnesses_aside(Batch& batch, Span& span) {
    const auto guilt = [&](size_t i) {
        const auto at = failed_.find(batch.items[i].seq);
        const Failed failed = at == failed_.end() ? Failed{} : at->second;
        return std::tuple(failed.alone, failed.searches, batch.items[i].attempts);
    };
    std::vector<size_t> chosen;
    const auto is_free = [&](size_t i) { return std::find(chosen.begin(), chosen.end(), i) == chosen.end(); };
    const size_t places[] = {span.end - 1, span.begin, span.begin + span.size() / 2};
    for (size_t n = std::clamp<size_t>(span.size() / for_a_witness, 1, most_witnesses), j = 0; j < n; ++j) {
        size_t best = places[j];
        for (size_t i = span.begin; i < span.end; ++i)
            if (is_free(i) && (!is_free(best) || guilt(i) < guilt(best))) best = i;
        chosen.push_back(best);
    }
    std::sort(chosen.rbegin(), chosen.rend());
    for (const size_t i : chosen) { // to the end; the others stay sorted by time
        const auto at = batch.items.begin();
        std::rotate(at + static_cast<std::ptrdiff_t>(i), at + static_cast<std::ptrdiff_t>(i) + 1,
                    at + static_cast<std::ptrdiff_t>(span.end));
        batch.witnesses.push_back(--span.end);
    }
    // The best is the last, because none vouches for that; of equal ones that of the middle.
    if (chosen.size() > 2) std::swap(batch.witnesses[1], batch.witnesses[2]);
    std::stable_sort(batch.witnesses.begin(), batch.witnesses.end(),
                     [&](size_t a, size_t b) { return guilt(a) > guilt(b); });
}

/// All was sent: the next witness, or the end. Suspects that are left are those after which nothing went through.
void Dispatcher::go_on(Batch& batch) {
    if (!batch.witnesses.empty()) {
        const size_t i = batch.witnesses.front();
        batch.witnesses.erase(batch.witnesses.begin());
        return batch.spans.push_back({i, i + 1});
    }
    if (batch.suspects.empty()) return batch.end_isolation();
    alone(batch);
}

/// No other event can show that the server is well. A probe cannot show as much: it proves that the server answers and
/// reads its database, not that it can write. So this takes a while; long, where no other event was written just
/// before.
void Dispatcher::alone(Batch& batch) {
    std::vector<int64_t> seqs;
    for (const size_t i : batch.suspects)
        seqs.push_back(batch.items[i].seq);
    std::sort(seqs.begin(), seqs.end());
    load();
    if (known_.size() > seqs.size() || !exhausted_ || seqs.size() > most_alone)
        return outage(batch); // others will come
    if (alone_.seqs != seqs) {
        const bool others = batch.isolated_some && seqs.size() == 1;
        alone_ = {std::move(seqs), clock_.monotonic_us(), others, 0};
    }
    batch.isolation = Batch::Isolation::probe;
    batch.spans.push_back({0, 1}); // a request of one
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
    const Timing& timing = config_.timing;
    const bool well = verdict.action == Action::delivered && verdict.dead.empty();
    if (well) ++alone_.probes;
    const bool enough = alone_.probes >= (alone_.others ? probes_after_others : probes_alone) &&
                        clock_.monotonic_us() - alone_.since >= (alone_.others ? timing.last_us : timing.lone_us);
    if (!well) alone_ = {};
    if (!well || !enough) return outage(batch);
    for (const size_t i : batch.suspects)
        reject(batch, i);
    batch.end_isolation();
}

/// Each time one level deeper, so that even a batch of little but poison is got through in the end.
void Dispatcher::outage(Batch& batch) {
    for (const Item& item : batch.items)
        if (known_.count(item.seq) > 0) failed_[item.seq].searches = batch.outages + 1;
    batch.end_isolation();
    breaker_.failed(batch.started, clock_.monotonic_us(), 0);
}

} // namespace onair::track

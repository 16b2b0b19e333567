// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
// From the store to the wire.
#include "engine/delivery/dispatcher.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace onair::track {

namespace {

constexpr size_t most_waiting = 5000; ///< events in memory: a visitor with very many does not fill it
constexpr size_t most_bytes = 8 * 1024 * 1024;
constexpr size_t least_batch = 4; ///< whatever goes in one request: a search for poison needs others
constexpr size_t most_suspects = 200;

} // namespace

Dispatcher::Dispatcher(Store& store, int64_t destination, const Sender& sender, Clock& clock, Config config)
    : store_(store), destination_(destination), sender_(sender), clock_(clock), config_(std::move(config)),
      outbox_(config_.outbox ? *config_.outbox : default_outbox_), breaker_(config_.random, config_.timing),
      pace_(config_.pace), cleared_at_(outbox_.version()) {
    shown_.spoken = store_.has_delivered(destination_);
    status_.name = config_.name;
    status_.since_us = clock_.utc_us();
    publish();
}

std::vector<Dispatcher::Outbound> Dispatcher::next() {
    std::vector<Outbound> out;
    const int64_t now = clock_.monotonic_us();
    if (outbox_.version() != cleared_at_) forget(); // somebody opted out in the meantime, or the policy is new
    while (breaker_.admits(now, in_flight_) && in_flight_ < pace_.connections()) {
        uint64_t id = waiting(now);
        if (id == 0) id = form();
        if (id == 0) break;
        start(id, out);
    }
    plan(now);
    publish();
    return out;
}

/// A batch that has something to send.
uint64_t Dispatcher::waiting(int64_t now) const {
    for (const auto& [id, batch] : batches_)
        if (!batch.in_flight && batch.not_before <= now) return id;
    return 0;
}

/// Events of a batch. Those that failed alone need others, which may have come long after them.
size_t Dispatcher::batch_size() const {
    const size_t least = std::max(pace_.events(), least_batch);
    const auto suspects =
        std::count_if(failed_.begin(), failed_.end(), [](const auto& f) { return f.second.alone > 0; });
    return least + std::min(static_cast<size_t>(suspects), std::max(least, most_suspects));
}

/// A new batch of what waits in the lanes that are free.
uint64_t Dispatcher::form() {
    load();
    // What failed comes together with others, of all lanes: else it could be alone again and again. Nor is anything
    // left for others while there is more in the store.
    const size_t connections = failed_.empty() && exhausted_ ? pace_.connections() : 1;
    const size_t events = batch_size();
    auto items = lanes_.take(events, events > pace_.events() ? most_bytes : pace_.bytes(), connections);
    if (items.empty()) return 0;
    Batch batch(std::move(items), pace_.events());
    for (const Item& item : batch.items)
        if (const auto at = failed_.find(item.seq); at != failed_.end())
            batch.outages = std::max(batch.outages, at->second.searches);
    batch.failed_once = batch.outages > 0;
    if (batch.items.front().unsure) batch.read_back = std::make_unique<ReadBack>(batch.items.size());
    const uint64_t id = next_batch_++;
    batches_.emplace(id, std::move(batch));
    return id;
}

/// Until there is enough for all connections, and a quarter more: a whole lane goes to one of them. Dead ones are
/// settled at once.
void Dispatcher::load() {
    const size_t free = pace_.connections() - std::min(in_flight_, pace_.connections());
    const size_t wanted = std::max(pace_.events() * free * 5 / 4, batch_size());
    while (!exhausted_ && lanes_.free_size() < wanted && lanes_.size() < most_waiting && lanes_.bytes() < most_bytes) {
        if (cursor_ == 0) again_ = false;
        const auto queued = store_.queued(destination_, config_.pace.events, config_.pace.bytes, cursor_);
        if (queued.empty()) {
            exhausted_ = cursor_ == 0 || !again_;
            cursor_ = 0;
            continue;
        }
        std::vector<Settlement> not_sent;
        for (const Queued& event : queued)
            if (known_.count(event.seq) == 0) take(event, not_sent);
        cursor_ = queued.back().seq;
        if (!not_sent.empty()) settle(not_sent);
    }
}

/// Gate 2 and compilation.
void Dispatcher::take(const Queued& event, std::vector<Settlement>& not_sent) {
    const Cleared cleared = outbox_.clear(event);
    if (cleared.state != Delivery::queued) return finish(not_sent, event.seq, event.id, cleared.state, cleared.reason);
    Compiled compiled = sender_.compile(cleared.event, clock_.utc_us());
    if (!compiled.refused.empty())
        return finish(not_sent, event.seq, event.id, Delivery::dead, std::move(compiled.refused));
    known_.insert(event.seq);
    lanes_.add({.seq = event.seq,
                .time_us = event.time_us,
                .id = event.id,
                .request = std::move(compiled.request),
                .lane = Lanes::of(compiled.partition),
                .attempts = event.attempts,
                .unsure = event.ambiguous > 0 && config_.ambiguous == AmbiguousPolicy::verify,
                .ambiguous = event.ambiguous > 0,
                .unique = compiled.unique,
                .past = compiled.past});
}

void Dispatcher::start(uint64_t id, std::vector<Outbound>& out) {
    Batch& batch = batches_.at(id);
    if (batch.read_back) return ask(id, batch, out);
    if (batch.isolation == Batch::Isolation::probe) return probe(id, batch, out);
    const Span span = batch.spans.front();
    // Everything that is left of an isolation was split so often without success that the server itself is ill.
    if (batch.isolation == Batch::Isolation::search && !batch.isolated_some && span.level > 2 + batch.outages) {
        outage(batch);
        return dissolve(id);
    }
    // Asked again at the last moment; what was purged in the meantime must not be sent.
    if (outbox_.version() != cleared_at_ || !store_.mark_sending(destination_, batch.seqs(span))) return forget();
    batch.spans.pop_front();
    batch.under_way = span;
    std::vector<const std::string*> requests;
    for (size_t i = span.begin; i < span.end; ++i)
        requests.push_back(&batch.items[i].request);
    begin(id, batch, sender_.bulk(requests), out);
}

void Dispatcher::begin(uint64_t id, Batch& batch, Request request, std::vector<Outbound>& out) {
    batch.started = clock_.monotonic_us();
    batch.in_flight = true;
    ++in_flight_;
    breaker_.started();
    out.push_back({id, std::move(request)});
}

/// All that is not under way is taken from the store anew, without what was purged.
void Dispatcher::forget() {
    cleared_at_ = outbox_.version();
    failed_.clear(); // some of them may be gone for good
    for (auto at = batches_.begin(); at != batches_.end();) {
        at->second.stale = true;
        if (!at->second.in_flight) lanes_.release(at->second.items);
        at = at->second.in_flight ? std::next(at) : batches_.erase(at);
    }
    read_anew();
}

void Dispatcher::read_anew() {
    lanes_.clear();
    known_.clear();
    for (const auto& [id, batch] : batches_)
        for (const Item& item : batch.items)
            known_.insert(item.seq);
    cursor_ = 0;
    exhausted_ = false;
}

/// What is not settled of it goes back to its place in the lanes, in front of what came later.
void Dispatcher::dissolve(uint64_t id) {
    Batch batch = std::move(batches_.at(id));
    batches_.erase(id);
    lanes_.release(batch.items);
    if (batch.stale) return read_anew();
    for (Item& item : batch.items)
        if (known_.count(item.seq) > 0) lanes_.add(std::move(item));
}

void Dispatcher::look() {
    again_ = true;
    exhausted_ = false;
}

void Dispatcher::try_now() {
    breaker_.try_now();
    invalid_in_a_row_ = nothing_in_a_row_ = 0;
    for (auto& [id, batch] : batches_)
        if (!batch.read_back) batch.not_before = 0;
}

bool Dispatcher::idle() const { return in_flight_ == 0 && batches_.empty() && lanes_.size() == 0 && exhausted_; }

/// Sets due_.
void Dispatcher::plan(int64_t now) {
    due_.reset();
    if (idle() || in_flight_ >= pace_.connections()) return;
    if (breaker_.state() != Circuit::closed && in_flight_ > 0) return;
    if (now < breaker_.not_before()) {
        due_ = breaker_.not_before();
        return;
    }
    for (const auto& [id, batch] : batches_)
        if (!batch.in_flight) due_ = std::min(due_.value_or(batch.not_before), batch.not_before);
    if (in_flight_ == 0 && batches_.empty()) due_ = now; // there was nothing to take at that moment
}

} // namespace onair::track

// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
// What may be there is asked for before it is sent again (ambiguous-policy=verify).
#include "engine/delivery/dispatcher.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace onair::track {

/// The events of the question under way.
std::vector<Asked> Dispatcher::asked(const Batch& batch) const {
    std::vector<Asked> out;
    for (const size_t i : batch.read_back->group())
        out.push_back({batch.items[i].id, batch.items[i].time_us, batch.items[i].request});
    return out;
}

void Dispatcher::ask(uint64_t id, Batch& batch, std::vector<Outbound>& out) {
    auto request = sender_.ask(asked(batch), clock_.utc_us());
    if (!request) { // this kind cannot be asked: what the policy promises cannot be kept, so nothing is sent
        batch.not_before = clock_.monotonic_us() + config_.timing.longest_backoff_us;
        return;
    }
    begin(id, batch, std::move(*request), out);
}

void Dispatcher::told(uint64_t id, Batch& batch, const Answer& answer) {
    ReadBack& read_back = *batch.read_back;
    const Found found = sender_.found(answer, asked(batch));
    const int64_t now = clock_.monotonic_us();
    if (!found.usable) {
        say(Msg::read_back_failed, {}, found.words);
        const int64_t wait = static_cast<int64_t>(answer.retry_after_s) * 1'000'000;
        if (answer.kind != Answer::Kind::http || answer.status >= 500) breaker_.failed(batch.started, now, wait);
        // It may be the question alone that is not answered (no right to read): others go on meanwhile.
        const int64_t own = std::min(config_.timing.longest_backoff_us,
                                     5 * config_.timing.backoff_us << std::min(read_back.attempts, 10));
        read_back.failed();
        batch.not_before = std::max(now + own, breaker_.not_before());
        if (batch.stale) dissolve(id);
        return;
    }
    breaker_.succeeded(batch.started);
    read_back.answered(found);
    if (read_back.finished()) return end_read_back(id, batch);
    if (batch.stale) return dissolve(id);
    if (!read_back.pass_over()) return;
    read_back.second_pass();
    batch.not_before = now + config_.timing.read_back_gap_us;
}

/// What is there is delivered; the others go.
void Dispatcher::end_read_back(uint64_t id, Batch& batch) {
    std::vector<Settlement> there;
    std::vector<Item> rest;
    std::vector<Item> all = std::exchange(batch.items, {});
    for (size_t i = 0; i < all.size(); ++i)
        if (batch.read_back->is_present(i)) finish(there, all[i].seq, all[i].id, Delivery::delivered, {});
    if (!there.empty()) settle(there);
    lanes_.release(all);
    for (size_t i = 0; i < all.size(); ++i)
        if (!batch.read_back->is_present(i)) rest.push_back(std::move(all[i]));
    const bool stale = batch.stale;
    batches_.erase(id);
    if (stale) return read_anew();
    if (rest.empty()) return;
    for (Item& item : rest)
        item.unsure = false;
    lanes_.hold(rest);
    batches_.emplace(id, Batch(std::move(rest), pace_.events()));
}

} // namespace onair::track

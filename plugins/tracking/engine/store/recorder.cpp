// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/store/recorder.hpp"

#include "engine/messages.hpp"

#include <algorithm>
#include <exception>
#include <iterator>
#include <span>
#include <string>
#include <utility>

namespace onair::track {

namespace {

using std::chrono::microseconds;

constexpr size_t spare_records = 4096; ///< taken ones whose memory is kept while events come

int64_t events_in(std::span<const Record> records) {
    return std::count_if(records.begin(), records.end(), RecordQueue::may_be_dropped);
}

} // namespace

Recorder::Recorder(Store& store, Config config)
    : store_(store), config_(std::move(config)), thread_([this] { run(); }) {}

Recorder::~Recorder() { stop(); }

void Recorder::stop() {
    {
        const std::lock_guard guard(lock_);
        stopping_ = true;
        give_up_at_ = Clock::now() + microseconds(config_.patience_us);
    }
    work_.notify_all();
    room_.notify_all();
    if (thread_.joinable()) thread_.join();
}

bool Recorder::has_room(size_t bytes) const {
    return queue_.empty() || (queue_.size() < config_.max_records && queue_.bytes() + bytes <= config_.max_bytes);
}

bool Recorder::make_room(size_t bytes) {
    if (config_.when_full != WhenFull::drop_oldest) return false;
    while (!has_room(bytes)) {
        if (!queue_.drop_oldest()) return false;
        count_dropped();
    }
    return true;
}

void Recorder::count_dropped() { add(Tally{Outcome::dropped, "memory", 1}); }

/// Millions of them are a few numbers.
void Recorder::add(Tally tally) {
    for (Tally& sum : tallies_)
        if (sum.outcome == tally.outcome && sum.reason == tally.reason) {
            sum.n += tally.n;
            return;
        }
    tallies_.push_back(std::move(tally));
}

Recorder::Result Recorder::submit(Record record, Wait wait) {
    const size_t bytes = RecordQueue::bytes_of(record);
    Result result = Result::ok;
    bool say = false, wake = false;
    {
        std::unique_lock guard(lock_);
        if (auto* tally = std::get_if<Tally>(&record)) {
            if (failed_ || stopping_) return Result::failed;
            received_ += tally->n;
            add(std::move(*tally));
        } else if (!RecordQueue::may_be_dropped(record)) {
            if (failed_ || stopping_) return Result::failed;
            queue_.push(std::move(record));
        } else {
            if (!has_room(bytes)) {
                crowded_ = true;
                work_.notify_one();
            }
            if (wait.wait) room_.wait(guard, [&] { return failed_ || stopping_ || wait.ended() || has_room(bytes); });
            if (failed_ || stopping_) return Result::failed;
            if (wait.wait && !has_room(bytes)) return Result::interrupted;
            ++received_;
            if (has_room(bytes) || make_room(bytes)) {
                queue_.push(std::move(record));
            } else {
                count_dropped();
                result = Result::dropped;
            }
            say = !said_full_ && std::any_of(tallies_.begin(), tallies_.end(),
                                             [](const Tally& t) { return t.outcome == Outcome::dropped; });
            said_full_ |= say;
        }
        ++submitted_;
        wake = std::exchange(asleep_, false);
    }
    if (wake) work_.notify_one();
    if (say && config_.warn)
        config_.warn(error(Msg::queue_full, {config_.when_full == WhenFull::drop_oldest ? "the oldest are dropped"
                                                                                        : "the newest are dropped"}));
    return result;
}

Recorder::Result Recorder::flush(Wait wait) {
    std::unique_lock guard(lock_);
    const int64_t target = submitted_;
    const auto done = [&] { return failed_ || synced_ >= target; };
    sync_wanted_ = std::max(sync_wanted_, target);
    asleep_ = false;
    work_.notify_one();
    auto deadline = Clock::now() + microseconds(config_.patience_us);
    while (!done()) {
        if (troubled_ && (wait.ended() || Clock::now() >= deadline)) return Result::interrupted;
        if (!troubled_) deadline = Clock::now() + microseconds(config_.patience_us);
        room_.wait_until(guard, deadline);
    }
    return synced_ >= target ? Result::ok : Result::failed;
}

void Recorder::wake() {
    { const std::lock_guard guard(lock_); } // nobody is between looking and waiting
    room_.notify_all();
}

int64_t Recorder::received() const {
    const std::lock_guard guard(lock_);
    return received_;
}

/// Waits with a back-off until the disk may be well again. False: it is time to stop.
bool Recorder::wait_out(Clock::duration& wait) {
    std::unique_lock guard(lock_);
    troubled_ = true;
    room_.notify_all();
    if (stopping_ && Clock::now() >= give_up_at_) return false;
    const bool was_stopping = stopping_;
    work_.wait_for(guard, wait, [&] { return stopping_ != was_stopping; });
    wait = std::min<Clock::duration>(wait * 2, std::chrono::seconds(5));
    return true;
}

/// At least one record of `part`, whatever it takes; 0: never.
size_t Recorder::commit_part(std::span<const Record> part) {
    Clock::duration wait = std::chrono::milliseconds(20);
    for (;;) {
        try {
            return store_.commit(part);
        } catch (const Trouble&) {
            if (!wait_out(wait)) return 0;
        }
    }
}

bool Recorder::commit_group(std::span<const Record> group) {
    size_t at = 0;
    try {
        while (at < group.size()) {
            const size_t n = commit_part(group.subspan(at, std::min(config_.group, group.size() - at)));
            if (n == 0) break;
            at += n;
            if (config_.committed) config_.committed(); // before flush() returns: a drain after it must see the work
            {
                const std::lock_guard guard(lock_);
                troubled_ = false;
            }
            if (at < group.size()) upkeep(); // a long queue must not put the sync off
        }
        if (at == group.size()) return true;
        give_up(events_in(group.subspan(at)));
    } catch (const Error& e) {
        if (config_.failed) config_.failed(e);
    } catch (const std::exception& e) {
        if (config_.failed) config_.failed(Error(ErrorKind::resource, "Storing an event failed.", e.what()));
    }
    return false;
}

void Recorder::give_up(int64_t lost) {
    {
        const std::lock_guard guard(lock_);
        lost += events_in(queue_.records());
    }
    if (lost > 0 && config_.failed) config_.failed(error(Msg::lost_at_stop, {std::to_string(lost)}));
}

/// What has to be done every now and then, also while nothing comes.
void Recorder::upkeep() {
    const auto now = Clock::now();
    bool wanted = false;
    int64_t target = 0;
    {
        const std::lock_guard guard(lock_);
        target = settled_;
        wanted = sync_wanted_ > synced_;
    }
    try {
        if (wanted || (config_.sync_interval_us > 0 && now >= next_sync_)) {
            store_.sync();
            // The other half is for the sync itself.
            next_sync_ = now + microseconds(config_.sync_interval_us / 2);
            const std::lock_guard guard(lock_);
            synced_ = target;
            troubled_ = false;
        }
        if (now >= next_housekeeping_)
            next_housekeeping_ = store_.housekeeping() ? now : now + microseconds(config_.housekeeping_us);
    } catch (const Trouble&) { // the store has said it
        next_housekeeping_ = now + microseconds(config_.housekeeping_us);
        Clock::duration wait = std::chrono::milliseconds(100);
        wait_out(wait);
    }
    room_.notify_all();
}

/// Until there is something to do. Waking a thread costs the one who wakes more than the rest of a push, so as long as
/// events come the thread looks by itself every `linger`; it sleeps, and has to be woken, when none came for a second.
void Recorder::wait_for_work(std::unique_lock<std::mutex>& guard, RecordQueue& spare) {
    constexpr auto linger = std::chrono::milliseconds(5);
    constexpr auto patience = std::chrono::seconds(1);
    constexpr size_t enough = 64; // records that are worth a transaction at once
    const auto pressing = [&] { return stopping_ || crowded_ || sync_wanted_ > synced_; };
    const auto due = config_.sync_interval_us > 0 ? std::min(next_sync_, next_housekeeping_) : next_housekeeping_;
    const auto ready = [&] { return pressing() || !queue_.empty() || !tallies_.empty(); };
    if (!pressing() && queue_.size() < enough) work_.wait_for(guard, linger, pressing);
    const auto now = Clock::now();
    if (ready()) last_work_ = now;
    if (ready() || now >= due || now < last_work_ + patience) return;
    asleep_ = true;
    queue_.release(0);
    spare.release(0);
    work_.wait_until(guard, due, ready);
    asleep_ = false;
}

void Recorder::run() {
    RecordQueue group;
    next_housekeeping_ = Clock::now() + microseconds(config_.housekeeping_us);
    next_sync_ = Clock::now();
    for (bool ended = false; !ended;) {
        int64_t target = 0;
        group.clear();
        group.release(spare_records); // not under the lock, which whoever submits would wait for
        {
            std::unique_lock guard(lock_);
            wait_for_work(guard, group);
            std::swap(group, queue_);
            crowded_ = false;
            for (Tally& tally : tallies_)
                group.push(std::move(tally));
            tallies_.clear();
            target = submitted_;
            ended = stopping_ && group.empty();
        }
        room_.notify_all();
        bool good = group.empty() || commit_group(group.records());
        {
            const std::lock_guard guard(lock_);
            if (good) settled_ = target;
            failed_ |= !good;
            if (failed_) queue_.clear();
        }
        if (good) upkeep();
        room_.notify_all();
        if (!good) return;
    }
}

} // namespace onair::track

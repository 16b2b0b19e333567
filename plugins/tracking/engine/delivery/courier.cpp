// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/delivery/courier.hpp"

#include <algorithm>
#include <chrono>
#include <exception>
#include <utility>

namespace onair::track {

namespace {

constexpr int batch_bits = 48; ///< of a request's id; the others number the destination

std::chrono::steady_clock::time_point at(int64_t monotonic_us) {
    return std::chrono::steady_clock::time_point(std::chrono::microseconds(monotonic_us));
}

} // namespace

Courier::Courier(std::vector<Dispatcher*> dispatchers, Transport& transport, std::function<void(const Error&)> failed)
    : dispatchers_(std::move(dispatchers)), transport_(transport), failed_(std::move(failed)),
      thread_([this] { run(); }) {}

Courier::~Courier() { stop(0); }

void Courier::wake() {
    {
        const std::lock_guard guard(lock_);
        woken_ = true;
    }
    transport_.wake();
}

void Courier::try_now() {
    {
        const std::lock_guard guard(lock_);
        woken_ = try_now_ = true;
    }
    transport_.wake();
}

/// From here on the thread is a loop: take what was asked for, send, wait for answers.
void Courier::run() {
    bool goes_on = true;
    while (goes_on) {
        try {
            goes_on = round();
        } catch (const Trouble&) { // only after stop_waiting(): what is not settled is sent again by the next run
            goes_on = false;
        } catch (const Error& e) {
            goes_on = false;
            if (failed_) failed_(e);
        } catch (const std::exception& e) {
            goes_on = false;
            if (failed_) failed_(Error(ErrorKind::resource, "Sending events failed.", e.what()));
        }
    }
    const std::lock_guard guard(lock_);
    ended_ = true;
    done_.notify_all();
}

/// False: it is time to end.
bool Courier::round() {
    bool woken = false, try_now = false, stopping = false;
    {
        const std::lock_guard guard(lock_);
        woken = std::exchange(woken_, false);
        try_now = std::exchange(try_now_, false);
        stopping = stopping_;
        outlook_.busy = true;
    }
    for (Dispatcher* dispatcher : dispatchers_) {
        if (woken) dispatcher->look();
        if (try_now) dispatcher->try_now();
    }
    if (!stopping) send();
    const Outlook outlook = look();
    {
        const std::lock_guard guard(lock_);
        outlook_ = outlook;
        done_.notify_all();
    }
    if (stopping && !outlook.busy) return false;
    receive();
    return true;
}

void Courier::send() {
    for (size_t i = 0; i < dispatchers_.size(); ++i)
        for (auto& [id, request] : dispatchers_[i]->next())
            transport_.start(static_cast<uint64_t>(i) << batch_bits | id, std::move(request));
}

Courier::Outlook Courier::look() const {
    Outlook out{.busy = false, .idle = true, .due = std::nullopt};
    for (const Dispatcher* dispatcher : dispatchers_) {
        out.busy |= dispatcher->in_flight() > 0;
        out.idle &= dispatcher->idle();
        out.settled += dispatcher->settled();
        const auto due = dispatcher->due();
        if (due) out.due = std::min(out.due.value_or(*due), *due);
    }
    return out;
}

void Courier::receive() {
    int64_t longest = -1;
    {
        const std::lock_guard guard(lock_);
        // What is new does not shorten a back-off, but a stop must be seen before a long one.
        if (woken_ || (stopping_ && !outlook_.busy)) longest = 0;
        if (longest < 0 && outlook_.due && !stopping_)
            longest = std::max<int64_t>(0, *outlook_.due - clock_.monotonic_us());
    }
    constexpr uint64_t batch_mask = (uint64_t{1} << batch_bits) - 1;
    for (auto& [id, answer] : transport_.wait(longest))
        dispatchers_[static_cast<size_t>(id >> batch_bits)]->answered(id & batch_mask, answer);
}

bool Courier::drain(int64_t patience_us, Wait wait) {
    const unsigned interrupts = wait.times();
    std::unique_lock guard(lock_);
    int64_t settled = outlook_.settled;
    int64_t deadline = clock_.monotonic_us() + patience_us;
    for (;;) {
        if (!woken_ && !ended_ && outlook_.idle && !outlook_.busy) return true;
        if (ended_ || wait.ended() || wait.times() != interrupts) return false;
        if (outlook_.settled != settled) {
            settled = outlook_.settled;
            deadline = clock_.monotonic_us() + patience_us;
        }
        if (!outlook_.busy && !woken_ && outlook_.due && *outlook_.due > deadline) return false;
        if (clock_.monotonic_us() >= deadline) return false;
        done_.wait_until(guard, at(deadline));
    }
}

void Courier::wake_waiting() {
    { const std::lock_guard guard(lock_); } // nobody is between looking and waiting
    done_.notify_all();
}

void Courier::stop(int64_t grace_us) {
    {
        std::unique_lock guard(lock_);
        stopping_ = true;
        transport_.wake();
        done_.wait_until(guard, at(clock_.monotonic_us() + grace_us), [&] { return ended_; });
    }
    transport_.abort();
    for (Dispatcher* dispatcher : dispatchers_)
        dispatcher->stop_waiting();
    if (thread_.joinable()) thread_.join();
}

} // namespace onair::track

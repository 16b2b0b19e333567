// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/delivery/sender_thread.hpp"

#include <chrono>
#include <exception>

namespace onair::track {

namespace {

std::chrono::steady_clock::time_point at(int64_t monotonic_us) {
    return std::chrono::steady_clock::time_point(std::chrono::microseconds(monotonic_us));
}

} // namespace

SenderThread::SenderThread(Dispatcher& dispatcher, Transport& transport, std::function<void(const Error&)> failed)
    : dispatcher_(dispatcher), transport_(transport), failed_(std::move(failed)), thread_([this] { run(); }) {}

SenderThread::~SenderThread() { stop(0); }

void SenderThread::wake() {
    {
        const std::lock_guard guard(lock_);
        woken_ = true;
    }
    work_.notify_one();
}

void SenderThread::run() {
    std::unique_lock guard(lock_);
    while (!stopping_) {
        woken_ = false;
        busy_ = true;
        guard.unlock();
        std::optional<int64_t> due;
        bool failed = false;
        try {
            due = dispatcher_.step();
        } catch (const Trouble&) { // only after stop_waiting(): what is not settled is sent again by the next run
            failed = true;
        } catch (const Error& e) {
            failed = true;
            if (failed_) failed_(e);
        } catch (const std::exception& e) {
            failed = true;
            if (failed_) failed_(Error(ErrorKind::resource, "Sending events failed.", e.what()));
        }
        guard.lock();
        busy_ = false;
        due_ = due;
        settled_ = dispatcher_.settled();
        if (failed) break;
        done_.notify_all();
        const auto ready = [&] { return stopping_ || (woken_ && !due_); }; // what is new does not shorten a back-off
        if (due_)
            work_.wait_until(guard, at(*due_), ready);
        else
            work_.wait(guard, ready);
    }
    ended_ = true;
    done_.notify_all();
}

bool SenderThread::drain(int64_t patience_us, Wait wait) {
    const unsigned interrupts = wait.times();
    std::unique_lock guard(lock_);
    int64_t settled = settled_;
    int64_t deadline = clock_.monotonic_us() + patience_us;
    for (;;) {
        if (!busy_ && !woken_ && !due_ && !ended_) return true;
        if (ended_ || wait.ended() || wait.times() != interrupts) return false;
        if (settled_ != settled) {
            settled = settled_;
            deadline = clock_.monotonic_us() + patience_us;
        }
        if (!busy_ && due_ && *due_ > deadline) return false;
        if (clock_.monotonic_us() >= deadline) return false;
        done_.wait_until(guard, at(deadline));
    }
}

void SenderThread::wake_waiting() {
    { const std::lock_guard guard(lock_); } // nobody is between looking and waiting
    done_.notify_all();
}

void SenderThread::stop(int64_t grace_us) {
    {
        std::unique_lock guard(lock_);
        stopping_ = true;
        work_.notify_all();
        done_.wait_until(guard, at(clock_.monotonic_us() + grace_us), [&] { return ended_; });
    }
    transport_.abort();
    dispatcher_.stop_waiting();
    if (thread_.joinable()) thread_.join();
}

} // namespace onair::track

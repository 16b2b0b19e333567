// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/executor.hpp"

#include <system_error>
#include <utility>

namespace onair::sws {

ThreadPool::~ThreadPool() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    start_.notify_all();
    for (std::thread& thread : threads_)
        thread.join();
}

void ThreadPool::run(size_t jobs, const std::function<void(size_t)>& job) {
    if (jobs == 0) return;
    while (jobs > 1 && threads_.size() < wanted_ && threads_.size() + 1 < jobs) {
        try {
            threads_.emplace_back([this] { loop(); });
        } catch (const std::system_error&) { // the system gives no more threads: fewer do the work
            break;
        }
    }
    std::unique_lock lock(mutex_);
    job_ = &job;
    next_ = 0;
    jobs_ = open_ = jobs;
    failure_ = nullptr;
    start_.notify_all();
    work(lock);
    end_.wait(lock, [this] { return open_ == 0; });
    job_ = nullptr;
    if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
}

void ThreadPool::work(std::unique_lock<std::mutex>& lock) {
    while (job_ && next_ < jobs_) {
        const size_t mine = next_++;
        const auto* job = job_;
        lock.unlock();
        std::exception_ptr failure;
        try {
            (*job)(mine);
        } catch (...) {
            failure = std::current_exception();
        }
        lock.lock();
        if (failure && !failure_) failure_ = failure;
        if (--open_ == 0) end_.notify_all();
    }
}

void ThreadPool::loop() {
    std::unique_lock lock(mutex_);
    for (;;) {
        start_.wait(lock, [this] { return stopping_ || (job_ && next_ < jobs_); });
        if (stopping_) return;
        work(lock);
    }
}

} // namespace onair::sws

// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <condition_variable>
#include <cstddef>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace onair::sws {

/// Runs the bands of a frame.
class Executor {
  public:
    virtual ~Executor() = default;

    /// Calls job(0) … job(jobs - 1), each once, on any threads, and returns when all are done. The first exception is
    /// thrown again here, after the others have ended.
    virtual void run(size_t jobs, const std::function<void(size_t)>& job) = 0;
};

/// Threads of its own, made when the first frame needs them and joined by the destructor. The caller's thread takes
/// jobs as well, so `threads` of 1 makes none.
class ThreadPool : public Executor {
  public:
    explicit ThreadPool(unsigned threads) : wanted_(threads > 1 ? threads - 1 : 0) {}
    ~ThreadPool() override;
    ThreadPool(const ThreadPool&) = delete;
    ThreadPool& operator=(const ThreadPool&) = delete;

    void run(size_t jobs, const std::function<void(size_t)>& job) override;
    size_t running() const noexcept { return threads_.size(); }

  private:
    void loop();
    /// Takes jobs until none is left. `lock` is held on entry and on exit, never while a job runs.
    void work(std::unique_lock<std::mutex>& lock);

    const size_t wanted_;
    std::vector<std::thread> threads_;
    std::mutex mutex_;
    std::condition_variable start_, end_;
    const std::function<void(size_t)>* job_ = nullptr;
    size_t next_ = 0, jobs_ = 0, open_ = 0;
    std::exception_ptr failure_;
    bool stopping_ = false;
};

} // namespace onair::sws

// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/delivery/transport.hpp"
#include "engine/events/event.hpp"
#include "engine/events/utc_clock.hpp"

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

/// Stand-ins for the engine of trackingsink.
namespace onair::test {

/// Stands still until it is told otherwise.
class FakeClock : public track::Clock {
  public:
    int64_t utc = 1'795'521'600'000'000; ///< 2026-11-24T12:00:00Z
    int64_t monotonic = 1'000'000;
    int64_t utc_us() override { return utc; }
    int64_t monotonic_us() override { return monotonic; }
};

/// Answers at once from a function of the body; remembers what was sent.
class FakeTransport : public track::Transport {
  public:
    using Server = std::function<track::Answer(const std::string& body)>;
    explicit FakeTransport(Server s) : server(std::move(s)) {}
    void start(uint64_t id, track::Request request) override {
        urls.push_back(request.url);
        bodies.push_back(request.body);
        track::Answer answer = server(request.body);
        const std::lock_guard guard(lock_);
        done_.push_back({id, std::move(answer)});
    }
    std::vector<Done> wait(int64_t longest_us) override {
        std::unique_lock guard(lock_);
        const auto ready = [&] { return woken_ || !done_.empty(); };
        if (longest_us < 0)
            something_.wait(guard, ready);
        else
            something_.wait_for(guard, std::chrono::microseconds(longest_us), ready);
        woken_ = false;
        return std::exchange(done_, {});
    }
    void wake() override {
        {
            const std::lock_guard guard(lock_);
            woken_ = true;
        }
        something_.notify_all();
    }
    void abort() override { wake(); }

    Server server;
    std::vector<std::string> urls, bodies;

  protected:
    std::mutex lock_;
    std::condition_variable something_;
    std::vector<Done> done_;
    bool woken_ = false;
};

inline track::Answer http(int status, std::string body, std::string type = "application/json") {
    track::Answer answer;
    answer.status = status;
    answer.body = std::move(body);
    answer.content_type = std::move(type);
    return answer;
}

inline track::Answer success(size_t tracked, size_t invalid = 0, const std::string& indices = {}) {
    return http(200, "{\"status\":\"success\",\"tracked\":" + std::to_string(tracked) + ",\"invalid\":" +
                         std::to_string(invalid) + (indices.empty() ? "" : ",\"invalid_indices\":" + indices) + "}");
}

/// A valid event as Intake would make it.
inline track::Event make_event(const std::string& id, int64_t time_us = 1'795'521'600'000'000,
                               const std::string& type = "test.case.run") {
    track::Event event;
    event.id = id;
    event.type = type;
    event.time_us = event.recv_us = time_us;
    event.body = "{\"id\":\"" + id + "\",\"source\":\"gst://h/p/e\",\"type\":\"" + type + "\",\"action\":{\"name\":\"" +
                 id + "\"}}";
    return event;
}

} // namespace onair::test

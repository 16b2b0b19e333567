// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "tests/support/command.hpp"
#include "tests/support/fault_server.hpp"
#include "tests/support/track_books.hpp"
#include "tests/support/track_fakes.hpp"

#include "engine/delivery/dispatcher.hpp"
#include "engine/delivery/http_transport.hpp"
#include "engine/delivery/senders/matomo.hpp"
#include "engine/store/sqlite_store.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <unistd.h>
#include <vector>

namespace onair::test {

/// Runs `speed` times as fast as the world.
class FastClock : public track::Clock {
  public:
    explicit FastClock(int speed) : speed_(speed), start_(real_us()) {}
    int64_t utc_us() override { return epoch_ + since(); }
    int64_t monotonic_us() override { return 1'000'000 + since(); }
    int64_t since() const { return (real_us() - start_) * speed_; }
    int speed() const { return speed_; }

  private:
    static int64_t real_us() {
        return std::chrono::duration_cast<std::chrono::microseconds>(
                   std::chrono::steady_clock::now().time_since_epoch())
            .count();
    }
    const int speed_;
    const int64_t start_;
    const int64_t epoch_ =
        std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::system_clock::now().time_since_epoch())
            .count();
};

/// A store, destinations with a server each, and real HTTP, in hurried time: what the courier of the engine does, by
/// the rig's own loop. A request may take a minute of that time.
class Rig {
  public:
    struct Destination {
        std::string name;
        std::unique_ptr<FaultServer> server;
        std::unique_ptr<track::Outbox> outbox;
        std::unique_ptr<track::MatomoSender> sender;
        int64_t number = 0;
        std::unique_ptr<track::Dispatcher> dispatcher;
    };

    explicit Rig(int speed)
        : clock(speed), store(path, {}),
          transport_({.connect_us = 10'000'000 / speed, .request_us = 60'000'000 / speed}) {}

    Destination& add(const std::string& name, FaultServer::Script script, track::AmbiguousPolicy policy) {
        auto& d = *destinations.emplace_back(std::make_unique<Destination>());
        d.name = name;
        d.server = std::make_unique<FaultServer>(std::move(script));
        const std::string host = "127.0.0.1:" + std::to_string(d.server->port());
        d.sender = std::make_unique<track::MatomoSender>(
            track::read_matomo_url(d.server->url()),
            track::MatomoMapping{.site = 1, .id_dimension = 1, .categories = {}}, "5ecre7t0ken");
        d.outbox = std::make_unique<track::Outbox>("matomo"); // its rules, whatever the name
        d.number = store.open_destination("matomo", host, "1", name);
        d.dispatcher = std::make_unique<track::Dispatcher>(
            store, d.number, *d.sender, clock,
            track::Dispatcher::Config{
                .name = name,
                .pace = {},
                .ambiguous = policy,
                .outbox = d.outbox.get(),
                .random = [this] { return share_(random_); },
                .warn = [&warnings = warnings[name]](const Error& e) { warnings.push_back(e.what()); },
                .state = {},
                .dead = {}});
        return d;
    }

    /// `n` events of `visitors` visitors, all destinations.
    void push(int n, int visitors, const std::function<std::string(int64_t)>& more = {}) {
        std::vector<track::Record> records;
        for (int i = 0; i < n; ++i, ++pushed) {
            track::Event event;
            event.id = "e" + std::to_string(pushed);
            event.type = "test.case.run";
            event.time_us = event.recv_us = clock.utc_us();
            event.body = "{\"id\":\"" + event.id + "\",\"source\":\"gst://h/p/" + std::to_string(pushed % visitors) +
                         "\",\"type\":\"test.case.run\"" + (more ? more(pushed) : "") + "}";
            records.emplace_back(std::move(event));
        }
        store.commit(records);
        for (auto& d : destinations)
            d->dispatcher->look();
    }

    /// One turn: what is due is sent, what has come is taken. At most 10 ms.
    void turn() {
        int64_t wait = 10'000;
        for (size_t i = 0; i < destinations.size(); ++i) {
            auto& dispatcher = *destinations[i]->dispatcher;
            for (auto& out : dispatcher.next())
                transport_.start(out.id << 8 | i, std::move(out.request));
            if (const auto due = dispatcher.due())
                wait = std::clamp<int64_t>((*due - clock.monotonic_us()) / clock.speed(), 0, wait);
        }
        for (auto& done : transport_.wait(wait))
            destinations[done.id & 255]->dispatcher->answered(done.id >> 8, done.answer);
    }

    bool idle() const {
        return std::all_of(destinations.begin(), destinations.end(),
                           [](const auto& d) { return d->dispatcher->idle(); });
    }

    int64_t number(const std::string& sql) const { return track::sql::Database(path).integer(sql); }

    const TempDir dir;
    const std::string path = dir / "e.db";
    FastClock clock;
    track::SqliteStore store;
    int64_t pushed = 0;
    std::vector<std::unique_ptr<Destination>> destinations;
    std::map<std::string, std::vector<std::string>> warnings;

  private:
    std::mt19937_64 random_{std::random_device{}()};
    std::uniform_real_distribution<double> share_{0.0, 1.0};
    track::HttpTransport transport_;
};

/// Resident memory of this process that no file backs, MiB.
inline double own_memory_mib() {
    std::ifstream file("/proc/self/status");
    for (std::string line; std::getline(file, line);)
        if (line.starts_with("RssAnon:")) return std::strtod(line.c_str() + 8, nullptr) / 1024;
    return 0;
}

} // namespace onair::test

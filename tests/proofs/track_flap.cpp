// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
// A destination that flaps, and another one that is well, through the whole engine: its recorder, its store, its
// courier's thread and libcurl, to two fault servers. All times of the delivery are `speed` times as short.
//
//     track-flap [MINUTES]   of the hurried time
//
// The ill one goes round from down over slow and failing to well. The books balance, all is delivered once, memory
// does not grow, and the other one gets its events as if there were no other.
#include "tests/support/fault_books.hpp"
#include "tests/support/fault_plays.hpp"
#include "tests/support/track_books.hpp"
#include "tests/support/track_rig.hpp"

#include "engine/tracker.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <thread>
#include <vector>

using namespace onair;
using namespace onair::test;

namespace {

constexpr int speed = 15;
constexpr int a_second = 10; ///< events, of the hurried time

int failures = 0;
void check(bool good, const std::string& what) {
    if (good) return;
    ++failures;
    std::printf("WRONG: %s\n", what.c_str());
}

track::Timing hurried() {
    track::Timing out;
    for (int64_t* one : {&out.backoff_us, &out.longest_backoff_us, &out.pause_us, &out.slow_us, &out.read_back_gap_us,
                         &out.connect_us, &out.request_us, &out.last_us, &out.lone_us})
        *one /= speed;
    return out;
}

enum Phase { up, down, slow, failing };
constexpr const char* phase_names[] = {"up", "down", "slow", "failing"};
constexpr struct {
    Phase phase;
    int seconds;
} round_trip[] = {{up, 240}, {down, 180}, {up, 120}, {slow, 180}, {failing, 120}};

Phase phase_at(int64_t second) {
    int all = 0;
    for (const auto& part : round_trip)
        all += part.seconds;
    second %= all;
    for (const auto& part : round_trip) {
        if (second < part.seconds) return part.phase;
        second -= part.seconds;
    }
    return up;
}

Play ill_play(const Asked& asked, Phase phase) {
    Play play = well();
    if (phase == slow) play.wait_ms = 6000 / speed;
    if (phase == failing)
        return asked.number % 2 ? answers("500 Internal Server Error", R"({"status":"error","tracked":0,"invalid":0})")
                                : answers("503 Service Unavailable", "");
    return phase == down ? ends("down", Play::End::reset) : play;
}

/// When an event was pushed and when the server had it, real time; and how the other server was then.
struct Way {
    int64_t pushed_us = 0, stored_us = 0;
    Phase phase = up;
};

double percentile(std::vector<double> all, double share) {
    if (all.empty()) return 0;
    const auto at = all.begin() + static_cast<std::ptrdiff_t>(share * static_cast<double>(all.size() - 1));
    std::nth_element(all.begin(), at, all.end());
    return *at;
}

void print_delays(const std::vector<Way>& ways) {
    std::puts("delay of the well destination, real ms, while the other one is");
    for (const Phase phase : {up, down, slow, failing}) {
        std::vector<double> delays;
        for (const Way& way : ways)
            if (way.pushed_us && way.phase == phase)
                delays.push_back(static_cast<double>(way.stored_us - way.pushed_us) / 1000);
        std::printf("  %-8s p50 %.1f, p99 %.1f, worst %.1f (%zu events)\n", phase_names[phase], percentile(delays, 0.5),
                    percentile(delays, 0.99), percentile(delays, 1), delays.size());
    }
}

int64_t queued_for(const track::Tracker& tracker, const std::string& name) {
    for (const auto& books : tracker.books().destinations)
        if (books.name == name) return books.queued;
    return 0;
}

/// The same settings as an operator's, with two destinations of a policy file.
track::Tracker::Config config_of(const TempDir& dir, const FaultServer& ill, const FaultServer& well_one) {
    const auto described = [&](const FaultServer& server) {
        return R"({"url":")" + server.url() + R"(","site":1,"id-dimension":1,"token-file":")" + (dir / "token") + "\"}";
    };
    std::ofstream(dir / "token") << "5ecre7t0ken\n";
    std::ofstream(dir / "policy.json") << R"({"format":1,"destinations":{"ill":)" << described(ill) << R"(,"well":)"
                                       << described(well_one) << "}}";
    track::Tracker::Config config;
    config.location = dir / "e.db";
    config.source = "gst://h/p/e";
    config.policy.file = dir / "policy.json";
    config.timing = hurried();
    config.warn = [](const Error& e) { std::printf("warning: %s\n", e.what()); };
    config.fail = [](const Error& e) { check(false, e.what()); };
    return config;
}

struct Seen {
    int64_t most_ill = 0, most_well = 0;
    double quarter_mib = 0, end_mib = 0;
};

/// Pushes for so long, and looks now and then.
Seen run(track::Tracker& tracker, FaultServer& ill, FastClock& clock, std::vector<Way>& ways, int64_t seconds) {
    Seen seen;
    track::Arrival arrival;
    int64_t next_look = 0;
    for (size_t i = 0; i < ways.size();) {
        const int64_t now = clock.since();
        const Phase phase = phase_at(now / 1'000'000);
        ill.set_listening(phase != down);
        for (; i < ways.size() && static_cast<int64_t>(i) * 1'000'000 / a_second <= now; ++i) {
            ways[i].phase = phase;
            ways[i].pushed_us = track::SystemClock().monotonic_us();
            arrival.recv_us = track::SystemClock().utc_us();
            const std::string id = std::to_string(i);
            tracker.push(R"({"id":"e)" + id + R"(","type":"test.case.run","source":"gst://h/p/)" +
                             std::to_string(i % 40) + "\"}",
                         arrival);
        }
        if (now >= next_look) {
            next_look += 10'000'000;
            seen.most_ill = std::max(seen.most_ill, queued_for(tracker, "ill"));
            seen.most_well = std::max(seen.most_well, queued_for(tracker, "well"));
            seen.end_mib = own_memory_mib();
            if (seen.quarter_mib == 0 && now > seconds * 250'000) seen.quarter_mib = seen.end_mib;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return seen;
}

} // namespace

int main(int argc, char** argv) {
    const int minutes = argc > 1 ? std::max(1, std::atoi(argv[1])) : 60;
    const int64_t seconds = int64_t{minutes} * 60;
    const TempDir dir;
    FastClock clock(speed);
    std::atomic<bool> over{false};
    std::vector<Way> ways(static_cast<size_t>(seconds) * a_second);
    FaultServer ill(
        [&](const Asked& asked) { return ill_play(asked, over ? up : phase_at(clock.since() / 1'000'000)); });
    FaultServer well_one([](const Asked&) { return well(); });
    for (FaultServer* server : {&ill, &well_one})
        server->keep_little(ways.size());
    well_one.on_stored([&](size_t number) { ways[number].stored_us = track::SystemClock().monotonic_us(); });

    track::Tracker tracker(config_of(dir, ill, well_one));
    const Seen seen = run(tracker, ill, clock, ways, seconds);
    over = true;
    ill.set_listening(true);
    check(tracker.flush(60'000'000), "events are still queued");
    const track::Books books = tracker.books();
    uint64_t well_failures = 0;
    for (const auto& status : tracker.destinations()) {
        std::printf("%-5s %ld requests, %ld of them failed\n", status.name.c_str(), static_cast<long>(status.requests),
                    static_cast<long>(status.failures));
        if (status.name == "well") well_failures = static_cast<uint64_t>(status.failures);
    }
    tracker.close();
    std::printf(
        "%d minutes at %d times the speed, %zu events to each; most that waited for the ill one %ld, for the well "
        "one %ld; ambiguous %ld; memory %.1f MiB after a quarter, %.1f MiB at the end\n",
        minutes, speed, ways.size(), static_cast<long>(seen.most_ill), static_cast<long>(seen.most_well),
        static_cast<long>(books.all().ambiguous), seen.quarter_mib, seen.end_mib);
    print_delays(ways);
    for (const auto& one : books.destinations)
        check(one.delivered == static_cast<int64_t>(ways.size()), one.name + ": not all are delivered");
    for (const auto& [server, name] : {std::pair(&ill, "ill"), std::pair(&well_one, "well")}) {
        const std::string wrong = wrong_copies(*server, dir / "e.db", name, server == &well_one);
        check(wrong.empty(), std::string(name) + ": " + wrong);
    }
    check(well_failures == 0, "the well destination failed");
    check(seen.most_well <= 600, "events for the well destination wait"); // those of a minute of the hurried time
    check(minutes < 14 || seen.most_ill > 1000, "the ill destination was not ill");
    check(seen.end_mib - seen.quarter_mib < 4 || minutes < 14, "memory grows");
    const std::string wrong = unbalanced(books) + unbalanced(dir / "e.db");
    check(wrong.empty(), wrong);
    std::printf("%d wrong\n", failures);
    return failures ? 1 : 0;
}

// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
// kill -9 at random moments: whatever was said to be accepted is there afterwards, and the file opens clean.
// ONAIR_KILL_ROUNDS sets the number of rounds (the slow proof takes 1000).
#include "tests/support/command.hpp"
#include "tests/support/track_books.hpp"
#include "tests/support/track_fakes.hpp"

#include "engine/store/recorder.hpp"
#include "engine/store/sqlite.hpp"
#include "engine/store/sqlite_store.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <random>
#include <string>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

using namespace onair;
using namespace onair::track;

namespace {

/// What the child tells after each group: so many events of mine are accepted.
struct Told {
    int64_t accepted;
};

/// Never returns: it is killed. Events "R-0", "R-1", … of round R; some are delivered, some on their way.
[[noreturn]] void child(const std::string& path, int round, int pipe) {
    const bool synced = round % 2 == 1;
    SqliteStore store(path, {.limits = {}, .durability = synced ? Durability::sync : Durability::normal});
    const int64_t to = store.open_destination("matomo", "u", "1");
    Recorder recorder(store, {.sync_interval_us = synced ? 0 : 5000, .committed = [&] {
                                  const Told told{store.books().stored};
                                  if (write(pipe, &told, sizeof told) != sizeof told) _exit(1);
                              }});
    for (int64_t i = 0;; ++i) {
        recorder.submit(test::make_event(std::to_string(round) + "-" + std::to_string(i)));
        if (i % 64 != 0) continue;
        Event personal = test::make_event("p-" + std::to_string(round) + "-" + std::to_string(i));
        personal.user = "user" + std::to_string(i % 5);
        personal.held = i % 3 == 0;
        recorder.submit(std::move(personal));
        recorder.submit(Tally{Outcome::filtered, "rule", 3});
        if (i % 1024 == 0) recorder.submit(Command{.act = Act::withdraw, .subject = {.user = "user1"}});
        std::vector<int64_t> seqs;
        std::vector<Settlement> done;
        for (const Queued& event : store.queued(to, 20, 1 << 20)) {
            seqs.push_back(event.seq);
            done.push_back({event.seq, event.seq % 9 ? Delivery::delivered : Delivery::dead, {}});
        }
        if (store.mark_sending(to, seqs)) store.settle(to, done);
        if (i % 4096 == 0) store.replay({});
    }
}

/// Lets a child run for a random time; returns the last number of accepted events it told.
int64_t run_and_kill(const std::string& path, int round, int wait_us) {
    int ends[2];
    REQUIRE(pipe(ends) == 0);
    const pid_t pid = fork();
    REQUIRE(pid >= 0);
    if (pid == 0) {
        close(ends[0]);
        child(path, round, ends[1]);
    }
    close(ends[1]);
    std::thread killer([&] {
        std::this_thread::sleep_for(std::chrono::microseconds(wait_us));
        kill(pid, SIGKILL);
    });
    Told told{0}, next{0};
    while (read(ends[0], &next, sizeof next) == sizeof next)
        told = next;
    killer.join();
    close(ends[0]);
    int status = 0;
    waitpid(pid, &status, 0);
    CHECK(WIFSIGNALED(status));
    return told.accepted;
}

} // namespace

TEST_CASE("kill -9: every accepted event is there and the books balance") {
    const char* wanted = std::getenv("ONAIR_KILL_ROUNDS");
    const int rounds = wanted ? std::atoi(wanted) : 30;
    const test::TempDir dir;
    std::mt19937 random(7);
    int64_t all_told = 0, stored_before = 0;
    for (int round = 0; round < rounds; ++round) {
        CAPTURE(round);
        const std::string path = dir / ("e" + std::to_string(round / 25) + ".db"); // a large one takes long to check
        if (round % 25 == 0) stored_before = 0;
        const int64_t told = run_and_kill(path, round, static_cast<int>(random() % 60000));
        all_told += told;
        // A kill before the file was made leaves nothing to look at.
        if (access(path.c_str(), F_OK) != 0) continue;
        SqliteStore store(path); // recovers the WAL
        const int64_t to = store.open_destination("matomo", "u", "1");
        sql::Database db(path);
        CHECK(test::unbalanced(path) == "");
        const int64_t stored_now = db.integer("SELECT n FROM onair_counts WHERE state = 'stored'");
        CHECK(stored_now - stored_before >= told);
        stored_before = stored_now;
        const std::string mine = "'" + std::to_string(round) + "-*'";
        const int64_t stored = db.integer("SELECT count(*) FROM events WHERE id GLOB " + mine);
        // They are the first ones without a gap: nothing was lost in between.
        CHECK(
            db.integer("SELECT coalesce(max(CAST(substr(id, instr(id, '-') + 1) AS INTEGER)) + 1, 0) FROM events WHERE "
                       "id GLOB " +
                       mine) == stored);
        CHECK(db.integer("SELECT count(*) FROM deliveries WHERE sending = 1") == 0);
        CHECK(store.books().all().carried ==
              db.integer("SELECT count(*) FROM deliveries WHERE state IN ('queued', 'held')"));
        CHECK(to == 1);
    }
    MESSAGE(rounds << " kills, " << all_told << " events were told to be accepted");
}

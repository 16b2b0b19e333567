// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
// kill -9 of a whole pipeline: the process runs itself again as the victim.
#include "tests/support/track_books.hpp"
#include "tests/support/track_feed.hpp"

#include "engine/store/sqlite_store.hpp"

#include <doctest/doctest.h>
#include <gst/gst.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

using namespace onair;
using test::TempDir;
using test::TrackFeed;

namespace {

constexpr char victim[] = "ONAIR_TEST_VICTIM";

/// Starts the victim with its output in a pipe.
pid_t start(const std::string& db, int* out) {
    int ends[2];
    REQUIRE(pipe(ends) == 0);
    const pid_t pid = fork();
    REQUIRE(pid >= 0);
    if (pid == 0) {
        dup2(ends[1], STDOUT_FILENO);
        setenv(victim, db.c_str(), 1);
        execl("/proc/self/exe", "victim", "-tc=victim", "-m", static_cast<char*>(nullptr));
        _exit(127);
    }
    close(ends[1]);
    *out = ends[0];
    return pid;
}

} // namespace

TEST_CASE("victim") {
    const char* db = std::getenv(victim);
    if (!db) return;
    TrackFeed feed(db);
    gst_element_set_state(feed.pipeline(), GST_STATE_PLAYING);
    for (;;) {
        for (int i = 0; i < 20; ++i)
            feed.push("{\"type\":\"test.case.run\"}\n");
        std::printf("accepted %ld\n", static_cast<long>(feed.stat("stored")));
        std::fflush(stdout);
        while (feed.stat("pending") > 2000)
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
}

TEST_CASE("kill -9 of a pipeline loses no accepted event") {
    if (std::getenv(victim)) return;
    const TempDir dir;
    const std::string db = dir / "e.db";
    std::mt19937 random(11);
    int64_t before = 0;
    const char* wanted = std::getenv("ONAIR_KILL_ROUNDS"); // the slow proof takes 50
    const int rounds = wanted ? std::atoi(wanted) : 4;
    for (int round = 0; round < rounds; ++round) {
        CAPTURE(round);
        int out = -1;
        const pid_t pid = start(db, &out);
        FILE* lines = fdopen(out, "r");
        // From its first words on it may die at any time.
        char line[128];
        long accepted = 0;
        std::thread killer;
        while (std::fgets(line, sizeof line, lines)) {
            const bool told = std::sscanf(line, "accepted %ld", &accepted) == 1;
            if (told && !killer.joinable())
                killer = std::thread([pid, wait = random() % 80] {
                    std::this_thread::sleep_for(std::chrono::milliseconds(wait));
                    kill(pid, SIGKILL);
                });
        }
        if (killer.joinable()) killer.join();
        std::fclose(lines);
        int status = 0;
        waitpid(pid, &status, 0);
        CHECK(WIFSIGNALED(status));
        { const track::SqliteStore opens_clean(db); }
        TrackFeed feed(db);
        CHECK(test::unbalanced(db) == "");
        const int64_t now = feed.count("accepted");
        CHECK(now >= before + accepted);
        before = now;
    }
    MESSAGE(before << " events");
}

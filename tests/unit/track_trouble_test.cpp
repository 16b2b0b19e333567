// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
// What the store does when its disk or its file fails.
#include "tests/support/command.hpp"
#include "tests/support/error_of.hpp"
#include "tests/support/skip.hpp"
#include "tests/support/track_books.hpp"
#include "tests/support/track_disk.hpp"
#include "tests/support/track_fakes.hpp"

#include "engine/store/recorder.hpp"
#include "engine/store/sqlite.hpp"
#include "engine/store/sqlite_store.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <string>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

using namespace onair;
using namespace onair::track;
using test::Disk;
using test::error_of;
using test::has;
using test::make_event;
using test::TempDir;
using Result = Recorder::Result;

namespace {

/// A store and its recorder, and what they said.
struct Rig {
    explicit Rig(const std::string& p, StoreConfig config = {}, Recorder::Config recording = {})
        : path(p), store(path, complete(std::move(config))), to(store.open_destination("matomo", "u", "1")),
          recorder(store, complete(std::move(recording))) {}

    StoreConfig complete(StoreConfig config) {
        config.warn = [this](const Error& e) { note(e); };
        return config;
    }
    Recorder::Config complete(Recorder::Config config) {
        config.warn = [this](const Error& e) { note(e); };
        config.failed = [this](const Error& e) { note(e); };
        return config;
    }
    void note(const Error& e) {
        const std::lock_guard guard(lock);
        said.emplace_back(e.what());
    }
    int times(const std::string& part) {
        const std::lock_guard guard(lock);
        int n = 0;
        for (const std::string& words : said)
            n += has(words, part);
        return n;
    }
    void wait_for(const std::string& part) {
        while (times(part) == 0)
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    /// The disk is well; the recorder may sleep in its back-off for longer than flush() has patience.
    void flush() {
        while (recorder.flush() == Result::interrupted) {
        }
    }
    void push(int from, int n) {
        for (int i = from; i < from + n; ++i)
            recorder.submit(make_event(std::to_string(i)), false);
    }
    Books books() {
        Books all = store.books();
        all.received = recorder.received();
        all.pending = all.received - all.settled();
        return all;
    }

    std::mutex lock;
    std::vector<std::string> said;
    std::string path;
    SqliteStore store;
    int64_t to;
    Recorder recorder;
};

int64_t number(const std::string& path, const std::string& sql) { return sql::Database(path).integer(sql); }

std::string corrupt_file(const std::string& directory) {
    for (const auto& entry : std::filesystem::directory_iterator(directory))
        if (has(entry.path().string(), ".corrupt-") && !has(entry.path().string(), "-wal") &&
            !has(entry.path().string(), "-shm"))
            return entry.path().string();
    return "";
}

void overwrite(const std::string& path, int64_t from, int64_t to, char with) {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(from);
    file << std::string(static_cast<size_t>(to - from), with);
}

} // namespace

TEST_CASE("a disk that fails: events wait in memory, it is said once, and it goes on by itself") {
    struct Row {
        int code;
        const char* words;
    };
    for (const Row& row :
         {Row{SQLITE_FULL, "No space is left"}, Row{SQLITE_IOERR_WRITE, "cannot be written to at the"}}) {
        CAPTURE(row.words);
        const TempDir dir;
        Disk& disk = Disk::get();
        Rig rig(dir / "e.db", {}, {.max_records = 100, .patience_us = 50'000});
        rig.push(0, 10);
        CHECK(rig.recorder.flush() == Result::ok);
        disk.write_fails = row.code;
        rig.push(10, 20);
        rig.wait_for(row.words);
        CHECK(rig.recorder.flush() == Result::interrupted);
        rig.push(30, 200); // more than fits
        CHECK(rig.times("the newest are dropped") == 1);
        disk.write_fails = SQLITE_OK;
        rig.flush();
        CHECK(rig.times(row.words) == 1);
        CHECK(rig.times("written to again") == 1);
        const Books books = rig.books();
        CHECK(test::unbalanced(books) == "");
        CHECK(test::unbalanced(rig.path) == "");
        CHECK(books.received == 230);
        CHECK(books.dropped >= 80);
        CHECK(number(rig.path, "SELECT count(*) FROM events WHERE CAST(id AS INTEGER) < 30") == 30);
    }
}

TEST_CASE("a disk that does not get well before the end: what is lost is said and what was stored is whole") {
    const TempDir dir;
    Disk& disk = Disk::get();
    {
        Rig rig(dir / "e.db", {}, {.patience_us = 50'000});
        rig.push(0, 10);
        CHECK(rig.recorder.flush() == Result::ok);
        disk.write_fails = SQLITE_FULL;
        rig.push(10, 5);
        rig.recorder.stop();
        CHECK(rig.times("5 events could not be written") == 1);
        disk.write_fails = SQLITE_OK;
    }
    CHECK(number(dir / "e.db", "SELECT count(*) FROM events") == 10);
    CHECK(test::unbalanced(dir / "e.db") == "");
}

TEST_CASE("drop-oldest: in memory the oldest give way, and a command is never dropped") {
    const TempDir dir;
    Disk& disk = Disk::get();
    Rig rig(dir / "e.db", {}, {.max_records = 10, .when_full = WhenFull::drop_oldest, .patience_us = 50'000});
    disk.write_fails = SQLITE_FULL;
    rig.push(0, 1);
    rig.wait_for("No space");
    auto report = std::make_shared<ActReport>();
    rig.push(1, 5);
    rig.recorder.submit(Command{.act = Act::forget, .subject = {.user = "u"}, .report = report});
    rig.push(6, 30);
    CHECK(rig.times("the oldest are dropped") == 1);
    disk.write_fails = SQLITE_OK;
    rig.flush();
    CHECK(test::unbalanced(rig.books()) == "");
    CHECK(number(rig.path, "SELECT count(*) FROM events WHERE id = '35'") == 1);
    CHECK(number(rig.path, "SELECT count(*) FROM events WHERE id = '2'") == 0);
    CHECK(number(rig.path, "SELECT count(*) FROM audit") == 1);
}

TEST_CASE("a sender waits for the disk, and is let go at the end") {
    const TempDir dir;
    Disk& disk = Disk::get();
    Rig rig(dir / "e.db");
    rig.push(0, 3);
    rig.recorder.flush();
    const auto batch = rig.store.queued(rig.to, 10, 1 << 20);
    REQUIRE(batch.size() == 3);
    disk.write_fails = SQLITE_FULL;
    std::thread well([&] {
        rig.wait_for("No space");
        disk.write_fails = SQLITE_OK;
    });
    rig.store.settle(rig.to, std::vector<Settlement>{{batch[0].seq, Delivery::delivered, ""}});
    well.join();
    CHECK(rig.store.books().all().delivered == 1);
    disk.write_fails = SQLITE_FULL;
    rig.store.stop_waiting();
    CHECK(has(error_of([&] { rig.store.requeue(rig.to, std::vector<int64_t>{batch[1].seq}, true); }), "No space"));
    disk.write_fails = SQLITE_OK;
    CHECK(test::unbalanced_store(rig.store.books()) == "");
}

TEST_CASE("a limit of the file size is a disk that fails") {
    const TempDir dir;
    std::signal(SIGXFSZ, SIG_IGN);
    rlimit before{}, small{};
    getrlimit(RLIMIT_FSIZE, &before);
    small = before;
    small.rlim_cur = 400 * 1024;
    Rig rig(dir / "e.db", {}, {.patience_us = 50'000});
    setrlimit(RLIMIT_FSIZE, &small);
    rig.push(0, 3000);
    rig.wait_for("cannot be written to at the moment");
    setrlimit(RLIMIT_FSIZE, &before);
    rig.flush();
    CHECK(number(rig.path, "SELECT count(*) FROM events") == 3000);
    CHECK(test::unbalanced(rig.path) == "");
}

TEST_CASE("another program's transaction is waited for") {
    const TempDir dir;
    Rig rig(dir / "e.db");
    sql::Database other(rig.path);
    other.execute("BEGIN IMMEDIATE");
    rig.push(0, 5);
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    CHECK(rig.store.books().stored == 0);
    other.execute("COMMIT");
    CHECK(rig.recorder.flush() == Result::ok);
    CHECK(rig.store.books().stored == 5);
}

TEST_CASE("a second store on the file is refused; the first goes on") {
    const TempDir dir;
    Rig rig(dir / "e.db");
    CHECK(has(error_of([&] { SqliteStore{dir / "e.db"}; }), "is in use by another"));
    CHECK(has(error_of([&] { SqliteStore{dir / "./e.db"}; }), "is in use by another")); // another name of it
    rig.push(0, 5);
    CHECK(rig.recorder.flush() == Result::ok);
    CHECK(rig.store.books().stored == 5);
}

TEST_CASE("a file that may only be read") {
    const TempDir dir;
    { SqliteStore store(dir / "e.db"); }
    chmod((dir / "e.db").c_str(), 0444);
    chmod((dir / "e.db.lock").c_str(), 0444);
    chmod((dir / "").c_str(), 0555);
    const pid_t pid = fork(); // root may write to everything
    REQUIRE(pid >= 0);
    if (pid == 0) {
        if (geteuid() == 0 && (chown((dir / "").c_str(), 65534, 65534) != 0 || setuid(65534) != 0)) _exit(3);
        _exit(has(error_of([&] { SqliteStore{dir / "e.db"}; }), "may only be read") ? 0 : 1);
    }
    int status = 0;
    waitpid(pid, &status, 0);
    chmod((dir / "").c_str(), 0755);
    CHECK(WIFEXITED(status));
    CHECK(WEXITSTATUS(status) == 0);
}

TEST_CASE("a damaged database is set aside at the start, and a new one begun") {
    struct Row {
        const char* what;
        int64_t from, to;
    };
    for (const Row& row : {Row{"header", 0, 100}, Row{"schema", 100, 4096}, Row{"all", 0, 40000}}) {
        CAPTURE(row.what);
        const TempDir dir;
        const std::string path = dir / "e.db";
        {
            Rig rig(path);
            rig.push(0, 500);
            rig.recorder.flush();
        }
        overwrite(path, row.from, row.to, 'x');
        Rig rig(path);
        CHECK(rig.times("is damaged. It was moved to") == 1);
        rig.push(0, 5);
        CHECK(rig.recorder.flush() == Result::ok);
        CHECK(rig.books().stored == 5);
        CHECK(test::unbalanced(rig.books()) == "");
        CHECK(test::unbalanced(path) == "");
        CHECK(corrupt_file(dir / "") != "");
    }
}

TEST_CASE("a database that turns out to be damaged while it is used") {
    const TempDir dir;
    const std::string path = dir / "e.db";
    {
        Rig rig(path);
        for (int i = 0; i < 4000; ++i)
            rig.recorder.submit(make_event("old-" + std::to_string(i)));
        rig.recorder.flush();
    }
    const int64_t pages = number(path, "PRAGMA page_count");
    Rig rig(path);
    const auto batch = rig.store.queued(rig.to, 5, 1 << 20);
    REQUIRE(batch.size() == 5);
    // All but the first pages, behind SQLite's back; what it holds in memory is as it was.
    overwrite(path, 12 * 4096, pages * 4096, 'x');
    rig.push(0, 3000);
    CHECK(rig.recorder.flush() == Result::ok);
    CHECK(rig.times("is damaged") == 1);
    CHECK(number(path, "SELECT count(*) FROM events") == 3000);
    CHECK(test::unbalanced(rig.books()) == "");
    CHECK(test::unbalanced(path) == "");
    // What a sender still holds of the old one fits nothing in the new one.
    rig.store.settle(rig.to, std::vector<Settlement>{{batch[0].seq, Delivery::delivered, ""}});
    CHECK(number(path, "SELECT count(*) FROM deliveries WHERE state = 'delivered'") == 0);
    CHECK(rig.store.queued(rig.to, 1, 1).size() == 1);
    CHECK(test::unbalanced(rig.books()) == "");
}

TEST_CASE("a foreign file that is damaged is not touched") {
    const TempDir dir;
    const std::string path = dir / "foreign.db";
    std::ofstream{path};
    sql::Database(path).execute("CREATE TABLE t(a); INSERT INTO t VALUES(1)");
    overwrite(path, 100, 4096, 'x');
    CHECK(error_of([&] { SqliteStore{path}; }) != "");
    CHECK(corrupt_file(dir / "") == "");
    CHECK_FALSE(std::filesystem::exists(path + ".lock"));
}

// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/support/command.hpp"
#include "tests/support/error_of.hpp"
#include "tests/support/track_books.hpp"
#include "tests/support/track_fakes.hpp"

#include "engine/store/sqlite.hpp"
#include "engine/store/sqlite_store.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <string>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

using namespace onair;
using namespace onair::track;
using test::error_of;
using test::has;
using test::make_event;
using test::TempDir;
using test::unbalanced;
using test::unbalanced_store;

namespace {

int64_t query(const std::string& path, const std::string& sql) { return sql::Database(path).integer(sql); }

int64_t count_of(const std::string& path, const std::string& state) {
    return query(path, "SELECT n FROM onair_counts WHERE state = '" + state + "'");
}

Refusal make_refusal(Reason reason) {
    Refusal refusal;
    refusal.reason = reason;
    refusal.detail = "because";
    return refusal;
}

void balance(const Books& b) { CHECK(unbalanced_store(b) == ""); }
void balance(const std::string& path) { CHECK(unbalanced(path) == ""); }

int mode_of(const std::string& path) {
    struct stat info {};
    return stat(path.c_str(), &info) == 0 ? static_cast<int>(info.st_mode & 0777) : -1;
}

} // namespace

TEST_CASE("events, refusals and duplicates are counted and kept over runs") {
    const TempDir dir;
    const std::string path = dir / "e.db";
    {
        SqliteStore store(path);
        store.commit(
            std::vector<Record>{make_event("A"), make_event("B"), make_event("A"), make_refusal(Reason::json)});
        const Books b = store.books();
        CHECK(b.stored == 2);
        CHECK(b.duplicates == 1);
        CHECK(b.refused == 1);
        balance(b);
    }
    SqliteStore store(path);
    store.commit(std::vector<Record>{make_event("B"), make_event("C")});
    CHECK(store.books().stored == 1);
    CHECK(store.books().duplicates == 1);
    CHECK(count_of(path, "accepted") == 3);
    CHECK(count_of(path, "duplicate") == 2);
    CHECK(query(path, "SELECT count(*) FROM refused WHERE reason = 'duplicate' AND id = 'B' AND excerpt IS NULL") == 1);
    CHECK(query(path, "SELECT count(*) FROM onair_events WHERE time = '2026-11-24T12:00:00.000000Z'") == 3);
    balance(path);
}

TEST_CASE("a destination gets what comes after it was named, and nothing from before") {
    const TempDir dir;
    const std::string path = dir / "e.db";
    SqliteStore store(path);
    store.commit(std::vector<Record>{make_event("before")});
    const int64_t to = store.open_destination("matomo", "http://m/matomo.php", "1");
    store.commit(std::vector<Record>{make_event("A"), make_event("B"), make_event("C"), make_event("D")});
    CHECK(store.books().all().queued == 4);
    const auto batch = store.queued(to, 3, 1 << 20);
    REQUIRE(batch.size() == 3);
    CHECK(batch[0].id == "A");
    CHECK(store.queued(to, 10, 1).size() == 1); // the first is never too large
    store.settle(to, std::vector<Settlement>{{batch[0].seq, Delivery::delivered, ""},
                                             {batch[1].seq, Delivery::dead, "invalid"},
                                             {batch[2].seq, Delivery::unconfirmed, ""}});
    store.settle(to, std::vector<Settlement>{{batch[0].seq, Delivery::dead, "twice"}}); // done is done
    const DestinationBooks b = store.books().all();
    CHECK(b.delivered == 1);
    CHECK(b.dead == 1);
    CHECK(b.unconfirmed == 1);
    CHECK(b.queued == 1);
    balance(store.books());
    balance(path);
    CHECK(count_of(path, "stored") == 5);
    CHECK(query(path, "SELECT count(*) FROM deliveries WHERE reason = 'invalid'") == 1);

    // Another destination has its own queue.
    const int64_t there = store.open_destination("matomo", "http://m/matomo.php", "2");
    CHECK(there != to);
    CHECK(store.books().destinations[1].carried == 0);
    CHECK(store.queued(there, 10, 1000).empty());
}

TEST_CASE("the queue is carried over, and what a crash cut off is ambiguous") {
    const TempDir dir;
    const std::string path = dir / "e.db";
    {
        SqliteStore store(path);
        const int64_t to = store.open_destination("matomo", "u", "1");
        store.commit(std::vector<Record>{make_event("A"), make_event("B"), make_event("C")});
        const auto batch = store.queued(to, 2, 1000);
        store.mark_sending(to, std::vector<int64_t>{batch[0].seq, batch[1].seq});
        store.requeue(to, std::vector<int64_t>{batch[1].seq}, false);
    } // A was on its way
    SqliteStore store(path);
    const int64_t to = store.open_destination("matomo", "u", "1");
    CHECK(store.books().all().carried == 3);
    CHECK(store.books().all().queued == 3);
    CHECK(store.books().all().ambiguous == 1);
    balance(store.books());
    CHECK(query(path, "SELECT sum(ambiguous) FROM deliveries") == 1);
    store.requeue(to, std::vector<int64_t>{store.queued(to, 1, 1)[0].seq}, true);
    CHECK(store.books().all().ambiguous == 2);
}

TEST_CASE("the files are private whatever the umask, also as root") {
    const TempDir dir;
    for (const mode_t mask : {0000, 0022, 0277}) {
        CAPTURE(mask);
        const std::string path = dir / ("m" + std::to_string(mask));
        const mode_t before = umask(mask);
        {
            SqliteStore store(path);
            store.commit(std::vector<Record>{make_event("A")});
            CHECK(mode_of(path) == 0600);
            CHECK(mode_of(path + "-wal") == 0600);
            CHECK(mode_of(path + "-shm") == 0600);
        }
        umask(before);
    }
    // One that was there with a wider mode is made private.
    const std::string path = dir / "wide";
    SqliteStore{path};
    REQUIRE(chmod(path.c_str(), 0644) == 0);
    SqliteStore store(path);
    store.commit(std::vector<Record>{make_event("A")});
    CHECK(mode_of(path) == 0600);
    CHECK(mode_of(path + "-wal") == 0600);
    CHECK(mode_of(path + "-shm") == 0600);
}

TEST_CASE("what cannot be opened is said and left alone") {
    const TempDir dir;
    CHECK(has(error_of([&] { SqliteStore{dir / "no/such/e.db"}; }), "cannot be opened"));
    CHECK(has(error_of([&] { SqliteStore{dir / "no/such/e.db"}; }), "No such file"));
    CHECK(has(error_of([&] { SqliteStore{dir / "."}; }), "cannot be opened"));

    const std::string text = dir / "notes.txt";
    std::ofstream(text) << std::string(5000, 'x');
    REQUIRE(chmod(text.c_str(), 0644) == 0);
    const std::string words = error_of([&] { SqliteStore{text}; });
    CHECK(has(words, "is not an event database"));
    CHECK(has(words, "file is not a database")); // SQLite's own
    CHECK(mode_of(text) == 0644);

    const std::string foreign = dir / "foreign.db";
    std::ofstream{foreign};
    sql::Database(foreign).execute("CREATE TABLE t(a); INSERT INTO t VALUES(1)");
    CHECK(has(error_of([&] { SqliteStore{foreign}; }), "is not an event database"));
    CHECK(query(foreign, "SELECT count(*) FROM sqlite_schema") == 1);

    const std::string newer = dir / "newer.db";
    SqliteStore{newer};
    sql::Database(newer).execute("PRAGMA user_version = 7");
    CHECK(has(error_of([&] { SqliteStore{newer}; }), "schema version 7, this element knows up to 2"));
}

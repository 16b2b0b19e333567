// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
// Bounds by rows, bytes and age, what gives way, durability, replay, and files of the older schema.
#include "tests/support/command.hpp"
#include "tests/support/track_books.hpp"
#include "tests/support/track_disk.hpp"
#include "tests/support/track_fakes.hpp"
#include "tests/support/track_schema_1.hpp"

#include "engine/store/recorder.hpp"
#include "engine/store/sqlite.hpp"
#include "engine/store/sqlite_store.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

using namespace onair;
using namespace onair::track;
using test::Disk;
using test::make_event;
using test::TempDir;

namespace {

constexpr int64_t day = StoreLimits::day_us;

std::vector<Record> events(int from, int n, size_t body = 0) {
    std::vector<Record> out;
    for (int i = from; i < from + n; ++i) {
        Event event = make_event("e" + std::to_string(100000 + i));
        event.body.insert(event.body.size() - 1, ",\"props\":{\"x\":\"" + std::string(body, 'x') + "\"}");
        out.emplace_back(std::move(event));
    }
    return out;
}

int64_t number(const std::string& path, const std::string& sql) { return sql::Database(path).integer(sql); }

void deliver(SqliteStore& store, int64_t to, size_t n, Delivery state = Delivery::delivered) {
    std::vector<Settlement> done;
    for (const Queued& event : store.queued(to, n, 1u << 30))
        done.push_back({event.seq, state, state == Delivery::dead ? "invalid" : ""});
    store.settle(to, done);
}

void balance(const SqliteStore& store, const std::string& path) {
    CHECK(test::unbalanced_store(store.books()) == "");
    CHECK(test::unbalanced(path) == "");
}

std::string ids(const std::string& path) {
    sql::Database db(path);
    sql::Statement s(db, "SELECT min(id) || ' ' || max(id) FROM events");
    return s.row() ? s.text(0) : "";
}

} // namespace

TEST_CASE("max-rows: what gives way") {
    struct Row {
        WhenFull when_full;
        size_t delivered; ///< of the first 60
        int64_t dropped, expired;
        const char* left; ///< oldest and newest
    };
    const Row rows[] = {
        {WhenFull::spill, 60, 0, 0, "e100020 e100119"},  // done ones yield
        {WhenFull::spill, 10, 10, 0, "e100010 e100109"}, // then the newest is dropped
        {WhenFull::spill, 0, 20, 0, "e100000 e100099"},       {WhenFull::drop_newest, 60, 20, 0, "e100000 e100099"},
        {WhenFull::drop_oldest, 0, 0, 20, "e100020 e100119"}, // also queued ones
    };
    for (const Row& row : rows) {
        CAPTURE(static_cast<int>(row.when_full));
        CAPTURE(row.delivered);
        const TempDir dir;
        const std::string path = dir / "e.db";
        int warned = 0;
        StoreConfig config;
        config.limits.max_rows = 100;
        config.limits.when_full = row.when_full;
        config.warn = [&](const Error&) { ++warned; };
        SqliteStore store(path, config);
        const int64_t to = store.open_destination("matomo", "u", "1");
        store.commit(events(0, 60));
        if (row.delivered > 0) deliver(store, to, row.delivered);
        store.commit(events(60, 60));
        store.commit(std::vector<Record>{Tally{Outcome::filtered, "rule", 3}});
        CHECK(store.books().dropped == row.dropped);
        CHECK(store.books().all().expired == row.expired);
        CHECK(store.books().filtered == 3);
        CHECK(ids(path) == row.left);
        CHECK(number(path, "SELECT count(*) FROM events") == 100);
        CHECK(warned == (row.dropped > 0));
        balance(store, path);
    }
}

TEST_CASE("max-rows: dead letters yield last, held events never") {
    const TempDir dir;
    const std::string path = dir / "e.db";
    StoreConfig config;
    config.limits.max_rows = 10;
    SqliteStore store(path, config);
    const int64_t to = store.open_destination("matomo", "u", "1");
    auto first = events(0, 10);
    std::get<Event>(first[0]).held = true;
    store.commit(first);
    deliver(store, to, 4, Delivery::dead);
    deliver(store, to, 5);
    store.commit(events(10, 5));
    CHECK(number(path, "SELECT count(*) FROM onair_dead") == 4);
    store.commit(events(15, 3));
    CHECK(number(path, "SELECT count(*) FROM onair_dead") == 1);
    store.commit(events(18, 3));
    CHECK(number(path, "SELECT count(*) FROM events WHERE held = 1") == 1);
    CHECK(store.books().dropped == 2);
    CHECK(store.books().all().dead == 4); // what became of them stays in the books
    balance(store, path);
}

TEST_CASE("block: what does not fit is not taken until there is room") {
    const TempDir dir;
    const std::string path = dir / "e.db";
    StoreConfig config;
    config.limits.max_rows = 10;
    config.limits.when_full = WhenFull::block;
    SqliteStore store(path, config);
    const int64_t to = store.open_destination("matomo", "u", "1");
    CHECK(store.commit(events(0, 15)) == 10);
    CHECK_THROWS_AS(store.commit(events(10, 5)), Trouble);
    deliver(store, to, 3);
    CHECK(store.commit(events(10, 5)) == 3);
    {
        Recorder recorder(store, {});
        for (Record& record : events(13, 2))
            recorder.submit(std::move(record));
        deliver(store, to, 10);
        CHECK(recorder.flush() == Recorder::Result::ok);
    }
    CHECK(store.books().stored == 15);
    CHECK(store.books().dropped == 0);
    balance(store, path);
}

TEST_CASE("max-bytes: the file never grows beyond it, whatever comes") {
    for (const WhenFull when_full : {WhenFull::spill, WhenFull::drop_oldest, WhenFull::drop_newest}) {
        CAPTURE(static_cast<int>(when_full));
        const TempDir dir;
        const std::string path = dir / "e.db";
        StoreConfig config;
        config.limits.max_bytes = 2 << 20;
        config.limits.when_full = when_full;
        SqliteStore store(path, config);
        const int64_t to = store.open_destination("matomo", "u", "1");
        int64_t sent = 0;
        {
            Recorder recorder(store, {.group = 300});
            for (int i = 0; i < 12000; ++i, ++sent) {
                for (Record& record : events(i, 1, i % 40 == 0 ? 9000 : 100))
                    recorder.submit(std::move(record));
                if (i % 1000 == 0) {
                    recorder.flush();
                    deliver(store, to, 500);
                    CHECK(static_cast<int64_t>(std::filesystem::file_size(path)) <= config.limits.max_bytes);
                }
            }
            CHECK(recorder.flush() == Recorder::Result::ok);
        }
        CHECK(static_cast<int64_t>(std::filesystem::file_size(path)) <= config.limits.max_bytes);
        const Books books = store.books();
        CHECK(books.settled() == sent);
        CHECK(number(path, "SELECT count(*) FROM events") > 1500); // the room is used
        CHECK((books.dropped > 0) == (when_full != WhenFull::drop_oldest));
        CHECK((books.all().expired > 0) == (when_full == WhenFull::drop_oldest));
        balance(store, path);
        deliver(store, to, 100000); // settling goes on at the bound
        balance(store, path);
    }
}

TEST_CASE("age: archive, queue, held and personal parts; by the monotonic clock") {
    const TempDir dir;
    const std::string path = dir / "e.db";
    test::FakeClock clock;
    StoreConfig config;
    config.clock = &clock;
    config.limits.archive_max_age_us = 10 * day;
    config.limits.queue_max_age_us = 20 * day;
    config.limits.hold_max_age_us = 5 * day;
    config.limits.personal_max_age_us = 2 * day;
    SqliteStore store(path, config);
    const int64_t to = store.open_destination("matomo", "u", "1");
    auto first = events(0, 4);
    std::get<Event>(first[0]).held = true;
    for (Record& record : first) {
        Event& event = std::get<Event>(record);
        event.user = "somebody";
        event.consent = Consent::granted;
        event.body = R"({"id":"x","subject":{"user":"somebody"},"net":{"ip":"1.2.0.0"},"type":"a.b"})";
    }
    store.commit(first);
    deliver(store, to, 2);
    const auto keep_house = [&] {
        while (store.housekeeping()) {
        }
    };
    const auto count = [&](const std::string& where) {
        return number(path, "SELECT count(*) FROM events WHERE " + where);
    };

    // A step of the wall clock, an hour or ten years to either side, removes nothing.
    for (const int64_t step : {day / 24, -day / 24, 3650 * day, -3650 * day}) {
        clock.utc += step;
        keep_house();
        CHECK(count("user = 'somebody'") == 4);
    }
    clock.monotonic += 3 * day;
    keep_house();
    CHECK(count("user = 'somebody'") == 2); // held and queued
    CHECK(count("body LIKE '%somebody%'") == 2);
    CHECK(count("body NOT LIKE '%1.2.0.0%' AND body LIKE '%a.b%'") == 2);
    clock.monotonic += 3 * day;
    keep_house();
    CHECK(count("held = 1") == 0);
    CHECK(store.books().all().purged == 1);
    clock.monotonic += 5 * day;
    keep_house();
    CHECK(count("1") == 1); // what is queued stays
    clock.monotonic += 10 * day;
    keep_house();
    CHECK(count("1") == 0);
    CHECK(store.books().all().expired == 1);
    CHECK(store.books().all().queued == 0);
    CHECK(number(path, "SELECT count(*) FROM visitors") == 1);
    clock.monotonic += 393 * day;
    keep_house();
    CHECK(number(path, "SELECT count(*) FROM visitors") == 0);
    balance(store, path);
}

TEST_CASE("clock steps: events keep what they came with, in the order of acceptance") {
    const TempDir dir;
    const std::string path = dir / "e.db";
    SqliteStore store(path);
    const int64_t to = store.open_destination("matomo", "u", "1");
    const int64_t now = 1'795'521'600'000'000, hour = 3600 * 1'000'000LL;
    store.commit(std::vector<Record>{make_event("a", now), make_event("b", now + hour), make_event("c", now - hour)});
    const auto queued = store.queued(to, 10, 1 << 20);
    REQUIRE(queued.size() == 3);
    CHECK(queued[0].id + queued[1].id + queued[2].id == "abc");
    CHECK(queued[2].recv_us == now - hour);
    balance(store, path);
}

TEST_CASE("durability: sync syncs each group before it counts, normal within the interval") {
    Disk& disk = Disk::get();
    const TempDir dir;
    {
        SqliteStore store(dir / "sync.db", {.limits = {}, .durability = Durability::sync});
        const int64_t before = disk.syncs;
        for (int i = 0; i < 10; ++i)
            store.commit(events(i, 1));
        CHECK(disk.syncs >= before + 10);
    }
    SqliteStore store(dir / "normal.db");
    store.commit(events(0, 1)); // the first one writes the head of a new -wal
    store.sync();
    const int64_t before = disk.syncs;
    for (int i = 1; i < 10; ++i)
        store.commit(events(i, 1));
    CHECK(disk.syncs == before);
    store.sync();
    CHECK(disk.syncs == before + 1);
    store.sync(); // nothing new
    CHECK(disk.syncs == before + 1);
    Recorder recorder(store, {.sync_interval_us = 2000});
    recorder.submit(make_event("x"));
    while (disk.syncs == before + 1) {
    }
    CHECK(store.books().stored == 11);
}

TEST_CASE("replay: by destination, state and reason; never what consent took away") {
    const TempDir dir;
    const std::string path = dir / "e.db";
    int64_t to = 0;
    {
        SqliteStore store(path);
        to = store.open_destination("matomo", "u", "1");
        store.commit(events(0, 10));
        const auto queued = store.queued(to, 10, 1 << 20);
        const std::pair<Delivery, const char*> ends[] = {
            {Delivery::dead, "invalid"},
            {Delivery::dead, "invalid"},
            {Delivery::dead, "too-large"},
            {Delivery::delivered, ""},
            {Delivery::dead, "unattributed 2 of 7"},
            {Delivery::purged, "consent"},
            {Delivery::unconfirmed, ""},
            {Delivery::expired, "age"},
        };
        std::vector<Settlement> done;
        for (size_t i = 0; i < std::size(ends); ++i)
            done.push_back({queued[i].seq, ends[i].first, ends[i].second});
        store.settle(to, done);
        CHECK(store.replay({.reason = "invalid"}) == 2);
        CHECK(store.replay({.reason = "invalid"}) == 0);
        CHECK(store.replay({.destination = "other"}) == 0);
        CHECK(store.replay({.destination = "matomo", .reason = "unattributed 2 of 7"}) == 1);
        CHECK(store.replay({.state = Delivery::purged}) == 0);
        CHECK(store.replay({.state = Delivery::held}) == 0);
        CHECK(store.books().all().queued == 5);
        balance(store, path);
    }
    SqliteStore store(path); // and of earlier runs
    to = store.open_destination("matomo", "u", "1");
    CHECK(store.replay({}) == 1);
    CHECK(store.replay({.state = Delivery::expired}) == 1);
    CHECK(store.books().all().carried == 7);
    CHECK(store.books().all().queued == 7);
    balance(store, path);
}

TEST_CASE("refused texts that are whole can be taken up again") {
    const TempDir dir;
    const std::string path = dir / "e.db";
    SqliteStore store(path);
    Refusal whole, cut;
    whole.reason = cut.reason = Reason::type;
    whole.excerpt = R"({"type":"X"})";
    whole.whole = true;
    cut.excerpt = "{";
    store.commit(std::vector<Record>{whole, cut});
    const auto texts = store.refused_texts("type", 0, 10);
    REQUIRE(texts.size() == 1);
    CHECK(texts[0].text == whole.excerpt);
    CHECK(store.refused_texts("json", 0, 10).empty());
    CHECK(store.refused_texts("", texts[0].seq, 10).empty());
    store.remove_refused(std::vector<int64_t>{texts[0].seq});
    CHECK(number(path, "SELECT count(*) FROM refused") == 1);
    balance(store, path);
}

TEST_CASE("a purged event is not sent any more, and its number is not used again") {
    const TempDir dir;
    SqliteStore store(dir / "e.db");
    const int64_t to = store.open_destination("matomo", "u", "1");
    Event event = make_event("a");
    event.user = "somebody";
    store.commit(std::vector<Record>{make_event("0"), event});
    const auto batch = store.queued(to, 10, 1 << 20);
    store.commit(std::vector<Record>{Command{.act = Act::withdraw, .subject = {.user = "somebody"}}});
    CHECK_FALSE(store.mark_sending(to, std::vector<int64_t>{batch[0].seq, batch[1].seq}));
    CHECK(number(dir / "e.db", "SELECT count(*) FROM deliveries WHERE sending = 1") == 0);
    store.commit(std::vector<Record>{make_event("b")});
    store.settle(to, std::vector<Settlement>{{batch[1].seq, Delivery::delivered, ""}});
    CHECK(store.books().all().delivered == 0);
    CHECK(store.books().all().queued == 2);
    CHECK(store.mark_sending(to, std::vector<int64_t>{batch[0].seq}));
    balance(store, dir / "e.db");
}

TEST_CASE("routes: an event goes where it may, by name") {
    const TempDir dir;
    SqliteStore store(dir / "e.db");
    const int64_t one = store.open_destination("matomo", "u", "1", "one");
    const int64_t two = store.open_destination("matomo", "u", "2", "two");
    Event only = make_event("only two"), none = make_event("none");
    only.routes = std::make_shared<const std::vector<std::string>>(std::vector<std::string>{"two"});
    none.routes = std::make_shared<const std::vector<std::string>>();
    store.commit(std::vector<Record>{make_event("all"), only, none});
    CHECK(store.queued(one, 10, 1 << 20).size() == 1);
    CHECK(store.queued(two, 10, 1 << 20).size() == 2);
    CHECK(store.books().stored == 3);
    balance(store, dir / "e.db");
}

TEST_CASE("a database of schema version 1 is brought to version 2 as a whole") {
    const TempDir dir;
    const std::string path = dir / "e.db";
    std::ofstream{path};
    {
        sql::Database old(path);
        old.execute(test::schema_1);
        old.execute("PRAGMA application_id=1329686898; PRAGMA user_version=1;"
                    "INSERT INTO destinations VALUES(1, 'matomo', 'u', '1');"
                    "INSERT INTO refused(recv_us, reason, detail) VALUES(1, 'json', 'x'), (1, 'duplicate', 'x'), "
                    "(1, 'consent', 'x')");
        for (int i = 0; i < 5; ++i)
            old.execute("INSERT INTO events VALUES(" + std::to_string(i + 1) + ", 'id" + std::to_string(i) +
                        "', 'a.b', 1, 'wall', 1, NULL, NULL, '{\"subject\":{\"user\":\"u" + std::to_string(i) +
                        "\",\"device\":\"0123456789abcdef\"}}')");
        old.execute("INSERT INTO deliveries(seq, destination, state, reason) VALUES(1, 1, 'queued', NULL), "
                    "(2, 1, 'dead', 'invalid'), (3, 1, 'delivered', NULL)");
    }
    SqliteStore store(path);
    CHECK(number(path, "PRAGMA user_version") == 2);
    const int64_t to = store.open_destination("matomo", "u", "1");
    CHECK(store.books().all().carried == 1);
    store.commit(events(0, 2));
    store.commit(std::vector<Record>{Command{.act = Act::withdraw, .subject = {.user = "u0"}}});
    CHECK(store.replay({}) == 1);
    CHECK(store.queued(to, 10, 1 << 20).size() == 3);
    CHECK(number(path, "SELECT n FROM onair_counts WHERE state = 'received'") == 10);
    CHECK(number(path, "SELECT count(*) FROM events WHERE device = '0123456789abcdef'") == 4);
    CHECK(number(path, "SELECT count(*) FROM onair_journeys") == 0);
    balance(store, path);
}

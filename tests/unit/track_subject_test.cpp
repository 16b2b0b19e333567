// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
// Withdraw, erase, grant, forget and export; visitors; and that no byte is left of what was erased.
#include "tests/support/command.hpp"
#include "tests/support/track_books.hpp"
#include "tests/support/track_fakes.hpp"

#include "engine/store/sqlite.hpp"
#include "engine/store/sqlite_store.hpp"

#include <doctest/doctest.h>
#include <rapidjson/document.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <random>
#include <string>
#include <vector>

using namespace onair;
using namespace onair::track;
using test::TempDir;

namespace {

constexpr int64_t now = 1'795'521'600'000'000;

Event personal(const std::string& id, const std::string& user, const std::string& device) {
    Event event = test::make_event(id);
    event.user = user;
    event.device = device;
    event.session = user.empty() ? "" : "session of " + user;
    event.consent = Consent::granted;
    event.body = "{\"id\":\"" + id + "\",\"type\":\"a.b\",\"subject\":{\"user\":\"" + user + "\",\"device\":\"" +
                 device + "\"},\"net\":{\"ip\":\"10.9.0.0\"},\"props\":{\"padding\":\"" +
                 std::string(id.size() % 7 * 30, '.') + "\"}}";
    return event;
}

struct Rig {
    TempDir dir;
    std::string path = dir / "e.db";
    SqliteStore store{path};
    int64_t to = store.open_destination("matomo", "u", "1");

    void add(std::vector<Record> records) { store.commit(records); }
    ActReport act(Act act, Subject subject, bool anonymise = false, std::vector<std::string> opt_out = {}) {
        Command command{act, std::move(subject), anonymise, "request", std::move(opt_out), now, {}};
        command.report = std::make_shared<ActReport>();
        const auto report = command.report;
        add({std::move(command)});
        return *report;
    }
    int64_t number(const std::string& sql) { return sql::Database(path).integer(sql); }
    int64_t events(const std::string& where) { return number("SELECT count(*) FROM events WHERE " + where); }
    std::string visitor(const std::string& id) {
        sql::Database db(path);
        sql::Statement s(db, "SELECT visitor FROM onair_events WHERE id = ?1");
        return s.bind(1, id).row() ? s.text(0) : "none";
    }
    void balance() {
        CHECK(test::unbalanced_store(store.books()) == "");
        CHECK(test::unbalanced(path) == "");
    }
    /// Files of the store in which `text` is found.
    std::string files_with(const std::string& text) const {
        std::string out;
        for (const auto& entry : std::filesystem::directory_iterator(dir / "")) {
            std::ifstream file(entry.path(), std::ios::binary);
            const std::string bytes{std::istreambuf_iterator<char>(file), {}};
            if (bytes.find(text) != std::string::npos) out += entry.path().filename().string() + " ";
        }
        return out;
    }
};

} // namespace

TEST_CASE("withdraw: what is queued is purged, the archive deleted or made anonymous") {
    for (const bool anonymise : {false, true}) {
        CAPTURE(anonymise);
        Rig rig;
        rig.add({personal("a1", "alice", "dddddddddddddd01"), personal("a2", "alice", "dddddddddddddd01"),
                 personal("b1", "bob", "dddddddddddddd02"), test::make_event("pipeline")});
        const auto queued = rig.store.queued(rig.to, 10, 1 << 20);
        rig.store.settle(rig.to, std::vector<Settlement>{{queued[0].seq, Delivery::delivered, ""}});
        const ActReport report = rig.act(Act::withdraw, {.user = "alice"}, anonymise, {"h1", "h2"});
        CHECK(report.purged == 1);
        CHECK(report.deleted == (anonymise ? 0 : 2));
        CHECK(report.anonymised == (anonymise ? 2 : 0));
        CHECK(rig.store.books().all().purged == 1);
        CHECK(rig.store.books().all().queued == 2);
        CHECK(rig.events("1") == (anonymise ? 4 : 2));
        CHECK(rig.events("user = 'alice' OR body LIKE '%alice%' OR body LIKE '%10.9%' AND id LIKE 'a%'") == 0);
        CHECK(rig.events("user = 'bob' AND body LIKE '%bob%'") == 1);
        CHECK(rig.store.opt_out() == std::vector<std::string>{"h1", "h2"});
        rig.act(Act::grant, {.user = "alice"}, false, {"h1"});
        CHECK(rig.store.opt_out() == std::vector<std::string>{"h2"});
        CHECK(rig.number("SELECT count(*) FROM audit WHERE action = 'withdraw' AND reason = 'request' AND "
                         "counts ->> '$.purged' = 1") == 1);
        rig.balance();
    }
}

TEST_CASE("a command acts on everything before it and on nothing after it") {
    Rig rig;
    rig.add({personal("1", "alice", ""), Command{.act = Act::withdraw, .subject = {.user = "alice"}},
             personal("2", "alice", "")});
    CHECK(rig.events("id = '1'") == 0);
    CHECK(rig.events("id = '2'") == 1);
    rig.balance();
}

TEST_CASE("held events are not shown and not sent until a grant of the same subject") {
    Rig rig;
    Event held = personal("h1", "alice", "dddddddddddddd01"), other = personal("h2", "bob", "dddddddddddddd02");
    held.held = other.held = true;
    held.consent = other.consent = Consent::unknown;
    rig.add({held, other});
    CHECK(rig.store.queued(rig.to, 10, 1 << 20).empty());
    CHECK(rig.number("SELECT count(*) FROM onair_events") == 0);
    CHECK(rig.number("SELECT count(*) FROM visitors") == 0); // nobody is recognised without consent
    CHECK(rig.store.books().all().held == 2);
    const ActReport report = rig.act(Act::grant, {.device = "dddddddddddddd01"});
    CHECK(report.released == 1);
    const auto queued = rig.store.queued(rig.to, 10, 1 << 20);
    REQUIRE(queued.size() == 1);
    CHECK(queued[0].id == "h1");
    CHECK(queued[0].consent == "granted");
    CHECK(queued[0].user == "alice");
    CHECK(rig.visitor("h1").size() == 16);
    CHECK(rig.act(Act::withdraw, {.user = "bob"}).purged == 1);
    CHECK(rig.store.books().all().held == 0);
    rig.balance();
}

TEST_CASE("visitors: a user joins devices, a shared device joins nobody") {
    Rig rig;
    rig.add({personal("1", "", "dddddddddddddd01"), personal("2", "alice", "dddddddddddddd01"),
             personal("3", "", "dddddddddddddd02"), personal("4", "alice", "dddddddddddddd02"),
             personal("5", "bob", "dddddddddddddd02"), test::make_event("none")});
    const std::string alice = rig.visitor("2");
    CHECK(alice.size() == 16);
    for (const char* id : {"1", "4"}) // what was seen before it was known who it was, too
        CHECK(rig.visitor(id) == alice);
    CHECK(rig.visitor("5") != alice);
    CHECK(rig.visitor("none") == "");
    CHECK(rig.number("SELECT count(DISTINCT visitor) FROM onair_journeys") == 2);
    CHECK(rig.number("SELECT devices FROM onair_visitors WHERE visitor = '" + alice + "'") == 1);

    // A first-party id by the application's own key, for as long as it is used.
    const std::string key = rig.store.visitor_of("cookie", 1000, now);
    CHECK(key.size() == 16);
    CHECK(rig.store.visitor_of("cookie", 1000, now + 900) == key);
    CHECK(rig.store.visitor_of("another", 1000, now) != key);
    CHECK(rig.store.visitor_of("cookie", 1000, now + 2000) != key);
    rig.balance();
}

TEST_CASE("ids of an ad click are found at the order, on another device") {
    Rig rig;
    Event click = personal("click", "", "dddddddddddddd01"), order = personal("order", "alice", "dddddddddddddd02");
    click.clicks = {{"gclid", "G-1"}, {"utm_source", "news"}};
    order.wants_campaign = true;
    order.recv_us += 1000;
    rig.add({click, personal("login", "alice", "dddddddddddddd01"), order, personal("x", "carol", "dddddddddddddd03")});
    CHECK(rig.visitor("click") == rig.visitor("order"));
    CHECK(rig.number("SELECT campaign ->> '$.gclid' = 'G-1' AND campaign ->> '$.utm_source' = 'news' FROM events "
                     "WHERE id = 'order'") == 1);
    Event late = personal("late", "alice", "");
    late.wants_campaign = true;
    late.recv_us += 91 * StoreLimits::day_us;
    rig.add({late});
    CHECK(rig.events("id = 'late' AND campaign IS NULL") == 1);
    rig.balance();
}

TEST_CASE("forget: events stay, the subject is not recognised any more") {
    Rig rig;
    rig.add({personal("1", "alice", "dddddddddddddd01")});
    const std::string before = rig.visitor("1");
    rig.act(Act::forget, {.user = "alice"});
    CHECK(rig.number("SELECT count(*) FROM visitors") == 0);
    rig.add({personal("2", "alice", "")});
    CHECK(rig.visitor("2") != before);
    CHECK(rig.events("1") == 2);
    rig.balance();
}

TEST_CASE("export: all that is known of a subject, as JSON") {
    Rig rig;
    Event click = personal("a1", "alice", "dddddddddddddd01");
    click.clicks = {{"gclid", "G-1"}};
    rig.add({click, personal("a2", "", "dddddddddddddd01"), personal("b1", "bob", "dddddddddddddd02")});
    rapidjson::Document doc;
    doc.Parse(rig.store.export_subject({.user = "alice"}).c_str());
    REQUIRE(doc.IsArray());
    int n_events = 0, visitors = 0, clicks = 0;
    for (const auto& row : doc.GetArray()) {
        const std::string kind = row["kind"].GetString();
        n_events += kind == "event" && row["body"].IsObject();
        visitors += kind == "visitor";
        clicks += kind == "campaign";
    }
    CHECK(n_events == 2);
    CHECK(visitors == 2);
    CHECK(clicks == 1);
    CHECK(rig.store.export_subject({.user = "nobody"}) == "[]");
}

TEST_CASE("erase leaves no byte of the subject in any file") {
    // Users in random order make SQLite split and join pages of the indexes, where it leaves copies behind.
    for (const unsigned seed : {1u, 2u, 3u}) {
        CAPTURE(seed);
        std::mt19937 random(seed);
        Rig rig;
        const auto name = [](unsigned n) {
            return "user-" + std::to_string(100000 + n * 7919 % 100000) + "-pseudonym";
        };
        const auto device = [](unsigned n) { return std::to_string(1000000000000000ull + n * 104729ull); };
        for (int group = 0; group < 30; ++group) {
            std::vector<Record> records;
            for (int i = 0; i < 200; ++i) {
                const unsigned n = static_cast<unsigned>(random() % 500);
                Event event =
                    personal(std::to_string(group) + "-" + std::to_string(i) + "-of-" + name(n), name(n), device(n));
                if (i % 10 == 0) event.clicks = {{"gclid", "click-of-" + name(n)}};
                event.held = i % 17 == 0;
                if (i % 50 == 0)
                    event.body.insert(event.body.size() - 1, ",\"long\":\"" + std::string(9000, 'y') + name(n) + "\"");
                records.push_back(event);
                if (i % 20 == 0) records.push_back(event); // a refused duplicate
            }
            rig.add(std::move(records));
            std::vector<Settlement> done;
            for (const Queued& event : rig.store.queued(rig.to, 100, 1 << 20))
                done.push_back({event.seq, random() % 3 ? Delivery::delivered : Delivery::dead, "invalid"});
            rig.store.settle(rig.to, done);
        }
        for (int i = 0; i < 3; ++i) {
            const unsigned n = static_cast<unsigned>(random() % 500);
            CAPTURE(n);
            REQUIRE(rig.files_with(name(n)) != "");
            const ActReport report = rig.act(Act::erase, {.user = name(n)}, false, {"hash" + std::to_string(n)});
            CHECK(report.deleted > 0);
            CHECK(report.complete);
            CHECK(rig.files_with(name(n)) == "");
            CHECK(rig.files_with(device(n)) == "");
            CHECK(rig.store.export_subject({.user = name(n)}) == "[]");
        }
        CHECK(rig.number("SELECT count(*) FROM audit WHERE action = 'erase'") == 3);
        rig.balance();
    }
}

TEST_CASE("erase while somebody reads the file is completed afterwards") {
    Rig rig;
    rig.add({personal("1-of-alice-the-first", "alice-the-first", "dddddddddddddd01"), personal("2", "bob", "")});
    sql::Database reader(rig.path);
    reader.execute("BEGIN");
    CHECK(reader.integer("SELECT count(*) FROM events") == 2);
    const ActReport report = rig.act(Act::erase, {.user = "alice-the-first"});
    CHECK(report.deleted == 1);
    CHECK_FALSE(report.complete);
    reader.execute("COMMIT");
    rig.store.housekeeping();
    CHECK(rig.files_with("alice-the-first") == "");
    rig.balance();
}

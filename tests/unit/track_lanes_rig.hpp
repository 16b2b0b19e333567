// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "tests/support/command.hpp"
#include "tests/support/track_books.hpp"
#include "tests/support/track_fakes.hpp"

#include "engine/delivery/courier.hpp"
#include "engine/delivery/dispatcher.hpp"
#include "engine/delivery/senders/matomo.hpp"
#include "engine/events/json.hpp"
#include "engine/store/sqlite.hpp"
#include "engine/store/sqlite_store.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>

using namespace onair;
using namespace onair::track;
using test::FakeClock;
using test::http;
using test::success;

namespace {

/// An event of a visitor. make_event() has none of its own: all of a source are one visitor.
Event event_of(const std::string& user, int n, int64_t time_us = 1'795'521'600'000'000) {
    const std::string id = user + "." + std::to_string(n);
    Event event = test::make_event(id, time_us + n * 1'000'000);
    event.body = R"({"id":")" + id + R"(","type":"a.b","action":{"name":")" + id + R"("},"subject":{"device":")" +
                 user + R"("},"consent":{"analytics":"granted"}})";
    event.device = user;
    event.consent = Consent::granted;
    return event;
}

/// A device id of 16 hexadecimal digits.
std::string device(int n) {
    std::string out = std::to_string(n);
    return std::string(16 - out.size(), '0') + out;
}

std::vector<std::string> names_in(const std::string& body) {
    json::Document doc;
    doc.Parse(body.c_str());
    std::vector<std::string> out;
    for (const auto& request : doc["requests"].GetArray())
        out.emplace_back(request["e_n"].GetString());
    return out;
}

/// A dispatcher whose requests stay under way until the test answers them.
struct Rig {
    explicit Rig(Dispatcher::Config config = {}, MatomoMapping mapping = {.site = 1, .categories = {}})
        : store(dir / "e.db"), to(store.open_destination("matomo", "http://m/matomo.php", "1")),
          sender({"http://m/matomo.php", "m", false, true, "http://m/index.php"}, std::move(mapping), "secret"),
          dispatcher(store, to, sender, clock, complete(std::move(config))) {}

    Dispatcher::Config complete(Dispatcher::Config config) {
        config.random = [] { return 1.0; };
        config.warn = [this](const Error& e) { warnings.push_back(e.what()); };
        config.state = [this](const DestinationStatus& s) {
            states.emplace_back(to_text(s.state));
            last = s;
        };
        config.dead = [this](const DeadLetter& letter) { letters.push_back(letter); };
        return config;
    }

    void add(int visitors, int each, int from = 0) {
        std::vector<Record> records;
        for (int i = from; i < from + each; ++i)
            for (int v = 0; v < visitors; ++v)
                records.push_back(event_of(device(v), i));
        store.commit(records);
    }
    /// Takes what is to be sent now; how many requests are under way then.
    size_t send() {
        dispatcher.look();
        for (auto& [id, request] : dispatcher.next())
            under_way.emplace(id, std::move(request));
        return under_way.size();
    }
    void answer(uint64_t id, const Answer& what) {
        under_way.erase(id);
        dispatcher.answered(id, what);
    }
    uint64_t first() const { return under_way.begin()->first; }
    size_t events(uint64_t id) const { return names_in(under_way.at(id).body).size(); }
    void good(uint64_t id) { answer(id, success(events(id))); }
    void all_good() {
        while (!under_way.empty())
            good(first());
    }
    /// The same when time has passed.
    size_t later() {
        for (int i = 0; i < 5 && under_way.empty(); ++i) {
            wait();
            send();
        }
        return under_way.size();
    }
    /// Time passes until the next try.
    void wait() { clock.monotonic = std::max(clock.monotonic, dispatcher.due().value_or(0)); }
    DestinationBooks books() { return store.books().all(); }
    std::string state_of(const std::string& id) {
        sql::Database db(dir / "e.db");
        sql::Statement s(db, "SELECT d.state || coalesce(':' || d.reason, '') FROM deliveries d JOIN events e USING "
                             "(seq) WHERE e.id = ?1");
        s.bind(1, id).row();
        return s.text(0);
    }

    test::TempDir dir;
    SqliteStore store;
    int64_t to;
    FakeClock clock;
    MatomoSender sender;
    std::map<uint64_t, Request> under_way;
    std::vector<std::string> warnings, states;
    std::vector<DeadLetter> letters;
    DestinationStatus last;
    Dispatcher dispatcher;
};

Answer broken(Answer::Kind kind) {
    Answer answer;
    answer.kind = kind;
    return answer;
}

const MatomoMapping with_ids{.site = 1, .id_dimension = 5, .categories = {}};

} // namespace

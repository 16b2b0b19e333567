// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "tests/support/command.hpp"
#include "tests/support/track_books.hpp"
#include "tests/support/track_fakes.hpp"

#include "common/base/error.hpp"
#include "engine/delivery/courier.hpp"
#include "engine/delivery/dispatcher.hpp"
#include "engine/delivery/senders/matomo.hpp"
#include "engine/events/json.hpp"
#include "engine/store/sqlite.hpp"
#include "engine/store/sqlite_store.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

using namespace onair;
using namespace onair::track;
using test::FakeClock;
using test::FakeTransport;
using test::http;
using test::success;

namespace {

/// The e_n of every event of a request: make_event() puts the id there. A probe has none.
std::vector<std::string> ids_in(const std::string& body) {
    json::Document doc;
    doc.Parse(body.c_str());
    std::vector<std::string> out;
    for (const auto& request : doc["requests"].GetArray())
        out.emplace_back(request.HasMember("e_n") ? request["e_n"].GetString() : "probe");
    return out;
}

/// A dispatcher on a store of its own; `server` sees the ids of each request.
struct Rig {
    using Server = std::function<Answer(const std::vector<std::string>& ids)>;

    explicit Rig(Server s, Dispatcher::Config config = {})
        : store(dir / "e.db"), to(store.open_destination("matomo", "http://m/matomo.php", "1")),
          sender({"http://m/matomo.php", "m", false, true}, {.site = 1, .categories = {}}, "secret"),
          transport([this](const std::string& body) {
              requests.push_back(ids_in(body));
              const Answer answer = server(requests.back());
              for (const auto& id : requests.back())
                  if (answer.kind == Answer::Kind::http && answer.status == 200) ++seen[id];
              return answer;
          }),
          server(std::move(s)), dispatcher(store, to, sender, clock, complete(std::move(config))) {}

    Dispatcher::Config complete(Dispatcher::Config config) {
        config.random = [] { return 1.0; };
        config.warn = [this](const Error& e) { warnings.push_back(e.what()); };
        return config;
    }

    void add(int n, int from = 0) {
        std::vector<Record> records;
        for (int i = from; i < from + n; ++i)
            records.push_back(test::make_event(std::to_string(i)));
        store.commit(records);
    }

    /// Sends what is to be sent now, and takes the answers. The moment of the next step; nothing: all is done.
    std::optional<int64_t> step() { return step(dispatcher); }
    std::optional<int64_t> step(Dispatcher& one) {
        one.look();
        for (auto& [id, request] : one.next())
            transport.start(id, std::move(request));
        for (auto& [id, answer] : transport.wait(0))
            one.answered(id, answer);
        return one.due();
    }

    /// Steps until nothing is queued; time passes as fast as it is waited for. False after `most` steps.
    bool run(int most = 2000) { return run(dispatcher, most); }
    bool run(Dispatcher& one, int most) {
        for (int i = 0; i < most; ++i) {
            const auto due = step(one);
            if (!due) return true;
            waits += *due > clock.monotonic;
            clock.monotonic = std::max(clock.monotonic, *due);
        }
        return false;
    }

    std::string state_of(const std::string& id) {
        sql::Database db(dir / "e.db");
        sql::Statement s(db,
                         "SELECT d.state || coalesce(':' || d.reason, '') FROM deliveries d JOIN events e USING (seq) "
                         "WHERE e.id = ?1");
        s.bind(1, id).row();
        return s.text(0);
    }

    void balance(int n) {
        const Books b = store.books();
        CHECK(b.stored == n);
        CHECK(test::unbalanced_store(b) == "");
    }

    bool warned(const std::string& part) const {
        return std::any_of(warnings.begin(), warnings.end(),
                           [&](const std::string& w) { return w.find(part) != std::string::npos; });
    }

    test::TempDir dir;
    SqliteStore store;
    int64_t to;
    FakeClock clock;
    MatomoSender sender;
    std::vector<std::vector<std::string>> requests;
    std::map<std::string, int> seen; ///< how often an event was in a request that was answered with 200
    FakeTransport transport;
    Server server;
    std::vector<std::string> warnings;
    int waits = 0;
    Dispatcher dispatcher;
};

Answer broken(Answer::Kind kind) {
    Answer answer;
    answer.kind = kind;
    answer.words = "the library's words";
    return answer;
}

/// Answers with each of `first` once, then takes everything.
inline Rig::Server then_fine(std::vector<Answer> first) {
    auto at = std::make_shared<size_t>(0);
    return
        [=](const std::vector<std::string>& ids) { return *at < first.size() ? first[(*at)++] : success(ids.size()); };
}

inline bool has_any(const std::vector<std::string>& ids, const std::set<std::string>& poison) {
    return std::any_of(ids.begin(), ids.end(), [&](const std::string& id) { return poison.count(id) > 0; });
}

} // namespace

// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
// Destinations that are ill, in hurried time (30 times), with real HTTP.
//
//     track-fault [SECONDS [SEED]]
//
// Three destinations, one for each policy about ambiguous outcomes, do anything of the decision table at random,
// time-outs included. Afterwards all are well: nothing is lost; with `retry` what is there twice was counted as
// ambiguous, with `verify` and `drop` nothing is.
#include "tests/support/fault_books.hpp"
#include "tests/support/fault_plays.hpp"
#include "tests/support/track_rig.hpp"

#include <cstdio>
#include <cstdlib>
#include <random>
#include <set>
#include <string>
#include <vector>

using namespace onair;
using namespace onair::test;
using track::AmbiguousPolicy;

namespace {

constexpr int speed = 30;

int failures = 0;
void check(bool good, const std::string& what) {
    if (good) return;
    ++failures;
    std::printf("WRONG: %s\n", what.c_str());
}

struct Dice {
    std::mt19937_64 engine;
    std::vector<Play> plays;
    bool over = false;

    Play throw_one(const Asked& asked) {
        if (over) return well();
        const auto n = engine() % 100;
        if (asked.report) return n < 80 ? well() : answers("500 Internal Server Error", "");
        if (n < 55) return well();
        if (n < 57) {
            const auto all = timed_rows(60'000 / speed);
            return all[engine() % all.size()].play;
        }
        if (n < 60 && asked.bytes > 20'000) return answers("413 Payload Too Large", "");
        return plays[engine() % plays.size()];
    }
};

void print(const Rig& rig, const Rig::Destination& d) {
    const auto one = [&](const char* what) {
        return static_cast<long>(rig.number("SELECT " + std::string(what) +
                                            " FROM deliveries WHERE destination = " + std::to_string(d.number)));
    };
    int stored = 0;
    for (const auto& [id, copies] : d.server->books())
        stored += copies;
    std::printf(
        "%-8s requests %d (%zu kinds of answer, %d at once), stored %d; delivered %ld, unconfirmed %ld, dead %ld, "
        "queued %ld; ambiguous outcomes %ld, there twice %ld\n",
        d.name.c_str(), d.server->requests(), d.server->plays().size(), d.server->most_at_once(), stored,
        one("sum(state = 'delivered')"), one("sum(state = 'unconfirmed')"), one("sum(state = 'dead')"),
        one("sum(state = 'queued')"), one("sum(ambiguous)"), stored - static_cast<long>(d.server->books().size()));
}

/// Until nothing is queued; an operator who sees a pause tries again.
bool settle(Rig& rig, int seconds) {
    const int64_t until = rig.clock.since() + int64_t{seconds} * speed * 1'000'000;
    for (int n = 0; rig.clock.since() < until; ++n) {
        rig.turn();
        if (rig.idle()) return true;
        if (n % 500 == 0)
            for (auto& d : rig.destinations)
                d->dispatcher->try_now();
    }
    return false;
}

int random_faults(int seconds, unsigned seed) {
    std::printf("seed %u\n", seed);
    const FaultServer elsewhere([](const Asked&) { return well(); });
    Rig rig(speed);
    std::vector<std::unique_ptr<Dice>> dice;
    const std::pair<const char*, AmbiguousPolicy> policies[] = {
        {"retry", AmbiguousPolicy::retry}, {"verify", AmbiguousPolicy::verify}, {"drop", AmbiguousPolicy::drop}};
    for (const auto& [name, policy] : policies) {
        auto& one = *dice.emplace_back(std::make_unique<Dice>());
        one.engine.seed(seed + dice.size());
        for (const FaultRow& row : fault_rows(elsewhere.url()))
            if (row.play.name != "well" && row.row != "413") one.plays.push_back(row.play);
        rig.add(
            name, [&one](const Asked& asked) { return one.throw_one(asked); }, policy);
    }
    std::set<std::string> poison;
    const int64_t end = int64_t{seconds} * speed * 1'000'000;
    int64_t next = 0;
    for (int n = 0; rig.clock.since() < end; ++n) {
        if (rig.clock.since() >= next) {
            rig.push(20, 60, [&](int64_t at) {
                if (at % 397 != 0) return std::string();
                poison.insert("e" + std::to_string(at));
                return std::string(R"(,"action":{"action":"poison"})");
            });
            next += 6'000'000;
        }
        rig.turn();
        if (n % 2000 == 0) // the operator looks now and then, else pauses of a minute would be most of it
            for (auto& d : rig.destinations)
                d->dispatcher->try_now();
    }
    for (auto& one : dice)
        one->over = true;
    check(settle(rig, 240), "events are still queued"); // a machine with too much to do makes every request time out
    std::printf("%ld events, %zu of them poison\n", static_cast<long>(rig.pushed), poison.size());
    for (const auto& d : rig.destinations) {
        print(rig, *d);
        const std::string wrong = wrong_copies(*d->server, rig.path, d->name, d->name != "retry");
        check(wrong.empty(), d->name + ": " + wrong);
        track::sql::Database db(rig.path);
        track::sql::Statement row(db, "SELECT id, reason FROM events JOIN deliveries USING (seq) WHERE state = 'dead' "
                                      "AND destination = " +
                                          std::to_string(d->number));
        while (row.row()) {
            const std::string reason = row.text(1);
            // What the server called invalid is dead; nothing else is, but for poison.
            if (reason == "rejected")
                check(poison.count(row.text(0)) == 1, row.text(0) + " is dead and no poison");
            else
                check(reason == "invalid" || reason.starts_with("unattributed"), row.text(0) + " is dead: " + reason);
        }
    }
    check(elsewhere.requests() == 0, "a redirect was followed");
    const std::string wrong = unbalanced_store(rig.store.books()) + unbalanced(rig.path);
    check(wrong.empty(), wrong);
    return failures;
}

} // namespace

int main(int argc, char** argv) {
    const int seconds = argc > 1 ? std::atoi(argv[1]) : 0;
    random_faults(seconds > 0 ? seconds : 120,
                  argc > 2 ? static_cast<unsigned>(std::atoi(argv[2])) : std::random_device{}());
    std::printf("%d wrong\n", failures);
    return failures ? 1 : 0;
}

// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
// A power cut: what SQLite wrote and synced is logged, and the files are made as a cut at any moment may leave them. Of
// what was not synced, each sector of 512 bytes is there or is not. ONAIR_CUTS sets how many cuts (the slow proof takes
// 200 of each kind).
#include "tests/support/command.hpp"
#include "tests/support/track_books.hpp"
#include "tests/support/track_disk.hpp"
#include "tests/support/track_fakes.hpp"

#include "engine/store/recorder.hpp"
#include "engine/store/sqlite.hpp"
#include "engine/store/sqlite_store.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <string>
#include <thread>
#include <vector>

using namespace onair;
using namespace onair::track;
using test::Disk;
using test::DiskOp;

namespace {

constexpr int64_t interval_us = 60'000;
constexpr size_t sector = 512;

int cuts() {
    const char* wanted = std::getenv("ONAIR_CUTS");
    return wanted ? std::atoi(wanted) : 12;
}

/// Stores events in bursts, some delivered, and tells how many after each group.
std::vector<DiskOp> record(Durability durability, int n) {
    const test::TempDir dir;
    Disk& disk = Disk::get();
    disk.logging = true;
    SqliteStore store(dir / "e.db", {.limits = {}, .durability = durability});
    const int64_t to = store.open_destination("matomo", "u", "1");
    Recorder recorder(store, {.group = 500,
                              .sync_interval_us = durability == Durability::sync ? 0 : interval_us,
                              .committed = [&] { disk.tell(store.books().stored); }});
    for (int i = 0; i < n; ++i) {
        Event event = test::make_event(std::to_string(i));
        event.user = "user" + std::to_string(i * 7919 % 1000);
        event.body.insert(event.body.size() - 1, ",\"props\":{\"x\":\"" + std::string(1200, 'x') + "\"}");
        recorder.submit(std::move(event));
        if (i % 100 != 0) continue;
        std::this_thread::sleep_for(std::chrono::milliseconds(cuts() > 100 ? 4 : 8)); // several sync intervals in all
        std::vector<Settlement> done;
        for (const Queued& queued : store.queued(to, 30, 1 << 20))
            done.push_back({queued.seq, Delivery::delivered, {}});
        store.settle(to, done);
    }
    auto log = disk.take_log(); // in the middle of it all: the end of a run is not what is looked at
    disk.logging = false;
    return log;
}

/// The files of a disk: what was synced, and what was not.
class Files {
  public:
    void apply(const DiskOp& op) {
        File& file = files_[op.file];
        switch (op.kind) {
        case DiskOp::Kind::write:
        case DiskOp::Kind::truncate:
            file.pending.push_back(&op);
            break;
        case DiskOp::Kind::sync:
            for (const DiskOp* pending : file.pending)
                put(file.synced, *pending, 0, pending->bytes.size());
            file.pending.clear();
            break;
        case DiskOp::Kind::remove:
            files_.erase(op.file);
            break;
        case DiskOp::Kind::told:
            break;
        }
    }

    void write_cut(const std::string& directory, std::mt19937& random) const {
        const unsigned style = static_cast<unsigned>(random() % 4); // nothing, all, or some of it
        for (const auto& [name, file] : files_) {
            if (name.empty()) continue;
            std::string bytes = file.synced;
            for (const DiskOp* op : file.pending) {
                if (style == 0) break;
                if (op->kind == DiskOp::Kind::truncate) {
                    if (style == 1 || random() % 2) put(bytes, *op, 0, 0);
                    continue;
                }
                for (size_t at = 0; at < op->bytes.size(); at += sector)
                    if (style == 1 || random() % 2) put(bytes, *op, at, std::min(sector, op->bytes.size() - at));
            }
            std::ofstream(directory + "/" + name, std::ios::binary) << bytes;
        }
    }

  private:
    struct File {
        std::string synced;
        std::vector<const DiskOp*> pending;
    };
    static void put(std::string& bytes, const DiskOp& op, size_t from, size_t n) {
        const size_t at = static_cast<size_t>(op.at) + from;
        if (op.kind == DiskOp::Kind::truncate) {
            bytes.resize(at);
            return;
        }
        if (bytes.size() < at + n) bytes.resize(at + n);
        bytes.replace(at, n, op.bytes, from, n);
    }
    std::map<std::string, File> files_;
};

void check_cut(const Files& files, int64_t least, int64_t most, std::mt19937& random) {
    const test::TempDir dir;
    files.write_cut(dir / "", random);
    const std::string path = dir / "e.db";
    std::string said;
    SqliteStore store(path, {.limits = {}, .warn = [&](const Error& e) { said = e.what(); }});
    CHECK(said == ""); // nothing was set aside
    sql::Database db(path);
    const int64_t stored = db.integer("SELECT count(*) FROM events");
    CHECK(stored >= least);
    CHECK(stored <= most);
    CHECK(db.integer("SELECT coalesce(max(CAST(id AS INTEGER)) + 1, 0) FROM events") == stored); // no gap
    CHECK(test::unbalanced(path) == "");
}

} // namespace

TEST_CASE("power cut: sync loses nothing that was told, normal nothing that was told before the last sync") {
    const int n = cuts() > 100 ? 20000 : 4000; // 20,000 make SQLite bring its -wal into the database, too
    for (const Durability durability : {Durability::sync, Durability::normal}) {
        CAPTURE(static_cast<int>(durability));
        const auto log = record(durability, n);
        REQUIRE(log.size() > 100);
        std::mt19937 random(23);
        std::vector<size_t> at;
        for (int i = 0; i < cuts(); ++i)
            at.push_back(random() % log.size());
        std::sort(at.begin(), at.end());
        Files files;
        size_t done = 0;
        // Told before a sync of the -wal was done: there. The recorder tells and syncs on one thread, and a sender's
        // checkpoint holds the store's lock, so the order of the log is that of the promises.
        int64_t told = 0, safe = 0, syncs = 0, unsynced_since = 0, longest_us = 0;
        const auto pass = [&](const DiskOp& op) {
            files.apply(op);
            if (op.kind == DiskOp::Kind::told) {
                if (unsynced_since == 0) unsynced_since = op.us;
                told = op.at;
            } else if (op.kind == DiskOp::Kind::sync && op.file == "e.db-wal") {
                if (unsynced_since != 0) longest_us = std::max(longest_us, op.us - unsynced_since);
                unsynced_since = 0;
                safe = told;
                ++syncs;
            }
        };
        for (const size_t position : at) {
            CAPTURE(position);
            for (; done < position; ++done)
                pass(log[done]);
            check_cut(files, durability == Durability::sync ? told : safe, n, random);
        }
        for (; done < log.size(); ++done)
            pass(log[done]);
        CHECK(syncs > 2);
        MESSAGE(at.size() << " cuts in " << log.size() << " operations, " << told << " events told; longest time from "
                          << "told to synced " << longest_us << " us");
    }
}

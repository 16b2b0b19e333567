// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/support/command.hpp"
#include "tests/support/track_fakes.hpp"

#include "common/base/error.hpp"
#include "engine/store/recorder.hpp"
#include "engine/store/sqlite_store.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <span>
#include <string>
#include <thread>
#include <vector>

using namespace onair;
using namespace onair::track;
using Result = Recorder::Result;

namespace {

/// Keeps commits waiting, or lets them fail.
class GateStore : public Store {
  public:
    size_t commit(std::span<const Record> records) override {
        std::unique_lock guard(lock_);
        ++waiting;
        changed_.notify_all();
        changed_.wait(guard, [&] { return open_; });
        --waiting;
        if (fails) throw Error(ErrorKind::no_space, "full", "gate");
        committed += records.size();
        largest = std::max(largest.load(), records.size());
        return records.size();
    }
    void open() {
        const std::lock_guard guard(lock_);
        open_ = true;
        changed_.notify_all();
    }
    void wait_for_commit() {
        std::unique_lock guard(lock_);
        changed_.wait(guard, [&] { return waiting > 0; });
    }
    int64_t open_destination(std::string_view, std::string_view, std::string_view, std::string_view) override {
        return 1;
    }
    std::vector<Queued> queued(int64_t, size_t, size_t, int64_t) override { return {}; }
    bool mark_sending(int64_t, std::span<const int64_t>) override { return true; }
    void requeue(int64_t, std::span<const int64_t>, bool) override {}
    void settle(int64_t, std::span<const Settlement>) override {}
    Books books() const override { return {}; }

    std::atomic<size_t> committed{0}, largest{0};
    bool fails = false;
    int waiting = 0;

  private:
    std::mutex lock_;
    std::condition_variable changed_;
    bool open_ = false;
};

} // namespace

TEST_CASE("a queue keeps its order, and the memory of what was taken") {
    RecordQueue queue;
    const auto ids = [&] {
        std::string out;
        for (const Record& r : queue.records())
            out += std::holds_alternative<Event>(r) ? std::get<Event>(r).id : std::string("command");
        return out;
    };
    CHECK(queue.empty());
    CHECK_FALSE(queue.drop_oldest());
    for (int round = 0; round < 3; ++round) {
        queue.push(Command{});
        for (const char* id : {"a", "b", "c"})
            queue.push(test::make_event(id));
        CHECK(ids() == "commandabc");
        const size_t bytes = queue.bytes();
        CHECK(queue.drop_oldest());
        CHECK(ids() == "commandbc");
        CHECK(queue.bytes() < bytes);
        CHECK(queue.drop_oldest());
        CHECK(queue.drop_oldest());
        CHECK_FALSE(queue.drop_oldest());
        CHECK(ids() == "command");
        queue.push(test::make_event("d"));
        CHECK(ids() == "commandd");
        queue.clear();
        CHECK(queue.empty());
        CHECK(queue.bytes() == 0);
        queue.release(round == 1 ? 0 : 2);
    }
}

TEST_CASE("a queue that always drops its oldest stays small") {
    RecordQueue queue;
    for (int i = 0; i < 1000; ++i) {
        queue.push(test::make_event(std::to_string(i)));
        if (queue.size() > 3) queue.drop_oldest();
    }
    REQUIRE(queue.size() == 3);
    CHECK(std::get<Event>(queue.records()[0]).id == test::make_event("997").id);
}

TEST_CASE("an event after a second of silence wakes the thread") {
    GateStore store;
    store.open();
    Recorder recorder(store, {});
    for (size_t i = 1; i <= 2; ++i) {
        recorder.submit(test::make_event(std::to_string(i)));
        while (store.committed < i)
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        if (i == 1) std::this_thread::sleep_for(std::chrono::milliseconds(1200));
    }
}

TEST_CASE("what gathers during a commit goes in one group") {
    GateStore store;
    {
        Recorder recorder(store, {});
        CHECK(recorder.submit(test::make_event("0")) == Result::ok);
        store.wait_for_commit();
        for (int i = 0; i < 100; ++i)
            CHECK(recorder.submit(test::make_event("x")) == Result::ok);
        CHECK(store.committed == 0);
        CHECK(recorder.received() == 101);
        store.open();
        CHECK(recorder.flush() == Result::ok);
        CHECK(store.committed == 101);
        CHECK(store.largest == 100);
        recorder.submit(test::make_event("last"));
    }
    CHECK(store.committed == 102); // the end commits what is left
}

TEST_CASE("a full queue makes the producer wait, unless it is interrupted or must not") {
    GateStore store;
    Recorder recorder(store, {.max_records = 2, .max_bytes = 1 << 20});
    recorder.submit(test::make_event("0"));
    store.wait_for_commit(); // taken out of the queue
    CHECK(recorder.submit(test::make_event("1")) == Result::ok);
    CHECK(recorder.submit(test::make_event("2")) == Result::ok);
    std::atomic<int> result{-1};
    Interrupt interrupt;
    std::thread producer([&] { result = static_cast<int>(recorder.submit(test::make_event("3"), Wait(interrupt))); });
    interrupt.set(true);
    recorder.wake();
    producer.join();
    CHECK(result == static_cast<int>(Result::interrupted));
    CHECK(recorder.submit(test::make_event("4"), false) == Result::dropped);
    Interrupt other; // the first one is set still: it is not this one's
    std::thread waiting([&] { result = static_cast<int>(recorder.submit(test::make_event("5"), Wait(other))); });
    store.open();
    waiting.join();
    CHECK(result == static_cast<int>(Result::ok));
    CHECK(recorder.flush() == Result::ok);
    CHECK(store.committed == 5); // 0, 1, 2, 5 and how many were dropped
    CHECK(recorder.received() == 5);
}

TEST_CASE("a failure is said once and nothing is taken afterwards") {
    GateStore store;
    store.fails = true;
    store.open();
    std::atomic<int> said{0};
    Recorder recorder(store, {.failed = [&](const Error& e) {
                          CHECK(std::string(e.what()) == "full");
                          ++said;
                      }});
    recorder.submit(test::make_event("0"));
    CHECK(recorder.flush() == Result::failed);
    CHECK(recorder.submit(test::make_event("1")) == Result::failed);
    CHECK(recorder.flush() == Result::failed);
    CHECK(said == 1);
}

TEST_CASE("many threads, one database") {
    const test::TempDir dir;
    SqliteStore store(dir / "e.db");
    std::atomic<int> groups{0};
    Recorder recorder(store, {.committed = [&] { ++groups; }});
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t)
        threads.emplace_back([&, t] {
            for (int i = 0; i < 500; ++i)
                recorder.submit(test::make_event(std::to_string(t) + "-" + std::to_string(i)));
        });
    for (auto& thread : threads)
        thread.join();
    CHECK(recorder.flush() == Result::ok);
    CHECK(store.books().stored == 2000);
    CHECK(groups >= 1);
}

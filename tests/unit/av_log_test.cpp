// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
// Whose a line of FFmpeg's log is, with other threads and with another library that takes the callback.
#include "common/av/av_log.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <cstdarg>
#include <cstddef>
#include <string>
#include <thread>
#include <vector>

extern "C" {
#include <libavutil/log.h>
#include <libavutil/version.h>
}

using namespace onair::av;

namespace {

/// What libswscale has: a context, and one for each of its threads with the first as parent.
struct Context {
    const AVClass* av_class;
    Context* parent = nullptr;
    explicit Context(Context* of = nullptr);
};
const AVClass context_class = {.class_name = "Test",
                               .item_name = av_default_item_name,
                               .version = LIBAVUTIL_VERSION_INT,
                               .parent_log_context_offset = offsetof(Context, parent)};
Context::Context(Context* of) : av_class(&context_class), parent(of) {}

struct Forwarded {
    std::atomic<int> ours{0}, others{0}, refused{0};
    std::atomic<bool> wanted{true};
} forwarded;

constexpr LogForward forward{
    [](int, bool) noexcept {
        if (!forwarded.wanted) ++forwarded.refused;
        return forwarded.wanted.load();
    },
    [](int, const char*, const char*, bool ours) noexcept { ++(ours ? forwarded.ours : forwarded.others); }};

void start() {
    set_log_forward(forward);
    forwarded.ours = forwarded.others = forwarded.refused = 0;
    forwarded.wanted = true;
}

template <class F>
void on_another_thread(F&& f) {
    std::thread(f).join();
}

std::atomic<int> taken_by_another{0};
void another_callback(void*, int, const char*, va_list) { ++taken_by_another; }

} // namespace

TEST_CASE("lines of this thread are kept, warnings and worse") {
    start();
    LogCollector log;
    CHECK(log.with("words") == "words");
    av_log(nullptr, AV_LOG_ERROR, "first %d\n", 1);
    av_log(nullptr, AV_LOG_INFO, "not this\n");
    av_log(nullptr, AV_LOG_WARNING, "second\n");
    CHECK(log.text() == "first 1; second");
    CHECK(log.with("words") == "words; first 1; second");
    CHECK(forwarded.ours == 1);
    {
        LogCollector inner;
        av_log(nullptr, AV_LOG_ERROR, "inner");
        CHECK(inner.text() == "inner");
    }
    av_log(nullptr, AV_LOG_ERROR, "third");
    CHECK(log.text() == "first 1; second; third");
}

TEST_CASE("lines of a context and its children are kept on any thread, those of others never") {
    start();
    Context mine, child(&mine), grandchild(&child), other;
    LogCollector log({&mine});
    on_another_thread([&] {
        av_log(&mine, AV_LOG_ERROR, "mine");
        av_log(&child, AV_LOG_ERROR, "child");
        av_log(&grandchild, AV_LOG_ERROR, "grandchild");
        av_log(&other, AV_LOG_ERROR, "other");
        av_log(nullptr, AV_LOG_ERROR, "nobody's");
    });
    CHECK(log.text() == "mine; child; grandchild");
    CHECK(forwarded.others == 2);
    CHECK(forwarded.ours == 0);
}

TEST_CASE("a context belongs to its own collector, whichever thread it logs on") {
    start();
    Context a, b;
    LogCollector log_a({&a}), log_b({&b});
    av_log(&a, AV_LOG_ERROR, "a");
    av_log(&b, AV_LOG_ERROR, "b");
    CHECK(log_a.text() == "a");
    CHECK(log_b.text() == "b");
}

TEST_CASE("without a collector every line goes on, and is not made when nobody wants it") {
    start();
    { LogCollector installs; }
    av_log(nullptr, AV_LOG_ERROR, "one");
    CHECK(forwarded.others == 1);
    forwarded.wanted = false;
    av_log(nullptr, AV_LOG_ERROR, "two");
    CHECK(forwarded.others == 1);
    CHECK(forwarded.refused == 1);
}

TEST_CASE("the callback is taken back from a library that came later") {
    start();
    { LogCollector installs; }
    av_log_set_callback(&another_callback);
    av_log(nullptr, AV_LOG_ERROR, "theirs");
    CHECK(taken_by_another == 1);
    LogCollector log;
    CHECK(taken_by_another == 2); // the question, which only ours understands
    av_log(nullptr, AV_LOG_ERROR, "ours");
    CHECK(log.text() == "ours");
    CHECK(taken_by_another == 2);
    LogCollector second; // ours is there: it answers
    CHECK(log.text() == "ours");
    CHECK(forwarded.ours + forwarded.others == 0);
}

TEST_CASE("a line that never ends, and too many") {
    start();
    LogCollector log;
    av_log(nullptr, AV_LOG_ERROR, "%s", std::string(5000, 'x').c_str());
    CHECK(log.text().size() == 1023);
    for (int i = 0; i < 1000; ++i)
        av_log(nullptr, AV_LOG_ERROR, "line %d", i);
    CHECK(log.text().size() < 3100);
}

TEST_CASE("many threads at once") {
    start();
    std::vector<std::thread> threads;
    std::atomic<int> wrong{0};
    for (int t = 0; t < 8; ++t)
        threads.emplace_back([&, t] {
            for (int i = 0; i < 200; ++i) {
                Context mine;
                LogCollector log({&mine});
                const std::string word = std::to_string(t) + "/" + std::to_string(i);
                std::thread worker([&] { av_log(&mine, AV_LOG_ERROR, "%s", word.c_str()); });
                av_log(nullptr, AV_LOG_DEBUG, "noise");
                worker.join();
                wrong += log.text() != word;
            }
        });
    for (std::thread& thread : threads)
        thread.join();
    CHECK(wrong == 0);
}

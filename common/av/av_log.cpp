// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "common/av/av_log.hpp"

#include "common/base/text.hpp"

extern "C" {
#include <libavutil/log.h>
#include <libavutil/version.h>
}

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdarg>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <mutex>
#include <new>
#include <string_view>
#include <thread>
#include <vector>

namespace onair::av {

/// A collector in the register. Only plain types: several of our libraries may read it.
struct LogEntry {
    const void* owner;
    std::string* lines;
    std::thread::id thread;
    const void* context; ///< null: the thread alone counts
};

struct LogRegister {
    std::mutex lock;
    std::vector<LogEntry> entries; ///< the innermost last
    std::atomic<const LogForward*> forward{nullptr};
};

/// One for the process, although each plugin has this code: an inline variable that is visible is a unique symbol,
/// which the loader of GNU systems binds to the first of its name, even among plugins that are kept apart from each
/// other. Elsewhere each plugin has its own, and the one that worked last has the callback. Another layout needs
/// another name.
inline LogRegister log_register_1 __attribute__((visibility("default")));

namespace {

constexpr size_t max_collected = 2000; // bytes; the first words name the cause, the rest repeats it
constexpr int max_parents = 8;         // a chain longer than that is none

/// Who answers this line has our callback.
constexpr char probe_name[] = "gst-plugins-onair log probe 1";
const AVClass probe_class = {
    .class_name = probe_name, .item_name = av_default_item_name, .version = LIBAVUTIL_VERSION_INT};
struct Probe {
    const AVClass* av_class = &probe_class;
    const LogRegister* answer = nullptr;
};

const AVClass* class_of(const void* context) {
    return context ? *static_cast<const AVClass* const*>(context) : nullptr;
}

const char* class_name(const void* context) {
    const AVClass* c = class_of(context);
    return c ? c->class_name : "";
}

const void* parent_of(const void* context) {
    const AVClass* c = class_of(context);
    if (!c || !c->parent_log_context_offset) return nullptr;
    const void* parent = nullptr;
    std::memcpy(&parent, static_cast<const uint8_t*>(context) + c->parent_log_context_offset, sizeof parent);
    return parent;
}

bool descends(const void* context, const void* from) {
    for (int i = 0; context && i < max_parents; ++i, context = parent_of(context))
        if (context == from) return true;
    return false;
}

/// The caller holds the register's lock. A context that is named counts for more than the thread.
const LogEntry* find_entry(const void* context) {
    const auto& entries = log_register_1.entries;
    const auto named = std::find_if(entries.rbegin(), entries.rend(),
                                    [&](const LogEntry& e) { return e.context && descends(context, e.context); });
    if (named != entries.rend()) return &*named;
    const auto here = std::find_if(entries.rbegin(), entries.rend(),
                                   [id = std::this_thread::get_id()](const LogEntry& e) { return e.thread == id; });
    return here == entries.rend() ? nullptr : &*here;
}

void append(std::string& lines, const char* line) {
    const std::string_view text = trim(line);
    if (text.empty() || lines.size() > max_collected) return;
    try {
        lines += (lines.empty() ? "" : "; ") + std::string(text);
    } catch (const std::bad_alloc&) { // called from C: the words are lost, the error itself is not
    }
}

/// True when a collector took the line; `ours` when it came from a context or a thread of one.
bool collect(const void* context, int level, const char* format, va_list args, bool& ours) {
    const std::lock_guard lock(log_register_1.lock);
    const LogEntry* entry = find_entry(context);
    ours = entry != nullptr;
    if (!entry || level > AV_LOG_WARNING) return false;
    std::array<char, 1024> line{};
    std::vsnprintf(line.data(), line.size(), format, args);
    append(*entry->lines, line.data());
    return true;
}

void callback(void* context, int level, const char* format, va_list args) {
    if (!format) return; // never; g++ asks
    if (context && std::strcmp(class_name(context), probe_name) == 0) {
        static_cast<Probe*>(context)->answer = &log_register_1;
        return;
    }
    va_list again;
    va_copy(again, args);
    bool ours = false;
    if (!collect(context, level, format, args, ours)) {
        const LogForward* forward = log_register_1.forward.load();
        if (!forward) {
            av_log_default_callback(context, level, format, again);
        } else if (forward->wants(level, ours)) {
            std::array<char, 1024> line{};
            std::vsnprintf(line.data(), line.size(), format, again);
            forward->line(level, class_name(context), line.data(), ours);
        }
    }
    va_end(again);
}

bool is_installed() {
    Probe probe;
    // Below what FFmpeg's default prints; gst-libav's callback needs words, and shows them at its level "debug".
    av_log(&probe, AV_LOG_DEBUG, "asking for the log callback of gst-plugins-onair");
    return probe.answer == &log_register_1;
}

void install() {
    if (is_installed()) return;
    const std::lock_guard lock(log_register_1.lock); // of two at once one is enough, and neither is harm
    av_log_set_callback(&callback);
}

} // namespace

void set_log_forward(const LogForward& forward) noexcept { log_register_1.forward.store(&forward); }

LogCollector::LogCollector(std::initializer_list<const void*> contexts) {
    install();
    const std::lock_guard lock(log_register_1.lock);
    auto& entries = log_register_1.entries;
    const auto me = std::this_thread::get_id();
    entries.reserve(entries.size() + contexts.size() + 1);
    entries.push_back({this, &lines_, me, nullptr});
    for (const void* context : contexts)
        entries.push_back({this, &lines_, me, context});
}

LogCollector::~LogCollector() {
    const std::lock_guard lock(log_register_1.lock);
    std::erase_if(log_register_1.entries, [&](const LogEntry& e) { return e.owner == this; });
}

std::string LogCollector::text() const {
    const std::lock_guard lock(log_register_1.lock);
    return lines_;
}

std::string LogCollector::with(std::string words) const {
    const std::string lines = text();
    return lines.empty() ? words : words + "; " + lines;
}

} // namespace onair::av

// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "common/av/av_log.hpp"

#include "common/base/text.hpp"

extern "C" {
#include <libavutil/log.h>
}

#include <array>
#include <atomic>
#include <cstdio>
#include <new>
#include <string_view>

namespace onair::av {

namespace {

constexpr size_t max_collected = 2000; // bytes; the first words name the cause, the rest repeats it

std::atomic<LogForward> forward_to{nullptr};
thread_local LogCollector* collecting = nullptr;

const char* class_name(void* context) {
    const AVClass* const* holder = static_cast<const AVClass* const*>(context);
    return holder && *holder ? (*holder)->class_name : "";
}

} // namespace

void set_log_forward(LogForward forward) noexcept { forward_to.store(forward); }

LogCollector::LogCollector() : outer_(collecting) {
    collecting = this;
    av_log_set_callback(&LogCollector::callback);
}

LogCollector::~LogCollector() { collecting = outer_; }

std::string LogCollector::with(std::string words) const {
    if (lines_.empty()) return words;
    return words + "; " + lines_;
}

void LogCollector::add(const char* line) noexcept {
    const std::string_view text = trim(line);
    if (text.empty() || lines_.size() > max_collected) return;
    try {
        lines_ += (lines_.empty() ? "" : "; ") + std::string(text);
    } catch (const std::bad_alloc&) { // called from C: the words are lost, the error itself is not
    }
}

void LogCollector::callback(void* context, int level, const char* format, va_list args) {
    const LogForward forward = forward_to.load();
    const bool wanted = collecting && level <= AV_LOG_WARNING;
    if (!format) return; // never; g++ asks
    if (!wanted && !forward) {
        av_log_default_callback(context, level, format, args);
        return;
    }
    std::array<char, 1024> line{};
    std::vsnprintf(line.data(), line.size(), format, args);
    if (wanted)
        collecting->add(line.data());
    else
        forward(level, class_name(context), line.data());
}

} // namespace onair::av

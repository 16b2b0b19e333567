// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <cstdarg>
#include <string>

namespace onair::av {

/// A line that FFmpeg logged and no collector wanted. `level` is an AV_LOG_* value, `context` the class name or "".
using LogForward = void (*)(int level, const char* context, const char* line) noexcept;

/// Where lines without a collector go. Until it is set: FFmpeg's own default (stderr).
void set_log_forward(LogForward forward) noexcept;

/// Keeps what FFmpeg logs (warnings and worse) on this thread while it lives, so that an error on the bus can carry
/// the library's own words.
///
/// av_log's callback is process-wide, has no getter and is shared with gst-libav. A collector puts ours in place when
/// it is made; lines that no collector of this thread wants are forwarded (set_log_forward), so nothing is lost of
/// other users' lines. Should another library replace the callback meanwhile, a collector stays empty: callers add
/// av_strerror's text in any case.
class LogCollector {
  public:
    LogCollector();
    ~LogCollector();
    LogCollector(const LogCollector&) = delete;
    LogCollector& operator=(const LogCollector&) = delete;

    /// The lines so far, joined by "; "; empty when there were none.
    const std::string& text() const noexcept { return lines_; }

    /// `words`, followed by the collected lines.
    std::string with(std::string words) const;

  private:
    void add(const char* line) noexcept;
    static void callback(void* context, int level, const char* format, va_list args);

    LogCollector* outer_;
    std::string lines_;
};

} // namespace onair::av

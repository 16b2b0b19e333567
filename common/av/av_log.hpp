// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <initializer_list>
#include <string>

namespace onair::av {

/// Where FFmpeg's lines go that no collector wants. `level` is an AV_LOG_* value, `context` the class name or "",
/// `ours` says that the line comes from a context of a collector that lives.
struct LogForward {
    bool (*wants)(int level, bool ours) noexcept; ///< asked first: most lines need not be made
    void (*line)(int level, const char* context, const char* line, bool ours) noexcept;
};

/// `forward` stays valid for the life of the process. Until it is set: FFmpeg's own default (stderr).
void set_log_forward(const LogForward& forward) noexcept;

/// Keeps what FFmpeg logs (warnings and worse) while it lives, so that an error on the bus can carry the library's own
/// words: lines of this thread, and lines of `contexts` and their children on any thread (libswscale has threads of its
/// own).
///
/// av_log's callback is process-wide, has no getter and is shared with gst-libav. Each collector asks, by a line that
/// only ours understands, whether ours is there, and puts it in place only where it is not: at the first time, and
/// after another library has put its own there. Lines that no collector wants are forwarded (set_log_forward), so
/// nothing is lost of other users' lines. Our libraries in one process share one register of collectors; it does not
/// matter whose callback is in place.
class LogCollector {
  public:
    /// `contexts`: what FFmpeg passes to av_log, structures that begin with an AVClass pointer. They outlive this.
    explicit LogCollector(std::initializer_list<const void*> contexts = {});
    ~LogCollector();
    LogCollector(const LogCollector&) = delete;
    LogCollector& operator=(const LogCollector&) = delete;

    /// The lines so far, joined by "; "; empty when there were none.
    std::string text() const;

    /// `words`, followed by the collected lines.
    std::string with(std::string words) const;

  private:
    std::string lines_; ///< under the register's lock
};

} // namespace onair::av

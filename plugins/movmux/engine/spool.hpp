// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <cstdint>
#include <span>
#include <string>

namespace onair::mov {

/// A temporary file that is written once and read once. It is gone when this object is, or at once where it has no
/// name. Every failure throws Error with the path and the system's reason.
class Spool {
  public:
    /// `path` "": a file without a name in the directory for temporary files (TMPDIR, else /var/tmp: a movie is large).
    explicit Spool(std::string path);
    ~Spool();
    Spool(const Spool&) = delete;
    Spool& operator=(const Spool&) = delete;

    void append(std::span<const uint8_t> bytes);
    uint64_t size() const noexcept { return size_; }
    /// Reads `into.size()` bytes at `position`.
    void read(uint64_t position, std::span<uint8_t> into) const;

  private:
    [[noreturn]] void fail(int code) const;

    std::string path_;
    bool named_;
    int file_ = -1;
    uint64_t size_ = 0;
};

} // namespace onair::mov

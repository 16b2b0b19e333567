// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/box_reader.hpp"

#include <cstdint>
#include <span>
#include <string>

namespace onair::mov {

/// A regular file, read at positions. Closed with the object; not copied.
class FileBytes {
  public:
    /// Throws Error(not_found or read) naming the file and the system's reason; also for what is no regular file.
    explicit FileBytes(const std::string& path);
    ~FileBytes();
    FileBytes(const FileBytes&) = delete;
    FileBytes& operator=(const FileBytes&) = delete;

    uint64_t size() const noexcept { return size_; }
    bool read(uint64_t position, std::span<uint8_t> into) const;
    /// Valid as long as the object is.
    ReadAt reader() const {
        return [this](uint64_t position, std::span<uint8_t> into) { return read(position, into); };
    }

  private:
    int fd_;
    uint64_t size_ = 0;
};

} // namespace onair::mov

// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/file_bytes.hpp"

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <sys/types.h>

namespace onair::tctool {

/// A file that is open for writing. Every function throws Error(open_write or write) with the system's reason.
class FileOutput {
  public:
    FileOutput(const std::string& path, int flags, mode_t mode = 0600);
    ~FileOutput();
    FileOutput(const FileOutput&) = delete;
    FileOutput& operator=(const FileOutput&) = delete;

    void write(uint64_t offset, std::span<const uint8_t> bytes) const;
    /// `size` bytes of another file, in large blocks.
    void copy(const mov::FileBytes& from, uint64_t position, uint64_t size, uint64_t offset) const;
    void resize(uint64_t size) const;
    void sync() const;

  private:
    [[noreturn]] void failed() const;

    std::string path_;
    int fd_;
};

/// A new file, filled by `fill`, with the access rights of the file `like`. It has its name only when it is whole and
/// on the disk. Throws Error, also when there is a file of that name; nothing is left then.
void write_new_file(const std::string& to, const std::string& like, const std::function<void(const FileOutput&)>& fill);

/// The name of a new or removed file is on the disk when its directory is.
void sync_directory(const std::string& path);

} // namespace onair::tctool

// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/file_bytes.hpp"

#include "engine/messages.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace onair::mov {

FileBytes::FileBytes(const std::string& path) : fd_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {
    if (fd_ < 0) throw error(Msg::file_not_open, {path, std::strerror(errno)});
    struct stat about {};
    if (::fstat(fd_, &about) != 0 || !S_ISREG(about.st_mode)) {
        ::close(fd_);
        throw error(Msg::file_not_open, {path, "it is not a regular file"});
    }
    size_ = static_cast<uint64_t>(about.st_size);
}

FileBytes::~FileBytes() { ::close(fd_); }

bool FileBytes::read(uint64_t position, std::span<uint8_t> into) const {
    while (!into.empty()) {
        const ssize_t got = ::pread(fd_, into.data(), into.size(), static_cast<off_t>(position));
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return false;
        position += static_cast<uint64_t>(got);
        into = into.subspan(static_cast<size_t>(got));
    }
    return true;
}

} // namespace onair::mov

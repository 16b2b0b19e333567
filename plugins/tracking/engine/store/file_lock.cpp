// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/store/file_lock.hpp"

#include "engine/messages.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace onair::track {

FileLock::FileLock(const std::string& database) : path_(database + ".lock") {
    fd_ = open(path_.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    was_there_ = fd_ < 0 && errno == EEXIST;
    if (fd_ >= 0) fchmod(fd_, 0600); // a umask of 0277 and the like
    if (was_there_) fd_ = open(path_.c_str(), O_RDWR | O_CLOEXEC);
    if (fd_ < 0) {
        const int failure = errno;
        const Msg msg = failure == EROFS || failure == EACCES ? Msg::read_only : Msg::cannot_open;
        throw error(msg, {database}, "open " + path_ + ": " + std::strerror(failure));
    }
    if (flock(fd_, LOCK_EX | LOCK_NB) == 0) return;
    const int failure = errno;
    close(fd_);
    const Msg msg = failure == EWOULDBLOCK ? Msg::store_in_use : Msg::cannot_open;
    throw error(msg, {database}, "flock " + path_ + ": " + std::strerror(failure));
}

FileLock::~FileLock() { close(fd_); }

void FileLock::undo() {
    if (!was_there_) unlink(path_.c_str());
}

} // namespace onair::track

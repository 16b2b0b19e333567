// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/spool.hpp"

#include "engine/messages.hpp"

#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <system_error>
#include <unistd.h>

namespace onair::mov {

namespace {

std::string temporary_pattern() {
    const char* directory = std::getenv("TMPDIR");
    return std::string(directory && *directory ? directory : "/var/tmp") + "/tcmovmux-XXXXXX";
}

} // namespace

Spool::Spool(std::string path) : path_(std::move(path)), named_(!path_.empty()) {
    if (named_) {
        file_ = ::open(path_.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    } else {
        path_ = temporary_pattern();
        file_ = ::mkostemp(path_.data(), O_CLOEXEC);
        if (file_ >= 0) ::unlink(path_.c_str());
    }
    if (file_ < 0) fail(errno);
}

Spool::~Spool() {
    ::close(file_);
    if (named_) ::unlink(path_.c_str());
}

void Spool::fail(int code) const {
    const Error made = error(Msg::temporary_file, {path_, std::generic_category().message(code)});
    throw Error(code == ENOSPC ? ErrorKind::no_space : made.kind(), made.what());
}

void Spool::append(std::span<const uint8_t> bytes) {
    while (!bytes.empty()) {
        const ssize_t written = ::write(file_, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) fail(errno);
        size_ += static_cast<uint64_t>(written);
        bytes = bytes.subspan(static_cast<size_t>(written));
    }
}

void Spool::read(uint64_t position, std::span<uint8_t> into) const {
    while (!into.empty()) {
        const ssize_t got = ::pread(file_, into.data(), into.size(), static_cast<off_t>(position));
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) fail(got < 0 ? errno : EIO);
        position += static_cast<uint64_t>(got);
        into = into.subspan(static_cast<size_t>(got));
    }
}

} // namespace onair::mov

// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "file_output.hpp"

#include "messages.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

namespace onair::tctool {

FileOutput::FileOutput(const std::string& path, int flags, mode_t mode)
    : path_(path), fd_(::open(path.c_str(), flags | O_CLOEXEC, mode)) {
    if (fd_ < 0) throw error(Msg::cannot_write, {path, std::strerror(errno)});
}

FileOutput::~FileOutput() { ::close(fd_); }

void FileOutput::write(uint64_t offset, std::span<const uint8_t> bytes) const {
    while (!bytes.empty()) {
        const ssize_t n = ::pwrite(fd_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) failed();
        offset += static_cast<uint64_t>(n);
        bytes = bytes.subspan(static_cast<size_t>(n));
    }
}

void FileOutput::copy(const mov::FileBytes& from, uint64_t position, uint64_t size, uint64_t offset) const {
    std::vector<uint8_t> block(size_t{4} << 20);
    for (uint64_t done = 0; done < size; done += block.size()) {
        const auto some = std::span(block).first(static_cast<size_t>(std::min<uint64_t>(block.size(), size - done)));
        if (!from.read(position + done, some))
            throw error(Msg::write_failed, {path_, "the file that is copied cannot be read"});
        write(offset + done, some);
    }
}

void FileOutput::resize(uint64_t size) const {
    if (::ftruncate(fd_, static_cast<off_t>(size)) != 0) failed();
}

void FileOutput::sync() const {
    if (::fsync(fd_) != 0) failed();
}

void FileOutput::failed() const { throw error(Msg::write_failed, {path_, std::strerror(errno)}); }

void sync_directory(const std::string& path) {
    const std::string parent = std::filesystem::path(path).parent_path().string();
    const int fd = ::open(parent.empty() ? "." : parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return;
    ::fsync(fd); // some file systems cannot: the data is there all the same
    ::close(fd);
}

void write_new_file(const std::string& to, const std::string& like,
                    const std::function<void(const FileOutput&)>& fill) {
    std::error_code ignored;
    if (std::filesystem::exists(to, ignored)) throw error(Msg::output_exists, {to});
    const std::string part = to + ".part";
    struct stat about {};
    const mode_t mode = ::stat(like.c_str(), &about) == 0 ? about.st_mode & 0777 : 0644;
    const FileOutput out(part, O_WRONLY | O_CREAT | O_EXCL, mode);
    try {
        fill(out);
        out.sync();
        // link() and not rename(): it never replaces a file that came in the meantime.
        if (::link(part.c_str(), to.c_str()) != 0 && (errno == EEXIST || ::rename(part.c_str(), to.c_str()) != 0))
            throw error(Msg::write_failed, {to, std::strerror(errno)});
    } catch (...) {
        ::unlink(part.c_str());
        throw;
    }
    ::unlink(part.c_str());
    sync_directory(to);
}

} // namespace onair::tctool

// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "file_change.hpp"

#include "engine/box_reader.hpp"
#include "engine/box_writer.hpp"
#include "engine/file_bytes.hpp"
#include "messages.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <span>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

namespace onair::tctool {

using namespace onair::mov;

namespace {

constexpr std::string_view magic = "tcundo 1";

/// A file that is open for writing.
class Output {
  public:
    Output(const std::string& path, int flags, mode_t mode = 0600)
        : path_(path), fd_(::open(path.c_str(), flags | O_CLOEXEC, mode)) {
        if (fd_ < 0) throw error(Msg::cannot_write, {path, std::strerror(errno)});
    }
    ~Output() { ::close(fd_); }
    Output(const Output&) = delete;
    Output& operator=(const Output&) = delete;

    void write(uint64_t offset, std::span<const uint8_t> bytes) const {
        while (!bytes.empty()) {
            const ssize_t n = ::pwrite(fd_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
            if (n < 0 && errno == EINTR) continue;
            if (n <= 0) failed();
            offset += static_cast<uint64_t>(n);
            bytes = bytes.subspan(static_cast<size_t>(n));
        }
    }
    void resize(uint64_t size) const {
        if (::ftruncate(fd_, static_cast<off_t>(size)) != 0) failed();
    }
    void sync() const {
        if (::fsync(fd_) != 0) failed();
    }

  private:
    [[noreturn]] void failed() const { throw error(Msg::write_failed, {path_, std::strerror(errno)}); }

    std::string path_;
    int fd_;
};

/// The name of a new or removed file is on the disk when its directory is.
void sync_directory(const std::string& path) {
    const std::string parent = std::filesystem::path(path).parent_path().string();
    const int fd = ::open(parent.empty() ? "." : parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return;
    ::fsync(fd); // some file systems cannot: the data is there all the same
    ::close(fd);
}

void save_undo(const std::string& path, uint64_t size, const Plan& plan) {
    BoxWriter w;
    w.text(magic);
    w.u64(size);
    w.u32(plan.patches.size());
    for (const Patch& patch : plan.patches)
        w.u64(patch.offset), w.u32(patch.before.size()), w.bytes(patch.before);
    const Output out(undo_path(path), O_WRONLY | O_CREAT | O_EXCL);
    out.write(0, w.data());
    out.sync();
    sync_directory(path);
}

} // namespace

std::string undo_path(const std::string& path) { return path + ".tctool-undo"; }

void check_no_undo(const std::string& path) {
    std::error_code ignored;
    if (std::filesystem::exists(undo_path(path), ignored)) throw error(Msg::undo_there, {path});
}

void change_in_place(const std::string& path, uint64_t size, const Plan& plan) {
    const Output out(path, O_WRONLY); // before the undo file: a file that cannot be written leaves none
    save_undo(path, size, plan);
    try {
        for (const Patch& patch : plan.patches)
            out.write(patch.offset, patch.after);
        out.sync();
    } catch (const Error& e) {
        undo(path);
        throw error(Msg::undone, {path, e.what()});
    }
    ::unlink(undo_path(path).c_str());
    sync_directory(path);
}

void write_copy(const std::string& from, uint64_t size, const Plan& plan, const std::string& to) {
    std::error_code ignored;
    if (std::filesystem::exists(to, ignored)) throw error(Msg::output_exists, {to});
    const std::string part = to + ".part";
    const FileBytes in(from);
    struct stat about {};
    const mode_t mode = ::stat(from.c_str(), &about) == 0 ? about.st_mode & 0777 : 0644;
    const Output out(part, O_WRONLY | O_CREAT | O_EXCL, mode);
    try {
        std::vector<uint8_t> block(size_t{1} << 20);
        for (uint64_t at = 0; at < size; at += block.size()) {
            const auto some = std::span(block).first(static_cast<size_t>(std::min<uint64_t>(block.size(), size - at)));
            if (!in.read(at, some)) throw error(Msg::write_failed, {to, "the file that is copied cannot be read"});
            out.write(at, some);
        }
        for (const Patch& patch : plan.patches)
            out.write(patch.offset, patch.after);
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

void undo(const std::string& path) {
    const std::string name = undo_path(path);
    std::error_code ignored;
    if (!std::filesystem::exists(name, ignored)) throw error(Msg::undo_none, {name});
    const FileBytes saved(name), now(path);
    std::vector<uint8_t> bytes(static_cast<size_t>(std::min(saved.size(), BoxLimits().size)));
    std::vector<std::pair<uint64_t, std::span<const uint8_t>>> patches;
    uint64_t size = 0;
    try {
        if (!saved.read(0, bytes)) throw error(Msg::undo_wrong, {name});
        Fields f(bytes, "undo");
        if (f.text(magic.size()) != magic) throw error(Msg::undo_wrong, {name});
        size = f.u64();
        for (uint32_t n = f.count(12); n; --n) {
            const uint64_t offset = f.u64();
            patches.emplace_back(offset, f.take(f.u32()));
        }
        if (f.left() != 0 || now.size() < size) throw error(Msg::undo_wrong, {name});
    } catch (const Error&) {
        throw error(Msg::undo_wrong, {name});
    }
    const Output out(path, O_WRONLY);
    for (const auto& [offset, before] : patches)
        out.write(offset, before);
    out.resize(size);
    out.sync();
    ::unlink(name.c_str());
    sync_directory(path);
}

} // namespace onair::tctool

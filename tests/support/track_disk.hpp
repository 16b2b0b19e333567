// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <sqlite3.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

/// A disk under SQLite that fails when it is told to and writes down what reaches it: a VFS around the default one.
namespace onair::test {

/// One thing that happened to a file, in order. `told`: a word of the test itself.
struct DiskOp {
    enum class Kind { write, truncate, sync, remove, told };
    Kind kind;
    std::string file; ///< name without directory
    int64_t at = 0;   ///< offset, new size or the number told
    std::string bytes;
    int64_t us = 0; ///< steady clock
};

class Disk {
  public:
    /// The one of this process; SQLite uses it from the first call on.
    static Disk& get() {
        static Disk disk;
        return disk;
    }

    std::atomic<int> write_fails{SQLITE_OK}; ///< result of every write while it is not SQLITE_OK
    std::atomic<int> sync_fails{SQLITE_OK};
    std::atomic<bool> logging{false};
    std::atomic<int64_t> syncs{0};

    void tell(int64_t n) { log({DiskOp::Kind::told, "", n, {}, 0}); }
    std::vector<DiskOp> take_log() {
        const std::lock_guard guard(lock_);
        return std::exchange(log_, {});
    }
    void log(DiskOp op) {
        if (!logging) return;
        op.us =
            std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now().time_since_epoch())
                .count();
        const std::lock_guard guard(lock_);
        log_.push_back(std::move(op));
    }

  private:
    struct File {
        sqlite3_file base;
        const char* name; ///< lives as long as the file is open (sqlite3.h, xOpen)
        sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
    };
    static File* file(sqlite3_file* f) { return reinterpret_cast<File*>(f); }
    static sqlite3_file* real(sqlite3_file* f) { return file(f)->real(); }
    static std::string short_name(const char* path) {
        const char* slash = path ? std::strrchr(path, '/') : nullptr;
        return slash ? slash + 1 : "";
    }

    Disk() : system_(sqlite3_vfs_find(nullptr)), vfs_(*system_) {
        vfs_.szOsFile = static_cast<int>(sizeof(File)) + system_->szOsFile;
        vfs_.zName = "onair-test";
        vfs_.xOpen = open;
        vfs_.xDelete = [](sqlite3_vfs*, const char* name, int sync) {
            get().log({DiskOp::Kind::remove, short_name(name), 0, {}, 0});
            return get().system_->xDelete(get().system_, name, sync);
        };
        vfs_.xAccess = [](sqlite3_vfs*, const char* name, int flags, int* out) {
            return get().system_->xAccess(get().system_, name, flags, out);
        };
        vfs_.xFullPathname = [](sqlite3_vfs*, const char* name, int n, char* out) {
            return get().system_->xFullPathname(get().system_, name, n, out);
        };
        sqlite3_vfs_register(&vfs_, 1);
    }

    static int open(sqlite3_vfs*, const char* name, sqlite3_file* out, int flags, int* flags_out) {
        static const sqlite3_io_methods methods = make_methods();
        Disk& disk = get();
        File* f = file(out);
        f->base.pMethods = nullptr;
        f->name = name;
        const int code = disk.system_->xOpen(disk.system_, name, f->real(), flags, flags_out);
        if (f->real()->pMethods) f->base.pMethods = &methods;
        return code;
    }

    static sqlite3_io_methods make_methods() {
        sqlite3_io_methods m{};
        m.iVersion = 2; // without memory mapping
        m.xClose = [](sqlite3_file* f) { return real(f)->pMethods->xClose(real(f)); };
        m.xRead = [](sqlite3_file* f, void* p, int n, sqlite3_int64 at) {
            return real(f)->pMethods->xRead(real(f), p, n, at);
        };
        m.xWrite = [](sqlite3_file* f, const void* p, int n, sqlite3_int64 at) {
            if (const int code = get().write_fails) return code;
            get().log({DiskOp::Kind::write, short_name(file(f)->name), at,
                       std::string(static_cast<const char*>(p), static_cast<size_t>(n)), 0});
            return real(f)->pMethods->xWrite(real(f), p, n, at);
        };
        m.xTruncate = [](sqlite3_file* f, sqlite3_int64 size) {
            get().log({DiskOp::Kind::truncate, short_name(file(f)->name), size, {}, 0});
            return real(f)->pMethods->xTruncate(real(f), size);
        };
        m.xSync = [](sqlite3_file* f, int flags) {
            if (const int code = get().sync_fails) return code;
            const int code = real(f)->pMethods->xSync(real(f), flags);
            ++get().syncs;
            get().log({DiskOp::Kind::sync, short_name(file(f)->name), 0, {}, 0});
            return code;
        };
        m.xFileSize = [](sqlite3_file* f, sqlite3_int64* n) { return real(f)->pMethods->xFileSize(real(f), n); };
        m.xLock = [](sqlite3_file* f, int l) { return real(f)->pMethods->xLock(real(f), l); };
        m.xUnlock = [](sqlite3_file* f, int l) { return real(f)->pMethods->xUnlock(real(f), l); };
        m.xCheckReservedLock = [](sqlite3_file* f, int* l) {
            return real(f)->pMethods->xCheckReservedLock(real(f), l);
        };
        m.xFileControl = [](sqlite3_file* f, int op, void* p) {
            return real(f)->pMethods->xFileControl(real(f), op, p);
        };
        m.xSectorSize = [](sqlite3_file* f) { return real(f)->pMethods->xSectorSize(real(f)); };
        m.xDeviceCharacteristics = [](sqlite3_file*) { return 0; }; // a disk without promises
        m.xShmMap = [](sqlite3_file* f, int page, int size, int extend, void volatile** p) {
            return real(f)->pMethods->xShmMap(real(f), page, size, extend, p);
        };
        m.xShmLock = [](sqlite3_file* f, int at, int n, int flags) {
            return real(f)->pMethods->xShmLock(real(f), at, n, flags);
        };
        m.xShmBarrier = [](sqlite3_file* f) { real(f)->pMethods->xShmBarrier(real(f)); };
        m.xShmUnmap = [](sqlite3_file* f, int del) { return real(f)->pMethods->xShmUnmap(real(f), del); };
        return m;
    }

    sqlite3_vfs* system_;
    sqlite3_vfs vfs_;
    std::mutex lock_;
    std::vector<DiskOp> log_;
};

} // namespace onair::test

/* SPDX-FileCopyrightText: gst-plugins-onair contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A library for LD_PRELOAD that logs what a program does to the files below one directory, with the data, so that
 * cut_replay.py can make the files as a power cut would leave them. It can also make writes fail and kill the program
 * at one operation. No fault of this file may reach the program but those asked for.
 *
 *   ONAIR_WRITE_DIR=DIR        the directory (absolute or not); nothing happens without it
 *   ONAIR_WRITE_LOG=FILE       the log, outside DIR; appended to, one record in one write
 *   ONAIR_WRITE_NOSYNC=1       syncs are logged and not done: fast, and the log says the same
 *   ONAIR_WRITE_FAIL=N[:ERRNO] after N bytes written below DIR every write and sync fails (EIO unless said)
 *   ONAIR_WRITE_KILL=K[:N]     SIGKILL before operation K (from 0: writes, syncs, truncations, renames, removals), or
 * in it, after N of its bytes ONAIR_WRITE_ARM=1          operations are counted, and bytes to fail, from
 * onair_write_log_arm() on
 *
 * The program can find onair_write_log_mark(text) and onair_write_log_arm() by dlsym(RTLD_DEFAULT, …).
 *
 * A record, little endian (struct Head), then the path below DIR and the data:
 *   op  O opened (offset 1: it is new, 2: it was emptied; length: O_SYNC, O_DSYNC)  W data at offset
 *       T size = offset  S synced  R renamed from path to data  U removed  A all synced  M mark (data)  F failed (asked
 * for)
 *
 * Not seen: mmap (SQLite's -shm, which no reader needs after a cut), stdio's own writes, direct system calls. */
#undef _FILE_OFFSET_BITS /* both names of each call are defined here */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define API __attribute__((visibility("default")))
#define REAL(name) ((__typeof__(&name))real(#name))

struct Head {
    uint32_t op, path_length;
    uint64_t file, offset, length;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static char dir[PATH_MAX];
static size_t dir_length;
static int log_fd = -1, no_sync, armed = 1, fail_errno = EIO;
static long long fail_after = -1, kill_at = -1, kill_bytes = -1, written, operation;

static void* real(const char* name) {
    void* found = dlsym(RTLD_NEXT, name);
    if (!found) abort();
    return found;
}

static void start(void) {
    const char* text = getenv("ONAIR_WRITE_DIR");
    if (text && realpath(text, dir)) dir_length = strlen(dir);
    if (!dir_length) return;
    if ((text = getenv("ONAIR_WRITE_LOG"))) log_fd = REAL(open)(text, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    no_sync = getenv("ONAIR_WRITE_NOSYNC") != NULL;
    armed = getenv("ONAIR_WRITE_ARM") == NULL;
    char* rest = NULL;
    if ((text = getenv("ONAIR_WRITE_FAIL"))) {
        fail_after = strtoll(text, &rest, 10);
        if (*rest == ':') fail_errno = atoi(rest + 1);
    }
    if ((text = getenv("ONAIR_WRITE_KILL"))) {
        kill_at = strtoll(text, &rest, 10);
        if (*rest == ':') kill_bytes = strtoll(rest + 1, NULL, 10);
    }
}

static int active(void) {
    pthread_once(&once, start);
    return dir_length != 0;
}

/* The part of an absolute path below the directory; "" for the directory itself. */
static const char* below(const char* path) {
    if (strncmp(path, dir, dir_length) != 0) return NULL;
    if (!path[dir_length]) return "";
    return path[dir_length] == '/' ? path + dir_length + 1 : NULL;
}

static const char* below_at(int at, const char* path, char buffer[static PATH_MAX]) {
    char folder[PATH_MAX], joined[PATH_MAX];
    if (path[0] == '/' || at == AT_FDCWD) {
        if (snprintf(joined, sizeof joined, "%s", path) >= PATH_MAX) return NULL;
    } else {
        char link[64];
        snprintf(link, sizeof link, "/proc/self/fd/%d", at);
        const ssize_t n = readlink(link, folder, sizeof folder - 1);
        if (n <= 0) return NULL;
        folder[n] = 0;
        if (snprintf(joined, sizeof joined, "%.*s/%s", (int)n, folder, path) >= PATH_MAX) return NULL;
    }
    char* slash = strrchr(joined, '/'); /* the last name need not exist */
    const char* name = slash ? slash + 1 : joined;
    char name_copy[NAME_MAX + 1];
    if (snprintf(name_copy, sizeof name_copy, "%s", name) > NAME_MAX) return NULL;
    if (slash) *slash = 0;
    if (!realpath(slash ? (*joined ? joined : "/") : ".", folder)) return NULL;
    if (snprintf(buffer, PATH_MAX, "%s/%s", folder, name_copy) >= PATH_MAX) return NULL;
    return below(buffer);
}

/* The path of an open file below the directory, or NULL when it lies elsewhere. */
static const char* below_fd(int fd, char buffer[static PATH_MAX]) {
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    const ssize_t n = readlink(link, buffer, PATH_MAX - 1);
    if (n <= 0) return NULL;
    buffer[n] = 0;
    return below(buffer);
}

static uint64_t file_of(int fd) {
    struct stat st;
    return fstat(fd, &st) == 0 ? (uint64_t)st.st_ino : 0;
}

static void put(char op, const char* path, uint64_t file, uint64_t offset, uint64_t length, const void* data,
                size_t data_length) {
    if (log_fd < 0) return;
    const struct Head head = {(uint32_t)op, (uint32_t)strlen(path), file, offset, length};
    struct iovec parts[3] = {{(void*)&head, sizeof head}, {(void*)path, head.path_length}, {(void*)data, data_length}};
    if (REAL(writev)(log_fd, parts, 3) < 0) abort(); /* a log with holes would prove the wrong thing */
}

/* Counted, and the end when it is the one; of a write that is to be torn it only says so. */
static int is_last(int torn) {
    if (!armed || kill_at < 0 || operation++ != kill_at) return 0;
    if (!torn || kill_bytes < 0) kill(getpid(), SIGKILL);
    return 1;
}

static int fails(void) { return armed && fail_after >= 0 && written >= fail_after; }

static int fail(const char* path) {
    put('F', path, 0, 0, 0, NULL, 0);
    errno = fail_errno;
    return -1;
}

/* --- writes ------------------------------------------------------------------------------------------------------ */

static ssize_t write_parts(int fd, const struct iovec* parts, int count, off64_t at) {
    return at < 0 ? REAL(writev)(fd, parts, count) : REAL(pwritev64)(fd, parts, count, at);
}

static void log_parts(const char* path, int fd, uint64_t at, const struct iovec* parts, int count, size_t length) {
    char* all = malloc(length ? length : 1);
    if (!all) abort();
    size_t have = 0;
    for (int i = 0; i < count && have < length; ++i) {
        const size_t n = parts[i].iov_len < length - have ? parts[i].iov_len : length - have;
        memcpy(all + have, parts[i].iov_base, n);
        have += n;
    }
    put('W', path, file_of(fd), at, length, all, length);
    free(all);
}

/* Only the first `limit` bytes. */
static int shorten(struct iovec* out, const struct iovec* parts, int count, size_t limit) {
    int used = 0;
    for (; used < count && limit > 0; ++used) {
        out[used] = parts[used];
        if (out[used].iov_len > limit) out[used].iov_len = limit;
        limit -= out[used].iov_len;
    }
    return used;
}

static ssize_t do_write(int fd, const struct iovec* parts, int count, off64_t at) {
    char buffer[PATH_MAX];
    const char* path = active() ? below_fd(fd, buffer) : NULL;
    if (!path || count < 0 || count > IOV_MAX) return write_parts(fd, parts, count, at);
    pthread_mutex_lock(&lock);
    size_t limit = SIZE_MAX;
    ssize_t done = -1;
    struct iovec few[IOV_MAX];
    const int last = is_last(1);
    if (last) limit = (size_t)kill_bytes;
    if (fails()) {
        fail(path);
        goto out;
    }
    if (armed && fail_after >= 0 && (size_t)(fail_after - written) < limit) limit = (size_t)(fail_after - written);
    const int used = shorten(few, parts, count, limit);
    done = used == 0 ? 0 : write_parts(fd, few, used, at);
    if (done > 0) {
        /* Where the write ended is where the file stands, also with O_APPEND. */
        const off64_t begin = at >= 0 ? at : REAL(lseek64)(fd, 0, SEEK_CUR) - done;
        log_parts(path, fd, (uint64_t)begin, few, used, (size_t)done);
        if (armed) written += done;
    }
out:
    if (last) kill(getpid(), SIGKILL);
    const int number = errno;
    pthread_mutex_unlock(&lock);
    errno = number;
    return done;
}

API ssize_t write(int fd, const void* data, size_t n) {
    const struct iovec part = {(void*)data, n};
    return do_write(fd, &part, 1, -1);
}
API ssize_t writev(int fd, const struct iovec* parts, int count) { return do_write(fd, parts, count, -1); }
API ssize_t pwrite64(int fd, const void* data, size_t n, off64_t at) {
    const struct iovec part = {(void*)data, n};
    return do_write(fd, &part, 1, at);
}
API ssize_t pwrite(int fd, const void* data, size_t n, off_t at) { return pwrite64(fd, data, n, at); }
API ssize_t pwritev64(int fd, const struct iovec* parts, int count, off64_t at) {
    return do_write(fd, parts, count, at);
}
API ssize_t pwritev(int fd, const struct iovec* parts, int count, off_t at) { return do_write(fd, parts, count, at); }

API ssize_t copy_file_range(int in, off64_t* in_at, int out, off64_t* out_at, size_t n, unsigned flags) {
    char buffer[PATH_MAX];
    const char* path = active() ? below_fd(out, buffer) : NULL;
    if (path) { /* the caller reads and writes then, which is seen */
        errno = EXDEV;
        return -1;
    }
    return REAL(copy_file_range)(in, in_at, out, out_at, n, flags);
}

/* --- sizes, syncs ------------------------------------------------------------------------------------------------ */

API int ftruncate64(int fd, off64_t size) {
    char buffer[PATH_MAX];
    const char* path = active() ? below_fd(fd, buffer) : NULL;
    if (!path) return REAL(ftruncate64)(fd, size);
    pthread_mutex_lock(&lock);
    is_last(0);
    const int done = fails() ? fail(path) : REAL(ftruncate64)(fd, size);
    if (done == 0) put('T', path, file_of(fd), (uint64_t)size, 0, NULL, 0);
    pthread_mutex_unlock(&lock);
    return done;
}
API int ftruncate(int fd, off_t size) { return ftruncate64(fd, size); }

API int fallocate64(int fd, int mode, off64_t at, off64_t length) {
    char buffer[PATH_MAX];
    if (!active() || !below_fd(fd, buffer)) return REAL(fallocate64)(fd, mode, at, length);
    errno = EOPNOTSUPP; /* SQLite then writes or truncates */
    return -1;
}
API int fallocate(int fd, int mode, off_t at, off_t length) { return fallocate64(fd, mode, at, length); }
API int posix_fallocate64(int fd, off64_t at, off64_t length) {
    char buffer[PATH_MAX];
    return active() && below_fd(fd, buffer) ? EOPNOTSUPP : REAL(posix_fallocate64)(fd, at, length);
}
API int posix_fallocate(int fd, off_t at, off_t length) { return posix_fallocate64(fd, at, length); }

static int do_sync(int fd, int (*sync_it)(int), char op) {
    char buffer[PATH_MAX];
    const char* path = active() ? below_fd(fd, buffer) : NULL;
    if (!path) return sync_it(fd);
    pthread_mutex_lock(&lock);
    is_last(0);
    const int done = fails() ? fail(path) : no_sync ? 0 : sync_it(fd);
    if (done == 0) put(op, path, file_of(fd), 0, 0, NULL, 0);
    const int number = errno;
    pthread_mutex_unlock(&lock);
    errno = number;
    return done;
}
API int fsync(int fd) { return do_sync(fd, REAL(fsync), 'S'); }
API int fdatasync(int fd) { return do_sync(fd, REAL(fdatasync), 'S'); }
API int syncfs(int fd) { return do_sync(fd, REAL(syncfs), 'A'); }

/* --- names ------------------------------------------------------------------------------------------------------- */

static void log_open(int fd, const char* path, int fresh, int flags) {
    struct stat st;
    if (!path || fd < 0 || fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) return;
    put('O', path, (uint64_t)st.st_ino, (uint64_t)fresh, (uint64_t)(flags & (O_SYNC | O_DSYNC)), NULL, 0);
}

/* 1: the file is new, 2: it loses what it has. */
static int fresh_file(int at, const char* path, int flags) {
    struct stat st;
    if (fstatat(at, path, &st, 0) != 0) return (flags & O_CREAT) != 0;
    return flags & O_TRUNC ? 2 : 0;
}

static int do_open(int at, const char* path, int flags, mode_t mode) {
    char buffer[PATH_MAX];
    const int wanted = active() && (flags & (O_CREAT | O_TRUNC | O_SYNC | O_DSYNC)) && !(flags & O_DIRECTORY);
    const char* part = wanted ? below_at(at, path, buffer) : NULL;
    if (!part) return REAL(openat64)(at, path, flags, mode);
    pthread_mutex_lock(&lock);
    const int fresh = fresh_file(at, path, flags);
    const int fd = REAL(openat64)(at, path, flags, mode);
    const int number = errno;
    log_open(fd, part, fresh, flags);
    pthread_mutex_unlock(&lock);
    errno = number;
    return fd;
}

#define MODE_OF(flags)                                                                                                 \
    mode_t mode = 0;                                                                                                   \
    if ((flags) & (O_CREAT | O_TMPFILE)) {                                                                             \
        va_list more;                                                                                                  \
        va_start(more, flags);                                                                                         \
        mode = (mode_t)va_arg(more, int);                                                                              \
        va_end(more);                                                                                                  \
    }

API int open64(const char* path, int flags, ...) {
    MODE_OF(flags)
    return do_open(AT_FDCWD, path, flags, mode);
}
API int open(const char* path, int flags, ...) {
    MODE_OF(flags)
    return do_open(AT_FDCWD, path, flags, mode);
}
API int openat64(int at, const char* path, int flags, ...) {
    MODE_OF(flags)
    return do_open(at, path, flags, mode);
}
API int openat(int at, const char* path, int flags, ...) {
    MODE_OF(flags)
    return do_open(at, path, flags, mode);
}
API int creat64(const char* path, mode_t mode) { return do_open(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode); }
API int creat(const char* path, mode_t mode) { return creat64(path, mode); }

static FILE* do_fopen(const char* path, const char* how, FILE* (*open_it)(const char*, const char*)) {
    char buffer[PATH_MAX];
    const int flags = how[0] == 'w' ? O_CREAT | O_TRUNC : how[0] == 'a' ? O_CREAT : 0;
    const char* part = active() && flags ? below_at(AT_FDCWD, path, buffer) : NULL;
    if (!part) return open_it(path, how);
    pthread_mutex_lock(&lock);
    const int fresh = fresh_file(AT_FDCWD, path, flags);
    FILE* file = open_it(path, how);
    const int number = errno;
    if (file) log_open(fileno(file), part, fresh, 0);
    pthread_mutex_unlock(&lock);
    errno = number;
    return file;
}
API FILE* fopen64(const char* path, const char* how) { return do_fopen(path, how, REAL(fopen64)); }
API FILE* fopen(const char* path, const char* how) { return do_fopen(path, how, REAL(fopen)); }

API int renameat2(int from_at, const char* from, int to_at, const char* to, unsigned flags) {
    char from_buffer[PATH_MAX], to_buffer[PATH_MAX];
    const char* a = active() ? below_at(from_at, from, from_buffer) : NULL;
    const char* b = a ? below_at(to_at, to, to_buffer) : NULL;
    if (!b) return REAL(renameat2)(from_at, from, to_at, to, flags);
    pthread_mutex_lock(&lock);
    is_last(0);
    const int done = REAL(renameat2)(from_at, from, to_at, to, flags);
    if (done == 0) put('R', a, 0, 0, strlen(b), b, strlen(b));
    pthread_mutex_unlock(&lock);
    return done;
}
API int renameat(int from_at, const char* from, int to_at, const char* to) {
    return renameat2(from_at, from, to_at, to, 0);
}
API int rename(const char* from, const char* to) { return renameat2(AT_FDCWD, from, AT_FDCWD, to, 0); }

API int unlinkat(int at, const char* path, int flags) {
    char buffer[PATH_MAX];
    const char* part = active() && !(flags & AT_REMOVEDIR) ? below_at(at, path, buffer) : NULL;
    if (!part) return REAL(unlinkat)(at, path, flags);
    pthread_mutex_lock(&lock);
    is_last(0);
    const int done = REAL(unlinkat)(at, path, flags);
    if (done == 0) put('U', part, 0, 0, 0, NULL, 0);
    const int number = errno;
    pthread_mutex_unlock(&lock);
    errno = number;
    return done;
}
API int unlink(const char* path) { return unlinkat(AT_FDCWD, path, 0); }
API int remove(const char* path) {
    struct stat st;
    return unlinkat(AT_FDCWD, path, lstat(path, &st) == 0 && S_ISDIR(st.st_mode) ? AT_REMOVEDIR : 0);
}

/* --- for the program --------------------------------------------------------------------------------------------- */

API void onair_write_log_mark(const char* text) {
    if (!active()) return;
    pthread_mutex_lock(&lock);
    put('M', "", 0, 0, strlen(text), text, strlen(text));
    pthread_mutex_unlock(&lock);
}

API void onair_write_log_arm(void) {
    pthread_mutex_lock(&lock);
    armed = 1;
    pthread_mutex_unlock(&lock);
}

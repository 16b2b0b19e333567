// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <csignal>
#include <string>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

namespace onair::test {

/// Holds an SQLite database locked from another process, which is stopped: nobody else can write, and asking the holder
/// does not help. Needs python3.
class StoppedLocker {
  public:
    explicit StoppedLocker(const std::string& db) {
        int ready[2];
        if (pipe(ready) != 0) return;
        const std::string program = "import sqlite3, os, signal\n"
                                    "c = sqlite3.connect('" +
                                    db +
                                    "', isolation_level=None, timeout=30)\n"
                                    "c.execute('BEGIN IMMEDIATE')\n"
                                    "os.write(" +
                                    std::to_string(ready[1]) +
                                    ", b'x')\n"
                                    "os.kill(os.getpid(), signal.SIGSTOP)\n";
        pid_ = fork();
        if (pid_ == 0) {
            execlp("python3", "python3", "-c", program.c_str(), static_cast<char*>(nullptr));
            _exit(127);
        }
        close(ready[1]);
        char said = 0;
        locked_ = read(ready[0], &said, 1) == 1;
        close(ready[0]);
    }
    ~StoppedLocker() { release(); }
    StoppedLocker(const StoppedLocker&) = delete;
    StoppedLocker& operator=(const StoppedLocker&) = delete;

    bool locked() const { return locked_; }
    void release() {
        if (pid_ <= 0) return;
        kill(pid_, SIGKILL);
        waitpid(pid_, nullptr, 0);
        pid_ = 0;
    }

  private:
    pid_t pid_ = 0;
    bool locked_ = false;
};

} // namespace onair::test

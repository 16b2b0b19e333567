// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <string>

namespace onair::track {

/// One process, and one store in it, writes to a database: flock(2) on NAME.lock, which stays there. It is gone with
/// the process, however that ends.
class FileLock {
  public:
    /// Throws Error: in use by another one, or cannot be made.
    explicit FileLock(const std::string& database);
    ~FileLock();
    FileLock(const FileLock&) = delete;
    FileLock& operator=(const FileLock&) = delete;

    /// The lock file was there already: a store has used this database before.
    bool was_there() const noexcept { return was_there_; }
    /// Removes a lock file that was made now: the database is not ours.
    void undo();

  private:
    std::string path_;
    int fd_ = -1;
    bool was_there_ = false;
};

} // namespace onair::track

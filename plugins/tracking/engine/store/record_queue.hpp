// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/events/event.hpp"

#include <cstddef>
#include <span>
#include <vector>

namespace onair::track {

/// Records in the order of their coming.
///
/// Taken ones stay where they are until new ones are written over them, so that their memory is freed by the thread
/// that allocated it: a thread that frees what another one allocates makes that one wait for the allocator's lock, and
/// that one is a streaming thread (measured: 1 % of pushes took five times as long).
class RecordQueue {
  public:
    void push(Record record);

    bool empty() const noexcept { return head_ == end_; }
    size_t size() const noexcept { return end_ - head_; }
    size_t bytes() const noexcept { return bytes_; } ///< about what the records take
    std::span<const Record> records() const noexcept { return {records_.data() + head_, size()}; }

    /// Takes out the oldest event or refusal; commands stay before everything that came after them. False: there is
    /// none.
    bool drop_oldest();
    /// Nothing is in it; the records are kept for their memory.
    void clear() noexcept;
    /// Frees what more than `keep` taken records hold.
    void release(size_t keep);

    static size_t bytes_of(const Record& record);
    static bool may_be_dropped(const Record& record);

  private:
    std::vector<Record> records_; ///< those from head_ to end_ are in the queue
    size_t head_ = 0, end_ = 0, bytes_ = 0;
};

} // namespace onair::track

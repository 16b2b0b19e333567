// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace onair::test {

/// Instructions of this process and of all threads that it starts afterwards, in user space (perf_event_open(2)); none
/// where the machine or its settings do not count them.
class InstructionCounter {
  public:
    InstructionCounter();
    ~InstructionCounter();
    InstructionCounter(const InstructionCounter&) = delete;
    InstructionCounter& operator=(const InstructionCounter&) = delete;
    std::optional<uint64_t> read() const;

  private:
    int fd_;
};

/// Bytes that the machine moves in a millisecond: those read and those written of a memcpy() far larger than its caches
/// (median).
double bytes_per_ms();

double median(std::vector<double> values);

} // namespace onair::test

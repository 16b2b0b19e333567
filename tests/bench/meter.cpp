// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/bench/meter.hpp"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <linux/perf_event.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace onair::test {

InstructionCounter::InstructionCounter() {
    perf_event_attr attr{};
    attr.size = sizeof attr;
    attr.type = PERF_TYPE_HARDWARE;
    attr.config = PERF_COUNT_HW_INSTRUCTIONS;
    attr.inherit = 1;
    attr.exclude_kernel = attr.exclude_hv = 1;
    fd_ = static_cast<int>(syscall(SYS_perf_event_open, &attr, 0, -1, -1, 0UL));
}

InstructionCounter::~InstructionCounter() {
    if (fd_ >= 0) close(fd_);
}

std::optional<uint64_t> InstructionCounter::read() const {
    uint64_t n = 0;
    if (fd_ < 0 || ::read(fd_, &n, sizeof n) != sizeof n) return std::nullopt;
    return n;
}

double bytes_per_ms() {
    constexpr size_t size = 256u << 20;
    const std::vector<uint8_t> from(size, 1);
    std::vector<uint8_t> to(size, 2);
    std::vector<double> rates;
    for (int round = 0; round < 9; ++round) {
        const auto start = std::chrono::steady_clock::now();
        std::memcpy(to.data(), from.data(), size);
        asm volatile("" : : "r"(to.data()) : "memory"); // g++ 15 leaves out a copy that nobody reads
        const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - start;
        rates.push_back(2.0 * size / took.count());
    }
    return median(std::move(rates));
}

double median(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    return values.empty() ? 0 : values[values.size() / 2];
}

} // namespace onair::test

// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/events/reference_time.hpp"

#include <sys/timex.h>

namespace onair::track {

namespace {

/// 70 years with 17 leap days (RFC 5905, figure 4).
constexpr int64_t ntp_to_unix_s = 2'208'988'800;

struct Row {
    std::string_view caps_name;
    TimeSource source;
    int64_t epoch_s; ///< of 1970 in the clock's count
    bool tai;
};
constexpr Row rows[] = {
    {"timestamp/x-unix", TimeSource::refts, 0, false},
    {"timestamp/x-ntp", TimeSource::ntp, ntp_to_unix_s, false},
    {"timestamp/x-ptp", TimeSource::ptp, 0, true},
};

} // namespace

std::optional<ReferenceTime> read_reference(std::string_view caps_name, uint64_t ns, int tai_offset) {
    for (const Row& row : rows) {
        if (row.caps_name != caps_name) continue;
        const int64_t us = static_cast<int64_t>(ns / 1000) - (row.epoch_s + (row.tai ? tai_offset : 0)) * 1'000'000;
        if (us < 0) return std::nullopt;
        return ReferenceTime{row.source, us};
    }
    return std::nullopt;
}

int current_tai_offset() {
    constexpr int since_2017 = 37;
    struct timex state {};
    return adjtimex(&state) >= 0 && state.tai >= 10 ? state.tai : since_2017; // 10 s in 1972, never less
}

} // namespace onair::track

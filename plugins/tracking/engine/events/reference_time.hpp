// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/events/event.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace onair::track {

/// A moment in UTC and where it comes from.
struct ReferenceTime {
    TimeSource source;
    int64_t utc_us;
};

/// Reads a reference timestamp of GStreamer (GstReferenceTimestampMeta), nanoseconds by the clock that the name of its
/// caps tells:
///
/// | caps             | counts from                | scale                         | time_source |
/// |------------------|----------------------------|-------------------------------|-------------|
/// | timestamp/x-unix | 1970-01-01 00:00:00 UTC    | UTC                           | refts       |
/// | timestamp/x-ntp  | 1900-01-01 00:00:00 UTC    | UTC (RFC 5905)                | ntp         |
/// | timestamp/x-ptp  | 1970-01-01 00:00:00 TAI    | TAI: `tai_offset` s ahead of UTC (IEEE 1588) | ptp |
///
/// Nothing for other names, and for what lies before 1970.
std::optional<ReferenceTime> read_reference(std::string_view caps_name, uint64_t ns, int tai_offset);

/// Seconds by which TAI is ahead of UTC: the kernel's, where it knows (a PTP or NTP daemon told it), else 37, which
/// holds since 2017 (IERS Bulletin C).
int current_tai_offset();

} // namespace onair::track

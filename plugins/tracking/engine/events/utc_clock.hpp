// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

/// UTC: the wall clock, its text form (RFC 3339) and the way from a media clock to it.
namespace onair::track {

/// Clocks of the engine; tests have their own.
class Clock {
  public:
    virtual ~Clock() = default;
    virtual int64_t utc_us() = 0;       ///< microseconds since 1970
    virtual int64_t monotonic_us() = 0; ///< never goes back
};

class SystemClock : public Clock {
  public:
    int64_t utc_us() override;
    int64_t monotonic_us() override;
};

/// A media clock and the wall clock read at the same moment.
struct ClockPair {
    int64_t clock_ns = 0;
    int64_t utc_us = 0;

    /// UTC of the moment at which the media clock shows `ns`.
    int64_t to_utc(int64_t ns) const noexcept { return utc_us + (ns - clock_ns) / 1000; }
};

/// Reads both clocks three times and keeps the pair that was read fastest: a preempted reading is not used.
ClockPair sample_clock_pair(const std::function<int64_t()>& clock_ns, Clock& wall);

/// Keeps one pair, so that times of one stream differ by exactly what their media times do, and takes a new one when
/// the clocks have come apart (drift, a step of the wall clock, another media clock). Not thread-safe.
class UtcMap {
  public:
    static constexpr int64_t tolerance_us = 1000;
    int64_t to_utc(const std::function<int64_t()>& clock_ns, Clock& wall, int64_t ns);

  private:
    std::optional<ClockPair> pair_;
};

/// "2026-11-24T10:00:00.000000Z"
std::string format_utc(int64_t us);

/// Reads RFC 3339 with any offset; digits beyond microseconds are cut, a leap second counts as the next second.
/// Nothing for any other text.
std::optional<int64_t> parse_utc(std::string_view text);

} // namespace onair::track

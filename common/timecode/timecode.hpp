// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "common/base/rational.hpp"

#include <cstdint>
#include <string>
#include <string_view>

/// SMPTE ST 12-1 time addresses: pure arithmetic, no clock, no media.
namespace onair::tc {

/// How frames are counted: the rate of the pictures and whether numbers are dropped.
///
/// | rate                                   | counted as (`nominal`) | drop frame allowed (numbers dropped a minute) |
/// |----------------------------------------|------------------------|-----------------------------------------------|
/// | N/1, N = 1…255                         | N                      | no                                            |
/// | 24000/1001                             | 24                     | no                                            |
/// | k*30000/1001, k = 1, 2, 4              | k*30                   | yes (2*k)                                     |
/// | any other N*1000/1001, N <= 255        | N                      | no                                            |
///
/// Rates that are none of these have no timecode (12.5, 23.98): a count in whole frames would run off.
class Rate {
  public:
    /// Throws Error(timing) that names the rate when it has no timecode, or drop frame is asked where there is none.
    Rate(Rational fps, bool drop_frame);

    /// The rate without drop frame; false when `fps` has no timecode at all.
    static bool has_timecode(Rational fps) noexcept;
    static bool may_drop(Rational fps) noexcept;

    Rational fps() const noexcept { return fps_; }
    int nominal() const noexcept { return nominal_; } ///< frames counted a second: 24, 25, 30, 60, …
    bool drop_frame() const noexcept { return dropped_ != 0; }
    int dropped() const noexcept { return dropped_; } ///< numbers skipped at each minute but every tenth: 0, 2, 4, 8
    int64_t frames_per_day() const noexcept;          ///< numbers used in 24 hours
    bool operator==(const Rate&) const = default;

  private:
    Rational fps_;
    int nominal_ = 0;
    int dropped_ = 0;
};

/// A time address; always valid for its rate.
struct Timecode {
    int hours = 0;   ///< 0…23
    int minutes = 0; ///< 0…59
    int seconds = 0; ///< 0…59
    int frames = 0;  ///< 0…nominal-1; never one of the dropped numbers

    bool operator==(const Timecode&) const = default;
};

/// What "HH:MM:SS:FF" said, before a rate is known.
struct Parsed {
    Timecode address;
    bool drop_frame = false; ///< ';' (or '.' , ',') stood before the frames
};

/// Reads "HH:MM:SS:FF"; ';', '.' or ',' before the frames means drop frame, one or two digits a field, up to three
/// for frames. Throws Error(settings) that names the field and what is wrong with it.
Parsed parse(std::string_view text);

/// Checks `address` against `rate`; throws Error(settings) naming the field (frames too large, a dropped number, …).
void validate(const Timecode& address, const Rate& rate);

/// Frame number since midnight: 0 … frames_per_day-1.
int64_t to_frames(const Timecode& address, const Rate& rate);

/// The address of a frame number; numbers outside a day wrap around midnight (negative ones backwards).
Timecode from_frames(int64_t frames, const Rate& rate);

/// "01:00:00:00", ';' before the frames for drop frame; frames with at least two digits.
std::string format(const Timecode& address, bool drop_frame);

} // namespace onair::tc

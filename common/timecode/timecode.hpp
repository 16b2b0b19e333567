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
///
/// With a base, the fast rates are counted slower: one number lasts `divisor` pictures, so that there are at most
/// `base` numbers a second. Base 30 counts 50 and 100 at 25, 48 at 24, 59.94, 60, 119.88, 120 and 240 at 30 a second,
/// and drop frame drops the numbers of that count.
class Rate {
  public:
    /// Throws Error(timing) that names the rate when it has no timecode, drop frame is asked where there is none, or no
    /// whole number of pictures gives a count within `base` (0: one number for each picture).
    Rate(Rational fps, bool drop_frame, int base = 0);

    /// The rate without drop frame; false when `fps` has no timecode at all.
    static bool has_timecode(Rational fps) noexcept;
    static bool may_drop(Rational fps) noexcept;

    Rational fps() const noexcept { return fps_; }                            ///< of the pictures
    Rational count_fps() const noexcept { return fps_ / Rational(divisor_); } ///< numbers a second, exact
    int divisor() const noexcept { return divisor_; }                         ///< pictures that one number lasts
    int nominal() const noexcept { return nominal_; } ///< numbers counted a second: 24, 25, 30, 60, …
    bool drop_frame() const noexcept { return dropped_ != 0; }
    int dropped() const noexcept { return dropped_; } ///< numbers skipped at each minute but every tenth: 0, 2, 4, 8
    int64_t frames_per_day() const noexcept;          ///< numbers used in 24 hours
    bool operator==(const Rate&) const = default;

  private:
    Rational fps_;
    int divisor_ = 1;
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
    bool negative = false;   ///< '-' stood before the hours
};

/// Whether parse() takes a '-' before the hours: a count below 0, for leaders. Only a property or a tool may ask for
/// it; no picture carries one.
enum class Sign { refused, allowed };

/// Reads "HH:MM:SS:FF"; ';', '.' or ',' before the frames means drop frame, one or two digits a field, up to three
/// for frames. Throws Error(settings) that names the field and what is wrong with it.
Parsed parse(std::string_view text, Sign sign = Sign::refused);

/// Checks `address` against `rate`; throws Error(settings) naming the field (frames too large, a dropped number, …).
void validate(const Timecode& address, const Rate& rate);

/// Frame number since midnight: 0 … frames_per_day-1.
int64_t to_frames(const Timecode& address, const Rate& rate);

/// The frame number of what was parsed, below 0 with a '-'. Throws as validate() does.
int64_t to_frames(const Parsed& parsed, const Rate& rate);

/// The address of a frame number; numbers outside a day wrap around midnight (negative ones backwards).
Timecode from_frames(int64_t frames, const Rate& rate);

/// "01:00:00:00", ';' before the frames for drop frame; frames with at least two digits.
std::string format(const Timecode& address, bool drop_frame);

/// The text of a frame number. `negative`: numbers below 0 get a '-', else they wrap around midnight.
std::string format_frames(int64_t frames, const Rate& rate, bool negative = false);

} // namespace onair::tc

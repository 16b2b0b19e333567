// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "common/base/rational.hpp"
#include "common/timecode/timecode.hpp"

#include <optional>
#include <string>

namespace onair::mov {

/// Which timecode a movie starts at.
enum class TimecodeSource {
    automatic, ///< the property when it is set, else the first picture's, else none
    property,  ///< the property, which must be set
    meta,      ///< the first picture's, which must be there
    none,      ///< no timecode track
};

/// The timecode that a picture carries.
struct CarriedTimecode {
    tc::Timecode address;
    bool drop_frame = false;
    Rational rate; ///< 0: not told
};

/// What is known of one video track when the movie starts.
struct TimecodeQuestion {
    std::string pad; ///< name, for the error texts
    TimecodeSource source = TimecodeSource::automatic;
    std::optional<tc::Parsed> property;     ///< the property, read
    std::optional<CarriedTimecode> carried; ///< of the first picture
    Rational frame_rate;                    ///< 0: not fixed
    int base = 0;                           ///< the property counts so many a second at most; 0: every picture
};

/// The start of a timecode track.
struct TimecodeStart {
    std::string text; ///< "01:00:00;00"
    tc::Timecode address;
    bool drop_frame = false;
    TimecodeSource source = TimecodeSource::none; ///< property or meta
    std::string overridden;                       ///< the picture's timecode that the property stands in for
};

/// The start timecode of one video track; nothing when there is to be no timecode track. Throws Error when one was
/// asked for and cannot be counted: no fixed rate, a rate without timecode, an address that the rate does not have.
std::optional<TimecodeStart> choose_timecode(const TimecodeQuestion& question);

/// Checks the two properties before anything runs. Throws Error(settings).
std::optional<tc::Parsed> read_timecode_property(TimecodeSource source, const std::string& text);

} // namespace onair::mov

// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <cstdint>

namespace onair::track {

/// The times that delivery goes by, in microseconds (docs/specs/delivery.md). An operator sets `request_us`; a proof
/// may hurry them all.
struct Timing {
    int64_t backoff_us = 1'000'000;           ///< most of the first back-off; each failure doubles it
    int64_t longest_backoff_us = 300'000'000; ///< most of any
    int64_t pause_us = 60'000'000;            ///< least, where a configuration is wrong
    int64_t slow_us = 6'000'000;              ///< a longer answer makes requests smaller
    int64_t read_back_gap_us = 10'000'000;    ///< between the two times that an absent event is asked for
    int64_t connect_us = 10'000'000;          ///< most for a connection, its TLS included
    int64_t request_us = 60'000'000;          ///< most from its begin to the end of its answer
    int64_t last_us = 60'000'000;             ///< the last of a search is rejected no sooner
    int64_t lone_us = 21'600'000'000;         ///< an event that is alone is rejected no sooner
};

} // namespace onair::track

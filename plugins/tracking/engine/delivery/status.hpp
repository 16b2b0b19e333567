// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace onair::track {

/// Whether a destination is sent to.
enum class Circuit {
    closed,    ///< as much as it takes
    open,      ///< it failed again and again: nothing until the back-off is over
    half_open, ///< one request tells whether it is well again
    paused,    ///< its configuration is wrong: tried again after a long time, or when the operator asks for it
};
std::string_view to_text(Circuit state);

/// How a destination is at the moment. Nothing of it is secret or out of an event.
struct DestinationStatus {
    std::string name;
    Circuit state = Circuit::closed;
    std::string reason;     ///< of a state other than closed
    int64_t since_us = 0;   ///< UTC
    int64_t queued = 0;     ///< events
    size_t in_flight = 0;   ///< requests
    size_t connections = 0; ///< requests at a time, now
    size_t batch_size = 0;  ///< events a request, now
    int64_t requests = 0;   ///< sent
    int64_t failures = 0;   ///< of those
    std::string last_error; ///< text of the last failure; empty: there was none
};

/// An event that will not be sent again.
struct DeadLetter {
    std::string destination, id, reason;
    int64_t seq = 0;
    int64_t suppressed = 0; ///< so many before it were not told of
};

} // namespace onair::track

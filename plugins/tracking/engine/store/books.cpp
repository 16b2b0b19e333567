// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/store/books.hpp"

#include <algorithm>

namespace onair::track {

bool DestinationBooks::balanced() const {
    return carried + routed == delivered + unconfirmed + dead + expired + purged + held + queued;
}

bool Books::balanced() const {
    return received == settled() + pending &&
           std::all_of(destinations.begin(), destinations.end(), [](const auto& d) { return d.balanced(); });
}

DestinationBooks Books::all() const {
    DestinationBooks sum;
    for (const DestinationBooks& d : destinations)
        for (const auto member : {&DestinationBooks::carried, &DestinationBooks::routed, &DestinationBooks::delivered,
                                  &DestinationBooks::unconfirmed, &DestinationBooks::dead, &DestinationBooks::expired,
                                  &DestinationBooks::purged, &DestinationBooks::held, &DestinationBooks::queued,
                                  &DestinationBooks::ambiguous})
            sum.*member += d.*member;
    return sum;
}

} // namespace onair::track

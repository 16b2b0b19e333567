// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace onair::track {

/// The books of one destination in one run: every delivery is in exactly one of them.
///
///     carried + routed = delivered + unconfirmed + dead + expired + purged + held + queued
struct DestinationBooks {
    std::string name;
    int64_t carried = 0; ///< queued or held by earlier runs
    int64_t routed = 0;  ///< stored events that are to go there
    int64_t delivered = 0;
    int64_t unconfirmed = 0;
    int64_t dead = 0;
    int64_t expired = 0; ///< given up: too old, no room, or in a database that was set aside
    int64_t purged = 0;  ///< taken back for want of consent
    int64_t held = 0;    ///< waiting for consent
    int64_t queued = 0;
    int64_t ambiguous = 0; ///< sent again without knowing whether they had arrived; no place

    bool balanced() const;
};

/// The books of one run: every event received is in exactly one of them.
///
///     received = stored + refused + filtered + consent + duplicates + dropped + pending
struct Books {
    int64_t received = 0;
    int64_t stored = 0;     ///< committed
    int64_t refused = 0;    ///< committed with a reason
    int64_t filtered = 0;   ///< left out by a rule
    int64_t consent = 0;    ///< not taken for want of consent
    int64_t duplicates = 0; ///< their id was there
    int64_t dropped = 0;    ///< no room for them
    int64_t pending = 0;    ///< received, not committed yet
    int64_t repaired = 0;   ///< stored after invalid UTF-8 was replaced; no place

    std::vector<DestinationBooks> destinations;

    int64_t settled() const { return stored + refused + filtered + consent + duplicates + dropped; }
    bool balanced() const;        ///< all of the equations above
    DestinationBooks all() const; ///< sums of the destinations
};

} // namespace onair::track

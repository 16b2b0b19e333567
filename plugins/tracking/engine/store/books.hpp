// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <cstdint>

namespace onair::track {

/// The books of one run: every event received is in exactly one of them.
///
///     received           = accepted + refused + duplicates + pending
///     accepted + carried = stored + queued + delivered + unconfirmed + dead
///
/// `ambiguous` and `repaired` count what happened to events on the way and are no places.
struct Books {
    int64_t received = 0;
    int64_t accepted = 0;   ///< committed
    int64_t refused = 0;    ///< committed with a reason, duplicates apart
    int64_t duplicates = 0; ///< refused because their id was there
    int64_t pending = 0;    ///< received, not committed yet

    int64_t carried = 0; ///< queued by earlier runs
    int64_t stored = 0;  ///< accepted while no destination was named
    int64_t queued = 0;
    int64_t delivered = 0;
    int64_t unconfirmed = 0;
    int64_t dead = 0;

    int64_t ambiguous = 0; ///< sent again without knowing whether they had arrived
    int64_t repaired = 0;  ///< accepted after invalid UTF-8 was replaced
};

} // namespace onair::track

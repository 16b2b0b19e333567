// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <cstdint>

namespace onair::track {

/// When an event is on the disk, and not only in the system's memory.
enum class Durability {
    normal, ///< within the sync interval
    sync,   ///< before it counts as stored
};

/// What gives way when a bound is reached.
enum class WhenFull {
    spill,       ///< events that are done, oldest first; then the newest is dropped
    drop_oldest, ///< the oldest event, also one that is queued
    drop_newest, ///< what comes
    block,       ///< who brings it waits, in memory; in the database as spill
};

/// Bounds of the database. 0 is none. The defaults are for months of running unattended.
struct StoreLimits {
    static constexpr int64_t day_us = 86'400'000'000;

    int64_t max_bytes = int64_t{4} << 30;      ///< of the database file, its -wal apart
    int64_t max_rows = 0;                      ///< events
    int64_t archive_max_age_us = 400 * day_us; ///< of events that are done
    int64_t queue_max_age_us = 0;              ///< of queued deliveries: they expire
    int64_t hold_max_age_us = 30 * day_us;     ///< of held events: they are purged
    int64_t personal_max_age_us = 0;           ///< of the personal part of events that are done
    int64_t visitor_max_age_us = 393 * day_us; ///< of a visitor entry since it was last seen (13 months, Matomo's)
    int64_t campaign_max_age_us = 90 * day_us; ///< of an ad click: later orders are not its
    WhenFull when_full = WhenFull::spill;
};

} // namespace onair::track

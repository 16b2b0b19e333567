// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/events/event.hpp"
#include "engine/store/event_rows.hpp"
#include "engine/store/limits.hpp"
#include "engine/store/sqlite.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace onair::track {

/// Keeps the database within its bounds: makes room for what comes, and removes what is too old. Inside of a
/// transaction, but for the constructor.
class Room {
  public:
    Room(sql::Database& db, Ledger& ledger, const StoreLimits& limits);

    /// How many of `records`, from the front, may be stored; older ones have given way as the limits say.
    size_t admit(std::span<const Record> records);
    /// The guess of admit() was too low and the file met its bound: guess higher from now on.
    void tighten();
    bool at_bound() const; ///< the file cannot grow any more because of its limit

    void stored(int64_t rows) { rows_ += rows; }
    void yields_from(int64_t seq); ///< this event may be done now
    void reload();                 ///< after a rollback

    /// Removes what is too old at `now_us`, a slice; true when there is more.
    bool expire(int64_t now_us);

  private:
    struct Need {
        int64_t rows = 0, bytes = 0;
    };
    Need need_of(const Record& record) const;
    int64_t free_rows() const;
    int64_t free_bytes() const;
    void make_room(Need need);
    int64_t yield(int64_t rows);
    int64_t yield_done(int64_t rows, bool dead);
    int64_t yield_oldest(int64_t rows);
    void remove(int64_t seq, Delivery to, std::string_view reason);

    bool expire_queued(int64_t now_us);
    bool expire_held(int64_t now_us);
    bool expire_archive(int64_t now_us);
    bool expire_personal(int64_t now_us);
    void expire_visitors(int64_t now_us);

    sql::Database& db_;
    StoreLimits limits_;
    EventRows event_rows_;
    int64_t page_size_ = 4096;
    int64_t rows_ = 0;               ///< in `events`
    double guess_ = 1.25;            ///< pages used by a byte of a record
    std::array<int64_t, 2> from_{};  ///< no event before is done; the same with dead ones
    std::array<int64_t, 2> sweep_{}; ///< where the searches for old events go on
    int64_t visitors_us_ = 0;        ///< when visitors were looked through
};

} // namespace onair::track

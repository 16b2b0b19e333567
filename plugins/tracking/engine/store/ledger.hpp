// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/store/books.hpp"
#include "engine/store/sqlite.hpp"
#include "engine/store/store.hpp"

#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace onair::track {

/// Counts what happens, in the same transaction as what happens: in table `totals` over all runs, in Books for this
/// one. All but books() under the store's lock.
class Ledger {
  public:
    void begin(); ///< of a transaction
    void write(sql::Database& db);
    void committed(); ///< the transaction is there: now books() tells of it

    /// A destination of this run; its row is `destination`, `carried` what is queued or held for it.
    void open(int64_t destination, std::string_view name, int64_t queued, int64_t held);
    /// The database was set aside: what was queued in it is given up.
    void set_aside();

    void stored(bool repaired);
    void refused(Reason reason);
    void tally(Outcome outcome, std::string_view reason, int64_t n);
    void removed(int64_t n); ///< rows of `events` that went
    void routed(int64_t destination, bool held);
    void moved(int64_t destination, Delivery from, std::string_view from_reason, Delivery to, std::string_view reason,
               int64_t n = 1);
    void ambiguous(int64_t destination, int64_t n);

    Books books() const; ///< any thread

  private:
    struct Row {
        int64_t destination;
        std::string name, reason;
        int64_t n;
    };
    void add(int64_t destination, std::string_view name, std::string_view reason, int64_t n);
    DestinationBooks* books_of(int64_t destination);

    std::vector<Row> rows_; ///< changes of this transaction
    Books working_;
    std::vector<int64_t> ids_; ///< of working_.destinations
    mutable std::mutex lock_;
    Books committed_; ///< under lock_
};

} // namespace onair::track

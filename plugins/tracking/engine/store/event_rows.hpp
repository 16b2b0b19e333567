// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/store/ledger.hpp"
#include "engine/store/sqlite.hpp"
#include "engine/store/store.hpp"

#include <cstdint>
#include <string_view>

namespace onair::track {

/// What is done to stored events one by one, with their books. Inside of a transaction.
class EventRows {
  public:
    EventRows(sql::Database& db, Ledger& ledger) : db_(db), ledger_(ledger) {}

    /// Its deliveries that are queued or held come to an end; how many.
    int64_t end_deliveries(int64_t seq, Delivery to, std::string_view reason);
    void remove(int64_t seq);    ///< with its deliveries, which must have come to an end
    void anonymise(int64_t seq); ///< what is personal goes from the row and from the body

  private:
    sql::Database& db_;
    Ledger& ledger_;
};

} // namespace onair::track

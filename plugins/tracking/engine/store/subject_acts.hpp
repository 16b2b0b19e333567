// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/events/event.hpp"
#include "engine/store/event_rows.hpp"
#include "engine/store/identity.hpp"
#include "engine/store/ledger.hpp"
#include "engine/store/sqlite.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace onair::track {

/// What a data subject may ask for. Inside of a transaction.
class SubjectActs {
  public:
    SubjectActs(sql::Database& db, Ledger& ledger, Identity& identity)
        : db_(db), ledger_(ledger), identity_(identity), rows_(db, ledger) {}

    /// Does it and leaves a row in `audit`. After an erase `traces` holds what must not be found in the files.
    ActReport run(const Command& command, std::vector<std::string>& traces);
    std::string export_subject(const Subject& subject);

  private:
    /// The subject's keys of `visitors`, its visitors, and the devices that are its alone.
    struct Known {
        std::vector<std::string> keys, visitors;
    };
    Known known(const Subject& subject);
    void find_events(const Subject& subject, const Known& known);
    void each_event(const std::function<void(int64_t seq)>& what);

    void withdraw(const Command& command, ActReport& report);
    void erase(const Command& command, ActReport& report, std::vector<std::string>& traces);
    void grant(const Command& command, ActReport& report);
    void unlink(const Known& known);
    void forget(const Known& known);
    void change_opt_out(const Command& command);

    sql::Database& db_;
    Ledger& ledger_;
    Identity& identity_;
    EventRows rows_;
};

/// Whether the database's file holds one of `traces` anywhere, also where SQLite has freed its pages.
bool file_holds(const sql::Database& db, const std::vector<std::string>& traces);

} // namespace onair::track

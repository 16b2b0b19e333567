// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/store/ledger.hpp"

#include <algorithm>

namespace onair::track {

namespace {

int64_t& place(DestinationBooks& books, Delivery state) {
    switch (state) {
    case Delivery::queued:
        return books.queued;
    case Delivery::held:
        return books.held;
    case Delivery::delivered:
        return books.delivered;
    case Delivery::unconfirmed:
        return books.unconfirmed;
    case Delivery::dead:
        return books.dead;
    case Delivery::expired:
        return books.expired;
    case Delivery::purged:
        break;
    }
    return books.purged;
}

/// Rows of these states are counted where they lie; the others may go with the archive and are kept as totals.
bool is_open(Delivery state) { return state == Delivery::queued || state == Delivery::held; }

} // namespace

void Ledger::begin() {
    rows_.clear();
    working_ = committed_; // only changed under the store's lock, which is held
    ids_.resize(working_.destinations.size());
}

void Ledger::write(sql::Database& db) {
    if (rows_.empty()) return;
    sql::Statement& s = db.cached("INSERT INTO totals(destination, name, reason, n) VALUES(?1, ?2, ?3, ?4) "
                                  "ON CONFLICT DO UPDATE SET n = n + excluded.n");
    for (const Row& row : rows_)
        s.bind(1, row.destination).bind(2, row.name).bind(3, row.reason).bind(4, row.n).run();
}

void Ledger::committed() {
    const std::lock_guard guard(lock_);
    committed_ = working_;
}

void Ledger::open(int64_t destination, std::string_view name, int64_t queued, int64_t held) {
    if (books_of(destination)) return; // the same again, after the database was set aside
    DestinationBooks books;
    books.name = name;
    books.carried = queued + held;
    books.queued = queued;
    books.held = held;
    working_.destinations.push_back(books);
    ids_.push_back(destination);
}

void Ledger::set_aside() {
    begin();
    for (DestinationBooks& books : working_.destinations) {
        books.expired += books.queued + books.held;
        books.queued = books.held = 0;
    }
    committed();
}

void Ledger::stored(bool repaired) {
    add(0, "stored", "", 1);
    ++working_.stored;
    working_.repaired += repaired;
}

void Ledger::refused(Reason reason) {
    if (reason == Reason::duplicate) {
        add(0, "duplicate", "", 1);
        ++working_.duplicates;
    } else if (reason == Reason::consent) {
        add(0, "consent", to_text(reason), 1);
        ++working_.consent;
    } else {
        add(0, "refused", to_text(reason), 1);
        ++working_.refused;
    }
}

void Ledger::tally(Outcome outcome, std::string_view reason, int64_t n) {
    add(0, to_text(outcome), reason, n);
    (outcome == Outcome::filtered  ? working_.filtered
     : outcome == Outcome::consent ? working_.consent
                                   : working_.dropped) += n;
}

void Ledger::removed(int64_t n) {
    if (n != 0) add(0, "removed", "", n);
}

void Ledger::routed(int64_t destination, bool held) {
    add(destination, "routed", "", 1);
    if (DestinationBooks* books = books_of(destination)) {
        ++books->routed;
        ++(held ? books->held : books->queued);
    }
}

void Ledger::moved(int64_t destination, Delivery from, std::string_view from_reason, Delivery to,
                   std::string_view reason, int64_t n) {
    if (n == 0) return;
    if (!is_open(from)) add(destination, to_text(from), from_reason, -n);
    if (!is_open(to)) add(destination, to_text(to), reason, n);
    DestinationBooks* books = books_of(destination);
    if (!books) return;
    place(*books, to) += n;
    int64_t& source = place(*books, from);
    // What an earlier run settled is in no place of this one: it is carried from now on.
    if (!is_open(from)) {
        const int64_t mine = std::min(source, n);
        books->carried += n - mine;
        source -= mine;
    } else {
        source -= n;
    }
}

void Ledger::ambiguous(int64_t destination, int64_t n) {
    if (DestinationBooks* books = books_of(destination)) books->ambiguous += n;
}

Books Ledger::books() const {
    const std::lock_guard guard(lock_);
    return committed_;
}

/// Of a reason its first word counts: "unattributed 2 of 7" is one kind.
void Ledger::add(int64_t destination, std::string_view name, std::string_view reason, int64_t n) {
    reason = reason.substr(0, reason.find(' '));
    for (Row& row : rows_)
        if (row.destination == destination && row.name == name && row.reason == reason) {
            row.n += n;
            return;
        }
    rows_.push_back({destination, std::string(name), std::string(reason), n});
}

DestinationBooks* Ledger::books_of(int64_t destination) {
    const auto at = std::find(ids_.begin(), ids_.end(), destination);
    return at == ids_.end() ? nullptr : &working_.destinations[static_cast<size_t>(at - ids_.begin())];
}

} // namespace onair::track

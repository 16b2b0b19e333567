// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/store/subject_acts.hpp"

#include <algorithm>
#include <string_view>

namespace onair::track {

namespace {

constexpr size_t max_traces = 1000;

/// Each adds the seqs of events by one kind of key to the temporary table.
struct Finder {
    std::string Subject::*key;
    std::string_view sql;
};
constexpr Finder finders[] = {
    {&Subject::user, "INSERT OR IGNORE INTO temp.victims SELECT seq FROM events WHERE user = ?1"},
    {&Subject::device, "INSERT OR IGNORE INTO temp.victims SELECT seq FROM events WHERE device = ?1"},
    {&Subject::session, "INSERT OR IGNORE INTO temp.victims SELECT seq FROM events WHERE session = ?1"},
    {&Subject::visitor, "INSERT OR IGNORE INTO temp.victims SELECT seq FROM events WHERE visitor = ?1"},
};

} // namespace

SubjectActs::Known SubjectActs::known(const Subject& subject) {
    Known out;
    const auto add = [](std::vector<std::string>& list, const std::string& text) {
        if (!text.empty() && std::find(list.begin(), list.end(), text) == list.end()) list.push_back(text);
    };
    add(out.visitors, subject.visitor);
    if (!subject.user.empty()) add(out.visitors, identity_.find("u:" + subject.user));
    // A device that somebody else uses too tells nothing about the user: only what it is asked for by its own name.
    if (!subject.device.empty()) add(out.keys, "d:" + subject.device);
    if (!subject.user.empty()) add(out.keys, "u:" + subject.user);
    for (const std::string& visitor : out.visitors)
        db_.cached("SELECT key FROM visitors WHERE visitor = ?1").bind(1, visitor).rows([&](sql::Statement& s) {
            add(out.keys, s.text(0));
        });
    return out;
}

void SubjectActs::find_events(const Subject& subject, const Known& known) {
    db_.execute("CREATE TEMP TABLE IF NOT EXISTS victims(seq INTEGER PRIMARY KEY); DELETE FROM temp.victims");
    for (const Finder& finder : finders)
        if (!(subject.*finder.key).empty()) db_.cached(finder.sql).bind(1, subject.*finder.key).run();
    for (const std::string& key : known.keys) {
        if (key.rfind("d:", 0) != 0) continue;
        // Before it signed in; events of other users on that device stay theirs.
        db_.cached("INSERT OR IGNORE INTO temp.victims SELECT seq FROM events WHERE device = ?1 AND user IS NULL")
            .bind(1, std::string_view(key).substr(2))
            .run();
    }
}

void SubjectActs::each_event(const std::function<void(int64_t)>& what) {
    std::vector<int64_t> seqs;
    db_.cached("SELECT seq FROM temp.victims").rows([&](sql::Statement& s) { seqs.push_back(s.integer(0)); });
    for (const int64_t seq : seqs)
        what(seq);
}

void SubjectActs::change_opt_out(const Command& command) {
    for (const std::string& key : command.opt_out)
        if (command.act == Act::grant)
            db_.cached("DELETE FROM opt_out WHERE key = ?1").bind(1, key).run();
        else
            db_.cached("INSERT INTO opt_out(key, at_us) VALUES(?1, ?2) ON CONFLICT DO NOTHING")
                .bind(1, key)
                .bind(2, command.at_us)
                .run();
}

void SubjectActs::withdraw(const Command& command, ActReport& report) {
    each_event([&](int64_t seq) {
        report.purged += rows_.end_deliveries(seq, Delivery::purged, "withdrawn");
        command.anonymise ? rows_.anonymise(seq) : rows_.remove(seq);
        ++(command.anonymise ? report.anonymised : report.deleted);
    });
}

void SubjectActs::erase(const Command& command, ActReport& report, std::vector<std::string>& traces) {
    const Known whole = known(command.subject);
    for (const auto key : {&Subject::user, &Subject::device, &Subject::session, &Subject::visitor})
        if (!(command.subject.*key).empty()) traces.push_back(command.subject.*key);
    for (const std::string& key : whole.keys)
        traces.push_back(key.substr(2));
    traces.insert(traces.end(), whole.visitors.begin(), whole.visitors.end());
    db_.cached("SELECT e.id FROM temp.victims JOIN events e USING (seq)").rows([&](sql::Statement& s) {
        if (traces.size() < max_traces) traces.push_back(s.text(0));
    });
    db_.cached("DELETE FROM refused WHERE id IN (SELECT e.id FROM temp.victims JOIN events e USING (seq))").run();
    each_event([&](int64_t seq) {
        report.purged += rows_.end_deliveries(seq, Delivery::purged, "erased");
        rows_.remove(seq);
        ++report.deleted;
    });
    forget(whole);
}

void SubjectActs::grant(const Command& command, ActReport& report) {
    struct Held {
        int64_t seq;
        std::string user, device, visitor;
        std::vector<int64_t> to;
    };
    std::vector<Held> held;
    db_.cached("SELECT e.seq, e.user, e.device, e.visitor FROM temp.victims JOIN events e USING (seq) WHERE e.held = 1")
        .rows([&](sql::Statement& s) {
            held.push_back({s.integer(0), s.text(1), s.text(2), s.text(3), {}});
        });
    for (Held& event : held) {
        db_.cached("UPDATE events SET held = 0, consent = 'granted', visitor = ?2 WHERE seq = ?1")
            .bind(1, event.seq)
            .bind(2, identity_.resolve(event.user, event.device, event.visitor, command.at_us))
            .run();
        db_.cached("SELECT destination FROM deliveries WHERE seq = ?1 AND state = 'held'")
            .bind(1, event.seq)
            .rows([&](sql::Statement& s) { event.to.push_back(s.integer(0)); });
        db_.cached("UPDATE deliveries SET state = 'queued' WHERE seq = ?1 AND state = 'held'").bind(1, event.seq).run();
        for (const int64_t destination : event.to)
            ledger_.moved(destination, Delivery::held, "", Delivery::queued, "");
        ++report.released;
    }
}

/// Who withdrew is not recognised any more: the links from user and device to a visitor go, and what the visitor
/// clicked on. The application's own key stays: a first-party id that opted out must not come back as a new one.
void SubjectActs::unlink(const Known& known) {
    for (const std::string& visitor : known.visitors)
        db_.cached("DELETE FROM campaign WHERE visitor = ?1").bind(1, visitor).run();
    for (const std::string& key : known.keys)
        db_.cached("DELETE FROM visitors WHERE key = ?1 AND key NOT GLOB 'k:*'").bind(1, key).run();
    identity_.forget_cache();
}

void SubjectActs::forget(const Known& known) {
    for (const std::string& visitor : known.visitors) {
        db_.cached("DELETE FROM campaign WHERE visitor = ?1").bind(1, visitor).run();
        db_.cached("DELETE FROM visitors WHERE visitor = ?1").bind(1, visitor).run();
    }
    for (const std::string& key : known.keys)
        db_.cached("DELETE FROM visitors WHERE key = ?1").bind(1, key).run();
    identity_.forget_cache();
}

ActReport SubjectActs::run(const Command& command, std::vector<std::string>& traces) {
    ActReport report;
    find_events(command.subject, known(command.subject));
    change_opt_out(command);
    switch (command.act) {
    case Act::withdraw:
        withdraw(command, report);
        unlink(known(command.subject));
        break;
    case Act::erase:
        erase(command, report, traces);
        break;
    case Act::grant:
        grant(command, report);
        break;
    case Act::forget:
        forget(known(command.subject));
        break;
    }
    db_.execute("DELETE FROM temp.victims");
    const std::string counts = "{\"purged\":" + std::to_string(report.purged) +
                               ",\"deleted\":" + std::to_string(report.deleted) +
                               ",\"anonymised\":" + std::to_string(report.anonymised) +
                               ",\"released\":" + std::to_string(report.released) + "}";
    db_.cached("INSERT INTO audit(at_us, action, reason, counts) VALUES(?1, ?2, ?3, ?4)")
        .bind(1, command.at_us)
        .bind(2, to_text(command.act))
        .bind(3, command.reason)
        .bind(4, counts)
        .run();
    return report;
}

std::string SubjectActs::export_subject(const Subject& subject) {
    const Known whole = known(subject);
    find_events(subject, whole);
    std::string out = "[";
    const auto add = [&](sql::Statement& s) {
        if (out.size() > 1) out += ",";
        out += s.view(0);
    };
    db_.cached("SELECT json_object('kind', 'event', 'seq', seq, 'recv_us', recv_us, 'user', user, 'device', device, "
               "'session', session, 'visitor', visitor, 'consent', consent, 'held', held, "
               "'campaign', json(campaign), 'deliveries', (SELECT json_group_array(json_object('destination', "
               "n.name, 'state', d.state, 'reason', d.reason)) FROM deliveries d JOIN destinations n "
               "USING (destination) WHERE d.seq = e.seq), 'body', json(body)) "
               "FROM temp.victims JOIN events e USING (seq) ORDER BY seq")
        .rows(add);
    for (const std::string& key : whole.keys)
        db_.cached("SELECT json_object('kind', 'visitor', 'key', key, 'visitor', visitor, 'first_us', first_us, "
                   "'seen_us', seen_us) FROM visitors WHERE key = ?1")
            .bind(1, key)
            .rows(add);
    for (const std::string& visitor : whole.visitors)
        db_.cached("SELECT json_object('kind', 'campaign', 'visitor', visitor, 'name', name, 'value', value, "
                   "'time_us', time_us) FROM campaign WHERE visitor = ?1")
            .bind(1, visitor)
            .rows(add);
    db_.execute("DELETE FROM temp.victims");
    return out + "]";
}

bool file_holds(const sql::Database& db, const std::vector<std::string>& traces) {
    size_t longest = 1;
    for (const std::string& trace : traces)
        longest = std::max(longest, trace.size());
    std::string window; // the end of the piece before, and the piece: a trace may lie across
    bool found = false;
    db.read_file([&](std::string_view piece) {
        if (window.size() > longest) window.erase(0, window.size() - longest);
        window += piece;
        found = std::any_of(traces.begin(), traces.end(), [&](const std::string& trace) {
            return !trace.empty() && window.find(trace) != std::string::npos;
        });
        return !found;
    });
    return found;
}

} // namespace onair::track

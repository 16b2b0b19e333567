// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/support/command.hpp"
#include "tests/support/http_server.hpp"
#include "tests/support/track_books.hpp"

#include "engine/store/sqlite.hpp"
#include "engine/tracker.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

/// The consent matrix: every combination of decision, DNT, GPC, knowing of the signal, opt-out, mode and what the
/// subject does later, through the whole engine to a server that records every byte. What is stored and what has left
/// is compared with a second opinion (expected()), and the table of docs/specs/privacy.md is made of what was seen.
using namespace onair;
using namespace onair::track;

namespace {

enum class Phase { nothing, before_store, while_queued, after, erased, granted };
constexpr std::pair<Phase, const char*> phases[] = {{Phase::nothing, "nothing"},
                                                    {Phase::before_store, "withdraws before it is stored"},
                                                    {Phase::while_queued, "withdraws while it is queued"},
                                                    {Phase::after, "withdraws after it was sent"},
                                                    {Phase::erased, "asks for erasure after it was sent"},
                                                    {Phase::granted, "agrees while it is queued"}};

struct Mode {
    ConsentMode mode;
    bool honours;
    const char* name;
};
constexpr Mode modes[] = {{ConsentMode::drop, true, "drop"},
                          {ConsentMode::anonymous, true, "anonymous"},
                          {ConsentMode::hold, true, "hold"},
                          {ConsentMode::drop, false, "drop, signals off"}};

/// One event of one subject.
struct Case {
    const char* analytics; ///< null: no consent in the event at all
    bool dnt, gpc, knowing, opted_out;
    std::string user, name, text;
};

std::vector<Case> all_cases() {
    std::vector<Case> out;
    for (const char* analytics : {"granted", "denied", "unknown", static_cast<const char*>(nullptr)})
        for (unsigned bits = 0; bits < 16; ++bits) {
            Case c{analytics, (bits & 1) != 0, (bits & 2) != 0, (bits & 4) != 0, (bits & 8) != 0, {}, {}, {}};
            const std::string n = std::to_string(100 + out.size());
            c.user = "user-" + n + "@example.org";
            c.name = "name-" + n + ".";
            c.text = R"({"type":"test.case.run","id":"id-)" + n + R"(","subject":{"user":")" + c.user +
                     R"("},"net":{"ip":"203.0.113.7"},"action":{"name":")" + c.name + R"("},"props":{"note":"own-)" +
                     c.user + R"("},"consent":{)";
            if (analytics) c.text += std::string(R"("analytics":")") + analytics + "\",";
            c.text += std::string("\"dnt\":") + (c.dnt ? "1" : "0") + ",\"gpc\":" + (c.gpc ? "1" : "0") +
                      ",\"explicit\":" + (c.knowing ? "true" : "false") + "}}";
            out.push_back(std::move(c));
        }
    return out;
}

/// What is there of an event: nothing, all of it (held or not), or without what is personal.
struct Seen {
    std::string stored = "-", sent = "-";
    bool operator==(const Seen&) const = default;
};

/// The second opinion, in the order in which a person would think.
Seen expected(const Case& c, const Mode& mode, Phase phase) {
    const std::string said = c.analytics ? c.analytics : "unknown";
    const bool signal = mode.honours && (c.dnt || c.gpc) && !(said == "granted" && c.knowing);
    const bool refused = c.opted_out || said == "denied" || signal;
    const bool withdrawn =
        phase == Phase::before_store || phase == Phase::while_queued || phase == Phase::after || phase == Phase::erased;
    const bool too_late = phase == Phase::after || phase == Phase::erased; // what is out is out
    if (said == "granted" && !refused) return {withdrawn ? "-" : "whole", !withdrawn || too_late ? "whole" : "-"};
    if (mode.mode == ConsentMode::anonymous) return {"anonymous", "anonymous"}; // nobody's any more
    if (mode.mode == ConsentMode::hold && !refused) {
        if (withdrawn) return {"-", "-"};
        return phase == Phase::granted ? Seen{"whole", "whole"} : Seen{"held", "-"};
    }
    return {"-", "-"};
}

/// The row of the table that a case belongs to.
std::string class_of(const Case& c) {
    const std::string said = c.analytics ? c.analytics : "unknown";
    if (c.opted_out) return "any, but opted out";
    if (said == "denied") return "denied";
    if (!c.dnt && !c.gpc) return said == "granted" ? "granted" : "no decision";
    if (said == "granted") return c.knowing ? "granted, knowing of DNT or GPC" : "granted, with DNT or GPC";
    return "no decision, with DNT or GPC";
}

std::string count_of(const std::string& request) {
    size_t n = 0;
    for (size_t at = request.find("\"idsite\""); at != std::string::npos; at = request.find("\"idsite\"", at + 1))
        ++n;
    return std::to_string(n);
}

std::unique_ptr<test::HttpServer> server_at(uint16_t port = 0) {
    return std::make_unique<test::HttpServer>(
        [](const std::string& request) {
            return test::http_answer("200 OK",
                                     "{\"status\":\"success\",\"tracked\":" + count_of(request) + ",\"invalid\":0}");
        },
        port);
}

std::string file_text(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

/// One mode and one thing that the subjects do, with all cases at once.
class Run {
  public:
    Run(const Mode& mode, Phase phase, const std::vector<Case>& cases) : mode_(mode), phase_(phase), cases_(cases) {
        db_ = dir_ / "events.db";
        auto probe = server_at();
        port_ = probe->port();
        const bool sent_at_once = phase_ == Phase::nothing || phase_ == Phase::after || phase_ == Phase::erased;
        if (!sent_at_once) probe.reset(); // nobody answers: events stay queued, no byte leaves
        {
            Tracker tracker(config());
            push_all(tracker);
            if (sent_at_once) {
                CHECK(tracker.flush(10'000'000));
                seen_by_server_ = text_of(*probe);
            }
            act(tracker);
            tracker.commit();
            CHECK(test::unbalanced(tracker.books()) == "");
        }
        if (!probe) probe = server_at(port_); // and now somebody does, for a new process as it were
        {
            Tracker tracker(config());
            CHECK(tracker.flush(10'000'000));
            CHECK(test::unbalanced(tracker.books()) == "");
            look(tracker);
        }
        seen_by_server_ += text_of(*probe);
        CHECK(test::unbalanced(db_) == "");
    }
    Run(const Run&) = delete;
    Run& operator=(const Run&) = delete;

    Seen of(const Case& c) const {
        Seen out;
        if (const auto at = stored_.find(c.name); at != stored_.end()) out.stored = at->second;
        const bool name = sent(c.name), user = sent(c.user);
        out.sent = name && user ? "whole" : name ? "anonymous" : user ? "the user without the event?" : "-";
        return out;
    }
    bool sent(const std::string& text) const { return seen_by_server_.find(text) != std::string::npos; }
    /// In any file of the database.
    bool in_files(const std::string& text) const { return files_.find(text) != std::string::npos; }

  private:
    Tracker::Config config() const {
        Tracker::Config out;
        out.location = db_;
        out.source = "gst://h/p/e";
        out.policy.consent_mode = mode_.mode;
        out.policy.honour_dnt = out.policy.honour_gpc = mode_.honours;
        out.matomo_url = "http://127.0.0.1:" + std::to_string(port_);
        out.site = 1;
        out.token_file = token();
        out.drain_timeout_us = 0;
        return out;
    }
    std::string token() const {
        std::ofstream(dir_ / "token") << "0123456789abcdef0123456789abcdef\n";
        return dir_ / "token";
    }
    static Subject subject_of(const Case& c) { return {.user = c.user, .device = {}, .session = {}, .visitor = {}}; }

    void push_all(Tracker& tracker) {
        for (const Case& c : cases_)
            if (c.opted_out) tracker.withdraw(subject_of(c));
        Arrival arrival;
        arrival.recv_us = 1'795'521'600'000'000;
        for (const Case& c : cases_)
            CHECK(tracker.push(c.text, arrival) == Recorder::Result::ok);
        if (phase_ != Phase::before_store) tracker.commit();
    }
    void act(Tracker& tracker) {
        for (const Case& c : cases_) {
            if (phase_ == Phase::granted) tracker.grant(subject_of(c));
            if (phase_ == Phase::erased) tracker.erase(subject_of(c));
            if (phase_ == Phase::before_store || phase_ == Phase::while_queued || phase_ == Phase::after)
                tracker.withdraw(subject_of(c));
        }
    }
    void look(Tracker& tracker) {
        tracker.commit();
        sql::Database db(db_);
        sql::Statement rows(db, "SELECT body ->> '$.action.name', held, body || coalesce(user, '') FROM events");
        while (rows.row()) {
            const std::string body = rows.text(2);
            const bool whole = body.find("@example.org") != std::string::npos;
            stored_[rows.text(0)] = !whole ? "anonymous" : rows.integer(1) ? "held" : "whole";
            CHECK(body.find("203.0.113") == std::string::npos); // masked before it is stored
            CHECK((body.find("203.0.0.0") != std::string::npos) == whole);
        }
        for (const char* suffix : {"", "-wal"})
            files_ += file_text(db_ + suffix);
    }
    static std::string text_of(const test::HttpServer& server) {
        std::string out;
        for (const std::string& request : server.requests())
            out += request;
        return out;
    }

    Mode mode_;
    Phase phase_;
    const std::vector<Case>& cases_;
    test::TempDir dir_;
    std::string db_;
    uint16_t port_ = 0;
    std::string seen_by_server_, files_;
    std::map<std::string, std::string> stored_;
};

constexpr const char* begin_mark = "<!-- made by the test track-consent-matrix: begin -->\n";
constexpr const char* end_mark = "<!-- made by the test track-consent-matrix: end -->\n";

/// The table of the document; with ONAIR_UPDATE_DOCS it is written there first.
std::string documented(const std::string& table) {
    std::string text = file_text(ONAIR_PRIVACY_MD);
    size_t from = text.find(begin_mark), to = text.find(end_mark);
    if (from == std::string::npos || to == std::string::npos) return {};
    from += std::string(begin_mark).size();
    if (std::getenv("ONAIR_UPDATE_DOCS")) {
        text.replace(from, to - from, table);
        std::ofstream(ONAIR_PRIVACY_MD, std::ios::binary) << text;
        return table;
    }
    return text.substr(from, to - from);
}

} // namespace

TEST_CASE("the consent matrix: what is stored and what leaves is exactly what may") {
    const auto cases = all_cases();
    std::map<std::string, std::map<std::string, std::map<Phase, Seen>>> table; // class, mode, phase
    std::vector<std::string> order;
    int combinations = 0;
    for (const Mode& mode : modes)
        for (const auto& [phase, what] : phases) {
            CAPTURE(mode.name);
            CAPTURE(what);
            const Run run(mode, phase, cases);
            CHECK_FALSE(run.sent("203.0.113"));
            CHECK_FALSE(run.sent("own-")); // props are on no list
            for (const Case& c : cases) {
                CAPTURE(c.text);
                const Seen seen = run.of(c), want = expected(c, mode, phase);
                CHECK(seen.stored == want.stored);
                CHECK(seen.sent == want.sent);
                // A person of whom nothing may be stored is in no byte of the files; erased: not even afterwards.
                const bool may_be_there = want.stored == "whole" || want.stored == "held" || phase == Phase::after ||
                                          phase == Phase::before_store || phase == Phase::while_queued;
                if (!may_be_there) CHECK_FALSE(run.in_files(c.user));
                const std::string row = class_of(c);
                if (!table.contains(row)) order.push_back(row);
                const auto [at, fresh] = table[row][mode.name].try_emplace(phase, seen);
                if (mode.honours) CHECK(at->second == seen); // one row, one outcome
                ++combinations;
            }
        }
    CHECK(combinations == 4 * 2 * 2 * 2 * 2 * 4 * 6);

    std::ostringstream out;
    out << "| decision | consent-mode |";
    for (const auto& [phase, what] : phases)
        out << " " << what << " |";
    out << "\n|---|---|---|---|---|---|---|---|\n";
    for (const std::string& row : order)
        for (const Mode& mode : modes) {
            if (!mode.honours) continue;
            out << "| " << row << " | `" << mode.name << "` |";
            for (const auto& [phase, what] : phases) {
                const Seen& seen = table[row][mode.name][phase];
                out << " " << seen.stored << " / " << seen.sent << " |";
            }
            out << "\n";
        }
    // Out of date: ONAIR_UPDATE_DOCS=1 build/tests/unit-track-consent-matrix
    CHECK(documented(out.str()) == out.str());
}

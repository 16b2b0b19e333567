// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
// What a server that is ill does, through the real transport: each play of the fault server is the row of the decision
// table that it says it is. What becomes of the events: tests/elements/trackingsink_faults.cpp.
#include "tests/support/decision_table.hpp"
#include "tests/support/fault_plays.hpp"

#include "engine/delivery/http_transport.hpp"
#include "engine/delivery/senders/matomo_answer.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <set>
#include <string>
#include <sys/socket.h>
#include <unistd.h>
#include <vector>

using namespace onair;
using namespace onair::test;
using track::Answer;
using track::HttpTransport;

namespace {

constexpr int patience_ms = 1000;
const track::Timing impatient{.connect_us = 300'000, .request_us = patience_ms * 1000};

/// A request of fault_events events with a token, and spaces to make it longer.
std::string bulk(size_t spaces = 0) {
    std::string out = R"({"token_auth":"5ecre7t0ken","requests":[)";
    for (int i = 0; i < fault_events; ++i)
        out += (i ? "," : "") + std::string(R"({"idsite":1,"rec":1,"cid":"0123456789abcdef","e_n":"e)") +
               std::to_string(i) + "\"}";
    return out + "]" + std::string(spaces, ' ') + "}";
}

std::vector<FaultRow> all_rows(const std::string& elsewhere) {
    auto out = fault_rows(elsewhere);
    for (const FaultRow& row : timed_rows(patience_ms))
        out.push_back(row);
    return out;
}

Answer post(const std::string& url, const std::string& body = bulk(), const std::string& ca_file = {}) {
    HttpTransport transport(impatient);
    return post_once(transport, {.url = url + "/matomo.php", .body = body, .ca_file = ca_file});
}

} // namespace

TEST_CASE("each row of the decision table has a play, and each play a row") {
    std::set<std::string> rows, played{"no connection, or it broke before all was sent", "certificate not trusted"};
    for (const DecisionRow& row : decision_table())
        rows.insert(row.answer);
    for (const FaultRow& row : all_rows("http://127.0.0.1:9"))
        played.insert(row.row);
    if (rows.empty()) return; // without the document
    CHECK(rows.size() == track::matomo_decisions().size());
    for (const std::string& row : rows)
        CHECK_MESSAGE(played.count(row) == 1, "no play of: " << row);
    for (const std::string& row : played)
        CHECK_MESSAGE(rows.count(row) == 1, "not in the table: " << row);
}

TEST_CASE("what a server does is the row of the table that it stands for") {
    const FaultServer elsewhere([](const Asked&) { return well(); });
    const auto rows = all_rows(elsewhere.url());
    std::vector<std::unique_ptr<FaultServer>> servers;
    HttpTransport transport(impatient);
    for (size_t i = 0; i < rows.size(); ++i) {
        servers.push_back(std::make_unique<FaultServer>([play = rows[i].play](const Asked&) { return play; }));
        transport.start(i, {.url = servers.back()->url() + "/matomo.php", .body = bulk()});
    }
    for (size_t left = rows.size(); left > 0;)
        for (const auto& done : transport.wait(-1)) {
            const FaultRow& row = rows[done.id];
            const auto& found = track::matomo_decision(
                track::matomo_facts(done.answer, fault_events, {.proven = row.proven, .spoken = row.proven}));
            CHECK_MESSAGE(found.answer == row.row, row.play.name << ": " << done.answer.words);
            --left;
        }
    CHECK(elsewhere.requests() == 0); // no redirect is followed
}

TEST_CASE("a time-out while it connects or sends: the server cannot have it") {
    // Two connections fill the queue of a socket that nobody accepts from; a third gets no answer to its SYN.
    const Listening full = listen_on_loopback(0, 0);
    std::vector<int> waiting;
    sockaddr_in address{};
    socklen_t size = sizeof address;
    getsockname(full.socket, reinterpret_cast<sockaddr*>(&address), &size);
    for (int i = 0; i < 4; ++i) {
        waiting.push_back(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
        (void)connect(waiting.back(), reinterpret_cast<sockaddr*>(&address), size);
    }
    const Listening mute = listen_on_loopback(0, 8); // takes connections, says nothing: no TLS comes about
    Play reads_nothing = ends("reads nothing", Play::End::hold);
    reads_nothing.reads = 0;
    Play resets = ends("reset in the middle", Play::End::reset);
    resets.reads = 100;
    const FaultServer lazy([&](const Asked&) { return reads_nothing; }), rude([&](const Asked&) { return resets; });
    constexpr size_t more_than_buffers = 24u << 20;
    const Answer answers[] = {
        post("http://127.0.0.1:" + std::to_string(full.port)),
        post("https://127.0.0.1:" + std::to_string(mute.port)),
        post(lazy.url(), bulk(more_than_buffers)),
        post(rude.url(), bulk(more_than_buffers)),
    };
    for (const Answer& answer : answers) {
        CAPTURE(answer.words);
        CHECK(answer.kind == Answer::Kind::not_sent);
        CHECK_FALSE(answer.words.empty());
    }
    for (const int one : waiting)
        close(one);
    close(full.socket);
    close(mute.socket);
}

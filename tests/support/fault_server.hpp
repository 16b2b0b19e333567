// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "tests/support/listen.hpp"
#include "tests/support/tls_wire.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace onair::test {

/// What a script is told: a request begins.
struct Asked {
    int number = 0;        ///< of this server, from 0
    int of_connection = 0; ///< which one of its connection, from 0
    size_t bytes = 0;      ///< of its body
    bool report = false;   ///< a question to the Reporting API; anything but a well play gives no data
};

/// One bulk request as the server read it.
struct Bulk {
    std::vector<std::string> ids;       ///< the events in it: dimension1, else e_n
    std::vector<std::string> visitors;  ///< theirs
    std::vector<size_t> poison;         ///< those on which Matomo fails with 500 and stores nothing
    std::vector<size_t> invalid;        ///< those that Matomo throws away
    std::vector<std::string> disorders; ///< what of them does not come by time
    bool authorised = false;
};
constexpr const char* nobody = "?"; ///< in Bulk::ids: an event without an id

/// id -> how often it was stored.
using Books = std::map<std::string, int>;

/// What the server does with one request.
struct Play {
    enum class Commit { none, all, half };                  ///< half: the first n/2
    enum class End { keep, close, reset, hold };            ///< of the connection; hold: until the client goes
    std::string name = "well";                              ///< a row of the decision table
    bool well = false;                                      ///< as a well Matomo: all below but wait_ms does not count
    std::string status = "200 OK";                          ///< "" sends nothing
    std::string headers = "Content-Type: application/json"; ///< more of them with \r\n between
    std::string body;                                       ///< $n: how many events, $h: n/2, $r: n - n/2
    Commit commit = Commit::none;
    End end = End::keep;
    size_t reads = ~size_t{0};   ///< so much of the request's body, then `end`
    size_t sends = ~size_t{0};   ///< so much of the answer
    std::vector<size_t> invalid; ///< of its events, those that are thrown away
    int wait_ms = 0;             ///< before the events are stored and the answer is given
    int drip_ms = 0;             ///< before each byte of it
    size_t drips_from = 0;       ///< what comes before this byte is sent at once
    bool raw = false;            ///< `body` is the whole answer, its head included
};

/// What a well Matomo does: stores all, names the invalid ones, fails on poison.
inline Play well() { return {.well = true, .body = {}}; }

// fault_matomo.cpp
Bulk read_bulk(const std::string& body, const std::string& token);
Play as_matomo(const Bulk& bulk, int wait_ms);                          ///< what it does when it is well
std::string visits_report(const std::string& body, const Books& books); ///< to a question of the reporting API

/// A Matomo on 127.0.0.1 that does what a script says, request by request, and keeps book of what it stored. It speaks
/// HTTP/1.1 with kept connections and answers Live.getLastVisitsDetails from its books. For all that Matomo does only
/// when it is ill.
class FaultServer {
  public:
    using Script = std::function<Play(const Asked&)>;
    /// `token`: what requests have to bring. `port`: 0 for any that is free.
    /// `tls`: who it says it is; without it it speaks plain HTTP.
    explicit FaultServer(Script script, std::string token = "5ecre7t0ken", uint16_t port = 0,
                         std::optional<TlsServer> tls = std::nullopt);
    ~FaultServer();
    FaultServer(const FaultServer&) = delete;
    FaultServer& operator=(const FaultServer&) = delete;

    uint16_t port() const { return door_.port; }
    std::string url() const {
        return std::string(tls_ ? "https" : "http") + "://127.0.0.1:" + std::to_string(door_.port);
    }
    void set_script(Script script);
    /// For long runs: from now on memory does not grow. Events are "e" and a number below `events`; no bytes are kept.
    void keep_little(size_t events);
    /// Is told each event "e" and a number as it is stored, on any thread.
    void on_stored(std::function<void(size_t number)> tell);
    /// While false every connection is refused: it is closed at once, before a byte is read.
    void set_listening(bool on) { open_ = on; }

    Books books() const;
    std::map<std::string, int> plays() const; ///< name -> how often
    int requests() const;
    size_t largest() const;             ///< most events in one request
    int most_at_once() const;           ///< requests that were under way together
    std::string everything() const;     ///< all bytes that came, for searches (the first 4 MiB)
    std::vector<double> gaps_s() const; ///< between the end of an answer and the next request, seconds
    /// What is wrong with the order of a visitor's events: not by time in a request, or in two requests at once.
    std::vector<std::string> disorders() const;

  private:
    struct Connection {
        std::thread thread;
        std::atomic<bool> done{false};
    };
    void accept_all();
    void serve(Wire& peer);
    bool play(Wire& peer, const Play& play, const Bulk& bulk, bool is_report, const std::string& body);
    void commit(const Play& play, const Bulk& bulk);
    Bulk note(const std::string& body);
    void note_visitors(const Bulk& bulk, int by);
    bool send_all(Wire& peer, const std::string& bytes, const Play& play) const;
    void hold(Wire& peer, bool reads) const;

    const std::string token_;
    const std::optional<TlsServer> tls_;
    Listening door_;
    std::atomic<bool> stopping_{false}, open_{true};
    mutable std::mutex lock_;
    Script script_;
    std::function<void(size_t)> stored_;
    Books books_;
    std::map<std::string, int> plays_;
    std::map<std::string, int> busy_; ///< visitor -> requests under way
    std::vector<std::string> disorders_;
    std::vector<double> gaps_s_; ///< the first 1000
    std::vector<int> numbered_;  ///< the books, when little is kept
    std::string everything_;
    int64_t answered_us_ = 0;
    int requests_ = 0, under_way_ = 0, most_ = 0;
    size_t largest_ = 0;
    std::list<Connection> connections_;
    std::thread thread_;
};

} // namespace onair::test

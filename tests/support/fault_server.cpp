// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/support/fault_server.hpp"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <set>

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace onair::test {

namespace {

int64_t now_us() {
    return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now().time_since_epoch())
        .count();
}

void replace(std::string& text, std::string_view what, size_t by) {
    for (size_t at = text.find(what); at != std::string::npos; at = text.find(what, at))
        text.replace(at, what.size(), std::to_string(by));
}

std::string header(const std::string& head, const std::string& name) {
    const size_t at = head.find("\r\n" + name + ": ");
    return at == std::string::npos
               ? ""
               : head.substr(at + name.size() + 4, head.find("\r\n", at + 2) - at - name.size() - 4);
}

} // namespace

FaultServer::FaultServer(Script script, std::string token, uint16_t port, std::optional<TlsServer> tls)
    : token_(std::move(token)), tls_(std::move(tls)), door_(listen_on_loopback(port, 64)), script_(std::move(script)) {
    thread_ = std::thread([this] { accept_all(); });
}

FaultServer::~FaultServer() {
    stopping_ = true;
    thread_.join();
    for (auto& connection : connections_)
        connection.thread.join();
    close(door_.socket);
}

void FaultServer::set_script(Script script) {
    const std::lock_guard guard(lock_);
    script_ = std::move(script);
}

void FaultServer::keep_little(size_t events) {
    const std::lock_guard guard(lock_);
    numbered_.resize(events);
}

void FaultServer::on_stored(std::function<void(size_t)> tell) {
    const std::lock_guard guard(lock_);
    stored_ = std::move(tell);
}

void FaultServer::accept_all() {
    while (!stopping_) {
        connections_.remove_if([](Connection& c) {
            if (c.done) c.thread.join();
            return c.done.load();
        });
        pollfd wait{door_.socket, POLLIN, 0};
        if (poll(&wait, 1, 20) <= 0) continue;
        const int peer = accept4(door_.socket, nullptr, nullptr, SOCK_CLOEXEC);
        if (peer < 0) continue;
        if (!open_) {
            close(peer);
            continue;
        }
        Connection& connection = connections_.emplace_back();
        connection.thread = std::thread([this, peer, &connection] {
            Wire wire(peer, tls_ ? &*tls_ : nullptr);
            serve(wire);
            connection.done = true;
        });
    }
}

void FaultServer::serve(Wire& peer) {
    std::string text;
    for (int n = 0;; ++n) {
        size_t head;
        while ((head = text.find("\r\n\r\n")) == std::string::npos)
            if (!peer.receive(text, stopping_)) return;
        const size_t length = std::strtoul(header(text.substr(0, head + 2), "Content-Length").c_str(), nullptr, 10);
        const bool is_report = text.find("/index.php") < text.find("\r\n");
        Play next;
        {
            const std::lock_guard guard(lock_);
            next = script_({.number = requests_++, .of_connection = n, .bytes = length, .report = is_report});
        }
        const size_t wanted = head + 4 + std::min(length, next.reads);
        while (text.size() < wanted)
            if (!peer.receive(text, stopping_)) return;
        Bulk bulk;
        const std::string body = text.substr(head + 4, wanted - head - 4);
        const bool whole = body.size() == length;
        {
            const std::lock_guard guard(lock_);
            if (numbered_.empty() && everything_.size() < (4u << 20)) everything_.append(text, 0, wanted);
            if (!is_report && whole) bulk = note(body);
            bulk.invalid.insert(bulk.invalid.end(), next.invalid.begin(), next.invalid.end());
            if (next.well && !is_report) next = as_matomo(bulk, next.wait_ms);
            if (next.wait_ms >= 200) bulk.visitors.clear(); // its client may have given up before it is answered
            ++plays_[next.name];
            if (!is_report) most_ = std::max(most_, ++under_way_);
            note_visitors(bulk, 1);
        }
        text.erase(0, wanted);
        const bool kept = play(peer, next, bulk, is_report, body) && whole;
        if (!kept) return;
    }
}

/// No visitor may be in two requests at once: Matomo would make two visits of it.
void FaultServer::note_visitors(const Bulk& bulk, int by) {
    for (const std::string& visitor : std::set(bulk.visitors.begin(), bulk.visitors.end()))
        if ((busy_[visitor] += by) > 1 && disorders_.size() < 10) disorders_.push_back(visitor + " is in two requests");
}

/// A bulk request has come.
Bulk FaultServer::note(const std::string& body) {
    if (answered_us_ && under_way_ == 0 && gaps_s_.size() < 1000)
        gaps_s_.push_back(static_cast<double>(now_us() - answered_us_) / 1e6);
    Bulk bulk = read_bulk(body, token_);
    largest_ = std::max(largest_, bulk.ids.size());
    for (const std::string& disorder : bulk.disorders)
        if (disorders_.size() < 10) disorders_.push_back(disorder);
    return bulk;
}

/// False: the connection ends.
bool FaultServer::play(Wire& peer, const Play& play, const Bulk& bulk, bool is_report, const std::string& body) {
    const int64_t until = now_us() + play.wait_ms * 1000LL;
    while (!stopping_ && now_us() < until)
        std::this_thread::sleep_for(std::chrono::milliseconds(std::min(play.wait_ms, 5)));
    commit(play, bulk);
    {
        // From here on the client may send the next one, or may have given up already.
        const std::lock_guard guard(lock_);
        note_visitors(bulk, -1);
        answered_us_ = now_us();
        if (!is_report) --under_way_;
    }
    if (!play.status.empty()) {
        std::string content = is_report && play.well ? visits_report(body, books()) : play.body;
        replace(content, "$n", bulk.ids.size());
        replace(content, "$h", bulk.ids.size() / 2);
        replace(content, "$r", bulk.ids.size() - bulk.ids.size() / 2);
        const bool bodiless = play.raw || play.status.starts_with("204");
        std::string answer =
            play.raw
                ? content
                : "HTTP/1.1 " + play.status + "\r\n" + (play.headers.empty() ? "" : play.headers + "\r\n") +
                      (bodiless ? "" : "Content-Length: " + std::to_string(content.size()) + "\r\n") + "\r\n" + content;
        if (play.sends < answer.size()) answer.resize(play.sends);
        if (!send_all(peer, answer, play)) return false;
    }
    if (play.end == Play::End::hold) hold(peer, play.reads == ~size_t{0});
    if (play.end == Play::End::reset || play.reads != ~size_t{0}) peer.reset();
    return play.end == Play::End::keep && !stopping_;
}

void FaultServer::commit(const Play& play, const Bulk& bulk) {
    const size_t n = play.commit == Play::Commit::none  ? 0
                     : play.commit == Play::Commit::all ? bulk.ids.size()
                                                        : bulk.ids.size() / 2;
    const std::lock_guard guard(lock_);
    for (size_t i = 0; i < n; ++i) {
        if (std::find(bulk.invalid.begin(), bulk.invalid.end(), i) != bulk.invalid.end()) continue;
        if (bulk.ids[i] == nobody) continue; // a ping of a visitor that has no visit
        const size_t number = std::strtoul(bulk.ids[i].c_str() + 1, nullptr, 10);
        if (stored_) stored_(number);
        ++(number < numbered_.size() ? numbered_[number] : books_[bulk.ids[i]]);
    }
}

bool FaultServer::send_all(Wire& peer, const std::string& bytes, const Play& play) const {
    const size_t at_once = play.drip_ms ? std::min(play.drips_from, bytes.size()) : bytes.size();
    if (!peer.send(bytes.data(), at_once)) return false;
    for (size_t at = at_once; at < bytes.size() && !stopping_; ++at) {
        std::this_thread::sleep_for(std::chrono::milliseconds(play.drip_ms));
        if (!peer.send(bytes.data() + at, 1)) return false;
    }
    return true;
}

/// Until the client goes.
void FaultServer::hold(Wire& peer, bool reads) const {
    if (!reads) return peer.wait_for_end(stopping_);
    std::string ignored;
    while (peer.receive(ignored, stopping_))
        ignored.clear();
}

Books FaultServer::books() const {
    const std::lock_guard guard(lock_);
    auto out = books_;
    for (size_t i = 0; i < numbered_.size(); ++i)
        if (numbered_[i]) out["e" + std::to_string(i)] = numbered_[i];
    return out;
}
std::map<std::string, int> FaultServer::plays() const {
    const std::lock_guard guard(lock_);
    return plays_;
}
int FaultServer::requests() const {
    const std::lock_guard guard(lock_);
    return requests_;
}
size_t FaultServer::largest() const {
    const std::lock_guard guard(lock_);
    return largest_;
}
int FaultServer::most_at_once() const {
    const std::lock_guard guard(lock_);
    return most_;
}
std::string FaultServer::everything() const {
    const std::lock_guard guard(lock_);
    return everything_;
}
std::vector<double> FaultServer::gaps_s() const {
    const std::lock_guard guard(lock_);
    return gaps_s_;
}
std::vector<std::string> FaultServer::disorders() const {
    const std::lock_guard guard(lock_);
    return disorders_;
}

} // namespace onair::test

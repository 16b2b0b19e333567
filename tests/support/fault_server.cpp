// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/support/fault_server.hpp"

#include "engine/events/json.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <set>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace onair::test {

namespace {

namespace json = track::json;

int64_t now_us() {
    return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now().time_since_epoch())
        .count();
}

bool blank(const json::Value& request, const char* name) {
    const auto text = json::find_text(&request, name);
    return !text || text->find_first_not_of(" \t\r\n") == std::string_view::npos;
}

/// The three kinds: ca=1 with nothing in it, a name that is too long, no scalar where one belongs. And one of our own,
/// because a mapping that is right lets none of these through: the action "poison".
bool is_poison(const json::Value& request) {
    if (json::find_text(&request, "e_a") == "poison") return true;
    if (request.HasMember("ca") && !request.HasMember("c_n") && blank(request, "e_a")) return true;
    for (const auto& m : request.GetObject()) {
        if (m.value.IsArray() || m.value.IsObject()) return true;
        if (m.value.IsDouble() && !std::isfinite(m.value.GetDouble())) return true;
        if (m.value.IsString() && m.value.GetStringLength() > 4096) return true;
    }
    return false;
}

bool is_invalid(const json::Value& request) {
    const auto cid = json::find_text(&request, "cid");
    return cid && cid->size() != 16;
}

std::string id_of(const json::Value& request) {
    for (const char* name : {"dimension1", "e_n"})
        if (const auto text = json::find_text(&request, name)) return std::string(*text);
    return "?";
}

void replace(std::string& text, std::string_view what, size_t by) {
    for (size_t at = text.find(what); at != std::string::npos; at = text.find(what, at))
        text.replace(at, what.size(), std::to_string(by));
}

std::string list(const std::vector<size_t>& numbers) {
    std::string out = "[";
    for (const size_t n : numbers)
        out += (out.size() > 1 ? "," : "") + std::to_string(n);
    return out + "]";
}

std::string header(const std::string& head, const std::string& name) {
    const size_t at = head.find("\r\n" + name + ": ");
    return at == std::string::npos
               ? ""
               : head.substr(at + name.size() + 4, head.find("\r\n", at + 2) - at - name.size() - 4);
}

Play as_matomo(const Bulk& bulk, int wait_ms) {
    Play out{.body = {}, .wait_ms = wait_ms};
    if (!bulk.authorised) {
        out.name = "no token";
        out.body = R"({"status":"success","tracked":0,"invalid":$n})";
    } else if (!bulk.poison.empty()) {
        out.name = "poison";
        out.status = "500 Internal Server Error";
        out.body = R"({"status":"error","tracked":)" + std::to_string(bulk.poison.front()) +
                   R"(,"invalid":0,"invalid_indices":[]})";
    } else {
        out.commit = Play::Commit::all;
        out.body = R"({"status":"success","tracked":)" + std::to_string(bulk.ids.size() - bulk.invalid.size()) +
                   ",\"invalid\":" + std::to_string(bulk.invalid.size()) +
                   ",\"invalid_indices\":" + list(bulk.invalid) + "}";
    }
    return out;
}

std::string decoded(std::string_view text) {
    std::string out;
    for (size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%' && i + 2 < text.size()) {
            out += static_cast<char>(std::strtol(std::string(text.substr(i + 1, 2)).c_str(), nullptr, 16));
            i += 2;
        } else {
            out += text[i] == '+' ? ' ' : text[i];
        }
    }
    return out;
}

std::string parameter(const std::string& form, const std::string& name) {
    const std::string text = "&" + form;
    const size_t at = text.find("&" + name + "=");
    if (at == std::string::npos) return {};
    const size_t from = at + name.size() + 2;
    return decoded(text.substr(from, text.find('&', from) - from));
}

/// "dimension1==a,dimension1==b": any of them.
std::set<std::string> ids_of_segment(const std::string& segment) {
    std::set<std::string> out;
    for (size_t at = segment.find("=="); at != std::string::npos; at = segment.find("==", at + 2))
        out.insert(decoded(segment.substr(at + 2, segment.find_first_of(",;", at) - at - 2)));
    return out;
}

} // namespace

FaultServer::FaultServer(Script script, std::string token, uint16_t port)
    : token_(std::move(token)), door_(listen_on_loopback(port, 64)), script_(std::move(script)) {
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
        const int on = 1;
        setsockopt(peer, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        Connection& connection = connections_.emplace_back();
        connection.thread = std::thread([this, peer, &connection] {
            serve(peer);
            close(peer);
            connection.done = true;
        });
    }
}

/// False at the end of the connection, or when the server stops.
bool FaultServer::read_more(int peer, std::string& text) const {
    std::array<char, 65536> buffer;
    while (!stopping_) {
        pollfd wait{peer, POLLIN, 0};
        if (poll(&wait, 1, 20) <= 0) continue;
        const ssize_t n = recv(peer, buffer.data(), buffer.size(), 0);
        if (n <= 0) return false;
        text.append(buffer.data(), static_cast<size_t>(n));
        return true;
    }
    return false;
}

void FaultServer::serve(int peer) {
    std::string text;
    for (int n = 0;; ++n) {
        size_t head;
        while ((head = text.find("\r\n\r\n")) == std::string::npos)
            if (!read_more(peer, text)) return;
        const size_t length = std::strtoul(header(text.substr(0, head + 2), "Content-Length").c_str(), nullptr, 10);
        const bool is_report = text.find("/index.php") < text.find("\r\n");
        Play next;
        {
            const std::lock_guard guard(lock_);
            next = script_({.number = requests_++, .of_connection = n, .bytes = length, .report = is_report});
        }
        const size_t wanted = head + 4 + std::min(length, next.reads);
        while (text.size() < wanted)
            if (!read_more(peer, text)) return;
        Bulk bulk;
        const std::string body = text.substr(head + 4, wanted - head - 4);
        const bool whole = body.size() == length;
        {
            const std::lock_guard guard(lock_);
            if (numbered_.empty() && everything_.size() < (4u << 20)) everything_.append(text, 0, wanted);
            if (!is_report && whole) bulk = read(body);
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

Bulk FaultServer::read(const std::string& body) {
    Bulk out;
    if (answered_us_ && under_way_ == 0 && gaps_s_.size() < 1000)
        gaps_s_.push_back(static_cast<double>(now_us() - answered_us_) / 1e6);
    json::Document doc;
    doc.Parse<rapidjson::kParseNanAndInfFlag>(body.data(), body.size());
    if (doc.HasParseError() || !doc.IsObject() || !doc.HasMember("requests") || !doc["requests"].IsArray()) return out;
    out.authorised = json::find_text(&doc, "token_auth") == token_;
    std::map<std::string, int64_t> last;
    for (const json::Value& request : doc["requests"].GetArray()) {
        if (!request.IsObject()) continue;
        if (is_poison(request)) out.poison.push_back(out.ids.size());
        if (is_invalid(request)) out.invalid.push_back(out.ids.size());
        out.ids.push_back(id_of(request));
        const std::string visitor(json::find_text(&request, "cid").value_or(""));
        const json::Value* cdt = json::find(&request, "cdt");
        const int64_t time = cdt && cdt->IsInt64() ? cdt->GetInt64() : 0;
        if (last.count(visitor) && last[visitor] > time && disorders_.size() < 10)
            disorders_.push_back(out.ids.back() + " comes after a later one");
        last[visitor] = time;
        out.visitors.push_back(visitor);
    }
    largest_ = std::max(largest_, out.ids.size());
    return out;
}

/// False: the connection ends.
bool FaultServer::play(int peer, const Play& play, const Bulk& bulk, bool is_report, const std::string& body) {
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
        std::string content = is_report && play.well ? report(body) : play.body;
        replace(content, "$n", bulk.ids.size());
        replace(content, "$h", bulk.ids.size() / 2);
        replace(content, "$r", bulk.ids.size() - bulk.ids.size() / 2);
        std::string answer =
            "HTTP/1.1 " + play.status + "\r\n" + (play.headers.empty() ? "" : play.headers + "\r\n") +
            (play.status.starts_with("204") ? "" : "Content-Length: " + std::to_string(content.size())) +
            (play.status.starts_with("204") ? "" : "\r\n") + "\r\n" + content;
        if (play.sends < answer.size()) answer.resize(play.sends);
        if (!send_all(peer, answer, play.drip_ms)) return false;
    }
    if (play.end == Play::End::hold) hold(peer);
    if (play.end == Play::End::reset || play.reads != ~size_t{0}) {
        linger hard{1, 0};
        setsockopt(peer, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
    }
    return play.end == Play::End::keep && !stopping_;
}

void FaultServer::commit(const Play& play, const Bulk& bulk) {
    const size_t n = play.commit == Play::Commit::none  ? 0
                     : play.commit == Play::Commit::all ? bulk.ids.size()
                                                        : bulk.ids.size() / 2;
    // Whoever gets a whole 200 with the counts of all of them knows that they are there.
    const bool told = play.status == "200 OK" && play.commit == Play::Commit::all && play.sends == ~size_t{0} &&
                      play.body.find("\"success\"") != std::string::npos && play.end != Play::End::hold &&
                      play.drip_ms == 0;
    const std::lock_guard guard(lock_);
    for (size_t i = 0; i < n; ++i) {
        if (std::find(bulk.invalid.begin(), bulk.invalid.end(), i) != bulk.invalid.end()) continue;
        const size_t number = std::strtoul(bulk.ids[i].c_str() + 1, nullptr, 10);
        Row& row = number < numbered_.size() ? numbered_[number] : books_[bulk.ids[i]];
        ++row.stored;
        if (!told) ++row.unsure;
    }
}

/// Live.getLastVisitsDetails: the visits (100 actions each) in which one of the segment's dimensions is.
std::string FaultServer::report(const std::string& body) const {
    if (body.find("Live.getLastVisitsDetails") == std::string::npos)
        return R"({"result":"error","message":"no such method here"})";
    const std::set<std::string> wanted = ids_of_segment(parameter(body, "segment"));
    const bool actions = parameter(body, "doNotFetchActions") != "1";
    const std::lock_guard guard(lock_);
    std::string out = "[", visit;
    int visits = 0, n = 0;
    bool fits = false;
    const auto end_visit = [&] {
        ++visits;
        if (fits)
            out += (out.size() > 1 ? "," : "") + std::string(R"({"idVisit":")") + std::to_string(visits) + '"' +
                   (actions ? ",\"actionDetails\":[" + visit + "]}" : "}");
        visit.clear();
        n = 0;
        fits = false;
    };
    for (const auto& [id, row] : books_)
        for (int i = 0; i < row.stored; ++i) {
            visit += (n ? "," : "") + std::string(R"({"type":"event","dimension1":")") + id + "\"}";
            fits = fits || wanted.empty() || wanted.count(id);
            if (++n == 100) end_visit();
        }
    end_visit();
    return out + "]";
}

bool FaultServer::send_all(int peer, const std::string& bytes, int drip_ms) const {
    for (size_t at = 0; at < bytes.size() && !stopping_;) {
        const ssize_t n = send(peer, bytes.data() + at, drip_ms ? 1 : bytes.size() - at, MSG_NOSIGNAL);
        if (n <= 0) return false;
        at += static_cast<size_t>(n);
        if (drip_ms) std::this_thread::sleep_for(std::chrono::milliseconds(drip_ms));
    }
    return true;
}

/// Until the client goes.
void FaultServer::hold(int peer) const {
    std::string ignored;
    while (read_more(peer, ignored))
        ignored.clear();
}

std::map<std::string, FaultServer::Row> FaultServer::books() const {
    const std::lock_guard guard(lock_);
    auto out = books_;
    for (size_t i = 0; i < numbered_.size(); ++i)
        if (numbered_[i].stored) out["e" + std::to_string(i)] = numbered_[i];
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

// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "tests/support/fault_server.hpp"

#include <string>
#include <vector>

/// The decision table of the delivery to Matomo (docs/specs/delivery.md) as a server plays it. What the document says
/// of a row is what the tests expect.
namespace onair::test {

/// `play` is answered to a request of fault_events events.
struct FaultRow {
    std::string row; ///< its first column
    Play play;
    int times = 1;       ///< so many requests are played so, all after them well
    bool proven = false; ///< one of half as many events was taken before
};
constexpr int fault_events = 10;

inline Play answers(const std::string& status, const std::string& body = "",
                    const std::string& headers = "Content-Type: application/json") {
    return {.name = status, .status = status, .headers = headers, .body = body};
}
inline Play named(const std::string& name, Play play) {
    play.name = name;
    return play;
}
inline Play storing(Play play, Play::Commit commit = Play::Commit::all) {
    play.commit = commit;
    return play;
}
inline Play throwing_away(std::vector<size_t> invalid, Play play) {
    play.invalid = std::move(invalid);
    return play;
}
inline Play ends(const std::string& name, Play::End end, Play::Commit commit = Play::Commit::none) {
    return {.name = name, .status = "", .body = {}, .commit = commit, .end = end};
}
/// All bytes of the answer, its head included; then the connection ends. The events are stored.
inline Play raw(const std::string& name, const std::string& bytes) {
    return {.name = name, .body = bytes, .commit = Play::Commit::all, .end = Play::End::close, .raw = true};
}
inline Play cut_after(size_t bytes, Play play) {
    play.sends = bytes;
    play.end = Play::End::close;
    return play;
}

constexpr const char* all_stored = R"({"status":"success","tracked":$n,"invalid":0})";
inline std::string counts(const std::string& tracked, const std::string& invalid, const std::string& more = "") {
    return R"({"status":"success","tracked":)" + tracked + R"(,"invalid":)" + invalid + more + "}";
}

/// Answers without a head or with one that says something else than what comes.
inline std::vector<FaultRow> half_answer_rows() {
    const std::string unknown = "none, or half of one, to a request that was sent", not_it = "200, anything else";
    const std::string json = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n",
                      chunked = json + "Transfer-Encoding: chunked\r\n\r\n", ten = counts("10", "0");
    return {
        {unknown, cut_after(75, named("half an answer, stored", storing(answers("200 OK", all_stored))))},
        {unknown, raw("a length that does not come", json + "Content-Length: 500\r\n\r\n" + ten)},
        {unknown, raw("chunks that break off", chunked + "2a\r\n" + ten)},
        {unknown, raw("chunks without their end", chunked + "2c\r\n" + ten.substr(0, 44) + "\r\n")},
        {unknown, raw("chunks that are none", chunked + "zz\r\n" + ten)},
        {unknown, raw("no HTTP", "SSH-2.0-OpenSSH_9.2\r\n")},
        {unknown, raw("a promise to go on", "HTTP/1.1 100 Continue\r\n\r\n")},
        {unknown, raw("a megabyte and more", json + "Content-Length: 1100000\r\n\r\n" + std::string(1'100'000, ' '))},
        {not_it, raw("half a JSON to the end of the connection", json + "\r\n" + ten.substr(0, 20))},
    };
}

/// Answers with a count, or none, of what was stored.
inline std::vector<FaultRow> counted_rows() {
    using Commit = Play::Commit;
    const std::string html = "Content-Type: text/html", gif = "Content-Type: image/gif", not_it = "200, anything else",
                      stored = "200, tracked = n", not_counted = "204", odd = "200, tracked + invalid > n";
    const auto ok = [](const std::string& name, const std::string& body, const std::string& headers) {
        return named(name, answers("200 OK", body, headers));
    };
    const auto json = [&](const std::string& name, const std::string& body) {
        return ok(name, body, "Content-Type: application/json");
    };
    Play slow = storing(json("slow, stored", all_stored));
    slow.wait_ms = 300;
    const std::string ten = counts("10", "0");
    return {
        {stored, well()},
        {stored, storing(json("no indices", all_stored))},
        {stored, slow},
        {stored, storing(ok("JSON that calls itself a page", all_stored, html))},
        {stored, storing(ok("JSON without a type", all_stored, "X-Nothing: 1"))},
        {stored, raw("chunks", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2d\r\n" + ten + "\r\n0\r\n\r\n")},
        {stored, raw("to the end of the connection", "HTTP/1.0 200 OK\r\n\r\n" + ten)},
        {"200, tracked + invalid = n, with the indices of the invalid ones",
         throwing_away({1, 2}, storing(json("indices", counts("8", "2", R"(,"invalid_indices":[1,2])"))))},
        {"200, tracked + invalid = n, without indices",
         throwing_away({1, 2}, storing(json("invalid, not named", counts("8", "2"))))},
        {"200, invalid = n, and none was ever valid or three requests in a row were so",
         json("all invalid", counts("0", "$n"))},
        {"200, invalid = n", throwing_away({0, 1, 2, 3, 4}, json("all invalid after others", counts("0", "$n"))), 1,
         true},
        {"200, 0 + 0", json("0 + 0", counts("0", "0"))},
        {"200, 0 + 0", json("0 + 0, again and again", counts("0", "0")), 3},
        {"200, tracked + invalid < n", storing(json("some skipped", counts("$h", "0")), Commit::half)},
        {odd, storing(json("more than were sent", counts("99999", "0")))},
        {"200, an image", storing(ok("a picture", "GIF89a", gif))},
        {"200, an image", storing(ok("JSON that calls itself a picture", all_stored, gif))},
        {not_counted, storing(answers("204 No Content", "", "X-Nothing: 1"))},
        {"200, `Error:SQLSTATE[…`",
         ok("its database went away", "Error:SQLSTATE[HY000]: General error: 2006 MySQL server has gone away", html)},
        {"200, anything else, of a server that has taken events before",
         ok("a page after good answers", "<html></html>", html), 1, true},
        {not_it, ok("a page", "<html>Welcome</html>", html)},
        {not_it, json("nothing at all", "")},
        {not_it, storing(json("half a JSON, stored", R"({"status":"success","trac)"))},
        {not_it, json("status error", R"({"status":"error","tracked":$n,"invalid":0})")},
        {not_it, storing(json("counts in words", R"({"status":"success","tracked":"$n","invalid":"0"})"))},
        {not_it, storing(json("counts below nothing", counts("-1", "0")))},
        {not_it, storing(json("an array", "[" + std::string(all_stored) + "]"))},
        {not_it, storing(json("two answers", std::string(all_stored) + all_stored))},
        {not_it, storing(ok("compressed, though nobody asked", "\x1f\x8b\x08 and so on",
                            "Content-Type: application/json\r\nContent-Encoding: gzip"))},
    };
}

/// Answers that are known by their status. `elsewhere`: address of another host, for redirects.
inline std::vector<FaultRow> status_rows(const std::string& elsewhere) {
    const std::string html = "Content-Type: text/html", other = "anything else (400, 404, …)",
                      busy = "408, 425, 429, 503", gateway = "502, 504, other 5xx", refused = "401, 403, 407";
    const std::string location = html + "\r\nLocation: " + elsewhere + "/matomo.php";
    return {
        {"3xx", answers("301 Moved Permanently", "", location)},
        {"3xx", answers("302 Found", "", location)},
        {"3xx", answers("303 See Other", "", location)},
        {"3xx", answers("307 Temporary Redirect", "", location)},
        {"3xx", answers("308 Permanent Redirect", "", location)},
        {other, answers("400 Bad Request", "<html>Matomo</html>", html)},
        {refused, answers("401 Unauthorized", "", html)},
        {refused, answers("403 Forbidden", "", html)},
        {other, answers("404 Not Found", "", html)},
        {refused, answers("407 Proxy Authentication Required", "", html)},
        {busy, answers("408 Request Timeout", "", html)},
        {"413", answers("413 Payload Too Large", "", html)},
        {"413", named("413, whatever the size", answers("413 Payload Too Large", "", html)), 1000},
        {busy, answers("425 Too Early", "", html)},
        {busy, answers("429 Too Many Requests", "", html + "\r\nRetry-After: 1")},
        {"500, tracked + invalid = n",
         named("500 at the commit, stored",
               storing(answers("500 Internal Server Error", R"({"status":"error","tracked":$n,"invalid":0})")))},
        {"500", answers("500 Internal Server Error", R"({"status":"error","tracked":3,"invalid":0})")},
        {"501", answers("501 Not Implemented", "", html)},
        {gateway, named("502, stored", storing(answers("502 Bad Gateway", "", html)))},
        {gateway, answers("502 Bad Gateway", "", html)},
        {busy, answers("503 Service Unavailable", "", html)},
        {gateway, named("504, stored", storing(answers("504 Gateway Time-out", "", html)))},
        {gateway, answers("520 Unknown Error", "", html)},
        {gateway, answers("507 Insufficient Storage", "", html)},
    };
}

/// Connections that end.
inline std::vector<FaultRow> broken_rows() {
    using Commit = Play::Commit;
    using End = Play::End;
    const std::string unknown = "none, or half of one, to a request that was sent";
    Play mid = ends("reset in the middle of the request", End::reset);
    mid.reads = 100; // a short one: the system has taken all of it
    return {
        {unknown, ends("closed without an answer", End::close)},
        {unknown, ends("reset before commit", End::reset)},
        {unknown, ends("reset after commit", End::reset, Commit::all)},
        {unknown, mid},
    };
}

/// All that comes to an end at once.
inline std::vector<FaultRow> fault_rows(const std::string& elsewhere) {
    std::vector<FaultRow> out = counted_rows();
    for (const auto& rows : {half_answer_rows(), status_rows(elsewhere), broken_rows()})
        out.insert(out.end(), rows.begin(), rows.end());
    return out;
}

/// Those that only the client's time-out ends. `patience_ms`: that.
inline std::vector<FaultRow> timed_rows(int patience_ms) {
    using Commit = Play::Commit;
    using End = Play::End;
    const std::string unknown = "none, or half of one, to a request that was sent";
    Play late = named("answers after the time-out, stored", storing(answers("200 OK", all_stored)));
    late.wait_ms = patience_ms + 300;
    Play head = named("slow-loris from the first byte, stored", storing(answers("200 OK", all_stored)));
    head.drip_ms = std::max(1, patience_ms / 40); // about 120 bytes
    Play body = named("slow-loris in its body, stored", head);
    body.drips_from = 75;
    body.drip_ms = std::max(1, patience_ms / 20);
    Play half = named("half an answer, then nothing", storing(answers("200 OK", all_stored)));
    half.sends = 75;
    half.end = End::hold;
    return {{unknown, late},
            {unknown, head},
            {unknown, body},
            {unknown, half},
            {unknown, ends("never answers", End::hold)},
            {unknown, ends("stores, never answers", End::hold, Commit::all)}};
}

} // namespace onair::test

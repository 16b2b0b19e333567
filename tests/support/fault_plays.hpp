// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "tests/support/fault_server.hpp"

#include <string>
#include <vector>

/// The decision table of the delivery to Matomo (docs/specs/delivery.md) as a server plays it.
namespace onair::test {

/// What becomes of the events of a request that is played this way, when all after it are played well.
enum class Fate {
    delivered,
    again,         ///< delivered by a later request; the first cannot have stored them
    unsure,        ///< delivered by a later request, counted as ambiguous
    unconfirmed,   ///< taken, not counted
    dead,          ///< none of them is sent again
    some_dead,     ///< those of Play::invalid
    paused,        ///< queued, and nothing is sent for now
    paused_unsure, ///< the same, counted as ambiguous
};

struct FaultRow {
    Play play;
    Fate fate;
};

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
inline Play ends(const std::string& name, Play::End end, Play::Commit commit = Play::Commit::none) {
    return {.name = name, .status = "", .body = {}, .commit = commit, .end = end};
}

constexpr const char* all_stored = R"({"status":"success","tracked":$n,"invalid":0})";

/// `elsewhere`: address of another host, for redirects. Rows whose client has to wait for a time-out are apart.
inline std::vector<FaultRow> fault_rows(const std::string& elsewhere) {
    using Commit = Play::Commit;
    using End = Play::End;
    const std::string html = "Content-Type: text/html", gif = "Content-Type: image/gif";
    const std::string location = html + "\r\nLocation: " + elsewhere + "/matomo.php";
    Play some = named("indices", storing(answers("200 OK", R"({"status":"success","tracked":8,"invalid":2,)"
                                                           R"("invalid_indices":[1,2]})")));
    some.invalid = {1, 2};
    Play unnamed = named("invalid, not named", storing(answers("200 OK", R"({"status":"success","tracked":8,)"
                                                                         R"("invalid":2})")));
    unnamed.invalid = {1, 2};
    Play cut = named("half an answer, stored", storing(answers("200 OK", all_stored)));
    cut.sends = 75;
    cut.end = End::close;
    Play slow = named("slow, stored", storing(answers("200 OK", all_stored)));
    slow.wait_ms = 300;
    Play mid = ends("reset in the middle of the request", End::reset);
    mid.reads = 100;
    return {
        {well(), Fate::delivered},
        {named("no indices", storing(answers("200 OK", all_stored))), Fate::delivered},
        {slow, Fate::delivered},
        {some, Fate::some_dead},
        {unnamed, Fate::dead},
        {named("all invalid", answers("200 OK", R"({"status":"success","tracked":0,"invalid":$n})")), Fate::paused},
        {named("0 + 0", answers("200 OK", R"({"status":"success","tracked":0,"invalid":0})")), Fate::again},
        {named("some skipped",
               storing(answers("200 OK", R"({"status":"success","tracked":$h,"invalid":0})"), Commit::half)),
         Fate::unsure},
        {named("more than were sent",
               storing(answers("200 OK", R"({"status":"success","tracked":99999,"invalid":0})"))),
         Fate::unconfirmed},
        {named("a picture", storing(answers("200 OK", "GIF89a", gif))), Fate::unconfirmed},
        {storing(answers("204 No Content", "", "X-Nothing: 1")), Fate::unconfirmed},
        {named("a page", answers("200 OK", "<html>Welcome</html>", html)), Fate::paused_unsure},
        {named("its database went away", answers("200 OK",
                                                 "Error:SQLSTATE[HY000]: General error: 2006 MySQL server has "
                                                 "gone away",
                                                 html)),
         Fate::again},
        {named("half a JSON, stored", storing(answers("200 OK", R"({"status":"success","trac)"))), Fate::paused_unsure},
        {named("status error", answers("200 OK", R"({"status":"error","tracked":$n,"invalid":0})")),
         Fate::paused_unsure},
        {answers("301 Moved Permanently", "", location), Fate::paused},
        {answers("302 Found", "", location), Fate::paused},
        {answers("307 Temporary Redirect", "", location), Fate::paused},
        {answers("308 Permanent Redirect", "", location), Fate::paused},
        {answers("400 Bad Request", "<html>Matomo</html>", html), Fate::paused},
        {answers("401 Unauthorized", "", html), Fate::paused},
        {answers("403 Forbidden", "", html), Fate::paused},
        {answers("404 Not Found", "", html), Fate::paused},
        {answers("407 Proxy Authentication Required", "", html), Fate::paused},
        {answers("408 Request Timeout", "", html), Fate::again},
        {answers("425 Too Early", "", html), Fate::again},
        {answers("429 Too Many Requests", "", html + "\r\nRetry-After: 1"), Fate::again},
        {answers("500 Internal Server Error", R"({"status":"error","tracked":3,"invalid":0})"), Fate::again},
        {named("500 at the commit, stored",
               storing(answers("500 Internal Server Error", R"({"status":"error","tracked":$n,"invalid":0})"))),
         Fate::unsure},
        {answers("503 Service Unavailable", "", html), Fate::again},
        {named("502, stored", storing(answers("502 Bad Gateway", "", html))), Fate::unsure},
        {answers("502 Bad Gateway", "", html), Fate::unsure},
        {named("504, stored", storing(answers("504 Gateway Time-out", "", html))), Fate::unsure},
        {ends("closed without an answer", End::close), Fate::unsure},
        {ends("reset before commit", End::reset), Fate::unsure},
        {ends("reset after commit", End::reset, Commit::all), Fate::unsure},
        {cut, Fate::unsure},
        {mid, Fate::unsure}, // a short one: the system has taken all of it
    };
}

} // namespace onair::test

// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/support/command.hpp"
#include "tests/support/error_of.hpp"
#include "tests/support/track_fakes.hpp"

#include "engine/delivery/secret.hpp"
#include "engine/delivery/senders/matomo.hpp"
#include "engine/delivery/senders/matomo_url.hpp"
#include "engine/privacy/allow_list.hpp"
#include "engine/tracker.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <sys/stat.h>
#include <unistd.h>

using namespace onair;
using namespace onair::track;
using test::error_of;
using test::has;
using test::http;
using test::success;

namespace {

constexpr int64_t now = 1'795'521'600'500'000; // 2026-11-24T12:00:00.5Z

const MatomoMapping plain{.site = 7, .categories = {}};

Compiled compile(const std::string& fields, int64_t time_us = now - 60'000'000, const MatomoMapping& mapping = plain) {
    return compile_for_matomo("{\"source\":\"gst://h/p/e\"," + fields + "}", time_us, mapping, now);
}

/// The request without what every request begins with.
std::string request(const std::string& fields, const MatomoMapping& mapping = plain) {
    const std::string text = compile(fields, now - 60'000'000, mapping).request;
    const std::string head = R"({"idsite":7,"rec":1,"apiv":1,"bots":1,"cid":")";
    REQUIRE(text.substr(0, head.size()) == head);
    const size_t at = text.find("\"cdt\":");
    REQUIRE(at != std::string::npos);
    return text.substr(text.find(',', at));
}

const std::string granted = R"("consent":{"analytics":"granted"})";

} // namespace

TEST_CASE("event to request, with a mapping of the operator's own") {
    MatomoMapping full{
        .site = 7, .id_dimension = 5, .media_analytics = true, .crash_analytics = true, .categories = {}};
    CHECK(
        request(
            R"("id":"e1","type":"a.play","action":{"kind":"media"},"media":{"id":"m","title":"T","resource":"f.mov","type":"audio",)"
            R"("pos":12.9,"len":60,"watched":3.5,"w":1920,"h":1080,"fullscreen":1})",
            full) ==
        R"(,"ca":1,"e_c":"media","e_a":"play","e_n":"T","e_v":12.9,"ma_mt":"audio","ma_re":"f.mov","ma_id":"m","ma_ti":"T","ma_st":3,"ma_le":60,"ma_ps":12,"ma_w":1920,"ma_h":1080,)"
        R"("ma_fs":1,"dimension5":"e1"})");
    CHECK(
        request(
            R"("type":"a.b","action":{"kind":"crash","action":"SIGSEGV","name":"sink died"},"props":{"stack":"at f"})",
            full) ==
        R"(,"ca":1,"e_c":"crash","e_a":"SIGSEGV","e_n":"sink died","cra":"sink died","cra_tp":"SIGSEGV","cra_st":"at f"})");
    full.categories = {
        {"vod.*", {{"e_n", "props.title"}, {"dimension3", "props.minutes"}, {"dimension4", "props.none"}}},
        {"vod.end", {{"e_v", "props.minutes"}}}};
    CHECK(request(R"("type":"vod.end","props":{"title":"Film","minutes":90})", full) ==
          R"(,"ca":1,"e_c":"vod","e_a":"end","e_n":"Film","dimension3":90,"e_v":90})");
    CHECK(request(R"("type":"vods.end","props":{"title":"Film"})", full) == R"(,"ca":1,"e_c":"vods","e_a":"end"})");
    for (const char* no : {"idsite", "token_auth", "cip", "cdt", "rec", "E_n", "", "a b"})
        CHECK_MESSAGE(!is_mappable(no), no);
    for (const char* yes : {"e_n", "dimension3", "_pks", "ma_pn"})
        CHECK_MESSAGE(is_mappable(yes), yes);
}

TEST_CASE("event to request") {
    struct Row {
        std::string fields, request;
    };
    const Row rows[] = {
        {R"("type":"onair.run.progress","pts":1,"timecode":"01:00:03:00")",
         R"(,"ca":1,"e_c":"onair.run","e_a":"progress","e_n":"01:00:03:00"})"},
        {R"("type":"a.b","timecode":"01:00:03;00@30000/1001")", R"(,"ca":1,"e_c":"a","e_a":"b","e_n":"01:00:03;00"})"},
        {R"("type":"a.b","action":{"category":"C","action":"A","name":"N","value":1.5,"url":"http://h/"})",
         R"(,"ca":1,"e_c":"C","e_a":"A","e_n":"N","e_v":1.5,"url":"http://h/"})"},
        // What would be poison never gets there, even if it came past the validator.
        {R"("type":"a.b","action":{"category":" ","action":"","name":["x"],"value":[1]})",
         R"(,"ca":1,"e_c":"a","e_a":"b"})"},
        {R"("type":"a.b","action":{"action":"\u00a0"})", R"(,"ca":1,"e_c":"a","e_a":"b"})"},
        {R"("type":"a.b","action":{"kind":"page","url":"http://h/p","name":"Title"})",
         R"(,"url":"http://h/p","action_name":"Title"})"},
        {R"("type":"a.b","action":{"kind":"download","url":"http://h/f.mov"})",
         R"(,"download":"http://h/f.mov","url":"http://h/f.mov"})"},
        {R"("type":"a.b","action":{"kind":"outlink","url":"http://o/"})", R"(,"link":"http://o/","url":"http://o/"})"},
        {R"("type":"a.b","action":{"kind":"content","name":"Ad","piece":"ad.png","target":"http://t/","action":"click"})",
         R"(,"ca":1,"c_n":"Ad","c_p":"ad.png","c_t":"http://t/","c_i":"click"})"},
        {R"("type":"a.b","action":{"kind":"product","url":"http://s/p","name":"P"},"order":{"items":[{"sku":"s","name":"n","category":"c","price":9.5}]})",
         R"(,"url":"http://s/p","action_name":"P","_pks":"s","_pkn":"n","_pkc":"c","_pkp":9.5})"},
        {R"("type":"a.b","action":{"kind":"product","url":"http://s/p"},"order":{"items":[]})",
         R"(,"url":"http://s/p"})"},
        {R"("type":"a.b","action":{"kind":"search","name":"word","category":"cat","value":3})",
         R"(,"search":"word","search_cat":"cat","search_count":3})"},
        {R"("type":"a.b","action":{"kind":"goal","goal":2,"value":9.9})", R"(,"idgoal":2,"revenue":9.9})"},
        {R"("type":"a.b","action":{"kind":"order"},"order":{"id":"O1","revenue":20,"subtotal":18,"tax":2,"shipping":1,"discount":1,)"
         R"("items":[{"sku":"s","name":"n","category":"c","price":9,"quantity":2},{"sku":"t"}]})",
         R"(,"idgoal":0,"revenue":20,"ec_items":"[[\"s\",\"n\",\"c\",9,2],[\"t\",\"\",\"\",0,1]]","ec_id":"O1","ec_st":18,)"
         R"("ec_tx":2,"ec_sh":1,"ec_dt":1})"},
        {R"("type":"a.b","action":{"kind":"cart"},"order":{"revenue":5})", R"(,"idgoal":0,"revenue":5})"},
        {R"("type":"a.play","action":{"kind":"media"},"media":{"title":"T","pos":12.5})",
         R"(,"ca":1,"e_c":"media","e_a":"play","e_n":"T","e_v":12.5})"},
        {R"("type":"a.b","action":{"kind":"crash","action":"SIGSEGV"})", R"(,"ca":1,"e_c":"crash","e_a":"SIGSEGV"})"},
        {R"("type":"a.b","action":{"kind":"ping"})", R"(,"ping":1})"},
        {R"("type":"a.b","dims":{"1":"x","2":3,"3":null,"4":true})",
         R"(,"ca":1,"e_c":"a","e_a":"b","dimension1":"x","dimension2":3,"dimension4":true})"},
        {R"("type":"a.b","net":{"ip":"192.0.2.1","ua":"UA","lang":"de","referrer":"http://r/"},)" + granted,
         R"(,"ca":1,"e_c":"a","e_a":"b","cip":"192.0.2.1","ua":"UA","lang":"de","urlref":"http://r/"})"},
    };
    for (const Row& row : rows) {
        CAPTURE(row.fields);
        CHECK(request(row.fields) == row.request);
        // The profile that Matomo has by default lets through all that is read here.
        json::Document event;
        const std::string text = "{\"source\":\"gst://h/p/e\"," + row.fields + "}";
        event.Parse<json::parse_flags>(text.data(), text.size());
        REQUIRE_FALSE(event.HasParseError());
        rapidjson::StringBuffer buffer;
        json::Writer writer(buffer);
        AllowList::profile("matomo")->apply(event).Accept(writer);
        CHECK(compile_for_matomo(json::to_string(buffer), now - 60'000'000, plain, now).request ==
              compile(row.fields).request);
    }
}

TEST_CASE("names are cut so that Matomo's escaping stays under its limit") {
    const std::string quotes(4096, '\'');
    const std::string text = compile(R"("type":"a.b","action":{"name":")" + quotes + "\"}").request;
    CHECK(has(text, "\"e_n\":\"" + std::string(600, '\'') + "\""));
}

TEST_CASE("who the visitor is") {
    const auto cid = [](const std::string& fields) {
        const std::string text = compile(R"("type":"a.b",)" + fields).request;
        const size_t at = text.find("\"cid\":\"") + 7;
        return text.substr(at, text.find('"', at) - at);
    };
    const std::string pipeline = cid("\"pts\":1");
    CHECK(pipeline.size() == 16);
    CHECK(pipeline == cid("\"pts\":2")); // one source is one visitor
    CHECK(cid(R"("subject":{"device":"0123456789ABCDEF","user":"u"},)" + granted) == "0123456789abcdef");
    const std::string user = cid(R"("subject":{"user":"u"},)" + granted);
    CHECK(user != pipeline);
    CHECK(user == cid(R"("subject":{"user":"u","session":"s"},)" + granted));
    CHECK(has(compile(R"("type":"a.b","subject":{"user":"u"},)" + granted).request, R"("uid":"u")"));
}

TEST_CASE("times are whole seconds and never in the future") {
    CHECK(has(compile(R"("type":"a.b")", 1'795'000'000'999'999).request, "\"cdt\":1795000000,"));
    CHECK(has(compile(R"("type":"a.b")", now).request, "\"cdt\":1795521599,"));
    CHECK(has(compile(R"("type":"a.b")", now + 5'000'000).request, "\"cdt\":1795521599,"));
}

TEST_CASE("what is not sent") {
    CHECK(compile_for_matomo("nonsense", now, plain, now).refused == "unreadable");
    CHECK(compile(R"("type":"a.b","action":{"kind":"dance"})").refused == "unmapped");
}

TEST_CASE("the decision table") {
    struct Row {
        Answer answer;
        bool proven;
        Action action;
        size_t dead;
        bool maybe_stored = false;
    };
    const Row rows[] = {
        {success(4), false, Action::delivered, 0},
        {success(4, 0, "[]"), false, Action::delivered, 0},
        {success(2, 2, "[1,2]"), false, Action::delivered, 2},
        {success(2, 2, "[2,1,1]"), false, Action::delivered, 2},
        {success(2, 2), false, Action::unattributed, 0},
        {success(2, 2, "[1]"), false, Action::unattributed, 0},
        {success(2, 2, "[1,4]"), false, Action::unattributed, 0},
        {success(0, 4), false, Action::pause, 0},
        {success(0, 4), true, Action::delivered, 4},
        {success(0, 0), true, Action::retry, 0},
        {success(2, 1), true, Action::retry, 0, true},
        {success(5, 0), true, Action::unconfirmed, 0},
        {http(200, R"({"status":"error","tracked":4,"invalid":0})"), true, Action::pause, 0, true},
        {http(200, R"({"status":"success","tracked":-4,"invalid":0})"), true, Action::pause, 0, true},
        {http(200, "null"), true, Action::pause, 0, true},
        {http(200, ""), true, Action::pause, 0, true},
        {http(200, "Error:SQLSTATE[HY000]: General error: 2006 MySQL server has gone away", "text/html"), false,
         Action::retry, 0},
        {http(200, "Error: no such page", "text/html"), true, Action::pause, 0, true},
        {http(200, "GIF89a", "image/gif"), true, Action::unconfirmed, 0},
        {http(204, ""), true, Action::unconfirmed, 0},
        {http(301, ""), true, Action::pause, 0},
        {http(400, ""), true, Action::pause, 0},
        {http(401, ""), true, Action::pause, 0},
        {http(403, ""), true, Action::pause, 0},
        {http(404, ""), true, Action::pause, 0},
        {http(408, ""), true, Action::retry, 0},
        {http(413, ""), true, Action::split, 0},
        {http(429, ""), true, Action::retry, 0},
        {http(500, R"({"status":"error","tracked":2,"invalid":0,"invalid_indices":[]})"), true, Action::isolate, 0},
        {http(500, R"({"status":"error","tracked":3,"invalid":1})"), true, Action::retry, 0, true},
        {http(502, ""), true, Action::retry, 0, true},
        {http(503, ""), true, Action::retry, 0},
        {http(504, ""), true, Action::retry, 0, true},
        {http(599, ""), true, Action::retry, 0, true},
        {http(999, ""), true, Action::pause, 0},
    };
    for (const Row& row : rows) {
        CAPTURE(row.answer.status);
        CAPTURE(row.answer.body);
        const Verdict v = judge_matomo(row.answer, 4, {.proven = row.proven});
        CHECK(static_cast<int>(v.action) == static_cast<int>(row.action));
        CHECK(v.dead.size() == row.dead);
        CHECK(v.maybe_stored == row.maybe_stored);
    }
}

TEST_CASE("each row of the decision table is met, and the document has the same rows") {
    const auto broken = [](Answer::Kind kind) {
        Answer answer;
        answer.kind = kind;
        return answer;
    };
    struct Play {
        Answer answer;
        bool proven = true, spoken = true;
    };
    const Play plays[] = {
        // in the table's order
        {broken(Answer::Kind::not_sent)},
        {broken(Answer::Kind::tls)},
        {broken(Answer::Kind::ambiguous)},
        {http(200, "GIF89a", "image/gif")},
        {success(4)},
        {success(0, 4), false},
        {success(0, 4)},
        {success(3, 1, "[2]")},
        {success(3, 1)},
        {success(0)},
        {success(2, 1)},
        {success(5)},
        {http(200, "Error:SQLSTATE[HY000]: General error: 2006 MySQL server has gone away", "text/html")},
        {http(200, "<html>", "text/html")},
        {http(200, "<html>", "text/html"), false, false},
        {http(204, "")},
        {http(307, "")},
        {http(403, "")},
        {http(413, "")},
        {http(429, "")},
        {http(500, R"({"status":"error","tracked":4,"invalid":0,"invalid_indices":[]})")},
        {http(500, "{}")},
        {http(501, "")},
        {http(504, "")},
        {http(404, "")},
    };
    const auto table = matomo_decisions();
    REQUIRE(table.size() == std::size(plays));
    const char* root = std::getenv("ONAIR_SOURCE_DIR");
    std::stringstream document;
    if (root) document << std::ifstream(std::string(root) + "/docs/specs/delivery.md").rdbuf();
    const std::string text = document.str();
    const char* const actions[] = {"delivered", "unconfirmed", "unattributed", "retry", "pause", "isolate", "split"};
    size_t at = 0;
    for (size_t i = 0; i < table.size(); ++i) {
        const MatomoDecision& row = table[i];
        CAPTURE(row.answer);
        CHECK(&matomo_decision(matomo_facts(plays[i].answer, 4, {plays[i].proven, plays[i].spoken})) == &row);
        std::string line = "| " + std::string(row.answer) + " | " + std::string(row.meaning) + " | ";
        line += actions[static_cast<size_t>(row.action)];
        if (row.pause_after > 0) line += ", pause after " + std::to_string(row.pause_after);
        if (row.maybe_stored) line += ", ambiguous";
        if (row.overload) line += ", fewer at a time";
        if (!row.reason.empty()) line += ", dead: " + std::string(row.reason);
        const size_t found = text.find(line + " |\n", at);
        if (root) CHECK_MESSAGE(found != std::string::npos, line);
        at = found == std::string::npos ? at : found;
    }
}

TEST_CASE("the address of Matomo") {
    struct Row {
        const char *given, *tracker;
    };
    const Row rows[] = {
        {"https://m.example", "https://m.example/matomo.php"},
        {"https://m.example/", "https://m.example/matomo.php"},
        {"https://m.example/sub", "https://m.example/sub/matomo.php"},
        {"https://m.example/sub/", "https://m.example/sub/matomo.php"},
        {"https://m.example/sub/matomo.php", "https://m.example/sub/matomo.php"},
        {"http://127.0.0.1:18080", "http://127.0.0.1:18080/matomo.php"},
        {"HTTP://[::1]:80/", "http://[::1]:80/matomo.php"},
    };
    for (const Row& row : rows) {
        CAPTURE(row.given);
        CHECK(read_matomo_url(row.given).tracker == row.tracker);
    }
    for (const char* bad : {"m.example", "ftp://m.example/", "file:///etc/passwd", "", "http://",
                            "https://m.example/?a=b", "https://m.example/#x"}) {
        CAPTURE(bad);
        CHECK(has(error_of([&] { read_matomo_url(bad); }), "matomo-url cannot be used"));
    }
    const std::string words = error_of([] { read_matomo_url("https://joe:sesame@m.example/"); });
    CHECK(has(words, "user name or a password"));
    CHECK_FALSE(has(words, "sesame"));
    CHECK(read_matomo_url("http://localhost:1").loopback);
    CHECK_FALSE(read_matomo_url("http://m.example").loopback);
}

TEST_CASE("the token comes from a file or the environment, and is never told") {
    const test::TempDir dir;
    const std::string file = dir / "token";
    std::ofstream(file) << "  0123abcd\r\nsecond line\n";
    CHECK(read_token(file) == "0123abcd");
    CHECK(has(error_of([&] { read_token(dir / "none"); }), "cannot be read: No such file"));
    CHECK(has(error_of([&] { read_token(dir / "."); }), "cannot be read: Is a directory"));
    std::ofstream(dir / "empty") << "\n";
    CHECK(has(error_of([&] { read_token(dir / "empty"); }), "is empty"));
    std::ofstream(dir / "words") << "swordfish two words";
    const std::string words = error_of([&] { read_token(dir / "words"); });
    CHECK(has(words, "is no token"));
    CHECK_FALSE(has(words, "swordfish"));
    unsetenv(token_variable);
    CHECK(has(error_of([] { read_token(""); }), token_variable));
    setenv(token_variable, "fromenv", 1);
    CHECK(read_token("") == "fromenv");
    CHECK(read_token(file) == "0123abcd"); // the file goes first
    unsetenv(token_variable);
    if (geteuid() != 0) { // root reads everything
        chmod(file.c_str(), 0);
        CHECK(has(error_of([&] { read_token(file); }), "Permission denied"));
    }
}

TEST_CASE("settings that do not go together are said before a file is made") {
    const test::TempDir dir;
    unsetenv(token_variable);
    Tracker::Config config;
    const auto words = [&] { return error_of([&] { Tracker tracker(config); }); };
    CHECK(has(words(), "No database is named"));
    config.location = dir / "e.db";
    config.matomo_url = "m.example";
    CHECK(has(words(), "matomo-url cannot be used"));
    config.matomo_url = "http://127.0.0.1:9/";
    CHECK(has(words(), "site-id is not"));
    config.site = 1;
    CHECK(has(words(), "there is no token"));
    config.token_file = dir / "none";
    CHECK(has(words(), "token file"));
    CHECK(access(config.location.c_str(), F_OK) != 0);
}

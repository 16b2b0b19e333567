// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/support/command.hpp"

#include "engine/events/json_path.hpp"
#include "engine/privacy/allow_list.hpp"
#include "engine/privacy/ip_mask.hpp"
#include "engine/privacy/minimise.hpp"
#include "engine/privacy/opt_out.hpp"
#include "engine/privacy/pseudonym.hpp"
#include "engine/privacy/url_strip.hpp"

#include "common/base/error.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <sys/stat.h>
#include <vector>

using namespace onair;
using namespace onair::track;

namespace {

json::Document parsed(const std::string& text) {
    json::Document doc;
    doc.Parse<json::parse_flags>(text.data(), text.size());
    REQUIRE_FALSE(doc.HasParseError());
    return doc;
}

std::string written(const json::Value& v) {
    rapidjson::StringBuffer buffer;
    json::Writer w(buffer);
    v.Accept(w);
    return json::to_string(buffer);
}

} // namespace

TEST_CASE("IP masks: the vectors of Matomo's AnonymizeIPTest") {
    struct Row {
        const char* ip;
        std::array<const char*, 5> masked; ///< by level
    };
    const Row v4[] = {
        {"0.0.0.0", {"0.0.0.0", "0.0.0.0", "0.0.0.0", "0.0.0.0", "0.0.0.0"}},
        {"0.0.0.1", {"0.0.0.1", "0.0.0.0", "0.0.0.0", "0.0.0.0", "0.0.0.0"}},
        {"0.0.0.255", {"0.0.0.255", "0.0.0.0", "0.0.0.0", "0.0.0.0", "0.0.0.0"}},
        {"0.0.1.0", {"0.0.1.0", "0.0.1.0", "0.0.0.0", "0.0.0.0", "0.0.0.0"}},
        {"0.0.1.1", {"0.0.1.1", "0.0.1.0", "0.0.0.0", "0.0.0.0", "0.0.0.0"}},
        {"0.0.255.255", {"0.0.255.255", "0.0.255.0", "0.0.0.0", "0.0.0.0", "0.0.0.0"}},
        {"0.1.0.0", {"0.1.0.0", "0.1.0.0", "0.1.0.0", "0.0.0.0", "0.0.0.0"}},
        {"0.1.1.1", {"0.1.1.1", "0.1.1.0", "0.1.0.0", "0.0.0.0", "0.0.0.0"}},
        {"0.255.255.255", {"0.255.255.255", "0.255.255.0", "0.255.0.0", "0.0.0.0", "0.0.0.0"}},
        {"1.0.0.0", {"1.0.0.0", "1.0.0.0", "1.0.0.0", "1.0.0.0", "0.0.0.0"}},
        {"127.255.255.255", {"127.255.255.255", "127.255.255.0", "127.255.0.0", "127.0.0.0", "0.0.0.0"}},
        {"128.0.0.0", {"128.0.0.0", "128.0.0.0", "128.0.0.0", "128.0.0.0", "0.0.0.0"}},
        {"255.255.255.255", {"255.255.255.255", "255.255.255.0", "255.255.0.0", "255.0.0.0", "0.0.0.0"}},
    };
    for (const Row& row : v4)
        for (int level = 0; level <= 4; ++level) {
            CAPTURE(row.ip);
            CAPTURE(level);
            const std::string want = row.masked[static_cast<size_t>(level)];
            CHECK(mask_ip(row.ip, level) == want);
            const std::string mapped = mask_ip("::ffff:" + std::string(row.ip), level);
            CHECK(mapped == "::ffff:" + want);
        }
    const Row v6[] = {
        {"2001:db8:0:8d3:0:8a2e:70:7344",
         {"2001:db8:0:8d3:0:8a2e:70:7344", "2001:db8:0:8d3::", "2001:db8::", "2001:d00::", "::"}},
        {"2001:6f8:900:724::2", {"2001:6f8:900:724::2", "2001:6f8:900:724::", "2001:6f8:900::", "2001:600::", "::"}},
    };
    for (const Row& row : v6)
        for (int level = 0; level <= 4; ++level)
            CHECK(mask_ip(row.ip, level) == row.masked[static_cast<size_t>(level)]);
    CHECK(mask_ip("192.0.2.7", 5) == "0.0.0.0"); // more than all is all
    CHECK(mask_ip("192.0.2.7", -1) == "192.0.2.7");
    for (const char* none : {"", "192.0.2", "192.0.2.256", "localhost", "fe80::1%eth0", "1.2.3.4 "})
        CHECK(mask_ip(none, 2).empty());
}

TEST_CASE("URLs: listed parameters go, everything else stays byte by byte") {
    struct Row {
        const char *url, *stripped;
    };
    const Row rows[] = {
        {"https://h/p?a=1&gclid=X&b=2", "https://h/p?a=1&b=2"},
        {"https://h/p?gclid=X", "https://h/p"},
        {"https://h/p?GCLID=X&FbClId=y", "https://h/p"},
        {"https://h/p?%67clid=X", "https://h/p"},                      // the name is decoded first
        {"https://h/p?sid[]=1&sid[a]=2&side=3", "https://h/p?side=3"}, // PHP's arrays; no beginnings of names
        {"https://h/p?a=gclid&xgclid=1", "https://h/p?a=gclid&xgclid=1"},
        {"https://h/p?a=%20b+c&&d", "https://h/p?a=%20b+c&&d"},
        {"https://h/p;jsessionid=ABC?x=1", "https://h/p?x=1"},
        {"https://h/p;jsessionid=ABC/q;v=1", "https://h/p/q;v=1"},
        {"https://h/p?x=1;sid=2", "https://h/p?x=1"},
        {"https://h/p#part", "https://h/p#part"},
        {"https://h/p?sid=1#part", "https://h/p#part"},
        {"https://h/app#/page?sid=1&x=2", "https://h/app#/page?x=2"},
        {"https://h/app#/page?sid=1", "https://h/app#/page"},
        {"https://h/cb#sid=1", "https://h/cb"},
        {"https://joe:secret@h:8443/p?x=1", "https://h:8443/p?x=1"}, // names of people are no part of a page
        {"app:screen?sid=1", "app:screen"},
        {"//h/p?pk_vid=1", "//h/p"},
        {"/p?doing_wp_cron=1", "/p"},
        {"", ""},
    };
    const auto names = default_url_strip();
    CHECK(names.size() == 16);
    for (const Row& row : rows) {
        CAPTURE(row.url);
        CHECK(strip_query(row.url, names) == row.stripped);
        CHECK(strip_query(row.stripped, names) == row.stripped); // nothing left to do
    }
    for (const auto& name : names)
        CHECK(strip_query("https://h/p?a=1&" + name + "=x", names) == "https://h/p?a=1");
}

TEST_CASE("referrers") {
    const std::string url = "https://joe@search.example:444/find/me?q=illness#top";
    CHECK(strip_referrer(url, ReferrerMode::keep) == url);
    CHECK(strip_referrer(url, ReferrerMode::exclude_query) == "https://search.example:444/find/me");
    CHECK(strip_referrer(url, ReferrerMode::exclude_path) == "https://search.example:444/");
    CHECK(strip_referrer(url, ReferrerMode::exclude_all).empty());
    CHECK(strip_referrer("android-app:com.example", ReferrerMode::exclude_path).empty());
    for (const auto mode :
         {ReferrerMode::keep, ReferrerMode::exclude_query, ReferrerMode::exclude_path, ReferrerMode::exclude_all})
        CHECK(referrer_mode_of(to_text(mode)) == mode);
}

TEST_CASE("keyed hashes are HMAC-SHA256 of kind, colon and id") {
    const Pseudonymiser jefe(std::string_view("Jefe"));
    const Pseudonymiser other(std::string_view("jefe"));
    CHECK(jefe.hash("what do ya want for nothing?", "", 64) != jefe.hash("what do ya want for nothing", "?", 64));
    CHECK(jefe.hash("a", "b", 64) == jefe.hash("a", "b", 64));
    CHECK(jefe.hash("a", "b", 64) != other.hash("a", "b", 64));
    // python3 -c 'import hmac;print(hmac.new(b"Jefe",b"user:joe","sha256").hexdigest())'
    CHECK(jefe.hash("user", "joe", 64) == "c396cb11ac2d911f755e484e9495d997b172a32bb3dcc9fe9d4116cfab9e192e");
    CHECK(jefe.id("user", "joe") == jefe.hash("user", "joe", 64).substr(0, 32));
    CHECK(jefe.id("device", "0123456789abcdef").size() == 16); // stays a device's format
    CHECK(jefe.id("user", "joe") != jefe.id("session", "joe"));
    CHECK(Pseudonymiser::passing()->id("user", "joe") != Pseudonymiser::passing()->id("user", "joe"));
}

TEST_CASE("the key file") {
    const test::TempDir dir;
    const std::string file = dir / "db.key";
    const std::string key = read_or_make_key(file);
    CHECK(key.size() == 64);
    CHECK(read_or_make_key(file) == key);
    struct stat info {};
    REQUIRE(stat(file.c_str(), &info) == 0);
    CHECK((info.st_mode & 0777) == 0600);
    CHECK(std::distance(std::filesystem::directory_iterator(dir / ""), {}) == 1); // no draft is left

    const auto error_of = [](const std::string& f) -> std::string {
        try {
            read_or_make_key(f);
        } catch (const Error& e) {
            return std::string(e.what()) + " " + e.detail();
        }
        return {};
    };
    chmod(file.c_str(), 0644);
    CHECK(error_of(file).find("0600") != std::string::npos);
    CHECK(error_of(file).find(key) == std::string::npos);
    std::ofstream(dir / "bad") << "0123secret";
    chmod((dir / "bad").c_str(), 0600);
    CHECK(error_of(dir / "bad").find("64 hexadecimal") != std::string::npos);
    CHECK(error_of(dir / "bad").find("secret") == std::string::npos);
    CHECK(error_of(dir / "none/db.key").find("pseudonym-key-file") != std::string::npos);
    CHECK(error_of(dir / "").find("cannot be used") != std::string::npos);
}

TEST_CASE("a key is read when it is first needed, and only then") {
    int reads = 0;
    const auto key = std::make_shared<const Pseudonymiser>([&] {
        ++reads;
        return std::string("k");
    });
    OptOut out(key);
    CHECK_FALSE(out.has({.user = "joe", .device = {}, .session = {}, .visitor = {}}));
    CHECK(reads == 0);
    out.add(out.keys_of({.user = "joe", .device = {}, .session = {}, .visitor = {}}));
    CHECK(reads == 1);
    CHECK(out.has({.user = "joe", .device = {}, .session = {}, .visitor = {}}));
    CHECK(out.has({.user = key->id("user", "joe"), .device = {}, .session = {}, .visitor = {}})); // as it is stored
    CHECK(out.has({.user = "joe", .device = "0123456789abcdef", .session = {}, .visitor = {}}));
    CHECK_FALSE(out.has({.user = "ann", .device = {}, .session = {}, .visitor = {}}));
    CHECK_FALSE(out.has({.user = {}, .device = {}, .session = "joe", .visitor = {}}));
    out.remove(out.keys_of({.user = "joe", .device = {}, .session = {}, .visitor = {}}));
    CHECK_FALSE(out.has({.user = "joe", .device = {}, .session = {}, .visitor = {}}));
    CHECK(reads == 1);
}

TEST_CASE("allow-lists") {
    const std::string event =
        R"({"id":"1","type":"a.b","time":"t","subject":{"user":"joe","device":"d"},"net":{"ip":"1.2.3.4"},)"
        R"("order":{"id":"o","revenue":5,"currency":"EUR","items":[{"sku":"s1","name":"n"},{"name":"m"}]},)"
        R"("dims":{"1":"x"},"props":{"a":{"b":[1,2]}}})";
    struct Row {
        std::vector<std::string_view> paths;
        const char* left;
    };
    const Row rows[] = {
        {{}, "{}"},
        {{"type"}, R"({"type":"a.b"})"},
        {{"order.revenue"}, R"({"order":{"revenue":5}})"},
        {{"order.items.sku"}, R"({"order":{"items":[{"sku":"s1"}]}})"},
        {{"order"}, "{}"}, // an object needs ".*"
        {{"order.items"}, "{}"},
        {{"dims.*"}, R"({"dims":{"1":"x"}})"},
        {{"props.a"}, "{}"},
        {{"props.a.*"}, R"({"props":{"a":{"b":[1,2]}}})"},
        {{"props.a.b"}, "{}"}, // so does an array's content, unless it is named inside
        {{"type.x"}, "{}"},
        {{"nothing", "net.nothing"}, "{}"},
    };
    for (const Row& row : rows)
        CHECK(written(AllowList(row.paths).apply(parsed(event))) == row.left);
    CHECK(written(AllowList::profile("all")->apply(parsed(event))) == event);
    CHECK(written(AllowList::profile("purchase")->apply(parsed(event))) ==
          R"({"time":"t","subject":{"user":"joe"},"order":{"revenue":5,"currency":"EUR","items":[{"sku":"s1"}]}})");
    CHECK_FALSE(AllowList::profile("everything"));
    for (const char* bad : {"", ".a", "a.", "a..b", "a*", "*.a", "a.*.b", "a b"})
        CHECK_FALSE(is_path(bad));
    for (const char* good : {"*", "a", "a.b", "a.*", "dims.3"})
        CHECK(is_path(good));
}

TEST_CASE("what is taken from an event before it is stored") {
    const std::string event =
        R"({"type":"a.b","subject":{"user":"joe","device":"0123456789abcdef","session":"s"},)"
        R"("net":{"ip":"192.0.2.7","referrer":"https://s.example/x?q=me"},)"
        R"("action":{"url":"https://h/p?x=1&gclid=G"},"media":{"resource":"https://h/v.mp4?sid=1"},"order":{"id":"o7"}})";
    const Pseudonymiser key(std::string_view("k"));
    json::Document doc = parsed(event);
    minimise(doc, MinimiseRules{}, key);
    CHECK(written(doc) ==
          R"({"type":"a.b","subject":{"user":"joe","device":"0123456789abcdef","session":"s"},)"
          R"("net":{"ip":"192.0.0.0","referrer":"https://s.example/x"},)"
          R"("action":{"url":"https://h/p?x=1"},"media":{"resource":"https://h/v.mp4"},"order":{"id":"o7"}})");
    doc = parsed(event);
    minimise(doc, {.pseudonyms = Pseudonyms::user, .order_ids = true, .referrer = ReferrerMode::exclude_all}, key);
    CHECK(json::at(&doc, "subject.user")->GetString() == key.id("user", "joe"));
    CHECK(json::at(&doc, "subject.session")->GetString() == key.id("session", "s"));
    CHECK(std::string(json::at(&doc, "subject.device")->GetString()) == "0123456789abcdef");
    CHECK(json::at(&doc, "order.id")->GetString() == key.id("order", "o7"));
    CHECK(json::at(&doc, "net.referrer") == nullptr);
    doc = parsed(event);
    minimise(doc, {.pseudonyms = Pseudonyms::user_device}, key);
    CHECK(json::at(&doc, "subject.device")->GetString() == key.id("device", "0123456789abcdef"));
}

TEST_CASE("anonymous: no byte of the subject is left") {
    const std::string event =
        R"({"id":"joe-1","type":"a.b","time":"2026-11-24T10:00:00Z","subject":{"user":"joe"},"net":{"ip":"192.0.2.7"},)"
        R"("consent":{"analytics":"denied","source":"joe"},"props":{"mail":"joe@example.org"},"dims":{"1":"joe"},"more":"joe",)"
        R"("action":{"kind":"search","name":"joe","url":"https://joe:x@h/p?user=joe#joe"},)"
        R"("order":{"id":"joe-7","revenue":5},"media":{"resource":"https://h/v?u=joe"}})";
    const Pseudonymiser key(std::string_view("k"));
    const json::Document out = anonymised(parsed(event), MinimiseRules{}, key);
    CAPTURE(written(out));
    CHECK(json::at(&out, "order.revenue")->GetInt() == 5);
    CHECK(std::string(json::at(&out, "action.url")->GetString()) == "https://h/p");
    CHECK(std::string(json::at(&out, "id")->GetString()) == "joe-1"); // replaced by whoever gives ids (Intake)
    json::Document rest;
    rest.CopyFrom(out, rest.GetAllocator());
    rest.RemoveMember("id");
    CHECK(written(rest).find("joe") == std::string::npos);
    CHECK(written(rest).find("192.") == std::string::npos);
}

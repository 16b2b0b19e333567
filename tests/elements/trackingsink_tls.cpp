// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
// A Matomo behind https whose certificate an authority of one's own has signed.
#include "tests/support/fault_server.hpp"
#include "tests/support/track_feed.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>

using namespace onair;
using namespace onair::test;

namespace {

const std::string token = "5ecre7t0ken", event = R"({"type":"a.b","action":{"name":"x"}})"
                                                 "\n";

/// An authority and a server that it knows.
struct House {
    TempDir dir;
    Identity authority = make_certificate({.name = "our own", .from_days = -1, .to_days = 1, .authority = true});
    FaultServer server{[](const Asked&) { return well(); }, token, 0, TlsServer(make_certificate({}, &authority))};
    std::string ca_file = dir / "ca.pem";
    House() {
        std::ofstream(ca_file) << authority.certificate;
        std::ofstream(dir / "token") << token << "\n";
    }
    std::string destination(const std::string& more) const {
        return "matomo-url=" + server.url() + " site-id=3 token-file=" + (dir / "token") + " " + more;
    }
};

bool has(const std::vector<Said>& said, const std::string& text) {
    return std::any_of(said.begin(), said.end(),
                       [&](const Said& one) { return one.text.find(text) != std::string::npos; });
}

} // namespace

TEST_CASE("ca-file: the authority that is named is trusted") {
    const House house;
    TrackFeed feed(house.dir / "e.db", "application/x-ndjson", house.destination("ca-file=" + house.ca_file));
    const auto result = feed.run([&] { feed.push(event); });
    CHECK(result.eos);
    CHECK(result.warnings.empty());
    CHECK(feed.stat("delivered") == 1);
    CHECK(feed.balanced());
}

TEST_CASE("ca-file: without it nothing is told to that server; the warning says why, and what to do") {
    const House house;
    TrackFeed feed(house.dir / "e.db", "application/x-ndjson", house.destination(""));
    const auto result = feed.run([&] { feed.push(event); });
    CHECK(result.eos);
    CHECK(result.errors.empty());
    CHECK(has(result.warnings, "is not trusted ("));
    CHECK(has(result.warnings, "unable to get local issuer certificate"));
    CHECK(has(result.warnings, "ca-file"));
    CHECK(feed.stat("queued") == 1);
    CHECK(house.server.requests() == 0);
    CHECK(house.server.everything().empty());
    CHECK(feed.balanced());
}

TEST_CASE("ca-file of the policy file is its destination's alone") {
    const House house, other;
    const auto described = [&](const char* name, const House& at, const std::string& more) {
        return "\"" + std::string(name) + R"(":{"url":")" + at.server.url() + R"(","site":1,"token-file":")" +
               (at.dir / "token") + "\"" + more + "}";
    };
    std::ofstream(house.dir / "policy.json")
        << R"({"format":1,"destinations":{)" << described("trusted", house, R"(,"ca-file":")" + house.ca_file + "\"")
        << "," << described("stranger", other, R"(,"ca-file":")" + house.ca_file + "\"") << "}}";
    TrackFeed feed(house.dir / "e.db", "application/x-ndjson", "policy-file=" + (house.dir / "policy.json"));
    const auto result = feed.run([&] { feed.push(event); });
    CHECK(result.eos);
    CHECK(feed.of_destination("trusted", "delivered") == 1);
    CHECK(feed.of_destination("stranger", "queued") == 1);
    CHECK(other.server.everything().empty());
    CHECK(feed.balanced());
}

TEST_CASE("ca-file: one that cannot be used is an error at the start") {
    const House house;
    std::ofstream(house.dir / "key.pem") << house.authority.key;
    const std::pair<std::string, const char*> rows[] = {{house.dir / "gone.pem", "No such file"},
                                                        {house.dir / "key.pem", "holds no certificate"}};
    for (const auto& [file, words] : rows) {
        TrackFeed feed(house.dir / "e.db", "application/x-ndjson", house.destination("ca-file=" + file));
        const auto result = feed.run([] {});
        REQUIRE_FALSE(result.errors.empty());
        CHECK(result.errors[0].text.find("The CA file " + file + " cannot be used: ") == 0);
        CHECK_MESSAGE(result.errors[0].text.find(words) != std::string::npos, result.errors[0].text);
    }
    CHECK_FALSE(std::filesystem::exists(house.dir / "e.db")); // settings first
}

TEST_CASE("ca-file holds for questions too (ambiguous-policy=verify)") {
    const House house;
    FaultServer server(
        [](const Asked& asked) {
            Play play = well();
            if (asked.number == 0)
                play = {.name = "cut", .status = "", .body = {}, .commit = Play::Commit::all, .end = Play::End::reset};
            return play;
        },
        token, 0, TlsServer(make_certificate({}, &house.authority)));
    TrackFeed feed(house.dir / "e.db", "application/x-ndjson",
                   "matomo-url=" + server.url() + " site-id=3 token-file=" + (house.dir / "token") +
                       " ca-file=" + house.ca_file + " ambiguous-policy=verify id-dimension=1");
    CHECK(feed.run([&] {
                  feed.push(R"({"id":"e0","type":"a.b"})"
                            "\n");
              })
              .eos);
    CHECK(feed.stat("delivered") == 1);
    CHECK(server.books().at("e0") == 1);
    CHECK(feed.balanced());
}

// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
// Who is told anything over TLS. The servers' certificates are made here.
#include "tests/support/command.hpp"
#include "tests/support/fault_server.hpp"

#include "engine/delivery/http_transport.hpp"
#include "engine/delivery/senders/matomo_answer.hpp"
#include "engine/messages.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <fstream>
#include <openssl/ssl.h>
#include <string>

using namespace onair;
using namespace onair::test;
using track::Answer;

namespace {

const std::string body = R"({"token_auth":"5ecre7t0ken","requests":[{"idsite":1,"cid":"0123456789abcdef"}]})";

struct Authority {
    explicit Authority(const std::string& name)
        : identity(make_certificate({.name = name, .from_days = -1, .to_days = 1, .authority = true})) {
        std::ofstream(file) << identity.certificate;
    }
    Identity identity;
    TempDir dir;
    std::string file = dir / "ca.pem";
};

Answer post(const FaultServer& server, const std::string& ca_file) {
    track::HttpTransport transport({.connect_us = 5'000'000, .request_us = 5'000'000});
    return post_once(transport, {.url = server.url() + "/matomo.php", .body = body, .ca_file = ca_file});
}

} // namespace

TEST_CASE("a server that cannot show who it is is told nothing, and the operator is told why") {
    const Authority ours("ours"), other("another"), renewed("ours");
    struct Row {
        const char* name;
        Identity identity;
        std::string ca_file, words;
    };
    const auto by_us = [&](const Claims& claims) { return make_certificate(claims, &ours.identity); };
    const Row rows[] = {
        {"self-signed", make_certificate({}), {}, "self"},
        {"self-signed, another authority is named", make_certificate({}), ours.file, "self"},
        {"an authority that the system does not know", by_us({}), {}, "issuer"},
        {"an authority that is not the one that is named", by_us({}), other.file, "issuer"},
        {"another host's", by_us({.name = "DNS:matomo.example"}), ours.file, "127.0.0.1"},
        {"another address's", by_us({.name = "IP:127.0.0.2"}), ours.file, "127.0.0.1"},
        {"expired", by_us({.name = "IP:127.0.0.1", .from_days = -3, .to_days = -1}), ours.file, "expired"},
        {"not valid yet", by_us({.name = "IP:127.0.0.1", .from_days = 1, .to_days = 3}), ours.file, "not yet valid"},
    };
    for (const Row& row : rows) {
        CAPTURE(std::string(row.name));
        const FaultServer server([](const Asked&) { return well(); }, "5ecre7t0ken", 0, TlsServer(row.identity));
        const Answer answer = post(server, row.ca_file);
        CHECK(answer.kind == Answer::Kind::tls);
        CHECK(server.requests() == 0);
        CHECK(server.everything().empty());
        const auto verdict = track::judge_matomo(answer, 1, {.proven = true});
        CHECK(verdict.action == track::Action::pause);
        CHECK_FALSE(verdict.maybe_stored);
        const std::string told = track::error(*verdict.say, {"m", verdict.args.at(0)}).what();
        CHECK_MESSAGE(told.find(row.words) != std::string::npos, told);
        CHECK(told.find("ca-file") != std::string::npos);
    }
    // One with another key and the same name: OpenSSL says that a signature is wrong, not that it trusts nobody.
    const FaultServer server([](const Asked&) { return well(); }, "5ecre7t0ken", 0, TlsServer(by_us({})));
    CHECK(post(server, renewed.file).kind != Answer::Kind::http);
    CHECK(server.everything().empty());
}

TEST_CASE("a server whose authority is named is sent to, by TLS 1.2 and newer") {
    const Authority ours("ours");
    const Identity identity = make_certificate({}, &ours.identity);
    for (const int newest : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        const FaultServer server([](const Asked&) { return well(); }, "5ecre7t0ken", 0, TlsServer(identity, newest));
        const Answer answer = post(server, ours.file);
        CAPTURE(answer.words);
        CHECK(answer.kind == Answer::Kind::http);
        CHECK(track::judge_matomo(answer, 1, {}).action == track::Action::delivered);
        CHECK(server.everything().find("5ecre7t0ken") != std::string::npos);
    }
    for (const int newest : {TLS1_VERSION, TLS1_1_VERSION}) {
        const FaultServer server([](const Asked&) { return well(); }, "5ecre7t0ken", 0, TlsServer(identity, newest));
        CHECK(post(server, ours.file).kind == Answer::Kind::not_sent);
        CHECK(server.everything().empty());
    }
}

TEST_CASE("an authority for one destination is none for another: kept connections and sessions are not shared") {
    const Authority ours("ours"), other("another");
    const FaultServer server([](const Asked&) { return well(); }, "5ecre7t0ken", 0,
                             TlsServer(make_certificate({}, &ours.identity)));
    track::HttpTransport transport;
    const auto send = [&](const std::string& ca_file) {
        return post_once(transport, {.url = server.url() + "/matomo.php", .body = body, .ca_file = ca_file}).kind;
    };
    CHECK(send(ours.file) == Answer::Kind::http);
    CHECK(send(other.file) == Answer::Kind::tls);
    CHECK(send({}) == Answer::Kind::tls);
    CHECK(send(ours.file) == Answer::Kind::http);
    CHECK(server.requests() == 2);
}

TEST_CASE("an authority file that is gone or broken sends nothing") {
    const Authority ours("ours");
    const FaultServer server([](const Asked&) { return well(); }, "5ecre7t0ken", 0,
                             TlsServer(make_certificate({}, &ours.identity)));
    CHECK(post(server, ours.dir / "gone.pem").kind == Answer::Kind::tls);
    std::ofstream(ours.dir / "broken.pem") << "-----BEGIN CERTIFICATE-----\nnone\n-----END CERTIFICATE-----\n";
    CHECK(post(server, ours.dir / "broken.pem").kind == Answer::Kind::tls);
    CHECK(server.everything().empty());
}

TEST_CASE("from https to http: not followed") {
    const Authority ours("ours");
    const FaultServer plain([](const Asked&) { return well(); });
    const FaultServer server(
        [&](const Asked& asked) {
            return Play{.status = asked.number % 2 ? "307 Temporary Redirect" : "301 Moved Permanently",
                        .headers = "Location: " + plain.url() + "/matomo.php",
                        .body = {}};
        },
        "5ecre7t0ken", 0, TlsServer(make_certificate({}, &ours.identity)));
    for (const int status : {301, 307}) {
        const Answer answer = post(server, ours.file);
        CHECK(answer.status == status);
        CHECK(track::judge_matomo(answer, 1, {.proven = true}).action == track::Action::pause);
    }
    CHECK(plain.requests() == 0);
}

// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/support/command.hpp"
#include "tests/support/http_server.hpp"
#include "tests/support/track_fakes.hpp"

#include "engine/delivery/http_transport.hpp"
#include "engine/delivery/senders/matomo.hpp"
#include "engine/events/json.hpp"
#include "engine/tracker.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <fstream>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

using namespace onair;
using namespace onair::track;
using test::http_answer;
using test::HttpServer;

namespace {

const std::string body = R"({"token_auth":"t0ken","requests":[]})";

Answer post(const HttpServer& server, const Timing& timing = {}) {
    HttpTransport transport(timing);
    return post_once(transport, {.url = server.url() + "/matomo.php", .body = body});
}

} // namespace

TEST_CASE("an answer is taken whole, and the request is what Matomo wants") {
    const HttpServer server([](const auto&) {
        return http_answer("503 Busy", "{}", "Content-Type: application/json; charset=utf-8\r\nRetry-After: 17\r\n");
    });
    const Answer answer = post(server);
    CHECK(answer.kind == Answer::Kind::http);
    CHECK(answer.status == 503);
    CHECK(answer.retry_after_s == 17);
    CHECK(answer.content_type == "application/json; charset=utf-8");
    CHECK(answer.body == "{}");
    const std::string request = server.requests().at(0);
    CHECK(request.starts_with("POST /matomo.php HTTP/1.1\r\n"));
    CHECK(request.find("Content-Type: application/json\r\n") != std::string::npos);
    CHECK(request.find("Expect") == std::string::npos);
    CHECK(request.find("Encoding") == std::string::npos);
    CHECK(request.ends_with(body));
    CHECK(request.find("t0ken") > request.find("\r\n\r\n")); // only in the body
}

TEST_CASE("a redirect is not followed: the token stays here") {
    const HttpServer other([](const auto&) { return http_answer("200 OK", "{}"); });
    const HttpServer server([&](const auto&) {
        return http_answer("307 Temporary Redirect", "", "Location: " + other.url() + "/matomo.php\r\n");
    });
    CHECK(post(server).status == 307);
    CHECK(other.requests().empty());
}

TEST_CASE("what is known to be unsent, and what is not known") {
    std::string dead;
    {
        const HttpServer server([](const auto&) { return ""; });
        dead = server.url();
    }
    HttpTransport nobody;
    Answer answer = post_once(nobody, {.url = dead, .body = body});
    CHECK(answer.kind == Answer::Kind::not_sent);
    CHECK_FALSE(answer.words.empty());

    const HttpServer closes([](const auto&) { return ""; });
    CHECK(post(closes).kind == Answer::Kind::ambiguous);
    const HttpServer half([](const auto&) { return http_answer("200 OK", "{}").substr(0, 30); });
    CHECK(judge_matomo(post(half), 1, {.proven = true}).maybe_stored); // to libcurl this is an answer
    const HttpServer cut([](const auto&) {
        const std::string whole = http_answer("200 OK", R"({"status":"success","tracked":1,"invalid":0})");
        return whole.substr(0, whole.size() - 10);
    });
    CHECK(post(cut).kind == Answer::Kind::ambiguous);
    std::atomic<bool> released{false};
    {
        const HttpServer slow([&](const auto&) {
            while (!released)
                std::this_thread::sleep_for(std::chrono::milliseconds(1));
            return http_answer("200 OK", "{}");
        });
        CHECK(post(slow, {.connect_us = 1'000'000, .request_us = 500'000}).kind == Answer::Kind::ambiguous);
        released = true;
    }
    const HttpServer endless([](const auto&) { return http_answer("200 OK", std::string(3 << 20, 'x')); });
    CHECK(post(endless).kind == Answer::Kind::ambiguous);
}

TEST_CASE("a kept connection that breaks without an answer: the request is not sent again behind our back") {
    // One connection after the other; on each the first request is answered, the second is read and the connection cut.
    const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    REQUIRE(bind(socket, reinterpret_cast<sockaddr*>(&address), size) == 0);
    REQUIRE(listen(socket, 4) == 0);
    getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size);
    std::atomic<int> requests{0};
    const auto read_one = [](int peer) {
        std::string text;
        char buffer[4096];
        while (!text.ends_with(body)) {
            const ssize_t n = recv(peer, buffer, sizeof buffer, 0);
            if (n <= 0) return false;
            text.append(buffer, static_cast<size_t>(n));
        }
        return true;
    };
    std::thread server([&] {
        for (;;) {
            const int peer = accept(socket, nullptr, nullptr);
            if (peer < 0) return;
            for (int i = 0; i < 2 && read_one(peer); ++i) {
                ++requests;
                const std::string answer =
                    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}";
                if (i == 0) send(peer, answer.data(), answer.size(), MSG_NOSIGNAL);
            }
            close(peer);
        }
    });
    auto kept = std::make_unique<HttpTransport>();
    HttpTransport& transport = *kept;
    const std::string url = "http://127.0.0.1:" + std::to_string(ntohs(address.sin_port)) + "/matomo.php";
    CHECK(post_once(transport, {.url = url, .body = body}).status == 200);
    CHECK(post_once(transport, {.url = url, .body = body}).kind == Answer::Kind::ambiguous);
    CHECK(requests == 2);
    CHECK(post_once(transport, {.url = url, .body = body}).status == 200);
    CHECK(requests == 3);
    kept.reset(); // its connection ends
    shutdown(socket, SHUT_RDWR);
    server.join();
    close(socket);
}

TEST_CASE("many at a time; each gets its own answer, an abort ends them all") {
    std::atomic<bool> released{false};
    const HttpServer slow([&](const auto&) {
        while (!released)
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        return http_answer("200 OK", "{}");
    });
    const HttpServer fast(
        [](const std::string& request) { return http_answer("200 OK", request.substr(request.find("\r\n\r\n") + 4)); });
    HttpTransport transport;
    transport.start(1, {.url = slow.url(), .body = "slow"});
    std::map<uint64_t, Answer> answers;
    for (uint64_t i = 2; i < 10; ++i)
        transport.start(i, {.url = fast.url(), .body = std::to_string(i)});
    while (answers.size() < 8)
        for (auto& [id, answer] : transport.wait(-1))
            answers[id] = answer;
    for (const auto& [id, answer] : answers)
        CHECK(answer.body == std::to_string(id));
    CHECK(answers.count(1) == 0);
    transport.wake();
    CHECK(transport.wait(-1).empty()); // woken, without an answer
    transport.abort();
    const auto ended = transport.wait(-1);
    REQUIRE(ended.size() == 1);
    CHECK(ended[0].id == 1);
    CHECK(ended[0].answer.kind == Answer::Kind::ambiguous); // it went out
    released = true;
}

TEST_CASE("a server without TLS, or an abort, has nothing") {
    const HttpServer plain([](const auto&) { return "no TLS here"; });
    std::string url = plain.url();
    url.replace(0, 4, "https");
    HttpTransport impatient({.connect_us = 1'000'000, .request_us = 2'000'000});
    const Answer answer = post_once(impatient, {.url = url, .body = body});
    CHECK(answer.kind != Answer::Kind::http);
    CHECK(answer.kind != Answer::Kind::ambiguous);
    for (const std::string& said : plain.requests()) // none at all where there are no certificates to check against
        CHECK(said.find("t0ken") == std::string::npos);
    HttpTransport transport;
    transport.abort();
    CHECK(post_once(transport, {.url = plain.url(), .body = body}).kind == Answer::Kind::not_sent);
}

TEST_CASE("the whole engine: pushed, committed, delivered over HTTP, once") {
    const test::TempDir dir;
    std::ofstream(dir / "token") << "t0ken\n";
    int calls = 0;
    const HttpServer server([&](const std::string& request) {
        if (++calls == 1) return http_answer("503 Busy", "");
        json::Document doc;
        doc.Parse(request.substr(request.find("\r\n\r\n") + 4).c_str());
        return http_answer("200 OK", test::success(doc["requests"].Size()).body);
    });
    Tracker::Config config;
    config.location = dir / "e.db";
    config.source = "gst://h/p/e";
    config.matomo_url = server.url();
    config.site = 1;
    config.token_file = dir / "token";
    int warnings = 0;
    config.warn = [&](const Error&) { ++warnings; };
    Tracker tracker(config);
    Arrival arrival;
    arrival.recv_us = SystemClock().utc_us();
    for (int i = 0; i < 300; ++i)
        CHECK(tracker.push(R"({"type":"a.b","pts":)" + std::to_string(i) + "}", arrival) == Recorder::Result::ok);
    CHECK(tracker.commit() == Recorder::Result::ok);
    CHECK(tracker.books().stored == 300);
    CHECK(tracker.drain());
    tracker.close();
    const Books books = tracker.books();
    CHECK(books.received == 300);
    CHECK(books.pending == 0);
    CHECK(books.all().delivered == 300);
    CHECK(books.all().queued == 0);
    CHECK(warnings == 1);
    CHECK(tracker.push("{}", arrival) == Recorder::Result::failed); // closed
}

TEST_CASE("plain http to another host is warned of") {
    const test::TempDir dir;
    std::ofstream(dir / "token") << "t0ken\n";
    std::vector<std::string> warnings;
    std::mutex lock;
    Tracker::Config config;
    config.location = dir / "e.db";
    config.matomo_url = "http://0.0.0.0:9/"; // this machine, but not by a name that says so
    config.site = 1;
    config.token_file = dir / "token";
    config.warn = [&](const Error& e) {
        const std::lock_guard guard(lock);
        warnings.push_back(e.what());
    };
    { Tracker tracker(config); }
    REQUIRE_FALSE(warnings.empty());
    CHECK(warnings[0].find("plain http to 0.0.0.0:9") != std::string::npos);
    CHECK(warnings[0].find("t0ken") == std::string::npos);
}

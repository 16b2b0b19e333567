// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "tests/support/listen.hpp"

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace onair::test {

/// A fault server on 127.0.0.1: one request a connection, answered with the bytes that `answer` gives, after which the
/// connection is closed. Bytes that are no HTTP, half answers and none at all ("" just closes) are all fine.
class HttpServer {
  public:
    using AnswerFn = std::function<std::string(const std::string& request)>;

    /// `port`: 0 for any that is free.
    explicit HttpServer(AnswerFn answer, uint16_t port = 0)
        : answer_(std::move(answer)), listening_(listen_on_loopback(port, 16)) {
        thread_ = std::thread([this] { run(); });
    }
    ~HttpServer() {
        stopping_ = true;
        thread_.join();
        close(listening_.socket);
    }
    HttpServer(const HttpServer&) = delete;
    HttpServer& operator=(const HttpServer&) = delete;

    uint16_t port() const { return listening_.port; }
    std::string url() const { return "http://127.0.0.1:" + std::to_string(listening_.port); }
    std::vector<std::string> requests() const {
        const std::lock_guard guard(lock_);
        return requests_;
    }

  private:
    void run() {
        while (!stopping_) {
            pollfd wait{listening_.socket, POLLIN, 0};
            if (poll(&wait, 1, 20) <= 0) continue;
            const int peer = accept(listening_.socket, nullptr, nullptr);
            if (peer < 0) continue;
            const std::string request = read_request(peer);
            {
                const std::lock_guard guard(lock_);
                requests_.push_back(request);
            }
            const std::string bytes = answer_(request);
            for (size_t at = 0; at < bytes.size();) {
                const ssize_t n = send(peer, bytes.data() + at, bytes.size() - at, MSG_NOSIGNAL);
                if (n <= 0) break;
                at += static_cast<size_t>(n);
            }
            close(peer);
        }
    }

    std::string read_request(int peer) const {
        std::string text;
        std::array<char, 65536> buffer{};
        for (;;) {
            const size_t head = text.find("\r\n\r\n");
            if (head != std::string::npos) {
                const size_t at = text.find("Content-Length: ");
                const size_t length = at == std::string::npos ? 0 : std::stoul(text.substr(at + 16));
                if (text.size() >= head + 4 + length) return text;
            }
            const ssize_t n = recv(peer, buffer.data(), buffer.size(), 0);
            if (n <= 0) return text;
            text.append(buffer.data(), static_cast<size_t>(n));
            if (text[0] < 'A' || text[0] > 'Z') return text; // no HTTP: a TLS greeting
        }
    }

    AnswerFn answer_;
    Listening listening_;
    mutable std::mutex lock_;
    std::vector<std::string> requests_;
    std::atomic<bool> stopping_{false};
    std::thread thread_;
};

inline std::string http_answer(const std::string& status, const std::string& body,
                               const std::string& headers = "Content-Type: application/json\r\n") {
    return "HTTP/1.1 " + status + "\r\n" + headers +
           "Connection: close\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

} // namespace onair::test

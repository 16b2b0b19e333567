// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace onair::track {

/// What came of one POST.
struct Answer {
    enum class Kind {
        http,      ///< an answer came: `status` and so on
        not_sent,  ///< the server cannot have the request (no connection, or cut off in the middle of it)
        tls,       ///< the server's certificate is not trusted; nothing was sent
        ambiguous, ///< the request went out, no whole answer came
    };
    Kind kind = Kind::http;
    int status = 0;
    std::string content_type;
    std::string body;
    int retry_after_s = 0; ///< 0: the server did not say
    std::string words;     ///< the library's own, where no answer came
};

/// One POST.
struct Request {
    std::string url;
    std::string body;
    const char* type = "application/json"; ///< of the body
    size_t max_answer = 1u << 20;          ///< bytes; a longer answer counts as none
    std::string ca_file = {};              ///< PEM: the authorities that are trusted; empty: the system's
};

/// Sends requests, many at a time. Used by one thread; wake() and abort() by any.
class Transport {
  public:
    struct Done {
        uint64_t id;
        Answer answer;
    };

    virtual ~Transport() = default;
    /// Begins to send; `id` comes back with the answer. Every request gets one.
    virtual void start(uint64_t id, Request request) = 0;
    /// Waits until an answer is there or wake() is called, at most `longest_us` (negative: for as long as it takes).
    virtual std::vector<Done> wait(int64_t longest_us) = 0;
    virtual void wake() {}
    virtual void abort() {} ///< ends the requests under way and all further ones
};

} // namespace onair::track

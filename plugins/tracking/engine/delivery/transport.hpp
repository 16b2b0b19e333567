// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <string>

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

/// Sends one JSON body. Used by one thread; abort() by any.
class Transport {
  public:
    virtual ~Transport() = default;
    virtual Answer post(const std::string& url, const std::string& body) = 0;
    virtual void abort() {} ///< ends the request under way and all further ones
};

} // namespace onair::track

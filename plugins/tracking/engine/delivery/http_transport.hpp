// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/delivery/transport.hpp"

#include <atomic>
#include <memory>
#include <string>

namespace onair::track {

/// HTTP by libcurl: TLS verified, redirects not followed, no Expect, the connection kept. Answers over 1 MiB are cut
/// off.
class HttpTransport : public Transport {
  public:
    struct Timeouts {
        long connect_ms = 10000;
        long total_ms = 60000;
    };

    explicit HttpTransport(Timeouts timeouts);
    HttpTransport() : HttpTransport(Timeouts{}) {}
    ~HttpTransport() override;

    Answer post(const std::string& url, const std::string& body) override;
    void abort() override { aborted_ = true; }

  private:
    struct Handle;
    std::unique_ptr<Handle> handle_;
    Timeouts timeouts_;
    std::atomic<bool> aborted_{false};
};

} // namespace onair::track

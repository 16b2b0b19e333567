// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/delivery/timing.hpp"
#include "engine/delivery/transport.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace onair::track {

/// HTTP by libcurl's multi interface: TLS 1.2 or newer, verified, redirects not followed, no Expect, connections kept
/// for a few seconds. A request is sent once: libcurl would send it again by itself when a kept connection breaks
/// without an answer, and nobody would know that it may have been taken twice.
class HttpTransport : public Transport {
  public:
    explicit HttpTransport(const Timing& timing = {});
    ~HttpTransport() override;

    void start(uint64_t id, Request request) override;
    std::vector<Done> wait(int64_t longest_us) override;
    void wake() override;
    void abort() override;

  private:
    struct Transfer;
    struct Multi;
    std::unique_ptr<Multi> multi_;
    Timing timing_;
};

/// One request on the caller's thread.
Answer post_once(Transport& transport, Request request);

} // namespace onair::track

// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <string>

namespace onair::track {

struct MatomoUrl {
    std::string tracker; ///< what is posted to: …/matomo.php
    std::string host;    ///< with the port where one was given; for messages
    bool encrypted = false;
    bool loopback = false;
    std::string api = {}; ///< of reports: …/index.php
};

/// Reads the base address of a Matomo: http or https, with or without '/' at the end, or ending in matomo.php.
/// Throws Error(settings): no host, another scheme, a user or password in it, a query.
MatomoUrl read_matomo_url(const std::string& text);

} // namespace onair::track

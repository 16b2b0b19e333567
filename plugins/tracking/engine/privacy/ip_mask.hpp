// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <string>
#include <string_view>

namespace onair::track {

/// The address with its end zeroed, as Matomo does it byte by byte (matomo/network, plugin PrivacyManager):
///
/// | level | IPv4    | IPv6 keeps | ::ffff:a.b.c.d     |
/// |-------|---------|------------|--------------------|
/// | 0     | a.b.c.d | all        | all                |
/// | 1     | a.b.c.0 | /64        | last byte zeroed   |
/// | 2     | a.b.0.0 | /48        | last two           |
/// | 3     | a.0.0.0 | /24        | last three         |
/// | 4     | 0.0.0.0 | nothing    | last four          |
///
/// Levels above 4 count as 4, below 0 as 0. Empty when `ip` is no address.
std::string mask_ip(std::string_view ip, int level);

} // namespace onair::track

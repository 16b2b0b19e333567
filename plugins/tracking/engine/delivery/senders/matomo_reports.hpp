// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/delivery/transport.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace onair::track {

/// How many of each kind: events, pages, downloads, outlinks, searches, goals, orders.
using KindCounts = std::map<std::string, int64_t, std::less<>>;

/// The count that an event of this `action.kind` is in, with or without an `action.url`; empty: Matomo's reports have
/// none for it.
std::string_view count_of_kind(std::string_view kind, bool has_url);

/// What Matomo's reports say of a period. `request`: the call of a method, see matomo_api_form(). Throws
/// Error(read) in Matomo's own words.
KindCounts read_matomo_reports(const std::function<Answer(std::string_view method, std::string_view more)>& call,
                               const std::string& host);

} // namespace onair::track

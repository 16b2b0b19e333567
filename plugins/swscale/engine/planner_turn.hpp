// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/planner.hpp"

#include <functional>
#include <vector>

/// The planner's part about orientations, and what both parts share.
namespace onair::sws {

/// The least depth of planar formats that holds `depth`.
int planar_depth(int depth, bool alpha);
/// The most bits that a colour's component has.
int deepest(const Format& format);
/// Only quality that belongs to an own pass between others: no dither, the alpha as it is.
Quality between(Quality quality);

/// The stages that turn the picture, and those that `rest` makes of the upright request that is left.
std::vector<Stage> turn_first(Request request, const std::function<std::vector<Stage>(const Request&)>& rest);

} // namespace onair::sws

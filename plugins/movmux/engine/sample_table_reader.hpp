// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/box_reader.hpp"
#include "engine/sample_index.hpp"

#include <cstdint>
#include <functional>

namespace onair::mov {

/// The samples that the movie box tells of a track, in decoding order, one after another. The tables: sample_table.hpp.
/// Throws Error(format) for tables that contradict one another.
void read_sample_table(const Box& stbl, const std::function<void(const Sample& sample, uint64_t position)>& take);

} // namespace onair::mov

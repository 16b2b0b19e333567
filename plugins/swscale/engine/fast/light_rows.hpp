// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <bit>
#include <cstddef>
#include <cstdint>

/// Functions on 0 … 1 as tables with straight lines between, over rows of numbers; what lies outside is clipped.
///
/// | index   | the table's arguments                                                | for curves that      |
/// |---------|----------------------------------------------------------------------|----------------------|
/// | root    | (i / 8192)^2                                                         | are flat near 0      |
/// | octaves | 2^-48 upwards, 128 to an octave: the upper bits of a float, no root  | are steep near 0     |
namespace onair::sws::fast {

enum class TableIndex { root, octaves };

constexpr size_t root_size = 8192;
constexpr int octaves = 48, log2_per_octave = 7;
constexpr size_t octaves_size = size_t{octaves} << log2_per_octave;
constexpr size_t table_entries = root_size + 2; ///< the last argument is 1, and once more

/// Where the octaves begin, as bits of a float.
constexpr uint32_t first_octave = std::bit_cast<uint32_t>(1.0F) - (uint32_t{octaves} << 23);
constexpr int cut_mantissa = 23 - log2_per_octave; ///< bits that say where between two entries

void look_up(float* row, const float* table, TableIndex index, size_t count);

/// Three rows clipped to 0 … 1, then times ratio(m): m is their weighted sum, or the largest where all weights are 0.
/// `ratio` is a table of octaves.
void gain(float* a, float* b, float* c, const float weights[3], const float* ratio, size_t count);

} // namespace onair::sws::fast

// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/fast/matrix_rows.hpp"

/// Chroma between its own grid and luma's, for the matrix: linear (docs/specs/conversion.md, Chroma grid), with bits
/// below a code value so that nothing is rounded before the matrix. Samples have 16 bits with their sign.
namespace onair::sws::fast {

/// Rows to a row between them: out = (weight[0] * a + weight[1] * b + add) >> down, in 16 bits (what runs over on the
/// way comes back by `add`).
struct RowBlend {
    std::array<int16_t, 2> weight{{1, 0}}; ///< weight[1] 0: one row
    int16_t add = 0;                       ///< takes the middle of chroma away, and rounds
    int down = 0;
};
void blend_rows(const RowBlend& blend, const InRow* rows, int16_t* out, size_t count);

/// Where samples lie that are half as many as luma's.
enum class Site { cosited, centred };

/// `inputs` samples to `outputs` (2 * inputs, or one less) of four times their value, `down` bits less, rounded.
/// Cosited: c, (c + d) / 2. Centred: (b + 3 c) / 4, (3 c + d) / 4. The outermost repeat.
void double_columns(Site site, int down, const int16_t* in, size_t inputs, int16_t* out, size_t outputs);

/// `inputs` samples to half as many (rounded up). Cosited: [1 2 1], centred: [1 3 3 1].
///
/// Unsigned samples of up to 12 bits give the sum, 4 or 8 times their value; those with a sign (`guarded`, within
/// ±16384) the mean, with up to one unit of error in the last of their bits.
void halve_columns(Site site, bool guarded, const InRow& in, size_t inputs, int16_t* out);

} // namespace onair::sws::fast

// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/fast/grid_rows.hpp"

/// Y'CbCr of half as many chroma columns to R'G'B' of 8 bits by products and sums of 16 bits alone: half the work of
/// double_columns() and mix_words(). Pixels of even and odd columns go apart, so nothing is interleaved but bytes.
namespace onair::sws::fast {

/// Products and the rounding have 6 bits below a code value.
struct HalfMatrix {
    int first_shift = 7;                   ///< brings Y' to 15 bits
    int16_t y = 0, rv = 0, gu = 0, gv = 0; ///< half of the factor, in 1/32768
    int16_t bu = 0;                        ///< (half of the factor - 1/2), in 1/32768: it may be 1 and more
    int16_t add = 0;
};

struct HalfColour {
    InRow luma;
    const int16_t *cb = nullptr, *cr = nullptr; ///< centred, of 13 bits with the sign; (outputs + 1) / 2 of them
};

/// out: R, G and B. `rounding.words` counts in 1/64 of a code.
void mix_halves(const HalfMatrix& m, Site site, const HalfColour& in, uint8_t* const* out, const MixRounding& rounding,
                size_t outputs);

} // namespace onair::sws::fast

// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/fast/grid_rows.hpp"
#include "engine/fast/rgb_rows.hpp"

/// Y'CbCr of half as many chroma columns to R'G'B' of 8 bits by products and sums of 16 bits alone. What chroma adds to
/// R, G and B (a tint) is worked out by its own columns, brought to luma's as a mean of neighbours, and added there:
/// all of it is linear, so the order is free, and this one multiplies the least.
namespace onair::sws::fast {

/// Products have 6 bits below a code value.
struct HalfMatrix {
    static constexpr int below = 6;
    static constexpr int16_t zero = 320 << below; ///< of tints, and more than any of them or of luma is off zero
    int luma_up = 8;                              ///< brings Y' to 16 bits
    uint16_t y = 0;                               ///< of Y', in 1/65536
    std::array<uint16_t, 2> y_add{}; ///< to Y' of 16 bits, in even and odd columns: the bits of `add` below its last,
                                     ///< and what floors and means are off
    int16_t rv = 0, gu = 0, gv = 0;  ///< half of the factor, in 1/32768
    int16_t bu = 0;                  ///< (half of the factor - 1/2), in 1/32768: it may be 1 and more
    int16_t add = 0;
};

/// Tints of R, G and B. Have memory for a vector of 64 bytes behind their samples, and a sample before them.
using Tints = std::array<uint16_t*, 3>;

/// From chroma, centred, of 15 bits with the sign, whose rows are as long. The outermost tints are repeated on both
/// sides.
void make_tints(const HalfMatrix& m, const int16_t* cb, const int16_t* cr, const Tints& out, size_t count);

struct HalfColour {
    InRow luma;
    Tints tints; ///< (outputs + 1) / 2 of each
};

/// out: R, G and B. `rounding.words` counts in 1/64 of a code.
void mix_halves(const HalfMatrix& m, Site site, const HalfColour& in, uint8_t* const* out, const MixRounding& rounding,
                size_t outputs);

/// The same as pixels of four bytes, the fourth 255; past the caches with `stream` (finish_streams() before another
/// thread reads). Only for offsets that are_in_turn().
void mix_halves_to_pixels(const HalfMatrix& m, Site site, const HalfColour& in, const PixelOffsets& offsets,
                          bool stream, uint8_t* out, const MixRounding& rounding, size_t outputs);
/// R G B or B G R without a gap.
constexpr bool are_in_turn(const PixelOffsets& o) {
    return o[1] - o[0] == o[2] - o[1] && (o[1] - o[0] == 1 || o[1] - o[0] == -1);
}

} // namespace onair::sws::fast

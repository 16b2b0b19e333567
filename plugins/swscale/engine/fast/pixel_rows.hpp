// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/fast/grid_rows.hpp"

/// The matrix straight from pixels of four bytes: the same sums, and so the same bytes, as unpack_rgb(),
/// halve_columns() and mix_words() give one after the other, in half the time. A pixel is two pairs of 16 bits already.
namespace onair::sws::fast {

/// Where R, G and B lie in a pixel of four bytes.
using PixelOffsets = std::array<int, 3>;

/// `m` has one output.
void mix_pixels(const WordMatrix& m, const PixelOffsets& offsets, const uint8_t* pixels, const OutRow& out,
                const MixRounding& rounding, size_t count);

/// `inputs` pixels to half as many samples (rounded up) of both of m's outputs, which are made of sums of 4 (cosited)
/// or 8 (centred) pixels.
void mix_halved_pixels(const WordMatrix& m, const PixelOffsets& offsets, Site site, const uint8_t* pixels,
                       size_t inputs, const OutRow* out, const MixRounding& rounding);

} // namespace onair::sws::fast

// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/fast/grid_rows.hpp"
#include "engine/fast/rgb_rows.hpp"

/// The matrix straight from pixels of four bytes, luma and chroma at once: sums of pixels are exact, and the matrix
/// comes behind them. A pixel is two pairs of 16 bits already.
namespace onair::sws::fast {

struct PixelMatrix {
    PixelOffsets offsets{};
    Site site = Site::cosited;
    WordMatrix luma;   ///< one output
    WordMatrix chroma; ///< two, of sums of 4 (cosited) or 8 (centred) pixels of a row; with rows by PairWeights, of 16
                       ///< times that
};

struct PixelRow {
    const uint8_t* pixels = nullptr;
    OutRow luma;
    const MixRounding* rounding = nullptr;
    bool streams = false; ///< past the caches, where luma lies so that it can be; finish_streams() then
};
/// A row of Cb and of Cr, each half as long (rounded up).
struct ChromaRow {
    std::array<OutRow, 2> out;
    const MixRounding* rounding = nullptr;
    bool streams = false;
};

/// A row of `count` pixels to luma and 4:2:2 chroma: the same bytes as unpack_rgb(), halve_columns() and mix_words()
/// give one after the other.
void mix_pixels(const PixelMatrix& m, const PixelRow& row, const ChromaRow& chroma, size_t count);

/// What each of four rows 2c - 1 … 2c + 2 counts in chroma row c, in sixteenths.
using PairWeights = std::array<uint16_t, 4>;

/// Words that the sums of rows of `count` pixels need.
constexpr size_t pair_sums(size_t count) { return 2 * count + 2 * 64; }

/// Rows 2c + 1 and 2c + 2 to luma, and to chroma row c. `sums` holds what rows 2c - 1 and 2c have to do with it, from
/// the call before; then what these rows have to do with the next one.
void mix_pixel_pairs(const PixelMatrix& m, const PairWeights& weights, const std::array<PixelRow, 2>& rows,
                     uint16_t* sums, const ChromaRow& chroma, size_t count);

} // namespace onair::sws::fast

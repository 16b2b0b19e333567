// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>

/// Weighted sums of rows: the 3x3 matrix of a colour, and the rows of a vertical filter. Compiled for every processor
/// that Highway knows; all of them give the same bytes.
namespace onair::sws::fast {

/// Samples of 8 bits, or of 16 with or without a sign (unsigned ones up to 12 bits here).
struct InRow {
    const void* at = nullptr;
    bool wide = true;
};
struct OutRow {
    void* at = nullptr;
    bool wide = true;
};

/// What is added before the bits below a code value are cut: a half, or a row of the dither pattern: 16
/// columns three times, so that 32 may be read from any of the first 16.
struct MixRounding {
    std::array<int16_t, 48> words{}; ///< in units of 2^-guard of a code
    std::array<float, 48> floats{};
};

/// out[i] = clip(((sum of factor[i][j] * in[j] + add[i]) >> shift[i], kept to 16 bits, + pattern) >> guard)
struct WordMatrix {
    int inputs = 3;      ///< 3; or 4, all wide
    int outputs = 1;     ///< 1 … 3
    int first_shift = 0; ///< in[0] is taken this many bits up
    std::array<std::array<int16_t, 4>, 3> factor{};
    std::array<int32_t, 3> add{};
    std::array<int, 3> shift{};
    int guard = 0;
    int16_t low = 0, high = 255; ///< of wide rows; those of 8 bits are clipped to 0 … 255
};
void mix_words(const WordMatrix& m, const InRow* in, const OutRow* out, const MixRounding& rounding, size_t count);

/// The same sums in single precision, multiplication and addition apart: for more than 10 bits.
/// out[i] = clip(floor(sum of factor[i][j] * in[j] + add[i] + pattern)).
struct FloatMatrix {
    int outputs = 1;
    std::array<std::array<float, 3>, 3> factor{};
    std::array<float, 3> add{};
    float low = 0, high = 4095; ///< integers of 16 bits with their sign
};
void mix_floats(const FloatMatrix& m, const InRow* in, const OutRow* out, const MixRounding& rounding, size_t count);

} // namespace onair::sws::fast

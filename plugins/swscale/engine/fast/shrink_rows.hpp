// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/fast/scale_rows.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

/// The inner loops for pictures that become half as wide and less high: across rows first, from samples as they lie in
/// the frame, then along the row that is left. Compiled for each kind of vector instructions; all give the same bytes.
///
/// Numbers are unsigned words. A sample of n bits is shifted left by 16 - n. Products are the upper halves of 32 bits,
/// so they are cut off; what that takes away on average is in the sums' `offset`.
namespace onair::sws::fast {

/// A sum of weighted samples: those of rows a and b of a tap share its weight, where taps come in `pairs`, and their
/// mean is weighed. The first `positive` products are added, the others subtracted.
struct WeighedRows {
    const void* const* a = nullptr;
    const void* const* b = nullptr;    ///< of pairs
    const uint32_t* weights = nullptr; ///< 16 bits of fraction, twice in a word
    size_t taps = 0, positive = 0;
    bool pairs = false;
    uint16_t offset = 0;
};

/// A row whose even and odd samples lie apart.
struct SplitRow {
    uint16_t *even = nullptr, *odd = nullptr;
    uint16_t& at(ptrdiff_t x) const {
        uint16_t* half = x & 1 ? odd : even; // apart: g++ 12's UBSan breaks (c ? a : b)[x]
        return half[x >> 1];
    }
};

/// Rows that will be read next time, at any address, are asked for from the memory: a processor does not see by itself
/// that one of many rows is new.
using RowsAhead = std::array<uintptr_t, 2>; ///< 0: none

/// out[r] = sum[r], for `rows` sums over the same rows at once: each sample comes from the memory once. The bits of
/// `frame_in`'s samples above `depth` mean nothing. Reads and writes `columns` samples of a row.
void blend_8(const WeighedRows* frame_in, const SplitRow* out, size_t rows, size_t columns, const RowsAhead& ahead);
void blend_16(const WeighedRows* frame_in, int depth, const SplitRow* out, size_t rows, size_t columns,
              const RowsAhead& ahead);

/// out[x] = min((sum(x) - 32768 + pattern[x % 16]) >> shift, largest), not below 0, sum being of halves of a SplitRow
/// from a tap's own place on, of which row_slack samples behind the last one needed may be read. `column` has the rest.
void finish_halves(const WeighedRows& sum, const Column& column, uint8_t* frame_out, size_t count);
void finish_halves(const WeighedRows& sum, const Column& column, uint16_t* frame_out, size_t count);

} // namespace onair::sws::fast

// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/dither.hpp"
#include "engine/fast/scale_rows.hpp"
#include "engine/filter.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

/// engine/filter.hpp's filters as integers, and the numbers between them.
namespace onair::sws::fast {

/// The range of samples between the two directions: 2^bits units wide, from -bias() on.
struct Units {
    int bits = 15;
    int depth = 8; ///< of the samples
    int lift() const { return bits - depth; }
    int bias() const { return 1 << (bits - 1); }
};

/// How far the sums of a filter leave the range of its input, below and above: the largest sum of negative weights.
double overshoot(const Filter& filter);
/// Units for samples that go through both filters, so that no sum leaves 16 bits; none when the kernel swings too far.
std::optional<Units> units_for(int depth, const Filter& columns, const Filter& rows);

/// From units to samples of the output: (factor * units + add, rounded) >> shift, clipped to 0 … largest.
struct UnitsOut {
    double factor = 1; ///< of the weights: below 1, or 1
    int shift = 0;
    int largest = 255;
    std::array<std::array<int16_t, 48>, 16> pattern{}; ///< what is added, rounding or dither with it, by row % 16

    /// Of output row `row`, without rows to add up.
    Column column(int row) const;
};
/// None where 16 bits are not enough for it.
std::optional<UnitsOut> units_out(const Quantiser::Spec& quantiser, const Units& units);

/// Each output has the weights of the first, two inputs further on, and none is 1.
bool is_halving(const Filter& filter);

/// The weights of one output with `bits` of fraction, `limit` at most; their sum is that of the numbers.
void to_integers(const float* weights, size_t count, double factor, int bits, int* out, int limit);
/// The same, 1.0 at most.
void to_integers(const float* weights, size_t count, double factor, int bits, int16_t* out);

/// Along a row: samples to units.
struct RowFilter {
    enum class Way {
        keep,   ///< samples stay
        halve,  ///< every second sample, always the same weights
        step,   ///< one or two outputs a sample, always the same weights
        gather, ///< anything
    };
    Way way = Way::keep;
    int inputs = 1, outputs = 1;
    int margin = 0; ///< input samples that are read before the first; as many and row_slack behind the last
    int lift = 0;   ///< how far input samples are shifted left beforehand
    size_t taps = 0;
    std::vector<int32_t> first;
    std::vector<int16_t> weights;
    Rounding rounding;
    int16_t bias = 0;

    /// `in` has its margins; `out` row_slack.
    void apply(const int16_t* in, int16_t* out) const;
};
RowFilter make_row_filter(const Filter& columns, int outputs, const Units& units);

/// Across rows, with `factor` in the weights.
struct ColumnFilter {
    size_t taps = 0; ///< 0: rows stay
    std::vector<int> first;
    std::vector<int16_t> weights;
};
ColumnFilter make_column_filter(const Filter& rows, double factor);

} // namespace onair::sws::fast

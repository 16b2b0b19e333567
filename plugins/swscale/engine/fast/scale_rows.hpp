// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <cstddef>
#include <cstdint>

/// The inner loops of the integer scaler, compiled for several processors and chosen once a row. All of them give the
/// same integers on every processor.
///
/// Rows between the loops hold *units*: a sample of n bits, shifted left until it fills `bits` of 15, 14 or 13 bits,
/// less half of that range, so that overshoots on both sides fit into 16 bits. Weights are 15 bits of fraction.
///
/// Input rows of these functions may be read, and output rows of units written, up to row_slack samples behind
/// `count`; rows of samples in frames (`frame_in`, `frame_out`) only in the `count` that they have.
namespace onair::sws::fast {

constexpr size_t row_slack = 160; ///< samples

/// Samples, those of 16 bits without what lies above the mask, shifted left, to input rows of the functions below.
void take_8(const uint8_t* frame_in, int16_t* out, size_t count, int left);
void take_16(const uint16_t* frame_in, int16_t* out, size_t count, uint16_t mask, int left);

/// out[i] = in[i] - less
void subtract(const int16_t* in, int16_t* out, size_t count, int16_t less);

/// What a sum of weighted samples becomes: (sum + add) >> shift.
struct Rounding {
    int32_t add = 0;
    int shift = 0;
};
/// out[i] = the rounded sum of weights[t] * in[2 * i + t]; `taps` is even.
void halve(const int16_t* in, int16_t* out, size_t count, const int16_t* weights, size_t taps, Rounding rounding);
/// out[i] = the rounded sum of the weights of output i times in[first[i] + t]; `taps` is 4, or a multiple of 8. The
/// weights lie at gather_weight() so that two outputs fill a vector; both tables reach row_slack outputs behind
/// `count`.
void gather(const int16_t* in, int16_t* out, size_t count, const int32_t* first, const int16_t* weights, size_t taps,
            Rounding rounding);

/// Where weight t of output i lies. Of eight outputs 0 and 4, 1 and 5, 2 and 6, 3 and 7 share a vector (weights of four
/// lie in order).
constexpr size_t gather_weight(size_t i, size_t t, size_t taps) {
    if (taps == 4) return i * taps + t;
    const size_t pair = i % 8 % 4, second = i % 8 / 4;
    return (i / 8 * 8 + 2 * pair) * taps + t / 8 * 16 + second * 8 + t % 8;
}

/// One of the phases that follow each other: sums begin at in[i + first].
struct Phase {
    int first = 0;
    const int16_t* weights = nullptr;
};
/// out[i * phases + p] = the sum of weights[t] * in[i + first + t] of phase p, each product rounded, less `less`;
/// `count` is of outputs, `phases` 1 or 2.
void step(const int16_t* in, int16_t* out, size_t count, const Phase* phase, size_t phases, size_t taps, int16_t less);

/// The last step of a row: rows of units weighed (each product rounded), added up, `pattern` added, shifted down and
/// clipped to 0 … largest. `pattern` repeats every 16 samples and has 16 + 32 entries.
struct Column {
    const int16_t* const* rows = nullptr;
    const int16_t* weights = nullptr;
    size_t taps = 0; ///< 0: one row, as it is
    const int16_t* pattern = nullptr;
    int shift = 0;
    int16_t largest = 255; ///< of 8 bits always 255
};
void finish_8(const Column& column, uint8_t* frame_out, size_t count);
void finish_16(const Column& column, uint16_t* frame_out, size_t count);

} // namespace onair::sws::fast

// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <cstddef>
#include <cstdint>

/// scale_rows.hpp in single precision, for samples of more bits than integers of 16 bits filter exactly. Every sum is
/// added up in one order and without contraction: the same numbers on every processor.
///
/// Rows of numbers may be read and written up to row_slack behind `count`; rows of samples only in the `count` they
/// have.
namespace onair::sws::fast {

void take_numbers(const uint8_t* frame_in, float* out, size_t count);
void take_numbers(const uint16_t* frame_in, float* out, size_t count, uint16_t mask);

/// One of the phases that follow each other: sums begin at in[i * advance + first].
struct NumberPhase {
    int first = 0;
    const float* weights = nullptr;
};
/// out[i * phases + p] = the sum of weights[t] * in[i * advance + first + t] of phase p. `phases` and `advance` are 1
/// or 2, not both 2; `taps` is even where advance is 2; `count` is of outputs.
void step_numbers(const float* in, float* out, size_t count, const NumberPhase* phase, size_t phases, size_t advance,
                  size_t taps);
/// out[i] = the sum of weights[i * taps + t] * in[first[i] + t]; `taps` is a multiple of 4, and both tables reach 4
/// outputs behind `count`.
void gather_numbers(const float* in, float* out, size_t count, const int32_t* first, const float* weights, size_t taps);

/// The last step of a row: rows weighed and added up, times `scale`, `pattern` added, cut to integers from 0 to
/// largest. `pattern` repeats every 16 samples and has 32 entries.
struct NumberColumn {
    const float* const* rows = nullptr;
    const float* weights = nullptr;
    size_t taps = 1;
    float scale = 1;
    const float* pattern = nullptr;
    float largest = 255;
};
void finish_numbers(const NumberColumn& column, uint8_t* frame_out, size_t count);
void finish_numbers(const NumberColumn& column, uint16_t* frame_out, size_t count);

} // namespace onair::sws::fast

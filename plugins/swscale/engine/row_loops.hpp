// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <cstddef>
#include <cstdint>

/// The inner loops of the own passes: free functions over rows, so that they can be compiled for several processors
/// (byte_order.hpp). None of the variants may contract multiplication and addition: results are the same on all.
namespace onair::sws::loops {

/// out = in, as numbers.
void widen(const uint16_t* in, float* out, size_t count);

/// out = weight * in, and out += weight * in.
void weigh(const float* in, float weight, float* out, size_t count);
void weigh_more(const float* in, float weight, float* out, size_t count);

/// out[i * period] = sum of weights[t] * in[i * advance + t]; `taps` is 1 … 4.
void phase(const float* in, float* out, const float* weights, size_t taps, size_t count, size_t advance, size_t period);

/// Three rows by a matrix of three rows of four (the fourth is added), in place.
void mix(float* a, float* b, float* c, const float m[3][4], size_t count);
/// The same with one row in (a) or one out (a).
void spread(float* a, float* b, float* c, const float m[3][4], size_t count);
void gather(float* a, const float* b, const float* c, const float m[3][4], size_t count);

/// in * scale + add[i % 16], clipped to 0 … largest and cut to an integer.
void quantise(const float* in, float scale, const float add[16], float largest, uint16_t* out, size_t count);

} // namespace onair::sws::loops

// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/fast/scale_rows.hpp"

#include <algorithm>

/// scale_rows.hpp one sample at a time, for processors without vectors.
namespace onair::sws::fast::plain {

/// The product of a sample and a weight of 15 bits of fraction, rounded.
inline int weigh(int16_t sample, int16_t weight) { return (sample * weight + 0x4000) >> 15; }

inline int16_t rounded(int32_t sum, Rounding rounding) {
    return static_cast<int16_t>(std::clamp((sum + rounding.add) >> rounding.shift, INT16_MIN, INT16_MAX));
}

inline int32_t sum_of(const int16_t* in, const int16_t* weights, size_t taps) {
    int32_t sum = 0;
    for (size_t t = 0; t < taps; ++t)
        sum += in[t] * weights[t];
    return sum;
}

inline void take_8(const uint8_t* in, int16_t* out, size_t count, int left) {
    for (size_t i = 0; i < count; ++i)
        out[i] = static_cast<int16_t>(in[i] << left);
}

inline void take_16(const uint16_t* in, int16_t* out, size_t count, uint16_t mask, int left) {
    for (size_t i = 0; i < count; ++i)
        out[i] = static_cast<int16_t>((in[i] & mask) << left);
}

inline void subtract(const int16_t* in, int16_t* out, size_t count, int16_t less) {
    for (size_t i = 0; i < count; ++i)
        out[i] = static_cast<int16_t>(in[i] - less);
}

inline void halve(const int16_t* in, int16_t* out, size_t count, const int16_t* weights, size_t taps,
                  Rounding rounding) {
    for (size_t i = 0; i < count; ++i)
        out[i] = rounded(sum_of(in + 2 * i, weights, taps), rounding);
}

inline void gather(const int16_t* in, int16_t* out, size_t count, const int32_t* first, const int16_t* weights,
                   size_t taps, Rounding rounding) {
    for (size_t i = 0; i < count; ++i) {
        int32_t sum = 0;
        for (size_t t = 0; t < taps; ++t)
            sum += in[first[i] + static_cast<ptrdiff_t>(t)] * weights[gather_weight(i, t, taps)];
        out[i] = rounded(sum, rounding);
    }
}

inline void step(const int16_t* in, int16_t* out, size_t count, const Phase* phase, size_t phases, size_t taps,
                 int16_t less) {
    for (size_t i = 0; i < count; ++i) {
        const Phase& p = phase[i % phases];
        const int16_t* from = in + p.first + static_cast<ptrdiff_t>(i / phases);
        int sum = -less;
        for (size_t t = 0; t < taps; ++t)
            sum += weigh(from[t], p.weights[t]);
        out[i] = static_cast<int16_t>(sum);
    }
}

template <class T>
void finish(const Column& c, T* out, size_t count) {
    for (size_t x = 0; x < count; ++x) {
        int sum = c.taps == 0 ? c.rows[0][x] : 0;
        for (size_t t = 0; t < c.taps; ++t)
            sum += weigh(c.rows[t][x], c.weights[t]);
        sum = std::min(sum + c.pattern[x % 16], INT16_MAX) >> c.shift;
        out[x] = static_cast<T>(std::clamp<int>(sum, 0, c.largest));
    }
}

} // namespace onair::sws::fast::plain

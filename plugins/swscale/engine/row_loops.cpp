// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/row_loops.hpp"

#include "engine/byte_order.hpp"

namespace onair::sws::loops {

namespace {

/// The number of taps is known to the compiler, so it works on several outputs at once.
template <size_t taps>
inline __attribute__((always_inline)) void one_phase(const float* in, float* out, const float* w, size_t count,
                                                     size_t advance, size_t period) {
    for (size_t i = 0; i < count; ++i) {
        float sum = 0;
        for (size_t t = 0; t < taps; ++t)
            sum += w[t] * in[i * advance + t];
        out[i * period] = sum;
    }
}

/// Distances that chroma has, known to the compiler as well.
template <size_t taps>
inline __attribute__((always_inline)) void by_distance(const float* in, float* out, const float* w, size_t count,
                                                       size_t advance, size_t period) {
    if (advance == 1 && period == 1) return one_phase<taps>(in, out, w, count, 1, 1);
    if (advance == 2 && period == 1) return one_phase<taps>(in, out, w, count, 2, 1);
    if (advance == 1 && period == 2) return one_phase<taps>(in, out, w, count, 1, 2);
    one_phase<taps>(in, out, w, count, advance, period);
}

inline __attribute__((always_inline)) uint16_t cut(float number, float scale, float add, float largest) {
    const float v = number * scale + add;
    return static_cast<uint16_t>(static_cast<int>(v < 0 ? 0 : v > largest ? largest : v));
}

} // namespace

ONAIR_SAMPLE_LOOP void widen(const uint16_t* in, float* out, size_t count) {
    for (size_t x = 0; x < count; ++x)
        out[x] = static_cast<float>(in[x]);
}

ONAIR_SAMPLE_LOOP void weigh(const float* in, float weight, float* out, size_t count) {
    for (size_t x = 0; x < count; ++x)
        out[x] = weight * in[x];
}

ONAIR_SAMPLE_LOOP void weigh_more(const float* in, float weight, float* out, size_t count) {
    for (size_t x = 0; x < count; ++x)
        out[x] += weight * in[x];
}

ONAIR_SAMPLE_LOOP void phase(const float* in, float* out, const float* w, size_t taps, size_t count, size_t advance,
                             size_t period) {
    switch (taps) {
    case 1:
        return by_distance<1>(in, out, w, count, advance, period);
    case 2:
        return by_distance<2>(in, out, w, count, advance, period);
    case 3:
        return by_distance<3>(in, out, w, count, advance, period);
    default:
        return by_distance<4>(in, out, w, count, advance, period);
    }
}

ONAIR_SAMPLE_LOOP void mix(float* a, float* b, float* c, const float m[3][4], size_t count) {
    for (size_t x = 0; x < count; ++x) {
        const float u = a[x], v = b[x], w = c[x];
        a[x] = m[0][0] * u + m[0][1] * v + m[0][2] * w + m[0][3];
        b[x] = m[1][0] * u + m[1][1] * v + m[1][2] * w + m[1][3];
        c[x] = m[2][0] * u + m[2][1] * v + m[2][2] * w + m[2][3];
    }
}

ONAIR_SAMPLE_LOOP void spread(float* a, float* b, float* c, const float m[3][4], size_t count) {
    for (size_t x = 0; x < count; ++x) {
        const float v = a[x];
        a[x] = m[0][0] * v + m[0][3];
        b[x] = m[1][0] * v + m[1][3];
        c[x] = m[2][0] * v + m[2][3];
    }
}

ONAIR_SAMPLE_LOOP void gather(float* a, const float* b, const float* c, const float m[3][4], size_t count) {
    for (size_t x = 0; x < count; ++x)
        a[x] = m[0][0] * a[x] + m[0][1] * b[x] + m[0][2] * c[x] + m[0][3];
}

ONAIR_SAMPLE_LOOP void quantise(const float* in, float scale, const float add[16], float largest, uint16_t* out,
                                size_t count) {
    size_t x = 0;
    for (; x + 16 <= count; x += 16)
        for (size_t i = 0; i < 16; ++i)
            out[x + i] = cut(in[x + i], scale, add[i], largest);
    for (; x < count; ++x)
        out[x] = cut(in[x], scale, add[x % 16], largest);
}

} // namespace onair::sws::loops

// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/fast/split_rows.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/fast/split_rows.cpp"
#include "hwy/foreach_target.h"

#include "engine/fast/rows-inl.hpp"
#include "hwy/highway.h"

#include <utility>

HWY_BEFORE_NAMESPACE();
namespace onair::sws::fast::HWY_NAMESPACE {

using namespace hwy::HWY_NAMESPACE;

/// Chroma of interleaved rows, blended while it is still interleaved: Cb and Cr in turn, one in 16 bits.
template <bool luma_first>
struct ChromaBlend {
    ChromaBlend(const SplitRows& rows, const Blend& b, int shift)
        : half(Set(D16(), static_cast<uint16_t>(1 << shift >> 1))),
          down(Set(D16(), static_cast<uint16_t>(0x10000 >> shift))) {
        for (size_t t = 0; t < 4; ++t) {
            const bool there = t < static_cast<size_t>(b.taps);
            row[t] = rows.chroma[there ? t : 0];
            weight[t] = Set(D16(), there ? b.weights[t] : uint16_t{0});
        }
        even = b.taps == 4 && b.weights[0] == b.weights[3] && b.weights[1] == b.weights[2];
    }
    HWY_INLINE Vec<D16> load(size_t t, size_t at) const {
        const auto v = BitCast(D16(), LoadU(D8(), row[t] + at));
        return luma_first ? ShiftRight<8>(v) : And(v, Set(D16(), uint16_t{0xFF}));
    }
    HWY_INLINE Vec<D16> operator()(size_t at) const {
        auto sum = half;
        if (even) {
            sum = Add(sum, Mul(Add(load(0, at), load(3, at)), weight[0]));
            sum = Add(sum, Mul(Add(load(1, at), load(2, at)), weight[1]));
        } else {
            for (size_t t = 0; t < 4; ++t)
                sum = Add(sum, Mul(load(t, at), weight[t]));
        }
        return MulHigh(sum, down);
    }
    const uint8_t* row[4];
    Vec<D16> half, down, weight[4];
    bool even;
};

template <bool luma_first>
HWY_INLINE void Split(const SplitRows& rows, const Blend& b, int shift, uint8_t* HWY_RESTRICT first,
                      uint8_t* HWY_RESTRICT second, size_t groups, Stores stores) {
    const D8 d;
    const size_t n = Lanes(d);
    const ChromaBlend<luma_first> blended(rows, b, shift);
    ForRow(
        stores, groups, n,
        [&](size_t x, auto store) HWY_ATTR {
            for (size_t r = 0; r < 2; ++r)
                for (size_t i = 0; i < 2; ++i) {
                    const uint8_t* at = rows.luma[r] + 4 * x + 2 * i * n;
                    const auto lower = LoadU(d, at), upper = LoadU(d, at + n);
                    store(luma_first ? ConcatEven(d, upper, lower) : ConcatOdd(d, upper, lower), d,
                          rows.y[r] + 2 * x + i * n);
                }
            const auto bytes = [&](size_t i) HWY_ATTR { return BitCast(d, blended(4 * x + i * n)); };
            const auto lower = ConcatEven(d, bytes(1), bytes(0)), upper = ConcatEven(d, bytes(3), bytes(2));
            if (second) {
                store(ConcatEven(d, upper, lower), d, first + x);
                store(ConcatOdd(d, upper, lower), d, second + x);
            } else {
                store(lower, d, first + 2 * x);
                store(upper, d, first + 2 * x + n);
            }
        },
        [&](size_t x) {
            for (size_t r = 0; r < 2; ++r)
                for (size_t i = 0; i < 2; ++i)
                    rows.y[r][2 * x + i] = rows.luma[r][4 * x + 2 * i + (luma_first ? 0 : 1)];
            for (size_t i = 0; i < 2; ++i) {
                uint32_t sum = 1U << shift >> 1;
                for (size_t t = 0; t < static_cast<size_t>(b.taps); ++t)
                    sum += static_cast<uint32_t>(rows.chroma[t][4 * x + 2 * i + (luma_first ? 1 : 0)]) * b.weights[t];
                uint8_t* const row = second && i == 1 ? second : first;
                row[second ? x : 2 * x + i] = static_cast<uint8_t>(sum >> shift);
            }
        });
}

void Split420(const SplitRows& rows, const Blend& b, int shift, size_t groups, Order422 order, Stores stores) {
    uint8_t *first = rows.u, *second = rows.v;
    if (order.v_first && second) std::swap(first, second);
    (order.luma_first ? Split<true> : Split<false>)(rows, b, shift, first, second, groups, stores);
}

} // namespace onair::sws::fast::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace onair::sws::fast {

HWY_EXPORT(Split420);

void split_420(const SplitRows& rows, const Blend& blend, int shift, size_t groups, Order422 order, Stores stores) {
    HWY_DYNAMIC_DISPATCH(Split420)(rows, blend, shift, groups, order, stores);
}

} // namespace onair::sws::fast
#endif

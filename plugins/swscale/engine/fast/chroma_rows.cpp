// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/fast/rows.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/fast/chroma_rows.cpp"
#include "hwy/foreach_target.h"

#include "engine/fast/rows-inl.hpp"
#include "hwy/highway.h"

#ifndef ONAIR_CHROMA_ONCE
#define ONAIR_CHROMA_ONCE
namespace onair::sws::fast {

template <class T>
inline uint16_t blend_one(const T* const rows[4], const Blend& b, size_t x, uint16_t mask) {
    uint32_t sum = 0;
    for (size_t t = 0; t < static_cast<size_t>(b.taps); ++t)
        sum += static_cast<uint32_t>(rows[t][x] & mask) * b.weights[t];
    return static_cast<uint16_t>(sum);
}

} // namespace onair::sws::fast
#endif

HWY_BEFORE_NAMESPACE();
namespace onair::sws::fast::HWY_NAMESPACE {

using namespace hwy::HWY_NAMESPACE;

HWY_INLINE Vec<D16> LoadWide(const uint8_t* at, Vec<D16>) {
    return PromoteTo(D16(), LoadU(Rebind<uint8_t, D16>(), at));
}
HWY_INLINE Vec<D16> LoadWide(const uint16_t* at, Vec<D16> mask) { return And(LoadU(D16(), at), mask); }

/// Rows that are not there are taken as the first one, with a weight of 0.
template <class T>
struct Rows4 {
    HWY_INLINE Rows4(const T* const rows[4], const Blend& b, uint16_t bits) : mask(Set(D16(), bits)) {
        for (size_t t = 0; t < 4; ++t) {
            const bool there = t < static_cast<size_t>(b.taps);
            row[t] = rows[there ? t : 0];
            weight[t] = Set(D16(), there ? b.weights[t] : uint16_t{0});
        }
        two = b.taps <= 2;
        even = b.taps == 4 && b.weights[0] == b.weights[3] && b.weights[1] == b.weights[2];
    }
    HWY_INLINE Vec<D16> operator()(size_t x) const {
        if (even)
            return Add(Mul(Add(LoadWide(row[0] + x, mask), LoadWide(row[3] + x, mask)), weight[0]),
                       Mul(Add(LoadWide(row[1] + x, mask), LoadWide(row[2] + x, mask)), weight[1]));
        auto sum = Add(Mul(LoadWide(row[0] + x, mask), weight[0]), Mul(LoadWide(row[1] + x, mask), weight[1]));
        if (two) return sum;
        sum = Add(sum, Mul(LoadWide(row[2] + x, mask), weight[2]));
        return Add(sum, Mul(LoadWide(row[3] + x, mask), weight[3]));
    }
    const T* row[4];
    Vec<D16> mask, weight[4];
    bool two, even;
};

template <class T>
HWY_INLINE void BlendTo8(const T* const rows[4], const Blend& b, uint8_t* HWY_RESTRICT out, size_t count,
                         const Depth& depth, const Pattern& add) {
    const D16 d;
    const D8 d8;
    const size_t n = Lanes(d);
    const DepthVectors p(depth);
    const Rows4<T> sum(rows, b, depth.mask);
    Depth behind = depth; // the mask is of the samples, not of their sum
    behind.mask = 0xFFFF;
    const DepthVectors q(behind);
    ForRow(
        count, 2 * n,
        [&](size_t x) HWY_ATTR {
            const auto lower = q(sum(x), LoadU(d, add.data() + x % 32));
            const auto upper = q(sum(x + n), LoadU(d, add.data() + (x + n) % 32));
            StoreU(ConcatEven(d8, BitCast(d8, upper), BitCast(d8, lower)), d8, out + x);
        },
        [&](size_t x) {
            out[x] = static_cast<uint8_t>(change_one(blend_one(rows, b, x, depth.mask), behind, add, x));
        });
}

void Blend8To8(const uint8_t* const rows[4], const Blend& b, uint8_t* out, size_t count, const Depth& depth,
               const Pattern& add) {
    BlendTo8(rows, b, out, count, depth, add);
}
void Blend16To8(const uint16_t* const rows[4], const Blend& b, uint8_t* out, size_t count, const Depth& depth,
                const Pattern& add) {
    BlendTo8(rows, b, out, count, depth, add);
}

void Blend16To16(const uint16_t* const rows[4], const Blend& b, uint16_t* HWY_RESTRICT out, size_t count,
                 const Depth& depth, const Pattern& add) {
    const D16 d;
    const Rows4<uint16_t> sum(rows, b, depth.mask);
    Depth behind = depth;
    behind.mask = 0xFFFF;
    const DepthVectors q(behind);
    ForRow(
        count, Lanes(d), [&](size_t x) HWY_ATTR { StoreU(q(sum(x), LoadU(d, add.data() + x % 32)), d, out + x); },
        [&](size_t x) { out[x] = change_one(blend_one(rows, b, x, depth.mask), behind, add, x); });
}

template <class T>
HWY_INLINE void BlendRaw(const T* const rows[4], const Blend& b, uint16_t* HWY_RESTRICT out, size_t count,
                         uint16_t mask) {
    const D16 d;
    const Rows4<T> sum(rows, b, mask);
    ForRow(
        count, Lanes(d), [&](size_t x) HWY_ATTR { StoreU(sum(x), d, out + x); },
        [&](size_t x) { out[x] = blend_one(rows, b, x, mask); });
}
void BlendRaw8(const uint8_t* const rows[4], const Blend& b, uint16_t* out, size_t count) {
    BlendRaw(rows, b, out, count, 0xFF);
}
void BlendRaw16(const uint16_t* const rows[4], const Blend& b, uint16_t* out, size_t count, uint16_t mask) {
    BlendRaw(rows, b, out, count, mask);
}

void FilterSame(const uint16_t* HWY_RESTRICT in, const Blend& b, uint16_t* HWY_RESTRICT out, size_t count) {
    const uint16_t* const taps[4] = {in, in + 1, in + 2, in + 3};
    BlendRaw(taps, b, out, count, 0xFFFF);
}

void FilterHalving(const uint16_t* HWY_RESTRICT in, const Blend& b, uint16_t* HWY_RESTRICT out, size_t count) {
    const D16 d;
    const size_t n = Lanes(d);
    std::array<uint16_t, 4> w{};
    std::copy_n(b.weights.begin(), b.taps, w.begin());
    const auto w0 = Set(d, w[0]), w1 = Set(d, w[1]), w2 = Set(d, w[2]), w3 = Set(d, w[3]);
    const bool two = b.taps <= 2;
    const auto pairs = [&](const uint16_t* at, Vec<D16> even, Vec<D16> odd) HWY_ATTR {
        const auto lower = LoadU(d, at), upper = LoadU(d, at + n);
        return Add(Mul(ConcatEven(d, upper, lower), even), Mul(ConcatOdd(d, upper, lower), odd));
    };
    // The last vector of taps reads up to two samples behind the last one that counts: rows have that margin.
    ForRow(
        count, n,
        [&](size_t x) HWY_ATTR {
            auto sum = pairs(in + 2 * x, w0, w1);
            if (!two) sum = Add(sum, pairs(in + 2 * x + 2, w2, w3));
            StoreU(sum, d, out + x);
        },
        [&](size_t x) {
            uint32_t sum = 0;
            for (size_t t = 0; t < static_cast<size_t>(b.taps); ++t)
                sum += static_cast<uint32_t>(in[2 * x + t]) * b.weights[t];
            out[x] = static_cast<uint16_t>(sum);
        });
}

void FilterDoubling(const uint16_t* HWY_RESTRICT even_in, const Blend& even, const uint16_t* HWY_RESTRICT odd_in,
                    const Blend& odd, uint16_t* HWY_RESTRICT out, size_t pairs) {
    const D16 d;
    const uint16_t* const even_taps[4] = {even_in, even_in + 1, even_in + 2, even_in + 3};
    const uint16_t* const odd_taps[4] = {odd_in, odd_in + 1, odd_in + 2, odd_in + 3};
    const Rows4<uint16_t> e(even_taps, even, 0xFFFF), o(odd_taps, odd, 0xFFFF);
    ForRow(
        pairs, Lanes(d), [&](size_t x) HWY_ATTR { StoreInterleaved2(e(x), o(x), d, out + 2 * x); },
        [&](size_t x) {
            out[2 * x] = blend_one(even_taps, even, x, 0xFFFF);
            out[2 * x + 1] = blend_one(odd_taps, odd, x, 0xFFFF);
        });
}

} // namespace onair::sws::fast::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace onair::sws::fast {

HWY_EXPORT(Blend8To8);
HWY_EXPORT(Blend16To8);
HWY_EXPORT(Blend16To16);
HWY_EXPORT(BlendRaw8);
HWY_EXPORT(BlendRaw16);
HWY_EXPORT(FilterSame);
HWY_EXPORT(FilterHalving);
HWY_EXPORT(FilterDoubling);

void blend(const uint8_t* const rows[4], const Blend& b, uint8_t* out, size_t count, const Depth& depth,
           const Pattern& add) {
    HWY_DYNAMIC_DISPATCH(Blend8To8)(rows, b, out, count, depth, add);
}
void blend(const uint16_t* const rows[4], const Blend& b, uint8_t* out, size_t count, const Depth& depth,
           const Pattern& add) {
    HWY_DYNAMIC_DISPATCH(Blend16To8)(rows, b, out, count, depth, add);
}
void blend(const uint16_t* const rows[4], const Blend& b, uint16_t* out, size_t count, const Depth& depth,
           const Pattern& add) {
    HWY_DYNAMIC_DISPATCH(Blend16To16)(rows, b, out, count, depth, add);
}
void blend_raw(const uint8_t* const rows[4], const Blend& b, uint16_t* out, size_t count) {
    HWY_DYNAMIC_DISPATCH(BlendRaw8)(rows, b, out, count);
}
void blend_raw(const uint16_t* const rows[4], const Blend& b, uint16_t* out, size_t count, uint16_t mask) {
    HWY_DYNAMIC_DISPATCH(BlendRaw16)(rows, b, out, count, mask);
}
void filter_same(const uint16_t* in, const Blend& b, uint16_t* out, size_t count) {
    HWY_DYNAMIC_DISPATCH(FilterSame)(in, b, out, count);
}
void filter_halving(const uint16_t* in, const Blend& b, uint16_t* out, size_t count) {
    HWY_DYNAMIC_DISPATCH(FilterHalving)(in, b, out, count);
}
void filter_doubling(const uint16_t* even_in, const Blend& even, const uint16_t* odd_in, const Blend& odd,
                     uint16_t* out, size_t pairs) {
    HWY_DYNAMIC_DISPATCH(FilterDoubling)(even_in, even, odd_in, odd, out, pairs);
}

} // namespace onair::sws::fast
#endif

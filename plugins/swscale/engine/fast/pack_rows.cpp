// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/fast/rows.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/fast/pack_rows.cpp"
#include "hwy/foreach_target.h"

#include "engine/fast/rows-inl.hpp"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace onair::sws::fast::HWY_NAMESPACE {

using namespace hwy::HWY_NAMESPACE;

/// Half as many samples as a vector of u16 has, each in 32 bits: two of those make interleaved samples in order,
/// without going across the blocks of wide vectors.
using Half16 = Rebind<uint16_t, D32>;
using Quarter8 = Rebind<uint8_t, D32>;
using Half8 = Rebind<uint8_t, D16>;

template <class T>
HWY_INLINE Vec<D16> Interleaved(const T* a, const T* b) {
    const D32 d;
    const Rebind<T, D32> half;
    return BitCast(D16(), Or(PromoteTo(d, LoadU(half, a)), ShiftLeft<16>(PromoteTo(d, LoadU(half, b)))));
}

void PackPairs8(const uint8_t* HWY_RESTRICT a, const uint8_t* HWY_RESTRICT b, uint8_t* HWY_RESTRICT out, size_t pairs,
                Stores stores) {
    const D16 d;
    const Half8 half;
    const D8 bytes;
    ForRow(
        stores, pairs, Lanes(d),
        [&](size_t x, auto store) HWY_ATTR {
            const auto word = Or(PromoteTo(d, LoadU(half, a + x)), ShiftLeft<8>(PromoteTo(d, LoadU(half, b + x))));
            store(BitCast(bytes, word), bytes, out + 2 * x);
        },
        [&](size_t x) {
            out[2 * x] = a[x];
            out[2 * x + 1] = b[x];
        });
}

/// `add` has its values in pairs: sample x of each takes those at 2 * x.
void PackPairs16To8(const uint16_t* HWY_RESTRICT a, const uint16_t* HWY_RESTRICT b, uint8_t* HWY_RESTRICT out,
                    size_t pairs, const Depth& depth, const Pattern& add, Stores stores) {
    const D16 d;
    const D8 bytes;
    const size_t n = Lanes(d);
    const DepthVectors p(depth);
    ForRow(
        stores, pairs, n,
        [&](size_t x, auto store) HWY_ATTR {
            const auto lower = p(Interleaved(a + x, b + x), LoadU(d, add.data() + 2 * x % 32));
            const auto upper = p(Interleaved(a + x + n / 2, b + x + n / 2), LoadU(d, add.data() + (2 * x + n) % 32));
            store(ConcatEven(bytes, BitCast(bytes, upper), BitCast(bytes, lower)), bytes, out + 2 * x);
        },
        [&](size_t x) {
            out[2 * x] = static_cast<uint8_t>(change_one(a[x], depth, add, 2 * x));
            out[2 * x + 1] = static_cast<uint8_t>(change_one(b[x], depth, add, 2 * x));
        });
}

void PackPairs16(const uint16_t* HWY_RESTRICT a, const uint16_t* HWY_RESTRICT b, uint16_t* HWY_RESTRICT out,
                 size_t pairs, const Depth& depth, const Pattern& add, Stores stores) {
    const D16 d;
    const size_t n = Lanes(d) / 2;
    const DepthVectors p(depth);
    ForRow(
        stores, pairs, n,
        [&](size_t x, auto store)
            HWY_ATTR { store(p(Interleaved(a + x, b + x), LoadU(d, add.data() + 2 * x % 32)), d, out + 2 * x); },
        [&](size_t x) {
            out[2 * x] = change_one(a[x], depth, add, 2 * x);
            out[2 * x + 1] = change_one(b[x], depth, add, 2 * x);
        });
}

template <class T, class F>
HWY_INLINE void PackGroup(T* out, size_t x, bool luma_first, const F& sample) {
    T* group = out + 4 * x;
    const size_t luma = luma_first ? 0 : 1, chroma = 1 - luma;
    group[luma] = static_cast<T>(sample(0));
    group[luma + 2] = static_cast<T>(sample(1));
    group[chroma] = static_cast<T>(sample(2));
    group[chroma + 2] = static_cast<T>(sample(3));
}

void Pack8(const uint8_t* HWY_RESTRICT y, const uint8_t* HWY_RESTRICT u, const uint8_t* HWY_RESTRICT v,
           uint8_t* HWY_RESTRICT out, size_t groups, Order422 order, Stores stores) {
    const D16 d;
    const D8 bytes;
    const Half8 half;
    const uint8_t *const first = order.v_first ? v : u, *const second = order.v_first ? u : v;
    const bool luma_first = order.luma_first;
    ForRow(
        stores, groups, Lanes(d) / 2,
        [&](size_t x, auto store) HWY_ATTR {
            const auto luma = PromoteTo(d, LoadU(half, y + 2 * x)), chroma = Interleaved(first + x, second + x);
            const auto word = luma_first ? Or(luma, ShiftLeft<8>(chroma)) : Or(chroma, ShiftLeft<8>(luma));
            store(BitCast(bytes, word), bytes, out + 4 * x);
        },
        [&](size_t x) {
            const uint8_t s[] = {y[2 * x], y[2 * x + 1], first[x], second[x]};
            PackGroup(out, x, luma_first, [&](size_t i) { return s[i]; });
        });
}

void Pack16To8(const uint16_t* HWY_RESTRICT y, const uint16_t* HWY_RESTRICT u, const uint16_t* HWY_RESTRICT v,
               uint8_t* HWY_RESTRICT out, size_t groups, Order422 order, const Depth& depth, const Pattern& luma_add,
               const Pattern& chroma_add, Stores stores) {
    const D16 d;
    const D8 bytes;
    const DepthVectors p(depth);
    const uint16_t *const first = order.v_first ? v : u, *const second = order.v_first ? u : v;
    const bool luma_first = order.luma_first;
    ForRow(
        stores, groups, Lanes(d) / 2,
        [&](size_t x, auto store) HWY_ATTR {
            const size_t at = 2 * x % 32;
            const auto luma = p(LoadU(d, y + 2 * x), LoadU(d, luma_add.data() + at));
            const auto chroma = p(Interleaved(first + x, second + x), LoadU(d, chroma_add.data() + at));
            const auto word = luma_first ? Or(luma, ShiftLeft<8>(chroma)) : Or(chroma, ShiftLeft<8>(luma));
            store(BitCast(bytes, word), bytes, out + 4 * x);
        },
        [&](size_t x) {
            const uint16_t s[] = {y[2 * x], y[2 * x + 1], first[x], second[x]};
            PackGroup(out, x, luma_first, [&](size_t i) {
                return change_one(s[i], depth, i < 2 ? luma_add : chroma_add, 2 * x + (i == 1));
            });
        });
}

void Pack16(const uint16_t* HWY_RESTRICT y, const uint16_t* HWY_RESTRICT u, const uint16_t* HWY_RESTRICT v,
            uint16_t* HWY_RESTRICT out, size_t groups, Order422 order, const Depth& depth, const Pattern& luma_add,
            const Pattern& chroma_add) {
    const D16 d;
    const DepthVectors p(depth);
    const uint16_t *const first = order.v_first ? v : u, *const second = order.v_first ? u : v;
    const bool luma_first = order.luma_first;
    ForRow(
        groups, Lanes(d) / 2,
        [&](size_t x) HWY_ATTR {
            const size_t at = 2 * x % 32;
            const auto luma = p(LoadU(d, y + 2 * x), LoadU(d, luma_add.data() + at));
            const auto chroma = p(Interleaved(first + x, second + x), LoadU(d, chroma_add.data() + at));
            StoreInterleaved2(luma_first ? luma : chroma, luma_first ? chroma : luma, d, out + 4 * x);
        },
        [&](size_t x) {
            const uint16_t s[] = {y[2 * x], y[2 * x + 1], first[x], second[x]};
            PackGroup(out, x, luma_first, [&](size_t i) {
                return change_one(s[i], depth, i < 2 ? luma_add : chroma_add, 2 * x + (i == 1));
            });
        });
}

} // namespace onair::sws::fast::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace onair::sws::fast {

HWY_EXPORT(PackPairs8);
HWY_EXPORT(PackPairs16To8);
HWY_EXPORT(PackPairs16);
HWY_EXPORT(Pack8);
HWY_EXPORT(Pack16To8);
HWY_EXPORT(Pack16);

void pack_pairs(const uint8_t* a, const uint8_t* b, uint8_t* out, size_t pairs, Stores stores) {
    HWY_DYNAMIC_DISPATCH(PackPairs8)(a, b, out, pairs, stores);
}
void pack_pairs(const uint16_t* a, const uint16_t* b, uint8_t* out, size_t pairs, const Depth& depth,
                const Pattern& add, Stores stores) {
    HWY_DYNAMIC_DISPATCH(PackPairs16To8)(a, b, out, pairs, depth, add, stores);
}
void pack_pairs(const uint16_t* a, const uint16_t* b, uint16_t* out, size_t pairs, const Depth& depth,
                const Pattern& add, Stores stores) {
    HWY_DYNAMIC_DISPATCH(PackPairs16)(a, b, out, pairs, depth, add, stores);
}
void pack_422(const uint8_t* y, const uint8_t* u, const uint8_t* v, uint8_t* out, size_t groups, Order422 order,
              Stores stores) {
    HWY_DYNAMIC_DISPATCH(Pack8)(y, u, v, out, groups, order, stores);
}
void pack_422(const uint16_t* y, const uint16_t* u, const uint16_t* v, uint8_t* out, size_t groups, Order422 order,
              const Depth& depth, const Pattern& luma, const Pattern& chroma, Stores stores) {
    HWY_DYNAMIC_DISPATCH(Pack16To8)(y, u, v, out, groups, order, depth, luma, chroma, stores);
}
void pack_422(const uint16_t* y, const uint16_t* u, const uint16_t* v, uint16_t* out, size_t groups, Order422 order,
              const Depth& depth, const Pattern& luma, const Pattern& chroma) {
    HWY_DYNAMIC_DISPATCH(Pack16)(y, u, v, out, groups, order, depth, luma, chroma);
}

} // namespace onair::sws::fast
#endif

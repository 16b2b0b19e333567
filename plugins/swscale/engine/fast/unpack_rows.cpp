// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/fast/rows.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/fast/unpack_rows.cpp"
#include "hwy/foreach_target.h"

#include "engine/fast/rows-inl.hpp"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace onair::sws::fast::HWY_NAMESPACE {

using namespace hwy::HWY_NAMESPACE;

void UnpackPairs8(const uint8_t* HWY_RESTRICT in, uint8_t* HWY_RESTRICT a, uint8_t* HWY_RESTRICT b, size_t pairs) {
    const D8 d;
    const size_t n = Lanes(d);
    ForRow(
        pairs, n,
        [&](size_t x) HWY_ATTR {
            const auto lower = LoadU(d, in + 2 * x), upper = LoadU(d, in + 2 * x + n);
            StoreU(ConcatEven(d, upper, lower), d, a + x);
            StoreU(ConcatOdd(d, upper, lower), d, b + x);
        },
        [&](size_t x) {
            a[x] = in[2 * x];
            b[x] = in[2 * x + 1];
        });
}

void UnpackPairs8To16(const uint8_t* HWY_RESTRICT in, uint16_t* HWY_RESTRICT a, uint16_t* HWY_RESTRICT b, size_t pairs,
                      int left) {
    const D16 d;
    const D8 bytes;
    const auto by = Set(d, static_cast<uint16_t>(1 << left)), low = Set(d, uint16_t{0xFF});
    ForRow(
        pairs, Lanes(d),
        [&](size_t x) HWY_ATTR {
            const auto v = BitCast(d, LoadU(bytes, in + 2 * x));
            StoreU(Mul(And(v, low), by), d, a + x);
            StoreU(Mul(ShiftRight<8>(v), by), d, b + x);
        },
        [&](size_t x) {
            a[x] = static_cast<uint16_t>(in[2 * x] << left);
            b[x] = static_cast<uint16_t>(in[2 * x + 1] << left);
        });
}

void UnpackPairs16(const uint16_t* HWY_RESTRICT in, uint16_t* HWY_RESTRICT a, uint16_t* HWY_RESTRICT b, size_t pairs,
                   int right, uint16_t mask) {
    const D16 d;
    const size_t n = Lanes(d);
    const auto bits = Set(d, mask);
    ForRow(
        pairs, n,
        [&](size_t x) HWY_ATTR {
            const auto lower = And(ShiftRightSame(LoadU(d, in + 2 * x), right), bits);
            const auto upper = And(ShiftRightSame(LoadU(d, in + 2 * x + n), right), bits);
            StoreU(ConcatEven(d, upper, lower), d, a + x);
            StoreU(ConcatOdd(d, upper, lower), d, b + x);
        },
        [&](size_t x) {
            a[x] = static_cast<uint16_t>(in[2 * x] >> right & mask);
            b[x] = static_cast<uint16_t>(in[2 * x + 1] >> right & mask);
        });
}

/// The samples of one group, for rows shorter than a vector.
template <class In, class Out, class F>
HWY_INLINE void UnpackGroup(const In* in, Out* y, Out* u, Out* v, size_t x, Order422 order, const F& convert) {
    const In* group = in + 4 * x;
    const size_t luma = order.luma_first ? 0 : 1, chroma = 1 - luma;
    y[2 * x] = convert(group[luma]);
    y[2 * x + 1] = convert(group[luma + 2]);
    Out *first = order.v_first ? v : u, *second = order.v_first ? u : v;
    first[x] = convert(group[chroma]);
    second[x] = convert(group[chroma + 2]);
}

template <bool luma_first>
HWY_INLINE void Unpack422_8(const uint8_t* HWY_RESTRICT in, uint8_t* HWY_RESTRICT y, uint8_t* HWY_RESTRICT first,
                            uint8_t* HWY_RESTRICT second, size_t groups, Stores stores) {
    const D8 d;
    const size_t n = Lanes(d);
    ForRow(
        stores, groups, n,
        [&](size_t x, auto store) HWY_ATTR {
            const uint8_t* at = in + 4 * x;
            const auto v0 = LoadU(d, at), v1 = LoadU(d, at + n), v2 = LoadU(d, at + 2 * n), v3 = LoadU(d, at + 3 * n);
            const auto even0 = ConcatEven(d, v1, v0), even1 = ConcatEven(d, v3, v2);
            const auto odd0 = ConcatOdd(d, v1, v0), odd1 = ConcatOdd(d, v3, v2);
            store(luma_first ? even0 : odd0, d, y + 2 * x);
            store(luma_first ? even1 : odd1, d, y + 2 * x + n);
            const auto c0 = luma_first ? odd0 : even0, c1 = luma_first ? odd1 : even1;
            store(ConcatEven(d, c1, c0), d, first + x);
            store(ConcatOdd(d, c1, c0), d, second + x);
        },
        [&](size_t x) {
            UnpackGroup(in, y, first, second, x, {luma_first, false}, [](uint8_t s) { return s; });
        });
}

void Unpack8(const uint8_t* in, uint8_t* y, uint8_t* u, uint8_t* v, size_t groups, Order422 order, Stores stores) {
    if (order.v_first) std::swap(u, v);
    if (order.luma_first)
        Unpack422_8<true>(in, y, u, v, groups, stores);
    else
        Unpack422_8<false>(in, y, u, v, groups, stores);
}

template <bool luma_first>
HWY_INLINE void Unpack422_8To16(const uint8_t* HWY_RESTRICT in, uint16_t* HWY_RESTRICT y, uint16_t* HWY_RESTRICT first,
                                uint16_t* HWY_RESTRICT second, size_t groups, int left, Stores stores) {
    const D16 d;
    const D8 bytes;
    const size_t n = Lanes(d);
    const auto by = Set(d, static_cast<uint16_t>(1 << left)), low = Set(d, uint16_t{0xFF});
    ForRow(
        stores, groups, n,
        [&](size_t x, auto store) HWY_ATTR {
            const auto v0 = BitCast(d, LoadU(bytes, in + 4 * x)), v1 = BitCast(d, LoadU(bytes, in + 4 * x + 2 * n));
            const auto even0 = Mul(And(v0, low), by), even1 = Mul(And(v1, low), by);
            const auto odd0 = Mul(ShiftRight<8>(v0), by), odd1 = Mul(ShiftRight<8>(v1), by);
            store(luma_first ? even0 : odd0, d, y + 2 * x);
            store(luma_first ? even1 : odd1, d, y + 2 * x + n);
            const auto c0 = luma_first ? odd0 : even0, c1 = luma_first ? odd1 : even1;
            store(ConcatEven(d, c1, c0), d, first + x);
            store(ConcatOdd(d, c1, c0), d, second + x);
        },
        [&](size_t x) {
            UnpackGroup(in, y, first, second, x, {luma_first, false},
                        [left](uint8_t s) { return static_cast<uint16_t>(s << left); });
        });
}

void Unpack8To16(const uint8_t* in, uint16_t* y, uint16_t* u, uint16_t* v, size_t groups, Order422 order, int left,
                 Stores stores) {
    if (order.v_first) std::swap(u, v);
    if (order.luma_first)
        Unpack422_8To16<true>(in, y, u, v, groups, left, stores);
    else
        Unpack422_8To16<false>(in, y, u, v, groups, left, stores);
}

void Unpack16(const uint16_t* HWY_RESTRICT in, uint16_t* HWY_RESTRICT y, uint16_t* HWY_RESTRICT u,
              uint16_t* HWY_RESTRICT v, size_t groups, Order422 order, int right, uint16_t mask, Stores stores) {
    const D16 d;
    const size_t n = Lanes(d);
    const auto bits = Set(d, mask);
    uint16_t *const first = order.v_first ? v : u, *const second = order.v_first ? u : v;
    const bool luma_first = order.luma_first;
    ForRow(
        stores, groups, n,
        [&](size_t x, auto store) HWY_ATTR {
            const auto load = [&](size_t i)
                                  HWY_ATTR { return And(ShiftRightSame(LoadU(d, in + 4 * x + i * n), right), bits); };
            const auto v0 = load(0), v1 = load(1), v2 = load(2), v3 = load(3);
            const auto even0 = ConcatEven(d, v1, v0), even1 = ConcatEven(d, v3, v2);
            const auto odd0 = ConcatOdd(d, v1, v0), odd1 = ConcatOdd(d, v3, v2);
            store(luma_first ? even0 : odd0, d, y + 2 * x);
            store(luma_first ? even1 : odd1, d, y + 2 * x + n);
            const auto c0 = luma_first ? odd0 : even0, c1 = luma_first ? odd1 : even1;
            store(ConcatEven(d, c1, c0), d, first + x);
            store(ConcatOdd(d, c1, c0), d, second + x);
        },
        [&](size_t x) {
            UnpackGroup(in, y, u, v, x, order, [=](uint16_t s) { return static_cast<uint16_t>(s >> right & mask); });
        });
}

} // namespace onair::sws::fast::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace onair::sws::fast {

HWY_EXPORT(UnpackPairs8);
HWY_EXPORT(UnpackPairs8To16);
HWY_EXPORT(UnpackPairs16);
HWY_EXPORT(Unpack8);
HWY_EXPORT(Unpack8To16);
HWY_EXPORT(Unpack16);

void unpack_pairs(const uint8_t* in, uint8_t* a, uint8_t* b, size_t pairs) {
    HWY_DYNAMIC_DISPATCH(UnpackPairs8)(in, a, b, pairs);
}
void unpack_pairs(const uint8_t* in, uint16_t* a, uint16_t* b, size_t pairs, int left) {
    HWY_DYNAMIC_DISPATCH(UnpackPairs8To16)(in, a, b, pairs, left);
}
void unpack_pairs(const uint16_t* in, uint16_t* a, uint16_t* b, size_t pairs, int right, uint16_t mask) {
    HWY_DYNAMIC_DISPATCH(UnpackPairs16)(in, a, b, pairs, right, mask);
}
void unpack_422(const uint8_t* in, uint8_t* y, uint8_t* u, uint8_t* v, size_t groups, Order422 order, Stores stores) {
    HWY_DYNAMIC_DISPATCH(Unpack8)(in, y, u, v, groups, order, stores);
}
void unpack_422(const uint8_t* in, uint16_t* y, uint16_t* u, uint16_t* v, size_t groups, Order422 order, int left,
                Stores stores) {
    HWY_DYNAMIC_DISPATCH(Unpack8To16)(in, y, u, v, groups, order, left, stores);
}
void unpack_422(const uint16_t* in, uint16_t* y, uint16_t* u, uint16_t* v, size_t groups, Order422 order, int right,
                uint16_t mask, Stores stores) {
    HWY_DYNAMIC_DISPATCH(Unpack16)(in, y, u, v, groups, order, right, mask, stores);
}

} // namespace onair::sws::fast
#endif

// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
// What the families share: read again for each kind of vector instructions (hence no #pragma once).
#include "engine/fast/rows.hpp"

#ifndef ONAIR_ROWS_ONCE
#define ONAIR_ROWS_ONCE
#include <algorithm>
namespace onair::sws::fast {

/// One sample, for the ends of rows.
inline uint16_t change_one(uint16_t in, const Depth& depth, const Pattern& add, size_t x) {
    const uint32_t sum =
        std::min<uint32_t>(static_cast<uint32_t>(in >> depth.right & depth.mask) + add[x % 32], 0xFFFF);
    return static_cast<uint16_t>(std::min<uint32_t>(sum >> depth.shift, depth.largest) << depth.left);
}

} // namespace onair::sws::fast
#endif

#if defined(ONAIR_ROWS_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef ONAIR_ROWS_INL
#undef ONAIR_ROWS_INL
#else
#define ONAIR_ROWS_INL
#endif

#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace onair::sws::fast::HWY_NAMESPACE {

using namespace hwy::HWY_NAMESPACE;

/// At most 64 bytes: patterns are no longer.
using D8 = CappedTag<uint8_t, 64>;
using D16 = CappedTag<uint16_t, 32>;
using D32 = CappedTag<uint32_t, 16>;

/// whole(x) for each `lanes` samples of a row, the last of them ending where the row ends; one(x) for the samples of a
/// row that is shorter.
template <class Whole, class One>
HWY_INLINE void ForRow(size_t count, size_t lanes, const Whole& whole, const One& one) {
    if (count < lanes) {
        for (size_t x = 0; x < count; ++x)
            one(x);
        return;
    }
    for (size_t x = 0;;) {
        whole(x); // written once, so that it becomes part of the loop
        x += lanes;
        if (x >= count) return;
        x = std::min(x, count - lanes);
    }
}

/// How a vector gets to a row.
struct CachedStore {
    template <class V, class D>
    HWY_INLINE void operator()(V v, D d, TFromD<D>* at) const {
        StoreU(v, d, at);
    }
};
/// `at` is aligned to a vector.
struct StreamedStore {
    template <class V, class D>
    HWY_INLINE void operator()(V v, D d, TFromD<D>* at) const {
        Stream(v, d, at);
    }
};

/// ForRow() whose vectors are streamed, but for a last one that ends where the row ends: whole(x, store).
template <class Whole, class One>
HWY_INLINE void ForRow(Stores stores, size_t count, size_t lanes, const Whole& whole, const One& one) {
    size_t x = 0;
    if (stores == Stores::streamed)
        for (; x + lanes <= count; x += lanes)
            whole(x, StreamedStore());
    for (; count < lanes && x < count; ++x)
        one(x);
    while (x < count) {
        x = std::min(x, count - lanes);
        whole(x, CachedStore());
        x += lanes;
    }
}

/// Depth in registers. Shifts are multiplications: one instruction each, whatever the count.
struct DepthVectors {
    using V = Vec<D16>;
    HWY_INLINE explicit DepthVectors(const Depth& depth)
        : mask(Set(D16(), depth.mask)), largest(Set(D16(), depth.largest)),
          right(Set(D16(), static_cast<uint16_t>(0x10000 >> depth.right))),
          down(Set(D16(), static_cast<uint16_t>(0x10000 >> depth.shift))),
          up(Set(D16(), static_cast<uint16_t>(1 << depth.left))), has_right(depth.right > 0),
          has_shift(depth.shift > 0), has_left(depth.left > 0) {}

    HWY_INLINE V operator()(V v, V add) const {
        if (has_right) v = MulHigh(v, right);
        v = SaturatedAdd(And(v, mask), add);
        if (has_shift) v = MulHigh(v, down);
        v = Min(v, largest);
        return has_left ? Mul(v, up) : v;
    }

    V mask, largest, right, down, up;
    bool has_right, has_shift, has_left;
};

} // namespace onair::sws::fast::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif

// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
// Sums of units to samples; included once for each kind of vectors, behind <hwy/highway.h>.
#include "engine/fast/scale_rows.hpp"

#include <algorithm>
#include <cstring>

#if defined(ONAIR_FAST_FINISH_INL_HPP) == defined(HWY_TARGET_TOGGLE)
#ifdef ONAIR_FAST_FINISH_INL_HPP
#undef ONAIR_FAST_FINISH_INL_HPP
#else
#define ONAIR_FAST_FINISH_INL_HPP
#endif

HWY_BEFORE_NAMESPACE();
namespace onair::sws::fast::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

using D16 = hn::CappedTag<int16_t, 32>;
using V16 = hn::Vec<D16>;

/// Units to samples that are not yet limited.
struct Rounding16 {
    V16 add[2]; ///< of vectors in turn: the pattern repeats after one or two of them
    int shift;
    HWY_INLINE explicit Rounding16(const Column& c)
        : add{hn::LoadU(D16(), c.pattern), hn::LoadU(D16(), c.pattern + hn::Lanes(D16()) % 16)}, shift(c.shift) {}
    HWY_INLINE V16 operator()(V16 units, size_t vector) const {
        return hn::ShiftRightSame(hn::SaturatedAdd(units, add[vector % 2]), shift);
    }
};

/// Samples of 8 bits are limited by the change to bytes itself.
HWY_INLINE void Put(V16 v, const Column&, uint8_t* out) {
    const hn::Rebind<uint8_t, D16> d8;
    hn::StoreU(hn::DemoteTo(d8, v), d8, out);
}
HWY_INLINE void Put(V16 v, const Column& c, uint16_t* out) {
    const D16 d;
    const hn::RebindToUnsigned<D16> du;
    hn::StoreU(hn::BitCast(du, hn::Max(hn::Min(v, hn::Set(d, c.largest)), hn::Zero(d))), du, out);
}
/// `count` samples at most.
template <class T>
HWY_INLINE void PutSome(V16 v, const Column& c, T* out, size_t count) {
    if (count >= hn::Lanes(D16())) return Put(v, c, out);
    HWY_ALIGN T rest[32];
    Put(v, c, rest);
    std::memcpy(out, rest, count * sizeof(T));
}

} // namespace
} // namespace onair::sws::fast::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif

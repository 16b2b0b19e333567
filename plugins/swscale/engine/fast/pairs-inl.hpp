// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
// Neighbours in a row, apart; included once for each kind of vectors, behind <hwy/highway.h>.
#include <cstdint>

#if defined(ONAIR_FAST_PAIRS_INL_HPP) == defined(HWY_TARGET_TOGGLE)
#ifdef ONAIR_FAST_PAIRS_INL_HPP
#undef ONAIR_FAST_PAIRS_INL_HPP
#else
#define ONAIR_FAST_PAIRS_INL_HPP
#endif

HWY_BEFORE_NAMESPACE();
namespace onair::sws::fast::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

using D16 = hn::ScalableTag<int16_t>;
using V16 = hn::Vec<D16>;

struct EvenOdd {
    V16 even, odd;
};
/// Pairs of bytes are words.
HWY_INLINE EvenOdd load_pairs(D16 d, const uint8_t* at) {
    const hn::Repartition<uint16_t, D16> du;
    const auto both = hn::BitCast(du, hn::LoadU(hn::Repartition<uint8_t, D16>(), at));
    return {hn::BitCast(d, hn::And(both, hn::Set(du, uint16_t{0xFF}))), hn::BitCast(d, hn::ShiftRight<8>(both))};
}
HWY_INLINE EvenOdd load_pairs(D16 d, const int16_t* at) {
    const V16 a = hn::LoadU(d, at), b = hn::LoadU(d, at + hn::Lanes(d));
    return {hn::ConcatEven(d, b, a), hn::ConcatOdd(d, b, a)};
}

} // namespace
} // namespace onair::sws::fast::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif

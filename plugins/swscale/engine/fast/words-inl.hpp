// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
// Sums of products of 16 bits; included once for each kind of vectors, behind <hwy/highway.h>.
#include "engine/fast/matrix_rows.hpp"

#if defined(ONAIR_FAST_WORDS_INL_HPP) == defined(HWY_TARGET_TOGGLE)
#ifdef ONAIR_FAST_WORDS_INL_HPP
#undef ONAIR_FAST_WORDS_INL_HPP
#else
#define ONAIR_FAST_WORDS_INL_HPP
#endif

HWY_BEFORE_NAMESPACE();
namespace onair::sws::fast::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

using D16 = hn::ScalableTag<int16_t>;
using D32 = hn::Repartition<int32_t, D16>;
using V16 = hn::Vec<D16>;
using V32 = hn::Vec<D32>;

/// Two factors for neighbours of 16 bits.
V16 pair(int16_t first, int16_t second) {
    const uint32_t both = static_cast<uint16_t>(first) | static_cast<uint32_t>(static_cast<uint16_t>(second)) << 16;
    return hn::BitCast(D16(), hn::Set(D32(), static_cast<int32_t>(both)));
}

/// Four products a sum.
V32 dot(V16 ab, V16 cd, V16 factor_ab, V16 factor_cd, V32 add) {
    const D32 d;
    V32 odd = hn::Zero(d);
    V32 sum = hn::ReorderWidenMulAccumulate(d, ab, factor_ab, hn::Zero(d), odd);
    sum = hn::ReorderWidenMulAccumulate(d, cd, factor_cd, sum, odd);
    return hn::Add(hn::RearrangeToOddPlusEven(sum, odd), add);
}

} // namespace
} // namespace onair::sws::fast::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif

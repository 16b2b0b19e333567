// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/fast/scale_rows.hpp"

#include "engine/fast/scale_rows_plain.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/fast/scale_rows.cpp"
#include <hwy/foreach_target.h>

#include <hwy/highway.h>

#include <cstring>

#include "engine/fast/finish-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace onair::sws::fast {
namespace HWY_NAMESPACE {

namespace {

using D32 = hn::RepartitionToWide<D16>;
using H16 = hn::Half<D16>;
using V32 = hn::Vec<D32>;

} // namespace

// --- samples in ------------------------------------------------------------------------------------------------------

void Take8(const uint8_t* in, int16_t* out, size_t count, int left) {
    const D16 d;
    const hn::Rebind<uint8_t, D16> d8;
    const size_t n = hn::Lanes(d);
    size_t i = 0;
    if (left == 0) {
        for (; i + n <= count; i += n)
            hn::StoreU(hn::PromoteTo(d, hn::LoadU(d8, in + i)), d, out + i);
    } else {
        const auto by = hn::Set(d, static_cast<int16_t>(1 << left));
        for (; i + n <= count; i += n)
            hn::StoreU(hn::Mul(hn::PromoteTo(d, hn::LoadU(d8, in + i)), by), d, out + i);
    }
    plain::take_8(in + i, out + i, count - i, left);
}

void Take16(const uint16_t* in, int16_t* out, size_t count, uint16_t mask, int left) {
    const hn::RebindToUnsigned<D16> d;
    const size_t n = hn::Lanes(d);
    const auto bits = hn::Set(d, mask);
    auto* to = reinterpret_cast<uint16_t*>(out);
    size_t i = 0;
    if (left == 0) {
        for (; i + n <= count; i += n)
            hn::StoreU(hn::And(hn::LoadU(d, in + i), bits), d, to + i);
    } else {
        const auto by = hn::Set(d, static_cast<uint16_t>(1 << left));
        for (; i + n <= count; i += n)
            hn::StoreU(hn::Mul(hn::And(hn::LoadU(d, in + i), bits), by), d, to + i);
    }
    plain::take_16(in + i, out + i, count - i, mask, left);
}

// --- along a row -----------------------------------------------------------------------------------------------------

void Subtract(const int16_t* in, int16_t* out, size_t count, int16_t less) {
    const D16 d;
    const auto by = hn::Set(d, less);
    for (size_t i = 0; i < count; i += hn::Lanes(d))
        hn::StoreU(hn::Sub(hn::LoadU(d, in + i), by), d, out + i);
}

namespace {
/// Two weights as they lie beside each other in a row.
HWY_INLINE V16 Pair(const int16_t* weights) {
    int32_t both;
    std::memcpy(&both, weights, sizeof both);
    return hn::BitCast(D16(), hn::Set(D32(), both));
}
} // namespace

void Halve(const int16_t* in, int16_t* out, size_t count, const int16_t* weights, size_t taps, Rounding rounding) {
    const D16 d;
    const D32 d32;
    const H16 half;
    const size_t n = hn::Lanes(d32);
    const auto add = hn::Set(d32, rounding.add);
    const auto store = [&](V32 sum, V32 rest, int16_t* to) HWY_ATTR {
        const auto all = hn::Add(hn::RearrangeToOddPlusEven(sum, rest), add);
        hn::StoreU(hn::DemoteTo(half, hn::ShiftRightSame(all, rounding.shift)), half, to);
    };
    for (size_t i = 0; i < count; i += 4 * n) {
        const int16_t* from = in + 2 * i;
        V32 a = hn::Zero(d32), b = a, c = a, e = a, a1 = a, b1 = a, c1 = a, e1 = a;
        for (size_t t = 0; t < taps; t += 2) {
            const auto w = Pair(weights + t);
            a = hn::ReorderWidenMulAccumulate(d32, hn::LoadU(d, from + t), w, a, a1);
            b = hn::ReorderWidenMulAccumulate(d32, hn::LoadU(d, from + t + 2 * n), w, b, b1);
            c = hn::ReorderWidenMulAccumulate(d32, hn::LoadU(d, from + t + 4 * n), w, c, c1);
            e = hn::ReorderWidenMulAccumulate(d32, hn::LoadU(d, from + t + 6 * n), w, e, e1);
        }
        store(a, a1, out + i);
        store(b, b1, out + i + n);
        store(c, c1, out + i + 2 * n);
        store(e, e1, out + i + 3 * n);
    }
}

namespace {
// Two outputs to a vector where it has room for them, else one.
constexpr size_t per_vector = HWY_MAX_BYTES >= 32 ? 2 : 1;
using G16 = hn::FixedTag<int16_t, 8 * per_vector>;
using G32 = hn::RepartitionToWide<G16>;
using Q16 = hn::FixedTag<int16_t, 8>;
using Q32 = hn::FixedTag<int32_t, 4>;

/// Eight samples of each output of a vector.
HWY_INLINE hn::Vec<G16> SamplesAt(const int16_t* in, const int32_t* first, size_t i, size_t t) {
#if HWY_MAX_BYTES >= 32
    const Q16 q;
    return hn::Combine(G16(), hn::LoadU(q, in + first[i + 4] + t), hn::LoadU(q, in + first[i] + t));
#else
    return hn::LoadU(G16(), in + first[i] + t);
#endif
}

/// Sums over each block of four vectors: of a's first, b's, c's and e's, then of their second.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V SumsOf(D d, V a, V b, V c, V e) {
    const hn::Repartition<int64_t, D> pairs;
    const auto ab = hn::BitCast(pairs, hn::Add(hn::InterleaveLower(d, a, b), hn::InterleaveUpper(d, a, b)));
    const auto ce = hn::BitCast(pairs, hn::Add(hn::InterleaveLower(d, c, e), hn::InterleaveUpper(d, c, e)));
    return hn::Add(hn::BitCast(d, hn::InterleaveLower(pairs, ab, ce)),
                   hn::BitCast(d, hn::InterleaveUpper(pairs, ab, ce)));
}

HWY_INLINE void GatherFour(const int16_t* in, int16_t* out, size_t count, const int32_t* first, const int16_t* weights,
                           Rounding rounding) {
    const Q16 d;
    const Q32 d32;
    const hn::Half<Q16> half;
    const auto add = hn::Set(d32, rounding.add);
    const auto two = [&](size_t i) HWY_ATTR {
        const auto samples = hn::Combine(d, hn::LoadU(half, in + first[i + 1]), hn::LoadU(half, in + first[i]));
        auto rest = hn::Zero(d32);
        const auto sum =
            hn::ReorderWidenMulAccumulate(d32, samples, hn::LoadU(d, weights + 4 * i), hn::Zero(d32), rest);
        return hn::RearrangeToOddPlusEven(sum, rest);
    };
    for (size_t i = 0; i < count; i += 4) {
        const auto a = two(i), b = two(i + 2);
        const auto sum = hn::Add(hn::Add(hn::ConcatEven(d32, b, a), hn::ConcatOdd(d32, b, a)), add);
        hn::StoreU(hn::DemoteTo(half, hn::ShiftRightSame(sum, rounding.shift)), half, out + i);
    }
}
} // namespace

void Gather(const int16_t* in, int16_t* out, size_t count, const int32_t* first, const int16_t* weights, size_t taps,
            Rounding rounding) {
    if (taps == 4) return GatherFour(in, out, count, first, weights, rounding);
    const G16 d;
    const G32 d32;
    const hn::Half<G16> half;
    const auto add = hn::Set(d32, rounding.add);
    for (size_t i = 0; i < count; i += 8) {
        const int16_t* block = weights + i * taps;
        const auto sum = [&](size_t pair, size_t second) HWY_ATTR {
            const int16_t* w = block + 2 * pair * taps + 8 * second;
            auto all = hn::Zero(d32), rest = all;
            for (size_t t = 0; t < taps; t += 8)
                all = hn::ReorderWidenMulAccumulate(d32, SamplesAt(in, first, i + pair + 4 * second, t),
                                                    hn::LoadU(d, w + 2 * t), all, rest);
            return hn::RearrangeToOddPlusEven(all, rest);
        };
        for (size_t second = 0; second < 2; second += per_vector) {
            const auto all = hn::Add(SumsOf(d32, sum(0, second), sum(1, second), sum(2, second), sum(3, second)), add);
            hn::StoreU(hn::DemoteTo(half, hn::ShiftRightSame(all, rounding.shift)), half, out + i + 4 * second);
        }
    }
}

namespace {
/// Two outputs a sample, four taps each, those of the second one sample further on.
void Double(const int16_t* in, int16_t* out, size_t count, const int16_t* first, const int16_t* second, int16_t less) {
    const D16 d;
    const size_t n = hn::Lanes(d);
    const auto by = hn::Set(d, less);
    V16 w[8]; // apart from `out`, which the compiler cannot know to be elsewhere
    for (size_t t = 0; t < 4; ++t) {
        w[t] = hn::Set(d, first[t]);
        w[4 + t] = hn::Set(d, second[t]);
    }
    for (size_t i = 0; 2 * i < count; i += n) {
        V16 a = hn::LoadU(d, in + i), b = hn::LoadU(d, in + i + 1);
        V16 even = hn::Sub(hn::MulFixedPoint15(a, w[0]), by), odd = hn::Sub(hn::MulFixedPoint15(b, w[4]), by);
        for (size_t t = 1; t < 4; ++t) {
            a = b;
            b = hn::LoadU(d, in + i + t + 1);
            even = hn::Add(even, hn::MulFixedPoint15(a, w[t]));
            odd = hn::Add(odd, hn::MulFixedPoint15(b, w[4 + t]));
        }
        hn::StoreInterleaved2(even, odd, d, out + 2 * i);
    }
}
} // namespace

void Step(const int16_t* in, int16_t* out, size_t count, const Phase* phase, size_t phases, size_t taps, int16_t less) {
    if (phases == 2 && taps == 4 && phase[1].first == phase[0].first + 1)
        return Double(in + phase[0].first, out, count, phase[0].weights, phase[1].weights, less);
    const D16 d;
    const size_t n = hn::Lanes(d);
    const auto by = hn::Set(d, less);
    const auto sum = [&](const Phase& p, size_t i) HWY_ATTR {
        const int16_t* from = in + p.first + static_cast<ptrdiff_t>(i);
        auto all = hn::Sub(hn::MulFixedPoint15(hn::LoadU(d, from), hn::Set(d, p.weights[0])), by);
        for (size_t t = 1; t < taps; ++t)
            all = hn::Add(all, hn::MulFixedPoint15(hn::LoadU(d, from + t), hn::Set(d, p.weights[t])));
        return all;
    };
    if (phases == 1) {
        for (size_t i = 0; i < count; i += n)
            hn::StoreU(sum(phase[0], i), d, out + i);
        return;
    }
    for (size_t i = 0; 2 * i < count; i += n)
        hn::StoreInterleaved2(sum(phase[0], i), sum(phase[1], i), d, out + 2 * i);
}

// --- across rows -----------------------------------------------------------------------------------------------------

namespace {
/// `vectors` of them from x on.
template <size_t vectors>
HWY_INLINE void SumRows(const Column& c, size_t x, V16* sum) {
    const D16 d;
    const size_t n = hn::Lanes(d);
    if (c.taps == 0) {
        for (size_t k = 0; k < vectors; ++k)
            sum[k] = hn::LoadU(d, c.rows[0] + x + k * n);
    } else {
        const auto w = hn::Set(d, c.weights[0]);
        for (size_t k = 0; k < vectors; ++k)
            sum[k] = hn::MulFixedPoint15(hn::LoadU(d, c.rows[0] + x + k * n), w);
    }
    for (size_t t = 1; t < c.taps; ++t) {
        const auto w = hn::Set(d, c.weights[t]);
        const int16_t* row = c.rows[t] + x;
        for (size_t k = 0; k < vectors; ++k)
            sum[k] = hn::Add(sum[k], hn::MulFixedPoint15(hn::LoadU(d, row + k * n), w));
    }
}

template <class T>
HWY_INLINE void Finish(const Column& c, T* out, size_t count) {
    const size_t n = hn::Lanes(D16());
    const Rounding16 rounding(c);
    V16 sum[4];
    size_t x = 0;
    for (; x + 4 * n <= count; x += 4 * n) {
        SumRows<4>(c, x, sum);
        for (size_t k = 0; k < 4; ++k)
            Put(rounding(sum[k], k), c, out + x + k * n);
    }
    for (size_t k = 0; x < count; x += n, ++k) {
        SumRows<1>(c, x, sum);
        PutSome(rounding(sum[0], k), c, out + x, count - x);
    }
}

} // namespace

void Finish8(const Column& column, uint8_t* out, size_t count) { Finish(column, out, count); }
void Finish16(const Column& column, uint16_t* out, size_t count) { Finish(column, out, count); }

} // namespace HWY_NAMESPACE
} // namespace onair::sws::fast
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace onair::sws::fast {

HWY_EXPORT(Take8);
HWY_EXPORT(Take16);
HWY_EXPORT(Subtract);
HWY_EXPORT(Halve);
HWY_EXPORT(Gather);
HWY_EXPORT(Step);
HWY_EXPORT(Finish8);
HWY_EXPORT(Finish16);

void take_8(const uint8_t* in, int16_t* out, size_t count, int left) {
    HWY_DYNAMIC_DISPATCH(Take8)(in, out, count, left);
}
void take_16(const uint16_t* in, int16_t* out, size_t count, uint16_t mask, int left) {
    HWY_DYNAMIC_DISPATCH(Take16)(in, out, count, mask, left);
}
void subtract(const int16_t* in, int16_t* out, size_t count, int16_t less) {
    HWY_DYNAMIC_DISPATCH(Subtract)(in, out, count, less);
}
void halve(const int16_t* in, int16_t* out, size_t count, const int16_t* weights, size_t taps, Rounding rounding) {
    HWY_DYNAMIC_DISPATCH(Halve)(in, out, count, weights, taps, rounding);
}
void gather(const int16_t* in, int16_t* out, size_t count, const int32_t* first, const int16_t* weights, size_t taps,
            Rounding rounding) {
    HWY_DYNAMIC_DISPATCH(Gather)(in, out, count, first, weights, taps, rounding);
}
void step(const int16_t* in, int16_t* out, size_t count, const Phase* phase, size_t phases, size_t taps, int16_t less) {
    HWY_DYNAMIC_DISPATCH(Step)(in, out, count, phase, phases, taps, less);
}
void finish_8(const Column& column, uint8_t* out, size_t count) { HWY_DYNAMIC_DISPATCH(Finish8)(column, out, count); }
void finish_16(const Column& column, uint16_t* out, size_t count) {
    HWY_DYNAMIC_DISPATCH(Finish16)(column, out, count);
}

} // namespace onair::sws::fast
#endif

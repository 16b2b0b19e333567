// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/fast/number_rows.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/fast/number_rows.cpp"
#include <hwy/foreach_target.h>

#include <hwy/highway.h>

#include <cstring>

HWY_BEFORE_NAMESPACE();
namespace onair::sws::fast::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

namespace {

using DF = hn::CappedTag<float, 16>;
using DI = hn::RebindToSigned<DF>;
using VF = hn::Vec<DF>;

template <class In>
HWY_INLINE void Take(const In* in, float* out, size_t count, In mask) {
    const DF d;
    const DI di;
    const hn::Rebind<In, DF> from;
    const size_t n = hn::Lanes(d);
    const auto bits = hn::Set(from, mask);
    size_t i = 0;
    for (; i + n <= count; i += n)
        hn::StoreU(hn::ConvertTo(d, hn::PromoteTo(di, hn::And(hn::LoadU(from, in + i), bits))), d, out + i);
    for (; i < count; ++i)
        out[i] = static_cast<float>(in[i] & mask);
}

/// out[i] of one phase from i on, for as many as a vector has.
HWY_INLINE VF SumOfPhase(const float* in, const NumberPhase& p, size_t i, size_t taps) {
    const DF d;
    const float* from = in + p.first + static_cast<ptrdiff_t>(i);
    VF sum = hn::Mul(hn::LoadU(d, from), hn::Set(d, p.weights[0]));
    for (size_t t = 1; t < taps; ++t)
        sum = hn::Add(sum, hn::Mul(hn::LoadU(d, from + t), hn::Set(d, p.weights[t])));
    return sum;
}

HWY_INLINE VF SumOfHalves(const float* in, const NumberPhase& p, size_t i, size_t taps) {
    const DF d;
    const float* from = in + p.first + static_cast<ptrdiff_t>(2 * i);
    VF sum = hn::Zero(d), even, odd;
    for (size_t t = 0; t < taps; t += 2) {
        hn::LoadInterleaved2(d, from + t, even, odd);
        sum = hn::Add(sum, hn::Mul(even, hn::Set(d, p.weights[t])));
        sum = hn::Add(sum, hn::Mul(odd, hn::Set(d, p.weights[t + 1])));
    }
    return sum;
}

/// `vectors` of samples from x on, as integers.
template <size_t vectors>
HWY_INLINE void SumRows(const NumberColumn& c, size_t x, hn::Vec<DI>* out) {
    const DF d;
    const DI di;
    const size_t n = hn::Lanes(d);
    VF sum[vectors];
    for (size_t k = 0; k < vectors; ++k)
        sum[k] = hn::Mul(hn::LoadU(d, c.rows[0] + x + k * n), hn::Set(d, c.weights[0]));
    for (size_t t = 1; t < c.taps; ++t) {
        const auto w = hn::Set(d, c.weights[t]);
        const float* row = c.rows[t] + x;
        for (size_t k = 0; k < vectors; ++k)
            sum[k] = hn::Add(sum[k], hn::Mul(hn::LoadU(d, row + k * n), w));
    }
    const auto scale = hn::Set(d, c.scale), largest = hn::Set(d, c.largest);
    for (size_t k = 0; k < vectors; ++k) {
        const auto v = hn::Add(hn::Mul(sum[k], scale), hn::LoadU(d, c.pattern + (x + k * n) % 16));
        out[k] = hn::ConvertTo(di, hn::Min(hn::Max(v, hn::Zero(d)), largest));
    }
}

template <class T>
HWY_INLINE void Finish(const NumberColumn& c, T* out, size_t count) {
    const hn::Rebind<T, DF> to;
    const size_t n = hn::Lanes(DF());
    hn::Vec<DI> v[4];
    size_t x = 0;
    for (; x + 4 * n <= count; x += 4 * n) {
        SumRows<4>(c, x, v);
        for (size_t k = 0; k < 4; ++k)
            hn::StoreU(hn::DemoteTo(to, v[k]), to, out + x + k * n);
    }
    for (; x < count; x += n) {
        SumRows<1>(c, x, v);
        if (x + n <= count) {
            hn::StoreU(hn::DemoteTo(to, v[0]), to, out + x);
            continue;
        }
        HWY_ALIGN T rest[16];
        hn::StoreU(hn::DemoteTo(to, v[0]), to, rest);
        std::memcpy(out + x, rest, (count - x) * sizeof(T));
    }
}

} // namespace

void TakeNumbers8(const uint8_t* in, float* out, size_t count) { Take<uint8_t>(in, out, count, 0xFF); }
void TakeNumbers16(const uint16_t* in, float* out, size_t count, uint16_t mask) { Take(in, out, count, mask); }

void StepNumbers(const float* in, float* out, size_t count, const NumberPhase* phase, size_t phases, size_t advance,
                 size_t taps) {
    const DF d;
    const size_t n = hn::Lanes(d);
    if (advance == 2) {
        for (size_t i = 0; i < count; i += n)
            hn::StoreU(SumOfHalves(in, phase[0], i, taps), d, out + i);
    } else if (phases == 1) {
        for (size_t i = 0; i < count; i += n)
            hn::StoreU(SumOfPhase(in, phase[0], i, taps), d, out + i);
    } else {
        for (size_t i = 0; 2 * i < count; i += n)
            hn::StoreInterleaved2(SumOfPhase(in, phase[0], i, taps), SumOfPhase(in, phase[1], i, taps), d, out + 2 * i);
    }
}

/// Blocks of four on every processor, so that sums are added up in one order.
void GatherNumbers(const float* in, float* out, size_t count, const int32_t* first, const float* weights, size_t taps) {
    const hn::FixedTag<float, 4> d;
    const hn::FixedTag<double, 2> pairs;
    for (size_t i = 0; i < count; i += 4) {
        const auto sum = [&](size_t k) HWY_ATTR {
            const float *from = in + first[i + k], *w = weights + (i + k) * taps;
            auto all = hn::Mul(hn::LoadU(d, from), hn::LoadU(d, w));
            for (size_t t = 4; t < taps; t += 4)
                all = hn::Add(all, hn::Mul(hn::LoadU(d, from + t), hn::LoadU(d, w + t)));
            return all;
        };
        const auto a = sum(0), b = sum(1), c = sum(2), e = sum(3);
        const auto ab = hn::BitCast(pairs, hn::Add(hn::InterleaveLower(d, a, b), hn::InterleaveUpper(d, a, b)));
        const auto ce = hn::BitCast(pairs, hn::Add(hn::InterleaveLower(d, c, e), hn::InterleaveUpper(d, c, e)));
        hn::StoreU(hn::Add(hn::BitCast(d, hn::InterleaveLower(pairs, ab, ce)),
                           hn::BitCast(d, hn::InterleaveUpper(pairs, ab, ce))),
                   d, out + i);
    }
}

void FinishNumbers8(const NumberColumn& column, uint8_t* out, size_t count) { Finish(column, out, count); }
void FinishNumbers16(const NumberColumn& column, uint16_t* out, size_t count) { Finish(column, out, count); }

} // namespace onair::sws::fast::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace onair::sws::fast {

HWY_EXPORT(TakeNumbers8);
HWY_EXPORT(TakeNumbers16);
HWY_EXPORT(StepNumbers);
HWY_EXPORT(GatherNumbers);
HWY_EXPORT(FinishNumbers8);
HWY_EXPORT(FinishNumbers16);

void take_numbers(const uint8_t* in, float* out, size_t count) { HWY_DYNAMIC_DISPATCH(TakeNumbers8)(in, out, count); }
void take_numbers(const uint16_t* in, float* out, size_t count, uint16_t mask) {
    HWY_DYNAMIC_DISPATCH(TakeNumbers16)(in, out, count, mask);
}
void step_numbers(const float* in, float* out, size_t count, const NumberPhase* phase, size_t phases, size_t advance,
                  size_t taps) {
    HWY_DYNAMIC_DISPATCH(StepNumbers)(in, out, count, phase, phases, advance, taps);
}
void gather_numbers(const float* in, float* out, size_t count, const int32_t* first, const float* weights,
                    size_t taps) {
    HWY_DYNAMIC_DISPATCH(GatherNumbers)(in, out, count, first, weights, taps);
}
void finish_numbers(const NumberColumn& column, uint8_t* out, size_t count) {
    HWY_DYNAMIC_DISPATCH(FinishNumbers8)(column, out, count);
}
void finish_numbers(const NumberColumn& column, uint16_t* out, size_t count) {
    HWY_DYNAMIC_DISPATCH(FinishNumbers16)(column, out, count);
}

} // namespace onair::sws::fast
#endif

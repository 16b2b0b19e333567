// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/fast/grid_rows.hpp"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/fast/grid_rows.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "engine/fast/pairs-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace onair::sws::fast::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

V16 load(D16 d, const uint8_t* at) { return hn::PromoteTo(d, hn::LoadU(hn::Rebind<uint8_t, D16>(), at)); }
V16 load(D16 d, const int16_t* at) { return hn::LoadU(d, at); }

V16 times_3(V16 v) { return hn::Add(hn::Add(v, v), v); }

template <class T, bool two>
void blend(const RowBlend& b, const InRow* rows, int16_t* out, size_t count) {
    const T* in0 = static_cast<const T*>(rows[0].at);
    const T* in1 = two ? static_cast<const T*>(rows[1].at) : nullptr;
    size_t x = 0;
    const D16 d;
    const V16 w0 = hn::Set(d, b.weight[0]), w1 = hn::Set(d, b.weight[1]), add = hn::Set(d, b.add);
    for (const size_t n = hn::Lanes(d); n <= count && x < count; x += n) {
        x = std::min(x, count - n); // the last ends with the row
        V16 sum = hn::Add(hn::Mul(load(d, in0 + x), w0), add);
        if constexpr (two) sum = hn::Add(sum, hn::Mul(load(d, in1 + x), w1));
        hn::StoreU(hn::ShiftRightSame(sum, b.down), d, out + x);
    }
    for (; x < count; ++x) {
        int sum = in0[x] * b.weight[0] + b.add;
        if constexpr (two) sum += in1[x] * b.weight[1];
        out[x] = static_cast<int16_t>(static_cast<int16_t>(sum) >> b.down);
    }
}

void BlendRows(const RowBlend& b, const InRow* rows, int16_t* out, size_t count) {
    const bool two = b.weight[1] != 0;
    if (rows[0].wide) return (two ? blend<int16_t, true> : blend<int16_t, false>)(b, rows, out, count);
    (two ? blend<uint8_t, true> : blend<uint8_t, false>)(b, rows, out, count);
}

template <Site site>
void doubled(int down, const int16_t* in, size_t inputs, int16_t* out, size_t outputs) {
    const int round = (1 << down) >> 1;
    const auto one = [&](size_t i) {
        const int before = in[i > 0 ? i - 1 : 0], here = in[i], behind = in[std::min(i + 1, inputs - 1)];
        const int even = site == Site::cosited ? 4 * here : before + 3 * here;
        const int odd = site == Site::cosited ? 2 * (here + behind) : 3 * here + behind;
        out[2 * i] = static_cast<int16_t>((even + round) >> down);
        if (2 * i + 1 < outputs) out[2 * i + 1] = static_cast<int16_t>((odd + round) >> down);
    };
    one(0);
    size_t i = 1;
    const D16 d;
    const V16 half = hn::Set(d, static_cast<int16_t>(round));
    const size_t n = hn::Lanes(d);
    for (const size_t stop = std::min(inputs - 1, outputs / 2); n < stop && i < stop; i += n) {
        i = std::min(i, stop - n);
        const V16 here = hn::LoadU(d, in + i), behind = hn::LoadU(d, in + i + 1);
        V16 even, odd;
        if constexpr (site == Site::cosited) {
            even = hn::ShiftLeft<2>(here);
            odd = hn::ShiftLeft<1>(hn::Add(here, behind));
        } else {
            const V16 most = times_3(here);
            even = hn::Add(hn::LoadU(d, in + i - 1), most);
            odd = hn::Add(most, behind);
        }
        if (down > 0) {
            even = hn::ShiftRightSame(hn::Add(even, half), down);
            odd = hn::ShiftRightSame(hn::Add(odd, half), down);
        }
        hn::StoreInterleaved2(even, odd, d, out + 2 * i);
    }
    for (; i < inputs; ++i)
        one(i);
}

void DoubleColumns(Site site, int down, const int16_t* in, size_t inputs, int16_t* out, size_t outputs) {
    (site == Site::cosited ? doubled<Site::cosited> : doubled<Site::centred>)(down, in, inputs, out, outputs);
}

V16 half_sum(V16 a, V16 b) { return hn::ShiftRight<1>(hn::Add(a, b)); }

template <class T, Site site, bool guarded>
void halved(const T* in, size_t inputs, int16_t* out) {
    const auto one = [&](size_t i) {
        const auto at = [&](size_t k) -> int { return in[std::min(k, inputs - 1)]; };
        const int before = at(i > 0 ? 2 * i - 1 : 0), even = at(2 * i), odd = at(2 * i + 1), next = at(2 * i + 2);
        if constexpr (!guarded)
            return site == Site::cosited ? before + 2 * even + odd : before + 3 * (even + odd) + next;
        if constexpr (site == Site::cosited) return (((before + odd) >> 1) + even + 1) >> 1;
        const int inner = (even + odd) >> 1, outer = (before + next) >> 1;
        return inner + ((outer - inner) >> 2);
    };
    const size_t outputs = (inputs + 1) / 2;
    out[0] = static_cast<int16_t>(one(0));
    size_t i = 1;
    const D16 d;
    // The loads of the neighbours reach two samples to both sides.
    const size_t n = hn::Lanes(d);
    for (const size_t stop = inputs / 2 > 0 ? inputs / 2 - 1 : 0; n < stop && i < stop; i += n) {
        i = std::min(i, stop - n);
        const EvenOdd here = load_pairs(d, in + 2 * i);
        const V16 before = load_pairs(d, in + 2 * i - 2).odd;
        V16 v;
        if constexpr (site == Site::cosited) {
            if constexpr (guarded)
                v = half_sum(half_sum(before, here.odd), hn::Add(here.even, hn::Set(d, int16_t{1})));
            else
                v = hn::Add(hn::Add(before, here.odd), hn::Add(here.even, here.even));
        } else {
            const V16 next = load_pairs(d, in + 2 * i + 2).even;
            if constexpr (guarded) {
                const V16 inner = half_sum(here.even, here.odd);
                v = hn::Add(inner, hn::ShiftRight<2>(hn::Sub(half_sum(before, next), inner)));
            } else {
                v = hn::Add(hn::Add(before, next), times_3(hn::Add(here.even, here.odd)));
            }
        }
        hn::StoreU(v, d, out + i);
    }
    for (; i < outputs; ++i)
        out[i] = static_cast<int16_t>(one(i));
}

template <class T, bool guarded>
void halved_at(Site site, const InRow& in, size_t inputs, int16_t* out) {
    const T* at = static_cast<const T*>(in.at);
    (site == Site::cosited ? halved<T, Site::cosited, guarded> : halved<T, Site::centred, guarded>)(at, inputs, out);
}

void HalveColumns(Site site, bool guarded, const InRow& in, size_t inputs, int16_t* out) {
    if (!in.wide) return halved_at<uint8_t, false>(site, in, inputs, out);
    (guarded ? halved_at<int16_t, true> : halved_at<int16_t, false>)(site, in, inputs, out);
}

} // namespace
} // namespace onair::sws::fast::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace onair::sws::fast {

HWY_EXPORT(BlendRows);
HWY_EXPORT(DoubleColumns);
HWY_EXPORT(HalveColumns);

void blend_rows(const RowBlend& blend, const InRow* rows, int16_t* out, size_t count) {
    HWY_DYNAMIC_DISPATCH(BlendRows)(blend, rows, out, count);
}
void double_columns(Site site, int down, const int16_t* in, size_t inputs, int16_t* out, size_t outputs) {
    HWY_DYNAMIC_DISPATCH(DoubleColumns)(site, down, in, inputs, out, outputs);
}
void halve_columns(Site site, bool guarded, const InRow& in, size_t inputs, int16_t* out) {
    HWY_DYNAMIC_DISPATCH(HalveColumns)(site, guarded, in, inputs, out);
}

} // namespace onair::sws::fast
#endif

// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/fast/light_rows.hpp"

#include <algorithm>
#include <cmath>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/fast/light_rows.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace onair::sws::fast::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

constexpr float lowest = std::bit_cast<float>(first_octave);
constexpr float root_scale = static_cast<float>(root_size);
constexpr uint32_t between_bits = (uint32_t{1} << cut_mantissa) - 1;
constexpr float between_scale = 1.0F / (uint32_t{1} << cut_mantissa);

/// One number; as the vectors have it, operation by operation.
float line(const float* table, int at, float between) { return table[at] + (table[at + 1] - table[at]) * between; }
float by_root(float v, const float* table) {
    const float x = std::sqrt(std::clamp(v, 0.0F, 1.0F)) * root_scale;
    const int at = static_cast<int>(x);
    return line(table, at, x - static_cast<float>(at));
}
float by_octaves(float v, const float* table) {
    const uint32_t bits = std::bit_cast<uint32_t>(std::clamp(v, lowest, 1.0F)) - first_octave;
    return line(table, static_cast<int>(bits >> cut_mantissa), static_cast<float>(bits & between_bits) * between_scale);
}

using DF = hn::ScalableTag<float>;
using DI = hn::RebindToSigned<DF>;
using VF = hn::Vec<DF>;
using VI = hn::Vec<DI>;

VF line(const float* table, VI at, VF between) {
    const DF d;
    const VF low = hn::GatherIndex(d, table, at), high = hn::GatherIndex(d, table + 1, at);
    return hn::Add(low, hn::Mul(hn::Sub(high, low), between));
}
VF clip(VF v) {
    const DF d;
    return hn::Min(hn::Max(v, hn::Zero(d)), hn::Set(d, 1.0F));
}
VF by_root(VF v, const float* table) {
    const DF d;
    const VF x = hn::Mul(hn::Sqrt(clip(v)), hn::Set(d, root_scale));
    const VI at = hn::ConvertTo(DI(), x);
    return line(table, at, hn::Sub(x, hn::ConvertTo(d, at)));
}
VF by_octaves(VF v, const float* table) {
    const DF d;
    const DI di;
    const VF x = hn::Min(hn::Max(v, hn::Set(d, lowest)), hn::Set(d, 1.0F));
    const VI bits = hn::Sub(hn::BitCast(di, x), hn::Set(di, static_cast<int32_t>(first_octave)));
    const VF between = hn::ConvertTo(d, hn::And(bits, hn::Set(di, static_cast<int32_t>(between_bits))));
    return line(table, hn::ShiftRight<cut_mantissa>(bits), hn::Mul(between, hn::Set(d, between_scale)));
}

void LookUp(float* row, const float* table, TableIndex index, size_t count) {
    size_t x = 0;
    const bool root = index == TableIndex::root;
    const DF d;
    for (const size_t n = hn::Lanes(d); x + n <= count; x += n) {
        const VF v = hn::LoadU(d, row + x);
        hn::StoreU(root ? by_root(v, table) : by_octaves(v, table), d, row + x);
    }
    for (; x < count; ++x)
        row[x] = root ? by_root(row[x], table) : by_octaves(row[x], table);
}

void Gain(float* a, float* b, float* c, const float* weights, const float* ratio, size_t count) {
    const bool largest = weights[0] == 0 && weights[1] == 0 && weights[2] == 0;
    size_t x = 0;
    const DF d;
    const VF wa = hn::Set(d, weights[0]), wb = hn::Set(d, weights[1]), wc = hn::Set(d, weights[2]);
    for (const size_t n = hn::Lanes(d); x + n <= count; x += n) {
        const VF u = clip(hn::LoadU(d, a + x)), v = clip(hn::LoadU(d, b + x)), w = clip(hn::LoadU(d, c + x));
        const VF m =
            largest ? hn::Max(hn::Max(u, v), w) : hn::Add(hn::Add(hn::Mul(wa, u), hn::Mul(wb, v)), hn::Mul(wc, w));
        const VF by = by_octaves(m, ratio);
        hn::StoreU(hn::Mul(u, by), d, a + x);
        hn::StoreU(hn::Mul(v, by), d, b + x);
        hn::StoreU(hn::Mul(w, by), d, c + x);
    }
    for (; x < count; ++x) {
        const float u = std::clamp(a[x], 0.0F, 1.0F), v = std::clamp(b[x], 0.0F, 1.0F),
                    w = std::clamp(c[x], 0.0F, 1.0F);
        const float m = largest ? std::max(std::max(u, v), w) : weights[0] * u + weights[1] * v + weights[2] * w;
        const float by = by_octaves(m, ratio);
        a[x] = u * by;
        b[x] = v * by;
        c[x] = w * by;
    }
}

} // namespace
} // namespace onair::sws::fast::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace onair::sws::fast {

HWY_EXPORT(LookUp);
HWY_EXPORT(Gain);

void look_up(float* row, const float* table, TableIndex index, size_t count) {
    HWY_DYNAMIC_DISPATCH(LookUp)(row, table, index, count);
}
void gain(float* a, float* b, float* c, const float weights[3], const float* ratio, size_t count) {
    HWY_DYNAMIC_DISPATCH(Gain)(a, b, c, weights, ratio, count);
}

} // namespace onair::sws::fast
#endif

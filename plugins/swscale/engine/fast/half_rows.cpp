// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/fast/half_rows.hpp"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/fast/half_rows.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "engine/fast/pairs-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace onair::sws::fast::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

constexpr int guard = 6;

/// a * b / 32768, rounded; as Highway's MulFixedPoint15.
int fixed_product(int a, int b) { return (a * b + (1 << 14)) >> 15; }

uint8_t cut(int v) { return static_cast<uint8_t>(std::clamp(std::clamp(v, -32768, 32767) >> guard, 0, 255)); }

/// One pixel, from chroma of 15 bits.
void mix_one(const HalfMatrix& m, int luma, int u, int v, int rounding, uint8_t* const* out, size_t x) {
    const int y = fixed_product(luma << m.first_shift, m.y) + rounding + m.add;
    out[0][x] = cut(y + fixed_product(v, m.rv));
    out[1][x] = cut(y + fixed_product(u, m.gu) + fixed_product(v, m.gv));
    out[2][x] = cut(y + fixed_product(u, m.bu) + (u >> 1));
}

/// Four times the chroma of even and odd columns.
template <Site site>
EvenOdd doubled(D16 d, const int16_t* at) {
    const V16 here = hn::LoadU(d, at), behind = hn::LoadU(d, at + 1);
    if constexpr (site == Site::cosited) return {hn::ShiftLeft<2>(here), hn::ShiftLeft<1>(hn::Add(here, behind))};
    const V16 most = hn::Add(hn::Add(here, here), here);
    return {hn::Add(hn::LoadU(d, at - 1), most), hn::Add(most, behind)};
}

struct Factors {
    V16 y, rv, gu, gv, bu, add;
    int first_shift;
    explicit Factors(const HalfMatrix& m) : first_shift(m.first_shift) {
        const D16 d;
        y = hn::Set(d, m.y);
        rv = hn::Set(d, m.rv);
        gu = hn::Set(d, m.gu);
        gv = hn::Set(d, m.gv);
        bu = hn::Set(d, m.bu);
        add = hn::Set(d, m.add);
    }
};

struct Mixed {
    V16 r, g, b;
};
Mixed mixed(const Factors& f, V16 luma, V16 u, V16 v, V16 rounding) {
    const V16 y = hn::Add(hn::MulFixedPoint15(hn::ShiftLeftSame(luma, f.first_shift), f.y), hn::Add(rounding, f.add));
    return {hn::SaturatedAdd(y, hn::MulFixedPoint15(v, f.rv)),
            hn::SaturatedAdd(y, hn::Add(hn::MulFixedPoint15(u, f.gu), hn::MulFixedPoint15(v, f.gv))),
            hn::SaturatedAdd(y, hn::Add(hn::MulFixedPoint15(u, f.bu), hn::ShiftRight<1>(u)))};
}

/// Even and odd columns together, as bytes.
void store_pairs(V16 even, V16 odd, uint8_t* at) {
    const D16 d;
    const V16 zero = hn::Zero(d), most = hn::Set(d, (255 << guard) + (1 << guard) - 1);
    even = hn::Min(hn::Max(even, zero), most);
    odd = hn::Min(hn::Max(odd, zero), most);
    const V16 high = hn::AndNot(hn::Set(d, 0xFF), hn::ShiftLeft<8 - guard>(odd));
    const hn::Repartition<uint8_t, D16> d8;
    hn::StoreU(hn::BitCast(d8, hn::Or(hn::ShiftRight<guard>(even), high)), d8, at);
}

template <class Luma, Site site>
void halves(const HalfMatrix& m, const HalfColour& in, uint8_t* const* out, const MixRounding& rounding,
            size_t outputs) {
    const Luma* luma = static_cast<const Luma*>(in.luma.at);
    const size_t inputs = (outputs + 1) / 2;
    const auto one = [&](size_t i) {
        const auto chroma = [&](const int16_t* c, bool is_odd) {
            const int before = c[i > 0 ? i - 1 : 0], here = c[i], behind = c[std::min(i + 1, inputs - 1)];
            if (site == Site::cosited) return is_odd ? 2 * (here + behind) : 4 * here;
            return 3 * here + (is_odd ? behind : before);
        };
        for (size_t x = 2 * i; x < std::min(2 * i + 2, outputs); ++x)
            mix_one(m, luma[x], chroma(in.cb, x % 2 != 0), chroma(in.cr, x % 2 != 0), rounding.words[x % 16], out, x);
    };
    one(0);
    size_t i = 1;
    const D16 d;
    const size_t n = hn::Lanes(d);
    const Factors f(m);
    std::array<int16_t, 40> even_rounding, odd_rounding;
    for (size_t k = 0; k < 40; ++k) {
        even_rounding[k] = rounding.words[2 * k % 16];
        odd_rounding[k] = rounding.words[2 * k % 16 + 1];
    }
    for (const size_t stop = std::min(inputs - 1, outputs / 2); n < stop && i < stop; i += n) {
        i = std::min(i, stop - n); // the last ends with the row
        const EvenOdd y = load_pairs(d, luma + 2 * i);
        const EvenOdd u = doubled<site>(d, in.cb + i), v = doubled<site>(d, in.cr + i);
        const Mixed a = mixed(f, y.even, u.even, v.even, hn::LoadU(d, &even_rounding[i % 8]));
        const Mixed b = mixed(f, y.odd, u.odd, v.odd, hn::LoadU(d, &odd_rounding[i % 8]));
        store_pairs(a.r, b.r, out[0] + 2 * i);
        store_pairs(a.g, b.g, out[1] + 2 * i);
        store_pairs(a.b, b.b, out[2] + 2 * i);
    }
    for (; i < inputs; ++i)
        one(i);
}

template <class Luma>
void halves_of(const HalfMatrix& m, Site site, const HalfColour& in, uint8_t* const* out, const MixRounding& rounding,
               size_t outputs) {
    (site == Site::cosited ? halves<Luma, Site::cosited> : halves<Luma, Site::centred>)(m, in, out, rounding, outputs);
}

void MixHalves(const HalfMatrix& m, Site site, const HalfColour& in, uint8_t* const* out, const MixRounding& rounding,
               size_t outputs) {
    (in.luma.wide ? halves_of<int16_t> : halves_of<uint8_t>)(m, site, in, out, rounding, outputs);
}

} // namespace
} // namespace onair::sws::fast::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace onair::sws::fast {

HWY_EXPORT(MixHalves);

void mix_halves(const HalfMatrix& m, Site site, const HalfColour& in, uint8_t* const* out, const MixRounding& rounding,
                size_t outputs) {
    HWY_DYNAMIC_DISPATCH(MixHalves)(m, site, in, out, rounding, outputs);
}

} // namespace onair::sws::fast
#endif

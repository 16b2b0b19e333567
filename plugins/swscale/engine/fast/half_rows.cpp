// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/fast/half_rows.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/fast/half_rows.cpp"
#include <hwy/cache_control.h>
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "engine/fast/pairs-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace onair::sws::fast::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

using DU16 = hn::RebindToUnsigned<D16>;
using VU16 = hn::Vec<DU16>;
using D8 = hn::Repartition<uint8_t, D16>;
using V8 = hn::Vec<D8>;
using DU32 = hn::Repartition<uint32_t, D16>;

void MakeTints(const HalfMatrix& m, const int16_t* cb, const int16_t* cr, const Tints& out, size_t count) {
    const D16 d;
    const DU16 du;
    const V16 rv = hn::Set(d, m.rv), gu = hn::Set(d, m.gu), gv = hn::Set(d, m.gv), bu = hn::Set(d, m.bu);
    const V16 zero = hn::Set(d, HalfMatrix::zero);
    for (size_t x = 0; x < count; x += hn::Lanes(d)) {
        const V16 u = hn::LoadU(d, cb + x), v = hn::LoadU(d, cr + x);
        const V16 r = hn::MulFixedPoint15(v, rv);
        const V16 g = hn::Add(hn::MulFixedPoint15(u, gu), hn::MulFixedPoint15(v, gv));
        const V16 b = hn::Add(hn::MulFixedPoint15(u, bu), hn::ShiftRight<1>(u));
        hn::StoreU(hn::BitCast(du, hn::Add(r, zero)), du, out[0] + x);
        hn::StoreU(hn::BitCast(du, hn::Add(g, zero)), du, out[1] + x);
        hn::StoreU(hn::BitCast(du, hn::Add(b, zero)), du, out[2] + x);
    }
    for (uint16_t* row : out) {
        row[-1] = row[0];
        row[count] = row[count - 1];
    }
}

struct Luma {
    VU16 even, odd; ///< of 16 bits
};
Luma load_luma(int, const uint8_t* at) {
    const DU16 d;
    const VU16 both = hn::BitCast(d, hn::LoadU(D8(), at));
    return {hn::ShiftLeft<8>(both), hn::And(both, hn::Set(d, uint16_t{0xFF00}))};
}
Luma load_luma(int up, const int16_t* at) {
    const DU16 d;
    const EvenOdd y = load_pairs(D16(), at);
    return {hn::ShiftLeftSame(hn::BitCast(d, y.even), up), hn::ShiftLeftSame(hn::BitCast(d, y.odd), up)};
}

struct Tint {
    VU16 even, odd;
};
template <Site site>
Tint doubled(const uint16_t* at) {
    const DU16 d;
    const VU16 here = hn::LoadU(d, at), behind = hn::LoadU(d, at + 1);
    if constexpr (site == Site::cosited) return {here, hn::AverageRound(here, behind)};
    const VU16 before = hn::LoadU(d, at - 1);
    return {hn::AverageRound(here, hn::AverageRound(here, before)),
            hn::AverageRound(here, hn::AverageRound(here, behind))};
}

/// The bytes of a component: two vectors of numbers in turn. `shade`: what zero is above luma.
V8 cut(const Tint& tint, const Luma& shade) {
    const DU16 d;
    const VU16 most = hn::Set(d, (256 << HalfMatrix::below) - 1), high = hn::Set(d, uint16_t{0xFF00});
    const VU16 even = hn::Min(hn::SaturatedSub(tint.even, shade.even), most);
    const VU16 odd = hn::Min(hn::SaturatedSub(tint.odd, shade.odd), most);
    constexpr int below = HalfMatrix::below;
    return hn::BitCast(D8(), hn::OrAnd(hn::ShiftRight<below>(even), hn::ShiftLeft<8 - below>(odd), high));
}

struct Bytes {
    V8 r, g, b;
};

/// What pixels have in common.
struct Factors {
    VU16 y, even_add, odd_add;
    int luma_up;
    explicit Factors(const HalfMatrix& m)
        : y(hn::Set(DU16(), m.y)), even_add(hn::Set(DU16(), m.y_add[0])), odd_add(hn::Set(DU16(), m.y_add[1])),
          luma_up(m.luma_up) {}
};

/// What zero and the rounding are above luma; of eight even and eight odd columns, again and again.
struct Shades {
    std::array<uint16_t, 40> even, odd;
    Shades(const HalfMatrix& m, const MixRounding& rounding) {
        for (size_t k = 0; k < even.size(); ++k) {
            even[k] = static_cast<uint16_t>(HalfMatrix::zero - m.add - rounding.words[2 * k % 16]);
            odd[k] = static_cast<uint16_t>(HalfMatrix::zero - m.add - rounding.words[2 * k % 16 + 1]);
        }
    }
};

/// A block of as many pixels as a vector has bytes, from chroma column `i` on.
template <Site site, class Sample>
HWY_INLINE Bytes mixed(const Factors& f, const Shades& shades, const Sample* luma, const Tints& tints, size_t i) {
    const DU16 d;
    const Luma y = load_luma(f.luma_up, luma);
    const VU16 even = hn::MulHigh(hn::Or(y.even, f.even_add), f.y);
    const VU16 odd = hn::MulHigh(hn::Or(y.odd, f.odd_add), f.y);
    const Luma shade{hn::Sub(hn::LoadU(d, &shades.even[i % 8]), even), hn::Sub(hn::LoadU(d, &shades.odd[i % 8]), odd)};
    return {cut(doubled<site>(tints[0] + i), shade), cut(doubled<site>(tints[1] + i), shade),
            cut(doubled<site>(tints[2] + i), shade)};
}

/// Where bytes go: rows of their own.
struct ToPlanes {
    uint8_t* const* out;
    size_t ahead() { return 0; }
    HWY_INLINE void put(const Bytes& v, size_t x, size_t count) const {
        alignas(64) uint8_t some[3][64];
        const bool all = count == hn::Lanes(D8());
        uint8_t* const at[] = {all ? out[0] + x : some[0], all ? out[1] + x : some[1], all ? out[2] + x : some[2]};
        hn::StoreU(v.r, D8(), at[0]);
        hn::StoreU(v.g, D8(), at[1]);
        hn::StoreU(v.b, D8(), at[2]);
        for (size_t c = 0; !all && c < 3; ++c)
            std::memcpy(out[c] + x, some[c], count);
    }
};

/// … or pixels of four bytes.
struct ToPixels {
    /// Interleaving leaves vectors' blocks of 16 bytes apart; groups of four pixels go first to where that brings them
    /// into order.
    using Order = decltype(hn::SetTableIndices(DU32(), static_cast<const int32_t*>(nullptr)));

    ToPixels(uint8_t* to, const PixelOffsets& offsets, bool past_caches)
        : out(to), swapped(offsets[0] > offsets[2]), opaque_first(offsets[0] != 0 && offsets[2] != 0),
          streams(past_caches), order(make_order()) {}

    /// Pixels before the first that a vector may be streamed to.
    size_t ahead() {
        const size_t n = hn::Lanes(D8());
        for (size_t x = 0; streams && x < n; x += 2) // chroma's columns begin at even pixels
            if ((reinterpret_cast<uintptr_t>(out) + 4 * x) % n == 0) return x;
        streams = false;
        return 0;
    }
    HWY_INLINE void put(const Bytes& v, size_t x, size_t count) const {
        const D8 d;
        const size_t n = hn::Lanes(d);
        const Pixels p = in_turn(v);
        uint8_t* at = out + 4 * x;
        if (streams && count == n) {
            for (size_t k = 0; k < 4; ++k)
                hn::Stream(p.v[k], d, at + k * n);
            return;
        }
        alignas(64) uint8_t some[4 * 64];
        if (count < n) at = some;
        for (size_t k = 0; k < 4; ++k)
            hn::StoreU(p.v[k], d, at + k * n);
        if (count < n) std::memcpy(out + 4 * x, some, 4 * count);
    }

  private:
    struct Pixels {
        V8 v[4];
    };
    static Order make_order() {
        alignas(64) int32_t from[16] = {};
        const size_t blocks = hn::Lanes(D8()) / 16;
        for (size_t j = 0; j < blocks; ++j)
            for (size_t k = 0; k < 4; ++k)
                from[4 * j + k] = static_cast<int32_t>(k * blocks + j);
        return hn::SetTableIndices(DU32(), from);
    }
    HWY_INLINE V8 grouped(V8 v) const {
        if (hn::Lanes(D8()) <= 16) return v;
        return hn::BitCast(D8(), hn::TableLookupLanes(hn::BitCast(DU32(), v), order));
    }
    static HWY_INLINE Pixels interleaved(V8 a, V8 b, V8 c, V8 e) {
        const D8 d;
        const DU16 pairs;
        const auto ab = hn::BitCast(pairs, hn::InterleaveLower(d, a, b));
        const auto ab_upper = hn::BitCast(pairs, hn::InterleaveUpper(d, a, b));
        const auto ce = hn::BitCast(pairs, hn::InterleaveLower(d, c, e));
        const auto ce_upper = hn::BitCast(pairs, hn::InterleaveUpper(d, c, e));
        return {{hn::BitCast(d, hn::InterleaveLower(pairs, ab, ce)), hn::BitCast(d, hn::InterleaveUpper(pairs, ab, ce)),
                 hn::BitCast(d, hn::InterleaveLower(pairs, ab_upper, ce_upper)),
                 hn::BitCast(d, hn::InterleaveUpper(pairs, ab_upper, ce_upper))}};
    }
    HWY_INLINE Pixels in_turn(const Bytes& v) const {
        V8 first = grouped(v.r), last = grouped(v.b);
        const V8 middle = grouped(v.g), opaque = hn::Set(D8(), uint8_t{255});
        if (swapped) std::swap(first, last);
        if (opaque_first) return interleaved(opaque, first, middle, last);
        return interleaved(first, middle, last, opaque);
    }

    uint8_t* out;
    bool swapped, opaque_first, streams;
    Order order;
};

/// Blocks of a row, the first and the last by copies: never a byte is read or written that is not the row's, nor one
/// written twice.
template <class Sample, Site site, class Sink>
void halves(const HalfMatrix& m, const HalfColour& in, Sink sink, const MixRounding& rounding, size_t outputs) {
    const auto* luma = static_cast<const Sample*>(in.luma.at);
    const Tints tints = in.tints;
    const Factors f(m);
    const Shades shades(m, rounding);
    const size_t n = hn::Lanes(D8()), ahead = std::min(sink.ahead(), outputs);
    Sample some[64] = {};
    for (size_t x = 0, here; x < outputs; x += here) {
        here = x < ahead ? ahead : std::min(n, outputs - x);
        if (here < n) std::copy_n(luma + x, here, some);
        sink.put(mixed<site>(f, shades, here < n ? some : luma + x, tints, x / 2), x, here);
    }
}

template <class Sink>
void halves_to(const HalfMatrix& m, Site site, const HalfColour& in, const Sink& sink, const MixRounding& rounding,
               size_t outputs) {
    const bool cosited = site == Site::cosited;
    if (in.luma.wide)
        return (cosited ? halves<int16_t, Site::cosited, Sink>
                        : halves<int16_t, Site::centred, Sink>)(m, in, sink, rounding, outputs);
    (cosited ? halves<uint8_t, Site::cosited, Sink> : halves<uint8_t, Site::centred, Sink>)(m, in, sink, rounding,
                                                                                            outputs);
}

void MixHalves(const HalfMatrix& m, Site site, const HalfColour& in, uint8_t* const* out, const MixRounding& rounding,
               size_t outputs) {
    halves_to(m, site, in, ToPlanes{out}, rounding, outputs);
}

void MixHalvesToPixels(const HalfMatrix& m, Site site, const HalfColour& in, const PixelOffsets& offsets, bool stream,
                       uint8_t* out, const MixRounding& rounding, size_t outputs) {
    halves_to(m, site, in, ToPixels(out, offsets, stream), rounding, outputs);
}

} // namespace
} // namespace onair::sws::fast::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace onair::sws::fast {

HWY_EXPORT(MakeTints);
HWY_EXPORT(MixHalves);
HWY_EXPORT(MixHalvesToPixels);

void make_tints(const HalfMatrix& m, const int16_t* cb, const int16_t* cr, const Tints& out, size_t count) {
    HWY_DYNAMIC_DISPATCH(MakeTints)(m, cb, cr, out, count);
}
void mix_halves(const HalfMatrix& m, Site site, const HalfColour& in, uint8_t* const* out, const MixRounding& rounding,
                size_t outputs) {
    HWY_DYNAMIC_DISPATCH(MixHalves)(m, site, in, out, rounding, outputs);
}
void mix_halves_to_pixels(const HalfMatrix& m, Site site, const HalfColour& in, const PixelOffsets& offsets,
                          bool stream, uint8_t* out, const MixRounding& rounding, size_t outputs) {
    HWY_DYNAMIC_DISPATCH(MixHalvesToPixels)(m, site, in, offsets, stream, out, rounding, outputs);
}

} // namespace onair::sws::fast
#endif

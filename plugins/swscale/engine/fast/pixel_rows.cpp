// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/fast/pixel_rows.hpp"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/fast/pixel_rows.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "engine/fast/words-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace onair::sws::fast::HWY_NAMESPACE {
namespace {

/// An output's factors in the order of a pixel's bytes.
using Factors = std::array<int16_t, 4>;
Factors factors_of(const WordMatrix& m, size_t output, const PixelOffsets& offsets) {
    Factors f{};
    for (size_t i = 0; i < 3; ++i)
        f[static_cast<size_t>(offsets[i])] = m.factor[output][i];
    return f;
}

/// The last steps of a sum, as mix_words has them.
template <class Out>
Out finished(const WordMatrix& m, size_t output, int sum, int rounding) {
    const int v = to_word(to_word((sum + m.add[output]) >> m.shift[output]) + rounding) >> m.guard;
    const bool bytes = sizeof(Out) == 1;
    return static_cast<Out>(std::clamp<int>(v, bytes ? 0 : m.low, bytes ? 255 : m.high));
}

using DU32 = hn::Repartition<uint32_t, D16>;
using VU32 = hn::Vec<DU32>;

/// Bytes 0 and 2, and 1 and 3, as pairs of 16 bits.
struct Pairs {
    V16 even, odd;
};
Pairs pairs_of(VU32 pixels) {
    const DU32 d;
    const VU32 mask = hn::Set(d, 0x00FF00FFU);
    return {hn::BitCast(D16(), hn::And(pixels, mask)), hn::BitCast(D16(), hn::And(hn::ShiftRight<8>(pixels), mask))};
}
Pairs operator+(const Pairs& a, const Pairs& b) { return {hn::Add(a.even, b.even), hn::Add(a.odd, b.odd)}; }

VU32 load_pixels(const uint8_t* at) { return hn::BitCast(DU32(), hn::LoadU(hn::Repartition<uint8_t, D16>(), at)); }

/// Two vectors of sums become one of 16 bits. ReorderDemote2To() has the blocks of 128 bits in turn.
struct Narrow {
    using DT = hn::Repartition<int32_t, D16>;
    decltype(hn::SetTableIndices(DT(), static_cast<const int32_t*>(nullptr))) order;

    Narrow() : order(make()) {}
    V16 operator()(V32 first, V32 second) const {
        const D16 d;
        const V16 v = hn::ReorderDemote2To(d, first, second);
        if (hn::Lanes(d) <= 8) return v;
        return hn::BitCast(d, hn::TableLookupLanes(hn::BitCast(DT(), v), order));
    }
    static decltype(order) make() {
        alignas(64) int32_t at[16];
        const int pairs = static_cast<int>(hn::Lanes(DT())) / 2;
        for (int p = 0; p < pairs; ++p) {
            const int from = p < (pairs + 1) / 2 ? 2 * p : 2 * (p - pairs / 2) + 1;
            at[2 * p] = 2 * from;
            at[2 * p + 1] = 2 * from + 1;
        }
        return hn::SetTableIndices(DT(), at);
    }
};

/// One output of a matrix.
struct Output {
    V16 even, odd;
    V32 add;
    int shift;
    Output(const WordMatrix& m, size_t output, const PixelOffsets& offsets) {
        const Factors f = factors_of(m, output, offsets);
        even = pair(f[0], f[2]);
        odd = pair(f[1], f[3]);
        add = hn::Set(D32(), m.add[output]);
        shift = m.shift[output];
    }
    V32 operator()(const Pairs& p) const { return hn::ShiftRightSame(dot(p.even, p.odd, even, odd, add), shift); }
};

template <class Out>
void pixels_to(const WordMatrix& m, const PixelOffsets& offsets, const uint8_t* pixels, Out* out,
               const MixRounding& rounding, size_t count) {
    size_t x = 0;
    const D16 d;
    const V16 low = hn::Set(d, m.low), high = hn::Set(d, m.high);
    const Output output(m, 0, offsets);
    const Narrow narrow;
    for (const size_t n = hn::Lanes(d); n <= count && x < count; x += n) {
        x = std::min(x, count - n); // the last ends with the row
        const uint8_t* at = pixels + 4 * x;
        const V16 v = narrow(output(pairs_of(load_pixels(at))), output(pairs_of(load_pixels(at + 2 * n))));
        const V16 sum = hn::SaturatedAdd(v, hn::LoadU(d, &rounding.words[x % 16]));
        store(d, hn::ShiftRightSame(sum, m.guard), out + x, low, high);
    }
    const Factors f = factors_of(m, 0, offsets);
    for (; x < count; ++x) {
        const uint8_t* p = pixels + 4 * x;
        out[x] = finished<Out>(m, 0, f[0] * p[0] + f[1] * p[1] + f[2] * p[2] + f[3] * p[3], rounding.words[x % 16]);
    }
}

void MixPixels(const WordMatrix& m, const PixelOffsets& offsets, const uint8_t* pixels, const OutRow& out,
               const MixRounding& rounding, size_t count) {
    if (out.wide) return pixels_to(m, offsets, pixels, static_cast<int16_t*>(out.at), rounding, count);
    pixels_to(m, offsets, pixels, static_cast<uint8_t*>(out.at), rounding, count);
}

/// Sums of the pixels around each second one from `at` on. Reads one pixel before and two behind them.
template <Site site>
Pairs halved_pairs(const uint8_t* at) {
    const DU32 d;
    const size_t bytes = 4 * hn::Lanes(d);
    const VU32 a = load_pixels(at), b = load_pixels(at + bytes);
    const Pairs even = pairs_of(hn::ConcatEven(d, b, a)), odd = pairs_of(hn::ConcatOdd(d, b, a));
    const Pairs before = pairs_of(hn::ConcatEven(d, load_pixels(at - 4 + bytes), load_pixels(at - 4)));
    if constexpr (site == Site::cosited) return (before + odd) + (even + even);
    const Pairs next = pairs_of(hn::ConcatEven(d, load_pixels(at + 8 + bytes), load_pixels(at + 8)));
    const Pairs inner = even + odd;
    return (before + next) + (inner + inner + inner);
}

template <Site site, class Out>
void halved_to(const WordMatrix& m, const PixelOffsets& offsets, const uint8_t* pixels, size_t inputs,
               const OutRow* rows, const MixRounding& rounding) {
    const std::array<Out*, 2> out{static_cast<Out*>(rows[0].at), static_cast<Out*>(rows[1].at)};
    const std::array<Factors, 2> f{factors_of(m, 0, offsets), factors_of(m, 1, offsets)};
    const auto one = [&](size_t i) {
        const auto at = [&](size_t k) { return pixels + 4 * std::min(k, inputs - 1); };
        const uint8_t *before = at(i > 0 ? 2 * i - 1 : 0), *even = at(2 * i), *odd = at(2 * i + 1),
                      *next = at(2 * i + 2);
        for (size_t c = 0; c < 2; ++c) {
            int sum = 0;
            for (size_t b = 0; b < 4; ++b)
                sum += f[c][b] * (site == Site::cosited ? before[b] + 2 * even[b] + odd[b]
                                                        : before[b] + 3 * (even[b] + odd[b]) + next[b]);
            out[c][i] = finished<Out>(m, c, sum, rounding.words[i % 16]);
        }
    };
    const size_t outputs = (inputs + 1) / 2;
    size_t i = 0;
    const D16 d;
    const V16 low = hn::Set(d, m.low), high = hn::Set(d, m.high);
    const Output first(m, 0, offsets), second(m, 1, offsets);
    const Narrow narrow;
    const size_t n = hn::Lanes(d);
    one(i++); // it has no pixel before it
    for (const size_t stop = inputs / 2 > 0 ? inputs / 2 - 1 : 0; n < stop && i < stop; i += n) {
        i = std::min(i, stop - n);
        const Pairs a = halved_pairs<site>(pixels + 8 * i), b = halved_pairs<site>(pixels + 8 * i + 4 * n);
        const V16 half = hn::LoadU(d, &rounding.words[i % 16]);
        const V16 u = hn::SaturatedAdd(narrow(first(a), first(b)), half);
        const V16 v = hn::SaturatedAdd(narrow(second(a), second(b)), half);
        store(d, hn::ShiftRightSame(u, m.guard), out[0] + i, low, high);
        store(d, hn::ShiftRightSame(v, m.guard), out[1] + i, low, high);
    }
    for (; i < outputs; ++i)
        one(i);
}

template <class Out>
void halved_at(const WordMatrix& m, const PixelOffsets& offsets, Site site, const uint8_t* pixels, size_t inputs,
               const OutRow* out, const MixRounding& rounding) {
    (site == Site::cosited ? halved_to<Site::cosited, Out> : halved_to<Site::centred, Out>)(m, offsets, pixels, inputs,
                                                                                            out, rounding);
}

void MixHalvedPixels(const WordMatrix& m, const PixelOffsets& offsets, Site site, const uint8_t* pixels, size_t inputs,
                     const OutRow* out, const MixRounding& rounding) {
    (out[0].wide ? halved_at<int16_t> : halved_at<uint8_t>)(m, offsets, site, pixels, inputs, out, rounding);
}

} // namespace
} // namespace onair::sws::fast::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace onair::sws::fast {

HWY_EXPORT(MixPixels);
HWY_EXPORT(MixHalvedPixels);

void mix_pixels(const WordMatrix& m, const PixelOffsets& offsets, const uint8_t* pixels, const OutRow& out,
                const MixRounding& rounding, size_t count) {
    HWY_DYNAMIC_DISPATCH(MixPixels)(m, offsets, pixels, out, rounding, count);
}
void mix_halved_pixels(const WordMatrix& m, const PixelOffsets& offsets, Site site, const uint8_t* pixels,
                       size_t inputs, const OutRow* out, const MixRounding& rounding) {
    HWY_DYNAMIC_DISPATCH(MixHalvedPixels)(m, offsets, site, pixels, inputs, out, rounding);
}

} // namespace onair::sws::fast
#endif

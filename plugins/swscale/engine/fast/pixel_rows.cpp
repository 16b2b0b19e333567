// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/fast/pixel_rows.hpp"

#include <algorithm>
#include <cstring>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/fast/pixel_rows.cpp"
#include <hwy/cache_control.h>
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "engine/fast/words-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace onair::sws::fast::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

using D8 = hn::Repartition<uint8_t, D16>;
using V8 = hn::Vec<D8>;
using DU16 = hn::RebindToUnsigned<D16>;
using VU16 = hn::Vec<DU16>;
using DU32 = hn::Repartition<uint32_t, D16>;

/// An output's factors in the order of a pixel's bytes.
using Factors = std::array<int16_t, 4>;
Factors factors_of(const WordMatrix& m, size_t output, const PixelOffsets& offsets) {
    Factors f{};
    for (size_t i = 0; i < 3; ++i)
        f[static_cast<size_t>(offsets[i])] = m.factor[output][i];
    return f;
}

/// Two vectors of sums become one of 16 bits. ReorderDemote2To() has the blocks of 128 bits in turn.
struct Narrow {
    using Order = decltype(hn::SetTableIndices(DU32(), static_cast<const int32_t*>(nullptr)));
    Order order;

    Narrow() : order(make()) {}
    HWY_INLINE V16 operator()(V32 first, V32 second) const {
        const D16 d;
        const V16 v = hn::ReorderDemote2To(d, first, second);
        if (hn::Lanes(d) <= 8) return v;
        return hn::BitCast(d, hn::TableLookupLanes(hn::BitCast(DU32(), v), order));
    }
    static Order make() {
        alignas(64) int32_t at[16] = {};
        const int pairs = static_cast<int>(hn::Lanes(DU32())) / 2;
        for (int p = 0; p < pairs; ++p) {
            const int from = p < (pairs + 1) / 2 ? 2 * p : 2 * (p - pairs / 2) + 1;
            at[2 * p] = 2 * from;
            at[2 * p + 1] = 2 * from + 1;
        }
        return hn::SetTableIndices(DU32(), at);
    }
};

/// Some sum of inputs of 0 … `largest` leads out of the range of values.
bool may_clip(const WordMatrix& m, int largest) {
    for (size_t i = 0; i < static_cast<size_t>(m.outputs); ++i) {
        int64_t low = m.add[i], high = m.add[i];
        for (size_t j = 0; j < 3; ++j)
            (m.factor[i][j] > 0 ? high : low) += int64_t{m.factor[i][j]} * largest;
        const int64_t highest_rounding = (1 << m.guard) - 1;
        if (low >> m.shift[i] >> m.guard < m.low) return true;
        if (((high >> m.shift[i]) + highest_rounding) >> m.guard > m.high) return true;
    }
    return false;
}

/// The last steps of a sum, as mix_words() has them.
struct Finish {
    V16 low, high;
    int guard;
    bool clips;
    Finish(const WordMatrix& m, int largest)
        : low(hn::Set(D16(), m.low)), high(hn::Set(D16(), m.high)), guard(m.guard), clips(may_clip(m, largest)) {}
    HWY_INLINE V16 operator()(V16 v, const int16_t* rounding) const {
        return hn::ShiftRightSame(hn::SaturatedAdd(v, hn::LoadU(D16(), rounding)), guard);
    }
    HWY_INLINE void operator()(V16 v, const int16_t* rounding, uint8_t* out, bool streams) const {
        const hn::Rebind<uint8_t, D16> d;
        const auto bytes = hn::DemoteTo(d, (*this)(v, rounding));
        if (streams)
            hn::Stream(bytes, d, out);
        else
            hn::StoreU(bytes, d, out);
    }
    HWY_INLINE void operator()(V16 v, const int16_t* rounding, int16_t* out, bool streams) const {
        const D16 d;
        V16 words = (*this)(v, rounding);
        if (clips) words = hn::Min(hn::Max(words, low), high);
        if (streams)
            hn::Stream(words, d, out);
        else
            hn::StoreU(words, d, out);
    }
};

/// All of them begin where a vector may be streamed to.
template <class Out, size_t n>
bool are_aligned(const std::array<Out*, n>& rows) {
    return std::all_of(rows.begin(), rows.end(), [](const Out* row) {
        return reinterpret_cast<uintptr_t>(row) % (hn::Lanes(D16()) * sizeof(Out)) == 0;
    });
}

/// Luma of a vector of pixels.
struct Luma {
    V16 even, odd;
    V32 add;
    int shift;
    Luma(const WordMatrix& m, const PixelOffsets& offsets) : add(hn::Set(D32(), m.add[0])), shift(m.shift[0]) {
        const Factors f = factors_of(m, 0, offsets);
        even = pair(f[0], f[2]);
        odd = pair(f[1], f[3]);
    }
    HWY_INLINE V32 operator()(V8 pixels) const {
        const DU16 d;
        const VU16 p = hn::BitCast(d, pixels);
        const V16 low = hn::BitCast(D16(), hn::And(p, hn::Set(d, uint16_t{0xFF})));
        return hn::ShiftRightSame(dot(low, hn::BitCast(D16(), hn::ShiftRight<8>(p)), even, odd, add), shift);
    }
};

/// Each second pixel of 16 bytes as four words.
V8 spread_order(uint8_t first) {
    alignas(16) uint8_t at[16];
    for (uint8_t i = 0; i < 16; ++i)
        at[i] = i % 2 != 0 ? 0x80 : static_cast<uint8_t>(first + i / 2 % 4 + i / 8 * 8);
    return hn::LoadDup128(D8(), at);
}

/// Sums of the pixels around each second one.
template <Site site>
struct Columns {
    V8 even = spread_order(0), odd = spread_order(4);
    HWY_INLINE VU16 at(const uint8_t* pixels, V8 which) const {
        return hn::BitCast(DU16(), hn::TableLookupBytesOr0(hn::LoadU(D8(), pixels), which));
    }
    HWY_INLINE VU16 operator()(const uint8_t* pixels) const {
        const VU16 e = at(pixels, even), o = at(pixels, odd), before = at(pixels - 8, odd);
        if constexpr (site == Site::cosited) return hn::Add(hn::Add(e, e), hn::Add(o, before));
        const VU16 inner = hn::Add(e, o);
        const VU16 outer = hn::Add(before, at(pixels + 8, even));
        return hn::Add(outer, hn::Add(inner, hn::Add(inner, inner)));
    }
};

/// A chroma component of sums.
struct Chroma {
    V16 factors;
    V32 add;
    int shift;
    Chroma(const WordMatrix& m, size_t output, const PixelOffsets& offsets)
        : add(hn::Set(D32(), m.add[output])), shift(m.shift[output]) {
        const Factors f = factors_of(m, output, offsets);
        alignas(16) const int16_t twice[] = {f[0], f[1], f[2], f[3], f[0], f[1], f[2], f[3]};
        factors = hn::LoadDup128(D16(), twice);
    }
    HWY_INLINE V32 product(VU16 sums) const {
        const D32 d;
        V32 rest = hn::Zero(d);
        const V32 v = hn::ReorderWidenMulAccumulate(d, hn::BitCast(D16(), sums), factors, hn::Zero(d), rest);
        return hn::RearrangeToOddPlusEven(v, rest);
    }
    HWY_INLINE V32 operator()(VU16 first, VU16 second) const {
        const D32 d;
        const V32 a = product(first), b = product(second);
        return hn::ShiftRightSame(hn::Add(hn::Add(hn::ConcatEven(d, b, a), hn::ConcatOdd(d, b, a)), add), shift);
    }
};

constexpr size_t reach = 2; ///< pixels before and behind a block that it takes
constexpr size_t most = 64; ///< of a block

/// Rows of pixels, in blocks of as many as a vector has bytes.
template <size_t rows, Site site, class Out>
class Mixer {
  public:
    Mixer(const PixelMatrix& m, const PairWeights& weights, uint16_t* sums)
        : luma_(m.luma, m.offsets), cb_(m.chroma, 0, m.offsets), cr_(m.chroma, 1, m.offsets), luma_end_(m.luma, 255),
          chroma_end_(m.chroma, 255 * (site == Site::cosited ? 4 : 8) * (rows == 1 ? 1 : 16)), sums_(sums) {
        for (size_t t = 0; t < weights.size(); ++t)
            weights_[t] = hn::Set(DU16(), weights[t]);
    }

    /// `x`: the block's first pixel, for the pattern and the sums.
    HWY_INLINE void operator()(size_t x, const std::array<const uint8_t*, rows>& pixels,
                               const std::array<const int16_t*, rows>& luma_rounding,
                               const std::array<Out*, rows>& luma, const int16_t* chroma_rounding,
                               const std::array<Out*, 2>& chroma, bool luma_streams, bool chroma_streams) const {
        const size_t n = hn::Lanes(D16()), vector = 2 * n;
        for (size_t r = 0; r < rows; ++r)
            for (size_t half = 0; half < 2; ++half) {
                const uint8_t* at = pixels[r] + half * 2 * vector;
                const V16 v = narrow_(luma_(hn::LoadU(D8(), at)), luma_(hn::LoadU(D8(), at + vector)));
                luma_end_(v, luma_rounding[r] + (x + half * n) % 16, luma[r] + half * n, luma_streams);
            }
        std::array<V32, 2> u, v;
        for (size_t half = 0; half < 2; ++half) {
            const VU16 first = summed(x, 2 * half, pixels), second = summed(x, 2 * half + 1, pixels);
            u[half] = cb_(first, second);
            v[half] = cr_(first, second);
        }
        chroma_end_(narrow_(u[0], u[1]), chroma_rounding + x / 2 % 16, chroma[0], chroma_streams);
        chroma_end_(narrow_(v[0], v[1]), chroma_rounding + x / 2 % 16, chroma[1], chroma_streams);
    }

  private:
    /// Vector `q` of the block's sums.
    HWY_INLINE VU16 summed(size_t x, size_t q, const std::array<const uint8_t*, rows>& pixels) const {
        const DU16 d;
        const size_t at = q * 2 * hn::Lanes(d);
        const VU16 first = columns_(pixels[0] + at);
        if constexpr (rows == 1) return first;
        const VU16 second = columns_(pixels[rows - 1] + at);
        uint16_t* sums = sums_ + 2 * x + q * hn::Lanes(d);
        const VU16 before = hn::LoadU(d, sums);
        hn::StoreU(hn::Add(hn::Mul(first, weights_[0]), hn::Mul(second, weights_[1])), d, sums);
        return hn::Add(before, hn::Add(hn::Mul(first, weights_[2]), hn::Mul(second, weights_[3])));
    }

    Luma luma_;
    Columns<site> columns_;
    Chroma cb_, cr_;
    Narrow narrow_;
    Finish luma_end_, chroma_end_;
    VU16 weights_[4];
    uint16_t* sums_;
};

/// A block of pixels and its neighbours, the row's outermost pixels repeated.
void copy_pixels(const uint8_t* row, size_t x, size_t count, uint32_t* to) {
    for (size_t k = 0; k < hn::Lanes(D8()) + 2 * reach; ++k)
        std::memcpy(to + k, row + 4 * std::min(std::max(x + k, reach) - reach, count - 1), 4);
}

/// Blocks of the rows; those at an end by copies.
template <size_t rows, Site site, class Out>
void mix_rows(const PixelMatrix& m, const PairWeights& weights, const PixelRow* in, uint16_t* sums,
              const ChromaRow& chroma, size_t count) {
    const Mixer<rows, site, Out> block(m, weights, sums);
    const size_t n = hn::Lanes(D8());
    std::array<const uint8_t*, rows> pixels;
    std::array<const int16_t*, rows> rounding;
    std::array<Out*, rows> luma;
    std::array<Out*, 2> halves;
    uint32_t some_pixels[rows][most + 2 * reach];
    Out some_luma[rows][most], some_halves[2][most];
    for (size_t r = 0; r < rows; ++r)
        rounding[r] = in[r].rounding->words.data();
    for (size_t x = 0; x < count; x += n) {
        const bool inside = x >= reach && x + n + reach <= count;
        for (size_t r = 0; r < rows; ++r) {
            if (!inside) copy_pixels(in[r].pixels, x, count, some_pixels[r]);
            pixels[r] = inside ? in[r].pixels + 4 * x : reinterpret_cast<const uint8_t*>(some_pixels[r] + reach);
            luma[r] = inside ? static_cast<Out*>(in[r].luma.at) + x : some_luma[r];
        }
        for (size_t c = 0; c < 2; ++c)
            halves[c] = inside ? static_cast<Out*>(chroma.out[c].at) + x / 2 : some_halves[c];
        block(x, pixels, rounding, luma, chroma.rounding->words.data(), halves,
              inside && in[0].streams && are_aligned(luma), inside && chroma.streams && are_aligned(halves));
        if (inside) continue;
        const size_t here = std::min(n, count - x);
        for (size_t r = 0; r < rows; ++r)
            std::copy_n(some_luma[r], here, static_cast<Out*>(in[r].luma.at) + x);
        for (size_t c = 0; c < 2; ++c)
            std::copy_n(some_halves[c], (here + 1) / 2, static_cast<Out*>(chroma.out[c].at) + x / 2);
    }
}

template <size_t rows>
void mix_any(const PixelMatrix& m, const PairWeights& weights, const PixelRow* in, uint16_t* sums,
             const ChromaRow& chroma, size_t count) {
    const bool cosited = m.site == Site::cosited;
    if (in[0].luma.wide)
        return (cosited ? mix_rows<rows, Site::cosited, int16_t>
                        : mix_rows<rows, Site::centred, int16_t>)(m, weights, in, sums, chroma, count);
    (cosited ? mix_rows<rows, Site::cosited, uint8_t> : mix_rows<rows, Site::centred, uint8_t>)(m, weights, in, sums,
                                                                                                chroma, count);
}

void MixPixels(const PixelMatrix& m, const PixelRow& row, const ChromaRow& chroma, size_t count) {
    mix_any<1>(m, {}, &row, nullptr, chroma, count);
}
void MixPixelPairs(const PixelMatrix& m, const PairWeights& weights, const std::array<PixelRow, 2>& rows,
                   uint16_t* sums, const ChromaRow& chroma, size_t count) {
    mix_any<2>(m, weights, rows.data(), sums, chroma, count);
}

} // namespace
} // namespace onair::sws::fast::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace onair::sws::fast {

HWY_EXPORT(MixPixels);
HWY_EXPORT(MixPixelPairs);

void mix_pixels(const PixelMatrix& m, const PixelRow& row, const ChromaRow& chroma, size_t count) {
    HWY_DYNAMIC_DISPATCH(MixPixels)(m, row, chroma, count);
}
void mix_pixel_pairs(const PixelMatrix& m, const PairWeights& weights, const std::array<PixelRow, 2>& rows,
                     uint16_t* sums, const ChromaRow& chroma, size_t count) {
    HWY_DYNAMIC_DISPATCH(MixPixelPairs)(m, weights, rows, sums, chroma, count);
}

} // namespace onair::sws::fast
#endif

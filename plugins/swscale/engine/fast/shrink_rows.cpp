// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/fast/shrink_rows.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/fast/shrink_rows.cpp"
#include <hwy/foreach_target.h>

#include <hwy/cache_control.h>
#include <hwy/highway.h>

#include "engine/fast/finish-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace onair::sws::fast::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

using DW = hn::RebindToUnsigned<D16>;
using VW = hn::Vec<DW>;

constexpr size_t cache_line = 64;

/// Vectors that share the loading of a weight.
constexpr size_t block = 4;

/// Samples of 8 bits, the even ones and the odd ones of each two vectors.
struct Bytes {
    using T = uint8_t;
    HWY_INLINE void operator()(const void* row, size_t x, VW* out) const {
        const hn::Repartition<uint8_t, DW> d8;
        const size_t bytes = hn::Lanes(d8);
        for (size_t k = 0; k < block / 2; ++k) {
            const VW both = hn::BitCast(DW(), hn::LoadU(d8, static_cast<const uint8_t*>(row) + x + k * bytes));
            out[2 * k] = hn::ShiftLeft<8>(both);
            out[2 * k + 1] = hn::AndNot(hn::Set(DW(), uint16_t{0xFF}), both);
        }
    }
    static HWY_INLINE void Split(const VW* in, const SplitRow& out, size_t x) {
        const size_t n = hn::Lanes(DW());
        for (size_t k = 0; k < block / 2; ++k) {
            hn::StoreU(in[2 * k], DW(), out.even + x / 2 + k * n);
            hn::StoreU(in[2 * k + 1], DW(), out.odd + x / 2 + k * n);
        }
    }
    uint16_t One(const void* row, size_t x) const {
        return static_cast<uint16_t>(static_cast<const uint8_t*>(row)[x] << 8);
    }
};

/// Samples of 9 to 16 bits in order.
template <int left>
struct Words {
    using T = uint16_t;
    HWY_INLINE void operator()(const void* row, size_t x, VW* out) const {
        const size_t n = hn::Lanes(DW());
        for (size_t k = 0; k < block; ++k)
            out[k] = hn::ShiftLeft<left>(hn::LoadU(DW(), static_cast<const uint16_t*>(row) + x + k * n));
    }
    static HWY_INLINE void Split(const VW* in, const SplitRow& out, size_t x) {
        const size_t n = hn::Lanes(DW());
        for (size_t k = 0; k < block / 2; ++k) {
            hn::StoreU(hn::ConcatEven(DW(), in[2 * k + 1], in[2 * k]), DW(), out.even + x / 2 + k * n);
            hn::StoreU(hn::ConcatOdd(DW(), in[2 * k + 1], in[2 * k]), DW(), out.odd + x / 2 + k * n);
        }
    }
    uint16_t One(const void* row, size_t x) const {
        return static_cast<uint16_t>(static_cast<const uint16_t*>(row)[x] << left);
    }
};

template <bool pairs, class Load>
HWY_INLINE void Means(const WeighedRows& rows, size_t tap, const Load& load, size_t x, VW* out) {
    load(rows.a[tap], x, out);
    if constexpr (pairs) {
        VW b[block];
        load(rows.b[tap], x, b);
        for (size_t k = 0; k < block; ++k)
            out[k] = hn::AverageRound(out[k], b[k]);
    }
}

template <bool pairs, class Load>
HWY_INLINE void Weigh(const WeighedRows& rows, const Load& load, size_t x, VW* sum) {
    const hn::Repartition<uint32_t, DW> d32;
    for (size_t k = 0; k < block; ++k)
        sum[k] = hn::Set(DW(), rows.offset);
    VW mean[block];
    for (size_t t = 0; t < rows.positive; ++t) {
        Means<pairs>(rows, t, load, x, mean);
        const VW w = hn::BitCast(DW(), hn::Set(d32, rows.weights[t]));
        for (size_t k = 0; k < block; ++k)
            sum[k] = hn::Add(sum[k], hn::MulHigh(mean[k], w));
    }
    for (size_t t = rows.positive; t < rows.taps; ++t) {
        Means<pairs>(rows, t, load, x, mean);
        const VW w = hn::BitCast(DW(), hn::Set(d32, rows.weights[t]));
        for (size_t k = 0; k < block; ++k)
            sum[k] = hn::Sub(sum[k], hn::MulHigh(mean[k], w));
    }
}

template <class Load>
uint16_t WeighOne(const WeighedRows& rows, const Load& load, size_t x) {
    unsigned sum = rows.offset;
    for (size_t t = 0; t < rows.taps; ++t) {
        unsigned v = load.One(rows.a[t], x);
        if (rows.pairs) v = (v + load.One(rows.b[t], x) + 1) / 2;
        const unsigned product = v * (rows.weights[t] & 0xFFFF) >> 16;
        sum = t < rows.positive ? sum + product : sum - product;
    }
    return static_cast<uint16_t>(sum);
}

/// All samples but the last of an odd number; none of less than a block of vectors. How many.
template <bool pairs, class Load>
size_t BlendVectors(const WeighedRows* in, const Load& load, const SplitRow* out, size_t rows, size_t columns,
                    const RowsAhead& ahead) {
    const size_t step = block * hn::Lanes(DW());
    if (columns < step) return 0;
    const size_t last = (columns - step) / 2 * 2; // the last ends with the row
    for (size_t x = 0;; x = x + step < last ? x + step : last) {
        for (const uintptr_t row : ahead)
            for (size_t i = 0; row != 0 && i < step * sizeof(typename Load::T); i += cache_line)
                hwy::Prefetch(reinterpret_cast<const uint8_t*>(row + x * sizeof(typename Load::T) + i));
        for (size_t r = 0; r < rows; ++r) {
            VW sum[block];
            Weigh<pairs>(in[r], load, x, sum);
            Load::Split(sum, out[r], x);
        }
        if (x == last) return x + step;
    }
}

template <bool pairs, class Load>
void BlendAll(const WeighedRows* in, const Load& load, const SplitRow* out, size_t rows, size_t columns,
              const RowsAhead& ahead) {
    for (size_t x = BlendVectors<pairs>(in, load, out, rows, columns, ahead); x < columns; ++x)
        for (size_t r = 0; r < rows; ++r)
            out[r].at(static_cast<ptrdiff_t>(x)) = WeighOne(in[r], load, x);
}

template <class Load>
void BlendBy(const WeighedRows* in, const Load& load, const SplitRow* out, size_t rows, size_t columns,
             const RowsAhead& ahead) {
    (in->pairs ? BlendAll<true, Load> : BlendAll<false, Load>)(in, load, out, rows, columns, ahead);
}

void Blend8(const WeighedRows* in, const SplitRow* out, size_t rows, size_t columns, const RowsAhead& ahead) {
    BlendBy(in, Bytes(), out, rows, columns, ahead);
}
template <int depth>
void BlendWords(const WeighedRows* in, const SplitRow* out, size_t rows, size_t columns, const RowsAhead& ahead) {
    BlendBy(in, Words<16 - depth>(), out, rows, columns, ahead);
}
void Blend16(const WeighedRows* in, int depth, const SplitRow* out, size_t rows, size_t columns,
             const RowsAhead& ahead) {
    using Blend = void (*)(const WeighedRows*, const SplitRow*, size_t, size_t, const RowsAhead&);
    constexpr Blend by_depth[] = {BlendWords<9>, BlendWords<10>, BlendWords<11>, BlendWords<12>};
    by_depth[depth - 9](in, out, rows, columns, ahead);
}

template <bool pairs, class T>
void FinishHalvesAs(const WeighedRows& rows, const Column& c, T* out, size_t count) {
    const D16 d;
    const size_t n = hn::Lanes(d);
    const Words<0> load;
    const Rounding16 rounding(c);
    for (size_t x = 0; x < count; x += block * n) {
        VW sum[block];
        Weigh<pairs>(rows, load, x, sum);
        for (size_t k = 0; k < block; ++k) {
            const size_t at = x + k * n;
            if (at >= count) return;
            const V16 units = hn::BitCast(d, hn::Xor(sum[k], hn::Set(DW(), uint16_t{0x8000})));
            PutSome(rounding(units, k), c, out + at, count - at);
        }
    }
}

template <class T>
void FinishHalves(const WeighedRows& sum, const Column& c, T* out, size_t count) {
    (sum.pairs ? FinishHalvesAs<true, T> : FinishHalvesAs<false, T>)(sum, c, out, count);
}
void FinishHalves8(const WeighedRows& sum, const Column& c, uint8_t* out, size_t count) {
    FinishHalves(sum, c, out, count);
}
void FinishHalves16(const WeighedRows& sum, const Column& c, uint16_t* out, size_t count) {
    FinishHalves(sum, c, out, count);
}

} // namespace
} // namespace onair::sws::fast::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace onair::sws::fast {

HWY_EXPORT(Blend8);
HWY_EXPORT(Blend16);
HWY_EXPORT(FinishHalves8);
HWY_EXPORT(FinishHalves16);

void blend_8(const WeighedRows* in, const SplitRow* out, size_t rows, size_t columns, const RowsAhead& ahead) {
    HWY_DYNAMIC_DISPATCH(Blend8)(in, out, rows, columns, ahead);
}
void blend_16(const WeighedRows* in, int depth, const SplitRow* out, size_t rows, size_t columns,
              const RowsAhead& ahead) {
    HWY_DYNAMIC_DISPATCH(Blend16)(in, depth, out, rows, columns, ahead);
}
void finish_halves(const WeighedRows& sum, const Column& column, uint8_t* out, size_t count) {
    HWY_DYNAMIC_DISPATCH(FinishHalves8)(sum, column, out, count);
}
void finish_halves(const WeighedRows& sum, const Column& column, uint16_t* out, size_t count) {
    HWY_DYNAMIC_DISPATCH(FinishHalves16)(sum, column, out, count);
}

} // namespace onair::sws::fast
#endif

// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/fast/rows.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/fast/v210_rows.cpp"
#include "hwy/foreach_target.h"

#include "engine/fast/rows-inl.hpp"
#include "hwy/cache_control.h"
#include "hwy/highway.h"

#ifndef ONAIR_V210_ONCE
#define ONAIR_V210_ONCE
#include "engine/byte_order.hpp"
namespace onair::sws::fast {

// Four little-endian integers hold six pixels (SMPTE RP 210's companion in QuickTime's v210), lowest bits first:
//   U0 Y0 V0 | Y1 U2 Y2 | V2 Y3 U4 | Y4 V4 Y5        bits 0-9, 10-19, 20-29; 30 and 31 are 0

inline void unpack_v210_group(const uint8_t* in, uint16_t* y, uint16_t* u, uint16_t* v) {
    uint16_t s[12];
    for (size_t i = 0; i < 4; ++i) {
        const auto w = load_le<uint32_t>(in + 4 * i);
        for (size_t k = 0; k < 3; ++k)
            s[3 * i + k] = static_cast<uint16_t>(w >> 10 * k & 0x3FF);
    }
    for (size_t i = 0; i < 3; ++i) {
        u[i] = s[4 * i];
        y[2 * i] = s[4 * i + 1];
        v[i] = s[4 * i + 2];
        y[2 * i + 1] = s[4 * i + 3];
    }
}

inline void pack_v210_group(const uint16_t* y, const uint16_t* u, const uint16_t* v, uint8_t* out) {
    uint32_t s[12];
    for (size_t i = 0; i < 3; ++i) {
        s[4 * i] = u[i] & 0x3FF;
        s[4 * i + 1] = y[2 * i] & 0x3FF;
        s[4 * i + 2] = v[i] & 0x3FF;
        s[4 * i + 3] = y[2 * i + 1] & 0x3FF;
    }
    for (size_t i = 0; i < 4; ++i)
        store_le(out + 4 * i, s[3 * i] | s[3 * i + 1] << 10 | s[3 * i + 2] << 20);
}

} // namespace onair::sws::fast
#endif

HWY_BEFORE_NAMESPACE();
namespace onair::sws::fast::HWY_NAMESPACE {

using namespace hwy::HWY_NAMESPACE;

#if HWY_IS_BIG_ENDIAN

void UnpackV210(const uint8_t* in, uint16_t* y, uint16_t* u, uint16_t* v, size_t groups, Stores) {
    for (size_t x = 0; x < groups; ++x)
        unpack_v210_group(in + 16 * x, y + 6 * x, u + 3 * x, v + 3 * x);
}
void PackV210(const uint16_t* y, const uint16_t* u, const uint16_t* v, uint8_t* out, size_t groups, Stores) {
    for (size_t x = 0; x < groups; ++x)
        pack_v210_group(y + 6 * x, u + 3 * x, v + 3 * x, out + 16 * x);
}

#else

/// Groups to a vector: one in each block of 16 bytes.
constexpr size_t groups_at_once = MaxLanes(D8()) / 16;
/// Loads and stores of three quarters of a vector touch all of it: groups that must still follow.
constexpr size_t spare_groups = 2;
using HalfOf16 = Half<D16>;
/// Bytes from a group to those that are asked for from the memory meanwhile: processors do not go on into the next page
/// by themselves.
constexpr size_t prefetched = 2048;

/// Lanes of 32 bits. Luma: the three used ones of each block become neighbours, or get their blocks again. Chroma,
/// whose blocks are Cb Cb Cb - Cr Cr Cr -: all Cb before all Cr, and back; three of each four in each half, and back.
struct LaneTables {
    alignas(64) int32_t together[16]{}, apart[16]{}, sorted[16]{}, mixed[16]{}, closed[16]{}, opened[16]{};
    constexpr LaneTables() {
        const int n = static_cast<int>(groups_at_once), lanes = 4 * n;
        for (int i = 0; i < lanes; ++i) {
            together[i] = i < 3 * n ? i / 3 * 4 + i % 3 : 3; // what lies behind is never used
            apart[i] = i % 4 < 3 ? i / 4 * 3 + i % 4 : 0;
            const int half = i / (2 * n), within = i % (2 * n);
            sorted[i] = within / 2 * 4 + half * 2 + within % 2;
            closed[i] = half * 2 * n + (within < 3 * n / 2 ? within / 3 * 4 + within % 3 : 3);
            opened[i] = half * 2 * n + (within % 4 < 3 ? within / 4 * 3 + within % 4 : 0);
        }
        for (int i = 0; i < lanes; ++i)
            mixed[sorted[i]] = i;
    }
};
constexpr LaneTables lane_tables;

template <class V>
HWY_INLINE Vec<D32> Lanes32(V v, const int32_t* table) {
    const D32 d;
    return TableLookupLanes(BitCast(d, v), SetTableIndices(d, table));
}

/// Cb Cb Cb - Cr Cr Cr - in each block to two half vectors.
HWY_INLINE void StoreChroma(Vec<D16> chroma, uint16_t* HWY_RESTRICT u, uint16_t* HWY_RESTRICT v) {
    const D16 d;
    const HalfOf16 half;
    if constexpr (groups_at_once > 1) {
        alignas(16) static constexpr uint8_t squeeze[16] = {0, 1, 2, 3, 4, 5, 8, 9, 10, 11, 12, 13, 6, 7, 14, 15};
        const D8 d8;
        const auto apart = BitCast(d8, Lanes32(chroma, lane_tables.sorted));
        chroma = BitCast(d, TableLookupBytes(apart, LoadDup128(d8, squeeze)));
    }
    if constexpr (groups_at_once > 2) chroma = BitCast(d, Lanes32(chroma, lane_tables.closed));
    StoreU(LowerHalf(half, chroma), half, u);
    StoreU(UpperHalf(half, chroma), half, v);
}

HWY_INLINE Vec<D16> LoadChroma(const uint16_t* HWY_RESTRICT u, const uint16_t* HWY_RESTRICT v) {
    const D16 d;
    const HalfOf16 half;
    auto chroma = Combine(d, LoadU(half, v), LoadU(half, u));
    if constexpr (groups_at_once > 2) chroma = BitCast(d, Lanes32(chroma, lane_tables.opened));
    if constexpr (groups_at_once > 1) {
        alignas(16) static constexpr uint8_t spread[16] = {0, 1, 2, 3, 4, 5, 12, 13, 6, 7, 8, 9, 10, 11, 14, 15};
        const D8 d8;
        const auto apart = TableLookupBytes(BitCast(d8, chroma), LoadDup128(d8, spread));
        chroma = BitCast(d, Lanes32(apart, lane_tables.mixed));
    }
    return chroma;
}

/// Whole vectors of groups, as long as `spare` groups follow them in the rows of the output; returns how many groups.
HWY_INLINE size_t UnpackVectors(const uint8_t* HWY_RESTRICT in, uint16_t* HWY_RESTRICT y, uint16_t* HWY_RESTRICT u,
                                uint16_t* HWY_RESTRICT v, size_t groups, size_t spare) {
    const D8 d8;
    const D16 d;
    // Each sample's two bytes; a product moves its ten bits to the top of 16.
    alignas(16) static constexpr uint8_t luma_at[16] = {1, 2, 4, 5, 6, 7, 9, 10, 12, 13, 14, 15, 0, 0, 0, 0};
    alignas(16) static constexpr uint16_t luma_by[8] = {16, 64, 4, 16, 64, 4, 0, 0};
    alignas(16) static constexpr uint8_t chroma_at[16] = {0, 1, 5, 6, 10, 11, 0, 0, 2, 3, 8, 9, 13, 14, 0, 0};
    alignas(16) static constexpr uint16_t chroma_by[8] = {64, 16, 4, 0, 4, 64, 16, 0};
    const auto y_at = LoadDup128(d8, luma_at), c_at = LoadDup128(d8, chroma_at);
    const auto y_by = LoadDup128(d, luma_by), c_by = LoadDup128(d, chroma_by);
    size_t x = 0;
    for (; x + groups_at_once + spare <= groups; x += groups_at_once) {
        const auto w = LoadU(d8, in + 16 * x);
        const auto luma = ShiftRight<6>(Mul(BitCast(d, TableLookupBytes(w, y_at)), y_by));
        hwy::Prefetch(reinterpret_cast<const uint8_t*>(reinterpret_cast<uintptr_t>(in) + 16 * x + prefetched));
        const auto chroma = ShiftRight<6>(Mul(BitCast(d, TableLookupBytes(w, c_at)), c_by));
        StoreU(BitCast(d, Lanes32(luma, lane_tables.together)), d, y + 6 * x);
        StoreChroma(chroma, u + 3 * x, v + 3 * x);
    }
    return x;
}

/// Groups that are unpacked before they are streamed: their rows are whole cache lines, and stay in the first cache.
constexpr size_t tile_groups = 64;

/// Three quarters of a vector are no line of a cache: rows are streamed a tile at a time. Returns how many groups.
HWY_INLINE size_t StreamTiles(const uint8_t* HWY_RESTRICT in, uint16_t* HWY_RESTRICT y, uint16_t* HWY_RESTRICT u,
                              uint16_t* HWY_RESTRICT v, size_t groups) {
    constexpr size_t spare = 6 * spare_groups;
    alignas(64) uint16_t luma[6 * tile_groups + spare], cb[3 * tile_groups + spare], cr[3 * tile_groups + spare];
    const auto put = [](const uint16_t* from, uint16_t* to, size_t count) HWY_ATTR {
        const D16 d;
        for (size_t i = 0; i < count; i += Lanes(d))
            Stream(Load(d, from + i), d, to + i);
    };
    size_t x = 0;
    for (; x + tile_groups <= groups; x += tile_groups) {
        UnpackVectors(in + 16 * x, luma, cb, cr, tile_groups, 0);
        put(luma, y + 6 * x, 6 * tile_groups);
        put(cb, u + 3 * x, 3 * tile_groups);
        put(cr, v + 3 * x, 3 * tile_groups);
    }
    return x;
}

void UnpackV210(const uint8_t* HWY_RESTRICT in, uint16_t* HWY_RESTRICT y, uint16_t* HWY_RESTRICT u,
                uint16_t* HWY_RESTRICT v, size_t groups, Stores stores) {
    size_t x = stores == Stores::streamed ? StreamTiles(in, y, u, v, groups) : 0;
    x += UnpackVectors(in + 16 * x, y + 6 * x, u + 3 * x, v + 3 * x, groups - x, spare_groups);
    for (; x < groups; ++x)
        unpack_v210_group(in + 16 * x, y + 6 * x, u + 3 * x, v + 3 * x);
}

/// Whole vectors of groups; returns how many groups.
template <class Store>
HWY_INLINE size_t PackVectors(const uint16_t* HWY_RESTRICT y, const uint16_t* HWY_RESTRICT u,
                              const uint16_t* HWY_RESTRICT v, uint8_t* HWY_RESTRICT out, size_t groups, Store store) {
    const D8 d8;
    const D16 d;
    const D32 d32;
    // Samples of bits 0-9 and 10-19 of each integer as pairs, and those of bits 20-29; 0x80 takes nothing.
    constexpr uint8_t no = 0x80;
    alignas(16) static constexpr uint8_t low_y[16] = {no, no, 0, 1, 2, 3, no, no, no, no, 6, 7, 8, 9, no, no};
    alignas(16) static constexpr uint8_t low_c[16] = {0, 1, no, no, no, no, 2, 3, 10, 11, no, no, no, no, 12, 13};
    alignas(16) static constexpr uint8_t high_y[16] = {no, no, no, no, 4, 5, no, no, no, no, no, no, 10, 11, no, no};
    alignas(16) static constexpr uint8_t high_c[16] = {8, 9, no, no, no, no, no, no, 4, 5, no, no, no, no, no, no};
    const auto ly = LoadDup128(d8, low_y), lc = LoadDup128(d8, low_c);
    const auto hy = LoadDup128(d8, high_y), hc = LoadDup128(d8, high_c);
    const auto ten = Set(d32, 0x3FFu), next = Set(d32, 0x3FFu << 10);
    size_t x = 0;
    for (; x + groups_at_once + spare_groups <= groups; x += groups_at_once) {
        const auto luma = BitCast(d8, Lanes32(LoadU(d, y + 6 * x), lane_tables.apart));
        const auto chroma = BitCast(d8, LoadChroma(u + 3 * x, v + 3 * x));
        const auto low = BitCast(d32, Or(TableLookupBytesOr0(luma, ly), TableLookupBytesOr0(chroma, lc)));
        const auto high = BitCast(d32, Or(TableLookupBytesOr0(luma, hy), TableLookupBytesOr0(chroma, hc)));
        const auto word = Or(Or(And(low, ten), And(ShiftRight<6>(low), next)), ShiftLeft<20>(And(high, ten)));
        store(BitCast(d8, word), d8, out + 16 * x);
    }
    return x;
}

void PackV210(const uint16_t* HWY_RESTRICT y, const uint16_t* HWY_RESTRICT u, const uint16_t* HWY_RESTRICT v,
              uint8_t* HWY_RESTRICT out, size_t groups, Stores stores) {
    size_t x = stores == Stores::streamed ? PackVectors(y, u, v, out, groups, StreamedStore())
                                          : PackVectors(y, u, v, out, groups, CachedStore());
    for (; x < groups; ++x)
        pack_v210_group(y + 6 * x, u + 3 * x, v + 3 * x, out + 16 * x);
}

#endif

} // namespace onair::sws::fast::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace onair::sws::fast {

HWY_EXPORT(UnpackV210);
HWY_EXPORT(PackV210);

void unpack_v210(const uint8_t* in, uint16_t* y, uint16_t* u, uint16_t* v, size_t groups, Stores stores) {
    HWY_DYNAMIC_DISPATCH(UnpackV210)(in, y, u, v, groups, stores);
}
void pack_v210(const uint16_t* y, const uint16_t* u, const uint16_t* v, uint8_t* out, size_t groups, Stores stores) {
    HWY_DYNAMIC_DISPATCH(PackV210)(y, u, v, out, groups, stores);
}

} // namespace onair::sws::fast
#endif

// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>

/// Loops over rows of integers, compiled for each kind of vector instructions that a processor may have; which one runs
/// is looked up once a call. Each family is a file (*_rows.cpp). All of them:
///
/// - work on integers alone, so that every kind gives the same bytes;
/// - read and write exactly the samples that are named, never a byte behind a row; rows need no alignment;
/// - take rows that do not overlap: no output is an input.
///
/// Samples are u8, or u16 with the value in the low bits.
namespace onair::sws::fast {

/// A sample becomes one of another depth:
///     (min(((in >> right & mask) + add) >> shift, largest)) << left
/// `right` and `left` are of containers that hold their value in the high bits (P010).
struct Depth {
    int right = 0;
    uint16_t mask = 0xFFFF; ///< bits above mean nothing
    int shift = 0;          ///< 0 … 15
    uint16_t largest = 0xFFFF;
    int left = 0;
};

/// What Depth adds before the shift, in a row: 32 values, twice. Sample x takes value x % 32, so that a row of the 16
/// values of the ordered pattern comes twice, or each value of it as a pair for interleaved chroma.
using Pattern = std::array<uint16_t, 64>;

/// Where the four bytes or words of a group of 4:2:2 lie.
struct Order422 {
    bool luma_first = false; ///< Y at 0 and 2 (YUY2), else at 1 and 3 (UYVY)
    bool v_first = false;    ///< Cr before Cb
};

/// Whether what is stored stays in the caches or leaves them alone, as is right for frames that are larger than they
/// are. Rows that are streamed begin at multiples of `stream_alignment` bytes; finish_streams() before another thread
/// reads.
enum class Stores { cached, streamed };
constexpr size_t stream_alignment = 64;
void finish_streams();

// depth_rows.cpp

void change(const uint16_t* in, uint16_t* out, size_t count, const Depth& depth, const Pattern& add,
            Stores stores = Stores::cached);
void change(const uint16_t* in, uint8_t* out, size_t count, const Depth& depth, const Pattern& add,
            Stores stores = Stores::cached);
/// out = in << left
void widen(const uint8_t* in, uint16_t* out, size_t count, int left);
/// A copy that is streamed, wherever the row begins.
void stream(const uint8_t* in, uint8_t* out, size_t bytes);

// unpack_rows.cpp: `pairs` or `groups` of samples; u16 come as in << left, or in >> right & mask

void unpack_pairs(const uint8_t* in, uint8_t* a, uint8_t* b, size_t pairs);
void unpack_pairs(const uint8_t* in, uint16_t* a, uint16_t* b, size_t pairs, int left);
void unpack_pairs(const uint16_t* in, uint16_t* a, uint16_t* b, size_t pairs, int right, uint16_t mask);
/// Whole groups of two luma samples; y has 2 * groups.
void unpack_422(const uint8_t* in, uint8_t* y, uint8_t* u, uint8_t* v, size_t groups, Order422 order,
                Stores stores = Stores::cached);
void unpack_422(const uint8_t* in, uint16_t* y, uint16_t* u, uint16_t* v, size_t groups, Order422 order, int left,
                Stores stores = Stores::cached);
void unpack_422(const uint16_t* in, uint16_t* y, uint16_t* u, uint16_t* v, size_t groups, Order422 order, int right,
                uint16_t mask, Stores stores = Stores::cached);

// pack_rows.cpp; the patterns of interleaved samples have each value as a pair

void pack_pairs(const uint8_t* a, const uint8_t* b, uint8_t* out, size_t pairs, Stores stores = Stores::cached);
void pack_pairs(const uint16_t* a, const uint16_t* b, uint8_t* out, size_t pairs, const Depth& depth,
                const Pattern& add, Stores stores = Stores::cached);
void pack_pairs(const uint16_t* a, const uint16_t* b, uint16_t* out, size_t pairs, const Depth& depth,
                const Pattern& add, Stores stores = Stores::cached);
void pack_422(const uint8_t* y, const uint8_t* u, const uint8_t* v, uint8_t* out, size_t groups, Order422 order,
              Stores stores = Stores::cached);
void pack_422(const uint16_t* y, const uint16_t* u, const uint16_t* v, uint8_t* out, size_t groups, Order422 order,
              const Depth& depth, const Pattern& luma, const Pattern& chroma, Stores stores = Stores::cached);
void pack_422(const uint16_t* y, const uint16_t* u, const uint16_t* v, uint16_t* out, size_t groups, Order422 order,
              const Depth& depth, const Pattern& luma, const Pattern& chroma);

// v210_rows.cpp: groups of six pixels in 16 bytes; u and v have 3 * groups, y 6 * groups

void unpack_v210(const uint8_t* in, uint16_t* y, uint16_t* u, uint16_t* v, size_t groups,
                 Stores stores = Stores::cached);
void pack_v210(const uint16_t* y, const uint16_t* u, const uint16_t* v, uint8_t* out, size_t groups,
               Stores stores = Stores::cached);

// chroma_rows.cpp: small filters whose weights are integers

/// The sum of weights[t] * rows[t] for up to four rows, then Depth (its `right` is of no use here).
struct Blend {
    int taps = 1;
    std::array<uint16_t, 4> weights{};
};
void blend(const uint8_t* const rows[4], const Blend& blend, uint8_t* out, size_t count, const Depth& depth,
           const Pattern& add);
void blend(const uint16_t* const rows[4], const Blend& blend, uint8_t* out, size_t count, const Depth& depth,
           const Pattern& add);
void blend(const uint16_t* const rows[4], const Blend& blend, uint16_t* out, size_t count, const Depth& depth,
           const Pattern& add);
/// Sums without a shift, of which the next step takes care.
void blend_raw(const uint8_t* const rows[4], const Blend& blend, uint16_t* out, size_t count);
void blend_raw(const uint16_t* const rows[4], const Blend& blend, uint16_t* out, size_t count, uint16_t mask);

/// out[i] = sum of weights[t] * in[i * advance + t], for one output in `period`: out[i * period]. advance and period
/// are (1, 1), (2, 1) or (1, 2); the second is called for both phases at once.
void filter_same(const uint16_t* in, const Blend& blend, uint16_t* out, size_t count);
void filter_halving(const uint16_t* in, const Blend& blend, uint16_t* out, size_t count);
/// out[2 * i] and out[2 * i + 1] of in[i + …]; `pairs` of them.
void filter_doubling(const uint16_t* even_in, const Blend& even, const uint16_t* odd_in, const Blend& odd,
                     uint16_t* out, size_t pairs);

} // namespace onair::sws::fast

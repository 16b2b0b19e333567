// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <bit>
#include <cstdint>
#include <cstring>

/// For loops over samples: compiled for AVX2 as well, which the loader chooses where the processor has it. Interleaved
/// samples are three times as fast with its shuffles. Not under sanitizers: their runtime is not there yet when the
/// loader asks.
#if defined(__x86_64__) && defined(__gnu_linux__) && defined(__GNUC__) && !defined(__clang__) &&                       \
    !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define ONAIR_SAMPLE_LOOP __attribute__((target_clones("avx2", "default")))
#else
#define ONAIR_SAMPLE_LOOP
#endif

/// Integers in memory, in forms that compilers turn into plain and vector instructions.
namespace onair::sws {

constexpr uint16_t swap_bytes(uint16_t v) { return static_cast<uint16_t>(v << 8 | v >> 8); }
constexpr uint32_t swap_bytes(uint32_t v) { return v << 24 | (v << 8 & 0xFF0000u) | (v >> 8 & 0xFF00u) | v >> 24; }
constexpr uint64_t swap_bytes(uint64_t v) {
    return static_cast<uint64_t>(swap_bytes(static_cast<uint32_t>(v))) << 32 |
           swap_bytes(static_cast<uint32_t>(v >> 32));
}

/// Turns each two bytes round.
constexpr uint16_t swap_pairs(uint16_t v) { return swap_bytes(v); }
constexpr uint32_t swap_pairs(uint32_t v) { return (v << 8 & 0xFF00FF00u) | (v >> 8 & 0x00FF00FFu); }
constexpr uint64_t swap_pairs(uint64_t v) { return (v << 8 & 0xFF00FF00FF00FF00u) | (v >> 8 & 0x00FF00FF00FF00FFu); }

template <class Word>
Word load_le(const uint8_t* at) {
    Word v;
    std::memcpy(&v, at, sizeof v);
    if constexpr (std::endian::native == std::endian::big) v = swap_bytes(v);
    return v;
}

template <class Word>
void store_le(uint8_t* at, Word v) {
    if constexpr (std::endian::native == std::endian::big) v = swap_bytes(v);
    std::memcpy(at, &v, sizeof v);
}

} // namespace onair::sws

// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/format.hpp"

#include <array>
#include <cstdint>
#include <memory>

namespace onair::sws {

/// Where the samples of a component lie when they come at even distances: sample i is `depth` bits, `shift` bits above
/// the lowest, of the integer of `container` bytes at `offset + i * step` in the row of the plane.
struct WordField {
    int plane = 0;
    int step = 1;
    int offset = 0;
    int container = 1; ///< bytes: 1, 2 or 4
    int shift = 0;
    int depth = 8;
    bool big_endian = false; ///< of the container

    bool operator==(const WordField&) const = default;
};

/// Planar, semi-planar and packed formats of whole bytes, and those that pack components into one integer (RGB16,
/// RGB10A2, Y410, r210).
struct WordLayout {
    int components = 0;
    std::array<WordField, 4> field{};
    /// Bits that mean nothing and are written as 1, in the bytes of a pixel of plane 0 (X of RGBx).
    uint64_t ones = 0;

    /// Bytes of what repeats along a row of the plane (UYVY: 4); 0 when nothing lies there.
    int word_bytes(int plane) const;
    /// Samples of the component in one of those.
    int per_word(int component) const { return word_bytes(field[component].plane) / field[component].step; }
};

/// Row bytes of a plane of a picture: whole words, so a row of odd width of UYVY has a luma sample that is no pixel.
int word_row_bytes(const Format& format, const WordLayout& layout, int plane, int width);

/// What `read` never looks at, the luma sample behind an odd row, is written as the last one again: so does GStreamer
/// with 16-bit 4:2:2; with 8 bit it leaves what was in memory, which must not travel.
std::unique_ptr<RowCodec> make_word_codec(const Format& format, const WordLayout& layout, int width);

} // namespace onair::sws

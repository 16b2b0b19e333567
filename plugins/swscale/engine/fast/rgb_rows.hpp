// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>

/// Rows of packed RGB of 8 bits, and its components as rows of their own.
namespace onair::sws::fast {

/// Components in the order of memory. Null of an unpacked one: not wanted; of one to be packed: 255 (alpha that the
/// input does not have, and the bits that mean nothing).
using Taken = std::array<uint8_t*, 4>;
using Given = std::array<const uint8_t*, 4>;

/// Where R, G and B lie in a pixel of four bytes.
using PixelOffsets = std::array<int, 3>;

/// `bytes` a pixel: 3 or 4.
void unpack_rgb(int bytes, const uint8_t* in, const Taken& out, size_t count);
void pack_rgb(int bytes, const Given& in, uint8_t* out, size_t count);
/// The same past the caches, as stream() does; finish_streams() before another thread reads.
void stream_rgb(int bytes, const Given& in, uint8_t* out, size_t count);

} // namespace onair::sws::fast

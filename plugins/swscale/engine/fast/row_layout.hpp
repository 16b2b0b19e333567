// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/fast/rows.hpp"
#include "engine/format.hpp"

#include <array>
#include <optional>
#include <vector>

namespace onair::sws::fast {

/// How the samples of a plane lie, as far as there are row functions for it.
///
/// | packing  | a row                        | formats                                     |
/// |----------|------------------------------|---------------------------------------------|
/// | plane    | samples of one component     | I420, Y42B, GRAY8, I422_10LE, NV12's luma   |
/// | pair     | a b a b                      | chroma of NV12, NV16, P010_10LE             |
/// | group422 | Y and chroma in turn         | UYVY, YUY2, YVYU, VYUY, Y210, v216          |
/// | v210     | six pixels in 16 bytes       | v210                                        |
/// | rgb      | the bytes of a pixel in turn | BGRA, xRGB, RGB                             |
enum class Packing { plane, pair, group422, v210, rgb };

struct PlaneLayout {
    Packing packing = Packing::plane;
    int plane = 0;     ///< of the view
    int container = 1; ///< bytes: 1 or 2
    int shift = 0;     ///< of the value in a container
    int depth = 8;
    int components = 1;
    std::array<int, 4> component{}; ///< pair: in order of address; group422 and v210: Y, Cb, Cr
    Order422 order;
    int pixel = 0;               ///< rgb: bytes of one
    std::array<int, 4> offset{}; ///< rgb: of each component in it
};

struct RowLayout {
    std::vector<PlaneLayout> planes;

    struct Place {
        size_t plane = 0; ///< index into `planes`
        size_t at = 0;    ///< into PlaneLayout::component
    };
    Place place_of(int component) const;
};

/// None for what the row functions do not know: big-endian samples, tiles, palettes, components inside one integer.
std::optional<RowLayout> row_layout(const Format& format);

} // namespace onair::sws::fast

// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/format.hpp"

#include <array>
#include <cstddef>
#include <functional>
#include <memory>

namespace onair::sws {

/// One plane's tiles. A view's stride is `x_tiles * row_bytes`, as if the padded picture were not tiled.
struct TilePlane {
    int row_bytes = 0; ///< of a row inside a tile
    int rows = 0;
    int size = 0; ///< bytes of a tile
};

struct TileCount {
    int x = 0, y = 0;
};

/// How a tiled format lies in memory; the numbers are the owner's of the format (GStreamer).
struct Tiling {
    std::array<TilePlane, 4> plane{};
    /// Tiles of each plane that a picture of this size takes at least; zeros when it is impossible.
    std::function<std::array<TileCount, 4>(int width, int height)> count;
    /// Which tile in memory is the one at column x and row y.
    std::function<size_t(int x, int y, TileCount tiles)> index;
};

/// The bytes of one row of plane i are cut into the tiles of a row; the codec for linear rows does the rest.
/// `linear_bytes[i]`: bytes of a row that `linear` reads and writes.
std::unique_ptr<RowCodec> make_tiled_codec(const Format& format, const Tiling& tiling, int width, int height,
                                           std::unique_ptr<RowCodec> linear, const std::array<int, 4>& linear_bytes,
                                           const std::array<int, 4>& plane_of);

} // namespace onair::sws

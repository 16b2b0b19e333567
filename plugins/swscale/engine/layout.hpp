// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/geometry.hpp"

#include <array>
#include <optional>

/// Where a picture comes from and where it goes: one description, from which pixels, pointers and regions are mapped
/// alike.
///
///   source frame --crop--> --turn and mirror--> --scale--> picture, in the output frame, borders around it
///
/// Coordinates are those of edges: pixel n reaches from n to n + 1. Pure arithmetic, table-tested.
namespace onair::sws {

/// How a picture is turned: transposed first (rows become columns), then mirrored in the new directions.
struct Orientation {
    bool transpose = false;
    bool mirror_x = false;
    bool mirror_y = false;
    bool operator==(const Orientation&) const = default;
    bool is_identity() const { return *this == Orientation{}; }
};

/// R', G', B' and alpha, 0 … 1; of BT.709.
using BorderColour = std::array<double, 4>;

/// A picture in its frame; in an output frame the rest is the border.
struct Placement {
    Rect picture;
    int frame_width = 0, frame_height = 0;
    BorderColour border{{0, 0, 0, 1}};
    bool operator==(const Placement&) const = default;
    bool fills() const { return picture == Rect{0, 0, frame_width, frame_height}; }
};

enum class Fit {
    fill,    ///< the picture fills the frame, whatever shape it gets
    contain, ///< all of the picture is seen, borders fill the rest
    cover,   ///< the frame is full, what does not fit of the picture is cut off
    none,    ///< pixel for pixel, in the middle: cut off or bordered
};

struct Align {
    int x = 1, y = 1; ///< luma samples to a chroma sample, >= 1
};

struct FitRequest {
    Size source; ///< the cropped picture, as it lies in the source
    Rect crop;   ///< where it lies there
    Size target; ///< the output frame
    Orientation orientation;
    Fit fit = Fit::contain;
    Align source_align, target_align;
    double tolerance = 0.5; ///< pixels by which the shape may be off without borders
};

struct Fitting {
    Rect crop;    ///< of the source frame
    Rect picture; ///< in the output frame
};

/// Where things lie. Borders and cuts do not divide chroma samples: their positions and sizes are multiples of the
/// alignment, except at a frame's or crop's own edge.
Fitting lay_out(const FitRequest& request);

/// The picture as it is seen: width, height and pixel shape exchanged when it is transposed.
Size turned(const Size& size, const Orientation& orientation);

/// x' = xx * x + xy * y + x0, y' = yx * x + yy * y + y0
struct Affine2 {
    double xx = 1, xy = 0, x0 = 0;
    double yx = 0, yy = 1, y0 = 0;
    bool operator==(const Affine2&) const = default;
};
Affine2 operator*(const Affine2& after, const Affine2& before);
/// Of a map that is not singular.
Affine2 inverse(const Affine2& map);

struct Point {
    double x = 0, y = 0;
};

/// A box by its edges; left < right unless it is empty.
struct Box {
    double left = 0, top = 0, right = 0, bottom = 0;
    bool empty() const { return !(left < right && top < bottom); }
};
inline Box box_of(const Rect& r) { return {double(r.x), double(r.y), double(r.x) + r.width, double(r.y) + r.height}; }
Box intersect(const Box& a, const Box& b);

Point operator*(const Affine2& map, const Point& point);
/// The box around the mapped one: maps here turn by quarters only.
Box operator*(const Affine2& map, const Box& box);

/// The whole description. `source.picture` is the crop.
struct Geometry {
    Placement source, target;
    Orientation orientation;

    /// Source frame to output frame.
    Affine2 to_output() const;
    Affine2 to_source() const { return inverse(to_output()); }
};

/// Where the pixel that begins at `p` in the output begins in the source: pointers name pixels, so a mirrored pixel 0
/// is the last one and not its far edge.
Point pixel_in_source(const Geometry& geometry, const Point& p);

/// A region of the source in the output, in whole pixels (edges to the nearest), without what was cut off; none when
/// nothing of it is seen.
std::optional<Rect> region_in_output(const Geometry& geometry, const Box& region);

} // namespace onair::sws

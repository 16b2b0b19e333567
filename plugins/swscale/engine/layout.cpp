// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/layout.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace onair::sws {

namespace {

struct Part {
    int at, size;
};

/// The middle `size` of `space`, on multiples of `align`.
Part middle(int size, int space, int align) {
    if (size >= space) return {0, space};
    size = std::clamp(size / align * align, std::min(align, space), space);
    return {(space - size) / 2 / align * align, size};
}

/// The middle of `space`, of about the wanted size; all of it when less than `align` would be left out.
Part about(double wanted, int space, int align) {
    const double units = std::clamp(std::round(wanted / align), 1.0, std::floor(double(space) / align) + 1);
    const int size = static_cast<int>(units) * align;
    return space - size < align ? Part{0, space} : middle(size, space, align);
}

/// What of the seen picture fills the target's shape.
Rect cover(const Size& seen, const Size& to, const Align& align) {
    const Rational wanted = display_aspect_ratio(to), there = display_aspect_ratio(seen);
    Rect part{0, 0, seen.width, seen.height};
    if (there > wanted) {
        const Part p = about(wanted.value() * seen.height / seen.par.value(), seen.width, align.x);
        part.x = p.at;
        part.width = p.size;
    } else {
        const Part p = about(seen.width * seen.par.value() / wanted.value(), seen.height, align.y);
        part.y = p.at;
        part.height = p.size;
    }
    return part;
}

/// A rectangle of the seen picture in the source's directions, relative to the crop.
Rect unturned(Rect r, const Size& seen, const Orientation& o) {
    if (o.mirror_x) r.x = seen.width - r.x - r.width;
    if (o.mirror_y) r.y = seen.height - r.y - r.height;
    if (o.transpose) {
        std::swap(r.x, r.y);
        std::swap(r.width, r.height);
    }
    return r;
}

Align turned(Align align, const Orientation& o) {
    if (o.transpose) std::swap(align.x, align.y);
    return align;
}

/// Differences of shape that a whole number of pixels cannot avoid, or that the user allows.
bool same_shape(const Size& a, const Size& b, double tolerance) {
    const double dar = display_aspect_ratio(a).value();
    const double width = dar * b.height / b.par.value(), height = b.width * b.par.value() / dar;
    return std::min(std::abs(width - b.width), std::abs(height - b.height)) <= tolerance;
}

} // namespace

Size turned(const Size& size, const Orientation& o) {
    return o.transpose ? Size{size.height, size.width, size.par.inverse()} : size;
}

Fitting lay_out(const FitRequest& r) {
    const Size seen = turned(r.source, r.orientation), &to = r.target;
    const Rect all{0, 0, seen.width, seen.height};
    Rect part = all, picture{0, 0, to.width, to.height};
    const Align cut = turned(r.source_align, r.orientation), &align = r.target_align;
    if (r.fit == Fit::none) {
        const Part x = middle(seen.width, to.width, align.x), y = middle(seen.height, to.height, align.y);
        picture = {x.at, y.at, x.size, y.size};
        const Part cx = middle(x.size, seen.width, cut.x), cy = middle(y.size, seen.height, cut.y);
        // As many pixels as the picture has; where they begin may be rounded, not how many they are.
        part = {cx.at, cy.at, std::min(x.size, seen.width), std::min(y.size, seen.height)};
    } else if (r.fit != Fit::fill && !same_shape(seen, to, r.tolerance)) {
        if (r.fit == Fit::contain) picture = place(seen, to, true, align.x, align.y);
        if (r.fit == Fit::cover) part = cover(seen, to, cut);
    }
    Rect crop = unturned(part, seen, r.orientation);
    crop.x += r.crop.x;
    crop.y += r.crop.y;
    return {crop, picture};
}

Affine2 operator*(const Affine2& a, const Affine2& b) {
    return {a.xx * b.xx + a.xy * b.yx, a.xx * b.xy + a.xy * b.yy, a.xx * b.x0 + a.xy * b.y0 + a.x0,
            a.yx * b.xx + a.yy * b.yx, a.yx * b.xy + a.yy * b.yy, a.yx * b.x0 + a.yy * b.y0 + a.y0};
}

Affine2 inverse(const Affine2& m) {
    const double d = m.xx * m.yy - m.xy * m.yx;
    const Affine2 linear{m.yy / d, -m.xy / d, 0, -m.yx / d, m.xx / d, 0};
    return linear * Affine2{1, 0, -m.x0, 0, 1, -m.y0};
}

Box intersect(const Box& a, const Box& b) {
    return {std::max(a.left, b.left), std::max(a.top, b.top), std::min(a.right, b.right), std::min(a.bottom, b.bottom)};
}

Point operator*(const Affine2& m, const Point& p) {
    return {m.xx * p.x + m.xy * p.y + m.x0, m.yx * p.x + m.yy * p.y + m.y0};
}

Box operator*(const Affine2& m, const Box& b) {
    const Point p = m * Point{b.left, b.top}, q = m * Point{b.right, b.bottom};
    return {std::min(p.x, q.x), std::min(p.y, q.y), std::max(p.x, q.x), std::max(p.y, q.y)};
}

Affine2 Geometry::to_output() const {
    const Rect &crop = source.picture, &picture = target.picture;
    const Affine2 from_crop{1, 0, double(-crop.x), 0, 1, double(-crop.y)};
    const Size seen = turned({crop.width, crop.height, 1}, orientation);
    Affine2 turn = orientation.transpose ? Affine2{0, 1, 0, 1, 0, 0} : Affine2{};
    if (orientation.mirror_x) turn = Affine2{-1, 0, double(seen.width), 0, 1, 0} * turn;
    if (orientation.mirror_y) turn = Affine2{1, 0, 0, 0, -1, double(seen.height)} * turn;
    const Affine2 scale{double(picture.width) / seen.width,
                        0,
                        double(picture.x),
                        0,
                        double(picture.height) / seen.height,
                        double(picture.y)};
    return scale * turn * from_crop;
}

Point pixel_in_source(const Geometry& geometry, const Point& p) {
    const Box box = geometry.to_source() * Box{p.x, p.y, p.x + 1, p.y + 1};
    return {box.left, box.top};
}

std::optional<Rect> region_in_output(const Geometry& geometry, const Box& region) {
    const Box seen = intersect(geometry.to_output() * region, box_of(geometry.target.picture));
    if (seen.empty()) return std::nullopt;
    const auto edge = [](double at) { return static_cast<int>(std::floor(at + 0.5)); };
    Rect r{edge(seen.left), edge(seen.top), 0, 0};
    r.width = std::max(1, edge(seen.right) - r.x);
    r.height = std::max(1, edge(seen.bottom) - r.y);
    const Rect& picture = geometry.target.picture;
    r.x = std::min(r.x, picture.x + picture.width - r.width);
    r.y = std::min(r.y, picture.y + picture.height - r.height);
    return r;
}

} // namespace onair::sws

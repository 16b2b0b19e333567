// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/planner_turn.hpp"

#include "engine/filter.hpp"
#include "engine/planar_format.hpp"

#include <algorithm>
#include <utility>

namespace onair::sws {

namespace {

/// Where samples of one direction lie when the picture is turned: a chroma site, or none where it has no name.
std::optional<int> turned_site(const Grid& grid, int length, bool mirrored) {
    const double first = mirrored ? length - 1 - grid.first - grid.spacing * (grid.count - 1) : grid.first;
    if (first == 0) return 0;
    if (first == (grid.spacing - 1) / 2) return ChromaSite{}.horizontal;
    return std::nullopt;
}

/// The turned picture with the samples that it has, as planes; without a format when that cannot be.
Side turned_side(const Request& r) {
    const Format& f = *r.in.format;
    const Orientation& o = r.orientation;
    const Rect at = r.window.value_or(whole(r.in)).picture;
    Side side = r.in;
    side.format = nullptr;
    if (o.transpose) std::swap(side.width, side.height);
    int w = 0, h = 0;
    if (f.model == ColourModel::yuv) {
        const bool across = o.transpose ? o.mirror_y : o.mirror_x, down = o.transpose ? o.mirror_x : o.mirror_y;
        auto x = turned_site(columns_of(r.in, 1, at.x), r.in.width, across);
        auto y = turned_site(rows_of(r.in, 1, at.y), r.in.height, down);
        // Rows of a field stay where they are in the frame; a field begins on a chroma row.
        if (r.in.field != Field::none && !down && !o.transpose) y = r.in.site.vertical;
        if (!x || !y) return side;
        w = f.log2_chroma_w;
        h = f.log2_chroma_h;
        if (o.transpose) {
            std::swap(w, h);
            std::swap(x, y);
        }
        if (w > 1 || h > 1) return side;
        side.site = {*x, *y};
    }
    const bool one_depth =
        std::all_of(f.depth.begin(), f.depth.begin() + f.components, [&](int depth) { return depth == f.depth[0]; });
    const bool alpha = f.has_alpha();
    if (one_depth && planar_depth(f.depth[0], alpha) == f.depth[0])
        side.format = planar_format(f.model, f.depth[0], w, h, alpha);
    return side;
}

} // namespace

int planar_depth(int depth, bool alpha) {
    for (const int d : {8, 10, 12, 16})
        if (depth <= d && !(alpha && d == 12)) return d;
    return 16;
}

int deepest(const Format& f) { return *std::max_element(f.depth.begin(), f.depth.begin() + std::min(f.components, 3)); }

Quality between(Quality quality) {
    quality.dither = Dither::none;
    quality.dither_quantization = 1;
    quality.alpha_mode = AlphaMode::copy;
    return quality;
}

std::vector<Stage> turn_first(Request r, const std::function<std::vector<Stage>(const Request&)>& rest) {
    std::vector<Stage> stages;
    Side turned = turned_side(r);
    if (!turned.format) {
        const Format& f = *r.in.format;
        const bool alpha = f.has_alpha();
        Side planes = r.in;
        planes.format = planar_format(f.model, planar_depth(deepest(f), alpha), 0, 0, alpha);
        stages.push_back({.kind = Stage::Kind::own,
                          .in = r.in,
                          .out = planes,
                          .placement = whole(planes),
                          .quality = between(r.quality),
                          .why = "chroma of its own for each pixel, to be turned",
                          .window = r.window});
        r.in = planes;
        r.window.reset();
        turned = turned_side(r);
    }
    stages.push_back({.kind = Stage::Kind::turn,
                      .in = r.in,
                      .out = turned,
                      .placement = whole(turned),
                      .quality = between(r.quality),
                      .why = "orientation",
                      .window = r.window,
                      .orientation = r.orientation});
    r.in = turned;
    r.window.reset();
    r.orientation = {};
    for (Stage& next : rest(r))
        stages.push_back(std::move(next));
    return stages;
}

} // namespace onair::sws

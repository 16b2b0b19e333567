// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/planner.hpp"

#include "engine/messages.hpp"
#include "engine/pass_program.hpp"
#include "engine/planar_format.hpp"
#include "engine/planner_turn.hpp"

#include <algorithm>
#include <utility>

extern "C" {
#include <libavutil/pixdesc.h>
}

namespace onair::sws {

namespace {

bool same_size(const Side& a, const Side& b) { return a.width == b.width && a.height == b.height; }

bool same_grid(const Side& a, const Side& b) {
    const Format &f = *a.format, &g = *b.format;
    if (f.model != ColourModel::yuv || g.model != ColourModel::yuv) return f.model == g.model;
    return f.log2_chroma_w == g.log2_chroma_w && f.log2_chroma_h == g.log2_chroma_h &&
           (f.log2_chroma_w == 0 || (a.site.horizontal == 0) == (b.site.horizontal == 0)) &&
           (f.log2_chroma_h == 0 || (a.site.vertical == 0) == (b.site.vertical == 0));
}

/// A chroma row or column that lies half outside the picture.
bool cuts_chroma(const Side& side) {
    const Format& f = *side.format;
    return f.model == ColourModel::yuv &&
           (side.width % (1 << f.log2_chroma_w) != 0 || side.height % (1 << f.log2_chroma_h) != 0);
}

/// All of the source frame is the picture.
bool takes_all(const Request& r) { return !r.window || r.window->fills(); }

/// A picture that begins inside a chroma sample of its frame.
bool divides_chroma(const Request& r) {
    if (takes_all(r)) return false;
    const Format& f = *r.in.format;
    const Rect& at = r.window->picture;
    return f.model == ColourModel::yuv && (at.x % (1 << f.log2_chroma_w) != 0 || at.y % (1 << f.log2_chroma_h) != 0);
}

bool same_depths(const Format& a, const Format& b) {
    return std::equal(a.depth.begin(), a.depth.begin() + std::min(a.components, b.components), b.depth.begin());
}

bool keeps_alpha(const Request& r) {
    return r.in.format->has_alpha() && r.out.format->has_alpha() && r.quality.alpha_mode != AlphaMode::set;
}

/// Layouts whose orders libswscale changes without computing: measured exact and faster than our rows (sws-exactness).
bool is_reordered_fast(const Format& f) {
    if (f.av == AV_PIX_FMT_NONE || f.model == ColourModel::grey) return false;
    if (!std::all_of(f.depth.begin(), f.depth.begin() + f.components, [](int d) { return d == 8; })) return false;
    const AVPixFmtDescriptor* desc = av_pix_fmt_desc_get(f.av);
    // Not those with a byte that means nothing: libswscale leaves anything in it.
    int bits = 0;
    for (int i = 0; i < desc->nb_components; ++i)
        bits += desc->comp[i].depth;
    return (f.model == ColourModel::rgb && bits == 8 * desc->comp[0].step) || f.model == ColourModel::yuv;
}

bool reorders_only(const Request& r) {
    return same_size(r.in, r.out) && same_grid(r.in, r.out) && same_colour(r.in, r.out, r.quality) &&
           r.in.colour.full_range == r.out.colour.full_range && r.in.format->model == r.out.format->model &&
           r.in.format->components == r.out.format->components && r.quality.alpha_mode == AlphaMode::copy &&
           r.quality.dither_quantization <= 1 && !cuts_chroma(r.in) && r.placement.fills() && takes_all(r) &&
           is_reordered_fast(*r.in.format) && is_reordered_fast(*r.out.format);
}

/// libswscale's weights have 14 bits: where thousands of samples make one they no longer sum up (16000 to 2 samples of
/// 77 give 71), and enormous growth is refused.
bool is_extreme(const Request& r) {
    constexpr int most = 16;
    const auto far = [](int a, int b) { return a > most * b || b > most * a; };
    return far(r.in.width, r.out.width) || far(r.in.height, r.out.height);
}

/// Rows of a field go elsewhere, which libswscale would do as if they were a frame's.
bool moves_field_rows(const Request& r) {
    if (r.in.field == Field::none) return false;
    const int from = r.in.format->log2_chroma_h, to = r.out.format->log2_chroma_h;
    return r.in.height != r.out.height || from != to || (from > 0 && r.in.site.vertical != r.out.site.vertical);
}

/// The two frames that libswscale scales between, and whether the request's own will do.
struct Scaling {
    Side from, to;
    bool direct_from = false, direct_to = false;
};

/// libswscale can take the very frame for the planar one.
bool is_direct(const Side& side, const Side& planar, const Quality& quality) {
    const Format &f = *side.format, &p = *planar.format;
    return f.av != AV_PIX_FMT_NONE && f.model != ColourModel::rgb && f.model == p.model && same_depths(f, p) &&
           f.components == p.components && f.log2_chroma_w == p.log2_chroma_w && f.log2_chroma_h == p.log2_chroma_h &&
           side.colour.full_range == planar.colour.full_range && same_colour(side, planar, quality);
}

struct Subsampling {
    int w = 0, h = 0;
};

Subsampling subsampling_of(const Side& side, bool allowed) {
    const Format& f = *side.format;
    const bool planar_has_it = f.log2_chroma_w <= 1 && f.log2_chroma_h <= f.log2_chroma_w;
    if (f.model != ColourModel::yuv || !allowed || !planar_has_it) return {};
    return {f.log2_chroma_w, f.log2_chroma_h};
}

Scaling plan_scaling(const Request& r) {
    const bool shrinks =
        static_cast<int64_t>(r.out.width) * r.out.height <= static_cast<int64_t>(r.in.width) * r.in.height;
    const bool recolours = !same_colour(r.in, r.out, r.quality) || r.in.format->model != r.out.format->model ||
                           r.in.colour.full_range != r.out.colour.full_range;
    const bool alpha = keeps_alpha(r);
    const int in_depth = deepest(*r.in.format), out_depth = deepest(*r.out.format);
    // Colour is converted on the smaller side; without that the deeper side's depth is kept until the end.
    const Side& base = recolours ? (shrinks ? r.in : r.out) : r.in;
    const bool limited_yuv = base.format->model != ColourModel::rgb && !base.colour.full_range;
    int from_depth = in_depth, to_depth = in_depth;
    if (recolours && shrinks) {
        // Limited values grow by whole bits, so that rounding between the stages costs next to nothing.
        to_depth = limited_yuv ? std::max(in_depth, 12) : in_depth;
    } else if (recolours) {
        from_depth = to_depth = out_depth;
    } else if (in_depth < out_depth) {
        to_depth = out_depth;
        if (!limited_yuv) from_depth = out_depth; // libswscale widens full range by whole bits too, which is wrong
    }
    const bool even = !cuts_chroma(r.in) && !cuts_chroma(r.out) && !divides_chroma(r);
    Subsampling from = subsampling_of(base, even), to = from;
    if (!recolours) to = subsampling_of(r.out, even);
    if (recolours && shrinks) to = {};
    if (recolours && !shrinks) from = {};

    Scaling s{r.in, r.out};
    const ColourModel model = base.format->model;
    const bool has_alpha = alpha && model != ColourModel::grey;
    s.from.format = planar_format(model, planar_depth(from_depth, alpha), from.w, from.h, has_alpha);
    s.to.format = planar_format(model, planar_depth(to_depth, alpha), to.w, to.h, has_alpha);
    s.from.colour = s.to.colour = base.colour;
    s.direct_from = s.from.format && is_direct(r.in, s.from, r.quality);
    s.direct_to = s.to.format && is_direct(r.out, s.to, r.quality) && r.placement.fills() &&
                  r.quality.dither_quantization <= 1 && (!alpha || r.quality.alpha_mode == AlphaMode::copy);
    if (s.direct_from) s.from = r.in;
    if (s.direct_to) s.to = r.out;
    return s;
}

/// From `in` to the request's output.
Stage stage(Stage::Kind kind, const Side& in, const Request& r, std::string why) {
    return {
        .kind = kind, .in = in, .out = r.out, .placement = r.placement, .quality = r.quality, .why = std::move(why)};
}
/// The request in one stage.
std::vector<Stage> only_stage(Stage::Kind kind, const Request& r, std::string why) {
    std::vector<Stage> stages{stage(kind, r.in, r, std::move(why))};
    stages[0].window = r.window;
    return stages;
}

/// Rows of integers where they can do it, else of numbers.
Stage own_stage(Stage made) {
    made.program = fast::make_fast_program(made.in, made.out, made.placement, made.quality, made.window);
    made.kind = made.program ? Stage::Kind::fast : Stage::Kind::own;
    if (made.program) made.why += ", rows of integers";
    return made;
}

/// The stage that changes the size: rows of integers for the kernels they have, else libswscale.
Stage sized(const Scaling& s, const Request& r) {
    Stage stage{.kind = Stage::Kind::swscale,
                .in = s.from,
                .out = s.to,
                .placement = whole(s.to),
                .quality = r.quality,
                .why = "size",
                .window = s.direct_from ? r.window : std::nullopt};
    stage.program = fast::make_fast_program(stage.in, stage.out, stage.placement, between(r.quality), stage.window);
    if (!stage.program) return stage;
    stage.kind = Stage::Kind::fast;
    stage.quality = between(r.quality);
    stage.why = "size, rows of integers";
    return stage;
}

std::vector<Stage> scale(const Request& r) {
    const Scaling s = plan_scaling(r);
    if (!s.from.format || !s.to.format) return plan_own_pass(r, "no planar format of libswscale");
    std::vector<Stage> stages;
    if (!s.direct_from)
        stages.push_back(own_stage({.in = r.in,
                                    .out = s.from,
                                    .placement = whole(s.from),
                                    .quality = between(r.quality),
                                    .why = "planes for libswscale",
                                    .window = r.window}));
    stages.push_back(sized(s, r));
    if (!s.direct_to) stages.push_back(own_stage(stage(Stage::Kind::own, s.to, r, "format, colour and place")));
    return stages;
}

/// Rounding needs hiding only where there are fewer bits to say the same in.
Request with_dither_settled(Request r) {
    const bool fewer = deepest(*r.out.format) < deepest(*r.in.format);
    if (!fewer && r.quality.dither_quantization <= 1) r.quality.dither = Dither::none;
    return r;
}

std::vector<Stage> by_swscale_alone(const Request& r) {
    for (const Side* side : {&r.in, &r.out})
        if (side->format->av == AV_PIX_FMT_NONE) throw error(Msg::unknown_format, {side->format->name});
    return only_stage(Stage::Kind::swscale, r, "engine=swscale");
}

} // namespace

bool is_unchanged(const Side& in, const Side& out, const Quality& quality) {
    return in.format->name == out.format->name && same_size(in, out) && same_grid(in, out) &&
           in.colour.full_range == out.colour.full_range && same_colour(in, out, quality) &&
           (!in.format->has_alpha() || quality.alpha_mode == AlphaMode::copy) && quality.dither_quantization <= 1;
}

Geometry geometry_of(const Request& r) { return {r.window.value_or(whole(r.in)), r.placement, r.orientation}; }

std::vector<Stage> plan_own_pass(const Request& request, std::string why) {
    const Request r = with_dither_settled(request);
    if (!r.orientation.is_identity())
        return turn_first(r, [&](const Request& upright) { return plan_own_pass(upright, why); });
    std::vector<Stage> stages = only_stage(Stage::Kind::own, r, std::move(why));
    stages[0] = own_stage(std::move(stages[0]));
    return stages;
}

std::vector<Stage> plan_stages(const Request& request) {
    const Request r = with_dither_settled(request);
    if (!r.orientation.is_identity()) return turn_first(r, plan_stages);
    if (is_unchanged(r.in, r.out, r.quality) && r.placement.fills() && takes_all(r))
        return only_stage(Stage::Kind::copy, r, "nothing changes");
    if (r.engine == Engine::swscale) return by_swscale_alone(r);
    if (auto own = plan_own_pass(r, "format and place"); own.size() == 1 && own[0].kind == Stage::Kind::fast)
        return own;
    if (reorders_only(r)) return only_stage(Stage::Kind::swscale, r, "the same samples in another order");
    if (same_size(r.in, r.out)) return plan_own_pass(r, "format, colour and place");
    if (!r.quality.plain_kernel()) return plan_own_pass(r, "a kernel that libswscale does not have");
    if (is_extreme(r)) return plan_own_pass(r, "a ratio beyond libswscale's weights");
    if (moves_field_rows(r)) return plan_own_pass(r, "rows of a field");
    return scale(r);
}

std::string describe(const Side& side) {
    return size_text(side.width, side.height) + " " + (side.format ? side.format->name : "?");
}

} // namespace onair::sws

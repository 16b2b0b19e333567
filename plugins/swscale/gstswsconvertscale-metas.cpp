// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "common/gst/maps.hpp"
#include "common/gst/ref_ptr.hpp"
#include "gstswsconvertscale-private.hpp"

#include <gst/video/video-anc.h>

#include <algorithm>
#include <cmath>
#include <cstring>

namespace onair::sws {

namespace {

using Overlay = gst::owned_mini<GstVideoOverlayRectangle>;
using Composition = gst::owned_mini<GstVideoOverlayComposition>;

void carry_region(const State& state, GstBuffer* outbuf, const GstVideoRegionOfInterestMeta& in) {
    const Box box{double(in.x), double(in.y), double(in.x) + in.w, double(in.y) + in.h};
    const auto seen = region_in_output(state.geometry, box);
    if (!seen) return;
    const auto of = [](int v) { return static_cast<guint>(v); };
    GstVideoRegionOfInterestMeta* out = gst_buffer_add_video_region_of_interest_meta_id(
        outbuf, in.roi_type, of(seen->x), of(seen->y), of(seen->width), of(seen->height));
    out->id = in.id;
    out->parent_id = in.parent_id;
    for (const GList* l = in.params; l; l = l->next)
        gst_video_region_of_interest_meta_add_param(out, gst_structure_copy(static_cast<const GstStructure*>(l->data)));
}

/// A bar ends at a row or column of the source, before (1) or from (2) which the picture lies.
void carry_bars(const State& state, GstBuffer* outbuf, const GstVideoBarMeta& in) {
    if (state.geometry.orientation.is_identity() && state.geometry.target.fills()) {
        const Affine2 map = state.geometry.to_output();
        const auto at = [&](double v) {
            const double to = in.is_letterbox ? map.yy * v + map.y0 : map.xx * v + map.x0;
            return static_cast<guint>(std::max(0.0, std::floor(to + 0.5)));
        };
        // The values name the last row (column) of the first bar and the first of the second one.
        const guint end = at(in.bar_data1 + 1.0);
        gst_buffer_add_video_bar_meta(outbuf, in.field, in.is_letterbox, end > 0 ? end - 1 : 0, at(in.bar_data2));
    }
}

/// Four bytes a pixel, as overlays have them.
GstBuffer* turn_pixels(GstBuffer* from, const Rect& part, const Orientation& o) {
    const GstVideoMeta* meta = gst_buffer_get_video_meta(from);
    GstVideoInfo info;
    gst_video_info_set_format(&info, meta->format, meta->width, meta->height);
    const Size size = turned({part.width, part.height, 1}, o);
    GstVideoInfo to;
    gst_video_info_set_format(&to, meta->format, static_cast<guint>(size.width), static_cast<guint>(size.height));
    GstBuffer* out = gst_buffer_new_allocate(nullptr, GST_VIDEO_INFO_SIZE(&to), nullptr);
    gst_buffer_add_video_meta(out, GST_VIDEO_FRAME_FLAG_NONE, meta->format, static_cast<guint>(size.width),
                              static_cast<guint>(size.height));
    const gst::VideoFrameMap source(info, from, GST_MAP_READ), target(to, out, GST_MAP_WRITE);
    if (!source || !target) {
        gst_buffer_unref(out);
        return nullptr;
    }
    const auto pixel = [](const gst::VideoFrameMap& map, int x, int y) {
        return static_cast<guint8*>(GST_VIDEO_FRAME_PLANE_DATA(&map.frame(), 0)) +
               static_cast<ptrdiff_t>(y) * GST_VIDEO_FRAME_PLANE_STRIDE(&map.frame(), 0) +
               static_cast<ptrdiff_t>(x) * 4;
    };
    for (int y = 0; y < size.height; ++y)
        for (int x = 0; x < size.width; ++x) {
            int u = o.mirror_x ? size.width - 1 - x : x, v = o.mirror_y ? size.height - 1 - y : y;
            if (o.transpose) std::swap(u, v);
            std::memcpy(pixel(target, x, y), pixel(source, part.x + u, part.y + v), 4);
        }
    return out;
}

/// What of the overlay's own pixels is seen when `seen` is left of its place `box`: whole pixels, so that `seen` grows
/// to their edges.
Rect seen_pixels(const Box& box, Box& seen, int width, int height) {
    const double sx = (box.right - box.left) / width, sy = (box.bottom - box.top) / height;
    const auto low = [](double at) { return static_cast<int>(std::floor(at + 1e-9)); };
    const auto high = [](double at) { return static_cast<int>(std::ceil(at - 1e-9)); };
    const int x = std::clamp(low((seen.left - box.left) / sx), 0, width - 1);
    const int y = std::clamp(low((seen.top - box.top) / sy), 0, height - 1);
    const int right = std::clamp(high((seen.right - box.left) / sx), x + 1, width);
    const int bottom = std::clamp(high((seen.bottom - box.top) / sy), y + 1, height);
    seen = {box.left + x * sx, box.top + y * sy, box.left + right * sx, box.top + bottom * sy};
    return {x, y, right - x, bottom - y};
}

Overlay carry_rectangle(const State& state, GstVideoOverlayRectangle* in) {
    gint x = 0, y = 0;
    guint w = 0, h = 0;
    if (!gst_video_overlay_rectangle_get_render_rectangle(in, &x, &y, &w, &h)) return nullptr;
    const GstVideoOverlayFormatFlags flags = gst_video_overlay_rectangle_get_flags(in);
    GstBuffer* pixels = gst_video_overlay_rectangle_get_pixels_unscaled_raw(in, flags);
    const GstVideoMeta* meta = pixels ? gst_buffer_get_video_meta(pixels) : nullptr;
    if (!meta) return nullptr;

    const Box box{double(x), double(y), double(x) + w, double(y) + h};
    Box seen = intersect(box, box_of(state.geometry.source.picture));
    if (seen.empty()) return nullptr;
    const int width = static_cast<int>(meta->width), height = static_cast<int>(meta->height);
    const Rect part = seen_pixels(box, seen, width, height);
    const Box place = state.geometry.to_output() * seen;
    const auto edge = [](double at) { return static_cast<gint>(std::floor(at + 0.5)); };
    const gint left = edge(place.left), top = edge(place.top);
    const auto length = [](gint n) { return static_cast<guint>(std::max(1, n)); };

    gst::BufferPtr turned;
    const bool whole = part == Rect{0, 0, width, height};
    if (!whole || !state.geometry.orientation.is_identity()) {
        turned.reset(turn_pixels(pixels, part, state.geometry.orientation));
        if (!turned) return nullptr;
        pixels = turned.get();
    }
    Overlay out(gst_video_overlay_rectangle_new_raw(
        pixels, left, top, length(edge(place.right) - left), length(edge(place.bottom) - top),
        static_cast<GstVideoOverlayFormatFlags>(flags & ~GST_VIDEO_OVERLAY_FORMAT_FLAG_GLOBAL_ALPHA)));
    if (out && (flags & GST_VIDEO_OVERLAY_FORMAT_FLAG_GLOBAL_ALPHA))
        gst_video_overlay_rectangle_set_global_alpha(out.get(), gst_video_overlay_rectangle_get_global_alpha(in));
    return out;
}

void carry_overlay(const State& state, GstBuffer* outbuf, GstVideoOverlayComposition* in) {
    Composition out;
    for (guint i = 0; i < gst_video_overlay_composition_n_rectangles(in); ++i) {
        const Overlay rectangle = carry_rectangle(state, gst_video_overlay_composition_get_rectangle(in, i));
        if (!rectangle) continue;
        if (out)
            gst_video_overlay_composition_add_rectangle(out.get(), rectangle.get());
        else
            out.reset(gst_video_overlay_composition_new(rectangle.get()));
    }
    if (out) gst_buffer_add_video_overlay_composition_meta(outbuf, out.get());
}

bool is_place_kept(const Geometry& g) { return g.to_output() == Affine2{}; }
bool only_scales(const Geometry& g) { return g.orientation.is_identity() && g.source.fills() && g.target.fills(); }

/// A meta that somebody else made: its own function moves it. From GStreamer 1.28 on it is told of the whole map.
void carry_by_itself(const State& state, GstBuffer* outbuf, GstMeta* meta, GstBuffer* inbuf) {
    const Geometry& g = state.geometry;
    GstVideoMetaTransform scale = {const_cast<GstVideoInfo*>(&state.in), const_cast<GstVideoInfo*>(&state.out)};
    if (only_scales(g)) {
        meta->info->transform_func(outbuf, meta, inbuf, gst_video_meta_transform_scale_get_quark(), &scale);
        return;
    }
#if GST_CHECK_VERSION(1, 28, 0)
    const auto rectangle = [](const Rect& r) { return GstVideoRectangle{r.x, r.y, r.width, r.height}; };
    const GstVideoRectangle from = rectangle(g.source.picture), to = rectangle(g.target.picture);
    GstVideoMetaTransformMatrix matrix;
    gst_video_meta_transform_matrix_init(&matrix, &state.in, &from, &state.out, &to);
    // Of points relative to the two rectangles.
    const Affine2 m = Affine2{1, 0, -double(to.x), 0, 1, -double(to.y)} * g.to_output() *
                      Affine2{1, 0, double(from.x), 0, 1, double(from.y)};
    const float rows[3][3] = {
        {float(m.xx), float(m.xy), float(m.x0)}, {float(m.yx), float(m.yy), float(m.y0)}, {0, 0, 1}};
    std::memcpy(matrix.matrix, rows, sizeof rows);
    meta->info->transform_func(outbuf, meta, inbuf, gst_video_meta_transform_matrix_get_quark(), &matrix);
#endif
}

} // namespace

bool carry_meta(const State& state, GstBuffer* outbuf, GstMeta* meta, GstBuffer* inbuf) {
    const GType api = meta->info->api;
    if (api == GST_VIDEO_CROP_META_API_TYPE) return false; // done
    if (is_place_kept(state.geometry) && api != GST_VIDEO_META_API_TYPE &&
        !gst_meta_api_type_has_tag(api, g_quark_from_string(GST_META_TAG_MEMORY_STR)) &&
        !gst_meta_api_type_has_tag(api, g_quark_from_string(GST_META_TAG_VIDEO_COLORSPACE_STR)))
        return true;
    if (api == GST_VIDEO_REGION_OF_INTEREST_META_API_TYPE)
        carry_region(state, outbuf, *reinterpret_cast<GstVideoRegionOfInterestMeta*>(meta));
    else if (api == GST_VIDEO_OVERLAY_COMPOSITION_META_API_TYPE)
        carry_overlay(state, outbuf, reinterpret_cast<GstVideoOverlayCompositionMeta*>(meta)->overlay);
    else if (api == GST_VIDEO_BAR_META_API_TYPE)
        carry_bars(state, outbuf, *reinterpret_cast<GstVideoBarMeta*>(meta));
    else {
        const auto has = [&](const char* tag) { return gst_meta_api_type_has_tag(api, g_quark_from_string(tag)); };
        if (has(GST_META_TAG_MEMORY_STR) || has(GST_META_TAG_VIDEO_COLORSPACE_STR)) return false;
        const bool placed = has(GST_META_TAG_VIDEO_SIZE_STR);
        const bool turned = has(GST_META_TAG_VIDEO_ORIENTATION_STR) && !state.geometry.orientation.is_identity();
        if (!placed) return !turned;
        if (meta->info->transform_func) carry_by_itself(state, outbuf, meta, inbuf);
    }
    return false;
}

} // namespace onair::sws

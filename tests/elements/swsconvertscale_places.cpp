// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
// Pointers, regions and overlays lie on the same thing of the picture before and behind the element.
#include "common/gst/maps.hpp"
#include "sws_harness.hpp"

#include <doctest/doctest.h>

#include <gst/video/navigation.h>
#include <gst/video/video-anc.h>

#include <cmath>
#include <cstdlib>
#include <string>

using namespace onair;
using test::raw;
using test::SwsHarness;

namespace {

constexpr const char* turns[] = {"identity", "90r", "180", "90l", "horiz", "vert", "ul-lr", "ur-ll"};

/// What is asked of one element.
struct Way {
    std::string settings, in, out;
};

/// Borders, crop, pixel shape, cover and none, each turned in all ways.
std::vector<Way> ways() {
    std::vector<Way> all;
    for (const char* turn : turns)
        for (const char* rest : {"fit=contain", "fit=cover", "fit=none", "fit=fill",
                                 "fit=contain crop-left=24 crop-top=16 crop-right=40 crop-bottom=8"})
            for (const char* par : {"1/1", "64/45"})
                all.push_back(
                    {std::string("swsconvertscale method=nearest-neighbour video-direction=") + turn + " " + rest,
                     std::string("format=GRAY8,width=160,height=128,framerate=25/1,pixel-aspect-ratio=") + par,
                     "format=GRAY8,width=320,height=180,pixel-aspect-ratio=1/1"});
    return all;
}

/// Black, with a white block.
GstBuffer* block(int width, int height, const GstVideoRectangle& at) {
    GstBuffer* buffer = test::bytes(static_cast<gsize>(width * height), 0);
    const gst::BufferMap map(buffer, GST_MAP_WRITE);
    for (int y = at.y; y < at.y + at.h; ++y)
        for (int x = at.x; x < at.x + at.w; ++x)
            map.bytes()[static_cast<size_t>(y * width + x)] = 255;
    return buffer;
}

/// The box around what is white.
GstVideoRectangle find_block(const GstVideoInfo& info, GstBuffer* buffer) {
    const gst::VideoFrameMap map(info, buffer, GST_MAP_READ);
    int left = 1 << 20, top = 1 << 20, right = -1, bottom = -1;
    for (int y = 0; y < GST_VIDEO_INFO_HEIGHT(&info); ++y)
        for (int x = 0; x < GST_VIDEO_INFO_WIDTH(&info); ++x) {
            const auto* row = static_cast<const guint8*>(GST_VIDEO_FRAME_PLANE_DATA(&map.frame(), 0)) +
                              static_cast<ptrdiff_t>(y) * GST_VIDEO_FRAME_PLANE_STRIDE(&map.frame(), 0);
            if (row[x] < 128) continue;
            left = std::min(left, x);
            right = std::max(right, x + 1);
            top = std::min(top, y);
            bottom = std::max(bottom, y + 1);
        }
    return {left, top, right - left, bottom - top};
}

bool near(const GstVideoRectangle& a, const GstVideoRectangle& b) {
    return std::abs(a.x - b.x) <= 1 && std::abs(a.y - b.y) <= 1 && std::abs(a.x + a.w - b.x - b.w) <= 1 &&
           std::abs(a.y + a.h - b.y - b.h) <= 1;
}

std::pair<double, double> pointer_through(const SwsHarness& h, double x, double y) {
    gst_harness_push_upstream_event(h.get(), gst_navigation_event_new_mouse_move(x, y, GST_NAVIGATION_MODIFIER_NONE));
    gst::EventPtr event;
    do
        event.reset(gst_harness_pull_upstream_event(h.get()));
    while (event && GST_EVENT_TYPE(event.get()) != GST_EVENT_NAVIGATION);
    REQUIRE(event);
    gdouble sx = -1, sy = -1;
    REQUIRE(gst_navigation_event_get_coordinates(event.get(), &sx, &sy));
    return {sx, sy};
}

GstVideoOverlayRectangle* overlay_at(int x, int y, guint w, guint h) {
    const gst::BufferPtr pixels(test::bytes(8 * 4 * 4, 0));
    {
        const gst::BufferMap map(pixels.get(), GST_MAP_WRITE);
        for (size_t i = 0; i < 8 * 4; ++i)
            map.bytes()[4 * i] = static_cast<guint8>(i); // each pixel another blue
    }
    gst_buffer_add_video_meta(pixels.get(), GST_VIDEO_FRAME_FLAG_NONE, GST_VIDEO_OVERLAY_COMPOSITION_FORMAT_RGB, 8, 4);
    return gst_video_overlay_rectangle_new_raw(pixels.get(), x, y, w, h, GST_VIDEO_OVERLAY_FORMAT_FLAG_NONE);
}

struct Drawn {
    GstVideoRectangle at{};
    guint width = 0, height = 0;
    int first = -1; ///< its first pixel
};

Drawn overlay_of(GstBuffer* buffer) {
    const auto* meta = gst_buffer_get_video_overlay_composition_meta(buffer);
    if (!meta || gst_video_overlay_composition_n_rectangles(meta->overlay) == 0) return {};
    GstVideoOverlayRectangle* r = gst_video_overlay_composition_get_rectangle(meta->overlay, 0);
    Drawn d;
    guint w = 0, h = 0;
    gst_video_overlay_rectangle_get_render_rectangle(r, &d.at.x, &d.at.y, &w, &h);
    d.at.w = static_cast<int>(w);
    d.at.h = static_cast<int>(h);
    GstBuffer* pixels = gst_video_overlay_rectangle_get_pixels_unscaled_raw(r, GST_VIDEO_OVERLAY_FORMAT_FLAG_NONE);
    const GstVideoMeta* video = gst_buffer_get_video_meta(pixels);
    d.width = video->width;
    d.height = video->height;
    const gst::BufferMap map(pixels, GST_MAP_READ);
    d.first = map.bytes()[0];
    return d;
}

} // namespace

TEST_CASE("regions, overlays and pointers lie where the pixels lie") {
    const GstVideoRectangle source{56, 40, 32, 24};
    for (const Way& way : ways()) {
        CAPTURE(way.settings);
        CAPTURE(way.in);
        SwsHarness h(way.settings.c_str());
        h.caps(raw(way.in), raw(way.out));
        GstBuffer* in = block(160, 128, source);
        auto* roi = gst_buffer_add_video_region_of_interest_meta(in, "face", 56, 40, 32, 24);
        roi->id = 5;
        gst_video_region_of_interest_meta_add_param(roi, gst_structure_new("p", "q", G_TYPE_INT, 3, nullptr));
        GstVideoOverlayRectangle* rectangle = overlay_at(56, 40, 32, 24);
        GstVideoOverlayComposition* composition = gst_video_overlay_composition_new(rectangle);
        gst_buffer_add_video_overlay_composition_meta(in, composition);
        gst_video_overlay_composition_unref(composition);
        gst_video_overlay_rectangle_unref(rectangle);
        REQUIRE(h.push(in) == GST_FLOW_OK);
        const gst::BufferPtr out = h.pull();
        REQUIRE(out);
        const GstVideoRectangle seen = find_block(h.output(), out.get());
        REQUIRE(seen.w > 0);

        gpointer state = nullptr;
        const auto* moved = reinterpret_cast<GstVideoRegionOfInterestMeta*>(
            gst_buffer_iterate_meta_filtered(out.get(), &state, GST_VIDEO_REGION_OF_INTEREST_META_API_TYPE));
        REQUIRE(moved);
        CHECK(near(seen, {static_cast<int>(moved->x), static_cast<int>(moved->y), static_cast<int>(moved->w),
                          static_cast<int>(moved->h)}));
        CHECK(moved->id == 5);
        CHECK(gst_video_region_of_interest_meta_get_param(const_cast<GstVideoRegionOfInterestMeta*>(moved), "p"));

        CHECK(near(seen, overlay_of(out.get()).at));

        // The pointer on the block's first and last pixel lies on the block in the source, and one beside does not.
        const auto on_block = [&](int x, int y) {
            const auto [sx, sy] = pointer_through(h, x, y);
            const int px = static_cast<int>(std::floor(sx + 1e-6)), py = static_cast<int>(std::floor(sy + 1e-6));
            return px >= source.x - 1 && px < source.x + source.w + 1 && py >= source.y - 1 &&
                   py < source.y + source.h + 1;
        };
        CHECK(on_block(seen.x, seen.y));
        CHECK(on_block(seen.x + seen.w - 1, seen.y + seen.h - 1));
        CHECK_FALSE(on_block(seen.x - 4, seen.y - 4));
        CHECK_FALSE(on_block(seen.x + seen.w + 4, seen.y + seen.h + 4));
    }
}

TEST_CASE("overlays: their pixels are turned with the picture and cut at its edge") {
    struct Row {
        const char* settings;
        int x, y;
        GstVideoRectangle at;
        guint width, height;
        int first;
    };
    const Row rows[] = {
        {"video-direction=identity", 10, 6, {10, 6, 16, 8}, 8, 4, 0},
        {"video-direction=horiz", 10, 6, {64 - 26, 6, 16, 8}, 8, 4, 7},
        {"video-direction=90r", 10, 6, {48 - 14, 10, 8, 16}, 4, 8, 24},
        {"video-direction=180", 10, 6, {38, 34, 16, 8}, 8, 4, 31},
        {"crop-left=14 crop-top=8", 10, 6, {0, 0, 12, 6}, 6, 3, 10},
        {"crop-left=32", 10, 6, {0, 0, 0, 0}, 0, 0, -1},
    };
    for (const Row& row : rows) {
        CAPTURE(row.settings);
        SwsHarness h((std::string("swsconvertscale ") + row.settings).c_str());
        h.caps("video/x-raw(meta:GstVideoOverlayComposition),format=I420,width=64,height=48,framerate=25/1",
               "video/x-raw(meta:GstVideoOverlayComposition),format=NV12");
        GstBuffer* in = test::frame("I420", 64, 48);
        GstVideoOverlayRectangle* rectangle = overlay_at(row.x, row.y, 16, 8);
        GstVideoOverlayComposition* composition = gst_video_overlay_composition_new(rectangle);
        gst_buffer_add_video_overlay_composition_meta(in, composition);
        gst_video_overlay_composition_unref(composition);
        gst_video_overlay_rectangle_unref(rectangle);
        REQUIRE(h.push(in) == GST_FLOW_OK);
        const Drawn d = overlay_of(h.pull().get());
        CHECK(d.at.x == row.at.x);
        CHECK(d.at.y == row.at.y);
        CHECK(d.at.w == row.at.w);
        CHECK(d.at.h == row.at.h);
        CHECK(d.width == row.width);
        CHECK(d.height == row.height);
        CHECK(d.first == row.first);
    }
}

TEST_CASE("bars move with a picture that is scaled and go with one that is not") {
    const auto bars = [](const char* settings, const char* out) {
        SwsHarness h((std::string("swsconvertscale ") + settings).c_str());
        h.caps(raw("format=I420,width=64,height=48,framerate=25/1"), raw(out));
        GstBuffer* in = test::frame("I420", 64, 48);
        gst_buffer_add_video_bar_meta(in, 0, TRUE, 5, 42);
        REQUIRE(h.push(in) == GST_FLOW_OK);
        const gst::BufferPtr buffer = h.pull();
        const auto* meta =
            reinterpret_cast<GstVideoBarMeta*>(gst_buffer_get_meta(buffer.get(), GST_VIDEO_BAR_META_API_TYPE));
        return meta ? std::pair{static_cast<int>(meta->bar_data1), static_cast<int>(meta->bar_data2)}
                    : std::pair{-1, -1};
    };
    CHECK(bars("", "width=128,height=96,format=NV12") == std::pair{11, 84});
    CHECK(bars("video-direction=vert", "format=NV12") == std::pair{-1, -1});
    CHECK(bars("", "format=NV12,width=128,height=48,pixel-aspect-ratio=1/1") == std::pair{-1, -1});
}

TEST_CASE("video-direction=auto follows the tag, and downstream is told that it is done") {
    SwsHarness h("swsconvertscale video-direction=auto");
    h.caps(raw("format=I420,width=64,height=48,framerate=25/1"), raw("format=I420"));
    REQUIRE(h.push(test::frame("I420", 64, 48)) == GST_FLOW_OK);
    CHECK(h.pull());
    const auto tag = [&](const char* orientation) {
        gst_harness_push_event(h.get(), gst_event_new_tag(gst_tag_list_new(GST_TAG_IMAGE_ORIENTATION, orientation,
                                                                           GST_TAG_TITLE, "kept", nullptr)));
    };
    tag("rotate-90");
    std::string told, title;
    while (const gst::EventPtr event{gst_harness_try_pull_event(h.get())}) {
        if (GST_EVENT_TYPE(event.get()) != GST_EVENT_TAG) continue;
        GstTagList* tags = nullptr;
        gst_event_parse_tag(event.get(), &tags);
        gchar *text = nullptr, *name = nullptr;
        if (gst_tag_list_get_string(tags, GST_TAG_IMAGE_ORIENTATION, &text)) told = text;
        if (gst_tag_list_get_string(tags, GST_TAG_TITLE, &name)) title = name;
        g_free(text);
        g_free(name);
    }
    CHECK(told == "rotate-0");
    CHECK(title == "kept");
    REQUIRE(h.push(test::frame("I420", 64, 48)) == GST_FLOW_OK);
    CHECK(h.pull());
    const GstVideoInfo info = h.output();
    CHECK(GST_VIDEO_INFO_WIDTH(&info) == 48);
    CHECK(GST_VIDEO_INFO_HEIGHT(&info) == 64);
    tag("rotate-0");
    REQUIRE(h.push(test::frame("I420", 64, 48)) == GST_FLOW_OK);
    const GstVideoInfo back = h.output();
    CHECK(GST_VIDEO_INFO_WIDTH(&back) == 64);
}

// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
// Frames through swsconvertscale: whose geometry is wrong, whose layout is odd, while things change, with metas and
// pointers.
#include "common/gst/maps.hpp"
#include "sws_harness.hpp"
#include "tests/support/skip.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <gst/app/gstappsink.h>
#include <gst/app/gstappsrc.h>
#include <gst/video/navigation.h>

using namespace onair;
using namespace onair::test;

namespace {

const char* const small_i420 = "format=I420,width=64,height=48,framerate=25/1,colorimetry=bt709";

/// The caps of what the harness sends out.
GstVideoInfo i420(int width, int height) {
    GstVideoInfo info;
    gst_video_info_set_format(&info, GST_VIDEO_FORMAT_I420, static_cast<guint>(width), static_cast<guint>(height));
    return info;
}

int pixel(const GstVideoInfo& info, GstBuffer* buffer, int component, int x, int y) {
    const gst::VideoFrameMap map(info, buffer, GST_MAP_READ);
    const auto* row = static_cast<const guint8*>(GST_VIDEO_FRAME_COMP_DATA(&map.frame(), component)) +
                      y * GST_VIDEO_FRAME_COMP_STRIDE(&map.frame(), component);
    return row[x * GST_VIDEO_FRAME_COMP_PSTRIDE(&map.frame(), component)];
}

std::vector<Said> only(const std::vector<Said>& said, const std::string& part) {
    std::vector<Said> some;
    std::copy_if(said.begin(), said.end(), std::back_inserter(some), [&](const Said& s) { return s.has(part); });
    return some;
}

/// I420 in one memory with any layout: `value` + plane number in every sample of the picture, 7 elsewhere.
GstBuffer* laid_out(int width, int height, const std::array<gint, 3>& strides, const std::array<gsize, 3>& offsets,
                    gsize size, int value) {
    GstBuffer* buffer = bytes(size, 7);
    gsize offset[GST_VIDEO_MAX_PLANES] = {offsets[0], offsets[1], offsets[2]};
    gint stride[GST_VIDEO_MAX_PLANES] = {strides[0], strides[1], strides[2]};
    for (size_t p = 0; p < 3; ++p) {
        const int rows = p ? (height + 1) / 2 : height, columns = p ? (width + 1) / 2 : width;
        for (int y = 0; y < rows && stride[p] > 0; ++y)
            gst_buffer_memset(buffer, offset[p] + static_cast<gsize>(y * stride[p]),
                              static_cast<guint8>(value + static_cast<int>(p)), static_cast<gsize>(columns));
    }
    gst_buffer_add_video_meta_full(buffer, GST_VIDEO_FRAME_FLAG_NONE, GST_VIDEO_FORMAT_I420, static_cast<guint>(width),
                                   static_cast<guint>(height), 3, offset, stride);
    return buffer;
}

} // namespace

TEST_CASE("caps and frames of different size: one error that names both") {
    const std::string between = " ! capssetter replace=true join=false caps=\"video/x-raw,format=I420,";
    const std::string behind = ",framerate=30/1\" ! swsconvertscale ! video/x-raw,width=640,height=360 ! fakesink";
    struct Row {
        std::string line;
        const char *caps, *frame;
    };
    const Row rows[] = {
        {"videotestsrc num-buffers=1 ! video/x-raw,format=I420,width=1920,height=1080" + between +
             "width=3840,height=2160" + behind,
         "3840x2160", "1920x1080"},
        {"videotestsrc num-buffers=1 ! video/x-raw,format=I420,width=3840,height=2160" + between +
             "width=1920,height=1080" + behind,
         "1920x1080", "3840x2160"},
    };
    if (!have_element("capssetter") || !have_element("videotestsrc"))
        return skip("capssetter or videotestsrc is not installed");
    ran();
    for (const Row& row : rows) {
        const PipelineResult result = run_launch(row.line);
        CHECK_FALSE(result.eos);
        // A source says as well that its stream ended; the reason is said once and first.
        REQUIRE(only(result.errors, "The caps say").size() == 1);
        CHECK(result.errors[0].has(row.caps));
        CHECK(result.errors[0].has(row.frame));
        CHECK(only(result.errors, "Internal data stream error").size() == result.errors.size() - 1);
    }
}

TEST_CASE("without GstVideoMeta the size of the buffer tells") {
    struct Row {
        gsize size;
        const char* says; ///< null: accepted
    };
    const gsize needed = 64 * 48 * 3 / 2;
    const Row rows[] = {
        {needed, nullptr},
        {needed - 1, "needs 4608 bytes, but the buffer holds 4607"},
        {0, "holds 0"},
        {needed + 4096, nullptr}, // an allocator's rounding
        {needed * 4 + 65536, "more than twice"},
    };
    for (const Row& row : rows) {
        CAPTURE(row.size);
        SwsHarness h;
        h.caps(raw(small_i420), raw("width=32"));
        CHECK(h.push(bytes(row.size)) == (row.says ? GST_FLOW_ERROR : GST_FLOW_OK));
        const auto errors = h.errors();
        REQUIRE(errors.size() == (row.says ? 1 : 0));
        if (row.says) CHECK_MESSAGE(errors[0].has(row.says), errors[0].text);
        CHECK(h.push(bytes(needed)) == GST_FLOW_OK); // a bad frame leaves the element whole
    }
}

TEST_CASE("a user's frame of 3840x2160 with strides 3840, 1920, 1920, in a pipeline") {
    GError* error = nullptr;
    GstElement* pipeline = gst_parse_launch(
        "appsrc name=in format=time caps=video/x-raw,format=I420,width=3840,height=2160,framerate=30/1,"
        "colorimetry=bt709 ! swsconvertscale ! video/x-raw,format=I420,width=640,height=360 ! appsink name=out "
        "sync=false",
        &error);
    REQUIRE(pipeline);
    const gst::ElementPtr in(gst_bin_get_by_name(GST_BIN(pipeline), "in"));
    const gst::ElementPtr out(gst_bin_get_by_name(GST_BIN(pipeline), "out"));
    const gsize luma = 3840 * 2160, chroma = 1920 * 1080;
    gst_element_set_state(pipeline, GST_STATE_PLAYING);
    for (int n = 0; n < 3; ++n)
        gst_app_src_push_buffer(
            GST_APP_SRC(in.get()),
            laid_out(3840, 2160, {3840, 1920, 1920}, {0, luma, luma + chroma}, luma + 2 * chroma, 100 + 10 * n));
    gst_app_src_end_of_stream(GST_APP_SRC(in.get()));
    for (int n = 0; n < 3; ++n) {
        const gst::SamplePtr sample(gst_app_sink_try_pull_sample(GST_APP_SINK(out.get()), 20 * GST_SECOND));
        REQUIRE(sample);
        const GstVideoInfo info = i420(640, 360);
        GstBuffer* buffer = gst_sample_get_buffer(sample.get());
        for (const auto& [x, y] : {std::pair{0, 0}, std::pair{639, 359}, std::pair{0, 359}, std::pair{320, 180}}) {
            CHECK(pixel(info, buffer, 0, x, y) == 100 + 10 * n);
            CHECK(pixel(info, buffer, 1, x / 2, y / 2) == 101 + 10 * n);
            CHECK(pixel(info, buffer, 2, x / 2, y / 2) == 102 + 10 * n);
        }
    }
    gst_element_set_state(pipeline, GST_STATE_NULL);
    gst_object_unref(pipeline);
}

TEST_CASE("strides and offsets of any kind") {
    struct Row {
        const char* what;
        std::array<gint, 3> strides;
        std::array<gsize, 3> offsets;
        gsize size;
        const char* says; ///< null: converted
    };
    const Row rows[] = {
        {"default", {64, 32, 32}, {0, 3072, 3840}, 4608, nullptr},
        {"odd strides", {67, 33, 35}, {5, 3301, 4201}, 5100, nullptr},
        {"V before U", {64, 32, 32}, {0, 3840, 3072}, 4608, nullptr},
        {"luma last", {64, 32, 32}, {2000, 0, 1000}, 5072, nullptr},
        {"safe", {64, 64, 64}, {0, 3072, 4672}, 6400, nullptr},
        {"interleaved rows", {192, 192, 192}, {0, 64, 128}, 9216, nullptr},
        {"negative", {64, -32, 32}, {0, 3808, 3840}, 4608, "plane 1 has a stride of -32"},
        {"too narrow", {63, 32, 32}, {0, 3072, 3840}, 4608, "plane 0 has a stride of 63 bytes for 48 rows of 64"},
        {"zero", {64, 32, 0}, {0, 3072, 3840}, 4608, "plane 2 has a stride of 0"},
        {"beyond the end", {64, 32, 32}, {0, 3072, 3841}, 4608 - 600, "plane 2 has a stride of 32 bytes for 24 rows"},
    };
    for (const Row& row : rows) {
        CAPTURE(row.what);
        SwsHarness h;
        h.caps(raw(small_i420), raw("width=32,height=24"));
        GstBuffer* buffer = laid_out(64, 48, row.strides, row.offsets, row.size, 100);
        CHECK(h.push(buffer) == (row.says ? GST_FLOW_ERROR : GST_FLOW_OK));
        const auto errors = h.errors();
        REQUIRE(errors.size() == (row.says ? 1 : 0));
        if (row.says) {
            CHECK_MESSAGE(errors[0].has(row.says), errors[0].text);
            continue;
        }
        const gst::BufferPtr out = h.pull();
        for (int y = 0; y < 24; ++y)
            for (int x = 0; x < 32; ++x)
                for (int c = 0; c < 3; ++c)
                    REQUIRE(pixel(i420(32, 24), out.get(), c, c ? x / 2 : x, c ? y / 2 : y) == 100 + c);
    }
}

TEST_CASE("planes in memories of their own, and no memory at all") {
    SwsHarness h;
    h.caps(raw(small_i420), raw("format=NV12,width=64,height=48"));
    for (const bool meta : {true, false}) {
        GstBuffer* buffer = gst_buffer_new();
        for (const int size : {64 * 48, 32 * 24, 32 * 24}) {
            GstMemory* memory = gst_allocator_alloc(nullptr, static_cast<gsize>(size), nullptr);
            GstMapInfo map;
            gst_memory_map(memory, &map, GST_MAP_WRITE);
            std::fill_n(map.data, map.size, static_cast<guint8>(50 + gst_buffer_n_memory(buffer)));
            gst_memory_unmap(memory, &map);
            gst_buffer_append_memory(buffer, memory);
        }
        if (meta) gst_buffer_add_video_meta(buffer, GST_VIDEO_FRAME_FLAG_NONE, GST_VIDEO_FORMAT_I420, 64, 48);
        REQUIRE(h.push(buffer) == GST_FLOW_OK);
        const gst::BufferPtr out = h.pull();
        GstVideoInfo nv12;
        gst_video_info_set_format(&nv12, GST_VIDEO_FORMAT_NV12, 64, 48);
        for (int c = 0; c < 3; ++c)
            for (const auto& [x, y] : {std::pair{0, 0}, std::pair{63, 47}})
                CHECK(pixel(nv12, out.get(), c, c ? x / 2 : x, c ? y / 2 : y) == 50 + c);
    }
    GstBuffer* empty = gst_buffer_new();
    gst_buffer_add_video_meta(empty, GST_VIDEO_FRAME_FLAG_NONE, GST_VIDEO_FORMAT_I420, 64, 48);
    CHECK(h.push(empty) == GST_FLOW_ERROR);
    CHECK(h.errors().size() == 1);
}

TEST_CASE("buffers come from a padded, aligned pool where downstream follows GstVideoMeta, and are offered upstream") {
    SwsHarness h;
    gst_harness_add_propose_allocation_meta(h.get(), GST_VIDEO_META_API_TYPE, nullptr);
    h.caps(raw(small_i420), raw("format=RGB,width=50,height=38"));
    REQUIRE(h.push(frame("I420", 64, 48)) == GST_FLOW_OK);
    const gst::BufferPtr out = h.pull();
    const GstVideoMeta* meta = gst_buffer_get_video_meta(out.get());
    REQUIRE(meta);
    CHECK(meta->stride[0] % 64 == 0);
    CHECK(meta->stride[0] >= 150 + 64);
    {
        const gst::BufferMap map(out.get(), GST_MAP_READ);
        CHECK(reinterpret_cast<uintptr_t>(map.bytes().data() + meta->offset[0]) % 64 == 0);
    }
    // Where it does not, the default layout goes out.
    SwsHarness plain;
    plain.caps(raw(small_i420), raw("format=RGB,width=50,height=38"));
    REQUIRE(plain.push(frame("I420", 64, 48)) == GST_FLOW_OK);
    CHECK(gst_buffer_get_size(plain.pull().get()) == 152 * 38);

    const gst::CapsPtr caps(gst_pad_get_current_caps(h.get()->srcpad));
    GstQuery* query = gst_query_new_allocation(caps.get(), TRUE);
    REQUIRE(gst_pad_peer_query(h.get()->srcpad, query));
    CHECK(gst_query_find_allocation_meta(query, GST_VIDEO_META_API_TYPE, nullptr));
    REQUIRE(gst_query_get_n_allocation_params(query) >= 1);
    GstAllocationParams params;
    gst_query_parse_nth_allocation_param(query, 0, nullptr, &params);
    CHECK(params.align == 63);
    CHECK(params.padding == 64);
    GstBufferPool* pool = nullptr;
    gst_query_parse_nth_allocation_pool(query, 0, &pool, nullptr, nullptr, nullptr);
    REQUIRE(pool);
    const gst::BufferPoolPtr owner(pool);
    REQUIRE(gst_buffer_pool_set_active(pool, TRUE));
    GstBuffer* offered = nullptr;
    REQUIRE(gst_buffer_pool_acquire_buffer(pool, &offered, nullptr) == GST_FLOW_OK);
    const GstVideoMeta* layout = gst_buffer_get_video_meta(offered);
    REQUIRE(layout);
    for (int p = 0; p < 3; ++p)
        CHECK(layout->stride[p] % 64 == 0);
    gst_buffer_unref(offered);
    gst_buffer_pool_set_active(pool, FALSE);
    gst_query_unref(query);
}

TEST_CASE("properties that change while playing act on the next frame") {
    SwsHarness h;
    h.caps(raw("format=I420,width=64,height=48,framerate=25/1,colorimetry=bt709"),
           raw("format=I420,width=128,height=48,pixel-aspect-ratio=1/1"));
    const GstVideoInfo info = i420(128, 48);
    const auto left = [&] {
        GstBuffer* in = bytes(64 * 48 * 3 / 2, 200);
        REQUIRE(h.push(in) == GST_FLOW_OK);
        return pixel(info, h.pull().get(), 0, 2, 10);
    };
    CHECK(left() == 16);
    g_object_set(h.element(), "add-borders", FALSE, nullptr);
    CHECK(left() == 200);
    for (int method = 0; method < 15; ++method)
        for (const guint threads : {1u, 3u, 0u}) {
            g_object_set(h.element(), "method", method, "n-threads", threads, nullptr);
            CHECK(left() == 200);
        }
    g_object_set(h.element(), "add-borders", TRUE, nullptr);
    CHECK(left() == 16);
    CHECK(h.errors().empty());
}

TEST_CASE("renegotiation, flush, errors and reuse leave nothing behind") {
    SwsHarness h;
    h.caps(raw(small_i420), raw("format=I420,width=32,height=24"));
    for (int round = 0; round < 2; ++round) {
        for (const auto& [width, height] :
             {std::pair{64, 48}, std::pair{1, 1}, std::pair{321, 243}, std::pair{64, 48}}) {
            gst_harness_set_src_caps_str(h.get(), raw("format=NV12,framerate=25/1,colorimetry=bt709,width=" +
                                                      std::to_string(width) + ",height=" + std::to_string(height))
                                                      .c_str());
            REQUIRE(h.push(frame("NV12", width, height)) == GST_FLOW_OK);
            CHECK(pixel(i420(32, 24), h.pull().get(), 0, 16, 12) == 128);
        }
        gst_harness_push_event(h.get(), gst_event_new_flush_start());
        gst_harness_push_event(h.get(), gst_event_new_flush_stop(TRUE));
        GstSegment segment;
        gst_segment_init(&segment, GST_FORMAT_TIME);
        gst_harness_push_event(h.get(), gst_event_new_segment(&segment));
        REQUIRE(h.push(frame("NV12", 64, 48)) == GST_FLOW_OK);
        CHECK(h.pull());
        CHECK(h.push(bytes(10)) == GST_FLOW_ERROR);
        CHECK(h.errors().size() == 1);
    }
    const std::string line = "videotestsrc num-buffers=3 ! video/x-raw,width=320,height=240 ! swsconvertscale ! "
                             "video/x-raw,width=161,height=121,format=RGB ! fakesink";
    if (!have_element("videotestsrc")) return;
    GstElement* pipeline = gst_parse_launch(line.c_str(), nullptr);
    for (int run = 0; run < 3; ++run) {
        const PipelineResult result = run_pipeline(pipeline);
        CHECK(result.eos);
        CHECK(result.errors.empty());
    }
    gst_object_unref(pipeline);
}

TEST_CASE("primaries and transfer that libswscale alone does not convert are warned of once") {
    SwsHarness h;
    g_object_set(h.element(), "engine", 1, nullptr);
    h.caps(raw(small_i420), raw("format=I420,width=32,height=24,colorimetry=bt2020"));
    for (const int width : {64, 66, 68}) {
        gst_harness_set_src_caps_str(
            h.get(),
            raw("format=I420,height=48,framerate=25/1,colorimetry=bt709,width=" + std::to_string(width)).c_str());
        REQUIRE(h.push(frame("I420", width, 48)) == GST_FLOW_OK);
        CHECK(h.pull());
    }
    const auto warnings = h.warnings();
    REQUIRE(warnings.size() == 1);
    CHECK(warnings[0].has("bt709 to bt2020"));
    CHECK(h.errors().empty());
}

TEST_CASE("borders are black in every kind of format and the picture lies in the middle") {
    for (const std::string format : {"I420", "NV12", "UYVY", "Y444", "RGB", "BGRx", "GBR", "AYUV64", "A420",
                                     "RGBA64_LE", "I422_10LE", "P010_10LE", "GRAY8", "BGR10A2_LE", "Y41B", "RGB16"}) {
        CAPTURE(format);
        SwsHarness h;
        h.caps(raw("format=GRAY8,width=64,height=48,framerate=25/1"),
               raw("format=" + format + ",width=129,height=49,pixel-aspect-ratio=1/1"));
        GstBuffer* white = bytes(64 * 48, 255);
        REQUIRE(h.push(white) == GST_FLOW_OK);
        const GstVideoInfo info = h.output();
        const gst::BufferPtr out = h.pull();
        const gst::VideoFrameMap map(info, out.get(), GST_MAP_READ);
        // Through GStreamer's own unpacking: components as 8 bit, alpha first.
        std::vector<guint8> row(129 * 8 + 64);
        gpointer data[4];
        gint stride[4];
        for (guint i = 0; i < 4; ++i) {
            data[i] = map.frame().data[i];
            stride[i] = i < GST_VIDEO_INFO_N_PLANES(&info) ? GST_VIDEO_FRAME_PLANE_STRIDE(&map.frame(), i) : 0;
        }
        const bool wide = GST_VIDEO_FORMAT_INFO_DEPTH(gst_video_format_get_info(info.finfo->unpack_format), 0) > 8;
        const bool yuv = GST_VIDEO_INFO_IS_YUV(&info) || GST_VIDEO_INFO_IS_GRAY(&info);
        const bool limited = GST_VIDEO_INFO_IS_YUV(&info);
        for (const int y : {0, 24, 48}) {
            info.finfo->unpack_func(info.finfo, GST_VIDEO_PACK_FLAG_NONE, row.data(), data, stride, 0, y, 129);
            const auto at = [&](int x, int c) {
                const size_t i = static_cast<size_t>(x) * 4 + static_cast<size_t>(c);
                return wide ? reinterpret_cast<guint16*>(row.data())[i] >> 8 : int{row[i]};
            };
            for (const int x : {0, 15, 16, 24, 64, 100, 112, 120, 128}) {
                const bool inside = x > 28 && x < 100, outside = x < 28 || x > 104;
                if (!inside && !outside) continue;
                CAPTURE(x);
                CAPTURE(y);
                if (GST_VIDEO_INFO_HAS_ALPHA(&info))
                    CHECK(at(x, 0) >= 192); // opaque: GStreamer unpacks two bits of alpha as 192
                const int black = limited ? 16 : 0, bright = limited ? 235 : 255;
                CHECK(std::abs(at(x, 1) - (inside ? bright : black)) <= 3);
                for (const int c : {2, 3})
                    CHECK(std::abs(at(x, c) - (yuv ? 128 : inside ? 255 : 0)) <= 8);
            }
        }
    }
}

TEST_CASE("a pointer in the output lies at the same place of the source's picture") {
    struct Row {
        double x, y, source_x, source_y;
    };
    const Row rows[] = {{240, 0, 0, 0}, {1680, 1080, 640, 480}, {960, 540, 320, 240}};
    SwsHarness h;
    h.caps(raw("format=I420,width=640,height=480,framerate=25/1"),
           raw("width=1920,height=1080,pixel-aspect-ratio=1/1"));
    for (const Row& row : rows) {
        gst_harness_push_upstream_event(
            h.get(), gst_navigation_event_new_mouse_move(row.x, row.y, GST_NAVIGATION_MODIFIER_NONE));
        gst::EventPtr event;
        do
            event.reset(gst_harness_pull_upstream_event(h.get()));
        while (event && GST_EVENT_TYPE(event.get()) != GST_EVENT_NAVIGATION);
        REQUIRE(event);
        gdouble x = -1, y = -1;
        REQUIRE(gst_navigation_event_get_coordinates(event.get(), &x, &y));
        CHECK(x == doctest::Approx(row.source_x));
        CHECK(y == doctest::Approx(row.source_y));
    }
}

TEST_CASE("metas: time goes along, places are scaled, what no longer fits is left out") {
    const auto converted = [](const char* out) {
        SwsHarness h;
        h.caps(raw("format=I420,width=64,height=48,framerate=25/1"), raw(out));
        GstBuffer* in = frame("I420", 64, 48);
        gst_buffer_add_video_time_code_meta_full(in, 25, 1, nullptr, GST_VIDEO_TIME_CODE_FLAGS_NONE, 1, 2, 3, 4, 0);
        gst_buffer_add_video_region_of_interest_meta(in, "face", 8, 12, 16, 20);
        GST_BUFFER_PTS(in) = 7 * GST_SECOND;
        REQUIRE(h.push(in) == GST_FLOW_OK);
        return h.pull();
    };
    const gst::BufferPtr half = converted("format=NV12,width=32,height=24");
    REQUIRE(half);
    CHECK(GST_BUFFER_PTS(half.get()) == 7 * GST_SECOND);
    const GstVideoTimeCodeMeta* tc = gst_buffer_get_video_time_code_meta(half.get());
    REQUIRE(tc);
    CHECK(tc->tc.frames == 4);
    gpointer state = nullptr;
    const auto* roi = reinterpret_cast<GstVideoRegionOfInterestMeta*>(
        gst_buffer_iterate_meta_filtered(half.get(), &state, GST_VIDEO_REGION_OF_INTEREST_META_API_TYPE));
    REQUIRE(roi);
    CHECK(roi->x == 4);
    CHECK(roi->y == 6);
    CHECK(roi->w == 8);
    CHECK(roi->h == 10);

    const gst::BufferPtr bordered = converted("format=NV12,width=64,height=24,pixel-aspect-ratio=1/1");
    REQUIRE(bordered);
    CHECK(gst_buffer_get_video_time_code_meta(bordered.get()));
}

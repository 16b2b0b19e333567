// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "common/base/error.hpp"
#include "engine/messages.hpp"
#include "engine/scale_spec.hpp"
#include "engine/sws_scaler.hpp"
#include "sws_frames.hpp"

#include <doctest/doctest.h>

#include <climits>
#include <string>
#include <vector>

using namespace onair;
using namespace onair::sws;

TEST_CASE("threads follow the wish, the cores and the height") {
    struct Row {
        unsigned asked, cores;
        int height;
        unsigned threads;
    };
    const Row rows[] = {
        {0, 8, 2160, 8},  {0, 0, 2160, 1},                    // the number of cores may be unknown
        {1, 8, 2160, 1},  {3, 8, 2160, 3}, {16, 2, 2160, 16}, // an explicit wish may exceed the cores
        {256, 8, 128, 2}, {0, 64, 576, 9}, {0, 8, 63, 1},     {8, 8, 1, 1},
    };
    for (const Row& row : rows) {
        CAPTURE(row.asked);
        CAPTURE(row.height);
        CHECK(thread_count(row.asked, row.cores, row.height) == row.threads);
    }
}

TEST_CASE("every kernel makes a context and a frame") {
    for (int method = 0; method <= static_cast<int>(Method::experimental); ++method) {
        CAPTURE(method);
        Request request = test::request(test::side(AV_PIX_FMT_YUV420P, 64, 48), test::side(AV_PIX_FMT_YUV420P, 33, 95));
        request.quality.method = static_cast<Method>(method);
        test::GuardedFrame src(AV_PIX_FMT_YUV420P, 64, 48, test::Layout::safe_in);
        test::GuardedFrame dst(AV_PIX_FMT_YUV420P, 33, 95, test::Layout::safe_out);
        src.fill();
        for (const Engine engine : {Engine::automatic, Engine::swscale}) {
            request.engine = engine;
            test::convert(request, src.view(), dst.view());
        }
        CHECK(dst.row(0, 40)[10] != 0xA5); // written
    }
}

TEST_CASE("a context that libswscale refuses names both sides and carries its words") {
    Picture src, dst;
    src.width = 4096, src.height = 1, src.format = AV_PIX_FMT_GRAY8;
    dst.width = 16, dst.height = 1, dst.format = AV_PIX_FMT_PAL8;
    try {
        SwsScaler scaler({src, dst, Method::bicubic, 1});
        FAIL("PAL8 cannot be written");
    } catch (const Error& e) {
        CHECK(e.kind() == ErrorKind::negotiation);
        CHECK(std::string(e.what()).find("4096x1 gray") != std::string::npos);
        CHECK(std::string(e.what()).find("16x1 pal8") != std::string::npos);
        CHECK(e.detail().find("sws_init_context") != std::string::npos);
        CHECK(e.detail().find("pal8 is not supported as output") != std::string::npos);
    }
}

TEST_CASE("every message says what happened, with the values, and what to do") {
    struct Row {
        Msg id;
        std::initializer_list<std::string_view> args;
        std::vector<const char*> parts;
    };
    const Row rows[] = {
        {Msg::geometry_mismatch,
         {"3840x2160", "I420", "1920x1080", "NV12"},
         {"caps say 3840x2160 I420", "holds a frame of 1920x1080 NV12", "announce their size"}},
        {Msg::frame_too_small, {"640x480", "I420", "460800", "1000"}, {"640x480 I420", "460800 bytes", "holds 1000"}},
        {Msg::frame_too_large, {"640x480", "I420", "460800", "9000000"}, {"640x480 I420", "460800", "holds 9000000"}},
        {Msg::bad_layout,
         {"8x8", "yuv420p", "1", "-4", "4", "4", "16"},
         {"8x8 yuv420p", "plane 1", "stride of -4", "4 rows of 4 bytes", "16 bytes of memory"}},
        {Msg::unmappable, {"8x8", "I420"}, {"8x8 I420", "mapped"}},
        {Msg::unusable_caps, {"video/x-raw"}, {"cannot be used", "video/x-raw", "format:Interlaced"}},
        {Msg::impossible_size, {"1x1 gray", "9x9 gray"}, {"1x1 gray to 9x9 gray", "two steps"}},
        {Msg::unknown_format, {"v210"}, {"format v210", "engine=auto"}},
        {Msg::interlaced, {"a", "b", "4", "2"}, {"from a to b", "of 4 rows before and of 2 after", "deinterlace"}},
        {Msg::interlaced_turn, {"720x576 I420"}, {"of 720x576 I420", "upside down", "Deinterlace"}},
        {Msg::bad_crop, {"9x9 at 1,2", "8x8"}, {"9x9 at 1,2", "frame of 8x8", "meta is at fault"}},
        {Msg::crop_too_large,
         {"1", "2", "3", "4", "4x6"},
         {"crop-left=1 crop-top=2 crop-right=3 crop-bottom=4", "picture of 4x6", "smaller"}},
        {Msg::library_refused, {"a", "b"}, {"failed to convert a to b"}},
        {Msg::rows_missing, {"476", "1080", "a", "b"}, {"476 of 1080", "dropped"}},
        {Msg::colour_not_converted, {"bt709", "bt2020"}, {"bt709 to bt2020", "engine=auto converts them"}},
    };
    CHECK(std::size(rows) == std::size(messages));
    for (const Row& row : rows) {
        const Error e = error(row.id, row.args);
        for (const char* part : row.parts)
            CHECK_MESSAGE(std::string(e.what()).find(part) != std::string::npos, e.what(), " lacks ", part);
        CHECK(std::string(e.what()).find('{') == std::string::npos);
    }
}

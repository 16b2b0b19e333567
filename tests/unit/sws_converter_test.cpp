// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "common/base/error.hpp"
#include "sws_frames.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace onair;
using namespace onair::sws;
using test::GuardedFrame;
using test::Layout;

namespace {

int yuv(const GuardedFrame& frame, size_t plane, int x, int y) { return frame.row(plane, y)[x]; }

} // namespace

TEST_CASE("a user's frame of 3840x2160 with strides 3840, 1920, 1920 converts right") {
    // Ramps: scaling keeps them, so every pixel's value is known without a second scaler.
    const auto luma = [](double x, double y) { return 16 + x / 24 + y / 48; };
    const auto chroma = [](double x, double y) { return 64 + x / 20 + y / 40; };
    GuardedFrame src(AV_PIX_FMT_YUV420P, 3840, 2160, Layout::tight);
    REQUIRE(src.view().plane[0].stride == 3840);
    REQUIRE(src.view().plane[1].stride == 1920);
    REQUIRE(src.view().plane[2].stride == 1920);
    for (int y = 0; y < 2160; ++y)
        for (int x = 0; x < 3840; ++x)
            src.row(0, y)[x] = static_cast<uint8_t>(std::lround(luma(x, y)));
    for (int y = 0; y < 1080; ++y)
        for (int x = 0; x < 1920; ++x) {
            src.row(1, y)[x] = static_cast<uint8_t>(std::lround(chroma(x, y)));
            src.row(2, y)[x] = static_cast<uint8_t>(std::lround(255 - chroma(x, y)));
        }
    for (const unsigned threads : {1u, 4u}) {
        CAPTURE(threads);
        GuardedFrame dst(AV_PIX_FMT_YUV420P, 640, 360, Layout::gstreamer);
        test::convert(test::request(test::side(AV_PIX_FMT_YUV420P, 3840, 2160),
                                    test::side(AV_PIX_FMT_YUV420P, 640, 360), threads),
                      src.view(), dst.view());
        CHECK(dst.damaged() == 0);
        double worst[3] = {};
        for (int y = 1; y < 359; ++y)
            for (int x = 1; x < 639; ++x)
                worst[0] = std::max(worst[0], std::abs(yuv(dst, 0, x, y) - luma(6 * x + 2.5, 6 * y + 2.5)));
        // Chroma lies on the left luma sample on both sides: the centre of column x is 6 x, of row y 6 y + 2.5.
        for (int y = 1; y < 179; ++y)
            for (int x = 1; x < 319; ++x) {
                const double expected = chroma(6 * x, 6 * y + 2.5);
                worst[1] = std::max(worst[1], std::abs(yuv(dst, 1, x, y) - expected));
                worst[2] = std::max(worst[2], std::abs(yuv(dst, 2, x, y) - (255 - expected)));
            }
        CHECK(worst[0] < 1.0);
        CHECK(worst[1] < 1.0);
        CHECK(worst[2] < 1.0);
    }
}

TEST_CASE("a frame of one pixel, a row and a column") {
    for (const auto& [sw, sh, dw, dh] : {std::array{1, 1, 1, 1}, std::array{1, 1, 7, 5}, std::array{64, 1, 1, 64},
                                         std::array{2, 3, 1, 1}, std::array{1, 1, 640, 360}}) {
        CAPTURE(sw);
        CAPTURE(dw);
        GuardedFrame src(AV_PIX_FMT_YUV420P, sw, sh, Layout::gstreamer);
        GuardedFrame dst(AV_PIX_FMT_RGBA, dw, dh, Layout::gstreamer);
        for (size_t i = 0; i < 3; ++i)
            for (int y = 0; y < src.shape().plane[i].rows; ++y)
                std::memset(src.row(i, y), i == 0 ? 235 : 128, static_cast<size_t>(src.shape().plane[i].row_bytes));
        test::convert(test::request(test::side(AV_PIX_FMT_YUV420P, sw, sh), test::side(AV_PIX_FMT_RGBA, dw, dh)),
                      src.view(), dst.view());
        CHECK(dst.damaged() == 0);
        for (int y = 0; y < dh; ++y)
            for (int x = 0; x < 4 * dw; ++x)
                REQUIRE(dst.row(0, y)[x] == 255);
    }
}

TEST_CASE("a view that does not hold its picture is refused before anything is read") {
    Converter converter(
        test::request(test::side(AV_PIX_FMT_YUV420P, 3840, 2160), test::side(AV_PIX_FMT_YUV420P, 640, 360)));
    GuardedFrame small(AV_PIX_FMT_YUV420P, 1920, 1080, Layout::gstreamer);
    GuardedFrame large(AV_PIX_FMT_YUV420P, 3840, 2160, Layout::gstreamer);
    GuardedFrame dst(AV_PIX_FMT_YUV420P, 640, 360, Layout::gstreamer);
    const auto said = [&](const FrameView& src, const FrameView& to) {
        try {
            test::convert(converter, src, to);
        } catch (const Error& e) {
            return std::string(e.what());
        }
        return std::string("nothing");
    };
    CHECK(said(small.view(), dst.view()).find("3840x2160 I420") != std::string::npos);
    CHECK(said(small.view(), dst.view()).find("stride of 1920 bytes") != std::string::npos);
    FrameView short_frame = large.view(); // the first 720 of 2160 rows
    short_frame.plane[0].room = 3840 * 720;
    CHECK(said(short_frame, dst.view()).find("2160 rows of 3840 bytes, in 2764800 bytes") != std::string::npos);
    FrameView upside_down = large.view();
    upside_down.plane[1].stride = -1920;
    CHECK(said(upside_down, dst.view()).find("plane 1 has a stride of -1920") != std::string::npos);
    CHECK(said(large.view(), large.view()) == "nothing"); // a larger place is a place
    FrameView two = dst.view();
    two.planes = 2;
    CHECK(said(large.view(), two).find("640x360") != std::string::npos);
    CHECK(said(large.view(), dst.view()) == "nothing"); // and the converter still works
}

TEST_CASE("borders are black in every plane and the picture lies between them") {
    Request request = test::request(test::side(AV_PIX_FMT_YUV420P, 64, 48), test::side(AV_PIX_FMT_YUV420P, 72, 54));
    request.placement = {{12, 4, 72, 54}, 97, 61}; // odd: the last chroma column covers one luma column
    GuardedFrame src(AV_PIX_FMT_YUV420P, 64, 48, Layout::gstreamer);
    for (const Engine engine : {Engine::automatic, Engine::swscale}) {
        request.engine = engine;
        GuardedFrame dst(AV_PIX_FMT_YUV420P, 97, 61, Layout::gstreamer);
        for (size_t i = 0; i < 3; ++i)
            for (int y = 0; y < src.shape().plane[i].rows; ++y)
                std::memset(src.row(i, y), 200, static_cast<size_t>(src.shape().plane[i].row_bytes));
        test::convert(request, src.view(), dst.view());
        CHECK(dst.damaged() == 0);
        const Rect luma{12, 4, 72, 54}, chroma{6, 2, 36, 27};
        for (size_t i = 0; i < 3; ++i) {
            const Rect& r = i == 0 ? luma : chroma;
            for (int y = 0; y < dst.shape().plane[i].rows; ++y)
                for (int x = 0; x < dst.shape().plane[i].row_bytes; ++x) {
                    const bool inside = x >= r.x && x < r.x + r.width && y >= r.y && y < r.y + r.height;
                    const int black = i == 0 ? 16 : 128;
                    CAPTURE(i);
                    CAPTURE(x);
                    CAPTURE(y);
                    REQUIRE(yuv(dst, i, x, y) == (inside ? 200 : black));
                }
        }
    }
}

TEST_CASE("the range is converted, also where nothing else changes") {
    Side limited = test::side(AV_PIX_FMT_YUV422P10LE, 64, 16), full = limited;
    full.colour.full_range = true;
    GuardedFrame src(AV_PIX_FMT_YUV422P10LE, 64, 16, Layout::safe_in),
        dst(AV_PIX_FMT_YUV422P10LE, 64, 16, Layout::safe_out);
    const auto set = [](const GuardedFrame& f, size_t plane, uint16_t value) {
        for (int y = 0; y < f.shape().plane[plane].rows; ++y)
            std::fill_n(reinterpret_cast<uint16_t*>(f.row(plane, y)), f.shape().plane[plane].row_bytes / 2, value);
    };
    set(src, 0, 940);
    set(src, 1, 512);
    set(src, 2, 512);
    test::convert(test::request(limited, full), src.view(), dst.view());
    CHECK(*reinterpret_cast<uint16_t*>(dst.row(0, 8)) == 1023);
    CHECK(*reinterpret_cast<uint16_t*>(dst.row(1, 8)) == 512);
}

TEST_CASE("only planes that are not safe are copied through a frame of our own") {
    const AVPixelFormat format = AV_PIX_FMT_YUV420P;
    for (const auto& [from, to, in, out] : {std::tuple{Layout::safe_in, Layout::safe_out, 0u, 0u},
                                            std::tuple{Layout::gstreamer, Layout::safe_out, 484u, 0u},
                                            std::tuple{Layout::safe_in, Layout::gstreamer, 0u, 200u}}) {
        GuardedFrame src(format, 322, 242, from), dst(format, 100, 100, to);
        src.fill();
        Request request = test::request(test::side(format, 322, 242), test::side(format, 100, 100));
        request.quality.method = Method::area; // libswscale's alone
        Converter converter(request);
        test::convert(converter, src.view(), dst.view());
        CHECK(test::bounced(converter) == std::pair<uint64_t, uint64_t>(in, out)); // rows of the three planes
    }
}

TEST_CASE("the picture is the same for every number of threads") {
    for (const auto& [from, to] :
         {std::pair{AV_PIX_FMT_YUV420P, AV_PIX_FMT_NV12}, std::pair{AV_PIX_FMT_YUV422P10LE, AV_PIX_FMT_YUV420P},
          std::pair{AV_PIX_FMT_RGB24, AV_PIX_FMT_YUV422P10LE}, std::pair{AV_PIX_FMT_UYVY422, AV_PIX_FMT_BGRA},
          std::pair{AV_PIX_FMT_YUV420P, AV_PIX_FMT_GBRP10LE}})
        for (const auto& [width, height] : {std::pair{200, 502}, std::pair{131, 449}, std::pair{177, 259}}) {
            GuardedFrame src(from, 200, 502, Layout::gstreamer), first(to, width, height, Layout::gstreamer);
            src.fill();
            const auto convert = [&](const GuardedFrame& dst, unsigned threads) {
                test::convert(test::request(test::side(from, 200, 502), test::side(to, width, height), threads),
                              src.view(), dst.view());
            };
            convert(first, 1);
            for (const unsigned threads : {2u, 3u, 7u}) {
                CAPTURE(threads);
                CAPTURE(width);
                CAPTURE(from);
                GuardedFrame dst(to, width, height, Layout::gstreamer);
                convert(dst, threads);
                CHECK(dst.same_picture(first));
                CHECK(dst.damaged() == 0);
            }
        }
}

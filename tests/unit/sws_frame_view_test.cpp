// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/frame_view.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <memory>

using namespace onair::sws;

TEST_CASE("the bytes of a picture's planes") {
    struct Row {
        AVPixelFormat format;
        int width, height, planes;
        PlaneShape plane[4];
    };
    const Row rows[] = {
        {AV_PIX_FMT_YUV420P, 3840, 2160, 3, {{3840, 2160, 0}, {1920, 1080, 0}, {1920, 1080, 0}}},
        {AV_PIX_FMT_YUV420P, 33, 17, 3, {{33, 17, 0}, {17, 9, 0}, {17, 9, 0}}},
        {AV_PIX_FMT_YUV420P, 1, 1, 3, {{1, 1, 0}, {1, 1, 0}, {1, 1, 0}}},
        {AV_PIX_FMT_NV12, 33, 17, 2, {{33, 17, 0}, {34, 9, 0}}},
        {AV_PIX_FMT_YUV422P10LE, 33, 17, 3, {{66, 17, 0}, {34, 17, 0}, {34, 17, 0}}},
        {AV_PIX_FMT_YUVA420P, 5, 5, 4, {{5, 5, 0}, {3, 3, 0}, {3, 3, 0}, {5, 5, 0}}},
        {AV_PIX_FMT_GBRAP, 5, 5, 4, {{5, 5, 0}, {5, 5, 0}, {5, 5, 0}, {5, 5, 0}}},
        {AV_PIX_FMT_YUV410P, 9, 9, 3, {{9, 9, 0}, {3, 3, 0}, {3, 3, 0}}},
        {AV_PIX_FMT_YUYV422, 33, 17, 1, {{68, 17, 0, safe_tail}}},
        {AV_PIX_FMT_RGB24, 33, 17, 1, {{99, 17, safe_alignment, safe_tail}}},
        {AV_PIX_FMT_RGBA64LE, 3, 2, 1, {{24, 2, 0, safe_tail}}},
    };
    for (const Row& row : rows) {
        CAPTURE(row.format);
        const PictureShape shape = shape_of(row.format, row.width, row.height);
        REQUIRE(shape.planes == row.planes);
        for (size_t i = 0; i < static_cast<size_t>(row.planes); ++i) {
            CHECK(shape.plane[i].row_bytes == row.plane[i].row_bytes);
            CHECK(shape.plane[i].rows == row.plane[i].rows);
            CHECK(shape.plane[i].slack == row.plane[i].slack);
            CHECK(shape.plane[i].tail == row.plane[i].tail);
        }
    }
    CHECK(shape_of(AV_PIX_FMT_NONE, 4, 4).planes == 0);
}

TEST_CASE("rows that leave the memory, or strides that are too small or negative, are found with their plane") {
    alignas(64) uint8_t memory[1024]{};
    const PictureShape shape = shape_of(AV_PIX_FMT_YUV420P, 8, 4); // 8x4, 4x2, 4x2
    FrameView view;
    view.planes = 3;
    view.plane = {{{memory, 8, 32}, {memory + 32, 4, 8}, {memory + 40, 4, 8}}};
    CHECK(first_misfit(view, shape) == -1);
    const auto with = [&](size_t plane, PlaneView p) {
        FrameView changed = view;
        changed.plane[plane] = p;
        return first_misfit(changed, shape);
    };
    CHECK(with(0, {memory, 8, 31}) == 0);
    CHECK(with(1, {memory, 3, 100}) == 1);
    CHECK(with(2, {memory, -4, 100}) == 2);
    CHECK(with(2, {memory, 0, 100}) == 2);
    CHECK(with(2, {nullptr, 4, 100}) == 2);
    CHECK(with(1, {memory, 9, 13}) == -1); // the last row needs its own bytes only
    CHECK(with(1, {memory, 9, 12}) == 1);
    view.planes = 1;
    CHECK(first_misfit(view, shape) == 0);
}

TEST_CASE("what libswscale may work in directly") {
    alignas(64) static uint8_t memory[4096]{};
    const PlaneShape luma{100, 4, 0}, rgb{60, 4, safe_alignment, safe_tail};
    CHECK(is_safe({memory, 128, 4 * 128 + 64}, luma, Access::write));
    CHECK_FALSE(is_safe({memory, 100, 4096}, luma, Access::read));         // stride
    CHECK_FALSE(is_safe({memory + 16, 128, 4000}, luma, Access::read));    // start
    CHECK_FALSE(is_safe({memory, 128, 4 * 128 + 63}, luma, Access::read)); // nothing behind
    CHECK_FALSE(is_safe({memory, 128, 4 * 128}, rgb, Access::write));
    CHECK(is_safe({memory, 64, 4 * 64 + 64}, rgb, Access::read));
    CHECK_FALSE(is_safe({memory, 64, 4 * 64 + 64}, rgb, Access::write)); // three bytes a pixel overrun the stride
    CHECK(is_safe({memory, 128, 4 * 128 + 64}, rgb, Access::write));
}

TEST_CASE("a frame of our own is safe in every plane") {
    for (const AVPixelFormat format : {AV_PIX_FMT_YUV420P, AV_PIX_FMT_NV12, AV_PIX_FMT_RGB24, AV_PIX_FMT_GBRAP,
                                       AV_PIX_FMT_YUV422P10LE, AV_PIX_FMT_RGBA64LE})
        for (const int size : {1, 2, 33, 64, 719}) {
            CAPTURE(format);
            CAPTURE(size);
            const PictureShape shape = shape_of(format, size, size);
            const ScratchFrame scratch(shape);
            CHECK(first_misfit(scratch.view(), shape) == -1);
            for (size_t i = 0; i < static_cast<size_t>(shape.planes); ++i)
                CHECK(is_safe(scratch.view().plane[i], shape.plane[i], Access::write));
        }
}

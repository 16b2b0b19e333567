// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
// What fit, crop-*, video-direction, size-multiple and border-color make of pictures.
#include "common/gst/maps.hpp"
#include "sws_harness.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

using namespace onair;
using test::raw;
using test::SwsHarness;

namespace {

struct Shape {
    int width, height;
    const char* par;
};

Shape shape_of(const std::string& name) {
    if (name == "16:9") return {64, 36, "1/1"};
    if (name == "4:3") return {48, 36, "1/1"};
    if (name == "anamorphic") return {40, 32, "64/45"};
    return {36, 64, "1/1"};
}

/// 4x4 fields of one colour each, red by columns and green by rows.
GstBuffer* fields(const Shape& shape) {
    GstVideoInfo info;
    gst_video_info_set_format(&info, GST_VIDEO_FORMAT_RGB, static_cast<guint>(shape.width),
                              static_cast<guint>(shape.height));
    GstBuffer* buffer = gst_buffer_new_allocate(nullptr, GST_VIDEO_INFO_SIZE(&info), nullptr);
    const gst::VideoFrameMap map(info, buffer, GST_MAP_WRITE);
    for (int y = 0; y < shape.height; ++y) {
        auto* row = static_cast<guint8*>(GST_VIDEO_FRAME_PLANE_DATA(&map.frame(), 0)) +
                    static_cast<ptrdiff_t>(y) * GST_VIDEO_FRAME_PLANE_STRIDE(&map.frame(), 0);
        for (int x = 0; x < shape.width; ++x, row += 3) {
            row[0] = static_cast<guint8>(x * 4 / shape.width * 85);
            row[1] = static_cast<guint8>(y * 4 / shape.height * 85);
            row[2] = 128;
        }
    }
    return buffer;
}

/// The letter of tests/support/sws_golden.py; blue alone is the border.
char letter(const guint8* rgb) {
    if (rgb[2] > 200) return '.';
    const auto field = [](int v) { return (v + 42) / 85; };
    return static_cast<char>('A' + field(rgb[1]) * 4 + field(rgb[0]));
}

struct Case {
    std::string source, target, fit, crop, turn;
    std::vector<std::string> rows;
};

std::vector<Case> golden() {
    const char* root = std::getenv("ONAIR_SOURCE_DIR");
    std::ifstream file(std::string(root ? root : ".") + "/tests/support/sws_golden.txt");
    std::vector<Case> cases;
    for (std::string line; std::getline(file, line);) {
        if (line.rfind("case ", 0) == 0) {
            std::istringstream words(line.substr(5));
            Case& c = cases.emplace_back();
            words >> c.source >> c.target >> c.fit >> c.crop >> c.turn;
        } else if (!cases.empty()) {
            cases.back().rows.push_back(line);
        }
    }
    return cases;
}

std::string element_of(const Case& c) {
    int left = 0, top = 0, right = 0, bottom = 0;
    std::sscanf(c.crop.c_str(), "%d,%d,%d,%d", &left, &top, &right, &bottom);
    return "swsconvertscale method=bilinear border-color=0xff0000ff fit=" + c.fit + " video-direction=" + c.turn +
           " crop-left=" + std::to_string(left) + " crop-top=" + std::to_string(top) +
           " crop-right=" + std::to_string(right) + " crop-bottom=" + std::to_string(bottom);
}

/// Chroma of half the size reaches further over a field's edge.
bool amid_its_field(const std::vector<std::string>& rows, size_t row, size_t column) {
    const auto same = [&](size_t r, size_t c) {
        return r >= rows.size() || c >= rows[r].size() || rows[r][c] == rows[row][column];
    };
    return same(row, column - 1) && same(row, column + 1) && same(row - 1, column) && same(row + 1, column);
}

/// One 10-bit or 8-bit pixel's components of the frame's corner.
std::array<int, 3> corner(const GstVideoInfo& info, GstBuffer* buffer) {
    const gst::VideoFrameMap map(info, buffer, GST_MAP_READ);
    std::array<int, 3> out{};
    for (guint c = 0; c < 3; ++c) {
        const auto* at = static_cast<const guint8*>(GST_VIDEO_FRAME_COMP_DATA(&map.frame(), c));
        out[c] = GST_VIDEO_INFO_COMP_DEPTH(&info, c) > 8 ? GST_READ_UINT16_LE(at) : at[0];
    }
    return out;
}

} // namespace

TEST_CASE("golden pictures: fits, crops and orientations, in RGB and through 4:2:0") {
    const auto cases = golden();
    REQUIRE(cases.size() > 50);
    for (const Case& c : cases)
        for (const bool through_yuv : {false, true}) {
            const std::string name = c.source + " " + c.target + " " + c.fit + " " + c.crop + " " + c.turn +
                                     (through_yuv ? " I420" : " RGB");
            CAPTURE(name);
            const Shape from = shape_of(c.source), to = shape_of(c.target);
            const std::string size = "width=" + std::to_string(to.width) + ",height=" + std::to_string(to.height) +
                                     ",pixel-aspect-ratio=1/1";
            SwsHarness h(through_yuv ? ("swsconvertscale ! video/x-raw,format=I420 ! " + element_of(c) +
                                        " name=geometry ! video/x-raw,format=NV12," + size + " ! swsconvertscale")
                                           .c_str()
                                     : element_of(c).c_str());
            h.caps(raw("format=RGB,width=" + std::to_string(from.width) + ",height=" + std::to_string(from.height) +
                       ",framerate=25/1,pixel-aspect-ratio=" + from.par),
                   raw("format=RGB," + size));
            REQUIRE(h.push(fields(from)) == GST_FLOW_OK);
            const gst::BufferPtr out = h.pull();
            REQUIRE(out);
            const GstVideoInfo info = h.output();
            const gst::VideoFrameMap map(info, out.get(), GST_MAP_READ);
            for (size_t i = 0; i < c.rows.size(); ++i) {
                const auto* row = static_cast<const guint8*>(GST_VIDEO_FRAME_PLANE_DATA(&map.frame(), 0)) +
                                  static_cast<ptrdiff_t>(4 * i + 2) * GST_VIDEO_FRAME_PLANE_STRIDE(&map.frame(), 0);
                std::string seen;
                std::string wanted = c.rows[i];
                for (size_t j = 0; j < wanted.size(); ++j) {
                    if (through_yuv && !amid_its_field(c.rows, i, j)) wanted[j] = '?';
                    seen += wanted[j] == '?' ? '?' : letter(row + (4 * j + 2) * 3);
                }
                CHECK(seen == wanted);
            }
        }
}

TEST_CASE("border colours in the output's colour space") {
    // By the formulas of BT.601, BT.709, BT.2020, BT.2100 and BT.2408 for #e04020 of BT.709 (python, double precision).
    struct Row {
        const char* caps;
        std::array<int, 3> is;
        int slack;
    };
    const Row rows[] = {
        {"format=Y444,colorimetry=bt601", {107, 92, 206}, 0}, // primaries of SMPTE 170M
        {"format=Y444,colorimetry=bt709", {98, 98, 200}, 0},
        {"format=NV12,colorimetry=bt709", {98, 98, 200}, 0},
        {"format=Y444,colorimetry=(string)1:3:5:1", {96, 94, 209}, 0}, // full range
        {"format=I422_10LE,colorimetry=bt709", {393, 391, 798}, 0},
        {"format=RGB,colorimetry=sRGB", {0xe0, 0x40, 0x20}, 0},
        {"format=RGB,colorimetry=(string)2:1:7:1", {207, 71, 43}, 1}, // limited
        {"format=I422_10LE,colorimetry=bt2020-10", {435, 394, 688}, 1},
        {"format=I422_10LE,colorimetry=bt2100-pq", {422, 457, 575}, 1},
        {"format=I422_10LE,colorimetry=bt2100-hlg", {403, 419, 649}, 1},
    };
    for (const char* engine : {"auto", "swscale"})
        for (const Row& row : rows) {
            CAPTURE(std::string(engine));
            CAPTURE(std::string(row.caps));
            if (std::string(engine) == "swscale" && std::strstr(row.caps, "2:1:7:1")) continue; // it has no such RGB
            SwsHarness h((std::string("swsconvertscale border-color=0xffe04020 engine=") + engine).c_str());
            h.caps(raw("format=I420,width=32,height=32,framerate=25/1"),
                   raw(std::string(row.caps) + ",width=64,height=32,pixel-aspect-ratio=1/1"));
            REQUIRE(h.push(test::frame("I420", 32, 32)) == GST_FLOW_OK);
            const auto is = corner(h.output(), h.pull().get());
            for (size_t c = 0; c < 3; ++c)
                CHECK(std::abs(is[c] - row.is[c]) <= row.slack);
        }
}

TEST_CASE("the size that is chosen follows crop, orientation and size-multiple") {
    struct Row {
        const char *settings, *in, *out;
        int width, height, par_n, par_d;
    };
    const Row rows[] = {
        {"", "width=1920,height=1080", "format=NV12", 1920, 1080, 1, 1},
        {"crop-left=100 crop-right=20 crop-top=40", "width=1920,height=1080", "format=NV12", 1800, 1040, 1, 1},
        {"video-direction=90r", "width=1920,height=1080", "format=NV12", 1080, 1920, 1, 1},
        {"video-direction=90r", "width=720,height=576,pixel-aspect-ratio=64/45", "format=NV12", 576, 720, 45, 64},
        {"size-multiple=16", "width=1920,height=1080", "format=NV12", 1920, 1088, 1, 1},
        {"size-multiple=16", "width=1920,height=1080", "format=NV12,height=576", 1024, 576, 1, 1},
        {"size-multiple=16", "width=1920,height=1080", "format=NV12,width=[1,1900],height=[1,1080]", 1888, 1072, 1, 1},
        {"size-multiple=8", "width=1920,height=1080", "format=NV12,width=333,height=111", 333, 111, 1, 1},
        {"crop-left=8", "width=64,height=48", "width=64,height=48,pixel-aspect-ratio=1/1", 64, 48, 1, 1},
    };
    for (const Row& row : rows) {
        CAPTURE(row.settings);
        CAPTURE(row.out);
        SwsHarness h((std::string("swsconvertscale ") + row.settings).c_str());
        h.caps(raw(std::string("format=I420,framerate=25/1,") + row.in), raw(row.out));
        const GstVideoInfo info = h.output();
        CHECK(GST_VIDEO_INFO_WIDTH(&info) == row.width);
        CHECK(GST_VIDEO_INFO_HEIGHT(&info) == row.height);
        if (row.width == 333) continue;
        CHECK(GST_VIDEO_INFO_PAR_N(&info) == row.par_n);
        CHECK(GST_VIDEO_INFO_PAR_D(&info) == row.par_d);
    }
}

TEST_CASE("GstVideoCropMeta: a part of a larger frame, as videocrop and decoders send it") {
    SwsHarness h;
    h.caps(raw("format=GRAY8,width=16,height=16,framerate=25/1"), raw("format=I420,width=16,height=16"));
    const auto pushed = [&](guint x, guint y, guint w, guint hh) {
        GstBuffer* buffer = gst_buffer_new_allocate(nullptr, 64 * 40, nullptr);
        {
            const gst::BufferMap map(buffer, GST_MAP_WRITE);
            for (size_t i = 0; i < 64 * 40; ++i)
                map.bytes()[i] = static_cast<guint8>(16 + i % 64 + 2 * (i / 64));
        }
        gst_buffer_add_video_meta(buffer, GST_VIDEO_FRAME_FLAG_NONE, GST_VIDEO_FORMAT_GRAY8, 64, 40);
        GstVideoCropMeta* crop = gst_buffer_add_video_crop_meta(buffer);
        crop->x = x;
        crop->y = y;
        crop->width = w;
        crop->height = hh;
        return h.push(buffer);
    };
    for (const guint x : {0U, 7U, 48U}) {
        REQUIRE(pushed(x, 3, 16, 16) == GST_FLOW_OK);
        const gst::BufferPtr out = h.pull();
        CHECK_FALSE(gst_buffer_get_video_crop_meta(out.get()));
        const GstVideoInfo info = h.output();
        const gst::VideoFrameMap map(info, out.get(), GST_MAP_READ);
        const auto* first = static_cast<const guint8*>(GST_VIDEO_FRAME_PLANE_DATA(&map.frame(), 0));
        const int grey = static_cast<int>(16 + x + 6); // full range grey to limited luma
        CHECK(std::abs(first[0] - (16 + grey * 219.0 / 255)) <= 1);
    }
    CHECK(pushed(60, 0, 16, 16) == GST_FLOW_ERROR);
    const auto errors = h.errors();
    REQUIRE(errors.size() == 1);
    CHECK(errors[0].has("16x16 at 60,0"));
}

TEST_CASE("a crop that leaves nothing is said once and not followed") {
    SwsHarness h("swsconvertscale crop-left=40 crop-right=24");
    h.caps(raw("format=I420,width=64,height=48,framerate=25/1"), raw("format=NV12"));
    for (int i = 0; i < 3; ++i)
        REQUIRE(h.push(test::frame("I420", 64, 48)) == GST_FLOW_OK);
    const GstVideoInfo info = h.output();
    CHECK(GST_VIDEO_INFO_WIDTH(&info) == 64);
    const auto warnings = h.warnings();
    REQUIRE(warnings.size() == 1);
    CHECK(warnings[0].has("crop-left=40"));
}

TEST_CASE("interlaced pictures are mirrored from side to side only") {
    for (const char* turn : {"90r", "vert", "180"}) {
        CAPTURE(turn);
        SwsHarness h((std::string("swsconvertscale video-direction=") + turn).c_str());
        h.caps(raw("format=Y42B,width=64,height=48,framerate=25/1,interlace-mode=interleaved"),
               raw("format=UYVY,width=64,height=48"));
        CHECK(h.push(test::frame("Y42B", 64, 48)) != GST_FLOW_OK);
        const auto errors = h.errors();
        REQUIRE(errors.size() == 1);
        CHECK(errors[0].has("Deinterlace"));
    }
    SwsHarness h("swsconvertscale video-direction=horiz");
    h.caps(raw("format=Y42B,width=64,height=48,framerate=25/1,interlace-mode=interleaved"),
           raw("format=UYVY,width=64,height=48"));
    CHECK(h.push(test::frame("Y42B", 64, 48)) == GST_FLOW_OK);
}

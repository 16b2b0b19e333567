// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
// Layouts against bytes written out by hand and against FFmpeg's descriptors; GStreamer's functions are the measure in
// tests/elements/sws_formats.cpp.
#include "engine/format_loss.hpp"
#include "engine/format_table.hpp"
#include "sws_format_frames.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <string>
#include <vector>

extern "C" {
#include <libavutil/pixdesc.h>
}

using namespace onair;
using namespace onair::sws;
using test::FormatFrame;
using test::Guard;
using test::Samples;

namespace {

using Bytes = std::vector<uint8_t>;

/// One row of one plane.
struct Row {
    const char* format;
    int width;
    Bytes bytes;
    std::vector<std::vector<uint16_t>> samples; ///< by component
};

const Row rows[] = {
    {"UYVY", 2, {10, 20, 30, 40}, {{20, 40}, {10}, {30}}},
    {"YUY2", 2, {10, 20, 30, 40}, {{10, 30}, {20}, {40}}},
    {"YVYU", 2, {10, 20, 30, 40}, {{10, 30}, {40}, {20}}},
    {"VYUY", 2, {10, 20, 30, 40}, {{20, 40}, {30}, {10}}},
    // the luma sample behind an odd row is the last one again
    {"UYVY", 3, {1, 2, 3, 4, 5, 6, 7, 6}, {{2, 4, 6}, {1, 5}, {3, 7}}},
    {"VYUY", 1, {1, 2, 3, 2}, {{2}, {3}, {1}}},
    {"v308", 1, {1, 2, 3}, {{1}, {2}, {3}}},
    {"IYU2", 1, {1, 2, 3}, {{2}, {1}, {3}}},
    {"IYU1", 4, {1, 2, 3, 4, 5, 6}, {{2, 3, 5, 6}, {1}, {4}}},
    {"IYU1", 2, {1, 2, 3, 4, 3, 3}, {{2, 3}, {1}, {4}}},
    {"AYUV", 1, {1, 2, 3, 4}, {{2}, {3}, {4}, {1}}},
    {"RGBx", 1, {1, 2, 3, 255}, {{1}, {2}, {3}}},
    {"xBGR", 1, {255, 1, 2, 3}, {{3}, {2}, {1}}},
    {"RBGA", 1, {1, 2, 3, 4}, {{1}, {3}, {2}, {4}}},
    {"RGB16", 1, {0x1F, 0xF8}, {{31}, {0}, {31}}},
    {"BGR16", 1, {0xE1, 0x07}, {{1}, {63}, {0}}},
    {"RGB15", 1, {0x01, 0x7C}, {{31}, {0}, {1}}},
    // word 0x3FF00155: red in the high bits
    {"r210", 1, {0x3F, 0xF0, 0x01, 0x55}, {{0x3FF}, {0}, {0x155}}},
    {"BGR10A2_LE", 1, {0x55, 0x01, 0xF0, 0xBF}, {{0x3FF}, {0}, {0x155}, {2}}},
    {"Y410", 1, {0x55, 0x01, 0xF0, 0x7F}, {{0}, {0x155}, {0x3FF}, {1}}},
    {"GRAY10_LE32", 4, {0x01, 0x08, 0x30, 0x00, 0xFF, 0x03, 0, 0}, {{1, 2, 3, 0x3FF}}},
    {"GRAY16_BE", 2, {1, 2, 3, 4}, {{0x102, 0x304}}},
    {"v216", 1, {1, 0, 2, 0, 3, 0, 2, 0}, {{2}, {1}, {3}}},
    {"Y210", 2, {0x40, 0, 0x80, 0, 0xC0, 0, 0, 1}, {{1, 3}, {2}, {4}}},
    {"Y212_BE", 2, {0, 0x10, 0, 0x20, 0, 0x30, 0, 0x40}, {{1, 3}, {2}, {4}}},
    {"Y412_LE", 1, {0x10, 0, 0x20, 0, 0x30, 0, 0xF0, 0xFF}, {{2}, {1}, {3}, {0xFFF}}},
    {"ARGB64_BE", 1, {0, 1, 0, 2, 0, 3, 0, 4}, {{2}, {3}, {4}, {1}}},
    // v210: words U0 Y0 V0 | Y1 U2 Y2 | V2 Y3 U4 | Y4 V4 Y5
    {"v210",
     6,
     {0x01, 0x08, 0x30, 0, 0x04, 0x14, 0x60, 0, 0x07, 0x20, 0x90, 0, 0x0A, 0x2C, 0xC0, 0},
     {{2, 4, 6, 8, 10, 12}, {1, 5, 9}, {3, 7, 11}}},
    {"v210", 2, {0x01, 0x08, 0x30, 0, 0x04, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, {{2, 4}, {1}, {3}}},
    {"UYVP", 2, {0x00, 0x40, 0x20, 0x0C, 0x04}, {{2, 4}, {1}, {3}}},
    {"UYVP", 1, {0xFF, 0xC0, 0x2F, 0xFC, 0x02}, {{2}, {0x3FF}, {0x3FF}}},
};

} // namespace

TEST_CASE("rows written out by hand") {
    for (const Row& row : rows) {
        CAPTURE(row.format);
        CAPTURE(row.width);
        const FormatPtr format = make_format(row.format);
        REQUIRE(format);
        FormatFrame frame(*format, row.width, 1, Guard::behind, 0);
        REQUIRE(frame.shape().planes == 1);
        CHECK(frame.shape().plane[0].row_bytes == static_cast<int>(row.bytes.size()));
        Samples wanted(*format, row.width, 1);
        for (size_t c = 0; c < row.samples.size(); ++c)
            wanted.row[c][0] = row.samples[c];
        test::write_all(*format, frame.view(), wanted, row.width, 1);
        CHECK(Bytes(frame.row(0, 0), frame.row(0, 0) + row.bytes.size()) == row.bytes);
        CHECK((test::read_all(*format, frame.view(), row.width, 1, false) == wanted));
    }
}

TEST_CASE("rows that come in groups") {
    const std::pair<const char*, int> units[] = {{"I420", 1}, {"UYVY", 2}, {"Y210", 2},       {"v210", 6},
                                                 {"UYVP", 2}, {"IYU1", 4}, {"NV12_10LE40", 4}};
    for (const auto& [name, pixels] : units)
        CHECK(make_format(name)->row_unit == pixels);
    CHECK(make_format("v210")->shape(7, 2).plane[0].row_bytes == 32);
    CHECK(make_format("UYVP")->shape(3, 2).plane[0].row_bytes == 10);
    CHECK(make_format("NV12")->shape(3, 3).plane[1].row_bytes == 4);
    CHECK(make_format("NV12")->shape(3, 3).plane[1].rows == 2);
}

TEST_CASE("names that the table does not know") {
    CHECK(make_format("RGB8P") == nullptr);
    CHECK(make_format("NV12_4L4") == nullptr); // tiled, and nobody said how
    CHECK(make_format("") == nullptr);
    CHECK(way_of("v210") == "stream");
    CHECK(way_of("RGB8P").empty());
}

TEST_CASE("what is called by FFmpeg's name has its bytes and all of its components") {
    std::mt19937 random(3);
    int compared = 0;
    for (const std::string_view name : known_formats()) {
        const FormatPtr format = make_format(name);
        if (!format || format->av == AV_PIX_FMT_NONE) continue;
        CAPTURE(std::string(name));
        const AVPixFmtDescriptor* desc = av_pix_fmt_desc_get(format->av);
        REQUIRE(desc->nb_components == format->components);
        CHECK(((desc->flags & AV_PIX_FMT_FLAG_RGB) != 0) == (format->model == ColourModel::rgb));
        for (const auto& [width, height] : {std::pair{1, 1}, std::pair{5, 3}, std::pair{34, 6}}) {
            FormatFrame frame(*format, width, height, Guard::before, 0);
            frame.randomise(random);
            const PictureShape theirs = shape_of(format->av, width, height);
            REQUIRE(frame.shape().planes == theirs.planes);
            const uint8_t* data[4] = {};
            int strides[4] = {};
            for (size_t i = 0; i < frame.planes(); ++i) {
                CHECK(frame.shape().plane[i].row_bytes == theirs.plane[i].row_bytes);
                CHECK(frame.shape().plane[i].rows == theirs.plane[i].rows);
                data[i] = frame.row(i, 0);
                strides[i] = frame.view().plane[i].stride;
            }
            const Samples ours = test::read_all(*format, frame.view(), width, height, true);
            Samples reference(*format, width, height);
            for (int c = 0; c < format->components; ++c)
                for (int y = 0; y < format->rows(c, height); ++y)
                    av_read_image_line2(reference.row[static_cast<size_t>(c)][static_cast<size_t>(y)].data(), data,
                                        strides, desc, 0, y, c, format->columns(c, width), 0, 2);
            CHECK((ours == reference));
        }
        ++compared;
    }
    CHECK(compared >= 70);
}

TEST_CASE("whatever goes in comes out") {
    std::mt19937 random(4);
    for (const std::string_view name : known_formats()) {
        const FormatPtr format = make_format(name);
        if (!format) continue;
        CAPTURE(std::string(name));
        for (const auto& [width, height] : {std::pair{2, 2}, std::pair{16, 4}, std::pair{46, 5}, std::pair{1000, 2}}) {
            Samples samples(*format, width, height);
            samples.randomise(*format, random);
            FormatFrame frame(*format, width, height, Guard::behind, 0xFF);
            test::write_all(*format, frame.view(), samples, width, height);
            CHECK((test::read_all(*format, frame.view(), width, height, true) == samples));
        }
    }
}

TEST_CASE("what loses less is preferred") {
    struct Preference {
        const char *from, *better, *worse;
    };
    const Preference preferences[] = {
        {"Y444", "Y42B", "I420"},           // FFmpeg's own choice is 4:2:0
        {"I422_10LE", "Y42B", "I420_10LE"}, // rows of chroma before depth
        {"Y42B", "YUV9", "GRAY8"},
        {"RGBA", "BGRA", "RGB"},
        {"RGB", "GBR", "Y444"},
        {"I420_10LE", "P010_10LE", "I420_12LE"}, // no more than needed
        {"P010_10LE", "I420_10LE", "P016_LE"},   // which has 10 bits, whatever memory they take
        {"NV12", "NV21", "Y42B"},
        {"Y410", "Y412_LE", "Y444_10LE"}, // Y410 has an alpha channel, and AV12 too
        {"A420", "AV12", "I420"},
        {"v210", "UYVP", "UYVY"},
        {"RGB16", "BGR16", "RGB15"},
    };
    for (const Preference& p : preferences) {
        CAPTURE(p.from);
        CAPTURE(p.better);
        const auto loss = [&](const char* to) { return conversion_loss(*make_format(p.from), *make_format(to)); };
        CHECK(loss(p.from) == 0);
        CHECK(loss(p.better) < loss(p.worse));
    }
    Format few = *make_format("RGBA"); // as RGB8P, whose samples have 8 bits
    few.palette = true;
    few.name = "few";
    CHECK(conversion_loss(*make_format("BGRA"), few) > conversion_loss(*make_format("BGRA"), *make_format("RGB16")));
}

TEST_CASE("tiles") {
    // 4 bytes by 2 rows, a row of tiles after the other; a picture of 6x4 has two by two, and chroma two by one.
    Tiling tiling;
    tiling.plane = {{{4, 2, 8}, {4, 2, 8}}};
    tiling.count = [](int width, int height) {
        return std::array<TileCount, 4>{{{(width + 3) / 4, (height + 1) / 2}, {(width + 3) / 4, (height + 3) / 4}}};
    };
    tiling.index = [](int x, int y, TileCount tiles) { return static_cast<size_t>(y * tiles.x + x); };
    const FormatPtr format = make_format("NV12_4L4", {&tiling, {}});
    REQUIRE(format);
    FormatFrame frame(*format, 6, 4, Guard::behind, 0);
    CHECK(frame.shape().plane[0].row_bytes == 8);
    CHECK(frame.shape().plane[1].rows == 2);
    for (int n = 0; n < 32; ++n)
        frame.row(0, 0)[n] = static_cast<uint8_t>(n);
    for (int n = 0; n < 16; ++n)
        frame.row(1, 0)[n] = static_cast<uint8_t>(100 + n);
    const Samples seen = test::read_all(*format, frame.view(), 6, 4, false);
    CHECK(seen.row[0][0] == std::vector<uint16_t>{0, 1, 2, 3, 8, 9});
    CHECK(seen.row[0][1] == std::vector<uint16_t>{4, 5, 6, 7, 12, 13});
    CHECK(seen.row[0][2] == std::vector<uint16_t>{16, 17, 18, 19, 24, 25});
    CHECK(seen.row[1][0] == std::vector<uint16_t>{100, 102, 108});
    CHECK(seen.row[2][1] == std::vector<uint16_t>{105, 107, 113});
    Samples changed = seen;
    changed.row[0][3][5] = 77;
    changed.row[2][1][2] = 78;
    test::write_all(*format, frame.view(), changed, 6, 4);
    CHECK(frame.row(0, 0)[29] == 77);
    CHECK(frame.row(1, 0)[13] == 78);
    CHECK(frame.row(0, 0)[30] == 30); // padding stays
    CHECK((test::read_all(*format, frame.view(), 6, 4, true) == changed));
}

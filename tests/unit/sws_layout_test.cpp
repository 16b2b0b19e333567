// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/layout.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <string>

using namespace onair;
using namespace onair::sws;

namespace {

constexpr Orientation upright{}, right90{true, true, false}, half{false, true, true}, left90{true, false, true},
    horizontal{false, true, false}, vertical{false, false, true}, diagonal{true, false, false}, other{true, true, true};
constexpr Orientation all[] = {upright, right90, half, left90, horizontal, vertical, diagonal, other};

std::string text(const Rect& r) {
    return std::to_string(r.x) + "," + std::to_string(r.y) + " " + std::to_string(r.width) + "x" +
           std::to_string(r.height);
}

FitRequest request(const Size& from, const Size& to, Fit fit, const Orientation& o = upright) {
    return {from, {0, 0, from.width, from.height}, to, o, fit, {2, 2}, {2, 2}, 0.5};
}

Geometry geometry(const Size& from, const Size& to, const Orientation& o = upright, Fit fit = Fit::contain) {
    const Fitting at = lay_out(request(from, to, fit, o));
    return {{at.crop, from.width, from.height}, {at.picture, to.width, to.height}, o};
}

} // namespace

TEST_CASE("what each fit makes of common shapes") {
    struct Row {
        const char* what;
        Size from, to;
        Fit fit;
        Orientation orientation;
        const char *crop, *picture;
    };
    const Size hd{1920, 1080, 1}, sd4{720, 576, {16, 15}}, sd16{720, 576, {64, 45}}, tall{1080, 1920, 1};
    const Row rows[] = {
        {"16:9 in 4:3", hd, {640, 480, 1}, Fit::contain, upright, "0,0 1920x1080", "0,60 640x360"},
        {"16:9 covers 4:3", hd, {640, 480, 1}, Fit::cover, upright, "240,0 1440x1080", "0,0 640x480"},
        {"16:9 fills 4:3", hd, {640, 480, 1}, Fit::fill, upright, "0,0 1920x1080", "0,0 640x480"},
        {"16:9 none in 4:3", hd, {640, 480, 1}, Fit::none, upright, "640,300 640x480", "0,0 640x480"},
        {"4:3 in 16:9", sd4, hd, Fit::contain, upright, "0,0 720x576", "240,0 1440x1080"},
        {"4:3 covers 16:9", sd4, hd, Fit::cover, upright, "0,72 720x432", "0,0 1920x1080"},
        {"4:3 none in 16:9", sd4, hd, Fit::none, upright, "0,0 720x576", "600,252 720x576"},
        {"anamorphic fits", sd16, hd, Fit::cover, upright, "0,0 720x576", "0,0 1920x1080"},
        {"anamorphic in 4:3", sd16, sd4, Fit::contain, upright, "0,0 720x576", "0,72 720x432"},
        {"anamorphic covers 4:3", sd16, sd4, Fit::cover, upright, "90,0 540x576", "0,0 720x576"},
        {"vertical in 16:9", tall, hd, Fit::contain, upright, "0,0 1080x1920", "656,0 608x1080"},
        {"vertical covers 16:9", tall, hd, Fit::cover, upright, "0,656 1080x608", "0,0 1920x1080"},
        {"vertical turned", tall, hd, Fit::contain, right90, "0,0 1080x1920", "0,0 1920x1080"},
        {"vertical none in 16:9", tall, hd, Fit::none, upright, "0,420 1080x1080", "420,0 1080x1080"},
        {"anamorphic none", sd16, hd, Fit::none, upright, "0,0 720x576", "600,252 720x576"},
        {"UHD", {3840, 2160, 1}, hd, Fit::contain, upright, "0,0 3840x2160", "0,0 1920x1080"},
        {"UHD none", {3840, 2160, 1}, hd, Fit::none, upright, "960,540 1920x1080", "0,0 1920x1080"},
        {"16:9 turned covers", hd, hd, Fit::cover, left90, "656,0 608x1080", "0,0 1920x1080"},
        {"anamorphic turned", sd16, {576, 720, {45, 64}}, Fit::contain, right90, "0,0 720x576", "0,0 576x720"},
        {"larger and smaller", {100, 50, 1}, {50, 100, 1}, Fit::none, upright, "24,0 50x50", "0,24 50x50"},
        {"odd in even", {99, 49, 1}, {200, 100, 1}, Fit::none, upright, "0,0 98x48", "50,26 98x48"},
        {"one pixel", {1, 1, 1}, {8, 8, 1}, Fit::none, upright, "0,0 1x1", "2,2 2x2"},
    };
    for (const Row& row : rows) {
        CAPTURE(row.what);
        const Fitting at = lay_out(request(row.from, row.to, row.fit, row.orientation));
        CHECK(text(at.crop) == row.crop);
        CHECK(text(at.picture) == row.picture);
    }
}

TEST_CASE("pictures lie in their frames and parts in their crops, whatever the sizes") {
    for (int w = 1; w < 24; ++w)
        for (int h = 1; h < 24; ++h)
            for (const Fit fit : {Fit::fill, Fit::contain, Fit::cover, Fit::none})
                for (const Orientation& o : all) {
                    FitRequest r = request({w, h, {3, 4}}, {17, 11, 1}, fit, o);
                    r.crop = {5, 7, w, h};
                    const Fitting at = lay_out(r);
                    REQUIRE(at.crop.width >= 1);
                    REQUIRE(at.crop.height >= 1);
                    REQUIRE(at.crop.x >= 5);
                    REQUIRE(at.crop.y >= 7);
                    REQUIRE(at.crop.x + at.crop.width <= 5 + w);
                    REQUIRE(at.crop.y + at.crop.height <= 7 + h);
                    REQUIRE(at.picture.width >= 1);
                    REQUIRE(at.picture.height >= 1);
                    REQUIRE(at.picture.x >= 0);
                    REQUIRE(at.picture.y >= 0);
                    REQUIRE(at.picture.x + at.picture.width <= 17);
                    REQUIRE(at.picture.y + at.picture.height <= 11);
                    REQUIRE(at.picture.x % 2 == 0);
                    REQUIRE(at.picture.y % 2 == 0);
                }
}

TEST_CASE("a size that is a multiple, where one is allowed") {
    CHECK(nearest_multiple(1080, 16, {}) == 1088);
    CHECK(nearest_multiple(1079, 8, {}) == 1080);
    CHECK(nearest_multiple(3, 16, {}) == 16);
    CHECK(nearest_multiple(1080, 16, IntChoice({{1, 1080}})) == 1072);
    CHECK(nearest_multiple(1080, 16, IntChoice::only(1080)) == 1080);
    CHECK(nearest_multiple(1080, 1, {}) == 1080);
    FitRequest r = request({1920, 1080, 1}, {1920, 1088, 1}, Fit::contain);
    r.tolerance = 8; // of size-multiple=16: no border of four rows
    CHECK(text(lay_out(r).picture) == "0,0 1920x1088");
}

TEST_CASE("a pointer names the pixel that it lies on, in any orientation") {
    struct Row {
        const char* what;
        Size from, to;
        Orientation orientation;
        double x, y, source_x, source_y;
    };
    const Size vga{640, 480, 1}, hd{1920, 1080, 1};
    const Row rows[] = {
        {"the picture's left edge", vga, hd, upright, 240, 0, 0, 0},
        {"its middle", vga, hd, upright, 960, 540, 320, 240},
        {"in the border", vga, hd, upright, 0, 0, -106.6667, 0},
        {"mirrored: the first is the last", hd, hd, horizontal, 0, 10, 1919, 10},
        {"upside down", hd, hd, vertical, 7, 0, 7, 1079},
        {"half a turn", hd, hd, half, 0, 0, 1919, 1079},
        // Clockwise: the upper left corner of the output is the lower left one of the source.
        {"clockwise", {640, 480, 1}, {480, 640, 1}, right90, 0, 0, 0, 479},
        {"clockwise, right end", {640, 480, 1}, {480, 640, 1}, right90, 479, 639, 639, 0},
        {"counter-clockwise", {640, 480, 1}, {480, 640, 1}, left90, 0, 0, 639, 0},
        {"the diagonal", {640, 480, 1}, {480, 640, 1}, diagonal, 3, 5, 5, 3},
        {"the other one", {640, 480, 1}, {480, 640, 1}, other, 0, 0, 639, 479},
        {"anamorphic", {720, 576, {64, 45}}, hd, upright, 1918, 1078, 719.25, 574.9333},
    };
    for (const Row& row : rows) {
        CAPTURE(row.what);
        const Point at = pixel_in_source(geometry(row.from, row.to, row.orientation), {row.x, row.y});
        CHECK(at.x == doctest::Approx(row.source_x).epsilon(1e-6));
        CHECK(at.y == doctest::Approx(row.source_y).epsilon(1e-6));
    }
}

TEST_CASE("there and back is the same place") {
    for (const Orientation& o : all)
        for (const Fit fit : {Fit::fill, Fit::contain, Fit::cover, Fit::none}) {
            const Geometry g = geometry({720, 576, {16, 15}}, {1280, 720, 1}, o, fit);
            const Affine2 both = g.to_source() * g.to_output();
            for (const Point p : {Point{0, 0}, Point{719, 1}, Point{300, 575}}) {
                const Point q = both * p;
                CHECK(std::fabs(q.x - p.x) < 1e-9);
                CHECK(std::fabs(q.y - p.y) < 1e-9);
            }
        }
}

TEST_CASE("regions: moved, turned, cut, or not there") {
    struct Row {
        const char* what;
        Geometry geometry;
        Box region;
        const char* becomes;
    };
    const Size vga{640, 480, 1}, hd{1920, 1080, 1};
    const Geometry cropped{{{100, 50, 320, 180}, 640, 480}, {{0, 0, 640, 360}, 640, 360}, upright};
    const Row rows[] = {
        {"between borders", geometry(vga, hd), {0, 0, 640, 480}, "240,0 1440x1080"},
        {"a part", geometry(vga, hd), {320, 240, 324, 244}, "960,540 9x9"},
        {"mirrored", geometry(vga, vga, horizontal), {0, 0, 10, 20}, "630,0 10x20"},
        {"clockwise", geometry(vga, {480, 640, 1}, right90), {0, 0, 10, 20}, "460,0 20x10"},
        {"inside a crop", cropped, {110, 60, 120, 80}, "20,20 20x40"},
        {"cut by it", cropped, {90, 40, 110, 60}, "0,0 20x20"},
        {"outside of it", cropped, {0, 0, 100, 480}, "none"},
        {"smaller than a pixel", geometry({1920, 1080, 1}, {192, 108, 1}), {1919, 1079, 1920, 1080}, "191,107 1x1"},
    };
    for (const Row& row : rows) {
        CAPTURE(row.what);
        const auto seen = region_in_output(row.geometry, row.region);
        CHECK((seen ? text(*seen) : "none") == row.becomes);
    }
}

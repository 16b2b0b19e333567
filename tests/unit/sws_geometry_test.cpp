// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/geometry.hpp"

#include <doctest/doctest.h>

#include <climits>
#include <string>

using namespace onair;
using namespace onair::sws;

namespace {

std::string text(const Size& s) {
    return std::to_string(s.width) + "x" + std::to_string(s.height) + " " + to_text(s.par);
}
std::string text(const Rect& r) {
    return std::to_string(r.x) + "," + std::to_string(r.y) + " " + std::to_string(r.width) + "x" +
           std::to_string(r.height);
}

const IntChoice any_size;
const RatioChoice any_par;
const RatioChoice square = RatioChoice::only(Rational(1));
IntChoice only(int v) { return IntChoice::only(v); }
IntChoice range(int low, int high) { return IntChoice({{low, high}}); }

} // namespace

TEST_CASE("what the caps leave open is chosen so that the picture keeps its shape") {
    struct Row {
        const char* what;
        Size from;
        SizeChoice allowed;
        const char* becomes;
    };
    const Row rows[] = {
        {"nothing asked", {1920, 1080, 1}, {any_size, any_size, any_par}, "1920x1080 1/1"},
        {"nothing asked, anamorphic", {720, 576, {16, 15}}, {any_size, any_size, any_par}, "720x576 16/15"},
        {"height asked", {1920, 1080, 1}, {any_size, only(720), any_par}, "1280x720 1/1"},
        {"width asked", {1920, 1080, 1}, {only(1280), any_size, any_par}, "1280x720 1/1"},
        {"UHD to a small width", {3840, 2160, 1}, {only(640), any_size, square}, "640x360 1/1"},
        {"both asked, same shape", {3840, 2160, 1}, {only(640), only(360), any_par}, "640x360 1/1"},
        {"both asked, PAR open", {1920, 1080, 1}, {only(720), only(576), any_par}, "720x576 64/45"},
        {"both asked, PAR closed", {1920, 1080, 1}, {only(720), only(576), square}, "720x576 1/1"},
        {"square pixels asked, 4:3", {720, 576, {16, 15}}, {any_size, any_size, square}, "768x576 1/1"},
        {"square pixels asked, 16:9", {720, 576, {64, 45}}, {any_size, any_size, square}, "1024x576 1/1"},
        {"square pixels and width", {720, 576, {64, 45}}, {only(720), any_size, square}, "720x405 1/1"},
        {"a rounded width", {1920, 1080, 1}, {any_size, only(577), square}, "1026x577 1/1"},
        {"portrait", {1080, 1920, 1}, {any_size, only(720), square}, "405x720 1/1"},
        {"ranges hold the picture", {1920, 1080, 1}, {range(16, 4096), range(16, 4096), square}, "1920x1080 1/1"},
        {"ranges shrink the picture", {3840, 2160, 1}, {range(1, 1920), range(1, 1200), square}, "1920x1080 1/1"},
        {"both limited, PAR open", {1920, 2560, 1}, {range(1, 2048), range(1, 2048), any_par}, "1920x2048 4/5"},
        {"one limited, PAR open", {1920, 1080, 1}, {range(1, 1280), any_size, any_par}, "1280x720 1/1"},
        {"ranges grow the picture", {320, 180, 1}, {range(640, 4096), range(100, 4096), square}, "640x360 1/1"},
        {"a list of heights", {1920, 1080, 1}, {any_size, IntChoice({{480, 480}, {720, 720}}), square}, "1280x720 1/1"},
        {"the smallest", {1, 1, 1}, {any_size, any_size, any_par}, "1x1 1/1"},
        {"one row asked", {1920, 1080, 1}, {any_size, only(1), square}, "2x1 1/1"},
        {"one column asked", {1920, 1080, 1}, {only(1), any_size, square}, "1x1 1/1"},
    };
    for (const Row& row : rows) {
        CAPTURE(row.what);
        CHECK(text(choose_size(row.from, row.allowed)) == row.becomes);
    }
}

TEST_CASE("sizes and shapes at the limits of their types do not overflow") {
    const Size extreme{INT_MAX, 1, {INT_MAX, 1}};
    const Size chosen = choose_size(extreme, {any_size, only(INT_MAX), any_par});
    CHECK(chosen.height == INT_MAX);
    CHECK(chosen.width >= 1);
    CHECK(chosen.par.num <= INT_MAX);
    CHECK(chosen.par.den <= INT_MAX);
    const Rect at = place(extreme, {1, 1, 1}, true, 2, 2);
    CHECK(at == Rect{0, 0, 1, 1});
}

TEST_CASE("the allowed value nearest to the wanted one") {
    CHECK(IntChoice({{10, 20}, {30, 40}}).nearest(24) == 20);
    CHECK(IntChoice({{10, 20}, {30, 40}}).nearest(27) == 30);
    CHECK(IntChoice({{30, 40}, {10, 20}}).nearest(25) == 20); // the smaller one of two
    CHECK(IntChoice({{10, 20}}).nearest(1e30) == 20);
    CHECK(IntChoice().nearest(0.2) == 1);
    CHECK(IntChoice().nearest(1e30) == INT_MAX);
    CHECK(RatioChoice({{Rational(1, 2), Rational(2)}}).nearest(Rational(3)) == Rational(2));
    CHECK(RatioChoice({{Rational(1), Rational(1)}, {Rational(4, 3), Rational(4, 3)}}).nearest(Rational(5, 4)) ==
          Rational(4, 3));
}

TEST_CASE("where the picture lies in the frame") {
    struct Row {
        const char* what;
        Size from, to;
        bool borders;
        int align_x, align_y;
        const char* at;
    };
    const Row rows[] = {
        {"same shape", {3840, 2160, 1}, {1920, 1080, 1}, true, 2, 2, "0,0 1920x1080"},
        {"4:3 in 16:9", {640, 480, 1}, {1920, 1080, 1}, true, 2, 2, "240,0 1440x1080"},
        {"16:9 in 4:3", {1920, 1080, 1}, {640, 480, 1}, true, 2, 2, "0,60 640x360"},
        {"stretched", {640, 480, 1}, {1920, 1080, 1}, false, 2, 2, "0,0 1920x1080"},
        {"shape by PAR", {720, 576, {64, 45}}, {1920, 1080, 1}, true, 2, 2, "0,0 1920x1080"},
        {"4:3 by PAR", {720, 576, {16, 15}}, {1920, 1080, 1}, true, 2, 2, "240,0 1440x1080"},
        {"same size, other PAR", {1920, 1080, 1}, {1920, 1080, {4, 3}}, true, 2, 2, "240,0 1440x1080"},
        {"on chroma samples", {100, 100, 1}, {201, 99, 1}, true, 2, 2, "50,0 100x99"},
        {"no alignment", {100, 100, 1}, {201, 99, 1}, true, 1, 1, "51,0 99x99"},
        {"4:1:0", {100, 100, 1}, {203, 101, 1}, true, 4, 4, "52,0 100x101"},
        {"less than a chroma sample of border", {100, 100, 1}, {101, 100, 1}, true, 2, 2, "0,0 101x100"},
        {"one pixel", {1920, 1080, 1}, {1, 1, 1}, true, 2, 2, "0,0 1x1"},
        {"a line", {1920, 1080, 1}, {1920, 1, 1}, true, 2, 2, "958,0 2x1"},
        {"a column", {16, 9, 1}, {1, 1080, 1}, true, 2, 2, "0,538 1x2"},
    };
    for (const Row& row : rows) {
        CAPTURE(row.what);
        CHECK(text(place(row.from, row.to, row.borders, row.align_x, row.align_y)) == row.at);
    }
}

TEST_CASE("the picture is always inside the frame and borders never cut a chroma sample") {
    for (int width = 1; width < 40; ++width)
        for (int height = 1; height < 40; ++height)
            for (const int align : {1, 2, 4}) {
                const Rect at = place({16, 9, 1}, {width, height, 1}, true, align, align);
                REQUIRE(at.x >= 0);
                REQUIRE(at.y >= 0);
                REQUIRE(at.width >= 1);
                REQUIRE(at.height >= 1);
                REQUIRE(at.x + at.width <= width);
                REQUIRE(at.y + at.height <= height);
                REQUIRE(at.x % align == 0);
                REQUIRE(at.y % align == 0);
                if (at.x + at.width < width) REQUIRE(at.width % align == 0);
                if (at.y + at.height < height) REQUIRE(at.height % align == 0);
            }
}

// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/box_reader.hpp"
#include "engine/box_writer.hpp"
#include "tests/support/error_of.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>

using namespace onair;
using namespace onair::mov;
using namespace onair::test;

namespace {

std::vector<uint8_t> small_movie() {
    BoxWriter w;
    w.box("ftyp", [&] { w.text("qt  "); });
    w.box("moov", [&] {
        w.full_box("mvhd", 1, 0x000102, [&] { w.u64(0x0102030405060708); });
        w.box("trak", [&] {
            w.box("mdia", [&] {
                w.box("minf", [&] {
                    w.box("stbl", [&] {
                        w.full_box("stsd", 0, 0, [&] {
                            w.u32(1);
                            w.box("tmcd", [&] {
                                w.zeros(8);
                                w.box("name", [&] { w.text("A001"); });
                            });
                        });
                    });
                });
            });
        });
        w.box("udta", [&] { w.u32(0); });
    });
    return w.take();
}

} // namespace

TEST_CASE("what is written is read") {
    const std::vector<uint8_t> bytes = small_movie();
    const std::vector<Box> boxes = parse_boxes(bytes, 1000);
    REQUIRE(boxes.size() == 2);
    const Box& moov = boxes[1];
    CHECK(boxes[0].type == "ftyp");
    CHECK(moov.offset == 1012);
    CHECK(moov.all("trak").size() == 1);
    CHECK(moov.find("trak/mdia/none") == nullptr);
    CHECK(moov.find("trak/none/stbl") == nullptr);
    Fields mvhd(*moov.child("mvhd"));
    CHECK(mvhd.u8() == 1);
    CHECK(mvhd.u24() == 0x102);
    CHECK(mvhd.position() == moov.child("mvhd")->offset + 12);
    CHECK(mvhd.u64() == 0x0102030405060708);
    CHECK(mvhd.left() == 0);
    const Box* tmcd = moov.find("trak/mdia/minf/stbl/stsd/tmcd");
    REQUIRE(tmcd);
    const std::vector<Box> tail = parse_tail(*tmcd, 8);
    REQUIRE(tail.size() == 1);
    CHECK(Fields(tail[0]).text(4) == "A001");
}

TEST_CASE("numbers of all widths, negative ones as well") {
    BoxWriter w;
    w.u8(0x1ff);
    w.u16(0x0203);
    w.u24(0x040506);
    w.i16(-2);
    w.i32(-3);
    w.i64(-4);
    w.sized(0, 7);
    w.sized(1, 8);
    w.type("ab");
    Fields f(w.data(), "test");
    CHECK(f.u8() == 0xff);
    CHECK(f.u16() == 0x0203);
    CHECK(f.u24() == 0x040506);
    CHECK(f.i16() == -2);
    CHECK(f.i32() == -3);
    CHECK(f.i64() == -4);
    CHECK(f.sized(0) == 7);
    CHECK(f.sized(1) == 8);
    CHECK(f.text(4) == "ab  ");
    CHECK(error_of([&] { f.u8(); }).find("\"test\"") != std::string::npos);
}

TEST_CASE("a 64-bit size is understood, a size of 0 reaches to the end") {
    const std::vector<uint8_t> large = {0, 0, 0, 1, 'm', 'd', 'a', 't', 0, 0, 0, 0, 0, 0, 0, 17, 9};
    const std::vector<Box> boxes = parse_boxes(large);
    CHECK(boxes.at(0).header == 16);
    CHECK(boxes.at(0).content().size() == 1);
    const std::vector<uint8_t> open = {0, 0, 0, 0, 'm', 'd', 'a', 't', 1, 2, 3};
    CHECK(parse_boxes(open).at(0).content().size() == 3);
}

TEST_CASE("outer boxes of a file larger than memory") {
    const uint64_t size = uint64_t{5} << 30;
    const ReadAt read = [&](uint64_t at, std::span<uint8_t> into) {
        BoxWriter w;
        if (at == 0) {
            w.u32(1);
            w.type("mdat");
            w.u64(size - 8);
        } else {
            w.u32(0);
            w.type("free");
        }
        std::copy_n(w.data().begin(), std::min(into.size(), w.size()), into.begin());
        return true;
    };
    const std::vector<OuterBox> found = outer_boxes(size, read);
    REQUIRE(found.size() == 2);
    CHECK(found[0].header == 16);
    CHECK(found[1].offset == size - 8);
    CHECK(found[1].to_end);
    CHECK(has(error_of([&] { outer_boxes(size - 16, read); }), "leaves the file"));
    CHECK(has(error_of([&] { outer_boxes(3, read); }), "no box"));
    CHECK(has(error_of([&] { outer_boxes(8, [](auto, auto) { return false; }); }), "cannot be read at byte 0"));
    const std::vector<uint8_t> damaged = {0, 0, 0, 16, 0x90, 'b', 0xff, 1, 0, 0, 0, 8};
    CHECK(has(error_of([&] { parse_boxes(damaged); }), "the box \"?b??\" at byte 0")); // a message is text
}

TEST_CASE("what is no file is refused with place and reason") {
    struct Row {
        std::vector<uint8_t> bytes;
        const char* says;
    };
    const Row rows[] = {
        {{0, 0, 0, 7, 'm', 'o', 'o', 'v'}, "leaves the box around it"},
        {{0, 0, 0, 9, 'm', 'o', 'o', 'v'}, "leaves the box around it"},
        {{0, 0, 0, 1, 'm', 'o', 'o', 'v'}, "its size is cut off"},
        {{0, 0, 0, 8, 'f', 'r', 'e', 'e', 0}, "at byte 8"},
        {{0, 0, 0, 12, 'm', 'o', 'o', 'v', 0, 0, 0, 0}, "bytes are left over"},
    };
    for (const Row& row : rows)
        CHECK_MESSAGE(has(error_of([&] { parse_boxes(row.bytes); }), row.says), row.says);
}

TEST_CASE("limits on depth, count and size hold") {
    BoxWriter deep;
    const auto nest = [&](auto&& self, int n) -> void {
        deep.box("trak", [&] {
            if (n) self(self, n - 1);
        });
    };
    nest(nest, 50);
    CHECK(has(error_of([&] { parse_boxes(deep.data()); }), "nested, the limit is 12"));
    BoxWriter many;
    for (int i = 0; i < 11; ++i)
        many.box("free", [] {});
    CHECK(has(error_of([&] { parse_boxes(many.data(), 0, {.count = 10}); }), "in all, the limit is 10"));
    CHECK(has(error_of([&] { parse_boxes(many.data(), 0, {.size = 10}); }), "bytes, the limit is 10"));
    CHECK(has(error_of([] {
                  const std::vector<uint8_t> lie = {0, 0, 0xff, 0xff, 1};
                  Fields(std::span(lie), "stts").count(8);
              }),
              "fewer entries than it says"));
}

TEST_CASE("any damage is read or refused, never more") {
    const std::vector<uint8_t> good = small_movie();
    std::mt19937 random(4);
    for (int round = 0; round < 20000; ++round) {
        std::vector<uint8_t> bad = good;
        for (int flips = 0; flips < 3; ++flips)
            bad[random() % bad.size()] ^= static_cast<uint8_t>(1 << random() % 8);
        bad.resize(bad.size() - random() % 20);
        error_of([&] { parse_boxes(bad); });
    }
}

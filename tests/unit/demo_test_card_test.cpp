// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "test_card.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

using onair::demo::CardFrame;
using onair::demo::TestCard;

namespace {

/// A frame with eight bytes behind each row that must stay as they are.
struct Memory {
    Memory(int width, int height) {
        for (size_t p = 0; p < 3; ++p) {
            frame.stride[p] = (p ? width / 2 : width) * 2 + 8;
            bytes[p].assign(static_cast<size_t>(frame.stride[p]) * static_cast<size_t>(height), 0xEE);
            frame.plane[p] = bytes[p].data();
        }
    }
    int at(size_t p, int x, int y) const {
        const uint8_t* sample = frame.plane[p] + frame.stride[p] * y + x * 2;
        return sample[0] | sample[1] << 8;
    }
    std::vector<uint8_t> bytes[3];
    CardFrame frame;
};

} // namespace

TEST_CASE("the bars are 75% BT.709 in 10 bits, limited range") {
    constexpr int width = 1920, height = 1080;
    const TestCard card(width, height);
    Memory m(width, height);
    card.draw(m.frame, 0, "");
    struct Bar {
        int y, cb, cr;
    };
    // 64 + 876 * Y', 512 + 896 * (B'-Y')/1.8556 and (R'-Y')/1.5748: SMPTE RP 219's values of the same bars.
    const Bar bars[] = {{721, 512, 512}, {674, 176, 543}, {581, 589, 176}, {534, 253, 207},
                        {251, 771, 817}, {204, 435, 848}, {111, 848, 481}};
    for (int i = 0; i < 7; ++i) {
        const int x = width * (2 * i + 1) / 14;
        CAPTURE(i);
        CHECK(m.at(0, x, 10) == bars[i].y);
        CHECK(m.at(1, x / 2, 10) == bars[i].cb);
        CHECK(m.at(2, x / 2, 10) == bars[i].cr);
    }
    CHECK(m.at(0, 20, height - 1) < 80); // behind the moving line, the ramp is at its dark end
    CHECK(m.at(0, width - 1, height - 1) == 940);
}

TEST_CASE("the text is drawn in white on black and changes with the frame") {
    const TestCard card(640, 360);
    Memory a(640, 360), b(640, 360);
    card.draw(a.frame, 0, "01:00:00:00");
    card.draw(b.frame, 0, "01:00:00:01");
    const auto middle = [&](const Memory& m, int luma) {
        int n = 0;
        for (int y = 150; y < 210; ++y)
            for (int x = 0; x < 640; ++x)
                n += m.at(0, x, y) == luma;
        return n;
    };
    CHECK(middle(a, 940) > 1000);
    CHECK(middle(a, 64) > middle(a, 940));
    CHECK(a.bytes[0] != b.bytes[0]);
}

TEST_CASE("nothing is written behind a row, even in the smallest card") {
    for (const auto& [width, height] : {std::pair{2, 2}, std::pair{16, 9}, std::pair{100, 33}}) {
        const TestCard card(width, height);
        Memory m(width, height);
        card.draw(m.frame, 7, "23:59:59;29");
        for (size_t p = 0; p < 3; ++p)
            for (int y = 0; y < height; ++y) {
                const uint8_t* end = m.frame.plane[p] + m.frame.stride[p] * (y + 1);
                CHECK(std::all_of(end - 8, end, [](uint8_t byte) { return byte == 0xEE; }));
            }
    }
}

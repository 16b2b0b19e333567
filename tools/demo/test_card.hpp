// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace onair::demo {

/// Memory for one frame: planar Y'CbCr 4:2:2, 10 bits in 16-bit little-endian words (I422_10LE).
struct CardFrame {
    std::array<uint8_t*, 3> plane{};
    std::array<int, 3> stride{}; ///< bytes
};

/// A picture to measure by: 75% colour bars above a grey ramp (BT.709, limited range), a line that moves sixteen
/// samples a frame, and a text in a black box. Rows are made once; a frame is mostly copying.
class TestCard {
  public:
    /// width is even, both are at least 2.
    TestCard(int width, int height);

    /// Frame `number` with `text` ("0123456789:;" are drawn, others are blanks).
    void draw(const CardFrame& frame, int64_t number, std::string_view text) const;

    int width() const noexcept { return width_; }
    int height() const noexcept { return height_; }

  private:
    struct Row {
        std::array<std::vector<uint16_t>, 3> samples;
    };
    Row make_row() const;
    void fill(const CardFrame& frame, int x, int y, int width, int height, uint16_t luma) const;
    void draw_text(const CardFrame& frame, std::string_view text) const;

    int width_, height_;
    Row bars_, ramp_;
};

} // namespace onair::demo

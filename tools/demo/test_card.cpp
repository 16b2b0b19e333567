// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "test_card.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace onair::demo {

namespace {

constexpr uint16_t black = 64, white = 940, neutral = 512; // 10 bit, limited range (BT.709 section 3)

struct Colour {
    double r, g, b;
};
constexpr std::array<Colour, 7> bars{
    {{.75, .75, .75}, {.75, .75, 0}, {0, .75, .75}, {0, .75, 0}, {.75, 0, .75}, {.75, 0, 0}, {0, 0, .75}}};

/// BT.709: Y' = 0.2126 R' + 0.7152 G' + 0.0722 B', in 10-bit code values.
std::array<uint16_t, 3> code(const Colour& c) {
    const double y = 0.2126 * c.r + 0.7152 * c.g + 0.0722 * c.b;
    const auto chroma = [&](double primary, double scale) {
        return static_cast<uint16_t>(std::lround(neutral + 896 * (primary - y) / scale));
    };
    return {static_cast<uint16_t>(std::lround(black + 876 * y)), chroma(c.b, 1.8556), chroma(c.r, 1.5748)};
}

/// Glyphs of five columns and seven rows, the leftmost column in bit 4.
struct Glyph {
    char character;
    std::array<uint8_t, 7> rows;
};
constexpr Glyph glyphs[] = {
    {'0', {14, 17, 19, 21, 25, 17, 14}}, {'1', {4, 12, 4, 4, 4, 4, 14}},   {'2', {14, 17, 1, 2, 4, 8, 31}},
    {'3', {31, 2, 4, 2, 1, 17, 14}},     {'4', {2, 6, 10, 18, 31, 2, 2}},  {'5', {31, 16, 30, 1, 1, 17, 14}},
    {'6', {6, 8, 16, 30, 17, 17, 14}},   {'7', {31, 1, 2, 4, 8, 8, 8}},    {'8', {14, 17, 17, 14, 17, 17, 14}},
    {'9', {14, 17, 17, 15, 1, 2, 12}},   {':', {0, 12, 12, 0, 12, 12, 0}}, {';', {0, 12, 12, 0, 12, 4, 8}},
};
constexpr int glyph_width = 6, glyph_height = 8; // with the gap to the next

const Glyph* glyph_of(char c) {
    const auto at =
        std::find_if(std::begin(glyphs), std::end(glyphs), [=](const Glyph& g) { return g.character == c; });
    return at == std::end(glyphs) ? nullptr : at;
}

} // namespace

TestCard::TestCard(int width, int height) : width_(width), height_(height), bars_(make_row()), ramp_(make_row()) {
    for (int x = 0; x < width_; ++x) {
        const auto bar = code(bars[static_cast<size_t>(x * 7 / width_)]);
        const size_t luma = static_cast<size_t>(x), chroma = luma / 2;
        bars_.samples[0][luma] = bar[0];
        bars_.samples[1][chroma] = bar[1];
        bars_.samples[2][chroma] = bar[2];
        ramp_.samples[0][luma] = static_cast<uint16_t>(black + int64_t{white - black} * x / (width_ - 1));
    }
}

TestCard::Row TestCard::make_row() const {
    const size_t width = static_cast<size_t>(width_);
    return {{std::vector<uint16_t>(width, black), std::vector<uint16_t>(width / 2, neutral),
             std::vector<uint16_t>(width / 2, neutral)}};
}

/// A grey rectangle, cut to the frame.
void TestCard::fill(const CardFrame& frame, int x, int y, int width, int height, uint16_t luma) const {
    const int x0 = std::clamp(x, 0, width_) & ~1, x1 = std::clamp(x + width, 0, width_) & ~1;
    const int y0 = std::clamp(y, 0, height_), y1 = std::clamp(y + height, 0, height_);
    for (int row = y0; row < y1; ++row)
        for (size_t p = 0; p < 3; ++p) {
            const int shift = p ? 1 : 0;
            auto* samples = reinterpret_cast<uint16_t*>(frame.plane[p] + ptrdiff_t{row} * frame.stride[p]);
            std::fill(samples + (x0 >> shift), samples + (x1 >> shift), p ? neutral : luma);
        }
}

void TestCard::draw_text(const CardFrame& frame, std::string_view text) const {
    const int length = static_cast<int>(text.size());
    const int dot = std::max(2, width_ / (glyph_width * std::max(length, 11) * 2)) & ~1; // half of the width
    const int left = (width_ - length * glyph_width * dot) / 2, top = (height_ - glyph_height * dot) / 2;
    fill(frame, left - dot, top - dot, (length * glyph_width + 1) * dot, (glyph_height + 1) * dot, black);
    for (int i = 0; i < length; ++i) {
        const Glyph* glyph = glyph_of(text[static_cast<size_t>(i)]);
        for (int row = 0; glyph && row < 7; ++row)
            for (int column = 0; column < 5; ++column)
                if (glyph->rows[static_cast<size_t>(row)] >> (4 - column) & 1)
                    fill(frame, left + (i * glyph_width + column) * dot, top + row * dot, dot, dot, white);
    }
}

void TestCard::draw(const CardFrame& frame, int64_t number, std::string_view text) const {
    const int ramp_top = height_ * 2 / 3;
    for (int y = 0; y < height_; ++y) {
        const Row& row = y < ramp_top ? bars_ : ramp_;
        for (size_t p = 0; p < 3; ++p)
            std::memcpy(frame.plane[p] + ptrdiff_t{y} * frame.stride[p], row.samples[p].data(),
                        row.samples[p].size() * sizeof(uint16_t));
    }
    fill(frame, static_cast<int>(number * 16 % width_), ramp_top, 16, height_ - ramp_top, white);
    draw_text(frame, text);
}

} // namespace onair::demo

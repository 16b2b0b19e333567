// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/dither.hpp"

#include "engine/row_loops.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace onair::sws {

namespace {

/// Where an error goes: to the right, and to the left, middle and right of the next row.
struct Weights {
    Dither dither;
    float right, down_left, down, down_right;
};
constexpr Weights weights[] = {
    {Dither::verterr, 0, 0, 1, 0},
    {Dither::floyd_steinberg, 7.0F / 16, 3.0F / 16, 5.0F / 16, 1.0F / 16},
    {Dither::sierra_lite, 2.0F / 4, 1.0F / 4, 1.0F / 4, 0},
};

} // namespace

/// Bayer's matrix: the bits of x ^ y and y taken alternately, lowest first.
int ordered_pattern(int x, int y) {
    int value = 0;
    for (int bit = 0; bit < 4; ++bit)
        value |= (((x ^ y) >> bit & 1) << (7 - 2 * bit)) | ((y >> bit & 1) << (6 - 2 * bit));
    return value;
}

bool diffuses(Dither dither) { return dither != Dither::none && dither != Dither::bayer; }

Quantiser::Quantiser(const Spec& spec) : spec_(spec) {
    const float step = static_cast<float>(spec.step);
    largest_ = std::floor(static_cast<float>((1 << spec.depth) - 1) / step);
    spec_.scale /= step;
    spec_.offset /= step;
    begin();
    for (int y = 0; y < side; ++y)
        for (int x = 0; x < side; ++x) {
            // The half that rounds is in the pattern; its mean over the matrix is exactly 1/2.
            const float add =
                spec.dither == Dither::bayer ? (static_cast<float>(ordered_pattern(x, y)) + 0.5F) / 256 : 0.5F;
            pattern_[static_cast<size_t>(y)][static_cast<size_t>(x)] = spec_.offset + add;
        }
}

void Quantiser::begin() {
    if (diffuses(spec_.dither)) error_.assign(static_cast<size_t>(spec_.columns) + 2, 0);
}

void Quantiser::quantise(const float* in, uint16_t* out, int row) {
    if (diffuses(spec_.dither))
        diffused(in, out);
    else
        ordered(in, out, row);
    if (spec_.step > 1)
        for (int x = 0; x < spec_.columns; ++x)
            out[x] = static_cast<uint16_t>(out[x] * spec_.step);
}

void Quantiser::ordered(const float* in, uint16_t* out, int row) const {
    loops::quantise(in, spec_.scale, pattern_[static_cast<size_t>(row % side)].data(), largest_, out,
                    static_cast<size_t>(spec_.columns));
}

void Quantiser::diffused(const float* in, uint16_t* out) {
    Weights w = weights[0];
    for (const Weights& row : weights)
        if (row.dither == spec_.dither) w = row;
    const size_t columns = static_cast<size_t>(spec_.columns);
    std::vector<float> next(columns + 2, 0);
    float carried = 0;
    for (size_t x = 0; x < columns; ++x) {
        const float wanted = in[x] * spec_.scale + spec_.offset + error_[x + 1] + carried;
        const float value = std::clamp(std::floor(wanted + 0.5F), 0.0F, largest_);
        const float error = std::clamp(wanted - value, -1.0F, 1.0F); // what clipping takes away is not owed
        out[x] = static_cast<uint16_t>(value);
        carried = error * w.right;
        next[x] += error * w.down_left;
        next[x + 1] += error * w.down;
        next[x + 2] += error * w.down_right;
    }
    error_.swap(next);
}

} // namespace onair::sws

// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/fast/row_chain.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace onair::sws::fast {

namespace {

uint16_t* words(uint8_t* bytes) { return reinterpret_cast<uint16_t*>(bytes); }
const uint16_t* words(const uint8_t* bytes) { return reinterpret_cast<const uint16_t*>(bytes); }

} // namespace

void Rows::make(int y, uint8_t* out, size_t bytes) { std::memcpy(out, row(y), bytes); }

ConstantRows::ConstantRows(uint16_t value, size_t columns, bool wide) : row_(columns * (wide ? 2 : 1)) {
    if (wide)
        std::fill_n(words(row_.data()), columns, value);
    else
        std::fill_n(row_.data(), columns, static_cast<uint8_t>(value));
}

PlainRows::PlainRows(Rows& source, const FastProgram::Component& program, size_t columns_in, size_t columns_out,
                     int rows_in, bool wide, bool wide_out)
    : source_(source), program_(program), columns_in_(columns_in), columns_out_(columns_out), rows_in_(rows_in),
      wide_(wide), wide_out_(wide_out), sums_(2 * columns_in), filtered_(2 * columns_out), out_(2 * columns_out) {}

const uint8_t* PlainRows::row(int y) {
    make(y, out_.data(), 0);
    return out_.data();
}

void PlainRows::make(int y, uint8_t* out, size_t) {
    if (program_.columns.identity && !program_.rows.identity) return blended(y, out);
    if (program_.columns.identity) { // another depth alone
        const uint8_t* in = source_row(y);
        if (wide_) return finish(words(in), out, y);
        std::memcpy(out, in, columns_out_);
        return;
    }
    sums(y, words(sums_.data()));
    filtered(words(sums_.data()), words(filtered_.data()));
    finish(words(filtered_.data()), out, y);
}

const uint8_t* PlainRows::source_row(int y) { return source_.row(std::clamp(y, 0, rows_in_ - 1)); }

void PlainRows::blended(int y, uint8_t* out) {
    const Blend& b = program_.rows.blend[static_cast<size_t>(y)];
    const Pattern& add = program_.add[static_cast<size_t>(y % 16)];
    std::array<const uint8_t*, 4> in{};
    for (int t = 0; t < b.taps; ++t)
        in[static_cast<size_t>(t)] = source_row(program_.rows.first[static_cast<size_t>(y)] + t);
    if (!wide_) return blend(in.data(), b, out, columns_out_, program_.depth, add);
    std::array<const uint16_t*, 4> wide{};
    std::transform(in.begin(), in.end(), wide.begin(), [](const uint8_t* p) { return words(p); });
    if (wide_out_)
        blend(wide.data(), b, words(out), columns_out_, program_.depth, add);
    else
        blend(wide.data(), b, out, columns_out_, program_.depth, add);
}

void PlainRows::sums(int y, uint16_t* out) {
    Blend b{1, {1}};
    int first = y;
    if (!program_.rows.identity) {
        b = program_.rows.blend[static_cast<size_t>(y)];
        first = program_.rows.first[static_cast<size_t>(y)];
    }
    std::array<const uint8_t*, 4> in{};
    for (int t = 0; t < b.taps; ++t)
        in[static_cast<size_t>(t)] = source_row(first + t);
    if (!wide_) return blend_raw(in.data(), b, out, columns_in_);
    std::array<const uint16_t*, 4> wide{};
    std::transform(in.begin(), in.end(), wide.begin(), [](const uint8_t* p) { return words(p); });
    blend_raw(wide.data(), b, out, columns_in_, program_.depth.mask);
}

/// `in` gets its outermost samples repeated into the margins.
void PlainRows::filtered(const uint16_t* samples, uint16_t* out) {
    constexpr size_t reach = 8;
    auto* in = const_cast<uint16_t*>(samples);
    std::fill_n(in - reach, reach, in[0]);
    std::fill_n(in + columns_in_, reach, in[columns_in_ - 1]);
    const Weights& w = program_.columns;
    const auto one = [&](size_t i) {
        uint32_t sum = 0;
        for (int t = 0; t < w.blend[i].taps; ++t)
            sum += static_cast<uint32_t>(in[w.first[i] + t]) * w.blend[i].weights[static_cast<size_t>(t)];
        out[i] = static_cast<uint16_t>(sum);
    };
    size_t done = 0;
    if (w.period == 1 && w.advance == 1) {
        filter_same(in + w.first[0], w.blend[0], out, columns_out_);
        done = columns_out_;
    } else if (w.period == 1 && w.advance == 2) {
        filter_halving(in + w.first[0], w.blend[0], out, columns_out_);
        done = columns_out_;
    } else if (w.period == 2 && w.advance == 1) {
        filter_doubling(in + w.first[0], w.blend[0], in + w.first[1], w.blend[1], out, columns_out_ / 2);
        done = columns_out_ / 2 * 2;
    }
    for (; done < columns_out_; ++done)
        one(done);
}

void PlainRows::finish(const uint16_t* in, uint8_t* out, int y) const {
    const Pattern& add = program_.add[static_cast<size_t>(y % 16)];
    Depth depth = program_.depth;
    if (!program_.columns.identity) depth.mask = 0xFFFF; // of the samples, not of their sums
    if (wide_out_)
        change(in, words(out), columns_out_, depth, add);
    else
        change(in, out, columns_out_, depth, add);
}

} // namespace onair::sws::fast

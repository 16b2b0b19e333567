// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/fast/colour_rows.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace onair::sws::fast {

namespace {

/// Numbers that are no code values yet: words have their half in WordMatrix::add.
constexpr MixRounding between = [] {
    MixRounding r;
    for (float& half : r.floats)
        half = 0.5F;
    return r;
}();

} // namespace

ColourRows::ColourRows(const ColourProgram& program, const std::array<Rows*, 3>& sources, bool wide)
    : program_(program), sources_(sources), wide_(wide), wide_out_(program.out_bits > 8),
      width_(static_cast<size_t>(program.width)), half_width_((width_ + 1) / 2) {
    for (RowBuffer& row : made_)
        row = RowBuffer(2 * width_);
    if (program.lift) {
        for (Words& row : blended_)
            row.resize(half_width_ + RowBuffer::margin / 2);
        for (RowBuffer& row : tints_)
            row = RowBuffer(2 * half_width_);
        for (Lifted& lifted : lifted_)
            for (Words& row : lifted.rows)
                row.resize(width_);
    }
    if (!program.halving) return;
    for (Words& row : columns_)
        row.resize(half_width_);
    if (!program.halving->rows) return;
    for (Halved& halved : halved_)
        for (Words& row : halved.rows)
            row.resize(half_width_);
}

void ColourRows::take_pixels(PlaneRows& plane, const PixelOffsets& offsets) {
    if (!program_.halving || program_.all.sums != ColourProgram::Sums::words) return;
    const ColourProgram::Halving& halving = *program_.halving;
    if (halving.rows && !halving.pairs) return;
    pixels_ = &plane;
    pixel_matrix_ = {offsets, halving.site, program_.all.words, program_.chroma.words};
    if (!halving.rows) return;
    pixel_matrix_.chroma = halving.pairs->chroma;
    sums_.resize(pair_sums(width_));
    for (RowBuffer& row : pair_luma_)
        row = RowBuffer(2 * width_);
}

void ColourRows::begin(int begin, int end) {
    begin_ = begin;
    end_ = end;
    targets_ = {};
    held_ = {-1, -1, -1};
    pair_ = -1;
    for (Lifted& lifted : lifted_)
        lifted.y = -1;
    for (Halved& halved : halved_)
        halved.y = -1;
}

bool ColourRows::write_to(size_t component, const PlaneView& plane, bool streams) {
    if (pixels_) targets_[component] = {plane, streams};
    return pixels_ != nullptr;
}

/// Where pixels lead to. Rows of other bands, which come beside those of this one, are nobody's.
OutRow ColourRows::place_of(size_t component, int row) {
    const PlaneView& plane = targets_[component].plane;
    const int shift = component > 0 && is_in_pairs() ? 1 : 0;
    if (plane.data && row << shift >= begin_ && row << shift < end_)
        return {plane.data + static_cast<ptrdiff_t>(row) * plane.stride, wide_out_};
    if (component == 0 && is_in_pairs()) return {pair_luma_[static_cast<size_t>(row % 2)].data(), wide_out_};
    return made(component);
}

const uint8_t* ColourRows::row(size_t component, int row) {
    if (pixels_) return row_of_pixels(component, row);
    if (held_[component] == row) return made_[component].data();
    if (program_.halving && component > 0) {
        make_chroma(row);
        held_[1] = held_[2] = row;
        return made_[component].data();
    }
    held_[0] = row;
    if (program_.halving) {
        make_luma(row, made(0));
        return made_[0].data();
    }
    held_[1] = held_[2] = row;
    if (program_.all.sums == ColourProgram::Sums::halves) {
        const std::array<uint8_t*, 3> bytes{made_[0].data(), made_[1].data(), made_[2].data()};
        mix_halves(program_.all.halves, program_.lift->site, tinted(row), bytes.data(), rounding_of(program_.all, row),
                   width_);
    } else {
        const std::array<OutRow, 3> out{made(0), made(1), made(2)};
        mix(program_.all, on_luma_grid(row).data(), out.data(), row, width_);
    }
    return made_[component].data();
}

void ColourRows::make(size_t component, int row, uint8_t* out, size_t bytes) {
    if (program_.halving && component == 0 && !pixels_) return make_luma(row, {out, wide_out_}); // it comes alone
    std::memcpy(out, this->row(component, row), bytes);
}

/// With `halving`.
void ColourRows::make_luma(int y, const OutRow& out) { mix(program_.all, on_luma_grid(y).data(), &out, y, width_); }

/// Luma and chroma come together; held_ knows chroma's rows.
const uint8_t* ColourRows::row_of_pixels(size_t component, int row) {
    const auto* at = static_cast<const uint8_t*>(place_of(component, row).at);
    if (!is_in_pairs()) {
        if (held_[0] != row) mix_pixel_row(row);
        return at;
    }
    const int pair = component > 0 ? row + 1 : (row + 1) / 2;
    if (component > 0 && held_[1] != row && pair_ != row) mix_pair(row); // what is above it
    if (component > 0 ? held_[1] != row : pair_ != pair) mix_pair(pair);
    return at;
}

/// Luma and, beside it, chroma of 4:2:2.
void ColourRows::mix_pixel_row(int y) {
    const MixRounding& rounding = program_.rounding[static_cast<size_t>(y % 16)];
    const ChromaRow chroma{{place_of(1, y), place_of(2, y)}, &rounding, targets_[1].streams};
    mix_pixels(pixel_matrix_, {pixels_->raw(y), place_of(0, y), &rounding, targets_[0].streams}, chroma, width_);
    held_ = {y, y, y};
}

/// Rows 2 * pair - 1 and 2 * pair of luma; and of chroma the row between the pair and the one before.
void ColourRows::mix_pair(int pair) {
    const bool follows = pair_ >= 0 && pair_ + 1 == pair;
    std::array<PixelRow, 2> rows;
    for (int i = 0; i < 2; ++i) {
        const int place = 2 * pair - 1 + i, y = std::clamp(place, 0, program_.height - 1);
        OutRow luma = place_of(0, y);
        if (y != place) luma = {pair_luma_[static_cast<size_t>(place & 1)].data(), wide_out_}; // it is there already
        rows[static_cast<size_t>(i)] = {pixels_->raw(y), luma, &program_.rounding[static_cast<size_t>(y % 16)],
                                        targets_[0].streams};
    }
    // Before the first pair follows another, chroma is made of nothing.
    const OutRow u = follows ? place_of(1, pair - 1) : made(1), v = follows ? place_of(2, pair - 1) : made(2);
    const ChromaRow chroma{{u, v}, &program_.rounding[static_cast<size_t>((pair + 15) % 16)], targets_[1].streams};
    mix_pixel_pairs(pixel_matrix_, program_.halving->pairs->weights, rows, sums_.data(), chroma, width_);
    held_[1] = held_[2] = follows ? pair - 1 : -1;
    pair_ = pair;
}

std::array<InRow, 3> ColourRows::on_luma_grid(int y) {
    std::array<InRow, 3> rows{InRow{sources_[0]->row(y), wide_}};
    if (!program_.lift) {
        rows[1] = {sources_[1]->row(y), wide_};
        rows[2] = {sources_[2]->row(y), wide_};
        return rows;
    }
    Lifted& lifted = lifted_[static_cast<size_t>(y) % lifted_.size()];
    if (lifted.y != y) lift(y, lifted);
    for (size_t c = 0; c < 2; ++c)
        rows[c + 1] = {lifted.rows[c].data(), true};
    return rows;
}

/// A chroma component between its rows, at luma row `y`.
void ColourRows::blend_chroma(int y, size_t component, Words& out) {
    const ColourProgram::Lift& lift = *program_.lift;
    RowBlend blend;
    blend.add = lift.blend_add;
    blend.down = lift.blend_down;
    blend.weight = {static_cast<int16_t>(1 << lift.whole), 0};
    std::array<int, 2> at{y, y};
    if (!lift.rows.identity) {
        const size_t taps = static_cast<size_t>(lift.rows.taps), place = static_cast<size_t>(y);
        size_t used = 0;
        blend.weight = {};
        for (size_t t = 0; t < taps; ++t) {
            const float weight = lift.rows.weights[place * taps + t];
            if (weight == 0) continue;
            at[used] = std::clamp(lift.rows.first[place] + static_cast<int>(t), 0, lift.rows.inputs - 1);
            blend.weight[used++] = static_cast<int16_t>(std::ldexp(weight, lift.whole));
        }
    }
    std::array<InRow, 2> rows{InRow{sources_[component]->row(at[0]), wide_}};
    if (blend.weight[1] != 0) rows[1] = {sources_[component]->row(at[1]), wide_};
    blend_rows(blend, rows.data(), out.data(), half_width_);
}

/// Both chroma components on the luma grid.
void ColourRows::lift(int y, Lifted& out) {
    const ColourProgram::Lift& lift = *program_.lift;
    for (size_t c = 0; c < 2; ++c) {
        blend_chroma(y, c + 1, blended_[c]);
        double_columns(lift.site, lift.down, blended_[c].data(), half_width_, out.rows[c].data(), width_);
    }
    out.y = y;
}

/// A row's luma, and what its chroma adds.
HalfColour ColourRows::tinted(int y) {
    for (size_t c = 0; c < 2; ++c)
        blend_chroma(y, c + 1, blended_[c]);
    HalfColour colour{{sources_[0]->row(y), wide_}, {}};
    for (size_t c = 0; c < 3; ++c)
        colour.tints[c] = reinterpret_cast<uint16_t*>(tints_[c].data());
    make_tints(program_.all.halves, blended_[0].data(), blended_[1].data(), colour.tints, half_width_);
    return colour;
}

bool ColourRows::makes_pixels(const PixelOffsets& offsets) const {
    return !program_.halving && program_.all.sums == ColourProgram::Sums::halves && are_in_turn(offsets);
}

void ColourRows::make_pixels(int row, const PixelOffsets& offsets, bool stream, uint8_t* out) {
    mix_halves_to_pixels(program_.all.halves, program_.lift->site, tinted(row), offsets, stream, out,
                         rounding_of(program_.all, row), width_);
}

const MixRounding& ColourRows::rounding_of(const ColourProgram::Mix& mix, int row) const {
    return mix.whole ? program_.rounding[static_cast<size_t>(row % 16)] : between;
}

void ColourRows::mix(const ColourProgram::Mix& mix, const InRow* in, const OutRow* out, int row, size_t count) const {
    const MixRounding& rounding = rounding_of(mix, row);
    if (mix.sums == ColourProgram::Sums::floats) return mix_floats(mix.floats, in, out, rounding, count);
    mix_words(mix.words, in, out, rounding, count);
}

void ColourRows::make_chroma(int row) {
    if (program_.halving->rows) return filter_chroma(row);
    const std::array<OutRow, 2> out{made(1), made(2)};
    halve(row, out.data());
}

/// The columns of what chroma is made of, for one luma row, and the matrix.
void ColourRows::halve(int y, const OutRow* out) {
    const ColourProgram::Halving& halving = *program_.halving;
    const std::array<InRow, 3> rows = on_luma_grid(y);
    std::array<InRow, 3> in;
    for (size_t c = program_.chroma_alone ? 1 : 0; c < 3; ++c) {
        halve_columns(halving.site, halving.guarded, rows[c], width_, columns_[c].data());
        in[c] = {columns_[c].data(), true};
    }
    if (program_.chroma_alone) in[0] = in[1]; // its factor is 0
    mix(program_.chroma, in.data(), out, y, half_width_);
}

const ColourRows::Halved& ColourRows::halved(int y) {
    Halved& at = halved_[static_cast<size_t>(y) % halved_.size()];
    if (at.y != y) {
        const std::array<OutRow, 2> out{OutRow{at.rows[0].data(), true}, OutRow{at.rows[1].data(), true}};
        halve(y, out.data());
        at.y = y;
    }
    return at;
}

/// Chroma row `row` of 4:2:0.
void ColourRows::filter_chroma(int row) {
    const Filter& f = program_.halving->filter;
    WordMatrix m = program_.halving->last;
    std::array<std::array<InRow, 4>, 2> in;
    const size_t taps = static_cast<size_t>(f.taps), place = static_cast<size_t>(row);
    for (size_t t = 0; t < 4; ++t) {
        const int y = std::clamp(f.first[place] + static_cast<int>(std::min(t, taps - 1)), 0, f.inputs - 1);
        const Halved& from = halved(y);
        for (size_t c = 0; c < 2; ++c)
            in[c][t] = {from.rows[c].data(), true};
        if (t < taps) m.factor[0][t] = static_cast<int16_t>(std::lrint(std::ldexp(f.weights[place * taps + t], 14)));
    }
    const MixRounding& rounding = program_.rounding[static_cast<size_t>(row % 16)];
    for (size_t c = 0; c < 2; ++c) {
        const OutRow out = made(c + 1);
        mix_words(m, in[c].data(), &out, rounding, half_width_);
    }
}

} // namespace onair::sws::fast

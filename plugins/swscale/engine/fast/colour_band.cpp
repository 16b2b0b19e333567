// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/fast/colour_band.hpp"

#include <algorithm>
#include <cmath>

namespace onair::sws::fast {

namespace {

/// Numbers that are no code values yet: words have their half in WordMatrix::add.
constexpr Rounding between = [] {
    Rounding r;
    for (float& half : r.floats)
        half = 0.5F;
    return r;
}();

} // namespace

ColourBand::ColourBand(const ColourProgram& program)
    : program_(program), width_(static_cast<size_t>(program.width)), half_width_((width_ + 1) / 2) {
    if (program.lift) {
        blended_.resize(half_width_);
        for (Words& row : lifted_)
            row.resize(width_);
    }
    if (!program.halving) return;
    for (Words& row : halved_)
        row.resize(half_width_);
    if (!program.halving->rows) return;
    for (auto& rows : waiting_)
        for (Words& row : rows)
            row.resize(half_width_);
}

/// The three components of luma row `y` on the luma grid.
void ColourBand::fetch(ColourSource& in, int y) {
    rows_[0] = in.row(0, y);
    if (!program_.lift) {
        rows_[1] = in.row(1, y);
        rows_[2] = in.row(2, y);
        return;
    }
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
    for (size_t c = 1; c < 3; ++c) {
        const bool two = blend.weight[1] != 0;
        const InRow first = in.row(c, at[0]);
        const std::array<InRow, 2> rows{first, two ? in.row(c, at[1]) : first};
        Words& out = lifted_[c - 1];
        blend_rows(blend, rows.data(), blended_.data(), half_width_);
        double_columns(lift.site, lift.down, blended_.data(), half_width_, out.data(), width_);
        rows_[c] = {out.data(), true};
    }
}

void ColourBand::mix(const ColourProgram::Mix& mix, const InRow* in, const OutRow* out, int row, size_t count) const {
    const Rounding& rounding = mix.whole ? program_.rounding[static_cast<size_t>(row % 16)] : between;
    if (mix.sums == ColourProgram::Sums::floats) return mix_floats(mix.floats, in, out, rounding, count);
    if (mix.sums == ColourProgram::Sums::words) return mix_words(mix.words, in, out, rounding, count);
    const std::array<uint8_t*, 3> bytes{static_cast<uint8_t*>(out[0].at), static_cast<uint8_t*>(out[1].at),
                                        static_cast<uint8_t*>(out[2].at)};
    mix_halves(mix.halves, in, bytes.data(), rounding, count);
}

void ColourBand::make_luma(ColourSink& out, int y) {
    std::array<OutRow, 3> rows{out.place(0, y)};
    if (!program_.halving) {
        rows[1] = out.place(1, y);
        rows[2] = out.place(2, y);
    }
    mix(program_.all, rows_.data(), rows.data(), y, width_);
    out.luma_done(y);
}

/// The columns of what chroma is made of, for one luma row.
void ColourBand::halve(const OutRow* out, int y) {
    const ColourProgram::Halving& halving = *program_.halving;
    std::array<InRow, 3> in;
    for (size_t c = program_.chroma_alone ? 1 : 0; c < 3; ++c) {
        halve_columns(halving.site, halving.guarded, rows_[c], width_, halved_[c].data());
        in[c] = {halved_[c].data(), true};
    }
    if (program_.chroma_alone) in[0] = in[1]; // its factor is 0
    mix(program_.chroma, in.data(), out, y, half_width_);
}

/// Chroma row `k` from the luma rows that wait.
void ColourBand::make_chroma(ColourSink& out, int k) {
    const ColourProgram::Halving& halving = *program_.halving;
    const Filter& f = halving.filter;
    WordMatrix m = halving.last;
    std::array<std::array<InRow, 4>, 2> in;
    const size_t taps = static_cast<size_t>(f.taps), place = static_cast<size_t>(k);
    for (size_t t = 0; t < 4; ++t) {
        const int y = std::clamp(f.first[place] + static_cast<int>(std::min(t, taps - 1)), 0, f.inputs - 1);
        for (size_t c = 0; c < 2; ++c)
            in[c][t] = {waiting_[static_cast<size_t>(y) % kept][c].data(), true};
        if (t < taps) m.factor[0][t] = static_cast<int16_t>(std::lrint(std::ldexp(f.weights[place * taps + t], 14)));
    }
    const Rounding& rounding = program_.rounding[static_cast<size_t>(k % 16)];
    for (size_t c = 0; c < 2; ++c) {
        const OutRow row = out.place(c + 1, k);
        mix_words(m, in[c].data(), &row, rounding, half_width_);
    }
    out.chroma_done(k);
}

void ColourBand::run_halving(ColourSource& in, ColourSink& out, int begin, int end) {
    const Filter& f = program_.halving->filter;
    int k = (begin + 1) / 2;
    const int last = (end + 1) / 2; // the row behind the band's last
    const auto top = [&](int row) { return std::clamp(f.first[static_cast<size_t>(row)], 0, f.inputs - 1); };
    const auto bottom = [&](int row) {
        return std::clamp(f.first[static_cast<size_t>(row)] + f.taps - 1, 0, f.inputs - 1);
    };
    const int stop = k < last ? std::max(end, bottom(last - 1) + 1) : end;
    for (int y = k < last ? std::min(begin, top(k)) : begin; y < stop; ++y) {
        fetch(in, y);
        if (y >= begin && y < end) make_luma(out, y);
        auto& waiting = waiting_[static_cast<size_t>(y) % kept];
        const std::array<OutRow, 2> rows{OutRow{waiting[0].data(), true}, OutRow{waiting[1].data(), true}};
        halve(rows.data(), y);
        while (k < last && bottom(k) <= y)
            make_chroma(out, k++);
    }
}

void ColourBand::run(ColourSource& in, ColourSink& out, int begin, int end) {
    const bool halves = program_.halving.has_value();
    if (halves && program_.halving->rows) return run_halving(in, out, begin, end);
    for (int y = begin; y < end; ++y) {
        fetch(in, y);
        make_luma(out, y);
        if (halves) {
            const std::array<OutRow, 2> rows{out.place(1, y), out.place(2, y)};
            halve(rows.data(), y);
        }
        out.chroma_done(y);
    }
}

} // namespace onair::sws::fast

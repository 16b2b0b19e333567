// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/fast/colour_program.hpp"

#include "engine/dither.hpp"

#include <algorithm>
#include <cmath>

namespace onair::sws::fast {

namespace {

constexpr int most_bits = 12, most_word_bits = 10;

/// What the mixed rows hold: numbers = value / scale + offset.
struct Held {
    double scale = 1, offset = 0;
};
using AllHeld = std::array<Held, 3>;

/// From what is held of the inputs to out * scale - middle * scale.
struct Wanted {
    size_t first = 0; ///< component
    int outputs = 3;
    int bits = 8;
    bool whole = true; ///< code values; else centred numbers with the most bits that fit 15
};

int guard_of(int bits) { return 14 - bits; }
int headroom_of(int bits) { return 15 - bits; }

struct Row {
    std::array<double, 3> factor{};
    double add = 0;
};
Row row_of(const Affine3& matrix, size_t component, const AllHeld& held, double middle, double scale) {
    Row row;
    row.add = (matrix.offset[component] - middle) * scale;
    for (size_t j = 0; j < 3; ++j) {
        row.factor[j] = matrix.matrix[component][j] / held[j].scale * scale;
        row.add += matrix.matrix[component][j] * held[j].offset * scale;
    }
    return row;
}

/// The most bits that 16 hold of each factor.
WordMatrix make_words(const Affine3& matrix, const AllHeld& held, const Wanted& wanted, int first_shift) {
    WordMatrix m;
    m.outputs = wanted.outputs;
    m.first_shift = first_shift;
    m.guard = wanted.whole ? guard_of(wanted.bits) : 0;
    m.low = wanted.whole ? 0 : -32768;
    m.high = static_cast<int16_t>(wanted.whole ? (1 << wanted.bits) - 1 : 32767);
    const int below = wanted.whole ? m.guard : headroom_of(wanted.bits);
    for (size_t i = 0; i < static_cast<size_t>(wanted.outputs); ++i) {
        const double middle = wanted.whole ? 0 : std::ldexp(1, wanted.bits - 1);
        const Row row = row_of(matrix, wanted.first + i, held, middle, std::ldexp(1, below));
        double largest = 0;
        for (const double f : row.factor)
            largest = std::max(largest, std::fabs(f));
        int shift = 15;
        while (shift > 0 && std::ldexp(largest, shift) > 32767)
            --shift;
        for (size_t j = 0; j < 3; ++j)
            m.factor[i][j] = static_cast<int16_t>(std::lrint(std::ldexp(row.factor[j], shift)));
        // Code values are rounded by the pattern.
        const double half = wanted.whole ? 0 : 0.5;
        m.add[i] = static_cast<int32_t>(std::lrint(std::ldexp(row.add + half, shift)));
        m.shift[i] = shift;
    }
    return m;
}

FloatMatrix make_floats(const Affine3& matrix, const AllHeld& held, const Wanted& wanted) {
    FloatMatrix m;
    m.outputs = wanted.outputs;
    const double scale = std::ldexp(1, wanted.whole ? 0 : headroom_of(wanted.bits));
    const double middle = wanted.whole ? 0 : std::ldexp(1, wanted.bits - 1);
    for (size_t i = 0; i < static_cast<size_t>(wanted.outputs); ++i) {
        const Row row = row_of(matrix, wanted.first + i, held, middle, scale);
        for (size_t j = 0; j < 3; ++j)
            m.factor[i][j] = static_cast<float>(row.factor[j]);
        m.add[i] = static_cast<float>(row.add);
    }
    m.low = wanted.whole ? 0.0F : -32768.0F;
    m.high = wanted.whole ? static_cast<float>((1 << wanted.bits) - 1) : 32767.0F;
    return m;
}

MixRounding make_rounding(Dither dither, int guard, int y) {
    MixRounding r;
    for (int x = 0; x < 48; ++x) {
        const int level = dither == Dither::bayer ? ordered_pattern(x, y) : 127; // of 256 levels, each by its middle
        const size_t i = static_cast<size_t>(x);
        r.words[i] = static_cast<int16_t>((level + (128 >> guard)) >> (8 - guard));
        r.floats[i] = dither == Dither::bayer ? (static_cast<float>(level) + 0.5F) / 256 : 0.5F;
    }
    return r;
}

/// Y'CbCr to R'G'B' has zeros where HalfMatrix has none, and one offset; factors that fit its 16 bits.
bool fits_halves(const Affine3& a, int in_bits) {
    const auto zero = [](double v) { return std::fabs(v) < 1e-9; };
    const auto fits = [](double codes) { return codes <= HalfMatrix::zero >> HalfMatrix::below; };
    const auto& m = a.matrix;
    const double luma = std::ldexp(m[0][0], in_bits), chroma = std::ldexp(1, in_bits - 1);
    return zero(m[0][1]) && zero(m[2][2]) && zero(m[0][0] - m[1][0]) && zero(m[0][0] - m[2][0]) && m[0][0] > 0 &&
           fits(luma) && fits(std::fabs(m[0][2]) * chroma) && fits(std::fabs(m[2][1]) * chroma) &&
           fits((std::fabs(m[1][1]) + std::fabs(m[1][2])) * chroma);
}

/// `chroma`: what is held of it, of 15 bits.
HalfMatrix make_halves(const Affine3& matrix, const Held& chroma, int in_bits, Site site) {
    HalfMatrix m;
    constexpr double below = 1 << HalfMatrix::below, one = 32768;
    const AllHeld held{Held{}, chroma, chroma};
    const Row r = row_of(matrix, 0, held, 0, below), g = row_of(matrix, 1, held, 0, below),
              b = row_of(matrix, 2, held, 0, below);
    const auto fixed = [](double v) { return static_cast<int16_t>(std::lrint(v * one)); };
    m.rv = fixed(r.factor[2]);
    m.gu = fixed(g.factor[1]);
    m.gv = fixed(g.factor[2]);
    m.bu = fixed(b.factor[1] - 0.5);
    m.luma_up = 16 - in_bits;
    m.y = static_cast<uint16_t>(std::lrint(std::ldexp(r.factor[0], in_bits)));
    // Products of Y' are floors; means of two are a quarter too high on average, those of a mean three eighths.
    const std::array<double, 2> high = site == Site::cosited ? std::array{0.0, 0.25} : std::array{0.375, 0.375};
    m.add = static_cast<int16_t>(std::floor(r.add + 0.5 - high[1]));
    for (size_t odd = 0; odd < 2; ++odd)
        m.y_add[odd] = static_cast<uint16_t>(std::lrint((r.add + 0.5 - high[odd] - m.add) * 65536 / m.y));
    return m;
}

ColourProgram::Mix make_mix(const ColourProgram& p, const Affine3& matrix, const AllHeld& held, const Wanted& wanted,
                            int first_shift) {
    ColourProgram::Mix mix;
    mix.whole = wanted.whole;
    if (std::max(p.in_bits, p.out_bits) > most_word_bits) {
        mix.sums = ColourProgram::Sums::floats;
        AllHeld unshifted = held; // floats take the first as it is
        unshifted[0].scale /= std::ldexp(1, first_shift);
        mix.floats = make_floats(matrix, unshifted, wanted);
    } else if (p.lift && !p.halving && wanted.bits == 8 && fits_halves(matrix, p.in_bits)) {
        mix.sums = ColourProgram::Sums::halves;
        mix.halves = make_halves(matrix, held[1], p.in_bits, p.lift->site);
    } else {
        mix.words = make_words(matrix, held, wanted, first_shift);
    }
    return mix;
}

bool is_subsampled(const Side& side) {
    return side.format->model == ColourModel::yuv && side.format->log2_chroma_w == 1;
}
Site site_of(const Side& side) { return side.site.horizontal == 0 ? Site::cosited : Site::centred; }

/// At most two rows make one, by eighths.
bool blends_eighths(const Filter& f) {
    if (f.identity) return true;
    const size_t taps = static_cast<size_t>(f.taps);
    for (size_t i = 0; i < f.first.size(); ++i) {
        int used = 0;
        for (size_t t = 0; t < taps; ++t) {
            const float eighths = f.weights[i * taps + t] * 8;
            if (eighths != std::floor(eighths)) return false;
            used += eighths != 0;
        }
        if (used > 2) return false;
    }
    return true;
}

/// `doubled`: by double_columns().
ColourProgram::Lift make_lift(const PassProgram& pass, int bits, bool doubled) {
    ColourProgram::Lift lift;
    lift.site = site_of(pass.in);
    lift.rows = pass.coloured->rows[1];
    const int all = headroom_of(bits); // bits that chroma gets below its codes
    // Of them before columns are doubled: times 4 fits 16.
    const int here = doubled ? std::max(all - 2, std::min(2, 14 - bits)) : all;
    lift.down = here + 2 - all;
    lift.whole = lift.rows.identity ? here : std::max(here, 3);
    lift.blend_down = lift.whole - here;
    const int middle = 1 << (bits - 1 + lift.whole);
    lift.blend_add = static_cast<int16_t>(static_cast<uint16_t>((1 << lift.blend_down >> 1) - middle));
    return lift;
}

ColourProgram::Halving make_halving(const PassProgram& pass, const ColourProgram& p) {
    ColourProgram::Halving h;
    h.site = site_of(pass.out);
    h.guarded = p.lift.has_value();
    h.filter = pass.component[1].rows;
    h.rows = !h.filter.identity;
    WordMatrix& m = h.last;
    m.inputs = 4;
    m.guard = guard_of(p.out_bits);
    m.high = static_cast<int16_t>((1 << p.out_bits) - 1);
    m.shift[0] = 14 + headroom_of(p.out_bits) - m.guard;
    m.add[0] = 1 << (p.out_bits - 1 + headroom_of(p.out_bits) + 14);
    return h;
}

/// Row `c` of chroma is made of rows 2c - 1 to 2c + 2 by the same sixteenths everywhere.
std::optional<PairWeights> pair_weights_of(const Filter& f) {
    const int taps = f.taps, begin = f.first.empty() ? -2 : f.first[0] + 1;
    if (f.identity || begin < 0 || begin + taps > 4) return std::nullopt;
    PairWeights weights{};
    for (size_t i = 0; i < f.first.size(); ++i)
        for (int t = 0; t < taps; ++t) {
            const float sixteenths = f.weights[i * static_cast<size_t>(taps) + static_cast<size_t>(t)] * 16;
            uint16_t& weight = weights[static_cast<size_t>(begin + t)];
            if (i == 0) weight = static_cast<uint16_t>(std::max(sixteenths, 0.0F));
            if (weight != sixteenths || f.first[i] != 2 * static_cast<int>(i) + begin - 1) return std::nullopt;
        }
    return weights;
}

/// `held`: of sums of columns.
void set_pairs(ColourProgram::Halving& h, const Affine3& matrix, AllHeld held, int bits) {
    const auto weights = pair_weights_of(h.filter);
    if (!weights || h.guarded) return;
    for (Held& one : held)
        one.scale *= 16;
    h.pairs = ColourProgram::Pairs{*weights, make_words(matrix, held, {1, 2, bits, true}, 0)};
}

/// Only what this does: three components to three, each of one depth, all of both frames.
bool is_plain_colour(const PassProgram& pass, const Quality& quality) {
    if (!pass.coloured || pass.coloured->light || pass.coloured->inputs != 3 || pass.coloured->outputs != 3)
        return false;
    if (!pass.window.fills() || !pass.placement.fills()) return false;
    if (pass.in.width != pass.out.width || pass.in.height != pass.out.height) return false;
    if (quality.chroma_mode != ChromaMode::full || quality.chroma_resampler != Resampler::linear) return false;
    for (const Side* side : {&pass.in, &pass.out}) {
        const Format& f = *side->format;
        if (f.depth[0] < 8 || f.depth[0] > most_bits || f.depth[0] != f.depth[1] || f.depth[0] != f.depth[2])
            return false;
        if (f.model == ColourModel::yuv && (f.log2_chroma_w > 1 || f.log2_chroma_h > f.log2_chroma_w)) return false;
    }
    for (size_t i = 0; i < 3; ++i) {
        const auto& c = pass.component[i];
        if (c.way != PassProgram::Way::coloured || diffuses(c.quantiser.dither) || c.quantiser.step != 1) return false;
    }
    const bool opaque =
        pass.out.format->components < 4 || (pass.component[3].way == PassProgram::Way::constant &&
                                            pass.component[3].constant == (1 << pass.out.format->depth[3]) - 1);
    return opaque && blends_eighths(pass.coloured->rows[1]) &&
           (pass.component[1].rows.identity || pass.component[1].rows.taps <= 4);
}

} // namespace

std::optional<ColourProgram> make_colour_program(const PassProgram& pass, const Quality& quality) {
    if (!is_plain_colour(pass, quality)) return std::nullopt;
    ColourProgram p;
    p.width = pass.out.width;
    p.height = pass.out.height;
    p.in_bits = pass.in.format->depth[0];
    p.out_bits = pass.out.format->depth[0];
    const Affine3& matrix = pass.coloured->first;
    if (is_subsampled(pass.in)) p.lift = make_lift(pass, p.in_bits, true);
    AllHeld held;
    const int first_shift = p.lift ? headroom_of(p.in_bits) : 0;
    if (p.lift) {
        const Held chroma{std::ldexp(1, headroom_of(p.in_bits)), std::ldexp(1, p.in_bits - 1)};
        held = {Held{chroma.scale, 0}, chroma, chroma};
    }
    if (!is_subsampled(pass.out)) {
        p.all = make_mix(p, matrix, held, {0, 3, p.out_bits, true}, first_shift);
        if (p.all.sums == ColourProgram::Sums::halves) p.lift = make_lift(pass, p.in_bits, false);
    } else {
        p.halving = make_halving(pass, p);
        p.chroma_alone = pass.in.format->model == ColourModel::yuv;
        p.all = make_mix(p, matrix, held, {0, 1, p.out_bits, true}, first_shift);
        AllHeld halved = held;
        if (!p.halving->guarded)
            for (Held& h : halved)
                h.scale *= p.halving->site == Site::cosited ? 4 : 8;
        p.chroma = make_mix(p, matrix, halved, {1, 2, p.out_bits, !p.halving->rows}, 0);
        if (p.halving->rows && p.chroma.sums == ColourProgram::Sums::words)
            set_pairs(*p.halving, matrix, halved, p.out_bits);
    }
    for (int y = 0; y < 16; ++y)
        p.rounding[static_cast<size_t>(y)] = make_rounding(pass.component[0].quantiser.dither, guard_of(p.out_bits), y);
    return p;
}

} // namespace onair::sws::fast

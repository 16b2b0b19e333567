// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/support/sws_reference.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace onair::test::reference {

namespace {

using Row = std::array<double, 3>;
using Square = std::array<Row, 3>;

double largest_code(int depth) { return std::ldexp(1.0, depth) - 1; }
double of_8_bits(double value, int depth) { return std::ldexp(value, depth - 8); }

// --- chroma grid ---------------------------------------------------------------------------------------------------

struct Grid {
    int step;        ///< luma samples per sample
    double position; ///< of sample 0, in luma samples
    bool operator==(const Grid&) const = default;
};
Grid grid_of(int step, bool cosited) { return {step, cosited ? 0 : (step - 1) / 2.0}; }

/// A line of samples on another grid: triangle as wide as the coarser grid, the outermost samples repeated.
std::vector<double> resample(const std::vector<double>& line, Grid in, Grid out, int count) {
    if (in == out) return line;
    const double wide = std::max(in.step, out.step);
    const int last = static_cast<int>(line.size()) - 1;
    std::vector<double> result(static_cast<size_t>(count));
    for (int i = 0; i < count; ++i) {
        const double x = i * out.step + out.position;
        const int from = static_cast<int>(std::floor((x - wide - in.position) / in.step)) - 1;
        const int to = static_cast<int>(std::ceil((x + wide - in.position) / in.step)) + 1;
        double sum = 0, weights = 0;
        for (int k = from; k <= to; ++k) {
            const double w = std::max(0.0, 1 - std::abs((x - (k * in.step + in.position)) / wide));
            sum += w * line[static_cast<size_t>(std::clamp(k, 0, last))];
            weights += w;
        }
        result[static_cast<size_t>(i)] = sum / weights;
    }
    return result;
}

/// One component from a grid to another; columns first, then rows.
std::vector<double> regrid(const std::vector<double>& plane, int in_columns, int in_rows, Grid in_w, Grid in_h,
                           int out_columns, int out_rows, Grid out_w, Grid out_h) {
    std::vector<double> wide(static_cast<size_t>(out_columns) * in_rows);
    for (int y = 0; y < in_rows; ++y) {
        const auto begin = plane.begin() + static_cast<std::ptrdiff_t>(y) * in_columns;
        const auto line = resample({begin, begin + in_columns}, in_w, out_w, out_columns);
        std::copy(line.begin(), line.end(), wide.begin() + static_cast<std::ptrdiff_t>(y) * out_columns);
    }
    std::vector<double> result(static_cast<size_t>(out_columns) * out_rows);
    std::vector<double> column(static_cast<size_t>(in_rows));
    for (int x = 0; x < out_columns; ++x) {
        for (int y = 0; y < in_rows; ++y)
            column[static_cast<size_t>(y)] = wide[static_cast<size_t>(y) * out_columns + x];
        const auto line = resample(column, in_h, out_h, out_rows);
        for (int y = 0; y < out_rows; ++y)
            result[static_cast<size_t>(y) * out_columns + x] = line[static_cast<size_t>(y)];
    }
    return result;
}

// --- matrix --------------------------------------------------------------------------------------------------------

Row to_rgb(const Side& s, Row v) {
    if (s.model == Model::rgb) return v;
    if (s.model == Model::grey) return {v[0], v[0], v[0]};
    const double r = v[0] + 2 * (1 - s.kr) * v[2], b = v[0] + 2 * (1 - s.kb) * v[1];
    return {r, (v[0] - s.kr * r - s.kb * b) / (1 - s.kr - s.kb), b};
}

Row from_rgb(const Side& s, Row rgb) {
    if (s.model == Model::rgb) return rgb;
    const double y = s.kr * rgb[0] + (1 - s.kr - s.kb) * rgb[1] + s.kb * rgb[2];
    if (s.model == Model::grey) return {y, 0, 0};
    return {y, (rgb[2] - y) / (2 * (1 - s.kb)), (rgb[0] - y) / (2 * (1 - s.kr))};
}

// --- transfer ------------------------------------------------------------------------------------------------------

struct Power { ///< linear below `toe`, a power of `exponent` with offset `alpha` above
    double toe, slope, alpha, exponent;
};
constexpr Power rec709{0.018053968510807, 4.5, 1.09929682680944, 0.45};
constexpr Power rec240{0.0228, 4.0, 1.1115, 0.45};
constexpr Power iec{0.0031308, 12.92, 1.055, 1 / 2.4};

double decode_power(const Power& p, double v) {
    return v < p.toe * p.slope ? v / p.slope : std::pow((v + p.alpha - 1) / p.alpha, 1 / p.exponent);
}
double encode_power(const Power& p, double l) {
    return l < p.toe ? l * p.slope : p.alpha * std::pow(l, p.exponent) - (p.alpha - 1);
}

double decode(Transfer t, double v) {
    switch (t) {
    case Transfer::bt709:
        return decode_power(rec709, v);
    case Transfer::smpte240m:
        return decode_power(rec240, v);
    case Transfer::srgb:
        return decode_power(iec, v);
    case Transfer::gamma22:
        return std::pow(v, 2.2);
    case Transfer::linear:
        return v;
    case Transfer::pq: { // SMPTE ST 2084, 1 = 10,000 cd/m2
        const double p = std::pow(v, 1 / 78.84375);
        return std::pow(std::max(p - 0.8359375, 0.0) / (18.8515625 - 18.6875 * p), 1 / 0.1593017578125);
    }
    case Transfer::hlg: // ARIB STD-B67 as ITU-R BT.2100 has it
        return v <= 0.5 ? v * v / 3 : (std::exp((v - 0.55991073) / 0.17883277) + 0.28466892) / 12;
    }
    return v;
}

double encode(Transfer t, double l) {
    switch (t) {
    case Transfer::bt709:
        return encode_power(rec709, l);
    case Transfer::smpte240m:
        return encode_power(rec240, l);
    case Transfer::srgb:
        return encode_power(iec, l);
    case Transfer::gamma22:
        return std::pow(l, 1 / 2.2);
    case Transfer::linear:
        return l;
    case Transfer::pq: {
        const double p = std::pow(l, 0.1593017578125);
        return std::pow((0.8359375 + 18.8515625 * p) / (1 + 18.6875 * p), 78.84375);
    }
    case Transfer::hlg:
        return l <= 1.0 / 12 ? std::sqrt(3 * l) : 0.17883277 * std::log(12 * l - 0.28466892) + 0.55991073;
    }
    return l;
}

// --- primaries -----------------------------------------------------------------------------------------------------

Square product(const Square& a, const Square& b) {
    Square c{};
    for (size_t i = 0; i < 3; ++i)
        for (size_t j = 0; j < 3; ++j)
            for (size_t k = 0; k < 3; ++k)
                c[i][j] += a[i][k] * b[k][j];
    return c;
}
Row product(const Square& a, const Row& v) {
    Row r{};
    for (size_t i = 0; i < 3; ++i)
        r[i] = a[i][0] * v[0] + a[i][1] * v[1] + a[i][2] * v[2];
    return r;
}
Square inverse(const Square& m) {
    Square r{};
    const auto minor = [&](size_t i, size_t j) {
        const size_t a = (i + 1) % 3, b = (i + 2) % 3, c = (j + 1) % 3, d = (j + 2) % 3;
        return m[a][c] * m[b][d] - m[a][d] * m[b][c];
    };
    const double det = m[0][0] * minor(0, 0) + m[0][1] * minor(0, 1) + m[0][2] * minor(0, 2);
    for (size_t i = 0; i < 3; ++i)
        for (size_t j = 0; j < 3; ++j)
            r[j][i] = minor(i, j) / det;
    return r;
}

Row xyz(double x, double y) { return {x / y, 1, (1 - x - y) / y}; }

/// Linear R'G'B' of these primaries to CIE XYZ: the columns are the primaries, scaled so that their sum is white.
Square to_xyz(const Primaries& p) {
    Square m{};
    for (size_t c = 0; c < 3; ++c) {
        const Row v = xyz(p.xy[2 * c], p.xy[2 * c + 1]);
        for (size_t i = 0; i < 3; ++i)
            m[i][c] = v[i];
    }
    const Row scale = product(inverse(m), xyz(p.xy[6], p.xy[7]));
    for (Row& row : m)
        for (size_t c = 0; c < 3; ++c)
            row[c] *= scale[c];
    return m;
}

Square between(const Primaries& in, const Primaries& out) {
    Square adapt{{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}};
    const Row from = xyz(in.xy[6], in.xy[7]), to = xyz(out.xy[6], out.xy[7]);
    if (from != to) {
        const Square bradford{{{0.8951, 0.2664, -0.1614}, {-0.7502, 1.7135, 0.0367}, {0.0389, -0.0685, 1.0296}}};
        const Row a = product(bradford, from), b = product(bradford, to);
        const Square gain{{{b[0] / a[0], 0, 0}, {0, b[1] / a[1], 0}, {0, 0, b[2] / a[2]}}};
        adapt = product(inverse(bradford), product(gain, bradford));
    }
    return product(inverse(to_xyz(out)), product(adapt, to_xyz(in)));
}

// --- the steps -----------------------------------------------------------------------------------------------------

/// Where a side's chroma lies: an unknown site is the other side's where both are subsampled alike.
std::array<Grid, 2> grids_of(const Side& side, const Side& other) {
    const bool borrow = !side.site_known && other.site_known && side.sub_w == other.sub_w && side.sub_h == other.sub_h;
    const bool known = side.site_known || borrow;
    const Side& site = borrow ? other : side;
    return {grid_of(side.sub_w, known ? site.cosited_w : true), grid_of(side.sub_h, known ? site.cosited_h : false)};
}

struct Colour {
    const Side& in;
    const Side& out;
    bool transfers, primaries;
    Square matrix;

    Row operator()(Row value) const {
        Row rgb = to_rgb(in, value);
        if (transfers || primaries) {
            // between() of primaries that the caps do not tell is not a number: it is not used then.
            if (transfers)
                for (double& v : rgb)
                    v = decode(in.transfer, std::clamp(v, 0.0, 1.0));
            if (primaries) rgb = product(matrix, rgb);
            for (double& v : rgb)
                v = std::clamp(v, 0.0, 1.0);
            if (transfers)
                for (double& v : rgb)
                    v = encode(out.transfer, v);
        }
        return from_rgb(out, rgb);
    }
};

bool same_matrix(const Side& a, const Side& b) { return a.kr == b.kr && a.kb == b.kb; }

} // namespace

double to_real(const Side& side, int c, double code) {
    const int n = side.depth[static_cast<size_t>(c)];
    if (side.is_chroma(c)) {
        const double zero = of_8_bits(128, n);
        return (code - zero) / (side.full ? largest_code(n) : of_8_bits(224, n));
    }
    if (side.full || c == 3) return code / largest_code(n);
    return (code - of_8_bits(16, n)) / of_8_bits(219, n);
}

double to_code(const Side& side, int c, double real) {
    const int n = side.depth[static_cast<size_t>(c)];
    double code;
    if (side.is_chroma(c))
        code = real * (side.full ? largest_code(n) : of_8_bits(224, n)) + of_8_bits(128, n);
    else if (side.full || c == 3)
        code = real * largest_code(n);
    else
        code = real * of_8_bits(219, n) + of_8_bits(16, n);
    return std::clamp(code, 0.0, largest_code(n));
}

Samples convert(const Side& in, const Side& out, const Samples& from, int width, int height, bool transfers,
                bool primaries) {
    const auto at = [](auto& container, int c) -> auto& { return container[static_cast<size_t>(c)]; };
    Samples real;
    for (int c = 0; c < in.components; ++c)
        for (const double code : at(from, c))
            at(real, c).push_back(to_real(in, c, code));
    const int in_colours = in.model == Model::grey ? 1 : 3, out_colours = out.model == Model::grey ? 1 : 3;

    // R'G'B' is made linear for the primaries too, unless gamma-mode is none.
    primaries = primaries && in.primaries != out.primaries;
    transfers = transfers && (primaries || in.transfer != out.transfer);
    const bool luma_stays = (in.model == Model::grey || out.model == Model::grey) && in.model != Model::rgb &&
                            out.model != Model::rgb && same_matrix(in, out);
    const bool same_colour =
        !transfers && !primaries &&
        ((in.model == out.model && (in.model == Model::rgb || same_matrix(in, out))) || luma_stays);
    const auto in_grid = grids_of(in, out), out_grid = grids_of(out, in);
    const Grid luma{1, 0};
    Samples result;

    if (same_colour) {
        for (int c = 0; c < out_colours; ++c) {
            if (c >= in_colours) // grey has no colour
                at(result, c).assign(static_cast<size_t>(out.columns(c, width)) * out.rows(c, height), 0.0);
            else if (out.is_chroma(c))
                at(result, c) = regrid(at(real, c), in.columns(c, width), in.rows(c, height), in_grid[0], in_grid[1],
                                       out.columns(c, width), out.rows(c, height), out_grid[0], out_grid[1]);
            else
                at(result, c) = at(real, c);
        }
    } else {
        for (int c = 1; c < in_colours; ++c)
            if (in.is_chroma(c))
                at(real, c) = regrid(at(real, c), in.columns(c, width), in.rows(c, height), in_grid[0], in_grid[1],
                                     width, height, luma, luma);
        const Colour colour{in, out, transfers, primaries, between(in.primaries, out.primaries)};
        for (size_t i = 0; i < static_cast<size_t>(width) * static_cast<size_t>(height); ++i) {
            const Row v = colour({real[0][i], in_colours > 1 ? real[1][i] : 0, in_colours > 1 ? real[2][i] : 0});
            for (int c = 0; c < out_colours; ++c)
                at(result, c).push_back(v[static_cast<size_t>(c)]);
        }
        for (int c = 1; c < out_colours; ++c)
            if (out.is_chroma(c))
                at(result, c) = regrid(at(result, c), width, height, luma, luma, out.columns(c, width),
                                       out.rows(c, height), out_grid[0], out_grid[1]);
    }
    if (out.components == 4)
        result[3] = in.components == 4
                        ? real[3]
                        : std::vector<double>(static_cast<size_t>(width) * static_cast<size_t>(height), 1.0);
    for (int c = 0; c < out.components; ++c)
        for (double& v : at(result, c))
            v = to_code(out, c, v);
    return result;
}

} // namespace onair::test::reference

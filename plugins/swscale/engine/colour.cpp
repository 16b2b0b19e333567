// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/colour.hpp"

#include <cmath>
#include <cstddef>

namespace onair::sws {

namespace {

/// Luma weights of red and blue: ITU-R BT.601-7 2.5.1, BT.709-6 3.2, BT.2020-2 table 4, SMPTE ST 240, FCC 73.682.
struct LumaWeights {
    Matrix matrix;
    double kr, kb;
};
constexpr LumaWeights weights[] = {
    {Matrix::bt601, 0.299, 0.114},     {Matrix::bt709, 0.2126, 0.0722}, {Matrix::bt2020, 0.2627, 0.0593},
    {Matrix::smpte240m, 0.212, 0.087}, {Matrix::fcc, 0.30, 0.11},
};

/// CIE 1931 chromaticities of red, green, blue and white, as GStreamer's caps mean them (video-color.c).
struct Chromaticities {
    Primaries primaries;
    double rx, ry, gx, gy, bx, by, wx, wy;
};
constexpr double d65x = 0.31271, d65y = 0.32902;
constexpr Chromaticities chromaticities[] = {
    {Primaries::bt709, 0.64, 0.33, 0.30, 0.60, 0.15, 0.06, d65x, d65y},
    {Primaries::bt470m, 0.67, 0.33, 0.21, 0.71, 0.14, 0.08, 0.31006, 0.31616},
    {Primaries::bt470bg, 0.64, 0.33, 0.29, 0.60, 0.15, 0.06, d65x, d65y},
    {Primaries::smpte170m, 0.63, 0.34, 0.31, 0.595, 0.155, 0.07, d65x, d65y},
    {Primaries::smpte240m, 0.63, 0.34, 0.31, 0.595, 0.155, 0.07, d65x, d65y},
    {Primaries::film, 0.681, 0.319, 0.243, 0.692, 0.145, 0.049, 0.31006, 0.31616},
    {Primaries::bt2020, 0.708, 0.292, 0.170, 0.797, 0.131, 0.046, d65x, d65y},
    {Primaries::adobergb, 0.64, 0.33, 0.21, 0.71, 0.15, 0.06, d65x, d65y},
    {Primaries::xyz, 1, 0, 0, 1, 0, 0, 1.0 / 3, 1.0 / 3},
    {Primaries::dci, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060, 0.314, 0.351}, // SMPTE RP 431-2
    {Primaries::p3, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060, d65x, d65y},    // SMPTE EG 432-1
    {Primaries::ebu3213, 0.630, 0.340, 0.295, 0.605, 0.155, 0.077, d65x, d65y},
};

const Chromaticities& find(Primaries primaries) {
    for (const auto& row : chromaticities)
        if (row.primaries == primaries) return row;
    return chromaticities[0];
}

Vector3 xyz(double x, double y) { return {x / y, 1, (1 - x - y) / y}; }

/// Linear RGB to CIE XYZ (SMPTE RP 177). XYZ as primaries are XYZ themselves.
Matrix3 xyz_from_rgb(const Chromaticities& c) {
    if (c.primaries == Primaries::xyz) return identity3;
    const Vector3 r = xyz(c.rx, c.ry), g = xyz(c.gx, c.gy), b = xyz(c.bx, c.by);
    const Matrix3 m{{{r[0], g[0], b[0]}, {r[1], g[1], b[1]}, {r[2], g[2], b[2]}}};
    const Vector3 s = inverse(m) * xyz(c.wx, c.wy);
    Matrix3 out = m;
    for (auto& row : out)
        for (size_t i = 0; i < 3; ++i)
            row[i] *= s[i];
    return out;
}

/// Bradford's cone responses.
constexpr Matrix3 bradford{{{0.8951, 0.2664, -0.1614}, {-0.7502, 1.7135, 0.0367}, {0.0389, -0.0685, 1.0296}}};

Matrix3 white_change(const Chromaticities& from, const Chromaticities& to) {
    if (from.wx == to.wx && from.wy == to.wy) return identity3;
    const Vector3 a = bradford * xyz(from.wx, from.wy), b = bradford * xyz(to.wx, to.wy);
    const Matrix3 scale{{{b[0] / a[0], 0, 0}, {0, b[1] / a[1], 0}, {0, 0, b[2] / a[2]}}};
    return inverse(bradford) * scale * bradford;
}

struct Gamma {
    Transfer transfer;
    double exponent;
};
constexpr Gamma gammas[] = {{Transfer::gamma10, 1.0}, {Transfer::gamma18, 1.8}, {Transfer::gamma20, 2.0},
                            {Transfer::gamma22, 2.2}, {Transfer::gamma28, 2.8}, {Transfer::adobergb, 2.19921875}};

/// A power with a straight piece near black: linear = ((v + a) / (1 + a))^g above `cut`, v / slope below.
struct Toe {
    Transfer transfer;
    double a, exponent, slope, cut; ///< cut: the encoded value where the pieces meet
};
constexpr Toe toes[] = {
    {Transfer::bt709, 0.09929682680944, 1 / 0.45, 4.5, 4.5 * 0.018053968510807},
    {Transfer::srgb, 0.055, 2.4, 12.92, 0.04045},
    {Transfer::smpte240m, 0.1115, 1 / 0.45, 4.0, 4.0 * 0.0228},
};

/// SMPTE ST 2084.
constexpr double m1 = 2610.0 / 16384, m2 = 2523.0 / 32, c1 = 3424.0 / 4096, c2 = 2413.0 / 128, c3 = 2392.0 / 128;
/// ARIB STD-B67, ITU-R BT.2100 table 5, with scene light 0 … 1.
constexpr double hlg_a = 0.17883277, hlg_b = 0.28466892, hlg_c = 0.55991073;

double clip(double v) { return v < 0 ? 0 : v > 1 ? 1 : v; }

} // namespace

Matrix3 operator*(const Matrix3& a, const Matrix3& b) {
    Matrix3 out{};
    for (size_t i = 0; i < 3; ++i)
        for (size_t j = 0; j < 3; ++j)
            out[i][j] = a[i][0] * b[0][j] + a[i][1] * b[1][j] + a[i][2] * b[2][j];
    return out;
}

Vector3 operator*(const Matrix3& a, const Vector3& v) {
    Vector3 out{};
    for (size_t i = 0; i < 3; ++i)
        out[i] = a[i][0] * v[0] + a[i][1] * v[1] + a[i][2] * v[2];
    return out;
}

Matrix3 inverse(const Matrix3& m) {
    const auto minor = [&](size_t r, size_t c) {
        const size_t r1 = (r + 1) % 3, r2 = (r + 2) % 3, k1 = (c + 1) % 3, k2 = (c + 2) % 3;
        return m[r1][k1] * m[r2][k2] - m[r1][k2] * m[r2][k1];
    };
    const double det = m[0][0] * minor(0, 0) + m[0][1] * minor(0, 1) + m[0][2] * minor(0, 2);
    Matrix3 out{};
    for (size_t i = 0; i < 3; ++i)
        for (size_t j = 0; j < 3; ++j)
            out[i][j] = minor(j, i) / det;
    return out;
}

Affine3 operator*(const Affine3& after, const Affine3& before) {
    Affine3 out{after.matrix * before.matrix, after.matrix * before.offset};
    for (size_t i = 0; i < 3; ++i)
        out.offset[i] += after.offset[i];
    return out;
}

Matrix3 rgb_from_yuv(Matrix matrix) {
    LumaWeights w = weights[1];
    for (const auto& row : weights)
        if (row.matrix == matrix) w = row;
    const double kg = 1 - w.kr - w.kb;
    const double r = 2 * (1 - w.kr), b = 2 * (1 - w.kb);
    return {{{1, 0, r}, {1, -b * w.kb / kg, -r * w.kr / kg}, {1, b, 0}}};
}

double to_linear(Transfer transfer, double v) {
    for (const Gamma& row : gammas)
        if (row.transfer == transfer) return std::pow(v, row.exponent);
    for (const Toe& row : toes)
        if (row.transfer == transfer)
            return v < row.cut ? v / row.slope : std::pow((v + row.a) / (1 + row.a), row.exponent);
    switch (transfer) {
    case Transfer::log100:
        return v <= 0 ? 0 : std::pow(10, 2 * (v - 1));
    case Transfer::log316:
        return v <= 0 ? 0 : std::pow(10, 2.5 * (v - 1));
    case Transfer::smpte2084: {
        const double p = std::pow(v, 1 / m2);
        return std::pow(std::fmax(p - c1, 0) / (c2 - c3 * p), 1 / m1);
    }
    case Transfer::arib_std_b67:
        return v <= 0.5 ? v * v / 3 : (std::exp((v - hlg_c) / hlg_a) + hlg_b) / 12;
    default:
        return v;
    }
}

double from_linear(Transfer transfer, double v) {
    for (const Gamma& row : gammas)
        if (row.transfer == transfer) return std::pow(v, 1 / row.exponent);
    for (const Toe& row : toes)
        if (row.transfer == transfer)
            return v * row.slope < row.cut ? v * row.slope : (1 + row.a) * std::pow(v, 1 / row.exponent) - row.a;
    switch (transfer) {
    case Transfer::log100:
        return v < 0.01 ? 0 : 1 + std::log10(v) / 2;
    case Transfer::log316:
        return v < 0.0031622777 ? 0 : 1 + std::log10(v) / 2.5;
    case Transfer::smpte2084: {
        const double p = std::pow(v, m1);
        return std::pow((c1 + c2 * p) / (1 + c3 * p), m2);
    }
    case Transfer::arib_std_b67:
        return v <= 1.0 / 12 ? std::sqrt(3 * v) : clip(hlg_a * std::log(12 * v - hlg_b) + hlg_c);
    default:
        return v;
    }
}

Vector3 luminance_weights(Primaries primaries) {
    return xyz_from_rgb(find(primaries == Primaries::unknown ? Primaries::bt2020 : primaries))[1];
}

Matrix3 primaries_change(Primaries from, Primaries to) {
    const Chromaticities &a = find(from), &b = find(to);
    return inverse(xyz_from_rgb(b)) * white_change(a, b) * xyz_from_rgb(a);
}

CodeScale luma_codes(int depth, bool full_range) {
    if (full_range) return {std::ldexp(1, depth) - 1, 0};
    return {std::ldexp(219, depth - 8), std::ldexp(16, depth - 8)};
}

CodeScale chroma_codes(int depth, bool full_range) {
    if (full_range) return {std::ldexp(1, depth) - 1, std::ldexp(1, depth - 1)};
    return {std::ldexp(224, depth - 8), std::ldexp(128, depth - 8)};
}

CodeScale alpha_codes(int depth) { return {std::ldexp(1, depth) - 1, 0}; }

} // namespace onair::sws

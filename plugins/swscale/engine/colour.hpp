// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/scale_spec.hpp"

#include <array>

/// What code values mean, in real numbers (docs/specs/conversion.md): pure arithmetic in double precision.
namespace onair::sws {

/// Transfer functions by their curve: what is the same curve has one name (BT.601, BT.709 and BT.2020 in 10 and 12 bit;
/// their constants differ by less than one step of 12 bit).
enum class Transfer {
    unknown, ///< never converted
    gamma10,
    gamma18,
    gamma20,
    gamma22,
    gamma28,
    bt709,
    smpte240m,
    srgb,
    log100,
    log316,
    adobergb,
    smpte2084, ///< PQ; 1.0 is 10,000 cd/m²
    arib_std_b67,
};

enum class Primaries {
    unknown,
    bt709,
    bt470m,
    bt470bg,
    smpte170m,
    smpte240m,
    film,
    bt2020,
    adobergb,
    xyz,
    p3,
    dci,
    ebu3213
};

/// What the caps say of one side's colour.
struct Colour {
    bool full_range = false;
    Matrix matrix = Matrix::bt709; ///< of no meaning for RGB
    Transfer transfer = Transfer::unknown;
    Primaries primaries = Primaries::unknown;
    bool operator==(const Colour&) const = default;
};

using Vector3 = std::array<double, 3>;
using Matrix3 = std::array<Vector3, 3>; ///< rows

constexpr Matrix3 identity3{{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}};
Matrix3 operator*(const Matrix3& a, const Matrix3& b);
Vector3 operator*(const Matrix3& a, const Vector3& v);
Matrix3 inverse(const Matrix3& m);

/// y = matrix * x + offset
struct Affine3 {
    Matrix3 matrix = identity3;
    Vector3 offset{};
};
Affine3 operator*(const Affine3& after, const Affine3& before);

/// Y'CbCr of a matrix to R'G'B'.
Matrix3 rgb_from_yuv(Matrix matrix);

/// Linear light of 1.0 for R'G'B' of 1.0; what lies outside 0 … 1 is clipped by the caller.
double to_linear(Transfer transfer, double encoded);
double from_linear(Transfer transfer, double linear);

/// Y of CIE XYZ of linear R, G and B at 1; unknown primaries count as BT.2020's, which HDR has.
Vector3 luminance_weights(Primaries primaries);

/// Linear RGB of one set of primaries to that of another, white kept white (Bradford).
Matrix3 primaries_change(Primaries from, Primaries to);

/// Code value = scale * value + offset, for a component of `depth` bits.
struct CodeScale {
    double scale, offset;
};
CodeScale luma_codes(int depth, bool full_range);   ///< Y, R, G, B, grey
CodeScale chroma_codes(int depth, bool full_range); ///< Cb, Cr
CodeScale alpha_codes(int depth);

} // namespace onair::sws

// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <array>
#include <vector>

/// docs/specs/conversion.md in double precision: what each output value is before rounding, for pictures that keep
/// their size. Written from that text alone and slow on purpose; shares nothing with plugins/swscale.
namespace onair::test::reference {

enum class Model { yuv, rgb, grey };
/// ITU-R BT.709 (= 601, 2020), SMPTE 240M, IEC 61966-2-1 (sRGB), gamma 2.2, and the identity; SMPTE ST 2084 (PQ) and
/// ARIB STD-B67 (HLG) as their inverse OETF.
enum class Transfer { bt709, smpte240m, srgb, gamma22, linear, pq, hlg };

/// CIE xy of red, green, blue and white.
struct Primaries {
    std::array<double, 8> xy{};
    bool operator==(const Primaries&) const = default;
};

/// One side of a conversion.
struct Side {
    Model model = Model::yuv;
    int components = 3; ///< Y Cb Cr, R G B or grey; the fourth is alpha
    std::array<int, 4> depth{{8, 8, 8, 8}};
    int sub_w = 1, sub_h = 1; ///< luma samples per chroma sample, columns and rows
    bool full = false;
    double kr = 0.2126, kb = 0.0722;
    bool cosited_w = true, cosited_h = false, site_known = true;
    Transfer transfer = Transfer::bt709;
    Primaries primaries{};

    bool is_chroma(int c) const { return model == Model::yuv && (c == 1 || c == 2); }
    int columns(int c, int width) const { return is_chroma(c) ? (width + sub_w - 1) / sub_w : width; }
    int rows(int c, int height) const { return is_chroma(c) ? (height + sub_h - 1) / sub_h : height; }
};

/// Code values of each component in its own grid, row by row.
using Samples = std::array<std::vector<double>, 4>;

/// Code values of the output as real numbers, clipped to 0 … 2^n - 1, not rounded. `transfers` and `primaries`: false
/// is gamma-mode=none and primaries-mode=none.
Samples convert(const Side& in, const Side& out, const Samples& from, int width, int height, bool transfers = true,
                bool primaries = true);

/// Code value to real number (Y and R 0 … 1, chroma -0.5 … 0.5) and back.
double to_real(const Side& side, int component, double code);
double to_code(const Side& side, int component, double real);

} // namespace onair::test::reference

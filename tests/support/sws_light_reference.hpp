// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

/// The section "HDR" of docs/specs/conversion.md in double precision, in cd/m² throughout. Written from that text and
/// the recommendations it names; shares nothing with plugins/swscale.
namespace onair::test::reference {

enum class Light { pq, hlg, sdr }; ///< sdr: BT.709's, shown as BT.1886 has it
using Colour3 = std::array<double, 3>;

// SMPTE ST 2084
inline double pq_to_light(double v) {
    const double p = std::pow(v, 32 / 2523.0);
    return 10000 * std::pow(std::max(p - 107 / 128.0, 0.0) / (2413 / 128.0 - 2392 / 128.0 * p), 8192 / 1305.0);
}
inline double light_to_pq(double light) {
    const double y = std::pow(light / 10000, 1305 / 8192.0);
    return std::pow((107 / 128.0 + 2413 / 128.0 * y) / (1 + 2392 / 128.0 * y), 2523 / 32.0);
}

// ITU-R BT.2100 table 5
constexpr double hlg_a = 0.17883277;
inline double hlg_b() { return 1 - 4 * hlg_a; }
inline double hlg_c() { return 0.5 - hlg_a * std::log(4 * hlg_a); }
inline double hlg_to_scene(double v) { return v <= 0.5 ? v * v / 3 : (std::exp((v - hlg_c()) / hlg_a) + hlg_b()) / 12; }
inline double scene_to_hlg(double e) {
    return e <= 1 / 12.0 ? std::sqrt(3 * e) : hlg_a * std::log(12 * e - hlg_b()) + hlg_c();
}

inline double luminance_2020(const Colour3& c) { return 0.2627 * c[0] + 0.6780 * c[1] + 0.0593 * c[2]; }
inline double most_light(Light kind) { return kind == Light::pq ? 10000 : kind == Light::hlg ? 1000 : 203; }

inline Colour3 display_light(Light kind, const Colour3& encoded) {
    Colour3 c = encoded;
    if (kind == Light::hlg) {
        for (double& v : c)
            v = hlg_to_scene(v);
        const double gain = 1000 * std::pow(luminance_2020(c), 0.2); // 0 for black
        for (double& v : c)
            v *= gain;
    } else {
        for (double& v : c)
            v = kind == Light::pq ? pq_to_light(v) : 203 * std::pow(v, 2.4);
    }
    return c;
}

inline Colour3 encode_light(Light kind, Colour3 c) {
    for (double& v : c)
        v = std::clamp(v, 0.0, most_light(kind));
    if (kind == Light::hlg) {
        const double y = luminance_2020(c) / 1000;
        for (double& v : c)
            v = y > 0 ? scene_to_hlg(std::min(1.0, v / 1000 * std::pow(y, 1 / 1.2 - 1))) : 0;
    } else {
        for (double& v : c)
            v = kind == Light::pq ? light_to_pq(v) : std::pow(v / 203, 1 / 2.4);
    }
    return c;
}

/// ITU-R BT.2390 5.4.1 with black at 0.
inline double bt2390(double light, double peak, double target) {
    const double source = light_to_pq(peak);
    const double e = light_to_pq(std::min(light, peak)) / source, max_lum = light_to_pq(target) / source;
    const double ks = 1.5 * max_lum - 0.5;
    if (e < ks) return light;
    const double t = (e - ks) / (1 - ks);
    const double p = (2 * t * t * t - 3 * t * t + 1) * ks + (t * t * t - 2 * t * t + t) * (1 - ks) +
                     (-2 * t * t * t + 3 * t * t) * max_lum;
    return pq_to_light(p * source);
}

/// `change`: linear RGB of the input's primaries to the output's. `peak`: of the input's light.
inline Colour3 map_light(Light from, Light to, const Colour3& encoded, const std::array<Colour3, 3>& change,
                         double peak, bool tone) {
    Colour3 c = display_light(from, encoded);
    const double largest = std::max({c[0], c[1], c[2]});
    if (tone && peak > most_light(to) && largest > 0) {
        const double gain = bt2390(largest, peak, most_light(to)) / largest;
        for (double& v : c)
            v *= gain;
    }
    Colour3 out{};
    for (size_t i = 0; i < 3; ++i)
        for (size_t j = 0; j < 3; ++j)
            out[i] += change[i][j] * c[j];
    return encode_light(to, out);
}

/// ITU-R BT.2087 annex 1 and BT.2407 2: rounded to 4 places there; from the chromaticities here.
inline std::array<Colour3, 3> rgb_to_xyz(const std::array<double, 8>& xy) {
    std::array<Colour3, 3> m{};
    const auto xyz = [](double x, double y) { return Colour3{x / y, 1, (1 - x - y) / y}; };
    for (size_t c = 0; c < 3; ++c)
        for (size_t i = 0; i < 3; ++i)
            m[i][c] = xyz(xy[2 * c], xy[2 * c + 1])[i];
    return m;
}
inline std::array<Colour3, 3> inverse_of(const std::array<Colour3, 3>& m) {
    std::array<Colour3, 3> r{};
    const auto cofactor = [&](size_t i, size_t j) {
        return m[(i + 1) % 3][(j + 1) % 3] * m[(i + 2) % 3][(j + 2) % 3] -
               m[(i + 1) % 3][(j + 2) % 3] * m[(i + 2) % 3][(j + 1) % 3];
    };
    const double det = m[0][0] * cofactor(0, 0) + m[0][1] * cofactor(0, 1) + m[0][2] * cofactor(0, 2);
    for (size_t i = 0; i < 3; ++i)
        for (size_t j = 0; j < 3; ++j)
            r[j][i] = cofactor(i, j) / det;
    return r;
}
inline std::array<Colour3, 3> primaries_between(const std::array<double, 8>& from, const std::array<double, 8>& to) {
    const auto scaled = [](const std::array<double, 8>& xy) {
        auto m = rgb_to_xyz(xy);
        const auto inv = inverse_of(m);
        const Colour3 white{xy[6] / xy[7], 1, (1 - xy[6] - xy[7]) / xy[7]};
        for (size_t c = 0; c < 3; ++c) {
            const double s = inv[c][0] * white[0] + inv[c][1] * white[1] + inv[c][2] * white[2];
            for (size_t i = 0; i < 3; ++i)
                m[i][c] *= s;
        }
        return m;
    };
    const auto a = scaled(from), b = inverse_of(scaled(to));
    std::array<Colour3, 3> out{};
    for (size_t i = 0; i < 3; ++i)
        for (size_t j = 0; j < 3; ++j)
            for (size_t k = 0; k < 3; ++k)
                out[i][j] += b[i][k] * a[k][j];
    return out;
}

} // namespace onair::test::reference

// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <compare>
#include <cstdint>
#include <numeric>
#include <string>

namespace onair {

/// A reduced fraction with a positive denominator; 0/1 when made with denominator 0.
struct Rational {
    int64_t num = 0;
    int64_t den = 1;

    constexpr Rational() = default;
    constexpr Rational(int64_t n, int64_t d = 1) {
        if (d == 0) return;
        const int64_t g = std::gcd(n, d);
        num = (d < 0 ? -n : n) / (g ? g : 1);
        den = (d < 0 ? -d : d) / (g ? g : 1);
    }

    constexpr bool operator==(const Rational&) const = default;
    constexpr std::strong_ordering operator<=>(const Rational& o) const {
        return static_cast<__int128>(num) * o.den <=> static_cast<__int128>(o.num) * den;
    }
    constexpr Rational inverse() const { return {den, num}; }
    constexpr double value() const { return static_cast<double>(num) / static_cast<double>(den); }
};

/// Products are reduced crosswise first, so sizes times aspect ratios of caps (all int32) cannot overflow.
constexpr Rational operator*(const Rational& a, const Rational& b) {
    const Rational x(a.num, b.den), y(b.num, a.den);
    return {x.num * y.num, x.den * y.den};
}
constexpr Rational operator/(const Rational& a, const Rational& b) { return a * b.inverse(); }

/// "30000/1001"
inline std::string to_text(const Rational& r) { return std::to_string(r.num) + "/" + std::to_string(r.den); }

/// value * num / den rounded to nearest, halves away from zero; no intermediate overflow. den > 0.
constexpr int64_t scale_round(int64_t value, int64_t num, int64_t den) {
    const __int128 product = static_cast<__int128>(value) * num;
    const __int128 half = den / 2;
    return static_cast<int64_t>(product >= 0 ? (product + half) / den : -((-product + half) / den));
}

} // namespace onair

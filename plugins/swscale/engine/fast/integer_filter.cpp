// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/fast/integer_filter.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <numeric>

namespace onair::sws::fast {

namespace {

constexpr int fraction = 15; ///< bits of weights, where they are all below 1
constexpr int largest = INT16_MAX;

bool all_below_one(const Filter& f) {
    return std::all_of(f.weights.begin(), f.weights.end(), [](float w) { return std::fabs(w) < 32767.0F / 32768; });
}

size_t padded_taps(RowFilter::Way way, size_t taps) {
    if (way == RowFilter::Way::halve) return (taps + 1) / 2 * 2;
    if (way == RowFilter::Way::step) return taps;
    return taps <= 4 ? 4 : (taps + 7) / 8 * 8;
}

RowFilter::Way way_of(const Filter& f) {
    if (f.identity) return RowFilter::Way::keep;
    if (is_halving(f)) return RowFilter::Way::halve;
    if ((f.period == 1 || f.period == 2) && f.advance == 1) return RowFilter::Way::step;
    return RowFilter::Way::gather;
}

} // namespace

double overshoot(const Filter& f) {
    double most = 0;
    const size_t taps = static_cast<size_t>(f.taps);
    for (size_t i = 0; i + taps <= f.weights.size(); i += taps)
        most = std::max(most, std::accumulate(&f.weights[i], &f.weights[i] + taps, 0.0, [](double sum, float w) {
                            return sum + std::max(0.0, -static_cast<double>(w));
                        }));
    return most;
}

std::optional<Units> units_for(int depth, const Filter& columns, const Filter& rows) {
    const auto above_one = [](float w) { return w > 1.00001F; };
    for (const Filter* f : {&columns, &rows})
        if (std::any_of(f->weights.begin(), f->weights.end(), above_one)) return std::nullopt;
    // Around the middle of the range a sum is at most the half range times the sum of all weights' sizes.
    const double swing = (1 + 2 * overshoot(columns)) * (1 + 2 * overshoot(rows));
    for (Units units{fraction, depth}; units.bits >= 13; --units.bits)
        if (swing * units.bias() < largest - 64 && units.bits >= depth) return units;
    return std::nullopt;
}

std::optional<UnitsOut> units_out(const Quantiser::Spec& q, const Units& units) {
    // An output sample is scale * (units + bias) / 2^lift + offset; scale is factor * 2^exponent.
    UnitsOut out;
    int exponent = 0;
    out.factor = std::frexp(static_cast<double>(q.scale), &exponent);
    if (out.factor == 0.5) {
        out.factor = 1;
        --exponent;
    }
    out.shift = units.lift() - exponent;
    out.largest = (1 << q.depth) - 1;
    if (out.factor <= 0 || out.shift < 1 || out.shift > 8) return std::nullopt;
    const int add =
        static_cast<int>(std::lround(out.factor * units.bias() + std::ldexp(static_cast<double>(q.offset), out.shift)));
    if (add < INT16_MIN || add + (1 << out.shift) > INT16_MAX) return std::nullopt;
    const bool dithered = q.dither == Dither::bayer;
    for (int y = 0; y < 16; ++y)
        for (int x = 0; x < 48; ++x) {
            // Of the pattern's 8 bits and a half only those that the sums have can carry.
            const int rounds = dithered ? ordered_pattern(x % 16, y) >> (8 - out.shift) : 1 << (out.shift - 1);
            out.pattern[static_cast<size_t>(y)][static_cast<size_t>(x)] = static_cast<int16_t>(add + rounds);
        }
    return out;
}

Column UnitsOut::column(int row) const {
    Column c;
    c.pattern = pattern[static_cast<size_t>(row % 16)].data();
    c.shift = shift;
    c.largest = static_cast<int16_t>(largest);
    return c;
}

bool is_halving(const Filter& f) { return f.period == 1 && f.advance == 2 && all_below_one(f); }

void to_integers(const float* weights, size_t count, double factor, int bits, int* out, int limit) {
    const double one = std::ldexp(1, bits);
    std::vector<double> error(count);
    double sum = 0;
    int given = 0;
    for (size_t t = 0; t < count; ++t) {
        const double exact = static_cast<double>(weights[t]) * factor * one;
        const int nearest = static_cast<int>(std::lround(exact));
        out[t] = std::clamp(nearest, -limit, limit);
        error[t] = exact - nearest;
        sum += exact;
        given += nearest;
    }
    // What rounding left over goes where it was furthest from its number.
    for (int left = static_cast<int>(std::lround(sum)) - given; left != 0; left += left > 0 ? -1 : 1) {
        const double sign = left > 0 ? 1 : -1;
        size_t at = 0;
        for (size_t t = 1; t < count; ++t)
            if (error[t] * sign > error[at] * sign) at = t;
        out[at] = std::clamp(out[at] + static_cast<int>(sign), -limit, limit);
        error[at] -= sign;
    }
}

void to_integers(const float* weights, size_t count, double factor, int bits, int16_t* out) {
    std::vector<int> wide(count);
    to_integers(weights, count, factor, bits, wide.data(), largest);
    std::copy(wide.begin(), wide.end(), out);
}

RowFilter make_row_filter(const Filter& f, int outputs, const Units& units) {
    RowFilter r;
    r.way = way_of(f);
    r.inputs = f.inputs;
    r.outputs = outputs;
    r.bias = static_cast<int16_t>(units.bias());
    const bool in_units = r.way == RowFilter::Way::keep || r.way == RowFilter::Way::step;
    r.lift = in_units ? units.lift() : 0;
    if (r.way == RowFilter::Way::keep) return r;
    const size_t taps = static_cast<size_t>(f.taps);
    const bool periodic = r.way != RowFilter::Way::gather;
    const size_t count = periodic ? std::min(f.first.size(), static_cast<size_t>(f.period)) : f.first.size();
    const int bits = in_units || all_below_one(f) ? fraction : fraction - 1;
    r.taps = padded_taps(r.way, taps);
    r.margin = f.margin();
    r.first.assign(f.first.begin(), f.first.begin() + static_cast<ptrdiff_t>(count));
    // Outputs behind the last have no weights, but their samples are read: those of the last are there.
    r.first.resize(count + (periodic ? 0 : row_slack), r.first.back());
    r.weights.assign(r.first.size() * r.taps, 0);
    std::vector<int16_t> w(taps);
    for (size_t i = 0; i < count; ++i) {
        to_integers(&f.weights[i * taps], taps, 1, bits, w.data());
        for (size_t t = 0; t < taps; ++t)
            r.weights[periodic ? i * r.taps + t : gather_weight(i, t, r.taps)] = w[t];
    }
    const int shift = bits - units.lift(); // samples times weights to units
    r.rounding = {(1 << (shift - 1)) - (units.bias() << shift), shift};
    return r;
}

void RowFilter::apply(const int16_t* in, int16_t* out) const {
    const size_t count = static_cast<size_t>(outputs);
    switch (way) {
    case Way::keep:
        return subtract(in, out, count, bias);
    case Way::halve:
        return halve(in + first[0], out, count, weights.data(), taps, rounding);
    case Way::step: {
        const std::array<Phase, 2> phases{
            {{first[0], weights.data()}, {first.back(), weights.data() + weights.size() - taps}}};
        return step(in, out, count, phases.data(), first.size(), taps, bias);
    }
    case Way::gather:
        return gather(in, out, count, first.data(), weights.data(), taps, rounding);
    }
}

ColumnFilter make_column_filter(const Filter& f, double factor) {
    ColumnFilter c;
    c.first = f.first;
    if (f.identity && factor == 1) return c;
    if (f.identity) {
        c.taps = 1;
        for (int row = 0; row < f.inputs; ++row)
            c.first.push_back(row);
        c.weights.resize(c.first.size());
        const float whole = 1;
        for (int16_t& w : c.weights)
            to_integers(&whole, 1, factor, fraction, &w);
        return c;
    }
    c.taps = static_cast<size_t>(f.taps);
    c.weights.resize(f.weights.size());
    for (size_t i = 0; i < c.weights.size(); i += c.taps)
        to_integers(&f.weights[i], c.taps, factor, fraction, &c.weights[i]);
    return c;
}

} // namespace onair::sws::fast

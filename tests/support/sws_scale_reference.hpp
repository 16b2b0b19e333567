// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

/// docs/specs/conversion.md for pictures that change their size, in double precision. Written from that text alone and
/// slow on purpose; shares nothing with plugins/swscale.
namespace onair::test::reference {

/// w(t), zero from |t| = support on.
struct ScaleKernel {
    enum class Shape { triangle, cubic, lanczos } shape = Shape::cubic;
    double b = 0, c = 0.6; ///< of Mitchell and Netravali
    double lobes = 3;

    double support() const { return shape == Shape::triangle ? 1 : shape == Shape::cubic ? 2 : lobes; }
    double weight(double t) const {
        t = std::fabs(t);
        if (t >= support()) return 0;
        if (shape == Shape::triangle) return 1 - t;
        if (shape == Shape::lanczos) {
            const auto sinc = [](double x) { return x == 0 ? 1 : std::sin(M_PI * x) / (M_PI * x); };
            return sinc(t) * sinc(t / lobes);
        }
        const double t2 = t * t, t3 = t2 * t;
        if (t < 1) return ((12 - 9 * b - 6 * c) * t3 + (-18 + 12 * b + 6 * c) * t2 + 6 - 2 * b) / 6;
        return ((-b - 6 * c) * t3 + (6 * b + 30 * c) * t2 + (-12 * b - 48 * c) * t + 8 * b + 24 * c) / 6;
    }
};

/// Where the samples of a component lie along one direction, in luma samples, and how long the picture is.
struct ScaleLine {
    int samples = 1;
    double step = 1, first = 0;
    int luma = 1;
};
/// `site` 0: cosited.
inline ScaleLine scale_line(int luma, int subsampling, bool cosited) {
    return {(luma + subsampling - 1) / subsampling, static_cast<double>(subsampling),
            cosited ? 0 : (subsampling - 1) / 2.0, luma};
}

/// One line of samples to another size; the outermost samples repeat.
inline std::vector<double> scale(const std::vector<double>& in, const ScaleLine& from, const ScaleLine& to,
                                 const ScaleKernel& kernel) {
    const double ratio = static_cast<double>(from.luma) / to.luma;
    const double wide = std::max(from.step, to.step * ratio) / from.step, reach = kernel.support() * wide;
    std::vector<double> out(static_cast<size_t>(to.samples));
    for (int i = 0; i < to.samples; ++i) {
        const double luma = (to.first + to.step * i + 0.5) * ratio - 0.5, at = (luma - from.first) / from.step;
        double sum = 0, weights = 0;
        for (int k = static_cast<int>(std::floor(at - reach)); k <= std::ceil(at + reach); ++k) {
            const double w = kernel.weight((at - k) / wide);
            sum += w * in[static_cast<size_t>(std::clamp(k, 0, from.samples - 1))];
            weights += w;
        }
        out[static_cast<size_t>(i)] = sum / weights;
    }
    return out;
}

/// A component's plane, columns first.
inline std::vector<double> scale_plane(const std::vector<double>& in, const ScaleLine& from_columns,
                                       const ScaleLine& from_rows, const ScaleLine& to_columns,
                                       const ScaleLine& to_rows, const ScaleKernel& kernel) {
    const size_t width = static_cast<size_t>(from_columns.samples), rows = static_cast<size_t>(from_rows.samples);
    const size_t out_width = static_cast<size_t>(to_columns.samples), out_rows = static_cast<size_t>(to_rows.samples);
    std::vector<double> wide(out_width * rows), out(out_width * out_rows), line;
    const bool same_columns = from_columns.luma == to_columns.luma && from_columns.step == to_columns.step &&
                              from_columns.first == to_columns.first;
    const bool same_rows =
        from_rows.luma == to_rows.luma && from_rows.step == to_rows.step && from_rows.first == to_rows.first;
    for (size_t y = 0; y < rows; ++y) {
        line.assign(&in[y * width], &in[y * width] + width);
        if (!same_columns) line = scale(line, from_columns, to_columns, kernel);
        std::copy(line.begin(), line.end(), &wide[y * out_width]);
    }
    for (size_t x = 0; x < out_width; ++x) {
        line.resize(rows);
        for (size_t y = 0; y < rows; ++y)
            line[y] = wide[y * out_width + x];
        const std::vector<double> column = same_rows ? line : scale(line, from_rows, to_rows, kernel);
        for (size_t y = 0; y < out_rows; ++y)
            out[y * out_width + x] = column[y];
    }
    return out;
}

} // namespace onair::test::reference

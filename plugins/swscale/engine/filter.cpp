// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/filter.hpp"

#include "engine/row_loops.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace onair::sws {

namespace {

double sinc(double t) { return t == 0 ? 1 : std::sin(M_PI * t) / (M_PI * t); }

/// Mitchell and Netravali, Reconstruction Filters in Computer Graphics, 1988, equation 8.
double cubic(double t, double b, double c) {
    if (t < 1) return ((12 - 9 * b - 6 * c) * t * t * t + (-18 + 12 * b + 6 * c) * t * t + 6 - 2 * b) / 6;
    return ((-b - 6 * c) * t * t * t + (6 * b + 30 * c) * t * t + (-12 * b - 48 * c) * t + 8 * b + 24 * c) / 6;
}

Grid grid(int begin, int length, int log2_spacing, int site) {
    const double spacing = 1 << log2_spacing;
    const Span span = span_of(begin, length, log2_spacing);
    const double first = log2_spacing > 0 && site != 0 ? (spacing - 1) / 2 : 0;
    return {span.count, spacing, first + spacing * span.first - begin};
}

struct Row {
    Method method;
    Kernel::Shape shape;
    double b, c, lobes; ///< lobes 0: the envelope
};
/// As sws_scaler.cpp's table, for sizes that libswscale does not take and settings that it does not have.
constexpr Row rows[] = {
    {Method::nearest, Kernel::Shape::nearest, 0, 0, 0},
    {Method::bilinear, Kernel::Shape::triangle, 0, 0, 0},
    {Method::four_tap, Kernel::Shape::lanczos, 0, 0, 2},
    {Method::lanczos, Kernel::Shape::lanczos, 0, 0, 0},
    {Method::bilinear2, Kernel::Shape::triangle, 0, 0, 0},
    {Method::sinc, Kernel::Shape::sinc, 0, 0, 0},
    {Method::hermite, Kernel::Shape::cubic, 0, 0, 0},
    {Method::spline, Kernel::Shape::cubic, 0, 0.5, 0},
    {Method::catrom, Kernel::Shape::cubic, 0, 0.5, 0},
    {Method::mitchell, Kernel::Shape::cubic, 1.0 / 3, 1.0 / 3, 0},
    {Method::bicubic, Kernel::Shape::cubic, 0, 0.6, 0},
    {Method::area, Kernel::Shape::box, 0, 0, 0},
    {Method::gauss, Kernel::Shape::gauss, 0, 0, 0},
    {Method::bicublin, Kernel::Shape::cubic, 0, 0.6, 0},
    {Method::experimental, Kernel::Shape::cubic, 0, 0.6, 0},
};

void find_period(Filter& f) {
    const size_t taps = static_cast<size_t>(f.taps), count = f.first.size();
    for (const int period : {1, 2, 4}) {
        const size_t p = static_cast<size_t>(period);
        if (count <= p) return;
        const int advance = f.first[p] - f.first[0];
        bool same = advance > 0;
        for (size_t i = 0; same && i + p < count; ++i)
            same = f.first[i + p] == f.first[i] + advance &&
                   std::equal(&f.weights[i * taps], &f.weights[i * taps] + taps, &f.weights[(i + p) * taps]);
        if (!same) continue;
        f.period = period;
        f.advance = advance;
        return;
    }
}

} // namespace

Span span_of(int begin, int length, int log2_spacing) {
    const int first = begin >> log2_spacing;
    return {first, -(-(begin + length) >> log2_spacing) - first};
}

Grid columns_of(const Side& side, int c, int begin) {
    const Format& f = *side.format;
    return grid(begin, side.width, f.is_chroma(c) ? f.log2_chroma_w : 0, side.site.horizontal);
}

Grid rows_of(const Side& side, int c, int begin) {
    const Format& f = *side.format;
    Grid rows = grid(begin, side.height, f.is_chroma(c) ? f.log2_chroma_h : 0, side.site.vertical);
    if (side.field == Field::none) return rows;
    const double second = side.field == Field::bottom ? 1 : 0; // `begin` lies on a chroma row here
    rows.first = (rows.first + (rows.spacing - 1) * second) / 2;
    rows.centre = (second + 0.5) / 2;
    return rows;
}

double Kernel::support() const {
    switch (shape) {
    case Shape::nearest:
        return 0.5;
    case Shape::triangle:
        return 1;
    case Shape::cubic:
        return 2;
    case Shape::box:
        return 0.5;
    case Shape::gauss:
        return 3;
    default:
        return lobes;
    }
}

double Kernel::weight(double t) const {
    t = std::fabs(t);
    if (t >= support()) return 0;
    switch (shape) {
    case Shape::triangle:
        return 1 - t;
    case Shape::cubic:
        return cubic(t, b, c);
    case Shape::sinc:
        return sinc(t);
    case Shape::lanczos:
        return sinc(t) * sinc(t / lobes);
    case Shape::gauss:
        return std::exp2(-3 * t * t);
    default:
        return 1;
    }
}

Kernel chroma_kernel(Resampler resampler, const Quality& quality) {
    Kernel kernel;
    constexpr Kernel::Shape shapes[] = {Kernel::Shape::nearest, Kernel::Shape::triangle, Kernel::Shape::cubic,
                                        Kernel::Shape::sinc, Kernel::Shape::lanczos};
    kernel.shape = shapes[static_cast<int>(resampler)];
    kernel.lobes = quality.envelope;
    return kernel;
}

Kernel scaling_kernel(const Quality& quality) {
    Kernel kernel;
    for (const Row& row : rows)
        if (row.method == quality.method) kernel = {row.shape, row.b, row.c, row.lobes > 0 ? row.lobes : 3};
    const bool by_envelope = kernel.shape == Kernel::Shape::sinc || quality.method == Method::lanczos;
    if (by_envelope && quality.envelope != Quality{}.envelope) kernel.lobes = quality.envelope;
    kernel.sharpness = quality.sharpness;
    kernel.sharpen = quality.sharpen;
    return kernel;
}

int Filter::margin() const {
    int before = 0, behind = 0;
    for (const int at : first) {
        before = std::max(before, -at);
        behind = std::max(behind, at + taps - inputs);
    }
    return std::max(before, behind);
}

void Filter::apply(const float* in, float* out) const {
    const size_t count = first.size(), n = static_cast<size_t>(taps);
    if (period > 0 && taps <= 4) {
        const size_t p = static_cast<size_t>(period);
        for (size_t i = 0; i < p; ++i)
            loops::phase(in + first[i], out + i, &weights[i * n], n, (count - i + p - 1) / p,
                         static_cast<size_t>(advance), p);
        return;
    }
    for (size_t i = 0; i < count; ++i) {
        const float* w = &weights[i * n];
        const float* from = in + first[i];
        float sum = 0;
        for (size_t t = 0; t < n; ++t)
            sum += w[t] * from[t];
        out[i] = sum;
    }
}

Filter make_filter(const Grid& in, const Grid& out, int in_size, int out_size, const Kernel& kernel) {
    Filter f;
    f.inputs = in.count;
    if (in == out && in_size == out_size && kernel.sharpen == 0) return f;
    f.identity = false;
    const double scale = static_cast<double>(in_size) / out_size;
    const double width = std::max(in.spacing, out.spacing * scale) / in.spacing / kernel.sharpness; // in input samples
    const double reach = kernel.support() * width;
    const bool nearest = kernel.shape == Kernel::Shape::nearest;
    f.taps = nearest ? 1 : static_cast<int>(std::ceil(2 * reach)) + 1;
    const size_t taps = static_cast<size_t>(f.taps);
    f.first.resize(static_cast<size_t>(out.count));
    f.weights.assign(f.first.size() * taps, 0);
    std::vector<double> w(taps);
    for (size_t i = 0; i < f.first.size(); ++i) {
        const double luma = (out.first + out.spacing * static_cast<double>(i) + out.centre) * scale - in.centre;
        const double at = (luma - in.first) / in.spacing; // in input samples
        if (nearest) {
            f.first[i] = static_cast<int>(std::ceil(at - 0.5));
            f.weights[i] = 1;
            continue;
        }
        f.first[i] = static_cast<int>(std::ceil(at - reach));
        double sum = 0;
        for (size_t t = 0; t < taps; ++t) {
            const double d = at - (f.first[i] + static_cast<double>(t));
            if (kernel.shape == Kernel::Shape::box) // how much of the input sample the box covers
                w[t] = std::max(0.0, std::min(d + 0.5, width / 2) - std::max(d - 0.5, -width / 2));
            else
                w[t] = kernel.weight(d / width);
            sum += w[t];
        }
        double used = 0;
        for (size_t t = 0; t < taps; ++t)
            used += w[t] != 0;
        for (size_t t = 0; t < taps; ++t) {
            const double even = w[t] != 0 ? kernel.sharpen / used : 0;
            f.weights[i * taps + t] = static_cast<float>(w[t] / sum * (1 + kernel.sharpen) - even);
        }
    }
    // Taps that are zero everywhere at the end cost time.
    const auto last_is_zero = [&] {
        for (size_t i = 0; i < f.first.size(); ++i)
            if (f.weights[i * static_cast<size_t>(f.taps) + static_cast<size_t>(f.taps) - 1] != 0) return false;
        return true;
    };
    while (f.taps > 1 && last_is_zero()) {
        const size_t old = static_cast<size_t>(f.taps--);
        std::vector<float> shorter;
        shorter.reserve(f.first.size() * (old - 1));
        for (size_t i = 0; i < f.first.size(); ++i)
            shorter.insert(shorter.end(), &f.weights[i * old], &f.weights[i * old] + old - 1);
        f.weights = std::move(shorter);
    }
    find_period(f);
    return f;
}

} // namespace onair::sws

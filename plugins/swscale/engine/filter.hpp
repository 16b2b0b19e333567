// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/quality.hpp"

#include <vector>

/// From the samples of one grid to those of another, along one direction (docs/specs/conversion.md).
namespace onair::sws {

/// Samples of a component along one direction: sample k lies at first + spacing * k luma samples.
///
/// Rows of a field count in rows of that field. Its luma row k is row 2k + f of the frame (f: 0 top, 1 bottom), its
/// chroma row k row 2k + f of the frame's chroma rows, and both lie where those lie; the picture begins half a row of
/// the frame before its first row. So 4:2:0 chroma of MPEG-2 lies 1/4 (top) and 3/4 (bottom) below a row of its field
/// (ISO/IEC 13818-2 6.1.1.8), and a field that changes its height stays where it was against the other one.
struct Grid {
    int count = 1;
    double spacing = 1;
    double first = 0;
    double centre = 0.5; ///< how far before luma position 0 the picture begins
    bool operator==(const Grid&) const = default;
};
/// `begin`: luma samples of the frame before the picture, which may begin inside a chroma sample.
Grid columns_of(const Side& side, int component, int begin = 0);
Grid rows_of(const Side& side, int component, int begin = 0);

/// The samples of a component that touch `length` luma samples from `begin` on.
struct Span {
    int first = 0, count = 0;
};
Span span_of(int begin, int length, int log2_spacing);

/// w(t) and the |t| from which it is 0.
struct Kernel {
    enum class Shape { nearest, triangle, cubic, sinc, lanczos, box, gauss };
    Shape shape = Shape::triangle;
    double b = 0, c = 0.5; ///< cubic: Mitchell and Netravali's
    double lobes = 2;      ///< sinc and lanczos
    double sharpness = 1, sharpen = 0;
    double support() const;
    double weight(double t) const;
};
Kernel chroma_kernel(Resampler resampler, const Quality& quality);
Kernel scaling_kernel(const Quality& quality);

/// Output sample i is the sum of weights[i * taps + t] * input[first[i] + t]. Indices outside the input mean its
/// outermost samples.
struct Filter {
    bool identity = true;
    int taps = 1;
    std::vector<int> first;
    std::vector<float> weights;
    int inputs = 1;
    int period = 0, advance = 0; ///< after `period` outputs the weights repeat, `advance` inputs further on; 0: never

    /// Input samples that `apply` reads before index 0 and behind the last.
    int margin() const;
    /// `in` has margin() valid samples on both sides.
    void apply(const float* in, float* out) const;
};

/// `in_size` and `out_size` are luma samples of the whole picture: where they differ the picture is scaled.
Filter make_filter(const Grid& in, const Grid& out, int in_size, int out_size, const Kernel& kernel);

} // namespace onair::sws

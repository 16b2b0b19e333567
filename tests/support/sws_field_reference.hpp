// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

/// The section "Fields" of docs/specs/conversion.md in double precision, for one component that keeps its meaning: an
/// interlaced frame (or one field) whose size or chroma grid changes. Written from that text alone, in places of the
/// frame throughout; shares nothing with plugins/swscale.
namespace onair::test::reference {

/// Samples of a component along one direction of the frame, in luma samples: sample j lies at step * j + place.
struct Line {
    int count;
    double step, place;
};

/// Catmull-Rom.
inline double catrom(double t) {
    t = std::abs(t);
    if (t < 1) return 1.5 * t * t * t - 2.5 * t * t + 1;
    return t < 2 ? -0.5 * t * t * t + 2.5 * t * t - 4 * t + 2 : 0;
}

/// Every `every`-th sample of `in`, from number `from` on, makes the same ones of `out`; `sizes` are the luma samples
/// of the two whole frames. The kernel is as wide as the coarser of the two sets of samples.
inline std::vector<double> resize(const std::vector<double>& samples, Line in, Line out, int in_size, int out_size,
                                  int from, int every) {
    std::vector<double> result(static_cast<size_t>(out.count));
    const double ratio = static_cast<double>(in_size) / out_size;
    const bool same = in_size == out_size && in.step == out.step && in.place == out.place;
    const double wide = every * std::max(in.step, out.step * ratio);
    const int last = from + (in.count - 1 - from) / every * every;
    for (int i = from; i < out.count; i += every) {
        if (same) {
            result[static_cast<size_t>(i)] = samples[static_cast<size_t>(i)];
            continue;
        }
        const double at = (out.step * i + out.place + 0.5) * ratio - 0.5;
        double sum = 0, weights = 0;
        const int reach = static_cast<int>(std::ceil(2 * wide / (every * in.step))) + 2;
        const int middle = static_cast<int>(std::floor((at - in.place) / in.step / every));
        for (int n = middle - reach; n <= middle + reach; ++n) {
            const int j = from + n * every; // may lie outside: the outermost of the field is repeated
            const double w = catrom((at - (in.step * j + in.place)) / wide);
            sum += w * samples[static_cast<size_t>(std::clamp(j, from, last))];
            weights += w;
        }
        result[static_cast<size_t>(i)] = sum / weights;
    }
    return result;
}

/// A component as rows of a frame.
struct Plane {
    int width, height;
    std::vector<double> value;
    double& at(int x, int y) {
        return value[static_cast<size_t>(y) * static_cast<size_t>(width) + static_cast<size_t>(x)];
    }
};

/// One direction's places of both sides, and the sizes of the frames.
struct Direction {
    Line in, out;
    int in_size, out_size;
};

/// `interlaced`: the two fields apart; else the frame as one picture.
inline Plane resize(Plane from, Direction columns, Direction rows, bool interlaced) {
    Plane wide{columns.out.count, from.height, {}};
    wide.value.reserve(static_cast<size_t>(wide.width) * static_cast<size_t>(wide.height));
    for (int y = 0; y < from.height; ++y) {
        const auto* row = &from.at(0, y);
        const auto line =
            resize({row, row + from.width}, columns.in, columns.out, columns.in_size, columns.out_size, 0, 1);
        wide.value.insert(wide.value.end(), line.begin(), line.end());
    }
    Plane result{wide.width, rows.out.count, {}};
    result.value.resize(static_cast<size_t>(result.width) * static_cast<size_t>(result.height));
    std::vector<double> column(static_cast<size_t>(wide.height));
    const int every = interlaced ? 2 : 1;
    for (int x = 0; x < wide.width; ++x) {
        for (int y = 0; y < wide.height; ++y)
            column[static_cast<size_t>(y)] = wide.at(x, y);
        for (int field = 0; field < every; ++field) {
            const auto line = resize(column, rows.in, rows.out, rows.in_size, rows.out_size, field, every);
            for (int y = field; y < result.height; y += every)
                result.at(x, y) = line[static_cast<size_t>(y)];
        }
    }
    return result;
}

} // namespace onair::test::reference

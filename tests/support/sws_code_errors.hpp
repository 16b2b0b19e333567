// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "tests/proofs/sws_proof.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <random>
#include <string>

/// Pictures full of detail, and how far a converter's code values are from the reference's.
namespace onair::test {

/// A third each: noise over all code values, ramps, and the outermost codes.
inline reference::Samples wild(const reference::Side& s, int width, int height, std::mt19937& random) {
    reference::Samples samples;
    for (int c = 0; c < s.components; ++c) {
        const int columns = s.columns(c, width), rows = s.rows(c, height);
        const int top = (1 << s.depth[static_cast<size_t>(c)]) - 1;
        for (int y = 0; y < rows; ++y)
            for (int x = 0; x < columns; ++x) {
                const auto noise = static_cast<int>(random() % static_cast<unsigned>(top + 1));
                const int ramp = c % 2 ? top * (3 * y % rows) / rows : top * x / (columns - 1);
                const int ends[] = {0, top, top / 2, top / 2 + 1};
                samples[static_cast<size_t>(c)].push_back(3 * y < rows       ? noise
                                                          : 3 * y < 2 * rows ? ramp
                                                                             : ends[random() % 4]);
            }
    }
    return samples;
}

/// Colours that exist on this side: noise and ramps of R'G'B', brought here by the reference.
inline reference::Samples natural(const reference::Side& s, int width, int height, std::mt19937& random) {
    reference::Side rgb = s;
    rgb.model = reference::Model::rgb;
    rgb.components = 3;
    rgb.depth = {16, 16, 16, 16};
    rgb.sub_w = rgb.sub_h = 1;
    rgb.full = true;
    reference::Samples samples =
        reference::convert(rgb, s, wild(rgb, width, height, random), width, height, false, false);
    for (auto& component : samples)
        for (double& v : component)
            v = std::floor(v + 0.5);
    return samples;
}

/// Distances of code values from the reference's, which are rounded first.
struct CodeError {
    double largest = 0, squares = 0, sum = 0;
    long samples = 0, inner = 0;
    int pictures = 0, failed = 0;

    void add(const Pic& pic, const reference::Samples& truth) {
        if (!pic) {
            ++failed;
            return;
        }
        ++pictures;
        const reference::Samples got = read_samples(pic);
        const reference::Side s = side_of(pic.info);
        for (size_t c = 0; c < static_cast<size_t>(s.components); ++c)
            for (size_t i = 0; i < truth[c].size(); ++i)
                add(got[c][i], truth[c][i], s.depth[c]);
    }
    void add(double got, double truth, int depth) {
        const double d = got - std::floor(truth + 0.5);
        largest = std::max(largest, std::abs(d));
        squares += d * d;
        ++samples;
        if (truth < 2 || truth > (1 << depth) - 3) return; // clipping is no bias
        sum += got - truth;
        ++inner;
    }
    void merge(const CodeError& one) {
        largest = std::max(largest, one.largest);
        squares += one.squares;
        sum += one.sum;
        samples += one.samples;
        inner += one.inner;
        pictures += one.pictures;
        failed += one.failed;
    }
    double rms() const { return samples ? std::sqrt(squares / static_cast<double>(samples)) : 0; }
    double mean() const { return inner ? sum / static_cast<double>(inner) : 0; }
    /// largest / rms
    std::string text() const {
        if (!pictures) return "-";
        char line[64];
        std::snprintf(line, sizeof line, "%.0f / %.3f", largest, rms());
        return line;
    }
};

} // namespace onair::test

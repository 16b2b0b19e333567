// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/filter.hpp"
#include "engine/row_source.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <numeric>
#include <vector>

using namespace onair::sws;

namespace {

Filter chroma(const Grid& in, const Grid& out, int size, Resampler resampler = Resampler::linear) {
    return make_filter(in, out, size, size, chroma_kernel(resampler, Quality{}));
}

/// The weights of output i on inputs 0 … n - 1, edges repeated.
std::vector<double> weights_of(const Filter& f, size_t i) {
    std::vector<double> out(static_cast<size_t>(f.inputs));
    for (int t = 0; t < f.taps; ++t)
        out[static_cast<size_t>(std::clamp(f.first[i] + t, 0, f.inputs - 1))] +=
            static_cast<double>(f.weights[i * static_cast<size_t>(f.taps) + static_cast<size_t>(t)]);
    return out;
}

} // namespace

TEST_CASE("chroma between the grids of 4:4:4, 4:2:2 and 4:1:1") {
    const Grid luma{8, 1, 0}, cosited{4, 2, 0}, centred{4, 2, 0.5}, quarter{2, 4, 0};
    struct Row {
        const char* what;
        Grid in, out;
        size_t output;
        std::vector<double> weights;
    };
    const Row rows[] = {
        {"cosited half: [1 2 1] / 4", luma, cosited, 1, {0, 0.25, 0.5, 0.25, 0, 0, 0, 0}},
        {"its left edge repeats the first", luma, cosited, 0, {0.75, 0.25, 0, 0, 0, 0, 0, 0}},
        {"centred half: [1 3 3 1] / 8", luma, centred, 1, {0, 0.125, 0.375, 0.375, 0.125, 0, 0, 0}},
        {"its right edge", luma, centred, 3, {0, 0, 0, 0, 0, 0.125, 0.375, 0.5}},
        {"cosited up, on a sample", cosited, luma, 2, {0, 1, 0, 0}},
        {"cosited up, between two", cosited, luma, 3, {0, 0.5, 0.5, 0}},
        {"beyond the last sample", cosited, luma, 7, {0, 0, 0, 1}},
        {"centred up", centred, luma, 2, {0.25, 0.75, 0, 0}},
        {"before the first sample", centred, luma, 0, {1, 0, 0, 0}},
        {"the site alone moves", cosited, centred, 1, {0, 0.75, 0.25, 0}},
        {"quarter up", quarter, luma, 3, {0.25, 0.75}},
        {"half to quarter", cosited, quarter, 1, {0, 0.25, 0.5, 0.25}},
    };
    for (const Row& row : rows) {
        CAPTURE(row.what);
        const std::vector<double> got = weights_of(chroma(row.in, row.out, 8), row.output);
        REQUIRE(got.size() == row.weights.size());
        for (size_t i = 0; i < got.size(); ++i)
            CHECK(got[i] == doctest::Approx(row.weights[i]));
    }
}

TEST_CASE("the nearest sample, and of two as near the left one") {
    const Filter f = chroma({8, 1, 0}, {4, 2, 0.5}, 8, Resampler::nearest);
    CHECK(f.first == std::vector<int>{0, 2, 4, 6});
}

TEST_CASE("the same grid is left alone, another size never") {
    const Grid g{5, 2, 0.5};
    CHECK(chroma(g, g, 10).identity);
    CHECK_FALSE(make_filter(g, g, 10, 9, scaling_kernel({})).identity);
}

TEST_CASE("weights sum to one for every kernel and ratio") {
    Quality q;
    for (const double sharpen : {0.0, 1.0})
        for (int method = 0; method <= static_cast<int>(Method::experimental); ++method)
            for (const auto& [from, to] :
                 {std::pair{100, 37}, std::pair{37, 100}, std::pair{1, 9}, std::pair{4000, 1}}) {
                q.method = static_cast<Method>(method);
                q.sharpen = sharpen;
                CAPTURE(method);
                CAPTURE(from);
                const Filter f = make_filter({from, 1, 0}, {to, 1, 0}, from, to, scaling_kernel(q));
                for (size_t i = 0; i < f.first.size(); ++i) {
                    const auto w = weights_of(f, i);
                    CHECK(std::accumulate(w.begin(), w.end(), 0.0) == doctest::Approx(1).epsilon(1e-5));
                }
            }
}

TEST_CASE("the periodic way and the general way agree") {
    for (const auto& [in, out] :
         {std::pair{Grid{40, 1, 0}, Grid{20, 2, 0.5}}, std::pair{Grid{20, 2, 0}, Grid{40, 1, 0}},
          std::pair{Grid{10, 4, 1.5}, Grid{40, 1, 0}}, std::pair{Grid{40, 1, 0}, Grid{10, 4, 0}},
          std::pair{Grid{20, 2, 0.5}, Grid{39, 1, 0}}}) {
        Filter f = chroma(in, out, 40);
        CHECK(f.period > 0);
        std::vector<float> row(static_cast<size_t>(in.count + 2 * f.margin()));
        for (size_t i = 0; i < row.size(); ++i)
            row[i] = static_cast<float>(i * i % 97);
        std::vector<float> fast(static_cast<size_t>(out.count)), slow(fast.size());
        f.apply(row.data() + f.margin(), fast.data());
        f.period = 0;
        f.apply(row.data() + f.margin(), slow.data());
        CHECK(fast == slow);
    }
}

TEST_CASE("rows are fetched once, in both directions, and edges repeat") {
    struct Counted : RowSource {
        int fetched = 0;
        void fetch(int row, float* out) override {
            ++fetched;
            for (int x = 0; x < 4; ++x)
                out[x] = static_cast<float>(10 * row + x);
        }
    } source;
    const Filter columns = chroma({4, 1, 0}, {4, 1, 0}, 4), rows = chroma({6, 2, 0.5}, {12, 1, 0}, 12);
    ResampledRows resampled(source, columns, rows, 4, 4, 6);
    std::vector<float> out(4);
    for (int y = 0; y < 12; ++y) {
        resampled.fetch(y, out.data());
        const double at = std::clamp((y - 0.5) / 2, 0.0, 5.0);
        CAPTURE(y);
        CHECK(static_cast<double>(out[3]) == doctest::Approx(10 * at + 3));
    }
    CHECK(source.fetched == 6);
    resampled.forget();
    resampled.fetch(0, out.data());
    CHECK(source.fetched == 7);
}

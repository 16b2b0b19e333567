// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/colour.hpp"
#include "engine/dither.hpp"
#include "engine/frame_times.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <numeric>
#include <vector>

using namespace onair::sws;

TEST_CASE("code values of black, white and the ends of chroma") {
    struct Row {
        int depth;
        bool full;
        double black, white, least, most;
    };
    const Row rows[] = {
        {8, false, 16, 235, 16, 240},          {10, false, 64, 940, 64, 960}, {12, false, 256, 3760, 256, 3840},
        {16, false, 4096, 60160, 4096, 61440}, {8, true, 0, 255, 0.5, 255.5}, {10, true, 0, 1023, 0.5, 1023.5},
    };
    for (const Row& row : rows) {
        const CodeScale y = luma_codes(row.depth, row.full), c = chroma_codes(row.depth, row.full);
        CAPTURE(row.depth);
        CHECK(y.offset == row.black);
        CHECK(y.scale + y.offset == row.white);
        CHECK(c.offset - c.scale / 2 == row.least);
        CHECK(c.offset + c.scale / 2 == row.most);
    }
}

TEST_CASE("matrices: white has no chroma, and there and back is the same") {
    for (const Matrix m : {Matrix::bt601, Matrix::bt709, Matrix::bt2020, Matrix::smpte240m, Matrix::fcc}) {
        const Vector3 white = inverse(rgb_from_yuv(m)) * Vector3{1, 1, 1};
        CHECK(white[0] == doctest::Approx(1));
        CHECK(std::abs(white[1]) < 1e-12);
        CHECK(std::abs(white[2]) < 1e-12);
        const Vector3 red = rgb_from_yuv(m) * (inverse(rgb_from_yuv(m)) * Vector3{1, 0, 0});
        CHECK(red[0] == doctest::Approx(1));
        CHECK(std::abs(red[1]) < 1e-12);
    }
    const Vector3 red = inverse(rgb_from_yuv(Matrix::bt709)) * Vector3{1, 0, 0}; // BT.709-6 3.2 and 3.3
    CHECK(red[0] == doctest::Approx(0.2126));
    CHECK(red[1] == doctest::Approx(-0.2126 / 1.8556));
    CHECK(red[2] == doctest::Approx(0.5));
}

TEST_CASE("transfer functions: known values, and there and back is the same") {
    struct Row {
        Transfer transfer;
        double encoded, linear;
    };
    const Row rows[] = {
        {Transfer::bt709, 0.081, 0.018},         {Transfer::bt709, 0.5, 0.25958},
        {Transfer::srgb, 0.5, 0.21404},          {Transfer::smpte2084, 0.5080784, 0.01}, // 100 cd/m² (BT.2408 table 1)
        {Transfer::arib_std_b67, 0.5, 1.0 / 12}, {Transfer::arib_std_b67, 0.75, 0.26496},
        {Transfer::gamma22, 0.5, 0.21764},       {Transfer::log100, 0.5, 0.1},
    };
    for (const Row& row : rows) {
        CAPTURE(row.encoded);
        CHECK(to_linear(row.transfer, row.encoded) == doctest::Approx(row.linear).epsilon(1e-3));
    }
    for (int t = 1; t <= static_cast<int>(Transfer::arib_std_b67); ++t)
        for (const double v : {0.1, 0.25, 0.5, 0.75, 1.0}) {
            const auto transfer = static_cast<Transfer>(t);
            CAPTURE(t);
            CHECK(from_linear(transfer, to_linear(transfer, v)) == doctest::Approx(v).epsilon(1e-4));
        }
}

TEST_CASE("primaries: white stays white, BT.709 to BT.2020 as BT.2087 has it") {
    for (int from = 1; from <= static_cast<int>(Primaries::ebu3213); ++from)
        for (int to = 1; to <= static_cast<int>(Primaries::ebu3213); ++to) {
            const Vector3 white =
                primaries_change(static_cast<Primaries>(from), static_cast<Primaries>(to)) * Vector3{1, 1, 1};
            CAPTURE(from);
            CAPTURE(to);
            // XYZ has no white of its own: its (1, 1, 1) is the equal-energy white.
            for (const double v : white)
                CHECK(v == doctest::Approx(1).epsilon(1e-6));
        }
    const Matrix3 m = primaries_change(Primaries::bt709, Primaries::bt2020);
    const double expected[3][3] = {{0.6274, 0.3293, 0.0433}, {0.0691, 0.9195, 0.0114}, {0.0164, 0.0880, 0.8956}};
    for (size_t i = 0; i < 3; ++i)
        for (size_t j = 0; j < 3; ++j)
            CHECK(m[i][j] == doctest::Approx(expected[i][j]).epsilon(2e-3));
}

TEST_CASE("rounding: halves up, clipped, and multiples where they are asked for") {
    Quantiser::Spec spec;
    spec.columns = 5;
    const std::vector<float> in{-3, 0.49F, 0.5F, 254.5F, 300};
    std::vector<uint16_t> out(5);
    Quantiser(spec).quantise(in.data(), out.data(), 0);
    CHECK(out == std::vector<uint16_t>{0, 0, 1, 255, 255});
    spec.step = 16;
    Quantiser(spec).quantise(in.data(), out.data(), 0);
    CHECK(out == std::vector<uint16_t>{0, 0, 0, 240, 240}); // 256 is no value
}

TEST_CASE("every dither keeps the mean and stays within one step") {
    constexpr int side = 256;
    for (const Dither dither : {Dither::verterr, Dither::floyd_steinberg, Dither::sierra_lite, Dither::bayer})
        for (const float value : {20.0F, 20.125F, 20.5F, 100.75F}) {
            Quantiser::Spec spec;
            spec.dither = dither;
            spec.columns = side;
            Quantiser q(spec);
            const std::vector<float> in(side, value);
            std::vector<uint16_t> out(side);
            double sum = 0;
            for (int y = 0; y < side; ++y) {
                q.quantise(in.data(), out.data(), y);
                sum += std::accumulate(out.begin(), out.end(), 0.0);
                for (const uint16_t v : out)
                    REQUIRE(std::abs(static_cast<float>(v) - value) <= 1.0F);
            }
            CAPTURE(static_cast<int>(dither));
            CAPTURE(value);
            CHECK(std::abs(sum / (side * side) - static_cast<double>(value)) < 0.02);
        }
}

TEST_CASE("times of frames: mean of all, percentile of the last thousand") {
    FrameTimes times;
    CHECK(times.p99() == 0);
    CHECK(times.mean() == 0);
    times.add(5);
    CHECK(times.p99() == 5);
    for (int i = 0; i < 1000; ++i)
        times.add(i < 11 ? 100 : 1);
    CHECK(times.frames() == 1001);
    CHECK(times.p99() == 100);
    for (int i = 0; i < 1000; ++i)
        times.add(i < 10 ? 100 : 1);
    CHECK(times.p99() == 1);
}

// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
// Colour in integer rows, without formats: planes in, planes out, against the reference in double precision.
#include "engine/fast/colour_rows.hpp"
#include "engine/fast/rgb_rows.hpp"
#include "engine/format_table.hpp"
#include "tests/support/sws_reference.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <hwy/targets.h>
#include <random>
#include <string>
#include <vector>

using namespace onair;
using namespace onair::sws;
namespace ref = onair::test::reference;

namespace {

struct Planes {
    bool wide = false;
    std::array<int, 3> columns{}, rows{};
    std::array<std::vector<uint16_t>, 3> words;
    std::array<std::vector<uint8_t>, 3> bytes;

    Planes(const Side& side, bool is_wide) : wide(is_wide) {
        for (size_t c = 0; c < 3; ++c) {
            columns[c] = side.format->columns(static_cast<int>(c), side.width);
            rows[c] = side.format->rows(static_cast<int>(c), side.height);
            const size_t count = static_cast<size_t>(columns[c]) * static_cast<size_t>(rows[c]);
            words[c].resize(wide ? count : 0);
            bytes[c].resize(wide ? 0 : count);
        }
    }
    size_t at(size_t c, int row) const { return static_cast<size_t>(columns[c]) * static_cast<size_t>(row); }
    int get(size_t c, size_t i) const { return wide ? words[c][i] : bytes[c][i]; }
    void set(size_t c, size_t i, int v) {
        if (wide)
            words[c][i] = static_cast<uint16_t>(v);
        else
            bytes[c][i] = static_cast<uint8_t>(v);
    }
    size_t size(size_t c) const { return wide ? words[c].size() : bytes[c].size(); }
    uint8_t* row(size_t c, int y) {
        return wide ? reinterpret_cast<uint8_t*>(words[c].data() + at(c, y)) : bytes[c].data() + at(c, y);
    }
    bool operator==(const Planes&) const = default;
};

struct PlaneRow : fast::Rows {
    PlaneRow(Planes& p, size_t c) : planes(p), component(c) {}
    const uint8_t* row(int y) override { return planes.row(component, y); }
    Planes& planes;
    size_t component;
};

/// Rows begin … end - 1, luma before chroma, as a pass asks for them.
void run(fast::ColourRows& rows, Planes& out, int begin, int end, int log2_rows) {
    rows.begin(begin, end);
    for (int y = begin; y < end; ++y)
        for (size_t c = 0; c < 3; ++c) {
            const int shift = c > 0 ? log2_rows : 0;
            if (y & ((1 << shift) - 1)) continue;
            const size_t bytes = static_cast<size_t>(out.columns[c]) * (out.wide ? 2 : 1);
            rows.make(c, y >> shift, out.row(c, y >> shift), bytes);
        }
}

/// A format, its colour and where its chroma lies.
struct Kind {
    const char* format;
    Matrix matrix;
    bool full;
    bool cosited_w = true, cosited_h = false;
};

Side side_of(const Kind& kind, int width, int height) {
    Side s;
    s.format = make_format(kind.format);
    s.width = width;
    s.height = height;
    s.colour = {kind.full, kind.matrix, Transfer::bt709, Primaries::bt709};
    s.site = {kind.cosited_w ? 0 : 128, kind.cosited_h ? 0 : 128};
    return s;
}
ref::Side reference_of(const Kind& kind, const Side& side) {
    ref::Side s;
    s.model = side.format->model == ColourModel::rgb ? ref::Model::rgb : ref::Model::yuv;
    s.depth = side.format->depth;
    s.sub_w = 1 << side.format->log2_chroma_w;
    s.sub_h = 1 << side.format->log2_chroma_h;
    s.full = kind.full;
    const double kr[] = {0.299, 0.2126, 0.2627}, kb[] = {0.114, 0.0722, 0.0593};
    const size_t n = kind.matrix == Matrix::bt601 ? 0 : kind.matrix == Matrix::bt709 ? 1 : 2;
    s.kr = kr[n];
    s.kb = kb[n];
    s.cosited_w = kind.cosited_w;
    s.cosited_h = kind.cosited_h;
    return s;
}

void fill(Planes& planes, int depth, unsigned seed, bool extreme) {
    std::mt19937 random(seed);
    const unsigned most = (1U << depth) - 1;
    for (size_t c = 0; c < 3; ++c)
        for (size_t i = 0; i < planes.size(c); ++i) {
            const unsigned r = static_cast<unsigned>(random());
            planes.set(c, i, static_cast<int>(extreme ? (r & 1 ? most : 0) : r & most));
        }
}

/// Each kind of vector instructions that this processor has.
std::vector<int64_t> targets() {
    std::vector<int64_t> all;
    for (int64_t rest = hwy::SupportedTargets(); rest != 0; rest &= rest - 1)
        all.push_back(rest & -rest);
    return all;
}

struct Errors {
    double most = 0, sum = 0, count = 0; ///< largest; of those that do not clip
};

/// One conversion; its result must be the same however it is cut into bands.
Errors check(const Kind& from, const Kind& to, int width, int height, bool extreme, Dither dither) {
    const Side in = side_of(from, width, height), out = side_of(to, width, height);
    Quality quality;
    quality.dither = dither;
    const PassProgram pass = make_program(in, out, whole(out), quality);
    const auto program = fast::make_colour_program(pass, quality);
    REQUIRE(program);
    const int in_depth = in.format->depth[0], out_depth = out.format->depth[0];
    Planes source(in, in_depth > 8), result(out, out_depth > 8);
    fill(source, in_depth, static_cast<unsigned>(width * 31 + height), extreme);
    std::array<PlaneRow, 3> rows{PlaneRow(source, 0), PlaneRow(source, 1), PlaneRow(source, 2)};
    const auto make = [&] { return fast::ColourRows(*program, {&rows[0], &rows[1], &rows[2]}, source.wide); };
    const int log2_rows = out.format->log2_chroma_h, middle = height / 2 & ~1;
    fast::ColourRows whole_frame = make(), band = make();
    run(whole_frame, result, 0, height, log2_rows);
    for (const int64_t target : targets()) { // none may differ, nor any band
        hwy::SetSupportedTargetsForTest(target);
        Planes other(out, out_depth > 8);
        run(band, other, 0, middle, log2_rows);
        run(band, other, middle, height, log2_rows);
        CHECK(result == other);
    }
    hwy::SetSupportedTargetsForTest(0);
    ref::Samples samples;
    for (size_t c = 0; c < 3; ++c)
        for (size_t i = 0; i < source.size(c); ++i)
            samples[c].push_back(source.get(c, i));
    const auto expected = ref::convert(reference_of(from, in), reference_of(to, out), samples, width, height);
    Errors e;
    for (size_t c = 0; c < 3; ++c)
        for (size_t i = 0; i < result.size(c); ++i) {
            const double error = result.get(c, i) - expected[c][i];
            e.most = std::max(e.most, std::fabs(error));
            if (expected[c][i] < 1 || expected[c][i] > (1 << out_depth) - 2) continue;
            e.sum += error;
            ++e.count;
        }
    return e;
}

constexpr Matrix m601 = Matrix::bt601, m709 = Matrix::bt709, m2020 = Matrix::bt2020;

} // namespace

TEST_CASE("YUV and RGB, and other matrices, within a code of the real number") {
    const std::vector<std::pair<Kind, Kind>> conversions = {
        {{"I420", m709, false}, {"GBR", m709, true}},
        {{"I420", m601, false, false}, {"GBR", m709, true}},
        {{"I420", m2020, true, true, true}, {"GBR", m709, true}},
        {{"Y42B", m2020, false}, {"GBR", m709, true}},
        {{"Y444", m709, false}, {"GBR", m709, true}},
        {{"I420_10LE", m709, false}, {"GBR", m709, true}},
        {{"I422_10LE", m2020, false, false}, {"GBR_10LE", m709, true}},
        {{"I420_12LE", m2020, false}, {"GBR_12LE", m709, true}},
        {{"I422_12LE", m2020, false}, {"GBR", m709, true}},
        {{"Y444_10LE", m2020, false}, {"GBR_10LE", m709, true}},
        {{"GBR", m709, true}, {"I420", m709, false}},
        {{"GBR", m709, true}, {"I420", m601, true, false}},
        {{"GBR", m709, true}, {"I420", m601, false, true, true}},
        {{"GBR", m709, true}, {"I422_10LE", m709, false}},
        {{"GBR", m709, false}, {"Y42B", m709, false, false}},
        {{"GBR", m709, true}, {"Y444", m709, false}},
        {{"GBR_10LE", m709, true}, {"I420_10LE", m2020, false}},
        {{"GBR_12LE", m709, true}, {"I422_12LE", m2020, false}},
        {{"GBR_12LE", m709, true}, {"I420", m2020, false, false}},
        {{"I420", m709, false}, {"I420", m601, false}},
        {{"I422_10LE", m709, false}, {"I422_10LE", m2020, false}},
        {{"I420_10LE", m2020, false, false}, {"I420", m709, true, false}},
        {{"I422_12LE", m709, false}, {"I420_12LE", m2020, false}},
        {{"Y444", m709, false}, {"I420", m601, false}},
        {{"Y444_10LE", m709, true}, {"Y444_12LE", m2020, false}},
        {{"I420", m601, false}, {"Y444_10LE", m709, false}},
    };
    for (const auto& [from, to] : conversions) {
        const std::string name = std::string(from.format) + " to " + to.format;
        CAPTURE(name);
        double most = 0;
        for (const int width : {1, 2, 3, 4, 7, 16, 31, 34, 65, 66, 130, 201})
            for (const int height : {1, 2, 3, 5, 8})
                for (const bool extreme : {false, true})
                    most = std::max(most, check(from, to, width, height, extreme, Dither::none).most);
        MESSAGE(name << ": " << most);
        CHECK(most < 0.6);
    }
}

TEST_CASE("fewer bits are dithered, and the mean stays") {
    const std::vector<std::pair<Kind, Kind>> conversions = {
        {{"I422_10LE", m709, false}, {"GBR", m709, true}},
        {{"I420_10LE", m2020, false}, {"I420", m709, false}},
        {{"GBR_10LE", m709, true}, {"I420", m709, false}},
        {{"GBR_12LE", m709, true}, {"I422_10LE", m709, false}},
    };
    for (const auto& [from, to] : conversions) {
        const std::string name = std::string(from.format) + " to " + to.format;
        CAPTURE(name);
        const Errors e = check(from, to, 512, 256, false, Dither::bayer);
        MESSAGE(name << ": " << e.most << ", mean " << e.sum / e.count);
        CHECK(e.most < 1.1);
        CHECK(std::fabs(e.sum / e.count) < 0.02);
    }
}

namespace {

using Bytes = std::vector<uint8_t>;
using Words = std::vector<int16_t>;
constexpr fast::PixelOffsets orders[] = {{2, 1, 0}, {0, 1, 2}, {1, 2, 3}, {3, 2, 1}};

Bytes noise(size_t count, unsigned seed) {
    std::mt19937 random(seed);
    Bytes bytes(count);
    for (uint8_t& byte : bytes)
        byte = static_cast<uint8_t>(random());
    return bytes;
}

fast::MixRounding uneven_rounding() {
    fast::MixRounding rounding;
    for (size_t i = 0; i < rounding.words.size(); ++i)
        rounding.words[i] = static_cast<int16_t>(i % 16 * 4);
    return rounding;
}

/// R, G and B of a row of pixels.
std::array<Bytes, 3> components(const Bytes& pixels, const fast::PixelOffsets& offsets) {
    const size_t width = pixels.size() / 4;
    std::array<Bytes, 4> taken;
    fast::Taken out{};
    for (size_t c = 0; c < 4; ++c) {
        taken[c].resize(width);
        out[c] = taken[c].data();
    }
    fast::unpack_rgb(4, pixels.data(), out, width);
    return {taken[static_cast<size_t>(offsets[0])], taken[static_cast<size_t>(offsets[1])],
            taken[static_cast<size_t>(offsets[2])]};
}

std::array<Words, 3> halved(const std::array<Bytes, 3>& rgb, fast::Site site) {
    std::array<Words, 3> out;
    for (size_t c = 0; c < 3; ++c) {
        out[c].resize((rgb[c].size() + 1) / 2);
        fast::halve_columns(site, false, {rgb[c].data(), false}, rgb[c].size(), out[c].data());
    }
    return out;
}

/// Both outputs of a matrix.
std::array<Words, 2> mixed(const fast::WordMatrix& m, const std::array<Words, 3>& in,
                           const fast::MixRounding& rounding) {
    std::array<Words, 2> out{Words(in[0].size()), Words(in[0].size())};
    const std::array<fast::InRow, 3> rows{fast::InRow{in[0].data(), true}, {in[1].data(), true}, {in[2].data(), true}};
    const std::array<fast::OutRow, 2> to{fast::OutRow{out[0].data(), true}, {out[1].data(), true}};
    fast::mix_words(m, rows.data(), to.data(), rounding, in[0].size());
    return out;
}

fast::PixelMatrix pixel_matrix(const fast::PixelOffsets& offsets, fast::Site site) {
    fast::PixelMatrix m{offsets, site, {}, {}};
    m.luma.factor = {{{5983, 20127, 2032, 0}}};
    m.luma.add = {1 << 19};
    m.luma.shift = {9};
    m.luma.guard = 6;
    m.chroma.factor = {{{-3298, -11094, 14392, 0}, {14392, -13072, -1320, 0}}};
    m.chroma.add = {1 << 21, 1 << 21};
    m.chroma.shift = {9, 9};
    m.chroma.outputs = 2;
    m.chroma.guard = 4;
    m.chroma.high = 1023;
    return m;
}

} // namespace

TEST_CASE("pixels of four bytes give what their components give") {
    const fast::MixRounding rounding = uneven_rounding();
    for (const int64_t target : targets()) {
        hwy::SetSupportedTargetsForTest(target);
        for (const auto& offsets : orders)
            for (const fast::Site site : {fast::Site::cosited, fast::Site::centred})
                for (size_t width = 1; width <= 200; ++width) {
                    CAPTURE(target);
                    CAPTURE(width);
                    const Bytes pixels = noise(4 * width, static_cast<unsigned>(width));
                    const std::array<Bytes, 3> rgb = components(pixels, offsets);
                    const fast::PixelMatrix m = pixel_matrix(offsets, site);
                    Words luma(width), expected(width);
                    std::array<fast::InRow, 3> rows;
                    for (size_t c = 0; c < 3; ++c)
                        rows[c] = {rgb[c].data(), false};
                    const fast::OutRow to{expected.data(), true};
                    fast::mix_words(m.luma, rows.data(), &to, rounding, width);
                    const size_t half = (width + 1) / 2;
                    std::array<Words, 2> chroma{Words(half), Words(half)};
                    const fast::ChromaRow out{{fast::OutRow{chroma[0].data(), true}, {chroma[1].data(), true}},
                                              &rounding};
                    fast::mix_pixels(m, {pixels.data(), {luma.data(), true}, &rounding}, out, width);
                    CHECK(luma == expected);
                    CHECK(chroma == mixed(m.chroma, halved(rgb, site), rounding));
                }
    }
    hwy::SetSupportedTargetsForTest(0);
}

TEST_CASE("pairs of rows of pixels give what the sums of four rows give") {
    const fast::MixRounding rounding = uneven_rounding();
    constexpr fast::PairWeights weights{3, 7, 5, 1};
    for (const int64_t target : targets()) {
        hwy::SetSupportedTargetsForTest(target);
        for (const auto& offsets : orders)
            for (const fast::Site site : {fast::Site::cosited, fast::Site::centred})
                for (size_t width = 1; width <= 140; ++width) {
                    CAPTURE(target);
                    CAPTURE(width);
                    fast::PixelMatrix m = pixel_matrix(offsets, site);
                    m.chroma.shift = {13, 13};
                    m.chroma.add = {1 << 25, 1 << 25};
                    const size_t half = (width + 1) / 2;
                    std::array<Bytes, 4> pixels, luma;
                    std::array<Words, 3> sums{Words(half), Words(half), Words(half)};
                    for (size_t t = 0; t < 4; ++t) {
                        pixels[t] = noise(4 * width, static_cast<unsigned>(4 * width + t));
                        luma[t].resize(width);
                        const auto row = halved(components(pixels[t], offsets), site);
                        for (size_t c = 0; c < 3; ++c)
                            for (size_t x = 0; x < half; ++x)
                                sums[c][x] = static_cast<int16_t>(sums[c][x] + weights[t] * row[c][x]);
                    }
                    std::array<Bytes, 2> chroma{Bytes(half), Bytes(half)};
                    const fast::ChromaRow out{{fast::OutRow{chroma[0].data(), false}, {chroma[1].data(), false}},
                                              &rounding};
                    std::vector<uint16_t> kept(fast::pair_sums(width));
                    for (size_t t = 0; t < 4; t += 2) {
                        const fast::PixelRow first{pixels[t].data(), {luma[t].data(), false}, &rounding};
                        const fast::PixelRow second{pixels[t + 1].data(), {luma[t + 1].data(), false}, &rounding};
                        fast::mix_pixel_pairs(m, weights, {first, second}, kept.data(), out, width);
                    }
                    m.chroma.high = 255;
                    const std::array<Words, 2> expected = mixed(m.chroma, sums, rounding);
                    for (size_t c = 0; c < 2; ++c)
                        CHECK(Words(chroma[c].begin(), chroma[c].end()) == expected[c]);
                    for (size_t t = 0; t < 4; ++t) {
                        const std::array<Bytes, 3> rgb = components(pixels[t], offsets);
                        const std::array<fast::InRow, 3> rows{
                            fast::InRow{rgb[0].data(), false}, {rgb[1].data(), false}, {rgb[2].data(), false}};
                        Bytes alone(width);
                        const fast::OutRow to{alone.data(), false};
                        fast::mix_words(m.luma, rows.data(), &to, rounding, width);
                        CHECK(luma[t] == alone);
                    }
                }
    }
    hwy::SetSupportedTargetsForTest(0);
}

TEST_CASE("pixels of four bytes are made as their components are, streamed or not, wherever they lie") {
    const fast::MixRounding rounding = uneven_rounding();
    fast::HalfMatrix m;
    m.y = 19077;
    m.y_add = {3, 2};
    m.rv = 29372;
    m.gu = -3494;
    m.gv = -8731;
    m.bu = 18226;
    m.add = -1193;
    for (const int64_t target : targets()) {
        hwy::SetSupportedTargetsForTest(target);
        for (const fast::Site site : {fast::Site::cosited, fast::Site::centred})
            for (size_t width = 1; width <= 300; width += width < 140 ? 1 : 7) {
                CAPTURE(target);
                CAPTURE(width);
                const Bytes luma = noise(width, static_cast<unsigned>(width));
                const size_t half = (width + 1) / 2;
                std::array<Words, 2> chroma{Words(half + 64), Words(half + 64)};
                std::mt19937 random(static_cast<unsigned>(width));
                for (Words& row : chroma)
                    for (int16_t& v : row)
                        v = static_cast<int16_t>(static_cast<int>(random() % 32768) - 16384);
                std::array<std::vector<uint16_t>, 3> tints;
                fast::HalfColour in{{luma.data(), false}, {}};
                for (size_t c = 0; c < 3; ++c) {
                    tints[c].resize(half + 128);
                    in.tints[c] = tints[c].data() + 64;
                }
                fast::make_tints(m, chroma[0].data(), chroma[1].data(), in.tints, half);
                std::array<Bytes, 3> planes{Bytes(width), Bytes(width), Bytes(width)};
                uint8_t* const rows[] = {planes[0].data(), planes[1].data(), planes[2].data()};
                fast::mix_halves(m, site, in, rows, rounding, width);
                for (const auto& offsets : orders)
                    for (const size_t place : {size_t{0}, size_t{1}, size_t{4}, size_t{8}, size_t{40}}) {
                        alignas(64) std::array<uint8_t, 4 * 300 + 128> memory;
                        memory.fill(7);
                        fast::mix_halves_to_pixels(m, site, in, offsets, place != 4, memory.data() + 64 + place,
                                                   rounding, width);
                        Bytes pixels(memory.begin() + 64 + static_cast<ptrdiff_t>(place),
                                     memory.begin() + 64 + static_cast<ptrdiff_t>(place + 4 * width));
                        CHECK(components(pixels, offsets) == planes);
                        const size_t fourth = static_cast<size_t>(6 - offsets[0] - offsets[1] - offsets[2]);
                        for (size_t x = 0; x < width; ++x)
                            if (pixels[4 * x + fourth] != 255) FAIL_CHECK("not opaque");
                        CHECK(memory[63 + place] == 7);
                        CHECK(memory[64 + place + 4 * width] == 7);
                    }
            }
    }
    hwy::SetSupportedTargetsForTest(0);
}

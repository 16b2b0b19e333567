// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
// Rows of integers beside the way over numbers (NativePass) and the reference in double precision: every width, all
// kinds of vector instructions that this processor has, several threads. ONAIR_FAST_ALL=1 does all of it.
#include "engine/executor.hpp"
#include "engine/fast/fast_pass.hpp"
#include "engine/fast/simd.hpp"
#include "engine/format_table.hpp"
#include "engine/native_pass.hpp"
#include "sws_format_frames.hpp"
#include "tests/support/sws_reference.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <cstdlib>
#include <string>
#include <tuple>
#include <vector>

using namespace onair;
using namespace onair::sws;
using test::FormatFrame;
using test::Guard;
using test::Samples;

namespace {

bool all() {
    const char* wanted = std::getenv("ONAIR_FAST_ALL");
    return wanted && std::string(wanted) != "0";
}

Side side(const char* name, int width, int height, int horizontal = 0, int vertical = -513) {
    Side s;
    s.format = make_format(name);
    REQUIRE(s.format);
    s.width = width;
    s.height = height;
    s.colour.full_range = s.format->model == ColourModel::rgb;
    s.site = {horizontal, vertical};
    return s;
}

test::reference::Side reference_side(const Side& s) {
    using test::reference::Model;
    test::reference::Side r;
    const Format& f = *s.format;
    r.model = f.model == ColourModel::rgb ? Model::rgb : f.model == ColourModel::grey ? Model::grey : Model::yuv;
    r.components = f.components;
    r.depth = f.depth;
    r.sub_w = 1 << f.log2_chroma_w;
    r.sub_h = 1 << f.log2_chroma_h;
    r.full = s.colour.full_range;
    r.cosited_w = s.site.horizontal == 0;
    r.cosited_h = s.site.vertical == 0;
    return r;
}

struct Case {
    const char *in, *out;
    int in_horizontal = 0, in_vertical = -513; ///< chroma sites
    int out_horizontal = 0, out_vertical = -513;
};

struct Job {
    Side in, out;
    Quality quality;
};

Job job_of(const Case& c, int width, int height, Dither dither) {
    Job job{side(c.in, width, height, c.in_horizontal, c.in_vertical),
            side(c.out, width, height, c.out_horizontal, c.out_vertical),
            {}};
    job.quality.dither = dither;
    return job;
}

/// Half of the pictures are noise, the others the outermost codes.
void fill(const Side& side, const FormatFrame& frame, unsigned seed) {
    std::mt19937 random(seed);
    Samples samples(*side.format, side.width, side.height);
    samples.randomise(*side.format, random);
    if (seed % 2 == 1)
        for (size_t c = 0; c < 4; ++c)
            for (auto& row : samples.row[c])
                for (uint16_t& s : row)
                    s = s & 1 ? static_cast<uint16_t>((1u << side.format->depth[c]) - 1) : uint16_t{0};
    test::write_all(*side.format, frame.view(), samples, side.width, side.height);
}

std::vector<uint8_t> bytes_of(const FormatFrame& frame) {
    std::vector<uint8_t> all;
    for (size_t p = 0; p < frame.planes(); ++p)
        for (int y = 0; y < frame.shape().plane[p].rows; ++y)
            all.insert(all.end(), frame.row(p, y), frame.row(p, y) + frame.shape().plane[p].row_bytes);
    return all;
}

/// The largest distance of code values from the contract's real numbers.
double error_of(const Job& job, const FormatFrame& in, const FormatFrame& out) {
    const Samples from = test::read_all(*job.in.format, in.view(), job.in.width, job.in.height, true);
    const Samples made = test::read_all(*job.out.format, out.view(), job.out.width, job.out.height, true);
    test::reference::Samples numbers;
    for (size_t c = 0; c < 4; ++c)
        for (const auto& row : from.row[c])
            numbers[c].insert(numbers[c].end(), row.begin(), row.end());
    const auto wanted =
        test::reference::convert(reference_side(job.in), reference_side(job.out), numbers, job.in.width, job.in.height);
    double worst = 0;
    for (size_t c = 0; c < static_cast<size_t>(job.out.format->components); ++c) {
        size_t i = 0;
        for (const auto& row : made.row[c])
            for (const uint16_t sample : row)
                worst = std::max(worst, std::abs(sample - wanted[c][i++]));
    }
    return worst;
}

/// Rows in frames between faulting pages, on one kind of instructions; twice to the same memory.
std::vector<uint8_t> run(const Job& job, const fast::FastProgramPtr& program, const FormatFrame& src, unsigned threads,
                         Guard guard) {
    FormatFrame dst(*job.out.format, job.out.width, job.out.height, guard, 0x55);
    ThreadPool pool(threads);
    fast::FastPass pass(program, threads);
    pass.run(src.view(), dst.view(), pool);
    CHECK(dst.damaged() == 0);
    std::vector<uint8_t> first = bytes_of(dst);
    for (size_t p = 0; p < dst.planes(); ++p)
        for (int y = 0; y < dst.shape().plane[p].rows; ++y)
            std::fill_n(dst.row(p, y), dst.shape().plane[p].row_bytes, uint8_t{0xAA});
    pass.run(src.view(), dst.view(), pool);
    CHECK(dst.damaged() == 0);
    CHECK((bytes_of(dst) == first));
    return first;
}

/// One size of one case. `same`: the way over numbers must give the very bytes.
void check(const Case& c, int width, int height, Dither dither, bool same) {
    const Job job = job_of(c, width, height, dither);
    const Placement placement = whole(job.out);
    fast::FastProgramPtr program = fast::make_fast_program(job.in, job.out, placement, job.quality);
    REQUIRE(program);
    auto streamed = std::make_shared<fast::FastProgram>(*program);
    streamed->streams = true;
    FormatFrame src(*job.in.format, width, height, width % 2 ? Guard::behind : Guard::before, 0);
    fill(job.in, src, static_cast<unsigned>(width * 3 + height));
    FormatFrame dst(*job.out.format, width, height, Guard::behind, 0xAA);
    ThreadPool pool(1);
    NativePass(make_program(job.in, job.out, placement, job.quality), 1).run(src.view(), dst.view(), pool);
    const std::vector<uint8_t> numbers = bytes_of(dst);
    fast::FastPass(program, 1).run(src.view(), dst.view(), pool);
    const std::vector<uint8_t> wanted = bytes_of(dst);
    if (same) CHECK((numbers == wanted));
    CHECK(error_of(job, src, dst) <= (dither == Dither::none ? 0.5 : 1.0) + 1e-6);
    static const std::vector<std::string> targets = fast::simd_targets();
    static unsigned turn = 0;
    for (const std::string& target : targets) {
        CAPTURE(target);
        const fast::SimdTarget only(target);
        const bool stream = &target == &targets.back() || all() || ++turn % 2 == 0;
        if (!stream || all()) CHECK((run(job, program, src, turn % 3 + 1, Guard::behind) == wanted));
        if (!stream) continue;
        CHECK((run(job, streamed, src, turn % 3 + 1, Guard::before) == wanted));
        CHECK((run(job, streamed, src, turn % 3 + 1, Guard::aligned) == wanted));
    }
}

void check_widths(const Case& c, bool same) {
    const std::string what = std::string(c.in) + " to " + c.out;
    CAPTURE(what);
    static int turn = 0; // so that the cases share the widths
    ++turn;
    const bool fewer_bits = make_format(c.in)->depth[0] > make_format(c.out)->depth[0];
    for (int width = 1; width <= 200; ++width) {
        if (!all() && width != 1 && (width + 3 * turn) % (width < 36 ? 4 : 31) != 0) continue;
        CAPTURE(width);
        check(c, width, 1 + width % 7, Dither::none, same);
        if (fewer_bits) check(c, width, 1 + width % 7, Dither::bayer, same);
    }
}

} // namespace

TEST_CASE("layouts and depths: the very bytes of the way over numbers") {
    const Case cases[] = {
        {"v210", "I422_10LE"}, {"I422_10LE", "v210"},      {"UYVY", "I422_10LE"},      {"I422_10LE", "UYVY"},
        {"UYVY", "I420"},      {"P010_10LE", "NV12"},      {"I420", "NV12"},           {"NV12", "I420"},
        {"UYVY", "v210"},      {"v210", "UYVY"},           {"YUY2", "NV16"},           {"v210", "I420"},
        {"I420", "P010_10LE"}, {"P010_10LE", "I420_10LE"}, {"I420_10LE", "P010_10LE"}, {"NV12", "NV21"},
        {"Y444_16LE", "Y444"}, {"I422_12LE", "I422_10LE"}, {"Y210", "v210"},           {"v216", "UYVY"},
        {"YVYU", "VYUY"},      {"GRAY8", "NV12"},          {"GRAY8", "UYVY"},          {"I420", "GRAY8"},
        {"Y444", "I420"},      {"Y444", "UYVY"},           {"I420", "Y444"},           {"NV12", "UYVY"},
        {"UYVY", "NV12"},      {"I422_10LE", "I420"},      {"I420_10LE", "I422_10LE"}, {"Y444_10LE", "v210"},
        {"v210", "Y210"},      {"v210", "I422_12LE"},      {"v210", "P010_10LE"},      {"A420", "A444"},
    };
    for (const Case& c : cases)
        check_widths(c, true);
}

TEST_CASE("chroma sites") {
    const Case cases[] = {
        {"Y444", "I420", 0, 0, -513, -513},    {"I420", "Y444", -513, -513, 0, 0},      {"UYVY", "I420", 0, 0, 0, 0},
        {"I420", "I420", 0, -513, -513, -513}, {"I420_10LE", "NV12", -513, 0, 0, -513}, {"NV12", "YUY2", 0, 0, -513, 0},
    };
    for (const Case& c : cases)
        check_widths(c, true);
}

TEST_CASE("packed 4:2:2 straight to planes: whole vectors and tiles of them, and what is left") {
    const Case cases[] = {
        {"UYVY", "I420"},      {"YVYU", "I420"},      {"UYVY", "NV12"},      {"VYUY", "NV21"},
        {"UYVY", "NV21"},      {"YUY2", "Y42B"},      {"UYVY", "I422_10LE"}, {"YVYU", "I422_10LE"},
        {"Y210", "I422_10LE"}, {"Y210", "I422_12LE"}, {"v210", "I422_10LE"}, {"UYVY", "I420", 0, 0, 0, 0},
    };
    for (const Case& c : cases)
        for (const int width : {126, 128, 192, 256, 384, 390, 576, 578, 774}) {
            const std::string what = std::string(c.in) + " to " + c.out;
            CAPTURE(what);
            CAPTURE(width);
            for (const int height : {1, 5, 8})
                check(c, width, height, Dither::none, true);
        }
}

TEST_CASE("what rows of integers do not do") {
    const auto program = [](const Job& job) {
        return fast::make_fast_program(job.in, job.out, whole(job.out), job.quality);
    };
    CHECK(program(job_of({"UYVY", "I420"}, 64, 48, Dither::none)));
    CHECK(!program(job_of({"UYVY", "I420"}, 64, 48, Dither::floyd_steinberg)));
    CHECK(!program(job_of({"IYU1", "I420"}, 64, 48, Dither::none)));
    Job job = job_of({"I420", "I420_10LE"}, 64, 48, Dither::none);
    CHECK(program(job));
    CHECK(!program(job)->scaling);
    job.in.colour.full_range = job.out.colour.full_range = true; // not by whole bits
    CHECK(program(job)->scaling);
}

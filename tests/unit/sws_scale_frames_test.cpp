// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
// Whole frames that change their size, between faulting pages: rows of integers beside the way over numbers
// (NativePass), whose kernels are the same in single precision. ONAIR_FAST_ALL=1 does all widths.
#include "engine/executor.hpp"
#include "engine/fast/fast_pass.hpp"
#include "engine/fast/simd.hpp"
#include "engine/format_table.hpp"
#include "engine/native_pass.hpp"
#include "sws_format_frames.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <string>
#include <vector>

using namespace onair;
using namespace onair::sws;
using test::FormatFrame;
using test::Guard;
using test::Samples;

namespace {

struct Case {
    const char *in, *out;
    Method method = Method::bicubic;
    Dither dither = Dither::none;
};

struct Size {
    int width, height;
};

Side side(const char* name, const Size& size) {
    Side s;
    s.format = make_format(name);
    REQUIRE(s.format);
    s.width = size.width;
    s.height = size.height;
    s.colour.full_range = s.format->model == ColourModel::rgb;
    s.site.horizontal = 0;
    return s;
}

struct Job {
    Side in, out;
    Quality quality;
    fast::FastProgramPtr program;

    Job(const Case& c, const Size& from, const Size& to, bool full_in = false, bool full_out = false)
        : in(side(c.in, from)), out(side(c.out, to)) {
        in.colour.full_range |= full_in;
        out.colour.full_range |= full_out;
        quality.method = c.method;
        quality.dither = c.dither;
        program = fast::make_fast_program(in, out, whole(out), quality);
    }
};

/// Threads that wake up one after the other, the first of them at the end.
struct LastOneFirst : Executor {
    void run(size_t jobs, const std::function<void(size_t)>& job) override {
        while (jobs > 0)
            job(--jobs);
    }
};

Samples samples_of(const Side& side, const FormatFrame& frame) {
    return test::read_all(*side.format, frame.view(), side.width, side.height, true);
}

int distance(const Samples& a, const Samples& b) {
    int most = 0;
    for (size_t c = 0; c < 4; ++c)
        for (size_t y = 0; y < a.row[c].size(); ++y)
            for (size_t x = 0; x < a.row[c][y].size(); ++x)
                most = std::max(most, std::abs(int{a.row[c][y][x]} - int{b.row[c][y][x]}));
    return most;
}

void check(const Case& c, const Size& from, const Size& to, bool full_in = false, bool full_out = false) {
    const Job job(c, from, to, full_in, full_out);
    REQUIRE(job.program);
    REQUIRE(job.program->scaling);
    FormatFrame src(*job.in.format, from.width, from.height, from.width % 2 ? Guard::behind : Guard::before, 0);
    std::mt19937 random(static_cast<unsigned>(from.width * 31 + to.width));
    Samples noise(*job.in.format, from.width, from.height);
    noise.randomise(*job.in.format, random);
    test::write_all(*job.in.format, src.view(), noise, from.width, from.height);

    FormatFrame numbers(*job.out.format, to.width, to.height, Guard::behind, 0xAA);
    ThreadPool alone(1);
    NativePass(make_program(job.in, job.out, whole(job.out), job.quality), 1).run(src.view(), numbers.view(), alone);
    std::vector<Samples> made;
    const auto run = [&](unsigned threads, bool streams, Guard guard) {
        FormatFrame dst(*job.out.format, to.width, to.height, guard, 0x55);
        auto program = std::make_shared<fast::FastProgram>(*job.program);
        program->streams = streams;
        ThreadPool pool(threads);
        fast::FastPass pass(program, threads);
        for (int frame = 0; frame < 2; ++frame) // nothing is left of the last
            pass.run(src.view(), dst.view(), pool);
        CHECK(dst.damaged() == 0);
        made.push_back(samples_of(job.out, dst));
    };
    for (const std::string& target : fast::simd_targets()) {
        const fast::SimdTarget only(target);
        run(1, false, Guard::behind);
    }
    run(2, false, Guard::before);
    run(3, true, Guard::behind);
    for (const unsigned parts : {2U, 3U}) { // one thread does it all, its own part first
        FormatFrame dst(*job.out.format, to.width, to.height, Guard::behind, 0x55);
        fast::FastPass pass(job.program, parts);
        LastOneFirst late;
        for (int frame = 0; frame < 2; ++frame)
            pass.run(src.view(), dst.view(), late);
        made.push_back(samples_of(job.out, dst));
    }
    CHECK(distance(made[0], samples_of(job.out, numbers)) <= 1);
    for (const Samples& other : made)
        CHECK((other == made[0]));
}

constexpr Case cases[] = {
    {"I420", "I420"},
    {"I422_10LE", "I422_10LE"},
    {"v210", "I420", Method::bicubic, Dither::bayer},
    {"I422_10LE", "I420"},
    {"v210", "v210"},
    {"UYVY", "NV12"},
    {"NV12", "YUY2"},
    {"NV12", "P010_10LE", Method::catrom},
    {"P010_10LE", "NV21", Method::lanczos},
    {"Y444", "UYVY", Method::mitchell},
    {"A420", "A420"},
    {"I420", "GRAY8", Method::bilinear},
    {"RGBP", "RGBP"},
    {"YVYU", "I420_10LE"},
    {"I420_12LE", "I420", Method::bicubic, Dither::bayer},
    {"I422_12LE", "I422_12LE"},
    {"Y210", "I422_10LE", Method::hermite},
    {"Y444_16LE", "P016_LE", Method::lanczos},
};

} // namespace

TEST_CASE("frames between faulting pages: the same on every processor and for every number of threads") {
    for (const Case& c : cases) {
        const std::string what = std::string(c.in) + " to " + c.out;
        CAPTURE(what);
        if (!Job(c, {64, 48}, {32, 24}).program) {
            MESSAGE(what << " goes another way");
            continue;
        }
        std::vector<int> widths{1, 2, 3, 17, 67};
        if (std::getenv("ONAIR_FAST_ALL"))
            for (int width = 4; width <= 200; ++width)
                widths.push_back(width);
        for (const int width : widths) {
            CAPTURE(width);
            const int height = 3 + width * 7 % 23;
            check(c, {2 * width, 2 * height}, {width, height});
            check(c, {width, height}, {2 * width, 2 * height});
            check(c, {width, height}, {width + 5, height + 1 + height / 4});
            check(c, {width + 9, height + height / 3}, {width, height});
            check(c, {width, height + 7}, {width, height});
            check(c, {width + 1, height}, {width, height});
        }
    }
}

namespace {

/// Frames around pictures, cut or bordered.
void check_part(const char* in, const char* out, const Rect& crop, const Rect& picture) {
    Side from = side(in, {crop.width, crop.height}), to = side(out, {picture.width, picture.height});
    const Placement window{crop, 96, 64};
    Placement placement{picture, 84, 56};
    placement.border = {0.9, 0.2, 0.4, 1};
    Quality quality;
    const fast::FastProgramPtr program = fast::make_fast_program(from, to, placement, quality, window);
    REQUIRE(program);
    FormatFrame src(*from.format, 96, 64, Guard::behind, 0);
    std::mt19937 random(7);
    src.randomise(random);
    const Side frame = side(out, {84, 56});
    FormatFrame numbers(*to.format, 84, 56, Guard::behind, 0xAA);
    ThreadPool pool(3);
    NativePass(make_program(from, to, placement, quality, window), 3).run(src.view(), numbers.view(), pool);
    for (const unsigned bands : {1U, 3U}) {
        FormatFrame dst(*to.format, 84, 56, bands == 1 ? Guard::before : Guard::behind, 0x55);
        fast::FastPass(program, bands).run(src.view(), dst.view(), pool);
        CHECK(dst.damaged() == 0);
        CHECK(distance(samples_of(frame, dst), samples_of(frame, numbers)) <= 1);
    }
}

} // namespace

TEST_CASE("crops of the source and borders in the output") {
    struct Row {
        const char *in, *out;
    };
    for (const Row& row : {Row{"I420", "I420"}, Row{"NV12", "P010_10LE"}, Row{"UYVY", "YUY2"}, Row{"v210", "I422_10LE"},
                           Row{"I422_10LE", "v210"}, Row{"BGRA", "RGBA"}, Row{"A420", "A420"}, Row{"GRAY8", "GRAY8"}}) {
        const std::string what = std::string(row.in) + " to " + row.out;
        CAPTURE(what);
        check_part(row.in, row.out, {0, 0, 96, 64}, {12, 0, 60, 56});    // borders beside
        check_part(row.in, row.out, {0, 0, 96, 64}, {0, 8, 84, 40});     // above and below
        check_part(row.in, row.out, {12, 6, 48, 40}, {18, 10, 54, 36});  // all round, of a crop
        check_part(row.in, row.out, {24, 14, 72, 50}, {30, 20, 54, 36}); // to the edges
        check_part(row.in, row.out, {12, 6, 54, 36}, {18, 10, 54, 36});  // the size stays
    }
}

TEST_CASE("the range alone") {
    for (const Case& c : {Case{"I420", "I420"}, Case{"v210", "UYVY", Method::bicubic, Dither::bayer},
                          Case{"NV12", "P010_10LE"}, Case{"I422_12LE", "I422_12LE"}, Case{"Y444_10LE", "Y444_16LE"}})
        for (const bool full : {false, true})
            for (const int width : {1, 6, 75, 131}) {
                const std::string what = std::string(c.in) + " to " + c.out;
                CAPTURE(what);
                CAPTURE(width);
                check(c, {width, 7}, {width, 7}, full, !full);
            }
}

TEST_CASE("parts that divide samples go another way") {
    const auto program = [](const char* name, const Rect& crop, const Rect& picture) {
        return fast::make_fast_program(side(name, {crop.width, crop.height}),
                                       side(name, {picture.width, picture.height}), {picture, 84, 56, {}}, {},
                                       Placement{crop, 96, 64, {}});
    };
    CHECK(program("I420", {2, 2, 40, 20}, {4, 4, 20, 10}));
    CHECK_FALSE(program("I420", {1, 2, 40, 20}, {4, 4, 20, 10}));
    CHECK_FALSE(program("I420", {2, 1, 40, 20}, {4, 4, 20, 10}));
    CHECK_FALSE(program("I420", {2, 2, 40, 20}, {4, 4, 21, 10}));
    CHECK_FALSE(program("v210", {2, 2, 40, 20}, {6, 4, 20, 10}));
}

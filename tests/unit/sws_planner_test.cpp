// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "common/base/error.hpp"
#include "engine/executor.hpp"
#include "engine/planner.hpp"
#include "sws_frames.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

using namespace onair;
using namespace onair::sws;

namespace {

Request between(const char* in, int w, int h, const char* out, int dw, int dh) {
    return test::request(test::side(make_format(in), w, h), test::side(make_format(out), dw, dh));
}

/// "own I420, swscale yuv444p12le, own BGRA": each stage by what it makes.
std::string chain(const Request& request) {
    std::string text;
    for (const Stage& stage : plan_stages(request)) {
        constexpr const char* kinds[] = {"copy ", "own ", "swscale ", "turn ", "fast "};
        text += (text.empty() ? "" : ", ") + std::string(kinds[static_cast<int>(stage.kind)]) + stage.out.format->name;
    }
    return text;
}

} // namespace

TEST_CASE("stages for what changes") {
    struct Row {
        const char* in;
        int w, h;
        const char* out;
        int dw, dh;
        const char* stages;
    };
    const Row rows[] = {
        {"I420", 64, 48, "I420", 64, 48, "copy I420"},
        {"NV12", 64, 48, "I420", 64, 48, "fast I420"},
        {"NV12", 63, 48, "I420", 63, 48, "fast I420"},
        {"UYVY", 64, 48, "I420", 64, 48, "fast I420"},
        {"I420", 64, 48, "I420", 32, 24, "fast I420"},
        {"I420", 64, 48, "NV12", 32, 24, "fast NV12"},
        {"I420", 64, 48, "I420", 31, 24, "fast I420"},
        {"I422_10LE", 64, 48, "I420", 32, 24, "fast I420"},
        {"v210", 64, 48, "I420", 32, 24, "fast I420"},
        {"r210", 64, 48, "RGB", 32, 24, "own RGB as yuv444p10le, fast RGB as yuv444p10le, fast RGB"},
        {"UYVP", 64, 48, "UYVP", 32, 24, "own yuv422p10le, fast yuv422p10le, own UYVP"},
        {"I420", 64, 48, "I420_10LE", 128, 96, "fast I420_10LE"},
        {"I420", 64, 48, "v210", 128, 96, "fast v210"},
        {"I420", 64, 48, "BGRA", 32, 24, "fast yuv444p12le, fast BGRA"},
        {"BGRA", 64, 48, "I420", 128, 96, "fast yuv444p, fast I420"},
        {"BGRA", 64, 48, "RGBA", 32, 24, "fast RGBA"},
        {"RGB", 64, 48, "BGR", 32, 24, "fast BGR"},
        {"GRAY8", 64, 48, "GRAY8", 32, 24, "fast GRAY8"},
        {"RGBA", 64, 48, "BGRA", 64, 48, "fast BGRA"},
        {"RGBA", 64, 48, "RGBx", 64, 48, "fast RGBx"},
    };
    for (const Row& row : rows) {
        const std::string what = std::string(row.in) + " to " + row.out + " " + std::to_string(row.dw);
        CAPTURE(what);
        const std::string stages = row.stages;
        CHECK(chain(between(row.in, row.w, row.h, row.out, row.dw, row.dh)) == stages);
    }
}

TEST_CASE("what colours, sites, borders and kernels ask for") {
    Request r = between("I420", 64, 48, "I420", 64, 48);
    r.out.colour.matrix = Matrix::bt601;
    CHECK(chain(r) == "fast I420");
    r = between("I420", 64, 48, "I420", 64, 48);
    r.out.colour.full_range = true;
    CHECK(chain(r) == "fast I420");
    r = between("I420", 64, 48, "NV12", 64, 48);
    r.out.site.horizontal = -513;
    CHECK(chain(r) == "fast NV12");
    r = between("I420", 64, 48, "I420", 32, 24);
    r.placement = {{0, 4, 32, 24}, 32, 32};
    CHECK(chain(r) == "fast I420");
    r.placement = {{0, 5, 32, 24}, 32, 32}; // inside a chroma row
    CHECK(chain(r) == "fast yuv420p, own I420");
    r = between("I420", 64, 48, "I420", 32, 24);
    r.quality.sharpness = 1.2;
    CHECK(chain(r) == "fast I420");
    r = between("I420", 64, 48, "I420", 32, 24);
    r.out.colour.transfer = Transfer::smpte2084;
    CHECK(chain(r) == "fast I420"); // the other side's is unknown
    r.in.colour.transfer = Transfer::bt709;
    CHECK(chain(r) == "fast yuv444p12le, own I420");
    r.quality.gamma_mode = GammaMode::none;
    CHECK(chain(r).find("fast") == 0);
}

TEST_CASE("who changes the size") {
    struct Row {
        const char* what;
        const char* in;
        Size size;
        const char* out;
        Method method;
        Dither dither;
        const char* stages;
    };
    const Row rows[] = {
        {"a kernel of libswscale alone", "I420", {32, 24}, "I420", Method::area, Dither::none, "swscale I420"},
        {"another", "NV12", {32, 24}, "I420", Method::spline, Dither::none, "swscale I420"},
        {"the default", "I420", {32, 24}, "I420", Method::bicubic, Dither::none, "fast I420"},
        {"many weights", "I420", {32, 24}, "I420", Method::lanczos, Dither::none, "fast I420"},
        {"deep samples", "Y444_16LE", {90, 33}, "I422_12LE", Method::bicubic, Dither::bayer, "fast I422_12LE"},
        {"errors handed on",
         "I422_10LE",
         {32, 24},
         "I420",
         Method::bicubic,
         Dither::floyd_steinberg,
         "fast yuv420p10le, own I420"},
        {"more than 64 rows to a row", "I420", {64, 2}, "I420", Method::bicubic, Dither::none, "own I420"},
    };
    for (const Row& row : rows) {
        CAPTURE(row.what);
        Request r = between(row.in, 64, 48, row.out, row.size.width, row.size.height);
        r.quality.method = row.method;
        r.quality.dither = row.dither;
        CHECK(chain(r) == row.stages);
    }
}

TEST_CASE("engine=swscale is libswscale alone, and refuses what it does not know") {
    Request r = between("I420", 64, 48, "BGRA", 31, 24);
    r.engine = Engine::swscale;
    CHECK(chain(r) == "swscale BGRA");
    r = between("v210", 64, 48, "I420", 64, 48);
    r.engine = Engine::swscale;
    try {
        plan_stages(r);
        FAIL("libswscale has no v210");
    } catch (const Error& e) {
        CHECK(e.kind() == ErrorKind::negotiation);
        CHECK(std::string(e.what()).find("format v210") != std::string::npos);
    }
}

TEST_CASE("sizes that libswscale refuses are scaled all the same") {
    for (const auto& [w, h, dw, dh] :
         {std::array{40000, 2, 1, 1}, std::array{1, 1, 20000, 1}, std::array{16000, 1, 2, 3}}) {
        CAPTURE(w);
        test::GuardedFrame src(AV_PIX_FMT_GRAY8, w, h, test::Layout::gstreamer);
        test::GuardedFrame dst(AV_PIX_FMT_GRAY8, dw, dh, test::Layout::gstreamer);
        for (int y = 0; y < h; ++y)
            std::fill_n(src.row(0, y), w, uint8_t{77});
        test::convert(test::request(test::side(AV_PIX_FMT_GRAY8, w, h), test::side(AV_PIX_FMT_GRAY8, dw, dh)),
                      src.view(), dst.view());
        CHECK(dst.row(0, 0)[0] == 77);
        CHECK(dst.row(0, dh - 1)[dw - 1] == 77);
        CHECK(dst.damaged() == 0);
    }
}

TEST_CASE("an executor runs every job once and hands on the first failure after all have ended") {
    for (const unsigned threads : {1U, 2U, 7U}) {
        ThreadPool pool(threads);
        CHECK(pool.running() == 0); // none before they are needed
        for (const size_t jobs : {size_t{0}, size_t{1}, size_t{3}, size_t{100}}) {
            std::vector<std::atomic<int>> done(jobs);
            pool.run(jobs, [&](size_t i) { ++done[i]; });
            for (const auto& count : done)
                CHECK(count == 1);
        }
        CHECK(pool.running() == threads - 1);
        std::atomic<int> ended = 0;
        const auto failing = [&](size_t i) {
            ++ended;
            if (i % 2 == 0) throw std::runtime_error("job");
        };
        CHECK_THROWS_AS(pool.run(8, failing), std::runtime_error);
        CHECK(ended == 8);
        pool.run(4, [&](size_t) { ++ended; });
        CHECK(ended == 12);
    }
}

// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/fast/integer_filter.hpp"
#include "engine/fast/scaler.hpp"
#include "engine/fast/simd.hpp"
#include "engine/format_table.hpp"
#include "tests/support/sws_scale_reference.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

using namespace onair::sws;
using namespace onair::sws::fast;
namespace reference = onair::test::reference;

namespace {

/// One component of a picture that changes its size.
struct Case {
    const char *in, *out;
    int component;
    int w, h, dw, dh;
    Method method = Method::bicubic;
    bool in_full = false, out_full = false;
    Dither dither = Dither::none;
};

Side side(const char* name, int width, int height, bool full) {
    Side s;
    s.format = make_format(name);
    s.width = width;
    s.height = height;
    s.colour.full_range = full;
    s.site.horizontal = 0;
    return s;
}

struct Pass {
    Side in, out;
    PassProgram program;
    explicit Pass(const Case& c)
        : in(side(c.in, c.w, c.h, c.in_full)), out(side(c.out, c.dw, c.dh, c.out_full)),
          program(make_program(in, out, whole(out), quality_of(c))) {}
    static Quality quality_of(const Case& c) {
        Quality q;
        q.method = c.method;
        q.dither = c.dither;
        return q;
    }
};

reference::ScaleKernel kernel_of(Method method) {
    using Shape = reference::ScaleKernel::Shape;
    switch (method) {
    case Method::bilinear:
        return {Shape::triangle};
    case Method::lanczos:
        return {Shape::lanczos, 0, 0, 3};
    case Method::four_tap:
        return {Shape::lanczos, 0, 0, 2};
    case Method::catrom:
        return {Shape::cubic, 0, 0.5};
    case Method::mitchell:
        return {Shape::cubic, 1.0 / 3, 1.0 / 3};
    default:
        return {Shape::cubic, 0, 0.6};
    }
}

std::vector<uint16_t> picture(const Pass& p, const Case& c, unsigned seed) {
    const Format& f = *p.in.format;
    const size_t count =
        static_cast<size_t>(f.columns(c.component, c.w)) * static_cast<size_t>(f.rows(c.component, c.h));
    const int most = (1 << f.depth[0]) - 1;
    std::mt19937 random(seed);
    std::vector<uint16_t> out(count);
    for (uint16_t& v : out) { // extremes swing furthest
        const int kind = seed % 2 ? 2 : static_cast<int>(random() % 2);
        v = static_cast<uint16_t>(kind == 2 ? random() % static_cast<unsigned>(most + 1) : kind * most);
    }
    return out;
}

template <class T>
std::vector<T> scaled(const Pass& p, const Case& c, const std::vector<uint16_t>& in) {
    const Format &f = *p.in.format, &g = *p.out.format;
    const size_t n = static_cast<size_t>(c.component);
    const auto scaling = make_scaling(p.program.component[n], f.depth[n], f.rows(c.component, c.h));
    REQUIRE(scaling);
    const size_t width = static_cast<size_t>(f.columns(c.component, c.w)),
                 out_width = static_cast<size_t>(g.columns(c.component, c.dw));
    const int rows = g.rows(c.component, c.dh);
    const auto state = scaling->scaler(f.rows(c.component, c.h));
    std::vector<uint8_t> bytes(width);
    for (int y = 0; y < f.rows(c.component, c.h); ++y) {
        const uint16_t* row = &in[static_cast<size_t>(y) * width];
        if (f.depth[n] > 8) {
            state->push(row, y);
            continue;
        }
        std::copy(row, row + width, bytes.begin());
        state->push(bytes.data(), y);
    }
    std::vector<T> out(out_width * static_cast<size_t>(rows) + 1, T{77});
    for (int y = 0; y < rows; ++y)
        state->make(y, &out[static_cast<size_t>(y) * out_width]);
    CHECK(out.back() == 77); // nothing behind the last
    out.pop_back();
    return out;
}

std::vector<int> scaled(const Pass& p, const Case& c, const std::vector<uint16_t>& in) {
    if (p.out.format->depth[0] == 8) {
        const auto out = scaled<uint8_t>(p, c, in);
        return {out.begin(), out.end()};
    }
    const auto out = scaled<uint16_t>(p, c, in);
    return {out.begin(), out.end()};
}

std::vector<double> expected(const Pass& p, const Case& c, const std::vector<uint16_t>& in) {
    const Format &f = *p.in.format, &g = *p.out.format;
    const auto columns = [&](const Format& format, int luma) {
        return reference::scale_line(luma, format.is_chroma(c.component) ? 1 << format.log2_chroma_w : 1, true);
    };
    const auto rows = [&](const Format& format, int luma) {
        return reference::scale_line(luma, format.is_chroma(c.component) ? 1 << format.log2_chroma_h : 1, false);
    };
    auto out = reference::scale_plane({in.begin(), in.end()}, columns(f, c.w), rows(f, c.h), columns(g, c.dw),
                                      rows(g, c.dh), kernel_of(c.method));
    const bool chroma = f.is_chroma(c.component);
    const auto scale_of = [&](int depth, bool full) {
        return full ? std::ldexp(1, depth) - 1 : std::ldexp(chroma ? 224 : 219, depth - 8);
    };
    const auto zero_of = [&](int depth, bool full) {
        return chroma ? std::ldexp(128, depth - 8) : full ? 0 : std::ldexp(16, depth - 8);
    };
    const int a = f.depth[0], b = g.depth[0];
    for (double& v : out)
        v = std::clamp((v - zero_of(a, c.in_full)) / scale_of(a, c.in_full) * scale_of(b, c.out_full) +
                           zero_of(b, c.out_full),
                       0.0, std::ldexp(1, b) - 1);
    return out;
}

struct Error {
    double most = 0, rms = 0, mean = 0;
};
Error error_of(const std::vector<int>& got, const std::vector<double>& wanted) {
    Error e;
    REQUIRE(got.size() == wanted.size());
    for (size_t i = 0; i < got.size(); ++i) {
        const double d = got[i] - wanted[i];
        e.most = std::max(e.most, std::fabs(d));
        e.rms += d * d;
        e.mean += d;
    }
    e.rms = std::sqrt(e.rms / static_cast<double>(got.size()));
    e.mean /= static_cast<double>(got.size());
    return e;
}

} // namespace

TEST_CASE("scaled components are within a code of the real number, the same on every processor") {
    const Case cases[] = {
        {"I420", "I420", 0, 128, 96, 64, 48},
        {"I420", "I420", 1, 128, 96, 64, 48},
        {"I420", "I420", 0, 64, 48, 128, 96},
        {"I420", "I420", 1, 64, 48, 128, 96},
        {"I422_10LE", "I422_10LE", 0, 128, 96, 64, 48},
        {"I422_10LE", "I422_10LE", 2, 64, 48, 128, 96},
        {"I422_10LE", "I420", 0, 128, 96, 64, 48},
        {"I422_10LE", "I420", 1, 128, 96, 64, 48},
        {"I422_10LE", "I420", 1, 128, 96, 64, 48, Method::bicubic, false, false, Dither::bayer},
        {"Y444_12LE", "I420", 1, 128, 96, 64, 48},
        {"Y444_12LE", "I420_10LE", 1, 111, 97, 64, 48},
        {"I420", "I420_10LE", 0, 77, 55, 140, 33, Method::bilinear, true, true},
        {"I420", "I420", 0, 77, 55, 140, 33, Method::lanczos, false, true},
        {"I420_10LE", "I420", 0, 77, 55, 40, 33, Method::bilinear, true, false},
        {"I420_10LE", "I420", 2, 77, 55, 40, 33, Method::mitchell, true, true, Dither::bayer},
        {"Y444", "Y42B", 1, 120, 50, 80, 50, Method::catrom},
        {"Y444", "Y444", 1, 50, 120, 50, 80, Method::four_tap},
        {"Y444", "Y444", 1, 90, 120, 120, 80},
        {"Y444_10LE", "Y444_10LE", 1, 90, 12, 20, 80},
        {"I420_12LE", "I420_12LE", 0, 128, 96, 64, 48},
        {"I422_12LE", "I422_12LE", 1, 64, 48, 128, 96},
        {"Y444_16LE", "Y444_16LE", 1, 90, 77, 120, 80},
        {"Y444_16LE", "Y444_16LE", 2, 90, 77, 45, 80},
        {"Y444_16LE", "I420", 0, 64, 48, 32, 24, Method::bicubic, false, false, Dither::bayer},
        {"I420", "Y444_16LE", 1, 64, 48, 32, 24, Method::lanczos, false, true},
        {"GRAY8", "GRAY8", 0, 3, 2, 200, 150},
        {"GRAY8", "GRAY8", 0, 200, 150, 23, 12},
        {"GRAY8", "GRAY8", 0, 1, 1, 9, 9, Method::lanczos},
    };
    for (const Case& c : cases)
        for (const unsigned seed : {1U, 2U}) {
            const std::string what = std::string(c.in) + " " + std::to_string(c.w) + " to " + c.out + " " +
                                     std::to_string(c.dw) + ", component " + std::to_string(c.component);
            CAPTURE(what);
            CAPTURE(seed);
            const Pass pass(c);
            const auto in = picture(pass, c, seed);
            const auto wanted = expected(pass, c, in);
            std::vector<int> first;
            for (const std::string& target : simd_targets()) {
                CAPTURE(target);
                const SimdTarget only(target);
                const auto got = scaled(pass, c, in);
                if (first.empty()) first = got;
                CHECK(got == first);
            }
            const Error e = error_of(first, wanted);
            if (std::getenv("ONAIR_FIGURES"))
                MESSAGE(what << ": " << e.most << " largest, " << e.rms << " rms, " << e.mean << " mean");
            CHECK(e.most <= (c.dither == Dither::bayer ? 1.1 : 0.75));
        }
}

TEST_CASE("every width") {
    for (int width = 1; width <= 200; ++width)
        for (const int to : {width * 2, (width + 1) / 2, width + 3}) {
            const Case c{"GRAY8", "GRAY8", 0, width, 5, to, 4};
            CAPTURE(width);
            CAPTURE(to);
            const Pass pass(c);
            const auto in = picture(pass, c, 1);
            CHECK(error_of(scaled(pass, c, in), expected(pass, c, in)).most < 0.7);
        }
}

TEST_CASE("integer weights keep their sum and stay near their numbers") {
    std::mt19937 random(5);
    for (int round = 0; round < 1000; ++round) {
        std::vector<float> w(1 + random() % 16);
        float sum = 0;
        for (float& v : w)
            sum += v = static_cast<float>(random() % 1000) / 1000 - (w.size() > 1 ? 0.2F : -1);
        if (std::fabs(sum) < 0.5F) continue;
        bool small = true;
        for (float& v : w)
            small = small && std::fabs(v /= sum) < 0.99F;
        if (!small && w.size() > 1) continue;
        std::vector<int16_t> got(w.size());
        to_integers(w.data(), w.size(), 1, 14, got.data());
        int total = 0;
        for (size_t i = 0; i < w.size(); ++i) {
            total += got[i];
            CHECK(std::fabs(got[i] - static_cast<double>(w[i]) * 16384) < 1.01);
        }
        CHECK(total == 16384);
    }
}

TEST_CASE("what 16 bits cannot hold is done in single precision") {
    for (const Case& c :
         {Case{"I420_12LE", "I420_12LE", 0, 64, 48, 32, 24}, Case{"Y444_16LE", "I420", 0, 64, 48, 32, 24},
          Case{"I420", "I420_10LE", 0, 77, 55, 140, 33, Method::lanczos, true, true}}) {
        const Pass pass(c);
        const auto& component = pass.program.component[0];
        CHECK_FALSE(make_integer_scaling(component, pass.in.format->depth[0], 48));
        CHECK(make_scaling(component, pass.in.format->depth[0], 48));
    }
}

TEST_CASE("what becomes half as wide and less high is added up across rows first") {
    struct Row {
        Case c;
        bool halves;
    };
    const Row rows[] = {
        {{"I420", "I420", 0, 128, 96, 64, 48}, true},
        {{"I420", "I420", 1, 128, 96, 64, 48}, true},
        {{"I422_10LE", "I420", 2, 128, 96, 64, 48}, true},
        {{"I420", "I420", 0, 128, 96, 64, 48, Method::lanczos}, true},
        {{"I420", "I420", 0, 128, 96, 64, 48, Method::bilinear}, true},
        {{"Y444_12LE", "Y444_10LE", 0, 128, 96, 64, 64}, true},
        {{"GRAY8", "GRAY8", 0, 128, 96, 64, 95, Method::catrom}, true},
        {{"I420", "I420", 0, 128, 96, 64, 96}, false},                               // rows stay
        {{"I420", "I420", 0, 128, 96, 64, 97}, false},                               // rows grow
        {{"I420", "I420", 0, 128, 96, 65, 48}, false},                               // each output has its own weights
        {{"I420", "I420", 0, 128, 96, 64, 48, Method::bicubic, true, false}, false}, // a factor in the weights
        {{"Y444_16LE", "Y444_16LE", 0, 128, 96, 64, 48}, false},
    };
    for (const Row& row : rows) {
        const Case& c = row.c;
        const std::string what = std::string(c.in) + " " + std::to_string(c.dw) + "x" + std::to_string(c.dh);
        CAPTURE(what);
        const Pass pass(c);
        const size_t n = static_cast<size_t>(c.component);
        CHECK(static_cast<bool>(make_halving_scaling(pass.program.component[n], pass.in.format->depth[n],
                                                     pass.in.format->rows(c.component, c.h))) == row.halves);
        const auto in = picture(pass, c, 2);
        const auto made = scaled(pass, c, in);
        CHECK(error_of(made, expected(pass, c, in)).most < 0.7);
        for (const std::string& target : simd_targets()) {
            CAPTURE(target);
            const SimdTarget only(target);
            CHECK(scaled(pass, c, in) == made);
        }
    }
}

TEST_CASE("errors handed on, and filters across too many rows, are left to others") {
    for (const Case& c :
         {Case{"I420_10LE", "I420", 0, 64, 48, 32, 24, Method::bicubic, false, false, Dither::floyd_steinberg},
          Case{"GRAY8", "GRAY8", 0, 20, 2000, 20, 10}}) {
        const Pass pass(c);
        CHECK_FALSE(make_scaling(pass.program.component[0], pass.in.format->depth[0], c.h));
    }
}

// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
// Crops and turns: the same samples at other places, and chroma where it belongs when it leaves its grid.
#include "engine/converter_cache.hpp"
#include "sws_format_frames.hpp"
#include "sws_frames.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <random>
#include <string>
#include <vector>

using namespace onair;
using namespace onair::sws;
using test::FormatFrame;
using test::Guard;

namespace {

/// All samples of a component of a frame.
struct Samples {
    int columns, rows;
    std::vector<uint16_t> values;
    int at(int x, int y) const {
        return values[static_cast<size_t>(y) * static_cast<size_t>(columns) + static_cast<size_t>(x)];
    }
};

Samples samples_of(const FormatFrame& frame, const Side& side, int component) {
    const Format& f = *side.format;
    Samples s{f.columns(component, side.width), f.rows(component, side.height), {}};
    s.values.resize(static_cast<size_t>(s.columns) * static_cast<size_t>(s.rows));
    const auto codec = f.codec(side.width, side.height);
    codec->begin(frame.view());
    for (int y = 0; y < s.rows; ++y)
        codec->read(component, y, &s.values[static_cast<size_t>(y) * static_cast<size_t>(s.columns)]);
    return s;
}

/// A frame of random bytes, cut and turned to the same format.
struct Turned {
    Side in, out;
    FormatFrame source, result;

    Turned(const FormatPtr& format, const Side& frame, const Rect& window, const Orientation& o, unsigned threads = 1)
        : in(frame), out(frame), source(*format, frame.width, frame.height, Guard::behind, 0),
          result(*format, o.transpose ? window.height : window.width, o.transpose ? window.width : window.height,
                 Guard::behind, 0) {
        std::mt19937 random(7);
        source.randomise(random);
        out.width = o.transpose ? window.height : window.width;
        out.height = o.transpose ? window.width : window.height;
        Side cropped = in;
        cropped.width = window.width;
        cropped.height = window.height;
        Request r = test::request(cropped, out, threads);
        r.orientation = o;
        const Placement at{window, in.width, in.height};
        if (!at.fills()) r.window = at;
        test::convert(r, source.view(), result.view());
    }
};

constexpr Orientation orientations[] = {{false, false, false}, {true, true, false},  {false, true, true},
                                        {true, false, true},   {false, true, false}, {false, false, true},
                                        {true, false, false},  {true, true, true}};

Side centred(const FormatPtr& format, int width, int height) {
    Side side = test::side(format, width, height);
    side.site = {};
    return side;
}

/// Where sample (x, y) of the output comes from, in a part of `columns` x `rows` samples of the source.
std::pair<int, int> origin(int x, int y, int columns, int rows, const Orientation& o) {
    if (o.mirror_x) x = (o.transpose ? rows : columns) - 1 - x;
    if (o.mirror_y) y = (o.transpose ? columns : rows) - 1 - y;
    return o.transpose ? std::pair{y, x} : std::pair{x, y};
}

int differences(const Turned& t, const Rect& window, const Orientation& o) {
    int bad = 0;
    const Format& f = *t.in.format;
    for (int c = 0; c < f.components; ++c) {
        const int w = f.is_chroma(c) ? f.log2_chroma_w : 0, h = f.is_chroma(c) ? f.log2_chroma_h : 0;
        const Samples from = samples_of(t.source, t.in, c), to = samples_of(t.result, t.out, c);
        for (int y = 0; y < to.rows; ++y)
            for (int x = 0; x < to.columns; ++x) {
                const auto [u, v] = origin(x, y, window.width >> w, window.height >> h, o);
                bad += to.at(x, y) != from.at((window.x >> w) + u, (window.y >> h) + v);
            }
    }
    return bad;
}

} // namespace

TEST_CASE("a crop on chroma samples is the same samples, for every format") {
    const Rect window{8, 4, 16, 12};
    for (const std::string_view name : known_formats()) {
        const FormatPtr format = make_format(name);
        if (!format || format->palette) continue;
        CAPTURE(std::string(name));
        const Turned t(format, centred(format, 45, 27), window, {});
        CHECK(differences(t, window, {}) == 0);
        CHECK(t.result.damaged() == 0);
    }
}

TEST_CASE("turned and mirrored samples stay what they are where each pixel has its own, for every format") {
    const Rect window{3, 5, 37, 18};
    for (const std::string_view name : known_formats()) {
        const FormatPtr format = make_format(name);
        if (!format || format->palette) continue;
        if (format->model == ColourModel::yuv && format->log2_chroma_w + format->log2_chroma_h > 0) continue;
        for (const Orientation& o : orientations) {
            CAPTURE(std::string(name));
            CAPTURE(o.transpose);
            CAPTURE(o.mirror_x);
            CAPTURE(o.mirror_y);
            const Turned t(format, centred(format, 45, 27), window, o);
            CHECK(differences(t, window, o) == 0);
        }
    }
}

TEST_CASE("centred 4:2:0 keeps its samples in every orientation, with any number of threads") {
    const Rect window{4, 2, 96, 160};
    for (const char* name : {"I420", "NV12", "I420_10LE", "P010_10LE", "A420"}) {
        const FormatPtr format = make_format(name);
        if (!format) continue;
        for (const Orientation& o : orientations)
            for (const unsigned threads : {1U, 3U}) {
                CAPTURE(std::string(name));
                CAPTURE(o.transpose);
                CAPTURE(o.mirror_x);
                CAPTURE(o.mirror_y);
                const Turned t(format, centred(format, 110, 170), window, o, threads);
                CHECK(differences(t, window, o) == 0);
            }
    }
}

TEST_CASE("chroma that leaves its grid is where it belongs") {
    // Cb grows by 8 for each of its samples, 4 for each luma sample; a mirrored or shifted ramp shows where it lies.
    const FormatPtr format = make_format("Y42B");
    Side side = test::side(format, 32, 8); // cosited on the left
    FormatFrame source(*format, 32, 8, Guard::behind, 0), result(*format, 32, 8, Guard::behind, 0);
    for (int y = 0; y < 8; ++y) {
        for (int x = 0; x < 32; ++x)
            source.row(0, y)[x] = static_cast<uint8_t>(x);
        for (int x = 0; x < 16; ++x)
            source.row(1, y)[x] = source.row(2, y)[x] = static_cast<uint8_t>(8 * x);
    }
    Request r = test::request(side, side);
    r.orientation = {false, true, false};
    test::convert(r, source.view(), result.view());
    const Samples luma = samples_of(result, side, 0), cb = samples_of(result, side, 1);
    CHECK(luma.at(0, 3) == 31);
    CHECK(luma.at(31, 3) == 0);
    for (int x = 2; x < 16; ++x) // beyond the last sample of the source it repeats
        CHECK(cb.at(x, 3) == 4 * (31 - 2 * x));

    Side part = side;
    part.width = 20;
    r = test::request(part, part);
    r.window = Placement{{5, 0, 20, 8}, 32, 8};
    FormatFrame cropped(*format, 20, 8, Guard::behind, 0);
    test::convert(r, source.view(), cropped.view());
    CHECK(samples_of(cropped, part, 0).at(0, 0) == 5);
    const Samples shifted = samples_of(cropped, part, 1);
    for (int x = 0; x < 9; ++x)
        CHECK(shifted.at(x, 0) == 4 * (5 + 2 * x));
}

TEST_CASE("crops and turns are scaled, recoloured and bordered as whole pictures are") {
    const FormatPtr from = make_format("UYVY");
    for (const char* name : {"I420", "BGRA", "v210", "GRAY8", "NV12"})
        for (const Orientation& o : orientations)
            for (const Engine engine : {Engine::automatic, Engine::swscale}) {
                const FormatPtr to = make_format(name);
                if (!to || (engine == Engine::swscale && to->av == AV_PIX_FMT_NONE)) continue;
                CAPTURE(std::string(name));
                CAPTURE(o.transpose);
                FormatFrame source(*from, 64, 48, Guard::behind, 128), result(*to, 40, 30, Guard::behind, 0);
                Side in = test::side(from, 30, 20), out = test::side(to, 20, 14);
                Request r = test::request(in, out);
                r.engine = engine;
                r.window = Placement{{10, 6, 30, 20}, 64, 48};
                r.orientation = o;
                r.placement = {{4, 6, 20, 14}, 40, 30, {1, 1, 1, 1}};
                test::convert(r, source.view(), result.view());
                out.width = 40;
                out.height = 30;
                const Samples first = samples_of(result, out, 0);
                const bool limited = to->model == ColourModel::yuv;
                const int white = limited ? 235 << (to->depth[0] - 8) : 255;
                const int grey = limited ? 128 << (to->depth[0] - 8) : 130; // of (128 - 16) / 219
                CHECK(first.at(0, 0) == white);
                CHECK(first.at(39, 29) == white);
                CHECK(first.at(3, 10) == white);
                CHECK(std::abs(first.at(14, 12) - grey) <= 2); // libswscale alone leaves grey the range of luma
            }
}

TEST_CASE("the last converters are kept by their requests") {
    ConverterCache cache;
    const FormatPtr format = make_format("I420");
    const auto request = [&](int width) {
        return test::request(test::side(format, 64, 48), test::side(format, width, 48));
    };
    const Converter* first = &cache.get(request(32));
    for (int i = 0; i < 10; ++i)
        for (const int width : {34, 36, 38, 32})
            cache.get(request(width));
    CHECK(cache.made() == 4);
    CHECK(&cache.get(request(32)) == first);
    cache.get(request(40)); // one too many: the one that was not asked for the longest
    CHECK(&cache.get(request(32)) == first);
    cache.get(request(34));
    CHECK(cache.made() == 6);
    Request turned = request(32);
    turned.orientation.mirror_x = true;
    CHECK(&cache.get(turned) != first);
}

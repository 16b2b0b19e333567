// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
// Interlaced frames: scaled field by field, against a reference in double precision.
#include "sws_harness.hpp"
#include "tests/proofs/sws_proof.hpp"
#include "tests/support/sws_field_reference.hpp"

#include <doctest/doctest.h>

using namespace onair;
using namespace onair::test;

namespace {

enum class Mode { interleaved, mixed, alternate };
constexpr const char* mode_names[] = {"interleaved", "mixed", "alternate"};

std::string caps_of(const GstVideoInfo& info, Mode mode, const std::string& site = "mpeg2") {
    std::string caps = mode == Mode::alternate ? "video/x-raw(format:Interlaced)" : "video/x-raw";
    caps += std::string(",format=") + GST_VIDEO_INFO_NAME(&info) + ",width=" + std::to_string(info.width) +
            ",height=" + std::to_string(info.height) +
            ",framerate=25/1,colorimetry=bt709,interlace-mode=" + mode_names[static_cast<int>(mode)];
    return caps + ",chroma-site=" + site;
}

/// A field's picture: waves and a bar that moves from field to field, so that the two of a frame never agree.
double pattern(double x, double y, int component, int field) {
    const double bar = std::fmod(x - 3.0 * field + 60 * (y > 0.5), 20) < 8 ? 1 : 0;
    const double wave = 0.5 + 0.3 * std::sin(x / 9 + component) * std::cos(y / 5 + 2 * component);
    return std::clamp(0.15 + 0.45 * wave + 0.2 * bar + 0.15 * field, 0.0, 1.0);
}

/// Samples of a frame; rows of the bottom field are those of a later time.
reference::Samples make_samples(const GstVideoInfo& info, int frame_number) {
    const reference::Side side = side_of(info);
    reference::Samples samples;
    for (int c = 0; c < side.components; ++c)
        for (int y = 0; y < side.rows(c, info.height); ++y)
            for (int x = 0; x < side.columns(c, info.width); ++x) {
                const double sub_w = side.is_chroma(c) ? side.sub_w : 1, sub_h = side.is_chroma(c) ? side.sub_h : 1;
                const double v = pattern(x * sub_w + 7 * frame_number, y * sub_h, c, y % 2);
                samples[static_cast<size_t>(c)].push_back(
                    std::floor(v * (std::ldexp(1, side.depth[static_cast<size_t>(c)]) - 1)));
            }
    return samples;
}

reference::Plane plane_of(const reference::Samples& s, const GstVideoInfo& info, int c) {
    const reference::Side side = side_of(info);
    return {side.columns(c, info.width), side.rows(c, info.height), s[static_cast<size_t>(c)]};
}

reference::Line line(int count, int sub, bool cosited) {
    return {count, static_cast<double>(sub), cosited ? 0 : (sub - 1) / 2.0};
}

/// What the reference makes of all components, in code values of the output, not rounded.
reference::Samples expected(const reference::Samples& from, const GstVideoInfo& in, const GstVideoInfo& out,
                            bool interlaced, bool cosited_rows = false) {
    const reference::Side a = side_of(in), b = side_of(out);
    reference::Samples result;
    for (int c = 0; c < b.components; ++c) {
        const auto sub = [&](const reference::Side& s, bool w) { return !s.is_chroma(c) ? 1 : w ? s.sub_w : s.sub_h; };
        const reference::Direction columns{line(a.columns(c, in.width), sub(a, true), true),
                                           line(b.columns(c, out.width), sub(b, true), true), in.width, out.width};
        const reference::Direction rows{line(a.rows(c, in.height), sub(a, false), cosited_rows),
                                        line(b.rows(c, out.height), sub(b, false), cosited_rows), in.height,
                                        out.height};
        auto plane = reference::resize(plane_of(from, in, c), columns, rows, interlaced);
        for (double& v : plane.value)
            v = reference::to_code(b, c, reference::to_real(a, c, v));
        result[static_cast<size_t>(c)] = std::move(plane.value);
    }
    return result;
}

/// The largest distance of a value from the rounded reference, in codes.
double worst(const reference::Samples& got, const reference::Samples& want) {
    double most = 0;
    for (size_t c = 0; c < 4; ++c) {
        REQUIRE(got[c].size() == want[c].size());
        for (size_t i = 0; i < got[c].size(); ++i)
            most = std::max(most, std::abs(got[c][i] - want[c][i]));
    }
    return most;
}

/// Every second row of a component's samples.
reference::Samples field_samples(const reference::Samples& frame, const GstVideoInfo& info, size_t field) {
    const reference::Side side = side_of(info);
    reference::Samples out;
    for (int c = 0; c < side.components; ++c) {
        const size_t n = static_cast<size_t>(c), width = static_cast<size_t>(side.columns(c, info.width));
        for (size_t y = field; y < static_cast<size_t>(side.rows(c, info.height)); y += 2)
            out[n].insert(out[n].end(), &frame[n][y * width], &frame[n][y * width] + width);
    }
    return out;
}

GstVideoInfo half(GstVideoInfo info) {
    GstVideoInfo field = info_of(GST_VIDEO_INFO_FORMAT(&info), info.width, info.height / 2);
    field.chroma_site = info.chroma_site;
    return field;
}

/// One picture through the harness, as samples.
reference::Samples through(SwsHarness& h, const GstVideoInfo& in, const reference::Samples& samples,
                           const GstVideoInfo& out, guint flags) {
    Pic pic = write_samples(in, samples);
    GST_BUFFER_FLAG_SET(pic.buffer.get(), flags);
    REQUIRE(h.push(pic.buffer.release()) == GST_FLOW_OK);
    Pic result{out, h.pull()};
    REQUIRE(result);
    CHECK((GST_BUFFER_FLAGS(result.buffer.get()) & flags) == flags);
    return read_samples(result);
}

/// A rectangle of luma samples, on whole chroma samples.
reference::Samples part_of(const reference::Samples& frame, const GstVideoInfo& info, int x, int y, int width,
                           int height) {
    const reference::Side side = side_of(info);
    reference::Samples out;
    for (int c = 0; c < side.components; ++c) {
        const int w = side.is_chroma(c) ? side.sub_w : 1, h = side.is_chroma(c) ? side.sub_h : 1;
        const size_t n = static_cast<size_t>(c);
        const std::vector<double>& from = frame[n];
        for (int row = y / h; row < (y + height) / h; ++row)
            for (int column = x / w; column < (x + width) / w; ++column)
                out[n].push_back(from[static_cast<size_t>(row * side.columns(c, info.width) + column)]);
    }
    return out;
}

/// Left to right.
reference::Samples mirrored(reference::Samples frame, const GstVideoInfo& info) {
    const reference::Side side = side_of(info);
    for (int c = 0; c < side.components; ++c) {
        const ptrdiff_t width = side.columns(c, info.width);
        auto& samples = frame[static_cast<size_t>(c)];
        for (auto row = samples.begin(); row != samples.end(); row += width)
            std::reverse(row, row + width);
    }
    return frame;
}

constexpr guint interlaced_flags = GST_VIDEO_BUFFER_FLAG_INTERLACED | GST_VIDEO_BUFFER_FLAG_TFF;
const char* const method = "swsconvertscale method=catrom dither=none add-borders=false";

/// A frame there and back; what comes out on the way and at the end.
void there_and_back(const char* format, int width, int height, int small_width, int small_height, double least_psnr) {
    CAPTURE(format);
    const GstVideoInfo large = info_of(format, width, height), small = info_of(format, small_width, small_height);
    SwsHarness down(method), up(method);
    down.caps(caps_of(large, Mode::interleaved), caps_of(small, Mode::interleaved));
    up.caps(caps_of(small, Mode::interleaved), caps_of(large, Mode::interleaved));
    const auto source = make_samples(large, 0);
    const auto shrunk = through(down, large, source, small, interlaced_flags);
    const double on_the_way = worst(shrunk, expected(source, large, small, true));
    CHECK(on_the_way <= 1);
    const auto back = through(up, small, shrunk, large, interlaced_flags);
    const double at_the_end = worst(back, expected(shrunk, small, large, true));
    CHECK(at_the_end <= 1);
    MESSAGE(format << " " << width << "x" << height << "i: " << on_the_way << " down, " << at_the_end << " up (codes)");
    // The fields' levels differ by a tenth of the range: a mixed one would be far off its own.
    double sum = 0;
    for (size_t i = 0; i < source[0].size(); ++i)
        sum += std::pow(source[0][i] - back[0][i], 2);
    const double peak = std::ldexp(1, side_of(large).depth[0]) - 1;
    CHECK(-10 * std::log10(sum / static_cast<double>(source[0].size()) / (peak * peak)) > least_psnr);
}

} // namespace

TEST_CASE("interleaved 1080i to 576i and back: each field by itself") {
    for (const char* format : {"NV12", "v210"})
        there_and_back(format, 1920, 1080, 720, 576, 25);
}

TEST_CASE("interleaved frames of every 4:2:0 and 4:2:2 layout") {
    for (const char* format : {"NV12", "P010_10LE", "I422_10LE", "UYVY", "v210", "I420", "I420_10LE", "Y42B"})
        there_and_back(format, 96, 64, 72, 40, 15);
}

TEST_CASE("chroma between 4:2:0 and 4:2:2 stays in its field and in its place") {
    for (const bool cosited : {false, true})
        for (const auto& [from, to] : {std::pair{"I420_10LE", "I422_10LE"}, std::pair{"I422_10LE", "I420_10LE"}}) {
            CAPTURE(from);
            CAPTURE(cosited);
            const GstVideoInfo in = info_of(from, 48, 32), out = info_of(to, 48, 48);
            SwsHarness h(method);
            const std::string site = cosited ? "cosited" : "mpeg2";
            h.caps(caps_of(in, Mode::interleaved, site), caps_of(out, Mode::interleaved, site));
            const auto source = make_samples(in, 0);
            CHECK(worst(through(h, in, source, out, interlaced_flags), expected(source, in, out, true, cosited)) <= 1);
        }
}

TEST_CASE("mixed: frames flagged as interlaced by fields, the others as frames, in one stream") {
    for (const char* format : {"NV12", "P010_10LE", "I422_10LE", "UYVY", "v210"}) {
        CAPTURE(format);
        const GstVideoInfo in = info_of(format, 96, 64), out = info_of(format, 72, 40);
        SwsHarness h(std::string(method).append(" sharpen=0.25").c_str());
        g_object_set(h.element(), "sharpen", 0.0, "sharpness", 1.0, "envelope", 3.0, nullptr); // our own scaler
        h.caps(caps_of(in, Mode::mixed), caps_of(out, Mode::mixed));
        for (int n = 0; n < 6; ++n) {
            const bool interlaced = n % 3 != 1;
            const auto source = make_samples(in, n);
            const auto got = through(h, in, source, out, interlaced ? interlaced_flags : 0);
            CHECK(worst(got, expected(source, in, out, interlaced)) <= 1);
            CHECK(worst(got, expected(source, in, out, !interlaced)) > 4);
        }
    }
}

TEST_CASE("alternate: each field's buffer becomes what it is in a frame") {
    for (const char* format : {"NV12", "P010_10LE", "I422_10LE", "UYVY", "v210"}) {
        CAPTURE(format);
        const GstVideoInfo in = info_of(format, 96, 64), out = info_of(format, 72, 40);
        SwsHarness h(method);
        h.caps(caps_of(in, Mode::alternate), caps_of(out, Mode::alternate));
        for (int n = 0; n < 3; ++n) {
            const auto source = make_samples(in, n);
            const auto want = expected(source, in, out, true);
            for (const size_t field : {0, 1}) {
                const guint flags = GST_VIDEO_BUFFER_FLAG_INTERLACED |
                                    (field == 0 ? GST_VIDEO_BUFFER_FLAG_TOP_FIELD : GST_VIDEO_BUFFER_FLAG_BOTTOM_FIELD);
                const auto got = through(h, half(in), field_samples(source, in, field), half(out), flags);
                CHECK(worst(got, field_samples(want, out, field)) <= 1);
            }
        }
    }
}

TEST_CASE("tiles and palettes are taken apart first") {
    for (const char* format : {"NV12_64Z32", "NV12_4L4"}) {
        CAPTURE(format);
        const GstVideoInfo tiled = info_of(format, 96, 64), planar = info_of("I420", 96, 64),
                           small = info_of("I420", 72, 40);
        const auto source = make_samples(planar, 0);
        SwsHarness tile(method), shrink(method), back(method);
        tile.caps(caps_of(planar, Mode::interleaved), caps_of(tiled, Mode::interleaved));
        Pic pic = write_samples(planar, source);
        REQUIRE(tile.push(pic.buffer.release()) == GST_FLOW_OK);
        shrink.caps(caps_of(tiled, Mode::interleaved), caps_of(small, Mode::interleaved));
        const GstFlowReturn flow = shrink.push(tile.pull().release());
        for (const Said& e : shrink.errors())
            FAIL(e.text);
        REQUIRE(flow == GST_FLOW_OK);
        const auto got = read_samples(Pic{small, shrink.pull()});
        CHECK(worst(got, expected(source, planar, small, true)) <= 1);
    }
}

TEST_CASE("where the caps leave the height open it is one that both fields share") {
    SwsHarness h;
    h.caps(raw("format=I420,width=1920,height=1080,interlace-mode=interleaved,framerate=25/1"), raw("width=720"));
    REQUIRE(h.push(frame("I420", 1920, 1080)) == GST_FLOW_OK);
    CHECK(h.output().height == 404);
    CHECK(h.errors().empty());
}

TEST_CASE("a crop of an interlaced frame is scaled as that part alone, in whatever layout") {
    for (const char* format : {"NV12", "P010_10LE", "I422_10LE", "UYVY", "v210"}) {
        CAPTURE(format);
        const GstVideoInfo whole = info_of(format, 96, 64), part = info_of(format, 72, 48),
                           out = info_of(format, 48, 40);
        const auto source = make_samples(whole, 0);
        SwsHarness crop((std::string(method) + " crop-left=12 crop-right=12 crop-top=4 crop-bottom=12").c_str());
        SwsHarness alone(method);
        crop.caps(caps_of(whole, Mode::interleaved), caps_of(out, Mode::interleaved));
        alone.caps(caps_of(part, Mode::interleaved), caps_of(out, Mode::interleaved));
        const auto cut = part_of(source, whole, 12, 4, 72, 48);
        const auto got = through(crop, whole, source, out, interlaced_flags);
        CHECK(worst(got, through(alone, part, cut, out, interlaced_flags)) == 0);
        CHECK(worst(got, expected(cut, part, out, true)) <= 1);
    }
}

TEST_CASE("an interlaced picture between borders is the one without them") {
    for (const char* format : {"NV12", "I422_10LE", "v210"}) {
        CAPTURE(format);
        const GstVideoInfo in = info_of(format, 96, 64), picture = info_of(format, 72, 48),
                           out = info_of(format, 72, 80);
        const auto source = make_samples(in, 0);
        SwsHarness bordered("swsconvertscale method=catrom dither=none"), alone(method);
        const std::string square = ",pixel-aspect-ratio=1/1";
        bordered.caps(caps_of(in, Mode::interleaved) + square, caps_of(out, Mode::interleaved) + square);
        alone.caps(caps_of(in, Mode::interleaved), caps_of(picture, Mode::interleaved));
        const auto got = through(bordered, in, source, out, interlaced_flags);
        const auto want = through(alone, in, source, picture, interlaced_flags);
        CHECK(worst(part_of(got, out, 0, 16, 72, 48), want) == 0);
        const double black = 16 << (side_of(out).depth[0] - 8);
        for (const int y : {0, 64}) {
            const auto border = part_of(got, out, 0, y, 72, 16);
            CHECK(std::all_of(border[0].begin(), border[0].end(), [&](double v) { return v == black; }));
        }
    }
}

TEST_CASE("tiles are cropped, taken apart and bordered") {
    const GstVideoInfo tiled = info_of("NV12_4L4", 96, 64), planar = info_of("I420", 96, 64);
    const GstVideoInfo out = info_of("I420", 48, 40);
    const auto source = make_samples(planar, 0);
    SwsHarness tile(method), shrink((std::string(method) + " crop-left=12 crop-right=12 crop-bottom=16").c_str());
    tile.caps(caps_of(planar, Mode::interleaved), caps_of(tiled, Mode::interleaved));
    shrink.caps(caps_of(tiled, Mode::interleaved), caps_of(out, Mode::interleaved));
    Pic pic = write_samples(planar, source);
    REQUIRE(tile.push(pic.buffer.release()) == GST_FLOW_OK);
    REQUIRE(shrink.push(tile.pull().release()) == GST_FLOW_OK);
    const auto want = expected(part_of(source, planar, 12, 0, 72, 48), info_of("I420", 72, 48), out, true);
    CHECK(worst(read_samples(Pic{out, shrink.pull()}), want) <= 1);
}

TEST_CASE("fields are mirrored from side to side") {
    const GstVideoInfo in = info_of("Y444", 96, 64), out = info_of("Y444", 72, 40);
    const auto source = make_samples(in, 0);
    SwsHarness mirror((std::string(method) + " video-direction=horiz").c_str()), plain(method);
    mirror.caps(caps_of(in, Mode::interleaved), caps_of(out, Mode::interleaved));
    plain.caps(caps_of(in, Mode::interleaved), caps_of(out, Mode::interleaved));
    CHECK(worst(through(mirror, in, source, out, interlaced_flags),
                through(plain, in, mirrored(source, in), out, interlaced_flags)) == 0);

    // Where chroma lies in the middle, in rows that stay, nothing is computed.
    const GstVideoInfo centred = info_of("NV12", 96, 64);
    SwsHarness alternate("swsconvertscale dither=none video-direction=horiz");
    alternate.caps(caps_of(centred, Mode::alternate, "jpeg"), caps_of(centred, Mode::alternate, "jpeg"));
    const auto field = field_samples(make_samples(centred, 0), centred, 1);
    const auto got = through(alternate, half(centred), field, half(centred),
                             GST_VIDEO_BUFFER_FLAG_INTERLACED | GST_VIDEO_BUFFER_FLAG_BOTTOM_FIELD);
    CHECK(worst(got, mirrored(field, half(centred))) == 0);
}

TEST_CASE("an open height follows crops and size-multiple, and both fields share it") {
    struct Row {
        const char *properties, *out;
        int height;
    };
    for (const Row& row : {Row{"crop-top=6", "format=I420", 1076}, Row{"crop-top=7 crop-bottom=5", "format=I420", 1072},
                           Row{"size-multiple=16", "format=I420,width=720", 416},
                           Row{"size-multiple=16", "format=I420,width=1920", 1088}}) {
        CAPTURE(row.properties);
        SwsHarness h((std::string("swsconvertscale ") + row.properties).c_str());
        h.caps(raw("format=I420,width=1920,height=1080,interlace-mode=interleaved,framerate=25/1"), raw(row.out));
        CHECK(h.push(frame("I420", 1920, 1080)) == GST_FLOW_OK);
        CHECK(h.output().height == row.height);
        CHECK(h.errors().empty());
    }
}

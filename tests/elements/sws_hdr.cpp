// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
// PQ, HLG and BT.709: patches against a reference in double precision, and what the caps say of the light.
#include "sws_harness.hpp"
#include "tests/proofs/sws_proof.hpp"
#include "tests/support/sws_light_reference.hpp"

#include <doctest/doctest.h>

using namespace onair;
using namespace onair::test;
using reference::Light;

namespace {

struct Kind {
    Light light;
    const char* name;
    GstVideoTransferFunction transfer;
    GstVideoColorPrimaries primaries;
    GstVideoColorMatrix matrix;
};
const Kind pq{Light::pq, "PQ", GST_VIDEO_TRANSFER_SMPTE2084, GST_VIDEO_COLOR_PRIMARIES_BT2020,
              GST_VIDEO_COLOR_MATRIX_BT2020};
const Kind hlg{Light::hlg, "HLG", GST_VIDEO_TRANSFER_ARIB_STD_B67, GST_VIDEO_COLOR_PRIMARIES_BT2020,
               GST_VIDEO_COLOR_MATRIX_BT2020};
const Kind sdr{Light::sdr, "BT.709", GST_VIDEO_TRANSFER_BT709, GST_VIDEO_COLOR_PRIMARIES_BT709,
               GST_VIDEO_COLOR_MATRIX_BT709};

GstVideoInfo info_for(const Kind& kind, const char* format, int width, int height) {
    GstVideoInfo info = info_of(format, width, height);
    const bool yuv = GST_VIDEO_INFO_IS_YUV(&info);
    info.colorimetry = {yuv ? GST_VIDEO_COLOR_RANGE_16_235 : GST_VIDEO_COLOR_RANGE_0_255,
                        yuv ? kind.matrix : GST_VIDEO_COLOR_MATRIX_RGB, kind.transfer, kind.primaries};
    return info;
}

constexpr int steps = 33; // of each of R', G' and B'
constexpr int width = steps * steps, height = steps;

/// All patches of R'G'B' up to `most`, as code values of the format.
reference::Samples patches(const GstVideoInfo& info, double most) {
    const reference::Side side = side_of(info);
    reference::Samples s;
    for (int b = 0; b < steps; ++b)
        for (int i = 0; i < steps * steps; ++i) {
            const std::array<double, 3> rgb{i / steps * most / (steps - 1), i % steps * most / (steps - 1),
                                            b * most / (steps - 1)};
            std::array<double, 3> v = rgb;
            if (side.model == reference::Model::yuv) {
                const double y = side.kr * rgb[0] + (1 - side.kr - side.kb) * rgb[1] + side.kb * rgb[2];
                v = {y, (rgb[2] - y) / (2 - 2 * side.kb), (rgb[0] - y) / (2 - 2 * side.kr)};
            }
            for (int c = 0; c < 3; ++c)
                s[static_cast<size_t>(c)].push_back(
                    std::floor(reference::to_code(side, c, v[static_cast<size_t>(c)]) + 0.5));
        }
    return s;
}

std::array<double, 3> to_rgb(const reference::Side& s, const std::array<double, 3>& v) {
    if (s.model == reference::Model::rgb) return v;
    const double r = v[0] + 2 * (1 - s.kr) * v[2], b = v[0] + 2 * (1 - s.kb) * v[1];
    return {r, (v[0] - s.kr * r - s.kb * b) / (1 - s.kr - s.kb), b};
}
std::array<double, 3> from_rgb(const reference::Side& s, const std::array<double, 3>& c) {
    if (s.model == reference::Model::rgb) return c;
    const double y = s.kr * c[0] + (1 - s.kr - s.kb) * c[1] + s.kb * c[2];
    return {y, (c[2] - y) / (2 - 2 * s.kb), (c[0] - y) / (2 - 2 * s.kr)};
}

struct Errors {
    double most = 0, mean = 0;
};

Errors compare_patches(const Kind& from, const Kind& to, const char* format, double most, const std::string& hdr) {
    const GstVideoInfo in = info_for(from, format, width, height), out = info_for(to, format, width, height);
    const auto source = patches(in, most);
    const Pic result = convert("swsconvertscale dither=none hdr=" + hdr, write_samples(in, source), out);
    REQUIRE(result);
    const auto got = read_samples(result);
    const reference::Side a = side_of(in), b = side_of(out);
    const auto change = reference::primaries_between(a.primaries.xy, b.primaries.xy);
    Errors errors;
    for (size_t i = 0; i < source[0].size(); ++i) {
        auto rgb = to_rgb(a, {reference::to_real(a, 0, source[0][i]), reference::to_real(a, 1, source[1][i]),
                              reference::to_real(a, 2, source[2][i])});
        for (double& v : rgb)
            v = std::clamp(v, 0.0, 1.0);
        const auto want = from_rgb(b, map_light(from.light, to.light, rgb, change, 1000, hdr == "auto"));
        for (size_t c = 0; c < 3; ++c) {
            const double e = std::abs(got[c][i] - reference::to_code(b, static_cast<int>(c), want[c]));
            errors.most = std::max(errors.most, e);
            errors.mean += e / (3.0 * static_cast<double>(source[0].size()));
        }
    }
    return errors;
}

/// The caps that come out, as one string.
std::string output_caps(const std::string& in, const std::string& out) {
    SwsHarness h;
    h.caps(raw(in), raw(out));
    REQUIRE(h.push(frame("I420_10LE", 64, 48)) == GST_FLOW_OK);
    const gst::CapsPtr caps{gst_pad_get_current_caps(h.get()->sinkpad)};
    const gst::CharPtr text(gst_caps_to_string(caps.get()));
    return text.get();
}

} // namespace

TEST_CASE("patches of PQ, HLG and BT.709 against double precision: at most 2 codes of 10 bit") {
    const double pq_1000 = reference::light_to_pq(1000);
    struct Row {
        const Kind &from, &to;
        double most;
    };
    const Row rows[] = {{pq, sdr, pq_1000}, {pq, sdr, 1}, {hlg, sdr, 1}, {sdr, pq, 1},
                        {sdr, hlg, 1},      {pq, hlg, 1}, {hlg, pq, 1}};
    std::printf("| from | to | R'G'B' up to | format | hdr | largest error | mean |\n|---|---|---|---|---|---|---|\n");
    for (const Row& row : rows)
        for (const char* format : {"GBR_10LE", "Y444_10LE"})
            for (const char* hdr : {"auto", "clip"}) {
                CAPTURE(row.from.name);
                CAPTURE(row.to.name);
                CAPTURE(format);
                const Errors e = compare_patches(row.from, row.to, format, row.most, hdr);
                std::printf("| %s | %s | %.3f | %s | %s | %.2f | %.3f |\n", row.from.name, row.to.name, row.most,
                            format, hdr, e.most, e.mean);
                CHECK(e.most <= 2);
            }
}

TEST_CASE("known colours: BT.2408's levels") {
    // 100 % of BT.709 is 203 cd/m²: 58 % of PQ and 75 % of HLG, within half a percent.
    for (const auto& [kind, level] : {std::pair{&pq, 0.58}, std::pair{&hlg, 0.75}}) {
        const GstVideoInfo in = info_for(sdr, "GBR_10LE", 2, 2), out = info_for(*kind, "GBR_10LE", 2, 2);
        const Pic white = write_samples(
            in, {std::vector<double>(4, 1023), std::vector<double>(4, 1023), std::vector<double>(4, 1023), {}});
        const auto got = read_samples(convert("swsconvertscale", white, out));
        for (size_t c = 0; c < 3; ++c)
            CHECK(std::abs(got[c][0] / 1023 - level) < 0.005);
        // And back without a tone curve.
        const auto back = read_samples(convert("swsconvertscale hdr=clip dither=none", write_samples(out, got), in));
        CHECK(std::abs(back[1][0] - 1023) <= 3);
    }
}

TEST_CASE("the peak comes from the caps: where nothing is brighter than white there is no tone curve") {
    const std::string in = "format=I420_10LE,width=64,height=48,framerate=25/1,colorimetry=bt2100-pq";
    const auto level = [&](const std::string& light) {
        SwsHarness h("swsconvertscale dither=none");
        h.caps(raw(in + light), raw("format=I420_10LE,colorimetry=bt709"));
        Pic pic{info_of("I420_10LE", 64, 48), nullptr};
        reference::Samples s;
        for (size_t c = 0; c < 3; ++c)
            s[c].assign(c == 0 ? 64 * 48 : 32 * 24, c == 0 ? 572 : 512); // 203 cd/m²
        REQUIRE(h.push(write_samples(pic.info, s).buffer.release()) == GST_FLOW_OK);
        pic.buffer = h.pull();
        return read_samples(pic)[0][0];
    };
    const double silent = level(""), thousand = level(",content-light-level=(string)1000:400");
    CHECK(silent == thousand);
    CHECK(level(",content-light-level=(string)4000:400") < silent);
    CHECK(level(",content-light-level=(string)203:100") > silent);
    CHECK(std::abs(level(",content-light-level=(string)203:100") - 940) <= 4); // 572 is a little below white
}

TEST_CASE("light levels in the caps are kept while they are true and dropped when not") {
    const std::string light = "mastering-display-info=(string)35399:14599:8500:39850:6550:2300:15634:16450:10000000:1,"
                              "content-light-level=(string)1000:400";
    const std::string in = "format=I420_10LE,width=64,height=48,framerate=25/1,colorimetry=bt2100-pq," + light;
    struct Row {
        const char* out;
        bool kept;
    };
    const Row rows[] = {
        {"format=I420_10LE", true},
        {"format=P010_10LE", true},
        {"format=P010_10LE,width=32,height=24", true},
        {"format=P010_10LE,colorimetry=bt2100-pq", true},
        {"format=GBR_10LE", true}, // RGB keeps transfer and primaries
        {"format=P010_10LE,colorimetry=bt709", false},
        {"format=I420_10LE,colorimetry=bt709", false},
        {"format=P010_10LE,colorimetry=bt2100-hlg", false},
        {"format=RGB,colorimetry=sRGB", false},
    };
    for (const Row& row : rows) {
        CAPTURE(row.out);
        const std::string caps = output_caps(in, row.out);
        CAPTURE(caps);
        for (const char* field : {"mastering-display-info", "content-light-level"})
            CHECK((caps.find(field) != std::string::npos) == row.kept);
    }
}

TEST_CASE("hdr=off takes the formulas alone") {
    const GstVideoInfo in = info_for(pq, "GBR_10LE", 2, 2), out = info_for(sdr, "GBR_10LE", 2, 2);
    const Pic white = write_samples(
        in, {std::vector<double>(4, 1023), std::vector<double>(4, 1023), std::vector<double>(4, 1023), {}});
    CHECK(read_samples(convert("swsconvertscale hdr=off dither=none", white, out))[1][0] == 1023);
    const double grey = std::floor(reference::light_to_pq(1000) * 1023);
    const Pic bright = write_samples(
        in, {std::vector<double>(4, grey), std::vector<double>(4, grey), std::vector<double>(4, grey), {}});
    CHECK(read_samples(convert("swsconvertscale hdr=off dither=none", bright, out))[1][0] < 300); // dark
    CHECK(read_samples(convert("swsconvertscale dither=none", bright, out))[1][0] > 1015);
}

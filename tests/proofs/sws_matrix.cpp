// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
// Slow proof: large and odd sizes in many formats, both ways, beside videoconvertscale. Prints one table; exits with 1
// when a figure is under its limit or a conversion failed.
//
//   sws-matrix [--largest COLUMNSxROWS]
//
// Each row is a format at a size, converted to I420 and I422_10LE of 1920x1080 (or 64x36 for the small ones) and back
// from them; the figure is the least of the four.
#include "tests/elements/sws_pictures.hpp"

#include <array>
#include <cstdio>
#include <cstring>

using namespace onair::test;

namespace {

struct Worst {
    double all = 99, edge = 99, truth = 99, reference = 99;
    bool passed = true;
};

/// Odd pictures of less than this differ by the chroma grid (half a sample at the right and lower edge), not by
/// rounding.
constexpr int small = 64;

void one(Worst& worst, const GstVideoInfo& from, const GstVideoInfo& to) {
    const bool tiny = std::min({from.width, from.height, to.width, to.height}) < small;
    // videoconvertscale itself fails at the smallest sizes: there one colour must stay that colour.
    if (std::min({from.width, from.height, to.width, to.height}) < 4) {
        const Pic truth = make_picture(GST_VIDEO_INFO_FORMAT(&to), to.width, to.height, true);
        const Pic ours = convert("swsconvertscale method=catrom add-borders=false",
                                 make_picture(GST_VIDEO_INFO_FORMAT(&from), from.width, from.height, true), truth.info);
        const Likeness like = ours ? compare(ours, truth) : Likeness{};
        worst.all = std::min(worst.all, like.all);
        worst.edge = std::min(worst.edge, like.edge);
        worst.passed = worst.passed && like.all >= 26;
        return;
    }
    const Comparison c = compare_with_reference(GST_VIDEO_INFO_FORMAT(&from), from.width, from.height,
                                                GST_VIDEO_INFO_FORMAT(&to), to.width, to.height);
    worst.all = std::min(worst.all, c.ours_to_theirs.all);
    worst.edge = std::min(worst.edge, c.ours_to_theirs.edge);
    const bool grey = GST_VIDEO_INFO_IS_GRAY(&from) || GST_VIDEO_INFO_IS_GRAY(&to); // has lost its colours
    if (!grey) worst.truth = std::min(worst.truth, c.ours_to_truth.all);
    if (!grey) worst.reference = std::min(worst.reference, c.theirs_to_truth.all);
    const double least = tiny ? 19 : least_likeness(from, to);
    worst.passed = worst.passed && c.ours_to_theirs.all >= least && c.ours_to_theirs.edge >= least - 10;
}

} // namespace

int main(int argc, char** argv) {
    gst_init(&argc, &argv);
    int columns = 7680, rows = 4320;
    if (argc == 3 && std::strcmp(argv[1], "--largest") == 0) std::sscanf(argv[2], "%dx%d", &columns, &rows);
    const std::pair<int, int> sizes[] = {{7680, 4320}, {4096, 2160}, {3840, 2160}, {1921, 1081}, {720, 576}, {719, 575},
                                         {321, 243},   {33, 17},     {3, 5},       {2, 1},       {1, 2},     {1, 1}};
    const GstVideoInfo probes[] = {info_of("I420", 1920, 1080), info_of("I422_10LE", 1920, 1080)};
    std::printf(
        "| format | size | to videoconvertscale, dB | edge rows and columns, dB | ours to the drawn picture, dB | "
        "videoconvertscale to it, dB | |\n|---|---|---|---|---|---|---|\n");
    int failed = 0, done = 0, formats = 0;
    GstElement* known = gst_element_factory_make("swsconvertscale", nullptr);
    if (!known) {
        std::fprintf(stderr, "swsconvertscale is not in GST_PLUGIN_PATH\n");
        return 1;
    }
    GstPad* pad = gst_element_get_static_pad(known, "sink");
    const onair::gst::CapsPtr offered(gst_pad_get_pad_template_caps(pad));
    gst_object_unref(pad);
    gst_object_unref(known);
    for (const char* name : picture_formats()) {
        const onair::gst::CapsPtr caps(gst_caps_new_simple("video/x-raw", "format", G_TYPE_STRING, name, nullptr));
        if (!gst_caps_can_intersect(offered.get(), caps.get())) continue;
        ++formats;
        for (const auto& [width, height] : sizes) {
            if (width > columns || height > rows) continue;
            Worst worst;
            for (GstVideoInfo probe : probes) {
                if (width < 720) probe = info_of(GST_VIDEO_INFO_FORMAT(&probe), width < small ? 64 : 320, 180);
                // The other side is smaller than the largest limit as well.
                if (probe.width > columns) probe = info_of(GST_VIDEO_INFO_FORMAT(&probe), columns / 2, rows / 2);
                const GstVideoInfo here = info_of(name, width, height);
                one(worst, here, probe);
                one(worst, probe, here);
                done += 2;
            }
            failed += !worst.passed;
            const auto text = [](double db) { return db > 98 ? std::string("-") : std::to_string(db).substr(0, 4); };
            std::printf("| %s | %dx%d | %.1f | %.1f | %s | %s | %s |\n", name, width, height, worst.all, worst.edge,
                        text(worst.truth).c_str(), text(worst.reference).c_str(), worst.passed ? "" : "FAILED");
            std::fflush(stdout);
        }
    }
    std::printf("\n%d formats, %d conversions, %d rows failed\n", formats, done, failed);
    return failed ? 1 : 0;
}

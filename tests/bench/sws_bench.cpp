// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
// swsconvertscale beside videoconvertscale: the same frames, turn about, medians. Prints a Markdown table.
//
//   sws-bench [ROUNDS]
//
// Each element stands alone in a harness whose downstream takes GstVideoMeta; the input comes from the pool that the
// element proposes, as from a source that follows it, or (last rows) from plain memory. Time is that of gst_pad_push.
#include "tests/bench/element_bench.hpp"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <thread>

using namespace onair::test;

namespace {

struct Case {
    ElementJob job;
    const char *ours, *theirs; ///< properties that give the same kernel
};

double median(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}

} // namespace

int main(int argc, char** argv) {
    gst_init(&argc, &argv);
    GstElementFactory* known = gst_element_factory_find("swsconvertscale");
    if (!known) {
        std::fprintf(stderr, "swsconvertscale is not in GST_PLUGIN_PATH\n");
        return 1;
    }
    gst_object_unref(known);
    const int rounds = argc > 1 ? std::max(1, std::atoi(argv[1])) : 15;
    const char *bilinear = "method=bilinear", *lanczos = "method=lanczos", *bicubic = "", *cubic = "method=catrom";
    const Case cases[] = {
        {{"I420", 3840, 2160, "I420", 1920, 1080}, bilinear, bilinear},
        {{"I420", 3840, 2160, "I420", 1920, 1080}, bicubic, cubic},
        {{"I420", 1920, 1080, "I420", 3840, 2160}, lanczos, lanczos},
        {{"I422_10LE", 3840, 2160, "I422_10LE", 1920, 1080}, bicubic, cubic},
        {{"UYVY", 3840, 2160, "I420", 3840, 2160}, bicubic, bilinear},
        {{"NV12", 3840, 2160, "I420", 3840, 2160}, bicubic, bilinear},
        {{"I422_10LE", 3840, 2160, "I420", 3840, 2160}, bicubic, bilinear},
        {{"P010_10LE", 3840, 2160, "I420", 3840, 2160}, bicubic, bilinear},
        {{"I420", 3840, 2160, "BGRA", 3840, 2160}, bicubic, bilinear},
        {{"BGRA", 3840, 2160, "NV12", 3840, 2160}, bicubic, bilinear},
        {{"I420", 1920, 1080, "I420", 1920, 1080, "2:4:5:1"}, bicubic, bilinear},
        {{"I422_10LE", 1920, 1080, "I422_10LE", 1920, 1080, "2:4:5:1"}, bicubic, bilinear},
        {{"I420", 3840, 2160, "I420", 1920, 1080, nullptr, true}, bicubic, cubic},
        {{"NV12", 3840, 2160, "I420", 3840, 2160, nullptr, true}, bicubic, bilinear},
    };
    std::printf("%d rounds, %u cores, %s\n\n", rounds, std::thread::hardware_concurrency(), gst_version_string());
    std::printf(
        "| case | kernel | swsconvertscale 1 thread, ms | automatic threads, ms | videoconvertscale 1 thread, ms | "
        "n-threads=0, ms | ratio, 1 thread | ratio, threads |\n|---|---|---|---|---|---|---|---|\n");
    for (const Case& c : cases) {
        const std::string ours = std::string("swsconvertscale ") + c.ours;
        const std::string theirs = std::string("videoconvertscale ") + c.theirs;
        ElementBench bench[] = {{ours + " n-threads=1", c.job},
                                {ours, c.job},
                                {theirs + " n-threads=1", c.job},
                                {theirs + " n-threads=0", c.job}};
        std::array<std::vector<double>, 4> times;
        for (int round = -1; round < rounds; ++round) // the first makes contexts and pools
            for (size_t i = 0; i < 4; ++i)
                if (const double ms = bench[i].run(); round >= 0) times[i].push_back(ms);
        const double m[] = {median(times[0]), median(times[1]), median(times[2]), median(times[3])};
        std::printf("| %s %dx%d to %s%s%s %dx%d%s | %s / %s | %.1f | %.1f | %.1f | %.1f | %.2f | %.2f |\n", c.job.in,
                    c.job.in_width, c.job.in_height, c.job.out, c.job.out_colour ? " " : "",
                    c.job.out_colour ? c.job.out_colour : "", c.job.out_width, c.job.out_height,
                    c.job.plain_memory ? ", plain memory" : "", *c.ours ? c.ours : "bicubic",
                    c.job.in_width == c.job.out_width ? "-" : c.theirs, m[0], m[1], m[2], m[3], m[2] / m[0],
                    m[3] / m[1]);
        std::fflush(stdout);
    }
    std::printf("\nRatio: videoconvertscale's time divided by ours; above 1 ours is faster.\n");
    return 0;
}

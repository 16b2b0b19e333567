// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
// swsconvertscale beside videoconvertscale: the same frames, turn about, medians. Prints a Markdown table.
//
//   sws-bench [ROUNDS]
//
// Each element stands alone in a harness whose downstream takes GstVideoMeta; the input comes from the pool that the
// element proposes, as from a source that follows it, or (last rows) from plain memory. Time is that of gst_pad_push.
#include "tests/elements/sws_pictures.hpp"

#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <thread>

using namespace onair::test;

namespace {

struct Case {
    const char* in;
    int in_width, in_height;
    const char* out;
    int out_width, out_height;
    const char *ours, *theirs; ///< properties that give the same kernel
    const char* out_colour = nullptr;
    bool plain_memory = false;
};

/// One element under test, ready to convert.
class Bench {
  public:
    Bench(const std::string& element, const Case& c) : h_(gst_harness_new_parse(element.c_str())) {
        gst_harness_add_propose_allocation_meta(h_, GST_VIDEO_META_API_TYPE, nullptr);
        GstVideoInfo out = info_of(c.out, c.out_width, c.out_height);
        if (c.out_colour) gst_video_colorimetry_from_string(&out.colorimetry, c.out_colour);
        const Pic source = make_picture(gst_video_format_from_string(c.in), c.in_width, c.in_height);
        gst_harness_set_caps(h_, gst_video_info_to_caps(&source.info), gst_video_info_to_caps(&out));
        if (c.plain_memory)
            input_.reset(gst_buffer_ref(source.buffer.get()));
        else
            take_from_pool(source);
    }
    ~Bench() {
        input_.reset();
        if (pool_) gst_buffer_pool_set_active(pool_.get(), FALSE);
        gst_harness_teardown(h_);
    }
    Bench(const Bench&) = delete;
    Bench& operator=(const Bench&) = delete;

    /// Milliseconds of one frame.
    double run() {
        const auto start = std::chrono::steady_clock::now();
        const GstFlowReturn flow = gst_harness_push(h_, gst_buffer_ref(input_.get()));
        const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - start;
        if (flow != GST_FLOW_OK) std::exit(1);
        gst_buffer_unref(gst_harness_pull(h_));
        return took.count();
    }

  private:
    void take_from_pool(const Pic& source) {
        const onair::gst::CapsPtr caps(gst_video_info_to_caps(&source.info));
        GstQuery* query = gst_query_new_allocation(caps.get(), TRUE);
        GstBufferPool* pool = nullptr;
        if (gst_pad_peer_query(h_->srcpad, query) && gst_query_get_n_allocation_pools(query) > 0)
            gst_query_parse_nth_allocation_pool(query, 0, &pool, nullptr, nullptr, nullptr);
        gst_query_unref(query);
        pool_.reset(pool);
        GstBuffer* buffer = nullptr;
        if (!pool || !gst_buffer_pool_set_active(pool, TRUE) ||
            gst_buffer_pool_acquire_buffer(pool, &buffer, nullptr) != GST_FLOW_OK) {
            input_.reset(gst_buffer_ref(source.buffer.get()));
            return;
        }
        input_.reset(buffer);
        onair::gst::VideoFrameMap from(source.info, source.buffer.get(), GST_MAP_READ);
        onair::gst::VideoFrameMap to(source.info, buffer, GST_MAP_WRITE);
        gst_video_frame_copy(const_cast<GstVideoFrame*>(&to.frame()), &from.frame());
    }

    GstHarness* h_;
    onair::gst::BufferPoolPtr pool_;
    onair::gst::BufferPtr input_;
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
        {"I420", 3840, 2160, "I420", 1920, 1080, bilinear, bilinear},
        {"I420", 3840, 2160, "I420", 1920, 1080, bicubic, cubic},
        {"I420", 1920, 1080, "I420", 3840, 2160, lanczos, lanczos},
        {"I422_10LE", 3840, 2160, "I422_10LE", 1920, 1080, bicubic, cubic},
        {"UYVY", 3840, 2160, "I420", 3840, 2160, bicubic, bilinear},
        {"NV12", 3840, 2160, "I420", 3840, 2160, bicubic, bilinear},
        {"I422_10LE", 3840, 2160, "I420", 3840, 2160, bicubic, bilinear},
        {"P010_10LE", 3840, 2160, "I420", 3840, 2160, bicubic, bilinear},
        {"I420", 3840, 2160, "BGRA", 3840, 2160, bicubic, bilinear},
        {"BGRA", 3840, 2160, "NV12", 3840, 2160, bicubic, bilinear},
        {"I420", 1920, 1080, "I420", 1920, 1080, bicubic, bilinear, "2:4:5:1"},
        {"I422_10LE", 1920, 1080, "I422_10LE", 1920, 1080, bicubic, bilinear, "2:4:5:1"},
        {"I420", 3840, 2160, "I420", 1920, 1080, bicubic, cubic, nullptr, true},
        {"NV12", 3840, 2160, "I420", 3840, 2160, bicubic, bilinear, nullptr, true},
    };
    std::printf("%d rounds, %u cores, %s\n\n", rounds, std::thread::hardware_concurrency(), gst_version_string());
    std::printf(
        "| case | kernel | swsconvertscale 1 thread, ms | automatic threads, ms | videoconvertscale 1 thread, ms | "
        "n-threads=0, ms | ratio, 1 thread | ratio, threads |\n|---|---|---|---|---|---|---|---|\n");
    for (const Case& c : cases) {
        const std::string ours = std::string("swsconvertscale ") + c.ours;
        const std::string theirs = std::string("videoconvertscale ") + c.theirs;
        Bench bench[] = {Bench(ours + " n-threads=1", c), Bench(ours, c), Bench(theirs + " n-threads=1", c),
                         Bench(theirs + " n-threads=0", c)};
        std::array<std::vector<double>, 4> times;
        for (int round = -1; round < rounds; ++round) // the first makes contexts and pools
            for (size_t i = 0; i < 4; ++i)
                if (const double ms = bench[i].run(); round >= 0) times[i].push_back(ms);
        const double m[] = {median(times[0]), median(times[1]), median(times[2]), median(times[3])};
        std::printf("| %s %dx%d to %s%s%s %dx%d%s | %s / %s | %.1f | %.1f | %.1f | %.1f | %.2f | %.2f |\n", c.in,
                    c.in_width, c.in_height, c.out, c.out_colour ? " " : "", c.out_colour ? c.out_colour : "",
                    c.out_width, c.out_height, c.plain_memory ? ", plain memory" : "", *c.ours ? c.ours : "bicubic",
                    c.in_width == c.out_width ? "-" : c.theirs, m[0], m[1], m[2], m[3], m[2] / m[0], m[3] / m[1]);
        std::fflush(stdout);
    }
    std::printf("\nRatio: videoconvertscale's time divided by ours; above 1 ours is faster.\n");
    return 0;
}

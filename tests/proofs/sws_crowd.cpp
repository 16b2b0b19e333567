// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
// Proof: ten elements at once, for a minute: no error, and all frames of a pipeline are the same picture.
//
//   sws-crowd [--seconds N]
#include "tests/proofs/sws_planes.hpp"
#include "tests/support/pipeline.hpp"

#include <cstdlib>

using namespace onair::test;

namespace {

struct Member {
    GstVideoInfo info{};
    std::string first; ///< MD5 of the first frame's pixels
    long frames = 0, different = 0;
    onair::gst::ElementPtr pipeline;
};

/// MD5 of the picture's rows, without padding.
std::string sum_of(const GstVideoInfo& info, GstBuffer* buffer) {
    const onair::gst::VideoFrameMap map(info, buffer, GST_MAP_READ);
    GChecksum* sum = g_checksum_new(G_CHECKSUM_MD5);
    const auto planes = tight_planes(info);
    for (size_t p = 0; p < planes.size(); ++p)
        for (int y = 0; y < planes[p].rows; ++y)
            g_checksum_update(sum,
                              static_cast<const guchar*>(map.frame().data[p]) +
                                  static_cast<ptrdiff_t>(y) * map.frame().info.stride[p],
                              static_cast<gssize>(planes[p].row_bytes));
    std::string text = g_checksum_get_string(sum);
    g_checksum_free(sum);
    return text;
}

GstPadProbeReturn on_buffer(GstPad*, GstPadProbeInfo* probe, gpointer data) {
    auto& member = *static_cast<Member*>(data);
    const std::string sum = sum_of(member.info, GST_PAD_PROBE_INFO_BUFFER(probe));
    if (member.first.empty()) member.first = sum;
    member.different += sum != member.first;
    ++member.frames;
    return GST_PAD_PROBE_OK;
}

struct Job {
    const char *in, *format;
    int width, height;
};
constexpr Job jobs[] = {{"format=I420,width=1280,height=720", "BGRA", 640, 360},
                        {"format=UYVY,width=720,height=576", "I420", 720, 576},
                        {"format=v210,width=1920,height=1080", "I422_10LE", 1920, 1080},
                        {"format=BGRA,width=640,height=360", "NV12", 1280, 720},
                        {"format=P010_10LE,width=1280,height=720", "I420", 320, 180},
                        {"format=I422_10LE,width=720,height=576", "Y444_10LE", 1280, 720},
                        {"format=RGB,width=321,height=243", "I420", 111, 77},
                        {"format=GBR_10LE,width=640,height=360", "Y444_12LE", 640, 360},
                        {"format=NV12_64Z32,width=640,height=360", "GRAY8", 200, 200},
                        {"format=ARGB64,width=320,height=180", "RGB16", 640, 360}};

std::unique_ptr<Member> join(const Job& job, size_t number) {
    auto member = std::make_unique<Member>();
    member->info = info_of(job.format, job.width, job.height);
    const std::string line = std::string("videotestsrc pattern=colors ! video/x-raw,framerate=25/1,") + job.in +
                             " ! swsconvertscale n-threads=" + std::to_string(number % 4) +
                             " ! video/x-raw,format=" + job.format + ",width=" + std::to_string(job.width) +
                             ",height=" + std::to_string(job.height) + " ! fakesink name=end sync=false";
    GError* error = nullptr;
    member->pipeline.reset(gst_parse_launch(line.c_str(), &error));
    if (error) {
        std::fprintf(stderr, "%s: %s\n", line.c_str(), error->message);
        g_error_free(error);
        return nullptr;
    }
    const onair::gst::ElementPtr end(gst_bin_get_by_name(GST_BIN(member->pipeline.get()), "end"));
    GstPad* pad = gst_element_get_static_pad(end.get(), "sink");
    gst_pad_add_probe(pad, GST_PAD_PROBE_TYPE_BUFFER, on_buffer, member.get(), nullptr);
    gst_object_unref(pad);
    return member;
}

} // namespace

int main(int argc, char** argv) {
    gst_init(&argc, &argv);
    int seconds = 60;
    if (argc == 3 && std::strcmp(argv[1], "--seconds") == 0) seconds = std::atoi(argv[2]);
    std::vector<std::unique_ptr<Member>> crowd;
    for (const Job& job : jobs) {
        crowd.push_back(join(job, crowd.size()));
        if (!crowd.back()) return 1;
    }
    for (const auto& member : crowd)
        gst_element_set_state(member->pipeline.get(), GST_STATE_PLAYING);
    g_usleep(static_cast<gulong>(seconds) * G_USEC_PER_SEC);
    long frames = 0, different = 0, idle = 0, errors = 0;
    for (const auto& member : crowd) {
        gst_element_set_state(member->pipeline.get(), GST_STATE_PAUSED);
        const onair::gst::BusPtr bus(gst_element_get_bus(member->pipeline.get()));
        while (const onair::gst::MessagePtr m{
            gst_bus_pop_filtered(bus.get(), static_cast<GstMessageType>(GST_MESSAGE_ERROR | GST_MESSAGE_WARNING))}) {
            if (GST_MESSAGE_TYPE(m.get()) != GST_MESSAGE_ERROR) continue;
            const Said said = said_by(m.get(), gst_message_parse_error);
            std::fprintf(stderr, "ERROR %s (%s)\n", said.text.c_str(), said.debug.c_str());
            ++errors;
        }
        gst_element_set_state(member->pipeline.get(), GST_STATE_NULL);
        frames += member->frames;
        different += member->different;
        idle += member->frames < 2;
    }
    std::printf("%zu elements at once, %d s: %ld frames, %ld differ from their first, %ld errors, %ld without frames\n",
                crowd.size(), seconds, frames, different, errors, idle);
    return different || errors || idle ? 1 : 0;
}

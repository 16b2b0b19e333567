// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/bench/frame_peers.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <new>
#include <vector>

extern "C" {
#include <libavutil/frame.h>
#include <libavutil/opt.h>
#include <libavutil/pixdesc.h>
#include <libswscale/swscale.h>
}
#ifdef ONAIR_HAVE_ZIMG
#include <zimg.h>
#endif

namespace onair::test {

namespace {

template <class F>
double milliseconds(F&& f) {
    const auto start = std::chrono::steady_clock::now();
    f();
    return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
}

AVPixelFormat av_format(const char* name) {
    struct Name {
        const char* gst;
        AVPixelFormat av;
    };
    constexpr Name names[] = {
        {"I420", AV_PIX_FMT_YUV420P}, {"I422_10LE", AV_PIX_FMT_YUV422P10LE}, {"UYVY", AV_PIX_FMT_UYVY422},
        {"NV12", AV_PIX_FMT_NV12},    {"P010_10LE", AV_PIX_FMT_P010LE},      {"BGRA", AV_PIX_FMT_BGRA},
    };
    for (const Name& n : names)
        if (std::string(n.gst) == name) return n.av;
    return AV_PIX_FMT_NONE;
}

struct FrameFree {
    void operator()(AVFrame* f) const { av_frame_free(&f); }
};
struct ContextFree {
    void operator()(SwsContext* c) const { sws_freeContext(c); }
};
using FramePtr = std::unique_ptr<AVFrame, FrameFree>;

FramePtr make_frame(AVPixelFormat format, int width, int height) {
    FramePtr frame(av_frame_alloc());
    frame->format = format;
    frame->width = width;
    frame->height = height;
    if (av_frame_get_buffer(frame.get(), 64) < 0) throw std::bad_alloc();
    const int bits = av_pix_fmt_desc_get(format)->comp[0].depth;
    for (const AVBufferRef* buffer : frame->buf) {
        if (!buffer) continue;
        uint32_t noise = 1;
        for (size_t i = 0; i + 1 < buffer->size; i += 2) {
            noise = noise * 1664525 + 1013904223;
            buffer->data[i] = static_cast<uint8_t>(noise >> 24);
            buffer->data[i + 1] =
                static_cast<uint8_t>(bits > 8 && format != AV_PIX_FMT_P010LE ? noise >> 30 : noise >> 16);
        }
    }
    return frame;
}

class SwsPeer : public Peer {
  public:
    SwsPeer(const ElementJob& job, int threads)
        : in_(make_frame(av_format(job.in), job.in_width, job.in_height)),
          out_(make_frame(av_format(job.out), job.out_width, job.out_height)), context_(sws_alloc_context()) {
        const std::array<std::pair<const char*, int>, 8> options{{{"srcw", job.in_width},
                                                                  {"srch", job.in_height},
                                                                  {"dstw", job.out_width},
                                                                  {"dsth", job.out_height},
                                                                  {"src_format", in_->format},
                                                                  {"dst_format", out_->format},
                                                                  {"threads", threads},
                                                                  {"sws_flags", SWS_BICUBIC}}};
        for (const auto& [name, value] : options)
            av_opt_set_int(context_.get(), name, value, 0);
        if (sws_init_context(context_.get(), nullptr, nullptr) < 0) std::exit(1);
        const int* bt709 = sws_getCoefficients(SWS_CS_ITU709);
        sws_setColorspaceDetails(context_.get(), bt709, 0, bt709, 0, 0, 1 << 16, 1 << 16);
    }
    double run() override {
        return milliseconds([&] {
            if (sws_scale_frame(context_.get(), out_.get(), in_.get()) < 0) std::exit(1);
        });
    }

  private:
    FramePtr in_, out_;
    std::unique_ptr<SwsContext, ContextFree> context_;
};

#ifdef ONAIR_HAVE_ZIMG

zimg_image_format zimg_format_of(AVPixelFormat format, int width, int height) {
    const AVPixFmtDescriptor* desc = av_pix_fmt_desc_get(format);
    zimg_image_format f;
    zimg_image_format_default(&f, ZIMG_API_VERSION);
    f.width = static_cast<unsigned>(width);
    f.height = static_cast<unsigned>(height);
    f.pixel_type = desc->comp[0].depth > 8 ? ZIMG_PIXEL_WORD : ZIMG_PIXEL_BYTE;
    f.depth = static_cast<unsigned>(desc->comp[0].depth);
    f.subsample_w = desc->log2_chroma_w;
    f.subsample_h = desc->log2_chroma_h;
    f.color_family = ZIMG_COLOR_YUV;
    f.matrix_coefficients = ZIMG_MATRIX_BT709;
    f.pixel_range = ZIMG_RANGE_LIMITED;
    f.chroma_location = ZIMG_CHROMA_LEFT;
    return f;
}

class ZimgPeer : public Peer {
  public:
    explicit ZimgPeer(const ElementJob& job)
        : in_(make_frame(av_format(job.in), job.in_width, job.in_height)),
          out_(make_frame(av_format(job.out), job.out_width, job.out_height)) {
        const zimg_image_format from = zimg_format_of(av_format(job.in), job.in_width, job.in_height);
        const zimg_image_format to = zimg_format_of(av_format(job.out), job.out_width, job.out_height);
        zimg_graph_builder_params params;
        zimg_graph_builder_params_default(&params, ZIMG_API_VERSION);
        params.resample_filter = params.resample_filter_uv = ZIMG_RESIZE_BICUBIC;
        params.filter_param_a = params.filter_param_a_uv = 0.0;
        params.filter_param_b = params.filter_param_b_uv = 0.5;
        params.cpu_type = ZIMG_CPU_AUTO_64B;
        graph_ = zimg_filter_graph_build(&from, &to, &params);
        size_t size = 0;
        if (!graph_ || zimg_filter_graph_get_tmp_size(graph_, &size) != ZIMG_ERROR_SUCCESS) std::exit(1);
        scratch_ = std::aligned_alloc(64, (size + 63) / 64 * 64);
    }
    ~ZimgPeer() override {
        std::free(scratch_);
        zimg_filter_graph_free(graph_);
    }
    double run() override {
        zimg_image_buffer_const from{ZIMG_API_VERSION, {}};
        zimg_image_buffer to{ZIMG_API_VERSION, {}};
        for (int i = 0; i < 3; ++i) {
            from.plane[i] = {in_->data[i], in_->linesize[i], ZIMG_BUFFER_MAX};
            to.plane[i] = {out_->data[i], out_->linesize[i], ZIMG_BUFFER_MAX};
        }
        return milliseconds([&] {
            if (zimg_filter_graph_process(graph_, &from, &to, scratch_, nullptr, nullptr, nullptr, nullptr))
                std::exit(1);
        });
    }

  private:
    FramePtr in_, out_;
    zimg_filter_graph* graph_ = nullptr;
    void* scratch_ = nullptr;
};

#endif

} // namespace

std::unique_ptr<Peer> make_sws_peer(const ElementJob& job, int threads) {
    if (av_format(job.in) == AV_PIX_FMT_NONE || av_format(job.out) == AV_PIX_FMT_NONE) return nullptr;
    return std::make_unique<SwsPeer>(job, threads);
}

#ifdef ONAIR_HAVE_ZIMG
std::unique_ptr<Peer> make_zimg_peer(const ElementJob& job) {
    const auto planar = [](const char* name) {
        return std::string(name) == "I420" || std::string(name) == "I422_10LE";
    };
    return planar(job.in) && planar(job.out) ? std::make_unique<ZimgPeer>(job) : nullptr;
}
const char* zimg_version_text() {
    static char text[32];
    unsigned v[3];
    zimg_get_version_info(&v[0], &v[1], &v[2]);
    std::snprintf(text, sizeof text, "%u.%u.%u", v[0], v[1], v[2]);
    return text;
}
#else
std::unique_ptr<Peer> make_zimg_peer(const ElementJob&) { return nullptr; }
const char* zimg_version_text() { return "not built in"; }
#endif

} // namespace onair::test

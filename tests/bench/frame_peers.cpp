// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/bench/frame_peers.hpp"

#include "tests/proofs/sws_planes.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <new>
#include <utility>
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

bool has_formats(const ElementJob& job) {
    return av_format(job.in) != AV_PIX_FMT_NONE && av_format(job.out) != AV_PIX_FMT_NONE;
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

/// What works on AVFrames.
class FramePeer : public Peer {
  public:
    explicit FramePeer(const ElementJob& job) {
        for (size_t i = 0; i < job.frames; ++i) {
            ins_.push_back(make_frame(av_format(job.in), job.in_width, job.in_height));
            outs_.push_back(make_frame(av_format(job.out), job.out_width, job.out_height));
        }
    }
    double run() final {
        ++turn_;
        return milliseconds([this] { make(in(), out()); });
    }
    Pic convert(const Pic& from, const GstVideoInfo& to) override {
        {
            const gst::VideoFrameMap map(from.info, from.buffer.get(), GST_MAP_READ);
            copy(map.frame(), in(), false);
        }
        make(in(), out());
        Pic made{to, plain_buffer(to)};
        const gst::VideoFrameMap map(to, made.buffer.get(), GST_MAP_WRITE);
        copy(map.frame(), out(), true);
        return made;
    }

  protected:
    AVFrame& in() { return *ins_[turn_ % ins_.size()]; }
    AVFrame& out() { return *outs_[turn_ % outs_.size()]; }
    virtual void make(AVFrame& from, AVFrame& to) = 0;

  private:
    std::vector<FramePtr> ins_, outs_;
    size_t turn_ = 0;

    static void copy(const GstVideoFrame& picture, const AVFrame& frame, bool to_picture) {
        const auto planes = tight_planes(picture.info);
        for (size_t p = 0; p < planes.size(); ++p)
            for (int y = 0; y < planes[p].rows; ++y) {
                uint8_t* a = static_cast<uint8_t*>(picture.data[p]) + ptrdiff_t{y} * picture.info.stride[p];
                uint8_t* b = frame.data[p] + ptrdiff_t{y} * frame.linesize[p];
                std::memcpy(to_picture ? a : b, to_picture ? b : a, planes[p].row_bytes);
            }
    }
};

using SwsOptions = std::vector<std::pair<const char*, int>>;

class SwsPeer : public FramePeer {
  public:
    /// An option that this FFmpeg does not have is left out.
    SwsPeer(const ElementJob& job, SwsOptions options) : FramePeer(job), context_(sws_alloc_context()) {
        options.insert(options.end(), {{"srcw", job.in_width},
                                       {"srch", job.in_height},
                                       {"dstw", job.out_width},
                                       {"dsth", job.out_height},
                                       {"src_format", in().format},
                                       {"dst_format", out().format}});
        for (const auto& [name, value] : options)
            av_opt_set_int(context_.get(), name, value, 0);
        if (sws_init_context(context_.get(), nullptr, nullptr) < 0) std::exit(1);
        const int* bt709 = sws_getCoefficients(SWS_CS_ITU709);
        sws_setColorspaceDetails(context_.get(), bt709, 0, bt709, 0, 0, 1 << 16, 1 << 16);
    }
    void make(AVFrame& from, AVFrame& to) override {
        if (sws_scale_frame(context_.get(), &to, &from) < 0) std::exit(1);
    }

  private:
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

class ZimgPeer : public FramePeer {
  public:
    explicit ZimgPeer(const ElementJob& job) : FramePeer(job) {
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
    void make(AVFrame& in, AVFrame& out) override {
        zimg_image_buffer_const from{ZIMG_API_VERSION, {}};
        zimg_image_buffer to{ZIMG_API_VERSION, {}};
        for (int i = 0; i < 3; ++i) {
            from.plane[i] = {in.data[i], in.linesize[i], ZIMG_BUFFER_MAX};
            to.plane[i] = {out.data[i], out.linesize[i], ZIMG_BUFFER_MAX};
        }
        if (zimg_filter_graph_process(graph_, &from, &to, scratch_, nullptr, nullptr, nullptr, nullptr)) std::exit(1);
    }

  private:
    zimg_filter_graph* graph_ = nullptr;
    void* scratch_ = nullptr;
};

#endif

} // namespace

std::unique_ptr<Peer> make_sws_peer(const ElementJob& job, int threads) {
    if (!has_formats(job)) return nullptr;
    return std::make_unique<SwsPeer>(job, SwsOptions{{"threads", threads}, {"sws_flags", SWS_BICUBIC}});
}

std::unique_ptr<Peer> make_exact_sws_peer(const ElementJob& job) {
    if (!has_formats(job)) return nullptr;
    SwsOptions options{{"sws_flags", SWS_BICUBIC | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INT | SWS_FULL_CHR_H_INP},
                       {"sws_dither", 0}};
    const auto chroma_on_the_left = [&](const char* name, const char* columns, const char* rows) {
        const AVPixFmtDescriptor* format = av_pix_fmt_desc_get(av_format(name));
        if (format->log2_chroma_w > 0) options.emplace_back(columns, 0);
        if (format->log2_chroma_h > 0) options.emplace_back(rows, 128);
    };
    chroma_on_the_left(job.in, "src_h_chr_pos", "src_v_chr_pos");
    chroma_on_the_left(job.out, "dst_h_chr_pos", "dst_v_chr_pos");
    return std::make_unique<SwsPeer>(job, std::move(options));
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

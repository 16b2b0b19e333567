// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/sws_scaler.hpp"

#include "common/av/av_error.hpp"
#include "common/av/av_log.hpp"
#include "engine/messages.hpp"

#include <algorithm>
#include <array>
#include <new>

extern "C" {
#include <libavutil/buffer.h>
#include <libavutil/frame.h>
#include <libavutil/opt.h>
#include <libavutil/pixdesc.h>
#include <libswscale/swscale.h>
}

namespace onair::sws {

namespace {

/// libswscale's kernel for a method and its two parameters (SWS_PARAM_DEFAULT where it has a good one).
/// Mitchell-Netravali B and C: Hermite 0, 0; Catmull-Rom 0, 1/2; Mitchell 1/3, 1/3. videoconvertscale's "4-tap" is a
/// windowed sinc of four taps, which is Lanczos with two lobes.
struct Kernel {
    Method method;
    int flag;
    double param0, param1;
};
constexpr double standard = SWS_PARAM_DEFAULT;
constexpr Kernel kernels[] = {
    {Method::nearest, SWS_POINT, standard, standard},
    {Method::bilinear, SWS_BILINEAR, standard, standard},
    {Method::four_tap, SWS_LANCZOS, 2, standard},
    {Method::lanczos, SWS_LANCZOS, standard, standard},
    {Method::bilinear2, SWS_BILINEAR, standard, standard},
    {Method::sinc, SWS_SINC, standard, standard},
    {Method::hermite, SWS_BICUBIC, 0, 0},
    {Method::spline, SWS_SPLINE, standard, standard},
    {Method::catrom, SWS_BICUBIC, 0, 0.5},
    {Method::mitchell, SWS_BICUBIC, 1.0 / 3, 1.0 / 3},
    {Method::bicubic, SWS_BICUBIC, standard, standard},
    {Method::area, SWS_AREA, standard, standard},
    {Method::gauss, SWS_GAUSS, standard, standard},
    {Method::bicublin, SWS_BICUBLIN, standard, standard},
    {Method::experimental, SWS_X, standard, standard},
};

const Kernel& kernel_of(Method method) {
    for (const Kernel& kernel : kernels)
        if (kernel.method == method) return kernel;
    return kernel_of(Method::bicubic);
}

bool is_rgb(AVPixelFormat format) { return av_pix_fmt_desc_get(format)->flags & AV_PIX_FMT_FLAG_RGB; }

/// Exact rounding always: without it unscaled YUV to RGB takes the nearest chroma sample and ignores its position.
/// Full chroma at RGB ends, also those inside libswscale where a matrix changes; but not for 15/16 bit and 10 bit
/// packed RGB, which have no such path (libswscale would warn at each init and go on without).
int flags_of(const ScaleSpec& spec) {
    const int flags = kernel_of(spec.method).flag | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INP;
    const AVPixFmtDescriptor* desc = av_pix_fmt_desc_get(spec.dst.format);
    const bool packed_rgb = is_rgb(spec.dst.format) && !(desc->flags & AV_PIX_FMT_FLAG_PLANAR);
    const bool odd_depth = packed_rgb && desc->comp[0].depth != 8 && desc->comp[0].depth != 16;
    return odd_depth ? flags : flags | SWS_FULL_CHR_H_INT;
}

/// 0, or the first error code: an option that the running libswscale does not take must not be left out silently.
int set_options(SwsContext* context, const ScaleSpec& spec) {
    const Kernel& kernel = kernel_of(spec.method);
    struct Option {
        const char* name;
        int64_t value;
    };
    const std::array<Option, 12> options{{
        {"srcw", spec.src.width},
        {"srch", spec.src.height},
        {"dstw", spec.dst.width},
        {"dsth", spec.dst.height},
        {"src_range", spec.src.full_range},
        {"dst_range", spec.dst.full_range},
        {"src_h_chr_pos", spec.src.chroma_site.horizontal},
        {"src_v_chr_pos", spec.src.chroma_site.vertical},
        {"dst_h_chr_pos", spec.dst.chroma_site.horizontal},
        {"dst_v_chr_pos", spec.dst.chroma_site.vertical},
        {"threads", spec.threads},
        {"sws_flags", flags_of(spec)},
    }};
    int worst = 0;
    const auto note = [&](int result) { worst = std::min(worst, result); };
    for (const Option& option : options)
        note(av_opt_set_int(context, option.name, option.value, 0));
    note(av_opt_set_pixel_fmt(context, "src_format", spec.src.format, 0));
    note(av_opt_set_pixel_fmt(context, "dst_format", spec.dst.format, 0));
    if (kernel.param0 != standard) note(av_opt_set_double(context, "param0", kernel.param0, 0));
    if (kernel.param1 != standard) note(av_opt_set_double(context, "param1", kernel.param1, 0));
    return worst;
}

/// libswscale's shortcuts for pictures that keep their size leave out the last chroma row or column of odd ones (UYVY
/// to I420, I420_10LE to P010; 5.1 to 9.0): whatever lay in the memory before would be sent on. Such pictures go the
/// general way, here alone another one than that of ffmpeg's scale filter (docs/swscale-equality.md).
bool needs_general_way(const ScaleSpec& spec) {
    if (spec.src.width != spec.dst.width || spec.src.height != spec.dst.height) return false;
    const auto odd = [](const Picture& p) {
        const AVPixFmtDescriptor* desc = av_pix_fmt_desc_get(p.format);
        return p.width % (1 << desc->log2_chroma_w) != 0 || p.height % (1 << desc->log2_chroma_h) != 0;
    };
    return odd(spec.src) || odd(spec.dst);
}

/// A filter that changes nothing; where one is given, libswscale takes no shortcut.
int init_the_general_way(SwsContext* context) {
    double one[] = {0, 1, 0};
    SwsVector same{one, 3};
    SwsFilter filter{&same, &same, &same, &same};
    return sws_init_context(context, &filter, nullptr);
}

/// The context refers to frames by counted buffers only; this one counts memory that is the caller's.
void borrow(AVFrame* frame, const FrameView& view, const Picture& picture) {
    av_frame_unref(frame);
    frame->format = picture.format;
    frame->width = picture.width;
    frame->height = picture.height;
    for (size_t i = 0; i < static_cast<size_t>(view.planes); ++i) {
        const PlaneView& plane = view.plane[i];
        frame->data[i] = plane.data;
        frame->linesize[i] = plane.stride;
        frame->buf[i] = av_buffer_create(
            plane.data, plane.room, [](void*, uint8_t*) {}, nullptr, 0);
        if (!frame->buf[i]) throw std::bad_alloc();
    }
}

std::string between(const ScaleSpec& spec) { return describe(spec.src) + " to " + describe(spec.dst); }

} // namespace

void SwsScaler::Free::operator()(SwsContext* context) const noexcept { sws_freeContext(context); }
void SwsScaler::Free::operator()(AVFrame* frame) const noexcept { av_frame_free(&frame); }

SwsScaler::SwsScaler(const ScaleSpec& spec)
    : spec_(spec), context_(sws_alloc_context()), src_frame_(av_frame_alloc()), dst_frame_(av_frame_alloc()) {
    if (!context_ || !src_frame_ || !dst_frame_) throw std::bad_alloc();
    av::LogCollector log({context_.get()});
    const auto refused = [&](std::string words) {
        return error(Msg::impossible_size, {describe(spec.src), describe(spec.dst)}, log.with(std::move(words)));
    };
    const int options = set_options(context_.get(), spec);
    if (options < 0) throw refused(av::error_text("av_opt_set", options));
    const int init = needs_general_way(spec) ? init_the_general_way(context_.get())
                                             : sws_init_context(context_.get(), nullptr, nullptr);
    if (init < 0) throw refused(av::error_text("sws_init_context", init));
    const int details = sws_setColorspaceDetails(
        context_.get(), sws_getCoefficients(static_cast<int>(spec.src.matrix)), spec.src.full_range,
        sws_getCoefficients(static_cast<int>(spec.dst.matrix)), spec.dst.full_range, 0, 1 << 16, 1 << 16);
    // Refused where there is no YUV to describe (RGB to RGB): nothing is lost. A change of matrix must not be refused.
    if (details < 0 && spec.src.matrix != spec.dst.matrix)
        throw refused(av::error_text("sws_setColorspaceDetails", details));
}

void SwsScaler::scale(const FrameView& src, const FrameView& dst) {
    borrow(src_frame_.get(), src, spec_.src);
    borrow(dst_frame_.get(), dst, spec_.dst);
    av::LogCollector log({context_.get()});
    const int rows = sws_scale_frame(context_.get(), dst_frame_.get(), src_frame_.get());
    av_frame_unref(src_frame_.get());
    av_frame_unref(dst_frame_.get());
    if (rows < 0)
        throw error(Msg::library_refused, {describe(spec_.src), describe(spec_.dst)},
                    log.with(av::error_text("sws_scale_frame", rows)));
    // With threads libswscale returns 0 for success; each thread's own result was checked inside.
    const bool whole = rows == spec_.dst.height || (rows == 0 && spec_.threads > 1);
    if (!whole)
        throw error(Msg::rows_missing,
                    {std::to_string(rows), std::to_string(spec_.dst.height), describe(spec_.src), describe(spec_.dst)},
                    log.with("sws_scale_frame for " + between(spec_)));
}

} // namespace onair::sws

// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "common/gst/ref_ptr.hpp"
#include "common/gstav/pixel_format.hpp"
#include "engine/messages.hpp"
#include "gstswsconvertscale-private.hpp"

#include <thread>

extern "C" {
#include <libavutil/pixdesc.h>
}

namespace onair::sws {

namespace {

struct MatrixRow {
    GstVideoColorMatrix gst;
    Matrix sws;
};
constexpr MatrixRow matrices[] = {
    {GST_VIDEO_COLOR_MATRIX_BT709, Matrix::bt709},   {GST_VIDEO_COLOR_MATRIX_FCC, Matrix::fcc},
    {GST_VIDEO_COLOR_MATRIX_BT601, Matrix::bt601},   {GST_VIDEO_COLOR_MATRIX_SMPTE240M, Matrix::smpte240m},
    {GST_VIDEO_COLOR_MATRIX_BT2020, Matrix::bt2020},
};

/// Untagged YUV follows GStreamer's defaults (gst_video_info_set_format: BT.601 up to 576 rows, BT.709 above), never
/// libswscale's 601 for all.
Matrix matrix_of(const GstVideoInfo& info) {
    for (const MatrixRow& row : matrices)
        if (row.gst == info.colorimetry.matrix) return row.sws;
    return GST_VIDEO_INFO_HEIGHT(&info) > 576 ? Matrix::bt709 : Matrix::bt601;
}

/// Cosited is 0; what is not cosited lies in the middle, which libswscale takes for its own default. Unknown means as
/// MPEG-2 and H.264 have it: left.
ChromaSite chroma_site(const GstVideoInfo& info, unsigned flags) {
    ChromaSite site;
    if (!GST_VIDEO_INFO_IS_YUV(&info)) return site;
    const bool unknown = flags == GST_VIDEO_CHROMA_SITE_UNKNOWN;
    const GstVideoFormatInfo* format = info.finfo;
    if (GST_VIDEO_FORMAT_INFO_W_SUB(format, 1) > 0 && (unknown || (flags & GST_VIDEO_CHROMA_SITE_H_COSITED)))
        site.horizontal = 0;
    if (GST_VIDEO_FORMAT_INFO_H_SUB(format, 1) > 0 && (flags & GST_VIDEO_CHROMA_SITE_V_COSITED)) site.vertical = 0;
    return site;
}

/// Caps with a colorimetry and no chroma site leave the site unknown (gst_video_info_from_caps). Where both sides have
/// the same subsampling the unknown one is as the other: nothing asks for a change.
void set_chroma_sites(ScaleSpec& spec, const GstVideoInfo& in, const GstVideoInfo& out) {
    const bool same = GST_VIDEO_FORMAT_INFO_W_SUB(in.finfo, 1) == GST_VIDEO_FORMAT_INFO_W_SUB(out.finfo, 1) &&
                      GST_VIDEO_FORMAT_INFO_H_SUB(in.finfo, 1) == GST_VIDEO_FORMAT_INFO_H_SUB(out.finfo, 1);
    const auto flags = [&](const GstVideoInfo& mine, const GstVideoInfo& other) -> unsigned {
        return same && mine.chroma_site == GST_VIDEO_CHROMA_SITE_UNKNOWN ? other.chroma_site : mine.chroma_site;
    };
    spec.src.chroma_site = chroma_site(in, flags(in, out));
    spec.dst.chroma_site = chroma_site(out, flags(out, in));
}

std::string colorimetry_text(const GstVideoInfo& info) {
    const gst::CharPtr text(gst_video_colorimetry_to_string(&info.colorimetry));
    return text ? text.get() : "unknown";
}

const gstav::PixelFormat& format_of(const GstVideoInfo& info) {
    const auto* format = gstav::find_pixel_format(GST_VIDEO_INFO_FORMAT(&info));
    if (!format || !is_supported(format->av)) throw error(Msg::unknown_format, {GST_VIDEO_INFO_NAME(&info)});
    return *format;
}

Picture picture_of(const GstVideoInfo& info) {
    Picture picture;
    picture.width = GST_VIDEO_INFO_WIDTH(&info);
    picture.height = GST_VIDEO_INFO_HEIGHT(&info);
    picture.format = format_of(info).av;
    const bool limited = info.colorimetry.range == GST_VIDEO_COLOR_RANGE_16_235;
    if (GST_VIDEO_INFO_IS_YUV(&info)) {
        picture.full_range = info.colorimetry.range == GST_VIDEO_COLOR_RANGE_0_255;
    } else {
        if (limited) throw error(Msg::limited_range, {GST_VIDEO_INFO_NAME(&info), colorimetry_text(info)});
        picture.full_range = true;
    }
    return picture;
}

/// YUV has a matrix of its own; grey is luma, made with its matrix from RGB, and YUV's own luma beside YUV; RGB has
/// none.
void set_matrices(ScaleSpec& spec, const GstVideoInfo& in, const GstVideoInfo& out) {
    const auto rank = [](const GstVideoInfo& i) { return GST_VIDEO_INFO_IS_YUV(&i) ? 2 : GST_VIDEO_INFO_IS_GRAY(&i); };
    spec.src.matrix = matrix_of(rank(in) >= rank(out) ? in : out);
    spec.dst.matrix = matrix_of(rank(out) >= rank(in) ? out : in);
    if (rank(in) < 2 && rank(out) < 2) spec.src.matrix = spec.dst.matrix; // of no matter where both are RGB or grey
}

/// Rows of the two fields are mixed as soon as rows are: another height of the picture (borders above and below change
/// it as well), or chroma rows for another number of luma rows.
void check_fields(const GstVideoInfo& in, const GstVideoInfo& out, const Rect& picture) {
    if (!GST_VIDEO_INFO_IS_INTERLACED(&in)) return;
    const bool same_rows = GST_VIDEO_INFO_HEIGHT(&in) == picture.height &&
                           GST_VIDEO_FORMAT_INFO_H_SUB(in.finfo, 1) == GST_VIDEO_FORMAT_INFO_H_SUB(out.finfo, 1);
    if (same_rows) return;
    const auto text = [](const GstVideoInfo& i) {
        return size_text(GST_VIDEO_INFO_WIDTH(&i), GST_VIDEO_INFO_HEIGHT(&i)) + " " + GST_VIDEO_INFO_NAME(&i);
    };
    throw error(Msg::interlaced, {text(in), text(out)});
}

Size size_of(const GstVideoInfo& info) {
    const Rational par(GST_VIDEO_INFO_PAR_N(&info), GST_VIDEO_INFO_PAR_D(&info));
    return {GST_VIDEO_INFO_WIDTH(&info), GST_VIDEO_INFO_HEIGHT(&info), par > Rational(0) ? par : Rational(1)};
}

} // namespace

ConversionPlan make_plan(const GstVideoInfo& in, const GstVideoInfo& out, const Settings& settings) {
    ConversionPlan plan;
    plan.spec.src = picture_of(in);
    plan.spec.dst = picture_of(out);
    plan.spec.method = settings.method;
    set_matrices(plan.spec, in, out);
    set_chroma_sites(plan.spec, in, out);

    const AVPixFmtDescriptor* desc = av_pix_fmt_desc_get(plan.spec.dst.format);
    plan.frame_width = plan.spec.dst.width;
    plan.frame_height = plan.spec.dst.height;
    plan.picture =
        place(size_of(in), size_of(out), settings.add_borders, 1 << desc->log2_chroma_w, 1 << desc->log2_chroma_h);
    check_fields(in, out, plan.picture);
    plan.spec.dst.width = plan.picture.width;
    plan.spec.dst.height = plan.picture.height;
    plan.spec.threads = thread_count(settings.n_threads, std::thread::hardware_concurrency(), plan.picture.height);
    const auto& opaque = format_of(out).opaque;
    plan.opaque = {opaque.pixel_bytes, opaque.bits};
    return plan;
}

bool colour_stays(const GstVideoInfo& in, const GstVideoInfo& out) {
    const GstVideoColorimetry &a = in.colorimetry, &b = out.colorimetry;
    const bool primaries = a.primaries != GST_VIDEO_COLOR_PRIMARIES_UNKNOWN &&
                           b.primaries != GST_VIDEO_COLOR_PRIMARIES_UNKNOWN && a.primaries != b.primaries;
    const bool transfer = a.transfer != GST_VIDEO_TRANSFER_UNKNOWN && b.transfer != GST_VIDEO_TRANSFER_UNKNOWN &&
                          !gst_video_transfer_function_is_equivalent(a.transfer, GST_VIDEO_INFO_COMP_DEPTH(&in, 0),
                                                                     b.transfer, GST_VIDEO_INFO_COMP_DEPTH(&out, 0));
    return primaries || transfer;
}

} // namespace onair::sws

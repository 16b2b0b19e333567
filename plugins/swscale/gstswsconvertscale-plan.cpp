// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "common/gst/ref_ptr.hpp"
#include "engine/messages.hpp"
#include "engine/pass_program.hpp"
#include "gstswsconvertscale-formats.hpp"
#include "gstswsconvertscale-private.hpp"

#include <thread>

namespace onair::sws {

namespace {

template <class From, class To>
struct Named {
    From gst;
    To ours;
};

template <class Table, class From, class To>
To look_up(const Table& table, From value, To otherwise) {
    for (const auto& row : table)
        if (row.gst == value) return row.ours;
    return otherwise;
}

constexpr Named<GstVideoColorMatrix, Matrix> matrices[] = {
    {GST_VIDEO_COLOR_MATRIX_BT709, Matrix::bt709},   {GST_VIDEO_COLOR_MATRIX_FCC, Matrix::fcc},
    {GST_VIDEO_COLOR_MATRIX_BT601, Matrix::bt601},   {GST_VIDEO_COLOR_MATRIX_SMPTE240M, Matrix::smpte240m},
    {GST_VIDEO_COLOR_MATRIX_BT2020, Matrix::bt2020},
};

/// BT.601, BT.709 and BT.2020 are one curve (docs/specs/conversion.md).
constexpr Named<GstVideoTransferFunction, Transfer> transfers[] = {
    {GST_VIDEO_TRANSFER_GAMMA10, Transfer::gamma10},     {GST_VIDEO_TRANSFER_GAMMA18, Transfer::gamma18},
    {GST_VIDEO_TRANSFER_GAMMA20, Transfer::gamma20},     {GST_VIDEO_TRANSFER_GAMMA22, Transfer::gamma22},
    {GST_VIDEO_TRANSFER_GAMMA28, Transfer::gamma28},     {GST_VIDEO_TRANSFER_BT709, Transfer::bt709},
    {GST_VIDEO_TRANSFER_BT601, Transfer::bt709},         {GST_VIDEO_TRANSFER_BT2020_10, Transfer::bt709},
    {GST_VIDEO_TRANSFER_BT2020_12, Transfer::bt709},     {GST_VIDEO_TRANSFER_SMPTE240M, Transfer::smpte240m},
    {GST_VIDEO_TRANSFER_SRGB, Transfer::srgb},           {GST_VIDEO_TRANSFER_LOG100, Transfer::log100},
    {GST_VIDEO_TRANSFER_LOG316, Transfer::log316},       {GST_VIDEO_TRANSFER_ADOBERGB, Transfer::adobergb},
    {GST_VIDEO_TRANSFER_SMPTE2084, Transfer::smpte2084}, {GST_VIDEO_TRANSFER_ARIB_STD_B67, Transfer::arib_std_b67},
};

constexpr Named<GstVideoColorPrimaries, Primaries> all_primaries[] = {
    {GST_VIDEO_COLOR_PRIMARIES_BT709, Primaries::bt709},
    {GST_VIDEO_COLOR_PRIMARIES_BT470M, Primaries::bt470m},
    {GST_VIDEO_COLOR_PRIMARIES_BT470BG, Primaries::bt470bg},
    {GST_VIDEO_COLOR_PRIMARIES_SMPTE170M, Primaries::smpte170m},
    // The same chromaticities as SMPTE 170M: nothing to convert between the two.
    {GST_VIDEO_COLOR_PRIMARIES_SMPTE240M, Primaries::smpte170m},
    {GST_VIDEO_COLOR_PRIMARIES_FILM, Primaries::film},
    {GST_VIDEO_COLOR_PRIMARIES_BT2020, Primaries::bt2020},
    {GST_VIDEO_COLOR_PRIMARIES_ADOBERGB, Primaries::adobergb},
    {GST_VIDEO_COLOR_PRIMARIES_SMPTEST428, Primaries::xyz},
    {GST_VIDEO_COLOR_PRIMARIES_SMPTERP431, Primaries::dci},
    {GST_VIDEO_COLOR_PRIMARIES_SMPTEEG432, Primaries::p3},
    {GST_VIDEO_COLOR_PRIMARIES_EBU3213, Primaries::ebu3213},
};

/// Untagged YUV follows GStreamer's defaults (gst_video_info_set_format: BT.601 up to 576 rows, BT.709 above), never
/// libswscale's 601 for all.
Colour colour_of(const GstVideoInfo& info) {
    Colour colour;
    const GstVideoColorimetry& c = info.colorimetry;
    colour.matrix = look_up(matrices, c.matrix, GST_VIDEO_INFO_HEIGHT(&info) > 576 ? Matrix::bt709 : Matrix::bt601);
    colour.transfer = look_up(transfers, c.transfer, Transfer::unknown);
    colour.primaries = look_up(all_primaries, c.primaries, Primaries::unknown);
    colour.full_range =
        GST_VIDEO_INFO_IS_YUV(&info) ? c.range == GST_VIDEO_COLOR_RANGE_0_255 : c.range != GST_VIDEO_COLOR_RANGE_16_235;
    return colour;
}

/// Cosited is 0; what is not cosited lies in the middle. Unknown means as MPEG-2 and H.264 have it: left.
ChromaSite chroma_site(const GstVideoInfo& info, unsigned flags) {
    ChromaSite site;
    if (!GST_VIDEO_INFO_IS_YUV(&info)) return site;
    const bool unknown = flags == GST_VIDEO_CHROMA_SITE_UNKNOWN;
    if (unknown || (flags & GST_VIDEO_CHROMA_SITE_H_COSITED)) site.horizontal = 0;
    if (flags & GST_VIDEO_CHROMA_SITE_V_COSITED) site.vertical = 0;
    return site;
}

/// Caps with a colorimetry and no chroma site leave the site unknown (gst_video_info_from_caps). Where both sides have
/// the same subsampling the unknown one is as the other: nothing asks for a change.
void set_chroma_sites(Request& request, const GstVideoInfo& in, const GstVideoInfo& out) {
    const bool same = GST_VIDEO_FORMAT_INFO_W_SUB(in.finfo, 1) == GST_VIDEO_FORMAT_INFO_W_SUB(out.finfo, 1) &&
                      GST_VIDEO_FORMAT_INFO_H_SUB(in.finfo, 1) == GST_VIDEO_FORMAT_INFO_H_SUB(out.finfo, 1);
    const auto flags = [&](const GstVideoInfo& mine, const GstVideoInfo& other) -> unsigned {
        return same && mine.chroma_site == GST_VIDEO_CHROMA_SITE_UNKNOWN ? other.chroma_site : mine.chroma_site;
    };
    request.in.site = chroma_site(in, flags(in, out));
    request.out.site = chroma_site(out, flags(out, in));
}

Side side_of(const GstVideoInfo& info) {
    Side side;
    side.format = find_format(GST_VIDEO_INFO_FORMAT(&info));
    if (!side.format) throw error(Msg::unknown_format, {GST_VIDEO_INFO_NAME(&info)});
    side.width = GST_VIDEO_INFO_WIDTH(&info);
    side.height = GST_VIDEO_INFO_FIELD_HEIGHT(&info); // alternate fields are pictures of their own
    side.colour = colour_of(info);
    return side;
}

/// GStreamer gives untagged grey the matrix BT.601. Beside YUV nobody means another luma than the one that is there.
void settle_grey(Side& grey, const GstVideoInfo& info, const Side& other) {
    if (grey.format->model != ColourModel::grey || other.format->model != ColourModel::yuv) return;
    const bool untagged = info.colorimetry.primaries == GST_VIDEO_COLOR_PRIMARIES_UNKNOWN &&
                          info.colorimetry.transfer == GST_VIDEO_TRANSFER_UNKNOWN;
    if (untagged) grey.colour.matrix = other.colour.matrix;
}

/// Rows of the two fields are mixed as soon as rows are: another height of the picture (borders above and below change
/// it as well), chroma rows for another number of luma rows, or chroma that goes to the luma grid and back.
void check_fields(const Request& request, const GstVideoInfo& in, const GstVideoInfo& out) {
    if (!GST_VIDEO_INFO_IS_INTERLACED(&in) || GST_VIDEO_INFO_INTERLACE_MODE(&in) == GST_VIDEO_INTERLACE_MODE_ALTERNATE)
        return;
    const Format &from = *request.in.format, &to = *request.out.format;
    const bool rows_stay = request.in.height == request.placement.picture.height &&
                           from.log2_chroma_h == to.log2_chroma_h &&
                           (from.log2_chroma_h == 0 || (same_colour(request.in, request.out, request.quality) &&
                                                        request.in.site.vertical == request.out.site.vertical));
    if (rows_stay) return;
    const auto text = [](const GstVideoInfo& i) {
        return size_text(GST_VIDEO_INFO_WIDTH(&i), GST_VIDEO_INFO_HEIGHT(&i)) + " " + GST_VIDEO_INFO_NAME(&i);
    };
    throw error(Msg::interlaced, {text(in), text(out)});
}

Size size_of(const GstVideoInfo& info) {
    const Rational par(GST_VIDEO_INFO_PAR_N(&info), GST_VIDEO_INFO_PAR_D(&info));
    return {GST_VIDEO_INFO_WIDTH(&info), GST_VIDEO_INFO_FIELD_HEIGHT(&info), par > Rational(0) ? par : Rational(1)};
}

} // namespace

Request make_request(const GstVideoInfo& in, const GstVideoInfo& out, const Settings& settings) {
    Request request;
    request.in = side_of(in);
    request.out = side_of(out);
    request.quality = settings;
    request.engine = settings.engine;
    settle_grey(request.in, in, request.out);
    settle_grey(request.out, out, request.in);
    set_chroma_sites(request, in, out);
    Placement& placement = request.placement;
    placement.frame_width = request.out.width;
    placement.frame_height = request.out.height;
    const Format& format = *request.out.format;
    placement.picture =
        place(size_of(in), size_of(out), settings.add_borders, 1 << format.log2_chroma_w, 1 << format.log2_chroma_h);
    request.out.width = placement.picture.width;
    request.out.height = placement.picture.height;
    check_fields(request, in, out);
    request.threads = thread_count(settings.n_threads, std::thread::hardware_concurrency(), request.out.height);
    return request;
}

bool colour_stays(const Request& request) {
    return request.engine == Engine::swscale && (converts_transfer(request.in, request.out, request.quality) ||
                                                 converts_primaries(request.in, request.out, request.quality));
}

} // namespace onair::sws

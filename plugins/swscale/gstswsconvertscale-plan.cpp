// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "common/gst/ref_ptr.hpp"
#include "engine/field_converter.hpp"
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

/// No row of a field meets one of the other: neither the height of the picture changes (borders above and below change
/// it as well) nor the chroma rows, nor does chroma go to the luma grid and back. Then frames do as they are.
bool rows_stay(const Request& request) {
    const Format &from = *request.in.format, &to = *request.out.format;
    return request.in.height == request.placement.picture.height && from.log2_chroma_h == to.log2_chroma_h &&
           (from.log2_chroma_h == 0 || (same_colour(request.in, request.out, request.quality) &&
                                        request.in.site.vertical == request.out.site.vertical));
}

/// Fields need whole chroma rows of their own, on both sides and in the borders.
void settle_fields(Request& request, const GstVideoInfo& in, const GstVideoInfo& out, Scan scan) {
    if (scan == Scan::top || scan == Scan::bottom) {
        request.in.field = request.out.field = scan == Scan::top ? Field::top : Field::bottom;
        return;
    }
    if (scan == Scan::frame || rows_stay(request)) return;
    const Placement& p = request.placement;
    request.two_fields = GST_VIDEO_INFO_INTERLACE_MODE(&in) != GST_VIDEO_INTERLACE_MODE_FIELDS &&
                         has_whole_fields(*request.in.format, 0, request.in.height) &&
                         has_whole_fields(*request.out.format, p.picture.y, p.picture.height) &&
                         has_whole_fields(*request.out.format, 0, p.frame_height);
    if (request.two_fields) return;
    const auto text = [](const GstVideoInfo& i) {
        return size_text(GST_VIDEO_INFO_WIDTH(&i), GST_VIDEO_INFO_HEIGHT(&i)) + " " + GST_VIDEO_INFO_NAME(&i);
    };
    throw error(Msg::interlaced, {text(in), text(out), std::to_string(field_unit(*request.in.format)),
                                  std::to_string(field_unit(*request.out.format))});
}

Size size_of(const GstVideoInfo& info) {
    const Rational par(GST_VIDEO_INFO_PAR_N(&info), GST_VIDEO_INFO_PAR_D(&info));
    return {GST_VIDEO_INFO_WIDTH(&info), GST_VIDEO_INFO_FIELD_HEIGHT(&info), par > Rational(0) ? par : Rational(1)};
}

} // namespace

Scan scan_of(const GstVideoInfo& info, GstBuffer* buffer) {
    const auto has = [&](guint flag) { return !buffer || GST_BUFFER_FLAG_IS_SET(buffer, flag); };
    switch (GST_VIDEO_INFO_INTERLACE_MODE(&info)) {
    case GST_VIDEO_INTERLACE_MODE_PROGRESSIVE:
        return Scan::frame;
    case GST_VIDEO_INTERLACE_MODE_MIXED:
        return has(GST_VIDEO_BUFFER_FLAG_INTERLACED) ? Scan::fields : Scan::frame;
    case GST_VIDEO_INTERLACE_MODE_ALTERNATE:
        if (!has(GST_VIDEO_BUFFER_FLAG_ONEFIELD)) return Scan::frame; // nobody says which field: neither
        return has(GST_VIDEO_BUFFER_FLAG_TFF) ? Scan::top : Scan::bottom;
    default:
        return Scan::fields;
    }
}

Request make_request(const GstVideoInfo& in, const GstVideoInfo& out, const Settings& settings, Scan scan) {
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
    const int align_y = scan == Scan::fields ? field_unit(format) : 1 << format.log2_chroma_h;
    placement.picture = place(size_of(in), size_of(out), settings.add_borders, 1 << format.log2_chroma_w, align_y);
    request.out.width = placement.picture.width;
    request.out.height = placement.picture.height;
    settle_fields(request, in, out, scan);
    request.threads = thread_count(settings.n_threads, std::thread::hardware_concurrency(),
                                   request.out.height / (request.two_fields ? 2 : 1));
    return request;
}

bool colour_stays(const Request& request) {
    return request.engine == Engine::swscale && (converts_transfer(request.in, request.out, request.quality) ||
                                                 converts_primaries(request.in, request.out, request.quality));
}

} // namespace onair::sws

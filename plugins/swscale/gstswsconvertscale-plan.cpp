// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "common/gst/ref_ptr.hpp"
#include "engine/field_converter.hpp"
#include "engine/messages.hpp"
#include "engine/pass_program.hpp"
#include "gstswsconvertscale-formats.hpp"
#include "gstswsconvertscale-private.hpp"

#include <algorithm>
#include <cstdint>
#include <iterator>
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
    const Placement &p = request.placement, window = request.window.value_or(whole(request.in));
    request.two_fields = GST_VIDEO_INFO_INTERLACE_MODE(&in) != GST_VIDEO_INTERLACE_MODE_FIELDS &&
                         has_whole_fields(*request.in.format, window.picture.y, window.picture.height) &&
                         has_whole_fields(*request.in.format, 0, window.frame_height) &&
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

/// Fields lie apart: an interleaved frame's rows are cut and bordered by twos.
Align align_of(const Format& format, const GstVideoInfo& info) {
    const bool interleaved = GST_VIDEO_INFO_IS_INTERLACED(&info) &&
                             GST_VIDEO_INFO_INTERLACE_MODE(&info) != GST_VIDEO_INTERLACE_MODE_ALTERNATE;
    return {1 << format.log2_chroma_w, (interleaved ? 2 : 1) << format.log2_chroma_h};
}

/// The smallest area around `r` on multiples of the alignment.
Rect aligned(const Rect& r, const Align& align, int frame_width, int frame_height) {
    const int x = r.x / align.x * align.x, y = r.y / align.y * align.y;
    const auto up = [](int v, int by) { return (v + by - 1) / by * by; };
    return {x, y, std::min(frame_width, up(r.x + r.width, align.x)) - x,
            std::min(frame_height, up(r.y + r.height, align.y)) - y};
}

Rect cropped(const SourceFrame& source, const Settings& s, int rows) {
    Rect r = source.crop;
    if (!crop_leaves_picture(source, s)) return r;
    const auto of = [](unsigned pixels) { return static_cast<int>(pixels); };
    r.x += of(s.crop_left);
    r.y += of(s.crop_top) / rows;
    r.width -= of(s.crop_left) + of(s.crop_right);
    r.height -= of(s.crop_top) / rows + of(s.crop_bottom) / rows;
    return r;
}

Fit fit_of(const Settings& s) {
    if (s.fit == FitSetting::automatic) return s.add_borders ? Fit::contain : Fit::fill;
    return static_cast<Fit>(static_cast<int>(s.fit) - 1);
}

BorderColour border_of(unsigned argb) {
    const auto part = [&](int shift) { return (argb >> shift & 0xFF) / 255.0; };
    return {part(16), part(8), part(0), part(24)};
}

/// Where the picture comes from and goes to; the sides take its sizes.
void set_geometry(Request& request, const GstVideoInfo& in, const GstVideoInfo& out, const SourceFrame& source,
                  const Settings& settings) {
    const Align in_align = align_of(*request.in.format, in), out_align = align_of(*request.out.format, out);
    const Rect crop = crop_of(in, *request.in.format, source, settings);
    FitRequest fit;
    fit.source = size_of(in);
    fit.source.width = crop.width;
    fit.source.height = crop.height;
    fit.crop = crop;
    fit.target = size_of(out);
    fit.orientation = request.orientation = orientation_of(settings.direction);
    fit.fit = fit_of(settings);
    fit.source_align = in_align;
    fit.target_align = out_align;
    // A size that was rounded to a multiple is not worth a border.
    if (settings.size_multiple > 1) fit.tolerance = settings.size_multiple / 2.0;
    const Fitting at = lay_out(fit);
    const Placement window{at.crop, source.width, source.height};
    if (!window.fills()) request.window = window;
    request.placement = {at.picture, request.out.width, request.out.height, border_of(settings.border_color)};
    request.in.width = at.crop.width;
    request.in.height = at.crop.height;
    request.out.width = at.picture.width;
    request.out.height = at.picture.height;
}

/// Rows of one field would become rows of the other, or columns.
void check_orientation(const Request& request, const GstVideoInfo& in) {
    const Orientation& o = request.orientation;
    if (GST_VIDEO_INFO_IS_INTERLACED(&in) && (o.transpose || o.mirror_y))
        throw error(Msg::interlaced_turn, {size_text(GST_VIDEO_INFO_WIDTH(&in), GST_VIDEO_INFO_HEIGHT(&in)) + " " +
                                           GST_VIDEO_INFO_NAME(&in)});
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

bool Settings::same_size(const Settings& o) const {
    return crop_left == o.crop_left && crop_top == o.crop_top && crop_right == o.crop_right &&
           crop_bottom == o.crop_bottom && size_multiple == o.size_multiple && direction == o.direction;
}

SourceFrame whole_frame(const GstVideoInfo& info) {
    const int width = GST_VIDEO_INFO_WIDTH(&info), height = GST_VIDEO_INFO_FIELD_HEIGHT(&info);
    return {width, height, {0, 0, width, height}, scan_of(info, nullptr)};
}

bool crop_leaves_picture(const SourceFrame& source, const Settings& s) {
    const auto sum = [](unsigned a, unsigned b) { return uint64_t{a} + b; };
    return sum(s.crop_left, s.crop_right) < static_cast<uint64_t>(source.crop.width) &&
           sum(s.crop_top, s.crop_bottom) < static_cast<uint64_t>(source.crop.height);
}

Rect crop_of(const GstVideoInfo& in, const Format& format, const SourceFrame& source, const Settings& settings) {
    const bool fields = GST_VIDEO_INFO_INTERLACE_MODE(&in) == GST_VIDEO_INTERLACE_MODE_ALTERNATE;
    const Rect crop = cropped(source, settings, fields ? 2 : 1);
    // libswscale alone takes whole chroma samples, and fields whole rows of both.
    const bool divides = settings.engine != Engine::swscale && !GST_VIDEO_INFO_IS_INTERLACED(&in);
    return divides ? crop : aligned(crop, align_of(format, in), source.width, source.height);
}

Orientation orientation_of(GstVideoOrientationMethod method) {
    constexpr Orientation orientations[] = {
        {false, false, false}, // identity
        {true, true, false},   // 90 degrees clockwise
        {false, true, true},   // 180
        {true, false, true},   // 90 degrees counter-clockwise
        {false, true, false},  // horizontal mirror
        {false, false, true},  // vertical mirror
        {true, false, false},  // about the diagonal from the upper left
        {true, true, true},    // about the other one
    };
    const auto i = static_cast<size_t>(method);
    return i < std::size(orientations) ? orientations[i] : Orientation{};
}

Request make_request(const GstVideoInfo& in, const GstVideoInfo& out, const SourceFrame& source,
                     const Settings& settings) {
    Request request;
    request.in = side_of(in);
    request.out = side_of(out);
    request.quality = settings;
    request.engine = settings.engine;
    settle_grey(request.in, in, request.out);
    settle_grey(request.out, out, request.in);
    set_chroma_sites(request, in, out);
    set_geometry(request, in, out, source, settings);
    check_orientation(request, in);
    settle_fields(request, in, out, source.scan);
    request.threads = thread_count(settings.n_threads, std::thread::hardware_concurrency(),
                                   request.out.height / (request.two_fields ? 2 : 1));
    return request;
}

bool colour_stays(const Request& request) {
    return request.engine == Engine::swscale && (converts_transfer(request.in, request.out, request.quality) ||
                                                 converts_primaries(request.in, request.out, request.quality));
}

} // namespace onair::sws

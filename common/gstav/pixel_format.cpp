// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "common/gstav/pixel_format.hpp"

#include <algorithm>

extern "C" {
#include <libavutil/pixdesc.h>
}

namespace onair::gstav {

namespace {

enum class Alpha { same, undefined };

/// Formats are named, not numbered: a name that the running library does not know drops out, so one table serves
/// GStreamer 1.22 to 1.28 and FFmpeg 5.1 to 9. Layouts were compared value by value with GStreamer's unpack functions.
/// Not here although the names look alike: v308 and IYU2 (other component order), VYUY and IYU1 (no such FFmpeg
/// layout), RGB8P (libswscale does not write it), tiled and bit-packed formats.
struct Row {
    const char* gst;
    const char* av;
    Alpha alpha = Alpha::same;
};

constexpr Row rows[] = {
    // 8 bit YUV
    {"I420", "yuv420p"},
    {"YV12", "yuv420p"},
    {"Y41B", "yuv411p"},
    {"Y42B", "yuv422p"},
    {"Y444", "yuv444p"},
    {"YUV9", "yuv410p"},
    {"YVU9", "yuv410p"},
    {"NV12", "nv12"},
    {"NV21", "nv21"},
    {"NV16", "nv16"},
    {"NV24", "nv24"},
    {"YUY2", "yuyv422"},
    {"UYVY", "uyvy422"},
    {"YVYU", "yvyu422"},
    {"A420", "yuva420p"},
    {"A422", "yuva422p"},
    {"A444", "yuva444p"},
    {"AYUV", "ayuv"},
    {"VUYA", "vuya"},
    // 10 bit YUV
    {"I420_10LE", "yuv420p10le"},
    {"I420_10BE", "yuv420p10be"},
    {"I422_10LE", "yuv422p10le"},
    {"I422_10BE", "yuv422p10be"},
    {"Y444_10LE", "yuv444p10le"},
    {"Y444_10BE", "yuv444p10be"},
    {"A420_10LE", "yuva420p10le"},
    {"A420_10BE", "yuva420p10be"},
    {"A422_10LE", "yuva422p10le"},
    {"A422_10BE", "yuva422p10be"},
    {"A444_10LE", "yuva444p10le"},
    {"A444_10BE", "yuva444p10be"},
    {"P010_10LE", "p010le"},
    {"P010_10BE", "p010be"},
    {"Y210", "y210le"},
    {"Y410", "xv30le", Alpha::undefined},
    // 12 bit YUV
    {"I420_12LE", "yuv420p12le"},
    {"I420_12BE", "yuv420p12be"},
    {"I422_12LE", "yuv422p12le"},
    {"I422_12BE", "yuv422p12be"},
    {"Y444_12LE", "yuv444p12le"},
    {"Y444_12BE", "yuv444p12be"},
    {"A422_12LE", "yuva422p12le"},
    {"A422_12BE", "yuva422p12be"},
    {"A444_12LE", "yuva444p12le"},
    {"A444_12BE", "yuva444p12be"},
    {"P012_LE", "p012le"},
    {"P012_BE", "p012be"},
    {"Y212_LE", "y212le"},
    {"Y212_BE", "y212be"},
    {"Y412_LE", "xv36le", Alpha::undefined},
    {"Y412_BE", "xv36be", Alpha::undefined},
    // 16 bit YUV
    {"Y444_16LE", "yuv444p16le"},
    {"Y444_16BE", "yuv444p16be"},
    {"A420_16LE", "yuva420p16le"},
    {"A420_16BE", "yuva420p16be"},
    {"A422_16LE", "yuva422p16le"},
    {"A422_16BE", "yuva422p16be"},
    {"A444_16LE", "yuva444p16le"},
    {"A444_16BE", "yuva444p16be"},
    {"P016_LE", "p016le"},
    {"P016_BE", "p016be"},
    {"AYUV64", "ayuv64le"},
    {"Y216_LE", "y216le"},
    {"Y216_BE", "y216be"},
    {"Y416_LE", "xv48le", Alpha::undefined},
    {"Y416_BE", "xv48be", Alpha::undefined},
    // grey
    {"GRAY8", "gray"},
    {"GRAY10_LE16", "gray10le"},
    {"GRAY16_LE", "gray16le"},
    {"GRAY16_BE", "gray16be"},
    // RGB
    {"RGB", "rgb24"},
    {"BGR", "bgr24"},
    {"RGBx", "rgb0"},
    {"BGRx", "bgr0"},
    {"xRGB", "0rgb"},
    {"xBGR", "0bgr"},
    {"RGBA", "rgba"},
    {"BGRA", "bgra"},
    {"ARGB", "argb"},
    {"ABGR", "abgr"},
    {"RGB16", "rgb565le"},
    {"BGR16", "bgr565le"},
    {"RGB15", "rgb555le"},
    {"BGR15", "bgr555le"},
    {"BGR10x2_LE", "x2rgb10le"},
    {"RGB10x2_LE", "x2bgr10le"},
    {"BGR10A2_LE", "x2rgb10le", Alpha::undefined},
    {"RGB10A2_LE", "x2bgr10le", Alpha::undefined},
    {"RGBA64_LE", "rgba64le"},
    {"RGBA64_BE", "rgba64be"},
    {"BGRA64_LE", "bgra64le"},
    {"BGRA64_BE", "bgra64be"},
    {"RGBP", "gbrp"},
    {"BGRP", "gbrp"},
    {"GBR", "gbrp"},
    {"GBR_10LE", "gbrp10le"},
    {"GBR_10BE", "gbrp10be"},
    {"GBR_12LE", "gbrp12le"},
    {"GBR_12BE", "gbrp12be"},
    {"GBR_16LE", "gbrp16le"},
    {"GBR_16BE", "gbrp16be"},
    {"GBRA", "gbrap"},
    {"GBRA_10LE", "gbrap10le"},
    {"GBRA_10BE", "gbrap10be"},
    {"GBRA_12LE", "gbrap12le"},
    {"GBRA_12BE", "gbrap12be"},
};

/// Where GStreamer's alpha bits are, as a pattern of bytes: no byte order to think of afterwards.
OpaqueMask opaque_mask(const GstVideoFormatInfo& info) {
    OpaqueMask mask;
    mask.pixel_bytes = GST_VIDEO_FORMAT_INFO_PSTRIDE(&info, GST_VIDEO_COMP_A);
    const unsigned depth = GST_VIDEO_FORMAT_INFO_DEPTH(&info, GST_VIDEO_COMP_A);
    if (mask.pixel_bytes == 4 && depth == 2) { // A2 in the top bits of a little-endian word
        mask.bits[3] = 0xC0;
        return mask;
    }
    // Four 16-bit words, alpha last, its bits at the top of the word.
    const unsigned word = (0xFFFFu << (16 - depth)) & 0xFFFFu;
    const bool little = GST_VIDEO_FORMAT_INFO_IS_LE(&info);
    mask.bits[6] = static_cast<uint8_t>(little ? word & 0xFF : word >> 8);
    mask.bits[7] = static_cast<uint8_t>(little ? word >> 8 : word & 0xFF);
    return mask;
}

/// Plane order follows from the components: component c lies in one plane here and in one plane there.
PixelFormat make(const Row& row) {
    PixelFormat out;
    out.gst = gst_video_format_from_string(row.gst);
    out.av = av_get_pix_fmt(row.av);
    if (out.gst == GST_VIDEO_FORMAT_UNKNOWN || out.av == AV_PIX_FMT_NONE) return out;
    const GstVideoFormatInfo* info = gst_video_format_get_info(out.gst);
    const AVPixFmtDescriptor* desc = av_pix_fmt_desc_get(out.av);
    out.planes = av_pix_fmt_count_planes(out.av);
    const unsigned components = std::min<unsigned>(desc->nb_components, GST_VIDEO_FORMAT_INFO_N_COMPONENTS(info));
    for (unsigned c = 0; c < components; ++c)
        out.gst_plane[static_cast<size_t>(desc->comp[c].plane)] =
            static_cast<int>(GST_VIDEO_FORMAT_INFO_PLANE(info, c));
    if (row.alpha == Alpha::undefined) out.opaque = opaque_mask(*info);
    return out;
}

std::vector<PixelFormat> make_all() {
    std::vector<PixelFormat> all;
    for (const Row& row : rows) {
        const PixelFormat format = make(row);
        if (format.gst != GST_VIDEO_FORMAT_UNKNOWN && format.av != AV_PIX_FMT_NONE) all.push_back(format);
    }
    std::stable_sort(all.begin(), all.end(), [](const PixelFormat& a, const PixelFormat& b) { return a.gst < b.gst; });
    return all;
}

template <class Match>
const PixelFormat* find_if(Match&& match) {
    const auto& all = pixel_formats();
    const auto at = std::find_if(all.begin(), all.end(), match);
    return at == all.end() ? nullptr : &*at;
}

} // namespace

const std::vector<PixelFormat>& pixel_formats() {
    static const std::vector<PixelFormat> all = make_all();
    return all;
}

const PixelFormat* find_pixel_format(GstVideoFormat format) {
    return find_if([=](const PixelFormat& row) { return row.gst == format; });
}

const PixelFormat* find_pixel_format(AVPixelFormat format) {
    return find_if([=](const PixelFormat& row) { return row.av == format; });
}

} // namespace onair::gstav

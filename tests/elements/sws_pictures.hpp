// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "common/gst/maps.hpp"
#include "common/gst/ref_ptr.hpp"

#include <gst/check/gstharness.h>
#include <gst/video/video.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <vector>

/// Pictures for tests and proofs of swsconvertscale: made, converted by an element, compared.
namespace onair::test {

struct Pic {
    GstVideoInfo info{};
    gst::BufferPtr buffer;
    explicit operator bool() const { return buffer != nullptr; }
};

/// Full caps, so that nothing is left to defaults: BT.709 limited with chroma on the left for YUV, full range with the
/// same transfer for RGB: videoconvertscale does not convert sRGB's.
inline GstVideoInfo info_of(GstVideoFormat format, int width, int height) {
    GstVideoInfo info;
    gst_video_info_init(&info);
    gst_video_info_set_format(&info, format, static_cast<guint>(width), static_cast<guint>(height));
    info.fps_n = 25;
    if (GST_VIDEO_INFO_IS_YUV(&info)) {
        gst_video_colorimetry_from_string(&info.colorimetry, "bt709");
        info.chroma_site = GST_VIDEO_CHROMA_SITE_MPEG2;
    }
    if (GST_VIDEO_INFO_IS_RGB(&info)) info.colorimetry.transfer = GST_VIDEO_TRANSFER_BT709;
    return info;
}
inline GstVideoInfo info_of(const char* format, int width, int height) {
    return info_of(gst_video_format_from_string(format), width, height);
}

/// The same waves of colour at every size; `flat` makes one colour. Fine detail would compare kernels, not correctness.
inline Pic make_argb(int width, int height, bool flat) {
    Pic pic{info_of(GST_VIDEO_FORMAT_ARGB, width, height), nullptr};
    pic.buffer.reset(gst_buffer_new_allocate(nullptr, GST_VIDEO_INFO_SIZE(&pic.info), nullptr));
    const gst::VideoFrameMap map(pic.info, pic.buffer.get(), GST_MAP_WRITE);
    const auto wave = [&](double at, double turns) {
        return static_cast<uint8_t>(std::lround(128 + (flat ? 60 * turns : 100 * std::sin(2 * M_PI * turns * at))));
    };
    std::vector<uint8_t> red(static_cast<size_t>(width));
    for (int x = 0; x < width; ++x)
        red[static_cast<size_t>(x)] = wave((x + 0.5) / width, 1);
    for (int y = 0; y < height; ++y) {
        auto* row = static_cast<uint8_t*>(GST_VIDEO_FRAME_PLANE_DATA(&map.frame(), 0)) +
                    static_cast<ptrdiff_t>(y) * GST_VIDEO_FRAME_PLANE_STRIDE(&map.frame(), 0);
        const uint8_t green = wave((y + 0.5) / height, 1), blue = wave((y + 0.5) / height, 0.5);
        for (int x = 0; x < width; ++x, row += 4) {
            row[0] = 255;
            row[1] = red[static_cast<size_t>(x)];
            row[2] = green;
            row[3] = blue;
        }
    }
    return pic;
}

/// The picture in any format, by GStreamer's own library.
inline Pic make_picture(GstVideoFormat format, int width, int height, bool flat = false) {
    Pic argb = make_argb(width, height, flat);
    if (format == GST_VIDEO_FORMAT_ARGB) return argb;
    Pic pic{info_of(format, width, height), nullptr};
    pic.buffer.reset(gst_buffer_new_allocate(nullptr, GST_VIDEO_INFO_SIZE(&pic.info), nullptr));
    gst_buffer_memset(pic.buffer.get(), 0, 0,
                      GST_VIDEO_INFO_SIZE(&pic.info)); // padding: memcheck follows it everywhere
    GstVideoConverter* converter = gst_video_converter_new(&argb.info, &pic.info, nullptr);
    {
        gst::VideoFrameMap in(argb.info, argb.buffer.get(), GST_MAP_READ);
        gst::VideoFrameMap out(pic.info, pic.buffer.get(), GST_MAP_WRITE);
        gst_video_converter_frame(converter, &in.frame(), const_cast<GstVideoFrame*>(&out.frame()));
    }
    gst_video_converter_free(converter);
    return pic;
}

/// Pushes one picture through an element; empty when it refused.
inline Pic convert(const std::string& element, const Pic& from, const GstVideoInfo& to) {
    GstHarness* h = gst_harness_new_parse(element.c_str());
    gst_harness_set_caps(h, gst_video_info_to_caps(&from.info), gst_video_info_to_caps(&to));
    Pic pic{to, nullptr};
    if (gst_harness_push(h, gst_buffer_ref(from.buffer.get())) == GST_FLOW_OK) pic.buffer.reset(gst_harness_pull(h));
    // The element's pool dies with it: keep the picture in memory of its own.
    if (pic) pic.buffer.reset(gst_buffer_copy_deep(pic.buffer.get()));
    gst_harness_teardown(h);
    return pic;
}

/// Rows unpacked by GStreamer: four components of 8 or 16 bit a pixel, alpha first.
class Unpacked {
  public:
    explicit Unpacked(const Pic& pic) : info_(pic.info), map_(pic.info, pic.buffer.get(), GST_MAP_READ) {
        const auto* unpacked = gst_video_format_get_info(info_.finfo->unpack_format);
        wide_ = GST_VIDEO_FORMAT_INFO_DEPTH(unpacked, 0) > 8;
        row_.resize(static_cast<size_t>(info_.width + 64) * 4 * 2);
    }
    /// Component `c` (1…3 are colours) of pixel x of the row last loaded, 0…1.
    double at(int x, int c) const {
        const size_t i = static_cast<size_t>(x) * 4 + static_cast<size_t>(c);
        return wide_ ? reinterpret_cast<const uint16_t*>(row_.data())[i] / 65535.0 : row_[i] / 255.0;
    }
    void load(int y) {
        const GstVideoFrame& f = map_.frame();
        gpointer data[GST_VIDEO_MAX_PLANES];
        gint stride[GST_VIDEO_MAX_PLANES];
        for (guint i = 0; i < GST_VIDEO_MAX_PLANES; ++i) {
            data[i] = f.data[i];
            stride[i] = i < GST_VIDEO_FRAME_N_PLANES(&f) ? GST_VIDEO_FRAME_PLANE_STRIDE(&f, i) : 0;
        }
        info_.finfo->unpack_func(info_.finfo, GST_VIDEO_PACK_FLAG_NONE, row_.data(), data, stride, 0, y, info_.width);
    }

  private:
    GstVideoInfo info_;
    gst::VideoFrameMap map_;
    bool wide_ = false;
    std::vector<uint8_t> row_;
};

/// How near two pictures are, dB (99 for equal ones): all of their colours, and their outermost rows and columns alone,
/// where a scaler that reads beside the picture shows first (a green edge).
struct Likeness {
    double all = -1, edge = -1;
};

inline Likeness compare(const Pic& a, const Pic& b) {
    Unpacked left(a), right(b);
    const int width = a.info.width, height = a.info.height;
    double sum = 0, edge_sum = 0, edge_count = 0;
    for (int y = 0; y < height; ++y) {
        left.load(y);
        right.load(y);
        for (int x = 0; x < width; ++x) {
            const bool edge = x == 0 || y == 0 || x == width - 1 || y == height - 1;
            for (int c = 1; c < 4; ++c) {
                const double d = left.at(x, c) - right.at(x, c);
                sum += d * d;
                edge_sum += edge ? d * d : 0;
                edge_count += edge;
            }
        }
    }
    const auto db = [](double mean) { return mean > 0 ? std::min(99.0, -10 * std::log10(mean)) : 99.0; };
    return {db(sum / (3.0 * width * height)), db(edge_sum / edge_count)};
}

/// One conversion by both elements, with the same kernel and without borders.
struct Comparison {
    Likeness ours_to_theirs; ///< our picture beside videoconvertscale's; -1 when one of them made none
    Likeness ours_to_truth;  ///< beside the picture drawn at the output's size
    Likeness theirs_to_truth;
};

inline Comparison compare_with_reference(GstVideoFormat from, int sw, int sh, GstVideoFormat to, int dw, int dh) {
    const Pic source = make_picture(from, sw, sh), truth = make_picture(to, dw, dh);
    const Pic ours = convert("swsconvertscale method=catrom add-borders=false", source, truth.info);
    const Pic theirs = convert("videoconvertscale method=catrom add-borders=false", source, truth.info);
    if (!ours || !theirs) return {};
    return {compare(ours, theirs), compare(ours, truth), compare(theirs, truth)};
}

/// What the likeness to videoconvertscale must reach at least, dB, and why not more:
///  - its YUV to RGB is 2.3 levels too dark in the mean (white 235 becomes 253), which alone is 40 dB, and libswscale
///    takes another chroma sample in the middle between two;
///  - it makes grey by the matrix of the grey caps (BT.601), libswscale keeps the luma: with strong colours 31 dB;
///  - 5 and 6 bit samples are 30 dB apart by rounding alone, and it dithers;
///  - the rest differs by rounding and by the kernels' taps at edges.
inline double least_likeness(const GstVideoInfo& from, const GstVideoInfo& to) {
    const auto few_bits = [](const GstVideoInfo& i) { return GST_VIDEO_INFO_COMP_DEPTH(&i, 0) < 8; };
    if (few_bits(from) || few_bits(to)) return 30;
    if (GST_VIDEO_INFO_IS_GRAY(&to) && !GST_VIDEO_INFO_IS_GRAY(&from)) return 30;
    if (GST_VIDEO_INFO_IS_YUV(&from) && GST_VIDEO_INFO_IS_RGB(&to)) return 33;
    return 38;
}

/// Formats that stand for all kinds of layout and depth, of which the running libraries have most.
inline const std::vector<const char*>& picture_formats() {
    static const std::vector<const char*> names = {
        "I420", "YV12",      "NV12",      "NV21",      "Y42B",       "Y444",  "UYVY", "YUY2",     "A420",
        "RGB",  "BGRA",      "RGBx",      "RGB16",     "GBR",        "RGBP",  "xBGR", "GBR_10LE", "RGBA64_LE",
        "Y41B", "I420_10LE", "I422_10LE", "P010_10LE", "Y444_12LE",  "GRAY8", "YUV9", "AYUV64",   "GBR_12BE",
        "NV24", "I420_12BE", "A422_10LE", "Y444_16LE", "BGR10A2_LE", "BGR",
    };
    return names;
}

} // namespace onair::test

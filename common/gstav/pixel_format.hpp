// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <gst/video/video.h>

#include <array>
#include <cstdint>
#include <vector>

extern "C" {
#include <libavutil/pixfmt.h>
}

namespace onair::gstav {

/// Bytes to set in every pixel so that an alpha channel that FFmpeg does not write reads as opaque.
struct OpaqueMask {
    int pixel_bytes = 0; ///< 0: nothing to do
    std::array<uint8_t, 8> bits{};
};

/// One format as both libraries name it. The bytes are the same; planes may be in another order.
struct PixelFormat {
    GstVideoFormat gst = GST_VIDEO_FORMAT_UNKNOWN;
    AVPixelFormat av = AV_PIX_FMT_NONE;
    int planes = 0;
    std::array<int, 4> gst_plane{}; ///< gst_plane[i] is the GStreamer plane that holds FFmpeg's plane i
    OpaqueMask opaque;              ///< FFmpeg leaves these bits undefined, GStreamer has alpha there
};

/// All formats that the running GStreamer and the running FFmpeg share, in the order of GStreamer's list.
const std::vector<PixelFormat>& pixel_formats();

/// The row of a GStreamer format; null when FFmpeg has no such format.
const PixelFormat* find_pixel_format(GstVideoFormat format);

/// The first row of an FFmpeg format; null when GStreamer has no such format.
const PixelFormat* find_pixel_format(AVPixelFormat format);

} // namespace onair::gstav

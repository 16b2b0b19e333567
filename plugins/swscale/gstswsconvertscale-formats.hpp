// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/format.hpp"

#include <gst/video/video.h>

#include <string>
#include <vector>

/// GStreamer's formats as the engine knows them.
namespace onair::sws {

/// All raw formats of the running GStreamer, in its order (best first).
const std::vector<GstVideoFormat>& raw_formats();

/// Null for what is no raw format (ENCODED, DMA_DRM) and for one that GStreamer itself cannot read.
FormatPtr find_format(GstVideoFormat format);

/// For lists: the engine's own codec, or "GStreamer".
std::string way_of(GstVideoFormat format);

/// What a PlaneView has as stride. GStreamer encodes numbers of tiles in the stride of tiled planes; the engine counts
/// the bytes of a row of the padded picture, as if it were not tiled.
int view_stride(const GstVideoFormatInfo& info, guint plane, int stride);

} // namespace onair::sws

// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
// All tests of FFmpeg versions stand here; code asks for the feature name.
extern "C" {
#include <libavutil/version.h>
}

/// AVChannelLayout and AVCodecParameters.ch_layout (libavutil 57.24, FFmpeg 5.1): always there, our oldest is 5.1.

/// AVCodecParameters carries side data itself (libavcodec 60.30, FFmpeg 6.1) instead of the stream.
#define ONAIR_HAVE_CODECPAR_SIDE_DATA (LIBAVUTIL_VERSION_INT >= AV_VERSION_INT(58, 29, 100))

/// AVIOContext.write_packet takes const data (libavformat 61, FFmpeg 7.0).
#define ONAIR_HAVE_CONST_AVIO_WRITE (LIBAVUTIL_VERSION_INT >= AV_VERSION_INT(59, 0, 100))

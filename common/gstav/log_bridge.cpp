// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "common/gstav/log_bridge.hpp"

#include "common/av/av_log.hpp"

#include <gst/gst.h>

extern "C" {
#include <libavutil/log.h>
}

namespace onair::gstav {

namespace {

GST_DEBUG_CATEGORY_STATIC(onair_av_debug);

GstDebugLevel gst_level(int av_level) noexcept {
    if (av_level <= AV_LOG_ERROR) return GST_LEVEL_ERROR;
    if (av_level <= AV_LOG_WARNING) return GST_LEVEL_WARNING;
    if (av_level <= AV_LOG_INFO) return GST_LEVEL_INFO;
    if (av_level <= AV_LOG_VERBOSE) return GST_LEVEL_DEBUG;
    return GST_LEVEL_LOG;
}

void to_gst(int level, const char* context, const char* line) noexcept {
    GST_CAT_LEVEL_LOG(onair_av_debug, gst_level(level), nullptr, "%s: %s", context, line);
}

} // namespace

void forward_av_log_to_gst() {
    GST_DEBUG_CATEGORY_INIT(onair_av_debug, "onair-av", 0, "lines that FFmpeg logs");
    av::set_log_forward(&to_gst);
}

} // namespace onair::gstav

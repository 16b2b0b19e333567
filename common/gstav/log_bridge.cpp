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

/// Lines of other users of FFmpeg belong to gst-libav where it is loaded, whose callback ours has replaced.
GstDebugCategory* category_of(bool ours) noexcept {
    GstDebugCategory* libav = ours ? nullptr : _gst_debug_get_category("libav");
    return libav ? libav : onair_av_debug;
}

bool wants(int level, bool ours) noexcept {
    const GstDebugLevel wanted = gst_level(level);
    return wanted <= _gst_debug_min && wanted <= gst_debug_category_get_threshold(category_of(ours));
}

void to_gst(int level, const char* context, const char* line, bool ours) noexcept {
    GST_CAT_LEVEL_LOG(category_of(ours), gst_level(level), nullptr, "%s: %s", context, line);
}

constexpr av::LogForward forward{&wants, &to_gst};

} // namespace

void forward_av_log_to_gst() {
    GST_DEBUG_CATEGORY_INIT(onair_av_debug, "onair-av", 0, "lines that FFmpeg logs");
    av::set_log_forward(forward);
}

} // namespace onair::gstav

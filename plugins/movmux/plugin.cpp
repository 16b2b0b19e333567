// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "common/gstav/log_bridge.hpp"
#include "gsttcmovmux.h"
#include "gsttcstamper.h"
#include "onair-config.h"

#define PACKAGE ONAIR_PACKAGE

static gboolean plugin_init(GstPlugin* plugin) {
    onair::gstav::forward_av_log_to_gst();
    return GST_ELEMENT_REGISTER(tcmovmux, plugin) && GST_ELEMENT_REGISTER(tcstamper, plugin);
}

GST_PLUGIN_DEFINE(GST_VERSION_MAJOR, GST_VERSION_MINOR, tcmovmux, "QuickTime movies with timecode through libavformat",
                  plugin_init, ONAIR_VERSION, ONAIR_FFMPEG_LICENSE, ONAIR_PACKAGE_NAME, ONAIR_ORIGIN)

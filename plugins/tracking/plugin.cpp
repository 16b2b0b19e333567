// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gsttracking-port.hpp"
#include "gsttrackingsink.h"
#include "gsttrackingtap.h"
#include "onair-config.h"

#define PACKAGE ONAIR_PACKAGE

GST_DEBUG_CATEGORY(gst_tracking_debug);

static gboolean plugin_init(GstPlugin* plugin) {
    GST_DEBUG_CATEGORY_INIT(gst_tracking_debug, "tracking", 0, "server-side tracking of events");
    onair::track::register_event_meta();
    const gboolean sink = GST_ELEMENT_REGISTER(trackingsink, plugin);
    return GST_ELEMENT_REGISTER(trackingtap, plugin) && sink;
}

GST_PLUGIN_DEFINE(GST_VERSION_MAJOR, GST_VERSION_MINOR, tracking, "Server-side tracking of events", plugin_init,
                  ONAIR_VERSION, "LGPL", ONAIR_PACKAGE_NAME, ONAIR_ORIGIN)

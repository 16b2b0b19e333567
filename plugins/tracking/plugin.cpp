// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gsttrackingsink.h"
#include "onair-config.h"

#define PACKAGE ONAIR_PACKAGE

static gboolean plugin_init(GstPlugin* plugin) { return GST_ELEMENT_REGISTER(trackingsink, plugin); }

GST_PLUGIN_DEFINE(GST_VERSION_MAJOR, GST_VERSION_MINOR, tracking, "Server-side tracking of events", plugin_init,
                  ONAIR_VERSION, "LGPL", ONAIR_PACKAGE_NAME, ONAIR_ORIGIN)

// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <gst/base/gstbasesink.h>
#include <gst/gst.h>

G_BEGIN_DECLS

#define GST_TYPE_TRACKING_SINK (gst_tracking_sink_get_type())
G_DECLARE_FINAL_TYPE(GstTrackingSink, gst_tracking_sink, GST, TRACKING_SINK, GstBaseSink)

GST_ELEMENT_REGISTER_DECLARE(trackingsink)

G_END_DECLS

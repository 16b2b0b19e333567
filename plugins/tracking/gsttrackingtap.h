// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <gst/base/gstbasetransform.h>
#include <gst/gst.h>

G_BEGIN_DECLS

#define GST_TYPE_TRACKING_TAP (gst_tracking_tap_get_type())
G_DECLARE_FINAL_TYPE(GstTrackingTap, gst_tracking_tap, GST, TRACKING_TAP, GstBaseTransform)

GST_ELEMENT_REGISTER_DECLARE(trackingtap)

G_END_DECLS

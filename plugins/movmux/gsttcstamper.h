// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <gst/base/gstbasetransform.h>
#include <gst/gst.h>

G_BEGIN_DECLS

#define GST_TYPE_TC_STAMPER (gst_tc_stamper_get_type())
G_DECLARE_FINAL_TYPE(GstTcStamper, gst_tc_stamper, GST, TC_STAMPER, GstBaseTransform)

GST_ELEMENT_REGISTER_DECLARE(tcstamper)

G_END_DECLS

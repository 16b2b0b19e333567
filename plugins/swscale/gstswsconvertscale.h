// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <gst/base/gstbasetransform.h>
#include <gst/gst.h>

G_BEGIN_DECLS

#define GST_TYPE_SWS_CONVERT_SCALE (gst_sws_convert_scale_get_type())
G_DECLARE_FINAL_TYPE(GstSwsConvertScale, gst_sws_convert_scale, GST, SWS_CONVERT_SCALE, GstBaseTransform)

GST_ELEMENT_REGISTER_DECLARE(swsconvertscale)

G_END_DECLS

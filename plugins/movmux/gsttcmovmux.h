// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <gst/base/gstaggregator.h>
#include <gst/gst.h>

G_BEGIN_DECLS

#define GST_TYPE_TC_MOV_MUX (gst_tc_mov_mux_get_type())
G_DECLARE_FINAL_TYPE(GstTcMovMux, gst_tc_mov_mux, GST, TC_MOV_MUX, GstAggregator)

GST_ELEMENT_REGISTER_DECLARE(tcmovmux)

G_END_DECLS

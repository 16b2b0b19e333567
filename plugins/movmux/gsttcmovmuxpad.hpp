// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "common/gst/ref_ptr.hpp"
#include "common/gstav/codec_caps.hpp"

#include <gst/base/gstaggregator.h>

#include <cstddef>
#include <optional>
#include <string>

G_BEGIN_DECLS

#define GST_TYPE_TC_MOV_MUX_PAD (gst_tc_mov_mux_pad_get_type())
G_DECLARE_DERIVABLE_TYPE(GstTcMovMuxPad, gst_tc_mov_mux_pad, GST, TC_MOV_MUX_PAD, GstAggregatorPad)
struct _GstTcMovMuxPadClass {
    GstAggregatorPadClass parent_class;
};

/// The same with properties.
#define GST_TYPE_TC_MOV_MUX_VIDEO_PAD (gst_tc_mov_mux_video_pad_get_type())
G_DECLARE_FINAL_TYPE(GstTcMovMuxVideoPad, gst_tc_mov_mux_video_pad, GST, TC_MOV_MUX_VIDEO_PAD, GstTcMovMuxPad)

G_END_DECLS

namespace onair::mov {

/// What arrives at a pad. The aggregating thread's own; dropped at stop.
struct PadStream {
    gst::CapsPtr caps;
    std::optional<gstav::CodecStream> codec; ///< what the caps mean; none when something is missing in them
    std::string missing;                     ///< what that is; later caps may bring it
    std::optional<size_t> track;             ///< of the movie that is being written
    bool gap = false;                        ///< only gaps came so far
    bool left_out = false;                   ///< the movie began without it
    bool told = false;                       ///< where its timecode comes from
};

/// Properties of a video pad; they stand in for the element's.
struct PadSettings {
    std::string timecode;
    std::string reel_name;
};
/// As they are now. Any thread.
PadSettings pad_settings(GstAggregatorPad* pad);

PadStream& pad_stream(GstAggregatorPad* pad);

/// The last caps that an accept-caps query was denied, "" when there were none. GStreamer answers such caps itself with
/// "not negotiated", so they never arrive; without them the error would be that there is no data. Any thread.
std::string refused_caps(GstAggregatorPad* pad);
void set_refused_caps(GstAggregatorPad* pad, std::string caps);

/// The next free name of `templ`, or `requested` ("video_7"); null when that is taken or does not fit the template.
GstAggregatorPad* make_sink_pad(GstElement* element, GstPadTemplate* templ, const char* requested);

} // namespace onair::mov

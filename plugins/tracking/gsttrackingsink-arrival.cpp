// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "common/gst/ref_ptr.hpp"
#include "common/timecode/timecode.hpp"
#include "engine/events/utc_clock.hpp"
#include "gsttrackingsink-private.hpp"

#include <gst/video/video.h>

#include <sys/utsname.h>

namespace onair::track {

namespace {

using ClockPtr = gst::owned<GstClock, gst_object_unref>;

/// The moment at which `running_time` is due, by the pipeline's clock. Only a running pipeline has one.
std::optional<int64_t> utc_of(GstElement* element, UtcMap& map, GstClockTime running_time, Clock& wall) {
    const ClockPtr clock(gst_element_get_clock(element));
    const GstClockTime base = gst_element_get_base_time(element);
    if (!clock || !GST_CLOCK_TIME_IS_VALID(base) || GST_STATE(element) != GST_STATE_PLAYING) return std::nullopt;
    return map.to_utc([&] { return static_cast<int64_t>(gst_clock_get_time(clock.get())); }, wall,
                      static_cast<int64_t>(base + running_time));
}

std::string timecode_of(GstBuffer* buffer) {
    const GstVideoTimeCodeMeta* meta = gst_buffer_get_video_time_code_meta(buffer);
    if (!meta || !gst_video_time_code_is_valid(&meta->tc)) return {};
    const auto& t = meta->tc;
    const tc::Timecode address{static_cast<int>(t.hours), static_cast<int>(t.minutes), static_cast<int>(t.seconds),
                               static_cast<int>(t.frames)};
    return tc::format(address, (t.config.flags & GST_VIDEO_TIME_CODE_FLAGS_DROP_FRAME) != 0) + "@" +
           std::to_string(t.config.fps_n) + "/" + std::to_string(t.config.fps_d);
}

} // namespace

Arrival arrival_at(GstElement* element, UtcMap& utc, const GstSegment& segment, GstClockTime pts) {
    SystemClock wall;
    Arrival out;
    out.recv_us = wall.utc_us();
    // A stream of bytes (filesrc) has timestamps that mean nothing.
    if (!GST_CLOCK_TIME_IS_VALID(pts) || segment.format != GST_FORMAT_TIME) return out;
    out.pts = static_cast<int64_t>(pts);
    const GstClockTime running = gst_segment_to_running_time(&segment, GST_FORMAT_TIME, pts);
    if (!GST_CLOCK_TIME_IS_VALID(running)) return out;
    out.running_time = static_cast<int64_t>(running);
    out.time_us = utc_of(element, utc, running, wall);
    return out;
}

Arrival arrival_of(GstElement* element, UtcMap& utc, const GstSegment& segment, GstBuffer* buffer) {
    Arrival out = arrival_at(element, utc, segment, GST_BUFFER_PTS(buffer));
    out.timecode = timecode_of(buffer);
    return out;
}

std::string source_uri(GstElement* element) {
    const auto escaped_name = [](GstObject* object) {
        const gst::CharPtr name(gst_object_get_name(object));
        const gst::CharPtr escaped(g_uri_escape_string(name.get(), nullptr, FALSE));
        return std::string(escaped.get());
    };
    GstObject* top = GST_OBJECT(gst_object_ref(element));
    while (GstObject* parent = gst_object_get_parent(top)) {
        gst_object_unref(top);
        top = parent;
    }
    struct utsname host {};
    uname(&host);
    const std::string uri =
        std::string("gst://") + host.nodename + "/" + escaped_name(top) + "/" + escaped_name(GST_OBJECT(element));
    gst_object_unref(top);
    return uri;
}

} // namespace onair::track

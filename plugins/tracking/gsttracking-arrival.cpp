// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
// When something happened. What is trusted, in this order (docs/specs/tracking-event.md, "Time"): a reference timestamp
// of the buffer, its timecode when it has a date, its timestamp by the pipeline's clock, the wall clock.
#include "common/gst/ref_ptr.hpp"
#include "common/timecode/timecode.hpp"
#include "engine/events/reference_time.hpp"
#include "gsttracking-port.hpp"

#include <gst/video/video.h>

#include <optional>
#include <sys/utsname.h>

namespace onair::track {

namespace {

using ClockPtr = gst::owned<GstClock, gst_object_unref>;
using DatePtr = gst::owned<GDateTime, g_date_time_unref>;

/// The moment at which `running_time` is due, by the pipeline's clock. Only a running pipeline has one.
std::optional<int64_t> utc_of(GstElement* element, UtcMap& map, GstClockTime running_time, Clock& wall) {
    const ClockPtr clock(gst_element_get_clock(element));
    const GstClockTime base = gst_element_get_base_time(element);
    if (!clock || !GST_CLOCK_TIME_IS_VALID(base) || GST_STATE(element) != GST_STATE_PLAYING) return std::nullopt;
    return map.to_utc([&] { return static_cast<int64_t>(gst_clock_get_time(clock.get())); }, wall,
                      static_cast<int64_t>(base + running_time));
}

std::string timecode_of(const GstVideoTimeCodeMeta* meta) {
    if (!meta || !gst_video_time_code_is_valid(&meta->tc)) return {};
    const auto& t = meta->tc;
    const tc::Timecode address{static_cast<int>(t.hours), static_cast<int>(t.minutes), static_cast<int>(t.seconds),
                               static_cast<int>(t.frames)};
    return tc::format(address, (t.config.flags & GST_VIDEO_TIME_CODE_FLAGS_DROP_FRAME) != 0) + "@" +
           std::to_string(t.config.fps_n) + "/" + std::to_string(t.config.fps_d);
}

/// The first reference timestamp whose clock is known. (The API asks by caps; any will do here.)
std::optional<ReferenceTime> reference_of(GstBuffer* buffer) {
    gpointer state = nullptr;
    while (GstMeta* meta = gst_buffer_iterate_meta_filtered(buffer, &state, GST_REFERENCE_TIMESTAMP_META_API_TYPE)) {
        const auto* reference = reinterpret_cast<const GstReferenceTimestampMeta*>(meta);
        if (!GST_CLOCK_TIME_IS_VALID(reference->timestamp) || gst_caps_get_size(reference->reference) == 0) continue;
        const char* name = gst_structure_get_name(gst_caps_get_structure(reference->reference, 0));
        if (const auto time = read_reference(name, reference->timestamp, current_tai_offset())) return time;
    }
    return std::nullopt;
}

/// Only a timecode that says on which day it counts.
std::optional<int64_t> dated(const GstVideoTimeCodeMeta* meta) {
    if (!meta || !meta->tc.config.latest_daily_jam || !gst_video_time_code_is_valid(&meta->tc)) return std::nullopt;
    const DatePtr date(gst_video_time_code_to_date_time(&meta->tc));
    if (!date) return std::nullopt;
    return g_date_time_to_unix(date.get()) * 1'000'000 + g_date_time_get_microsecond(date.get());
}

/// The timestamp itself, and the moment by the pipeline's clock.
void add_media_time(GstElement* element, Stream& stream, GstClockTime pts, Arrival& out, Clock& wall) {
    // A stream of bytes (filesrc) has timestamps that mean nothing.
    if (!GST_CLOCK_TIME_IS_VALID(pts) || stream.segment.format != GST_FORMAT_TIME) return;
    out.pts = static_cast<int64_t>(pts);
    const GstClockTime running = gst_segment_to_running_time(&stream.segment, GST_FORMAT_TIME, pts);
    if (!GST_CLOCK_TIME_IS_VALID(running)) return;
    out.running_time = static_cast<int64_t>(running);
    out.time_us = utc_of(element, stream.utc, running, wall);
    out.time_source = TimeSource::pipeline;
}

} // namespace

Arrival arrival_now() {
    SystemClock wall;
    Arrival out;
    out.recv_us = wall.utc_us();
    return out;
}

Arrival arrival_now_at(const Port& port) {
    Arrival out = arrival_now();
    if (GST_CLOCK_TIME_IS_VALID(port.position())) out.pts = static_cast<int64_t>(port.position());
    return out;
}

Arrival arrival_at(GstElement* element, Stream& stream, GstClockTime pts) {
    SystemClock wall;
    Arrival out = arrival_now();
    add_media_time(element, stream, pts, out, wall);
    return out;
}

Arrival arrival_of(GstElement* element, Stream& stream, GstBuffer* buffer) {
    Arrival out = arrival_at(element, stream, GST_BUFFER_PTS(buffer));
    const GstVideoTimeCodeMeta* timecode = gst_buffer_get_video_time_code_meta(buffer);
    out.timecode = timecode_of(timecode);
    if (const auto reference = reference_of(buffer)) {
        out.time_us = reference->utc_us;
        out.time_source = reference->source;
    } else if (const auto date = dated(timecode)) {
        out.time_us = date;
        out.time_source = TimeSource::timecode;
    }
    return out;
}

Surroundings surroundings_of(GstElement* element) {
    const auto name_of = [](GstObject* object) {
        const gst::CharPtr name(gst_object_get_name(object));
        return std::string(name ? name.get() : "");
    };
    const auto escaped = [](const std::string& name) {
        const gst::CharPtr text(g_uri_escape_string(name.c_str(), nullptr, FALSE));
        return std::string(text.get());
    };
    GstObject* top = GST_OBJECT(gst_object_ref(element));
    while (GstObject* parent = gst_object_get_parent(top)) {
        gst_object_unref(top);
        top = parent;
    }
    struct utsname host {};
    uname(&host);
    Surroundings out;
    out.pipeline = name_of(top);
    out.element = name_of(GST_OBJECT(element));
    out.source = std::string("gst://") + host.nodename + "/" + escaped(out.pipeline) + "/" + escaped(out.element);
    gst_object_unref(top);
    return out;
}

} // namespace onair::track

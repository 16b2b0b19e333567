// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
// What a stream's own events say: those made for tracking, and (auto-track) the stream's life.
#include "common/gst/ref_ptr.hpp"
#include "gsttracking-port.hpp"

#include <algorithm>
#include <utility>

namespace onair::track {

namespace {

using gst::StructurePtr;

StructurePtr named(const char* type) {
    return StructurePtr(gst_structure_new("tracking-event", "type", G_TYPE_STRING, type, nullptr));
}

void put(GstStructure* s, const char* field, const char* text) {
    if (text && *text) gst_structure_set(s, field, G_TYPE_STRING, text, nullptr);
}
void put(GstStructure* s, const char* field, guint64 value) {
    if (value != GST_CLOCK_TIME_NONE) gst_structure_set(s, field, G_TYPE_UINT64, value, nullptr);
}
void put(GstStructure* s, const char* field, double value) {
    gst_structure_set(s, field, G_TYPE_DOUBLE, value, nullptr);
}

void describe_start(GstEvent* event, GstStructure* s) {
    const gchar* id = nullptr;
    guint group = 0;
    gst_event_parse_stream_start(event, &id);
    put(s, "props.stream_id", id);
    if (gst_event_parse_group_id(event, &group)) put(s, "props.group_id", guint64{group});
}

/// Without what only a decoder reads: it can be long, and an event has at most 64 KiB.
void describe_caps(GstEvent* event, GstStructure* s) {
    GstCaps* caps = nullptr;
    gst_event_parse_caps(event, &caps);
    put(s, "props.caps", caps_text(caps).c_str());
}

void describe_segment(GstEvent* event, GstStructure* s) {
    const GstSegment* segment = nullptr;
    gst_event_parse_segment(event, &segment);
    put(s, "props.format", gst_format_get_name(segment->format));
    put(s, "props.rate", segment->rate);
    put(s, "props.start", segment->start);
    put(s, "props.stop", segment->stop);
    put(s, "props.time", segment->time);
    put(s, "props.base", segment->base);
}

/// Nothing that could be personal: no artist, comment, contact, place or picture.
constexpr const char* told_tags[] = {GST_TAG_TITLE,           GST_TAG_ORGANIZATION, GST_TAG_CONTAINER_FORMAT,
                                     GST_TAG_VIDEO_CODEC,     GST_TAG_AUDIO_CODEC,  GST_TAG_SUBTITLE_CODEC,
                                     GST_TAG_LANGUAGE_CODE,   GST_TAG_BITRATE,      GST_TAG_NOMINAL_BITRATE,
                                     GST_TAG_MAXIMUM_BITRATE, GST_TAG_ENCODER};

void describe_tags(GstEvent* event, GstStructure* s) {
    GstTagList* tags = nullptr;
    gst_event_parse_tag(event, &tags);
    for (const char* tag : told_tags) {
        const GValue* value = gst_tag_list_get_value_index(tags, tag, 0);
        if (value) gst_structure_set_value(s, (std::string("props.") + tag).c_str(), value);
    }
}

void describe_gap(GstEvent* event, GstStructure* s) {
    GstClockTime pts = GST_CLOCK_TIME_NONE, duration = GST_CLOCK_TIME_NONE;
    gst_event_parse_gap(event, &pts, &duration);
    put(s, "props.duration", guint64{duration});
}

void describe_nothing(GstEvent*, GstStructure*) {}

struct AutoRow {
    GstEventType event;
    AutoTrack flag;
    const char* type;
    void (*describe)(GstEvent*, GstStructure*);
};
constexpr AutoRow auto_rows[] = {
    {GST_EVENT_STREAM_START, auto_start, "onair.stream.start", describe_start},
    {GST_EVENT_CAPS, auto_caps, "onair.stream.caps", describe_caps},
    {GST_EVENT_SEGMENT, auto_segment, "onair.stream.segment", describe_segment},
    {GST_EVENT_TAG, auto_tags, "onair.stream.tags", describe_tags},
    {GST_EVENT_GAP, auto_gap, "onair.stream.gap", describe_gap},
    {GST_EVENT_EOS, auto_eos, "onair.stream.eos", describe_nothing},
};

Result track_itself(Port& port, Stream& stream, GstEvent* event) {
    for (const AutoRow& row : auto_rows) {
        if (row.event != GST_EVENT_TYPE(event) || !(port.auto_track() & row.flag)) continue;
        const StructurePtr s = named(row.type);
        row.describe(event, s.get());
        if (row.flag == auto_eos) {
            put(s.get(), "props.buffers", stream.buffers);
            put(s.get(), "props.bytes", stream.bytes);
        }
        return port.push(s.get(), arrival_at(port.element(), stream, port.position()), false);
    }
    return Result::ok;
}

bool is_tracking_event(GstEvent* event) {
    const GstStructure* structure = gst_event_get_structure(event);
    return structure && gst_structure_has_name(structure, "tracking-event");
}

/// "tracking-context": what the events after it have in common. An empty one takes it back.
Result take_context(Port& port, GstEvent* event) {
    const GstStructure* structure = gst_event_get_structure(event);
    if (!structure || !gst_structure_has_name(structure, "tracking-context")) return Result::ok;
    if (gst_structure_n_fields(structure) == 0) {
        port.set_context(nullptr);
        return Result::ok;
    }
    try {
        port.set_context(std::make_shared<const std::string>(to_json(structure)));
    } catch (const Refused& refused) {
        // What would have come from it cannot be trusted: better none than the one before.
        port.set_context(nullptr);
        if (const auto tracker = port.tracker())
            return tracker->push_refused(refused.reason, refused.detail, arrival_now());
    }
    return Result::ok;
}

/// What the element has to know of its stream.
void follow(Port& port, Stream& stream, GstEvent* event) {
    if (GST_EVENT_TYPE(event) == GST_EVENT_CAPS) {
        GstCaps* caps = nullptr;
        gst_event_parse_caps(event, &caps);
        port.set_caps(caps);
    } else if (GST_EVENT_TYPE(event) == GST_EVENT_SEGMENT) {
        gst_event_copy_segment(event, &stream.segment);
        stream.next_progress = 0;
    } else if (GST_EVENT_TYPE(event) == GST_EVENT_GAP) {
        GstClockTime pts = GST_CLOCK_TIME_NONE;
        gst_event_parse_gap(event, &pts, nullptr);
        port.set_position(pts);
    }
}

} // namespace

/// Without codec_data and the like.
std::string caps_text(const GstCaps* caps) {
    const gst::CapsPtr copy(gst_caps_copy(caps));
    for (guint i = 0; i < gst_caps_get_size(copy.get()); ++i)
        gst_structure_remove_fields(gst_caps_get_structure(copy.get(), i), "codec_data", "streamheader", nullptr);
    const gst::CharPtr text(gst_caps_to_string(copy.get()));
    return text.get();
}

Result take_event(Port& port, Stream& stream, GstEvent* event) {
    if (GST_EVENT_TYPE(event) == GST_EVENT_CUSTOM_DOWNSTREAM_STICKY) return take_context(port, event);
    if (GST_EVENT_TYPE(event) == GST_EVENT_CUSTOM_DOWNSTREAM && is_tracking_event(event))
        return port.push(gst_event_get_structure(event), arrival_at(port.element(), stream, port.position()), false);
    follow(port, stream, event);
    return port.auto_track() ? track_itself(port, stream, event) : Result::ok;
}

/// Out of band means now: the stream's position is told, but it is not the event's time.
Result take_out_of_band(Port& port, GstEvent* event) {
    if (!is_tracking_event(event)) return Result::ok;
    return port.push(gst_event_get_structure(event), arrival_now_at(port), false);
}

void count_buffer(Port& port, Stream& stream, GstBuffer* buffer) {
    ++stream.buffers;
    stream.bytes += gst_buffer_get_size(buffer);
    port.set_position(GST_BUFFER_PTS(buffer));
    if (!(port.auto_track() & auto_progress) || stream.segment.format != GST_FORMAT_TIME) return;
    const GstClockTime running = gst_segment_to_running_time(&stream.segment, GST_FORMAT_TIME, GST_BUFFER_PTS(buffer));
    if (!GST_CLOCK_TIME_IS_VALID(running) || running < stream.next_progress) return;
    const GstClockTime interval = port.progress_interval();
    const bool first = std::exchange(stream.next_progress, (running / interval + 1) * interval) == 0;
    if (first && running % interval != 0) return; // a stream that begins between two of them
    const StructurePtr s = named("onair.stream.progress");
    put(s.get(), "props.buffers", stream.buffers);
    put(s.get(), "props.bytes", stream.bytes);
    port.push(s.get(), arrival_of(port.element(), stream, buffer), false);
}

void QosWatch::take(Port& port, GstEvent* event) {
    if (!(port.auto_track() & auto_qos)) return;
    GstQOSType kind = GST_QOS_TYPE_OVERFLOW;
    gdouble proportion = 0;
    GstClockTimeDiff diff = 0;
    GstClockTime timestamp = GST_CLOCK_TIME_NONE;
    gst_event_parse_qos(event, &kind, &proportion, &diff, &timestamp);
    if (diff <= 0) return;
    constexpr int64_t second_us = 1'000'000;
    SystemClock clock;
    const StructurePtr s = named("onair.stream.qos");
    {
        const std::lock_guard guard(lock_);
        ++late_;
        worst_ = std::max(worst_, diff);
        const int64_t now = clock.monotonic_us();
        if (now < next_us_) return;
        next_us_ = now + second_us;
        put(s.get(), "props.late", std::exchange(late_, 0));
        put(s.get(), "props.latest", static_cast<guint64>(std::exchange(worst_, 0)));
    }
    put(s.get(), "props.proportion", proportion);
    put(s.get(), "props.running_time", guint64{timestamp});
    port.push(s.get(), arrival_now(), false);
}

} // namespace onair::track

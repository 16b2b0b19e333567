// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/events/event.hpp"
#include "engine/events/json_splitter.hpp"
#include "engine/events/utc_clock.hpp"
#include "engine/store/books.hpp"
#include "engine/tracker.hpp"

#include <gst/gst.h>

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

/// What the files of the element share; the parts are: class and data flow (gsttrackingsink.cpp), structures to JSON
/// (-structure.cpp), media time and timecode of events (-arrival.cpp).

GST_DEBUG_CATEGORY_EXTERN(gst_tracking_sink_debug);
#define GST_CAT_DEFAULT gst_tracking_sink_debug

namespace onair::track {

/// The properties. Copied under the lock when the element starts.
struct Settings {
    std::string location;
    std::string matomo_url;
    unsigned site_id = 0;
    std::string token_file;
    uint64_t drain_timeout = 5 * GST_SECOND; ///< ns
};

/// Of the stream; made by start, dropped by stop. The streaming thread's own.
struct State {
    std::unique_ptr<JsonSplitter> splitter;
    UtcMap utc;
    Arrival arrival; ///< of the buffer that is being cut up
    GstFlowReturn flow = GST_FLOW_OK;
    bool in_render = false; ///< the preroll lock is held
};

// -structure.cpp
/// The JSON text of a structure's fields. Names with dots and nested structures become objects, lists and arrays
/// become arrays. Throws Refused for what JSON cannot say.
struct Refused {
    Reason reason;
    const char* detail;
};
std::string to_json(const GstStructure* structure);

// -arrival.cpp
/// Media time, timecode and UTC of a buffer; without one (or without timestamps) only the moment.
Arrival arrival_of(GstElement* element, UtcMap& utc, const GstSegment& segment, GstBuffer* buffer);
/// The same for a moment of the stream (an event, a gap); `pts` may be GST_CLOCK_TIME_NONE.
Arrival arrival_at(GstElement* element, UtcMap& utc, const GstSegment& segment, GstClockTime pts);
/// gst://host/pipeline/element
std::string source_uri(GstElement* element);

} // namespace onair::track

struct GstTrackingSinkPrivate {
    std::mutex lock; ///< of the four below, which several threads use
    onair::track::Settings settings;
    std::shared_ptr<onair::track::Tracker> tracker; ///< between start and stop
    onair::track::Books last_books;                 ///< of the run before, once stopped
    GstClockTime position = GST_CLOCK_TIME_NONE;    ///< timestamp of the last buffer or gap

    std::unique_ptr<onair::track::State> state; ///< the streaming thread's own
};

// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
/// SECTION:element-trackingsink
///
/// Takes events (JSON objects, NDJSON, custom downstream events "tracking-event"), checks them, commits them to an
/// SQLite database and, where a destination is named, sends them on to Matomo.
///
///     gst-launch-1.0 filesrc location=events.ndjson ! application/x-ndjson ! trackingsink location=events.db
///
/// Since: 0.1
#include "gsttrackingsink.h"

#include "common/gst/guard.hpp"
#include "common/gst/maps.hpp"
#include "common/gst/property.hpp"
#include "common/gst/ref_ptr.hpp"
#include "engine/messages.hpp"
#include "gsttrackingsink-private.hpp"
#include "onair-config.h"

#include <algorithm>
#include <array>
#include <cstdint>

GST_DEBUG_CATEGORY(gst_tracking_sink_debug);

using namespace onair;
using namespace onair::track;
using onair::gst::guard;
using Result = Recorder::Result;

using Row = gst::Property<Settings>;
static constexpr int ready = GST_PARAM_MUTABLE_READY;
static const std::array<Row, 5> properties{{
    {.field = &Settings::location,
     .name = "location",
     .nick = "Location",
     .blurb = "File of the SQLite database that the events are committed to; it is made when missing and appended to "
              "otherwise",
     .flags = ready},
    {.field = &Settings::matomo_url,
     .name = "matomo-url",
     .nick = "Matomo URL",
     .blurb = "Base address of the Matomo that the events are sent to (https://host/path/); without it nothing leaves "
              "the database",
     .flags = ready},
    {.field = &Settings::site_id,
     .name = "site-id",
     .nick = "Site id",
     .blurb = "Number of the site in Matomo; 0 is none",
     .minimum = 0,
     .maximum = 2147483647,
     .flags = ready},
    {.field = &Settings::token_file,
     .name = "token-file",
     .nick = "Token file",
     .blurb =
         "File whose first line is Matomo's token; without it the environment variable ONAIR_MATOMO_TOKEN is taken",
     .flags = ready},
    {.field = &Settings::drain_timeout,
     .name = "drain-timeout",
     .nick = "Drain timeout",
     .blurb = "Longest wait at EOS without an event being delivered, in nanoseconds; what is left is sent by the next "
              "run",
     .flags = ready},
}};
static constexpr guint prop_stats = properties.size() + 1;

struct _GstTrackingSink {
    GstBaseSink parent;
    GstTrackingSinkPrivate* priv;
};

G_DEFINE_TYPE(GstTrackingSink, gst_tracking_sink, GST_TYPE_BASE_SINK)
GST_ELEMENT_REGISTER_DEFINE(trackingsink, "trackingsink", GST_RANK_NONE, GST_TYPE_TRACKING_SINK)

static GstStaticPadTemplate sink_template =
    GST_STATIC_PAD_TEMPLATE("sink", GST_PAD_SINK, GST_PAD_ALWAYS,
                            GST_STATIC_CAPS("application/json; application/x-json; application/x-ndjson"));

static GstTrackingSinkPrivate& priv_of(gpointer self) { return *GST_TRACKING_SINK(self)->priv; }

static std::shared_ptr<Tracker> tracker_of(GstTrackingSinkPrivate& priv) {
    const std::lock_guard lock(priv.lock);
    return priv.tracker;
}

static void gst_tracking_sink_init(GstTrackingSink* self) {
    self->priv = new GstTrackingSinkPrivate();
    // Events are facts, not pictures: they are taken as they come and do not hold up the pipeline's start.
    gst_base_sink_set_sync(GST_BASE_SINK(self), FALSE);
    gst_base_sink_set_async_enabled(GST_BASE_SINK(self), FALSE);
    // The last sample would be readable by property, with all that an event may say about a person.
    gst_base_sink_set_last_sample_enabled(GST_BASE_SINK(self), FALSE);
}

static void gst_tracking_sink_finalize(GObject* object) {
    delete GST_TRACKING_SINK(object)->priv;
    G_OBJECT_CLASS(gst_tracking_sink_parent_class)->finalize(object);
}

static void gst_tracking_sink_set_property(GObject* object, guint id, const GValue* value, GParamSpec*) {
    auto& priv = priv_of(object);
    const std::lock_guard lock(priv.lock);
    properties[id - 1].set(priv.settings, value);
}

static GstStructure* make_stats(const Books& books) {
    const DestinationBooks all = books.all();
    const auto n = [](int64_t value) { return static_cast<guint64>(value); };
    return gst_structure_new("trackingsink-stats", "received", G_TYPE_UINT64, n(books.received), "accepted",
                             G_TYPE_UINT64, n(books.stored), "refused", G_TYPE_UINT64, n(books.refused), "duplicates",
                             G_TYPE_UINT64, n(books.duplicates), "pending", G_TYPE_UINT64, n(books.pending), "carried",
                             G_TYPE_UINT64, n(all.carried), "stored", G_TYPE_UINT64, n(books.stored), "queued",
                             G_TYPE_UINT64, n(all.queued), "delivered", G_TYPE_UINT64, n(all.delivered), "unconfirmed",
                             G_TYPE_UINT64, n(all.unconfirmed), "dead", G_TYPE_UINT64, n(all.dead), "ambiguous",
                             G_TYPE_UINT64, n(all.ambiguous), "repaired", G_TYPE_UINT64, n(books.repaired), nullptr);
}

static Books current_books(GstTrackingSinkPrivate& priv) {
    if (const auto tracker = tracker_of(priv)) return tracker->books();
    const std::lock_guard lock(priv.lock);
    return priv.last_books;
}

static void gst_tracking_sink_get_property(GObject* object, guint id, GValue* value, GParamSpec*) {
    auto& priv = priv_of(object);
    if (id == prop_stats) return g_value_take_boxed(value, make_stats(current_books(priv)));
    const std::lock_guard lock(priv.lock);
    properties[id - 1].get(priv.settings, value);
}

/// Hands one text to the engine. When the disk does not keep up, render waits; pausing the pipeline interrupts that
/// wait, and it goes on after the preroll (gst_base_sink_wait_preroll() wants the lock that render holds). Events are
/// not held up.
static GstFlowReturn push_text(GstBaseSink* sink, Tracker& tracker, std::string_view text, const Arrival& arrival,
                               bool in_render) {
    for (;;) {
        switch (tracker.push(text, arrival, in_render)) {
        case Result::ok:
        case Result::dropped: // counted
            return GST_FLOW_OK;
        case Result::failed: // the bus knows already
            return GST_FLOW_ERROR;
        case Result::interrupted:
            break;
        }
        if (const GstFlowReturn flow = gst_base_sink_wait_preroll(sink); flow != GST_FLOW_OK) return flow;
    }
}

static std::unique_ptr<JsonSplitter> make_splitter(GstBaseSink* sink, JsonSplitter::Mode mode) {
    auto& priv = priv_of(sink);
    return std::make_unique<JsonSplitter>(
        mode, JsonSplitter::Output{.event =
                                       [sink, &priv](std::string_view text) {
                                           State& state = *priv.state;
                                           const auto tracker = tracker_of(priv);
                                           if (state.flow == GST_FLOW_OK && tracker)
                                               state.flow =
                                                   push_text(sink, *tracker, text, state.arrival, state.in_render);
                                       },
                                   .refused =
                                       [&priv](Reason reason, std::string_view detail) {
                                           if (const auto tracker = tracker_of(priv))
                                               tracker->push_refused(reason, detail, priv.state->arrival);
                                       }});
}

static bool start(GstBaseSink* sink) {
    return guard(GST_ELEMENT(sink), false, [&] {
        auto& priv = priv_of(sink);
        Settings settings;
        {
            const std::lock_guard lock(priv.lock);
            settings = priv.settings;
            priv.position = GST_CLOCK_TIME_NONE;
        }
        GstElement* element = GST_ELEMENT(sink);
        Tracker::Config config;
        config.location = settings.location;
        config.source = source_uri(element);
        config.matomo_url = settings.matomo_url;
        config.site = settings.site_id;
        config.token_file = settings.token_file;
        constexpr uint64_t month_us = 31ULL * 24 * 3600 * 1'000'000; // room for deadlines in 64 bits
        config.drain_timeout_us = static_cast<int64_t>(std::min(settings.drain_timeout / 1000, month_us));
        config.warn = [element](const Error& e) { gst::post_warning(element, e); };
        config.fail = [element](const Error& e) { gst::post_error(element, e); };
        auto tracker = std::make_shared<Tracker>(std::move(config));
        priv.state = std::make_unique<State>();
        priv.state->splitter = make_splitter(sink, JsonSplitter::Mode::lines);
        const std::lock_guard lock(priv.lock);
        priv.tracker = std::move(tracker);
        return true;
    });
}

static void stop(GstBaseSink* sink) {
    guard(GST_ELEMENT(sink), false, [&] {
        auto& priv = priv_of(sink);
        if (const auto tracker = tracker_of(priv)) {
            tracker->close();
            const Books books = tracker->books();
            const gst::StructurePtr stats(make_stats(books));
            GST_INFO_OBJECT(sink, "stopped: %" GST_PTR_FORMAT, static_cast<void*>(stats.get()));
            const std::lock_guard lock(priv.lock);
            priv.last_books = books;
            priv.tracker.reset();
        }
        priv.state.reset();
        return true;
    });
}

/// Not the base class's start and stop: it posts an error of its own when start fails, and one failure is one error.
static GstStateChangeReturn gst_tracking_sink_change_state(GstElement* element, GstStateChange transition) {
    GstBaseSink* sink = GST_BASE_SINK(element);
    if (transition == GST_STATE_CHANGE_READY_TO_PAUSED && !start(sink)) return GST_STATE_CHANGE_FAILURE;
    const GstStateChangeReturn result =
        GST_ELEMENT_CLASS(gst_tracking_sink_parent_class)->change_state(element, transition);
    const bool failed = transition == GST_STATE_CHANGE_READY_TO_PAUSED && result == GST_STATE_CHANGE_FAILURE;
    if (failed || transition == GST_STATE_CHANGE_PAUSED_TO_READY) stop(sink);
    return result;
}

static gboolean gst_tracking_sink_set_caps(GstBaseSink* sink, GstCaps* caps) {
    return guard(GST_ELEMENT(sink), FALSE, [&]() -> gboolean {
        State& state = *priv_of(sink).state;
        const bool lines = gst_structure_has_name(gst_caps_get_structure(caps, 0), "application/x-ndjson");
        const auto mode = lines ? JsonSplitter::Mode::lines : JsonSplitter::Mode::objects;
        if (mode == state.splitter->mode()) return TRUE;
        state.splitter->finish(); // the stream before ended here
        state.splitter = make_splitter(sink, mode);
        return TRUE;
    });
}

static void remember_position(GstTrackingSinkPrivate& priv, GstClockTime pts) {
    if (!GST_CLOCK_TIME_IS_VALID(pts)) return;
    const std::lock_guard lock(priv.lock);
    priv.position = pts;
}

static GstFlowReturn gst_tracking_sink_render(GstBaseSink* sink, GstBuffer* buffer) {
    return guard(GST_ELEMENT(sink), GST_FLOW_ERROR, [&] {
        auto& priv = priv_of(sink);
        State& state = *priv.state;
        const gst::BufferMap map(buffer, GST_MAP_READ);
        if (!map) throw Error(ErrorKind::read, "A buffer cannot be mapped into memory.", "gst_buffer_map");
        state.arrival = arrival_of(GST_ELEMENT(sink), state.utc, sink->segment, buffer);
        if (state.arrival.pts) remember_position(priv, GST_BUFFER_PTS(buffer));
        state.flow = GST_FLOW_OK;
        state.in_render = true;
        const auto bytes = map.bytes();
        state.splitter->push({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
        state.in_render = false;
        return state.flow;
    });
}

/// "tracking-event", in the stream or out of band (then from any thread).
static void take_custom_event(GstBaseSink* sink, GstEvent* event) {
    auto& priv = priv_of(sink);
    const auto tracker = tracker_of(priv);
    const GstStructure* structure = gst_event_get_structure(event);
    if (!tracker || !structure || !gst_structure_has_name(structure, "tracking-event")) return;
    const bool in_band = GST_EVENT_TYPE(event) == GST_EVENT_CUSTOM_DOWNSTREAM;
    GstClockTime position;
    {
        const std::lock_guard lock(priv.lock);
        position = priv.position;
    }
    // Out of band means now: the stream's position is told, but it is not the event's time.
    UtcMap unused; // the stream's belongs to its thread
    Arrival arrival = in_band ? arrival_at(GST_ELEMENT(sink), priv.state->utc, sink->segment, position)
                              : arrival_at(GST_ELEMENT(sink), unused, GstSegment{}, GST_CLOCK_TIME_NONE);
    if (!in_band && GST_CLOCK_TIME_IS_VALID(position)) arrival.pts = static_cast<int64_t>(position);
    try {
        push_text(sink, *tracker, to_json(structure), arrival, false);
    } catch (const Refused& refused) {
        tracker->push_refused(refused.reason, refused.detail, arrival);
    }
}

/// False when the events could not be committed; the bus knows why.
static bool finish_stream(GstBaseSink* sink) {
    auto& priv = priv_of(sink);
    const auto tracker = tracker_of(priv);
    if (!tracker || !priv.state) return true;
    priv.state->flow = GST_FLOW_OK;
    priv.state->splitter->finish();
    if (tracker->commit() != Result::ok) return false;
    if (!tracker->drain())
        GST_INFO_OBJECT(sink, "%" G_GINT64_FORMAT " events stay queued for the next run",
                        tracker->books().all().queued);
    return true;
}

static gboolean gst_tracking_sink_event(GstBaseSink* sink, GstEvent* event) {
    const bool go_on = guard(GST_ELEMENT(sink), false, [&] {
        auto& priv = priv_of(sink);
        switch (GST_EVENT_TYPE(event)) {
        case GST_EVENT_EOS:
            return finish_stream(sink);
        case GST_EVENT_FLUSH_STOP:
            if (priv.state) priv.state->splitter->reset();
            return true;
        case GST_EVENT_GAP: {
            GstClockTime pts = GST_CLOCK_TIME_NONE;
            gst_event_parse_gap(event, &pts, nullptr);
            remember_position(priv, pts);
            return true;
        }
        case GST_EVENT_CUSTOM_DOWNSTREAM:
        case GST_EVENT_CUSTOM_DOWNSTREAM_OOB:
            take_custom_event(sink, event);
            return true;
        default:
            return true;
        }
    });
    if (go_on) return GST_BASE_SINK_CLASS(gst_tracking_sink_parent_class)->event(sink, event);
    gst_event_unref(event);
    return FALSE;
}

static gboolean gst_tracking_sink_unlock(GstBaseSink* sink) {
    if (const auto tracker = tracker_of(priv_of(sink))) tracker->interrupt(true);
    return TRUE;
}

static gboolean gst_tracking_sink_unlock_stop(GstBaseSink* sink) {
    if (const auto tracker = tracker_of(priv_of(sink))) tracker->interrupt(false);
    return TRUE;
}

static void gst_tracking_sink_class_init(GstTrackingSinkClass* klass) {
    auto* object_class = G_OBJECT_CLASS(klass);
    auto* element_class = GST_ELEMENT_CLASS(klass);
    auto* sink_class = GST_BASE_SINK_CLASS(klass);
    GST_DEBUG_CATEGORY_INIT(gst_tracking_sink_debug, "trackingsink", 0, "server-side tracking of events");

    object_class->finalize = gst_tracking_sink_finalize;
    object_class->set_property = gst_tracking_sink_set_property;
    object_class->get_property = gst_tracking_sink_get_property;
    gst::install_properties(object_class, properties);
    g_object_class_install_property(
        object_class, prop_stats,
        g_param_spec_boxed(
            "stats", "Statistics",
            "What became of the events of this run (of the last one, when stopped), as unsigned 64-bit "
            "fields: received = accepted + refused + duplicates + pending; accepted + carried = stored + "
            "queued + delivered + unconfirmed + dead; ambiguous; repaired",
            GST_TYPE_STRUCTURE, static_cast<GParamFlags>(G_PARAM_READABLE | G_PARAM_STATIC_STRINGS)));

    gst_element_class_add_static_pad_template(element_class, &sink_template);
    gst_element_class_set_static_metadata(
        element_class, "Server-side tracking event sink", "Sink/Network",
        "Checks events, commits them to an SQLite database and sends them to Matomo where one is named", ONAIR_AUTHOR);
    gst_element_class_add_static_metadata(element_class, GST_ELEMENT_METADATA_DOC_URI,
                                          ONAIR_DOC_URI "/trackingsink.md");

    element_class->change_state = GST_DEBUG_FUNCPTR(gst_tracking_sink_change_state);
    sink_class->set_caps = GST_DEBUG_FUNCPTR(gst_tracking_sink_set_caps);
    sink_class->render = GST_DEBUG_FUNCPTR(gst_tracking_sink_render);
    sink_class->event = GST_DEBUG_FUNCPTR(gst_tracking_sink_event);
    sink_class->unlock = GST_DEBUG_FUNCPTR(gst_tracking_sink_unlock);
    sink_class->unlock_stop = GST_DEBUG_FUNCPTR(gst_tracking_sink_unlock_stop);
}

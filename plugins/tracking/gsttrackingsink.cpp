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
#include "common/gst/ref_ptr.hpp"
#include "engine/events/json_splitter.hpp"
#include "engine/messages.hpp"
#include "gsttracking-actions.hpp"
#include "gsttracking-port.hpp"
#include "onair-config.h"

#include <memory>
#include <string_view>

using namespace onair;
using namespace onair::track;
using onair::gst::guard;

namespace {

/// How the buffers of some caps become events.
struct Carrier {
    const char* caps;
    JsonSplitter::Mode mode;
    Result (Tracker::*push)(std::string_view, const Arrival&, Wait);
    bool texts; ///< in a stream of timed texts a buffer is a whole, whatever its last character is
};

constexpr Carrier carriers[] = {
    {"application/x-ndjson", JsonSplitter::Mode::lines, &Tracker::push, false}, // also a stream without caps
    {"application/json", JsonSplitter::Mode::objects, &Tracker::push, false},
    {"application/x-json", JsonSplitter::Mode::objects, &Tracker::push, false},
    {"application/cloudevents+json", JsonSplitter::Mode::objects, &Tracker::push_cloud_events, false},
    {"application/cloudevents-batch+json", JsonSplitter::Mode::batch, &Tracker::push_cloud_events, false},
    {"text/x-raw", JsonSplitter::Mode::lines, &Tracker::push_line, true},
};

const Carrier& carrier_of(const GstCaps* caps) {
    const char* name = gst_structure_get_name(gst_caps_get_structure(caps, 0));
    for (const Carrier& carrier : carriers)
        if (std::string_view(carrier.caps) == name) return carrier;
    return carriers[0];
}

/// Of the stream; made by start, dropped by stop. The streaming thread's own.
struct State {
    Stream stream;
    const Carrier* carrier = &carriers[0];
    std::unique_ptr<JsonSplitter> splitter;
    Arrival arrival; ///< of the buffer that is being cut up
    GstFlowReturn flow = GST_FLOW_OK;
    bool in_render = false; ///< the preroll lock is held
    bool live = false;      ///< upstream does not wait: nor do we
};

struct Private {
    explicit Private(GstElement* element) : port(element, false) {}
    Port port;
    std::unique_ptr<State> state;
};

} // namespace

struct _GstTrackingSink {
    GstBaseSink parent;
    Private* priv;
};

G_DEFINE_TYPE(GstTrackingSink, gst_tracking_sink, GST_TYPE_BASE_SINK)
GST_ELEMENT_REGISTER_DEFINE(trackingsink, "trackingsink", GST_RANK_NONE, GST_TYPE_TRACKING_SINK)

static GstStaticPadTemplate sink_template = GST_STATIC_PAD_TEMPLATE(
    "sink", GST_PAD_SINK, GST_PAD_ALWAYS,
    GST_STATIC_CAPS("application/json; application/x-json; application/x-ndjson; application/cloudevents+json; "
                    "application/cloudevents-batch+json; text/x-raw, format = (string) utf8"));

static guint prop_stats;

static Private& priv_of(gpointer self) { return *GST_TRACKING_SINK(self)->priv; }
static Port& port_of(gpointer self) { return priv_of(self).port; }

static void gst_tracking_sink_init(GstTrackingSink* self) {
    self->priv = new Private(GST_ELEMENT(self));
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
    port_of(object).set_property(id, value);
}

static void gst_tracking_sink_get_property(GObject* object, guint id, GValue* value, GParamSpec*) {
    if (id == prop_stats)
        return g_value_take_boxed(value, make_stats(port_of(object).books(), port_of(object).destinations()));
    port_of(object).get_property(id, value);
}

/// Hands one text to the engine. When the disk does not keep up, render waits, unless the stream is live; pausing the
/// pipeline interrupts that wait, and it goes on after the preroll (gst_base_sink_wait_preroll() wants the lock that
/// render holds). At the end of a stream there is no preroll to wait for: an interrupted text goes in if there is room.
static GstFlowReturn push_text(GstBaseSink* sink, std::string_view text) {
    auto& priv = priv_of(sink);
    const State& state = *priv.state;
    const auto tracker = priv.port.tracker();
    if (!tracker) return GST_FLOW_FLUSHING;
    Wait wait = state.live ? Wait(false) : Wait(priv.port.interrupt());
    for (;;) {
        switch ((tracker.get()->*state.carrier->push)(text, state.arrival, wait)) {
        case Result::ok:
        case Result::dropped: // counted, and said once
            return GST_FLOW_OK;
        case Result::failed: // the bus knows already
            return GST_FLOW_ERROR;
        case Result::interrupted:
            break;
        }
        if (!state.in_render)
            wait = false;
        else if (const GstFlowReturn flow = gst_base_sink_wait_preroll(sink); flow != GST_FLOW_OK)
            return flow;
    }
}

static std::unique_ptr<JsonSplitter> make_splitter(GstBaseSink* sink, JsonSplitter::Mode mode) {
    auto& priv = priv_of(sink);
    return std::make_unique<JsonSplitter>(
        mode, JsonSplitter::Output{.event =
                                       [sink, &priv](std::string_view text) {
                                           State& state = *priv.state;
                                           if (state.flow == GST_FLOW_OK) state.flow = push_text(sink, text);
                                       },
                                   .refused =
                                       [&priv](Reason reason, std::string_view detail) {
                                           if (const auto tracker = priv.port.tracker())
                                               tracker->push_refused(reason, detail, priv.state->arrival);
                                       }});
}

static bool start(GstBaseSink* sink) {
    return guard(GST_ELEMENT(sink), false, [&] {
        auto& priv = priv_of(sink);
        priv.port.start();
        priv.state = std::make_unique<State>();
        priv.state->splitter = make_splitter(sink, priv.state->carrier->mode);
        return true;
    });
}

static void stop(GstBaseSink* sink) {
    guard(GST_ELEMENT(sink), false, [&] {
        auto& priv = priv_of(sink);
        priv.port.stop(false); // EOS has drained
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
        const Carrier& carrier = carrier_of(caps);
        if (&carrier == state.carrier) return TRUE;
        state.splitter->finish(); // the stream before ended here
        state.carrier = &carrier;
        state.splitter = make_splitter(sink, carrier.mode);
        return TRUE;
    });
}

static GstFlowReturn gst_tracking_sink_render(GstBaseSink* sink, GstBuffer* buffer) {
    return guard(GST_ELEMENT(sink), GST_FLOW_ERROR, [&] {
        auto& priv = priv_of(sink);
        State& state = *priv.state;
        const gst::BufferMap map(buffer, GST_MAP_READ);
        if (!map) throw Error(ErrorKind::read, "A buffer cannot be mapped into memory.", "gst_buffer_map");
        state.arrival = arrival_of(GST_ELEMENT(sink), state.stream, buffer);
        priv.port.complete(state.arrival);
        state.flow = GST_FLOW_OK;
        state.in_render = true;
        const auto bytes = map.bytes();
        state.splitter->push({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
        if (state.carrier->texts && state.stream.segment.format == GST_FORMAT_TIME) state.splitter->finish();
        state.in_render = false;
        if (state.flow == GST_FLOW_OK) count_buffer(priv.port, state.stream, buffer);
        return state.flow;
    });
}

/// Whether upstream is live; asked at each segment, when the source is known.
static void look_upstream(GstBaseSink* sink) {
    auto& priv = priv_of(sink);
    GstQuery* query = gst_query_new_latency();
    gboolean live = FALSE;
    if (gst_pad_peer_query(GST_BASE_SINK_PAD(sink), query)) gst_query_parse_latency(query, &live, nullptr, nullptr);
    gst_query_unref(query);
    const bool first = live && !priv.state->live;
    priv.state->live = live;
    if (first && priv.port.settings().when_full == WhenFull::block)
        gst::post_warning(GST_ELEMENT(sink), error(Msg::cannot_block, {}));
}

/// False when the events could not be committed; the bus knows why.
static bool finish_stream(GstBaseSink* sink) {
    auto& priv = priv_of(sink);
    const auto tracker = priv.port.tracker();
    if (!tracker || !priv.state) return true;
    const Result committed = tracker->commit(Wait(priv.port.interrupt()));
    if (committed == Result::failed) return false;
    if (committed != Result::ok) return true; // the disk is in trouble, which was said: stopping tries again
    if (!tracker->drain(Wait(priv.port.interrupt())))
        GST_INFO_OBJECT(sink, "%" G_GINT64_FORMAT " events stay queued for the next run",
                        tracker->books().all().queued);
    return true;
}

static bool take(GstBaseSink* sink, GstEvent* event) {
    auto& priv = priv_of(sink);
    if (GST_EVENT_TYPE(event) == GST_EVENT_CUSTOM_DOWNSTREAM_OOB)
        return take_out_of_band(priv.port, event) != Result::failed || !priv.port.tracker();
    if (!priv.state) return true;
    if (GST_EVENT_TYPE(event) == GST_EVENT_EOS) { // what is unfinished came before it
        priv.state->flow = GST_FLOW_OK;
        priv.state->splitter->finish();
    }
    if (take_event(priv.port, priv.state->stream, event) == Result::failed && priv.port.tracker()) return false;
    switch (GST_EVENT_TYPE(event)) {
    case GST_EVENT_EOS:
        return finish_stream(sink);
    case GST_EVENT_FLUSH_STOP:
        priv.state->splitter->reset();
        return true;
    case GST_EVENT_SEGMENT:
        look_upstream(sink);
        return true;
    default:
        return true;
    }
}

static gboolean gst_tracking_sink_event(GstBaseSink* sink, GstEvent* event) {
    const bool go_on = guard(GST_ELEMENT(sink), false, [&] { return take(sink, event); });
    if (go_on) return GST_BASE_SINK_CLASS(gst_tracking_sink_parent_class)->event(sink, event);
    gst_event_unref(event);
    return FALSE;
}

static gboolean gst_tracking_sink_unlock(GstBaseSink* sink) {
    port_of(sink).interrupt().set(true);
    port_of(sink).wake();
    return TRUE;
}

static gboolean gst_tracking_sink_unlock_stop(GstBaseSink* sink) {
    port_of(sink).interrupt().set(false);
    return TRUE;
}

static void gst_tracking_sink_class_init(GstTrackingSinkClass* klass) {
    auto* object_class = G_OBJECT_CLASS(klass);
    auto* element_class = GST_ELEMENT_CLASS(klass);
    auto* sink_class = GST_BASE_SINK_CLASS(klass);

    object_class->finalize = gst_tracking_sink_finalize;
    object_class->set_property = gst_tracking_sink_set_property;
    object_class->get_property = gst_tracking_sink_get_property;
    prop_stats = install_settings(object_class) + 1;
    install_stats(object_class, prop_stats);
    actions::install<port_of>(G_TYPE_FROM_CLASS(klass));

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

// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
/// SECTION:element-trackingtap
///
/// Lets a stream pass as it is and commits the events that ride on it (custom metas GstTrackingEventMeta, custom events
/// "tracking-event", the stream's own life by auto-track) to an SQLite database, as trackingsink does.
///
///     gst-launch-1.0 videotestsrc num-buffers=250 ! trackingtap location=events.db auto-track=start+progress+eos !
///         fakesink
///
/// Since: 0.1
#include "gsttrackingtap.h"

#include "common/gst/guard.hpp"
#include "common/gst/ref_ptr.hpp"
#include "gsttracking-actions.hpp"
#include "gsttracking-port.hpp"
#include "onair-config.h"

#include <atomic>
#include <memory>

using namespace onair;
using namespace onair::track;
using onair::gst::guard;
using onair::gst::guard_quiet;

struct GstTrackingTapPrivate {
    explicit GstTrackingTapPrivate(GstElement* element) : port(element, true) {}
    Port port;
    QosWatch qos;
    std::unique_ptr<Stream> stream; ///< the streaming thread's own; between start and stop
    std::atomic<bool> ended{false}; ///< EOS has passed
};

struct _GstTrackingTap {
    GstBaseTransform parent;
    GstTrackingTapPrivate* priv;
};

G_DEFINE_TYPE(GstTrackingTap, gst_tracking_tap, GST_TYPE_BASE_TRANSFORM)
GST_ELEMENT_REGISTER_DEFINE(trackingtap, "trackingtap", GST_RANK_NONE, GST_TYPE_TRACKING_TAP)

static guint prop_stats;

static GstTrackingTapPrivate& priv_of(gpointer self) { return *GST_TRACKING_TAP(self)->priv; }
static Port& port_of(gpointer self) { return priv_of(self).port; }

static void gst_tracking_tap_init(GstTrackingTap* self) {
    self->priv = new GstTrackingTapPrivate(GST_ELEMENT(self));
    gst_base_transform_set_passthrough(GST_BASE_TRANSFORM(self), TRUE);
    gst_base_transform_set_gap_aware(GST_BASE_TRANSFORM(self), TRUE);
}

static void gst_tracking_tap_finalize(GObject* object) {
    delete GST_TRACKING_TAP(object)->priv;
    G_OBJECT_CLASS(gst_tracking_tap_parent_class)->finalize(object);
}

static void gst_tracking_tap_set_property(GObject* object, guint id, const GValue* value, GParamSpec*) {
    port_of(object).set_property(id, value);
}

static void gst_tracking_tap_get_property(GObject* object, guint id, GValue* value, GParamSpec*) {
    if (id == prop_stats)
        return g_value_take_boxed(value, make_stats(port_of(object).books(), port_of(object).destinations()));
    port_of(object).get_property(id, value);
}

static gboolean gst_tracking_tap_start(GstBaseTransform* trans) {
    return guard(GST_ELEMENT(trans), FALSE, [&]() -> gboolean {
        auto& priv = priv_of(trans);
        priv.stream = std::make_unique<Stream>();
        priv.ended = false;
        priv.port.start();
        return TRUE;
    });
}

/// What EOS would have waited for in a sink is waited for here: nothing holds up the stream.
static gboolean gst_tracking_tap_stop(GstBaseTransform* trans) {
    return guard(GST_ELEMENT(trans), FALSE, [&]() -> gboolean {
        auto& priv = priv_of(trans);
        priv.port.stop(priv.ended);
        priv.stream.reset();
        return TRUE;
    });
}

/// Whatever goes wrong with an event, the stream goes on.
static GstFlowReturn gst_tracking_tap_transform_ip(GstBaseTransform* trans, GstBuffer* buffer) {
    guard_quiet(GST_OBJECT(trans), false, [&] {
        auto& priv = priv_of(trans);
        count_buffer(priv.port, *priv.stream, buffer);
        for_each_event(buffer, [&](const GstStructure* structure) {
            priv.port.push(structure, arrival_of(GST_ELEMENT(trans), *priv.stream, buffer), false);
        });
        return true;
    });
    return GST_FLOW_OK;
}

static gboolean gst_tracking_tap_sink_event(GstBaseTransform* trans, GstEvent* event) {
    auto& priv = priv_of(trans);
    guard_quiet(GST_OBJECT(trans), false, [&] {
        if (GST_EVENT_TYPE(event) == GST_EVENT_CUSTOM_DOWNSTREAM_OOB)
            take_out_of_band(priv.port, event);
        else if (priv.stream)
            take_event(priv.port, *priv.stream, event);
        if (GST_EVENT_TYPE(event) == GST_EVENT_EOS) priv.ended = true;
        if (GST_EVENT_TYPE(event) == GST_EVENT_STREAM_START) priv.ended = false;
        return true;
    });
    return GST_BASE_TRANSFORM_CLASS(gst_tracking_tap_parent_class)->sink_event(trans, event);
}

static gboolean gst_tracking_tap_src_event(GstBaseTransform* trans, GstEvent* event) {
    guard_quiet(GST_OBJECT(trans), false, [&] {
        if (GST_EVENT_TYPE(event) == GST_EVENT_QOS) priv_of(trans).qos.take(port_of(trans), event);
        return true;
    });
    return GST_BASE_TRANSFORM_CLASS(gst_tracking_tap_parent_class)->src_event(trans, event);
}

static void gst_tracking_tap_class_init(GstTrackingTapClass* klass) {
    auto* object_class = G_OBJECT_CLASS(klass);
    auto* element_class = GST_ELEMENT_CLASS(klass);
    auto* trans_class = GST_BASE_TRANSFORM_CLASS(klass);

    object_class->finalize = gst_tracking_tap_finalize;
    object_class->set_property = gst_tracking_tap_set_property;
    object_class->get_property = gst_tracking_tap_get_property;
    prop_stats = install_settings(object_class) + 1;
    install_stats(object_class, prop_stats);
    actions::install<port_of>(G_TYPE_FROM_CLASS(klass));

    const gst::CapsPtr any(gst_caps_new_any());
    gst_element_class_add_pad_template(element_class,
                                       gst_pad_template_new("sink", GST_PAD_SINK, GST_PAD_ALWAYS, any.get()));
    gst_element_class_add_pad_template(element_class,
                                       gst_pad_template_new("src", GST_PAD_SRC, GST_PAD_ALWAYS, any.get()));
    gst_element_class_set_static_metadata(
        element_class, "Server-side tracking event tap", "Filter/Metadata/Network",
        "Lets any stream pass and commits the events that ride on it to an SQLite database, and sends them to Matomo "
        "where one is named",
        ONAIR_AUTHOR);
    gst_element_class_add_static_metadata(element_class, GST_ELEMENT_METADATA_DOC_URI, ONAIR_DOC_URI "/trackingtap.md");

    trans_class->start = GST_DEBUG_FUNCPTR(gst_tracking_tap_start);
    trans_class->stop = GST_DEBUG_FUNCPTR(gst_tracking_tap_stop);
    trans_class->transform_ip = GST_DEBUG_FUNCPTR(gst_tracking_tap_transform_ip);
    trans_class->transform_ip_on_passthrough = TRUE;
    trans_class->sink_event = GST_DEBUG_FUNCPTR(gst_tracking_tap_sink_event);
    trans_class->src_event = GST_DEBUG_FUNCPTR(gst_tracking_tap_src_event);
}

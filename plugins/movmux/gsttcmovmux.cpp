// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
/// SECTION:element-tcmovmux
///
/// Writes QuickTime movies with a timecode track that is there and right. The timecode comes from the property or from
/// the first picture (GstVideoTimeCodeMeta).
///
///     gst-launch-1.0 videotestsrc num-buffers=60 ! video/x-raw,framerate=30/1 ! avenc_prores_ks !
///         tcmovmux timecode=00:00:30:00 ! filesink location=out.mov
///
/// Since: 0.1
#include "gsttcmovmux.h"

#include "common/gst/guard.hpp"
#include "common/gst/ref_ptr.hpp"
#include "engine/messages.hpp"
#include "gsttcmovmux-private.hpp"
#include "onair-config.h"

#include <algorithm>
#include <optional>
#include <utility>

GST_DEBUG_CATEGORY(gst_tc_mov_mux_debug);

using namespace onair;
using namespace onair::mov;
using onair::gst::guard;

struct _GstTcMovMux {
    GstAggregator parent;
    GstTcMovMuxPrivate* priv;
};

G_DEFINE_TYPE_WITH_CODE(GstTcMovMux, gst_tc_mov_mux, GST_TYPE_AGGREGATOR,
                        G_IMPLEMENT_INTERFACE(GST_TYPE_TAG_SETTER, nullptr)
                            G_IMPLEMENT_INTERFACE(GST_TYPE_PRESET, nullptr)
                                G_IMPLEMENT_INTERFACE(GST_TYPE_CHILD_PROXY, onair::mov::init_child_proxy))
GST_ELEMENT_REGISTER_DEFINE(tcmovmux, "tcmovmux", GST_RANK_NONE, GST_TYPE_TC_MOV_MUX)

static GstTcMovMuxPrivate& priv_of(gpointer self) { return *GST_TC_MOV_MUX(self)->priv; }

static void gst_tc_mov_mux_init(GstTcMovMux* self) { self->priv = new GstTcMovMuxPrivate(); }

static void gst_tc_mov_mux_finalize(GObject* object) {
    delete GST_TC_MOV_MUX(object)->priv;
    G_OBJECT_CLASS(gst_tc_mov_mux_parent_class)->finalize(object);
}

static void gst_tc_mov_mux_set_property(GObject* object, guint id, const GValue* value, GParamSpec*) {
    auto& priv = priv_of(object);
    const std::lock_guard lock(priv.lock);
    set_setting(priv.settings, id, value);
}

static void gst_tc_mov_mux_get_property(GObject* object, guint id, GValue* value, GParamSpec*) {
    auto& priv = priv_of(object);
    const std::lock_guard lock(priv.lock);
    get_setting(priv.settings, id, value);
}

/// A movie from its beginning, with the settings as they are now. Throws Error for a timecode that is none.
static void begin(GstTcMovMuxPrivate& priv) {
    auto state = std::make_unique<State>();
    {
        const std::lock_guard lock(priv.lock);
        state->settings = priv.settings;
    }
    check_settings(state->settings);
    state->timecode = read_timecode_property(state->settings.timecode_source, state->settings.timecode);
    priv.state = std::move(state);
    priv.writing = false;
    priv.held = 0;
}

static void forget_pads(GstAggregator* aggregator, bool caps_too) {
    GST_OBJECT_LOCK(aggregator);
    for (const GList* item = GST_ELEMENT(aggregator)->sinkpads; item; item = item->next) {
        auto* pad = GST_AGGREGATOR_PAD(item->data);
        PadStream& stream = pad_stream(pad);
        set_refused_caps(pad, "");
        if (caps_too)
            stream = PadStream{};
        else
            stream.track.reset();
        stream.gap = stream.left_out = stream.told = false;
    }
    GST_OBJECT_UNLOCK(aggregator);
}

static gboolean gst_tc_mov_mux_start(GstAggregator* aggregator) {
    return guard(GST_ELEMENT(aggregator), FALSE, [&]() -> gboolean {
        begin(priv_of(aggregator));
        return TRUE;
    });
}

static gboolean gst_tc_mov_mux_stop(GstAggregator* aggregator) {
    return guard(GST_ELEMENT(aggregator), FALSE, [&]() -> gboolean {
        auto& priv = priv_of(aggregator);
        if (priv.state && priv.state->writer && !priv.state->finished)
            GST_WARNING_OBJECT(aggregator, "stopped before EOS: the movie %s",
                               priv.held > 0 ? "ends with its last whole fragment"
                                             : "has no movie box and cannot be read");
        priv.state.reset();
        priv.writing = false;
        forget_pads(aggregator, true);
        gst_tag_setter_reset_tags(GST_TAG_SETTER(aggregator));
        return TRUE;
    });
}

/// Called when every pad was flushed. GstAggregator forwards that flush and filesink empties its file at it, so the
/// movie begins anew.
static GstFlowReturn gst_tc_mov_mux_flush(GstAggregator* aggregator) {
    return guard(GST_ELEMENT(aggregator), GST_FLOW_ERROR, [&] {
        begin(priv_of(aggregator));
        forget_pads(aggregator, false);
        return GST_FLOW_OK;
    });
}

static GstFlowReturn gst_tc_mov_mux_aggregate(GstAggregator* aggregator, gboolean timeout) {
    return guard(GST_ELEMENT(aggregator), GST_FLOW_ERROR, [&] {
        auto& priv = priv_of(aggregator);
        const bool began = priv.writing;
        const GstFlowReturn flow = step(aggregator, *priv.state, priv.writing, timeout);
        if (!began && priv.writing) {
            priv.held = priv.state->writer->held();
            const auto held = static_cast<GstClockTime>(priv.held.load());
            gst_aggregator_set_latency(aggregator, held, held);
        }
        return flow;
    });
}

/// Live: when a pad has nothing, the others wait for it until this time and the latency; a movie begins a second
/// later, since a pad without caps would be left out of it. The latency holds what the writer keeps back, and that is
/// no time to wait in.
static GstClockTime gst_tc_mov_mux_get_next_time(GstAggregator* aggregator) {
    const auto& priv = priv_of(aggregator);
    const std::optional<int64_t> earliest = earliest_time(aggregator);
    if (!earliest) return GST_CLOCK_TIME_NONE;
    const int64_t time = priv.writing ? *earliest - priv.held : *earliest + int64_t{GST_SECOND};
    return static_cast<GstClockTime>(std::max<int64_t>(time, 0));
}

static GstFlowReturn gst_tc_mov_mux_update_src_caps(GstAggregator* aggregator, GstCaps* caps, GstCaps** ret) {
    return guard(GST_ELEMENT(aggregator), GST_FLOW_ERROR, [&] {
        *ret = source_caps(priv_of(aggregator).state->settings, caps);
        return gst_caps_is_empty(*ret) ? GST_FLOW_NOT_NEGOTIATED : GST_FLOW_OK;
    });
}

static gboolean gst_tc_mov_mux_sink_event(GstAggregator* aggregator, GstAggregatorPad* pad, GstEvent* event) {
    if (GST_EVENT_TYPE(event) == GST_EVENT_CAPS) {
        GstCaps* caps = nullptr;
        gst_event_parse_caps(event, &caps);
        const gboolean taken = guard(GST_ELEMENT(aggregator), FALSE, [&]() -> gboolean {
            try {
                take_caps(pad, caps);
            } catch (...) {
                if (auto* state = priv_of(aggregator).state.get()) fail(aggregator, *state, GST_FLOW_NOT_NEGOTIATED);
                throw;
            }
            return TRUE;
        });
        if (!taken) {
            gst_event_unref(event);
            return FALSE;
        }
    }
    return GST_AGGREGATOR_CLASS(gst_tc_mov_mux_parent_class)->sink_event(aggregator, pad, event);
}

static gboolean gst_tc_mov_mux_sink_query(GstAggregator* aggregator, GstAggregatorPad* pad, GstQuery* query) {
    const gboolean answered = GST_AGGREGATOR_CLASS(gst_tc_mov_mux_parent_class)->sink_query(aggregator, pad, query);
    if (!answered || GST_QUERY_TYPE(query) != GST_QUERY_ACCEPT_CAPS) return answered;
    return guard(GST_ELEMENT(aggregator), answered, [&] {
        gboolean accepted = FALSE;
        GstCaps* caps = nullptr;
        gst_query_parse_accept_caps_result(query, &accepted);
        gst_query_parse_accept_caps(query, &caps);
        const gst::CharPtr text(accepted ? nullptr : gst_caps_to_string(caps));
        set_refused_caps(pad, text ? text.get() : "");
        return answered;
    });
}

/// A movie that is being written cannot be seeked; GstAggregator would seek the source pad's segment, which is in
/// bytes.
static gboolean gst_tc_mov_mux_src_event(GstAggregator* aggregator, GstEvent* event) {
    if (GST_EVENT_TYPE(event) == GST_EVENT_SEEK) {
        gst_event_unref(event);
        return FALSE;
    }
    return GST_AGGREGATOR_CLASS(gst_tc_mov_mux_parent_class)->src_event(aggregator, event);
}

static GstAggregatorPad* gst_tc_mov_mux_create_new_pad(GstAggregator* aggregator, GstPadTemplate* templ,
                                                       const gchar* requested, const GstCaps*) {
    return guard(GST_ELEMENT(aggregator), static_cast<GstAggregatorPad*>(nullptr), [&]() -> GstAggregatorPad* {
        if (priv_of(aggregator).writing) {
            gst::post_warning(
                GST_ELEMENT(aggregator),
                mov::error(Msg::late_pad, {requested ? requested : GST_PAD_TEMPLATE_NAME_TEMPLATE(templ)}));
            return nullptr;
        }
        GstAggregatorPad* pad = make_sink_pad(GST_ELEMENT(aggregator), templ, requested);
        if (!pad) GST_WARNING_OBJECT(aggregator, "no pad \"%s\": taken, or not a name of this template", requested);
        return pad;
    });
}

static GstPad* gst_tc_mov_mux_request_new_pad(GstElement* element, GstPadTemplate* templ, const gchar* name,
                                              const GstCaps* caps) {
    GstPad* pad = GST_ELEMENT_CLASS(gst_tc_mov_mux_parent_class)->request_new_pad(element, templ, name, caps);
    if (pad) tell_child(element, pad, true);
    return pad;
}

static void gst_tc_mov_mux_release_pad(GstElement* element, GstPad* pad) {
    tell_child(element, pad, false);
    GST_ELEMENT_CLASS(gst_tc_mov_mux_parent_class)->release_pad(element, pad);
}

static void add_sink_template(GstElementClass* klass, const char* name, AVMediaType type, GType pad_type) {
    const gst::CapsPtr caps(gstav::codec_template_caps(type));
    gst_element_class_add_pad_template(
        klass, gst_pad_template_new_with_gtype(name, GST_PAD_SINK, GST_PAD_REQUEST, caps.get(), pad_type));
}

static void gst_tc_mov_mux_class_init(GstTcMovMuxClass* klass) {
    auto* object_class = G_OBJECT_CLASS(klass);
    auto* element_class = GST_ELEMENT_CLASS(klass);
    auto* aggregator_class = GST_AGGREGATOR_CLASS(klass);
    GST_DEBUG_CATEGORY_INIT(gst_tc_mov_mux_debug, "tcmovmux", 0, "QuickTime muxer with timecode");

    object_class->finalize = gst_tc_mov_mux_finalize;
    object_class->set_property = gst_tc_mov_mux_set_property;
    object_class->get_property = gst_tc_mov_mux_get_property;
    install_settings(object_class);
    gst_type_mark_as_plugin_api(GST_TYPE_TC_MOV_MUX_PAD, static_cast<GstPluginAPIFlags>(0));
    gst_type_mark_as_plugin_api(GST_TYPE_TC_MOV_MUX_VIDEO_PAD, static_cast<GstPluginAPIFlags>(0));

    add_sink_template(element_class, "video_%u", AVMEDIA_TYPE_VIDEO, GST_TYPE_TC_MOV_MUX_VIDEO_PAD);
    add_sink_template(element_class, "audio_%u", AVMEDIA_TYPE_AUDIO, GST_TYPE_TC_MOV_MUX_PAD);
    const gst::CapsPtr src(gst_caps_from_string(
        "video/quicktime,variant=(string)apple;video/quicktime,variant=(string)iso;video/quicktime"));
    gst_element_class_add_pad_template(
        element_class,
        gst_pad_template_new_with_gtype("src", GST_PAD_SRC, GST_PAD_ALWAYS, src.get(), GST_TYPE_AGGREGATOR_PAD));
    gst_element_class_set_static_metadata(
        element_class, "QuickTime muxer with timecode", "Codec/Muxer",
        "Writes QuickTime and MP4 movies, hybrid, plain and fragmented, with timecode tracks", ONAIR_AUTHOR);
    gst_element_class_add_static_metadata(element_class, GST_ELEMENT_METADATA_DOC_URI, ONAIR_DOC_URI "/tcmovmux.md");

    element_class->request_new_pad = GST_DEBUG_FUNCPTR(gst_tc_mov_mux_request_new_pad);
    element_class->release_pad = GST_DEBUG_FUNCPTR(gst_tc_mov_mux_release_pad);
    aggregator_class->start = GST_DEBUG_FUNCPTR(gst_tc_mov_mux_start);
    aggregator_class->stop = GST_DEBUG_FUNCPTR(gst_tc_mov_mux_stop);
    aggregator_class->flush = GST_DEBUG_FUNCPTR(gst_tc_mov_mux_flush);
    aggregator_class->aggregate = GST_DEBUG_FUNCPTR(gst_tc_mov_mux_aggregate);
    aggregator_class->get_next_time = GST_DEBUG_FUNCPTR(gst_tc_mov_mux_get_next_time);
    aggregator_class->update_src_caps = GST_DEBUG_FUNCPTR(gst_tc_mov_mux_update_src_caps);
    aggregator_class->sink_event = GST_DEBUG_FUNCPTR(gst_tc_mov_mux_sink_event);
    aggregator_class->sink_query = GST_DEBUG_FUNCPTR(gst_tc_mov_mux_sink_query);
    aggregator_class->src_event = GST_DEBUG_FUNCPTR(gst_tc_mov_mux_src_event);
    aggregator_class->create_new_pad = GST_DEBUG_FUNCPTR(gst_tc_mov_mux_create_new_pad);
}

// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
/// SECTION:element-swsconvertscale
///
/// Scales video through libswscale and converts format and colour by passes of its own. Geometry, format and all of
/// colour come from the negotiated caps and from the frames; nothing has to be set by hand.
///
///     gst-launch-1.0 videotestsrc ! video/x-raw,width=3840,height=2160 ! swsconvertscale !
///         video/x-raw,format=I422_10LE,width=1920,height=1080 ! fakesink
///
/// Since: 0.1
#include "gstswsconvertscale.h"

#include "common/gst/guard.hpp"
#include "common/gst/maps.hpp"
#include "common/gst/ref_ptr.hpp"
#include "engine/messages.hpp"
#include "gstswsconvertscale-private.hpp"
#include "onair-config.h"

#include <gst/video/navigation.h>

#include <chrono>

GST_DEBUG_CATEGORY(gst_sws_convert_scale_debug);

using namespace onair;
using namespace onair::sws;
using onair::gst::guard;
using onair::gst::guard_quiet;

struct _GstSwsConvertScale {
    GstBaseTransform parent;
    GstSwsConvertScalePrivate* priv;
};

static void gst_sws_convert_scale_video_direction_init(GstVideoDirectionInterface*) {} // a property, no functions

G_DEFINE_TYPE_WITH_CODE(GstSwsConvertScale, gst_sws_convert_scale, GST_TYPE_BASE_TRANSFORM,
                        G_IMPLEMENT_INTERFACE(GST_TYPE_VIDEO_DIRECTION, gst_sws_convert_scale_video_direction_init))
GST_ELEMENT_REGISTER_DEFINE(swsconvertscale, "swsconvertscale", GST_RANK_NONE, GST_TYPE_SWS_CONVERT_SCALE)

static GstSwsConvertScalePrivate& priv_of(gpointer self) { return *GST_SWS_CONVERT_SCALE(self)->priv; }

static void gst_sws_convert_scale_init(GstSwsConvertScale* self) {
    self->priv = new GstSwsConvertScalePrivate();
    gst_base_transform_set_qos_enabled(GST_BASE_TRANSFORM(self), TRUE);
}

static void gst_sws_convert_scale_finalize(GObject* object) {
    delete GST_SWS_CONVERT_SCALE(object)->priv;
    G_OBJECT_CLASS(gst_sws_convert_scale_parent_class)->finalize(object);
}

static void gst_sws_convert_scale_set_property(GObject* object, guint id, const GValue* value, GParamSpec*) {
    auto& priv = priv_of(object);
    bool renegotiate = false;
    {
        const std::lock_guard lock(priv.lock);
        const Settings before = priv.settings;
        set_property(priv.settings, id, value);
        if (priv.settings == before) return; // controlled properties are set for each frame
        priv.changed = true;                 // the streaming thread makes a new converter before the next frame
        renegotiate = !priv.size_fixed && !priv.settings.same_size(before);
    }
    if (renegotiate) gst_base_transform_reconfigure_src(GST_BASE_TRANSFORM(object));
}

static void gst_sws_convert_scale_get_property(GObject* object, guint id, GValue* value, GParamSpec*) {
    auto& priv = priv_of(object);
    const std::lock_guard lock(priv.lock);
    get_property(priv.settings, priv.report, id, value);
}

static GstCaps* gst_sws_convert_scale_transform_caps(GstBaseTransform* trans, GstPadDirection direction, GstCaps* caps,
                                                     GstCaps* filter) {
    return guard_quiet(GST_OBJECT(trans), static_cast<GstCaps*>(nullptr),
                       [&] { return transform_caps(direction, caps, filter); });
}

static GstCaps* gst_sws_convert_scale_fixate_caps(GstBaseTransform* trans, GstPadDirection direction, GstCaps* caps,
                                                  GstCaps* othercaps) {
    return guard(GST_ELEMENT(trans), static_cast<GstCaps*>(nullptr), [&] {
        Settings settings;
        {
            auto& priv = priv_of(trans);
            const std::lock_guard lock(priv.lock);
            settings = acting_settings(priv);
            if (direction == GST_PAD_SINK) priv.size_fixed = fixes_size(othercaps);
        }
        GstCaps* fixed = fixate_caps(direction, caps, othercaps, settings);
        GST_DEBUG_OBJECT(trans, "%" GST_PTR_FORMAT " becomes %" GST_PTR_FORMAT, static_cast<void*>(caps),
                         static_cast<void*>(fixed));
        return fixed;
    });
}

/// Before the base class looks whether the frame passes, and before it copies metas.
static GstFlowReturn gst_sws_convert_scale_prepare_output_buffer(GstBaseTransform* trans, GstBuffer* inbuf,
                                                                 GstBuffer** outbuf) {
    const GstFlowReturn ready = guard(GST_ELEMENT(trans), GST_FLOW_ERROR, [&] {
        auto& priv = priv_of(trans);
        if (priv.state) follow(trans, priv, *priv.state, inbuf);
        return GST_FLOW_OK;
    });
    if (ready != GST_FLOW_OK) return ready;
    return GST_BASE_TRANSFORM_CLASS(gst_sws_convert_scale_parent_class)->prepare_output_buffer(trans, inbuf, outbuf);
}

/// Controlled properties have their values of this frame.
static void gst_sws_convert_scale_before_transform(GstBaseTransform* trans, GstBuffer* buffer) {
    const GstClockTime time =
        gst_segment_to_stream_time(&trans->segment, GST_FORMAT_TIME, GST_BUFFER_TIMESTAMP(buffer));
    if (GST_CLOCK_TIME_IS_VALID(time)) gst_object_sync_values(GST_OBJECT(trans), time);
}

static void warn_about_colour(GstBaseTransform* trans, const State& state) {
    bool& warned = priv_of(trans).warned_of_colour;
    if (warned || !state.converter || !colour_stays(state.converter->request())) return;
    warned = true;
    const gst::CharPtr in(gst_video_colorimetry_to_string(&state.in.colorimetry));
    const gst::CharPtr out(gst_video_colorimetry_to_string(&state.out.colorimetry));
    gst::post_warning(GST_ELEMENT(trans),
                      sws::error(Msg::colour_not_converted, {in ? in.get() : "unknown", out ? out.get() : "unknown"}));
}

static void drop_state(GstSwsConvertScalePrivate& priv) {
    priv.state.reset();
    const std::lock_guard lock(priv.lock);
    priv.pointer_map.reset();
    priv.report.stages.clear();
}

static void read_caps(GstVideoInfo& info, GstCaps* caps) {
    if (gst_video_info_from_caps(&info, caps)) {
        // GStreamer 1.22 calls a missing chroma site unknown, newer ones take their format's default: here it is
        // unknown.
        if (!gst_structure_has_field(gst_caps_get_structure(caps, 0), "chroma-site"))
            info.chroma_site = GST_VIDEO_CHROMA_SITE_UNKNOWN;
        return;
    }
    const gst::CharPtr text(gst_caps_to_string(caps));
    throw sws::error(Msg::unusable_caps, {text.get()}, "gst_video_info_from_caps");
}

/// Caps that failed are offered again with the next buffer: one failure is one error.
static bool already_refused(GstSwsConvertScalePrivate& priv, GstCaps* incaps, GstCaps* outcaps) {
    const std::lock_guard lock(priv.lock);
    return !priv.changed && priv.refused_in && gst_caps_is_equal(priv.refused_in.get(), incaps) &&
           gst_caps_is_equal(priv.refused_out.get(), outcaps);
}

static gboolean gst_sws_convert_scale_set_caps(GstBaseTransform* trans, GstCaps* incaps, GstCaps* outcaps) {
    return guard(GST_ELEMENT(trans), FALSE, [&]() -> gboolean {
        auto& priv = priv_of(trans);
        if (already_refused(priv, incaps, outcaps)) return FALSE;
        priv.refused_in.reset(gst_caps_ref(incaps)); // until the end of this function
        priv.refused_out.reset(gst_caps_ref(outcaps));
        if (!is_system_memory(gst_caps_get_features(incaps, 0))) {
            drop_state(priv);
            gst_base_transform_set_passthrough(trans, TRUE);
            priv.refused_in.reset();
            return TRUE;
        }
        auto state = std::make_unique<State>();
        read_caps(state->in, incaps);
        read_caps(state->out, outcaps);
        if (state->in.colorimetry.transfer == GST_VIDEO_TRANSFER_SMPTE2084) state->peak = peak_of(incaps);
        configure(trans, priv, *state, whole_frame(state->in));
        state->forwards_crops = !state->converter;
        warn_about_colour(trans, *state);
        priv.state = std::move(state);
        priv.refused_in.reset();
        return TRUE;
    });
}

static gboolean gst_sws_convert_scale_start(GstBaseTransform* trans) {
    auto& priv = priv_of(trans);
    {
        const std::lock_guard lock(priv.lock);
        priv.report = {};
        if (priv.task_pool) return TRUE;
    }
    ask_for_task_pool(GST_ELEMENT(trans));
    return TRUE;
}

static void gst_sws_convert_scale_set_context(GstElement* element, GstContext* context) {
    if (GstTaskPool* pool = task_pool_of(context)) {
        auto& priv = priv_of(element);
        const std::lock_guard lock(priv.lock);
        priv.task_pool.reset(pool);
    }
    GST_ELEMENT_CLASS(gst_sws_convert_scale_parent_class)->set_context(element, context);
}

static gboolean gst_sws_convert_scale_stop(GstBaseTransform* trans) {
    auto& priv = priv_of(trans);
    drop_state(priv);
    priv.converters.clear();
    priv.executor.reset(); // joins its threads
    priv.warned_of_colour = false;
    priv.refused_in.reset();
    return TRUE;
}

/// Threads are made with the first frame, and anew when their number changes.
static Executor& executor_of(GstSwsConvertScalePrivate& priv, unsigned threads) {
    if (priv.executor && priv.executor_threads == threads) return *priv.executor;
    gst::owned<GstTaskPool, gst_object_unref> pool;
    {
        const std::lock_guard lock(priv.lock);
        if (priv.task_pool) pool.reset(GST_TASK_POOL(gst_object_ref(priv.task_pool.get())));
    }
    priv.executor.reset();
    priv.executor = make_executor(pool.get(), threads);
    priv.executor_threads = threads;
    return *priv.executor;
}

/// One frame becomes one frame, whatever padding the buffer carries.
static gboolean gst_sws_convert_scale_transform_size(GstBaseTransform*, GstPadDirection, GstCaps*, gsize,
                                                     GstCaps* othercaps, gsize* othersize) {
    GstVideoInfo info;
    if (!gst_video_info_from_caps(&info, othercaps)) return FALSE;
    *othersize = GST_VIDEO_INFO_SIZE(&info);
    return TRUE;
}

static gboolean gst_sws_convert_scale_propose_allocation(GstBaseTransform* trans, GstQuery* decide_query,
                                                         GstQuery* query) {
    auto* parent = GST_BASE_TRANSFORM_CLASS(gst_sws_convert_scale_parent_class);
    if (!parent->propose_allocation(trans, decide_query, query)) return FALSE;
    if (!decide_query) return TRUE; // passing through: downstream answered
    GstCaps* caps = nullptr;
    gst_query_parse_allocation(query, &caps, nullptr);
    GstVideoInfo info;
    if (!caps || !gst_video_info_from_caps(&info, caps)) return FALSE;
    propose_pool(query, info);
    return TRUE;
}

static gboolean gst_sws_convert_scale_decide_allocation(GstBaseTransform* trans, GstQuery* query) {
    GstCaps* caps = nullptr;
    gst_query_parse_allocation(query, &caps, nullptr);
    GstVideoInfo info;
    if (caps && gst_video_info_from_caps(&info, caps)) decide_pool(query, info);
    return GST_BASE_TRANSFORM_CLASS(gst_sws_convert_scale_parent_class)->decide_allocation(trans, query);
}

static GstFlowReturn gst_sws_convert_scale_transform(GstBaseTransform* trans, GstBuffer* inbuf, GstBuffer* outbuf) {
    return guard(GST_ELEMENT(trans), GST_FLOW_ERROR, [&] {
        auto& priv = priv_of(trans);
        State& state = *priv.state;
        const gst::VideoFrameMap in(state.in, inbuf, GST_MAP_READ), out(state.out, outbuf, GST_MAP_WRITE);
        for (const auto& [map, info] : {std::pair{&in, &state.in}, std::pair{&out, &state.out}})
            if (!*map)
                throw sws::error(Msg::unmappable, {size_text(GST_VIDEO_INFO_WIDTH(info), GST_VIDEO_INFO_HEIGHT(info)),
                                                   GST_VIDEO_INFO_NAME(info)});
        const Request& request = state.converter->request();
        const auto begin = std::chrono::steady_clock::now();
        state.converter->convert(view_of(in.frame(), *request.in.format, false),
                                 view_of(out.frame(), *request.out.format, true), executor_of(priv, request.threads));
        const std::chrono::duration<double, std::milli> taken = std::chrono::steady_clock::now() - begin;
        const std::lock_guard lock(priv.lock);
        priv.report.times.add(taken.count());
        state.converter->count_bounced(priv.report.stages);
        return GST_FLOW_OK;
    });
}

/// Where a pointer in the output lies in the input.
static gboolean gst_sws_convert_scale_src_event(GstBaseTransform* trans, GstEvent* event) {
    gdouble x = 0, y = 0;
    if (GST_EVENT_TYPE(event) == GST_EVENT_NAVIGATION && gst_navigation_event_get_coordinates(event, &x, &y)) {
        auto& priv = priv_of(trans);
        const std::lock_guard lock(priv.lock);
        if (const auto& map = priv.pointer_map) {
            event = gst_event_make_writable(event);
            const Point at = pixel_in_source(*map, {x, y});
            gst_navigation_event_set_coordinates(event, at.x, at.y);
        }
    }
    return GST_BASE_TRANSFORM_CLASS(gst_sws_convert_scale_parent_class)->src_event(trans, event);
}

/// Metas about the time or the whole stream go along. Those that hold positions are moved with the picture; those that
/// describe the pixels themselves no longer fit.
static gboolean gst_sws_convert_scale_transform_meta(GstBaseTransform* trans, GstBuffer* outbuf, GstMeta* meta,
                                                     GstBuffer* inbuf) {
    return guard(GST_ELEMENT(trans), FALSE, [&]() -> gboolean {
        const State* state = priv_of(trans).state.get();
        return state && state->converter && carry_meta(*state, outbuf, meta, inbuf);
    });
}

static gboolean gst_sws_convert_scale_sink_event(GstBaseTransform* trans, GstEvent* event) {
    auto& priv = priv_of(trans);
    if (GST_EVENT_TYPE(event) == GST_EVENT_STREAM_START) {
        const std::lock_guard lock(priv.lock);
        priv.changed = priv.changed || priv.tag_direction != GST_VIDEO_ORIENTATION_IDENTITY;
        priv.tag_direction = GST_VIDEO_ORIENTATION_IDENTITY;
    }
    // Frames that only pass, in other memory, are not turned.
    if (GST_EVENT_TYPE(event) == GST_EVENT_TAG && priv.state) event = follow_tags(trans, priv, event);
    return GST_BASE_TRANSFORM_CLASS(gst_sws_convert_scale_parent_class)->sink_event(trans, event);
}

static void gst_sws_convert_scale_class_init(GstSwsConvertScaleClass* klass) {
    auto* object_class = G_OBJECT_CLASS(klass);
    auto* element_class = GST_ELEMENT_CLASS(klass);
    auto* trans_class = GST_BASE_TRANSFORM_CLASS(klass);
    GST_DEBUG_CATEGORY_INIT(gst_sws_convert_scale_debug, "swsconvertscale", 0, "scaling through libswscale");

    object_class->finalize = gst_sws_convert_scale_finalize;
    object_class->set_property = gst_sws_convert_scale_set_property;
    object_class->get_property = gst_sws_convert_scale_get_property;
    install_properties(object_class);

    const gst::CapsPtr caps(template_caps());
    gst_element_class_add_pad_template(element_class,
                                       gst_pad_template_new("sink", GST_PAD_SINK, GST_PAD_ALWAYS, caps.get()));
    gst_element_class_add_pad_template(element_class,
                                       gst_pad_template_new("src", GST_PAD_SRC, GST_PAD_ALWAYS, caps.get()));
    gst_element_class_set_static_metadata(
        element_class, "Video scaler and converter (exact, and libswscale)", "Filter/Converter/Video/Scaler/Colorspace",
        "Scales video through libswscale and converts format and colour by own passes", ONAIR_AUTHOR);
    gst_element_class_add_static_metadata(element_class, GST_ELEMENT_METADATA_DOC_URI,
                                          ONAIR_DOC_URI "/swsconvertscale.md");

    trans_class->transform_caps = GST_DEBUG_FUNCPTR(gst_sws_convert_scale_transform_caps);
    trans_class->fixate_caps = GST_DEBUG_FUNCPTR(gst_sws_convert_scale_fixate_caps);
    trans_class->set_caps = GST_DEBUG_FUNCPTR(gst_sws_convert_scale_set_caps);
    element_class->set_context = GST_DEBUG_FUNCPTR(gst_sws_convert_scale_set_context);
    trans_class->start = GST_DEBUG_FUNCPTR(gst_sws_convert_scale_start);
    trans_class->stop = GST_DEBUG_FUNCPTR(gst_sws_convert_scale_stop);
    trans_class->transform_size = GST_DEBUG_FUNCPTR(gst_sws_convert_scale_transform_size);
    trans_class->propose_allocation = GST_DEBUG_FUNCPTR(gst_sws_convert_scale_propose_allocation);
    trans_class->decide_allocation = GST_DEBUG_FUNCPTR(gst_sws_convert_scale_decide_allocation);
    trans_class->before_transform = GST_DEBUG_FUNCPTR(gst_sws_convert_scale_before_transform);
    trans_class->prepare_output_buffer = GST_DEBUG_FUNCPTR(gst_sws_convert_scale_prepare_output_buffer);
    trans_class->sink_event = GST_DEBUG_FUNCPTR(gst_sws_convert_scale_sink_event);
    trans_class->transform = GST_DEBUG_FUNCPTR(gst_sws_convert_scale_transform);
    trans_class->src_event = GST_DEBUG_FUNCPTR(gst_sws_convert_scale_src_event);
    trans_class->transform_meta = GST_DEBUG_FUNCPTR(gst_sws_convert_scale_transform_meta);
    trans_class->passthrough_on_same_caps = FALSE;
}

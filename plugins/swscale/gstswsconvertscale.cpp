// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
/// SECTION:element-swsconvertscale
///
/// Scales and converts video through libswscale. Geometry, format, range, matrix and chroma site come from the
/// negotiated caps and from the frames; nothing has to be set by hand.
///
///     gst-launch-1.0 videotestsrc ! video/x-raw,width=3840,height=2160 ! swsconvertscale !
///         video/x-raw,format=I422_10LE,width=1920,height=1080 ! fakesink
///
/// Since: 0.1
#include "gstswsconvertscale.h"

#include "common/gst/enum_type.hpp"
#include "common/gst/guard.hpp"
#include "common/gst/maps.hpp"
#include "common/gst/property.hpp"
#include "common/gst/ref_ptr.hpp"
#include "common/gstav/pixel_format.hpp"
#include "engine/messages.hpp"
#include "gstswsconvertscale-private.hpp"
#include "onair-config.h"

#include <gst/video/navigation.h>

#include <array>

GST_DEBUG_CATEGORY(gst_sws_convert_scale_debug);

using namespace onair;
using namespace onair::sws;
using onair::gst::guard;
using onair::gst::guard_quiet;

static GType gst_sws_convert_scale_method_get_type() {
    // 0 to 9 are the names and numbers of videoconvertscale.
    static const GEnumValue values[] = {
        {static_cast<gint>(Method::nearest), "Nearest neighbour", "nearest-neighbour"},
        {static_cast<gint>(Method::bilinear), "Bilinear", "bilinear"},
        {static_cast<gint>(Method::four_tap), "Windowed sinc of four taps (Lanczos with two lobes)", "4-tap"},
        {static_cast<gint>(Method::lanczos), "Lanczos with three lobes", "lanczos"},
        {static_cast<gint>(Method::bilinear2), "Bilinear (libswscale's always widens when it shrinks)", "bilinear2"},
        {static_cast<gint>(Method::sinc), "Sinc", "sinc"},
        {static_cast<gint>(Method::hermite), "Hermite cubic", "hermite"},
        {static_cast<gint>(Method::spline), "Spline", "spline"},
        {static_cast<gint>(Method::catrom), "Catmull-Rom cubic", "catrom"},
        {static_cast<gint>(Method::mitchell), "Mitchell-Netravali cubic", "mitchell"},
        {static_cast<gint>(Method::bicubic), "Bicubic (libswscale's own, B=0 C=0.6)", "bicubic"},
        {static_cast<gint>(Method::area), "Area averaging", "area"},
        {static_cast<gint>(Method::gauss), "Gaussian", "gauss"},
        {static_cast<gint>(Method::bicublin), "Bicubic luma, bilinear chroma", "bicublin"},
        {static_cast<gint>(Method::experimental), "libswscale's experimental kernel", "experimental"},
        {0, nullptr, nullptr}};
    return gst::register_enum("GstSwsConvertScaleMethod", values);
}

using Row = gst::Property<Settings>;
static constexpr int live = GST_PARAM_MUTABLE_PLAYING;
static const std::array<Row, 3> properties{{
    {.field = gst::enum_field<Settings, &Settings::method, gst_sws_convert_scale_method_get_type>(),
     .name = "method",
     .nick = "Method",
     .blurb = "Scaling kernel; 0 to 9 are the names and numbers of videoconvertscale, the others libswscale's own",
     .flags = live},
    {.field = &Settings::n_threads,
     .name = "n-threads",
     .nick = "Threads",
     .blurb = "Largest number of threads that work on one frame; 0 takes the number of cores, fewer for small frames",
     .minimum = 0,
     .maximum = 256,
     .flags = live},
    {.field = &Settings::add_borders,
     .name = "add-borders",
     .nick = "Add borders",
     .blurb = "Keep the picture's aspect ratio by black borders where the caps do not allow it otherwise; "
              "false stretches the picture",
     .flags = live},
}};

struct _GstSwsConvertScale {
    GstBaseTransform parent;
    GstSwsConvertScalePrivate* priv;
};

G_DEFINE_TYPE(GstSwsConvertScale, gst_sws_convert_scale, GST_TYPE_BASE_TRANSFORM)
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
    const std::lock_guard lock(priv.lock);
    properties[id - 1].set(priv.settings, value);
    priv.changed = true; // the streaming thread makes a new converter before the next frame
}

static void gst_sws_convert_scale_get_property(GObject* object, guint id, GValue* value, GParamSpec*) {
    auto& priv = priv_of(object);
    const std::lock_guard lock(priv.lock);
    properties[id - 1].get(priv.settings, value);
}

static GstCaps* gst_sws_convert_scale_transform_caps(GstBaseTransform* trans, GstPadDirection direction, GstCaps* caps,
                                                     GstCaps* filter) {
    return guard_quiet(GST_OBJECT(trans), static_cast<GstCaps*>(nullptr),
                       [&] { return transform_caps(direction, caps, filter); });
}

static GstCaps* gst_sws_convert_scale_fixate_caps(GstBaseTransform* trans, GstPadDirection direction, GstCaps* caps,
                                                  GstCaps* othercaps) {
    return guard(GST_ELEMENT(trans), static_cast<GstCaps*>(nullptr), [&] {
        GstCaps* fixed = fixate_caps(direction, caps, othercaps);
        GST_DEBUG_OBJECT(trans, "%" GST_PTR_FORMAT " becomes %" GST_PTR_FORMAT, static_cast<void*>(caps),
                         static_cast<void*>(fixed));
        return fixed;
    });
}

/// Nothing changes for the frames: neither a pixel nor the shape of one.
static bool passes_through(const State& state, const ConversionPlan& plan) {
    return plan.spec.is_copy() && plan.spec.dst.width == plan.frame_width &&
           plan.spec.dst.height == plan.frame_height &&
           GST_VIDEO_INFO_FORMAT(&state.in) == GST_VIDEO_INFO_FORMAT(&state.out) &&
           Rational(GST_VIDEO_INFO_PAR_N(&state.in), GST_VIDEO_INFO_PAR_D(&state.in)) ==
               Rational(GST_VIDEO_INFO_PAR_N(&state.out), GST_VIDEO_INFO_PAR_D(&state.out));
}

static Settings take_settings(GstSwsConvertScalePrivate& priv) {
    const std::lock_guard lock(priv.lock);
    priv.changed = false;
    return priv.settings;
}

static void set_pointer_map(GstSwsConvertScalePrivate& priv, const ConversionPlan& plan) {
    const std::lock_guard lock(priv.lock);
    priv.pointer_map = PictureMap{plan.picture, plan.spec.src.width, plan.spec.src.height};
}

/// Settings that change while playing take effect between two frames. When libswscale refuses them the converter stays
/// and every frame is refused until the settings change again.
static void follow_settings(GstSwsConvertScalePrivate& priv, State& state) {
    {
        const std::lock_guard lock(priv.lock);
        if (!priv.changed) return;
    }
    try {
        const ConversionPlan plan = make_plan(state.in, state.out, take_settings(priv));
        state.converter = std::make_unique<Converter>(plan);
        set_pointer_map(priv, plan);
    } catch (...) {
        const std::lock_guard lock(priv.lock);
        priv.changed = true;
        throw;
    }
}

static void warn_about_colour(GstBaseTransform* trans, const State& state) {
    bool& warned = priv_of(trans).warned_of_colour;
    if (warned || !colour_stays(state.in, state.out)) return;
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
}

static void read_caps(GstVideoInfo& info, GstCaps* caps) {
    if (gst_video_info_from_caps(&info, caps)) return;
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
        if (gst_caps_is_equal(incaps, outcaps) || !is_system_memory(gst_caps_get_features(incaps, 0))) {
            drop_state(priv);
            gst_base_transform_set_passthrough(trans, TRUE);
            priv.refused_in.reset();
            return TRUE;
        }
        auto state = std::make_unique<State>();
        read_caps(state->in, incaps);
        read_caps(state->out, outcaps);
        const ConversionPlan plan = make_plan(state->in, state->out, take_settings(priv));
        const bool pass = passes_through(*state, plan);
        if (!pass) state->converter = std::make_unique<Converter>(plan);
        set_pointer_map(priv, plan);
        warn_about_colour(trans, *state);
        gst_base_transform_set_passthrough(trans, pass);
        priv.state = std::move(state);
        priv.refused_in.reset();
        return TRUE;
    });
}

static gboolean gst_sws_convert_scale_stop(GstBaseTransform* trans) {
    drop_state(priv_of(trans));
    priv_of(trans).warned_of_colour = false;
    priv_of(trans).refused_in.reset();
    return TRUE;
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

/// A buffer without GstVideoMeta may be padded to pages or macroblocks; twice the picture is another picture.
constexpr gsize allocator_rounding = 65536;

/// The buffer's own geometry must be the caps': checked before anything is mapped, so that no row is read that is not
/// there ("Slice parameters 0, 2160 are invalid" was this mistake found too late).
static void check_geometry(const GstVideoInfo& info, GstBuffer* buffer) {
    const std::string size = size_text(GST_VIDEO_INFO_WIDTH(&info), GST_VIDEO_INFO_HEIGHT(&info));
    if (const GstVideoMeta* meta = gst_buffer_get_video_meta(buffer)) {
        const bool same = static_cast<int>(meta->width) == GST_VIDEO_INFO_WIDTH(&info) &&
                          static_cast<int>(meta->height) == GST_VIDEO_INFO_HEIGHT(&info) &&
                          meta->format == GST_VIDEO_INFO_FORMAT(&info);
        if (!same)
            throw sws::error(Msg::geometry_mismatch,
                             {size, GST_VIDEO_INFO_NAME(&info),
                              size_text(static_cast<int>(meta->width), static_cast<int>(meta->height)),
                              gst_video_format_to_string(meta->format)});
        return;
    }
    const gsize there = gst_buffer_get_size(buffer), needed = GST_VIDEO_INFO_SIZE(&info);
    const bool too_large = there > 2 * needed + allocator_rounding;
    if (there < needed || too_large)
        throw sws::error(too_large ? Msg::frame_too_large : Msg::frame_too_small,
                         {size, GST_VIDEO_INFO_NAME(&info), std::to_string(needed), std::to_string(there)});
}

/// A mapped frame as the engine sees it. `room` ends at the next plane of the same memory when `exclusive` (writing),
/// else at the end of the memory, allocator's padding included: a read may run into the next plane, a write not.
static FrameView view_of(const GstVideoFrame& frame, const gstav::PixelFormat& format, bool exclusive) {
    FrameView view;
    view.planes = format.planes;
    const auto plane = [&](guint i) { return static_cast<uint8_t*>(GST_VIDEO_FRAME_PLANE_DATA(&frame, i)); };
    const guint planes = GST_VIDEO_FRAME_N_PLANES(&frame);
    for (size_t i = 0; i < static_cast<size_t>(format.planes); ++i) {
        const guint g = static_cast<guint>(format.gst_plane[i]);
        const GstMapInfo& map = frame.map[frame.meta ? g : 0];
        const uint8_t* end = map.data + map.maxsize;
        for (guint other = 0; exclusive && other < planes; ++other)
            if (plane(other) > plane(g) && plane(other) < end) end = plane(other);
        view.plane[i] = {plane(g), GST_VIDEO_FRAME_PLANE_STRIDE(&frame, g), static_cast<size_t>(end - plane(g))};
    }
    return view;
}

static GstFlowReturn gst_sws_convert_scale_transform(GstBaseTransform* trans, GstBuffer* inbuf, GstBuffer* outbuf) {
    return guard(GST_ELEMENT(trans), GST_FLOW_ERROR, [&] {
        auto& priv = priv_of(trans);
        State& state = *priv.state;
        check_geometry(state.in, inbuf);
        follow_settings(priv, state);
        const gst::VideoFrameMap in(state.in, inbuf, GST_MAP_READ), out(state.out, outbuf, GST_MAP_WRITE);
        for (const auto& [map, info] : {std::pair{&in, &state.in}, std::pair{&out, &state.out}})
            if (!*map)
                throw sws::error(Msg::unmappable, {size_text(GST_VIDEO_INFO_WIDTH(info), GST_VIDEO_INFO_HEIGHT(info)),
                                                   GST_VIDEO_INFO_NAME(info)});
        state.converter->convert(
            view_of(in.frame(), *gstav::find_pixel_format(GST_VIDEO_INFO_FORMAT(&state.in)), false),
            view_of(out.frame(), *gstav::find_pixel_format(GST_VIDEO_INFO_FORMAT(&state.out)), true));
        return GST_FLOW_OK;
    });
}

/// Where a pointer in the output lies in the input: borders are taken off, the rest is scaled.
static gboolean gst_sws_convert_scale_src_event(GstBaseTransform* trans, GstEvent* event) {
    gdouble x = 0, y = 0;
    if (GST_EVENT_TYPE(event) == GST_EVENT_NAVIGATION && gst_navigation_event_get_coordinates(event, &x, &y)) {
        auto& priv = priv_of(trans);
        const std::lock_guard lock(priv.lock);
        if (const auto& map = priv.pointer_map) {
            event = gst_event_make_writable(event);
            gst_navigation_event_set_coordinates(event, (x - map->picture.x) * map->source_width / map->picture.width,
                                                 (y - map->picture.y) * map->source_height / map->picture.height);
        }
    }
    return GST_BASE_TRANSFORM_CLASS(gst_sws_convert_scale_parent_class)->src_event(trans, event);
}

/// Metas about the time or the whole stream go along. Those that hold positions are scaled where the picture fills the
/// frame and left out where borders move it; those that describe the pixels themselves no longer fit.
static gboolean gst_sws_convert_scale_transform_meta(GstBaseTransform* trans, GstBuffer* outbuf, GstMeta* meta,
                                                     GstBuffer* inbuf) {
    const GstMetaInfo* info = meta->info;
    const gchar* const* tags = gst_meta_api_type_get_tags(info->api);
    if (!tags || !*tags) return TRUE;
    const auto has = [&](const char* tag) { return gst_meta_api_type_has_tag(info->api, g_quark_from_string(tag)); };
    if (has(GST_META_TAG_MEMORY_STR) || has(GST_META_TAG_VIDEO_COLORSPACE_STR)) return FALSE;
    if (!has(GST_META_TAG_VIDEO_SIZE_STR)) return TRUE;
    State* state = priv_of(trans).state.get();
    if (!state || !state->converter || !info->transform_func) return FALSE;
    const ConversionPlan& plan = state->converter->plan();
    if (plan.picture != Rect{0, 0, plan.frame_width, plan.frame_height}) return FALSE;
    GstVideoMetaTransform scale = {&state->in, &state->out};
    info->transform_func(outbuf, meta, inbuf, gst_video_meta_transform_scale_get_quark(), &scale);
    return FALSE; // done here: nothing more to copy
}

static void gst_sws_convert_scale_class_init(GstSwsConvertScaleClass* klass) {
    auto* object_class = G_OBJECT_CLASS(klass);
    auto* element_class = GST_ELEMENT_CLASS(klass);
    auto* trans_class = GST_BASE_TRANSFORM_CLASS(klass);
    GST_DEBUG_CATEGORY_INIT(gst_sws_convert_scale_debug, "swsconvertscale", 0, "scaling through libswscale");

    object_class->finalize = gst_sws_convert_scale_finalize;
    object_class->set_property = gst_sws_convert_scale_set_property;
    object_class->get_property = gst_sws_convert_scale_get_property;
    gst::install_properties(object_class, properties);

    const gst::CapsPtr caps(template_caps());
    gst_element_class_add_pad_template(element_class,
                                       gst_pad_template_new("sink", GST_PAD_SINK, GST_PAD_ALWAYS, caps.get()));
    gst_element_class_add_pad_template(element_class,
                                       gst_pad_template_new("src", GST_PAD_SRC, GST_PAD_ALWAYS, caps.get()));
    gst_element_class_set_static_metadata(
        element_class, "Video scaler and converter (libswscale)", "Filter/Converter/Video/Scaler/Colorspace",
        "Scales video and converts its format, range and matrix through libswscale", ONAIR_AUTHOR);
    gst_element_class_add_static_metadata(element_class, GST_ELEMENT_METADATA_DOC_URI,
                                          ONAIR_DOC_URI "/swsconvertscale.md");

    trans_class->transform_caps = GST_DEBUG_FUNCPTR(gst_sws_convert_scale_transform_caps);
    trans_class->fixate_caps = GST_DEBUG_FUNCPTR(gst_sws_convert_scale_fixate_caps);
    trans_class->set_caps = GST_DEBUG_FUNCPTR(gst_sws_convert_scale_set_caps);
    trans_class->stop = GST_DEBUG_FUNCPTR(gst_sws_convert_scale_stop);
    trans_class->transform_size = GST_DEBUG_FUNCPTR(gst_sws_convert_scale_transform_size);
    trans_class->propose_allocation = GST_DEBUG_FUNCPTR(gst_sws_convert_scale_propose_allocation);
    trans_class->decide_allocation = GST_DEBUG_FUNCPTR(gst_sws_convert_scale_decide_allocation);
    trans_class->transform = GST_DEBUG_FUNCPTR(gst_sws_convert_scale_transform);
    trans_class->src_event = GST_DEBUG_FUNCPTR(gst_sws_convert_scale_src_event);
    trans_class->transform_meta = GST_DEBUG_FUNCPTR(gst_sws_convert_scale_transform_meta);
    trans_class->passthrough_on_same_caps = FALSE;
}

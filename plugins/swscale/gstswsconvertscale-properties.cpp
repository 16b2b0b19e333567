// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "common/gst/enum_type.hpp"
#include "common/gst/property.hpp"
#include "gstswsconvertscale-private.hpp"

#include <array>

namespace onair::sws {

namespace {

GType method_type() {
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

GType engine_type() {
    static const GEnumValue values[] = {
        {static_cast<gint>(Engine::automatic), "The fastest way that is exact: own passes and libswscale", "auto"},
        {static_cast<gint>(Engine::swscale), "libswscale alone, as ffmpeg's scale filter", "swscale"},
        {0, nullptr, nullptr}};
    return gst::register_enum("GstSwsConvertScaleEngine", values);
}

GType hdr_type() {
    static const GEnumValue values[] = {
        {static_cast<gint>(Hdr::automatic), "Display light, with a tone curve where the output is darker", "auto"},
        {static_cast<gint>(Hdr::clip), "Display light, cut off where the output ends", "clip"},
        {static_cast<gint>(Hdr::off), "The formulas of the transfer functions alone", "off"},
        {0, nullptr, nullptr}};
    return gst::register_enum("GstSwsConvertScaleHdr", values);
}

GType fit_type() {
    static const GEnumValue values[] = {
        {static_cast<gint>(FitSetting::automatic), "As add-borders says: contain or fill", "auto"},
        {static_cast<gint>(FitSetting::fill), "The picture is stretched over the frame", "fill"},
        {static_cast<gint>(FitSetting::contain), "All of the picture, borders around it", "contain"},
        {static_cast<gint>(FitSetting::cover), "No borders, what does not fit is cut off", "cover"},
        {static_cast<gint>(FitSetting::none), "Pixel for pixel in the middle", "none"},
        {0, nullptr, nullptr}};
    return gst::register_enum("GstSwsConvertScaleFit", values);
}

// Types of GStreamer's own library: an application sets GST_VIDEO_DITHER_BAYER and the like on either element.
GType dither_type() { return GST_TYPE_VIDEO_DITHER_METHOD; }
GType resampler_type() { return GST_TYPE_VIDEO_RESAMPLER_METHOD; }
GType chroma_mode_type() { return GST_TYPE_VIDEO_CHROMA_MODE; }
GType alpha_mode_type() { return GST_TYPE_VIDEO_ALPHA_MODE; }
GType matrix_mode_type() { return GST_TYPE_VIDEO_MATRIX_MODE; }
GType gamma_mode_type() { return GST_TYPE_VIDEO_GAMMA_MODE; }
GType primaries_mode_type() { return GST_TYPE_VIDEO_PRIMARIES_MODE; }

using Row = gst::Property<Settings>;
constexpr int live = GST_PARAM_MUTABLE_PLAYING | GST_PARAM_CONTROLLABLE;

template <auto Member, GType (*Type)()>
constexpr gst::EnumField<Settings> choice() {
    return gst::enum_field<Settings, Member, Type>();
}

const std::array<Row, 24> settings_table{{
    {.field = choice<&Settings::method, method_type>(),
     .name = "method",
     .nick = "Method",
     .blurb = "Scaling kernel; 0 to 9 are the names and numbers of videoconvertscale, the others libswscale's own",
     .flags = live},
    {.field = &Settings::n_threads,
     .name = "n-threads",
     .nick = "Threads",
     .blurb = "Largest number of threads that work on one frame; 0 takes the number of cores, fewer for small frames",
     .flags = live},
    {.field = &Settings::add_borders,
     .name = "add-borders",
     .nick = "Add borders",
     .blurb = "Keep the picture's aspect ratio by black borders where the caps do not allow it otherwise; "
              "false stretches the picture",
     .flags = live},
    {.field = choice<&Settings::engine, engine_type>(),
     .name = "engine",
     .nick = "Engine",
     .blurb = "What converts: auto is exact for every format; swscale is libswscale alone, byte for byte what ffmpeg's "
              "scale filter makes",
     .flags = live},
    {.field = choice<&Settings::dither, dither_type>(),
     .name = "dither",
     .nick = "Dither",
     .blurb = "How rounding is hidden where the output has fewer bits than the input",
     .flags = live},
    {.field = &Settings::dither_quantization,
     .name = "dither-quantization",
     .nick = "Dither quantization",
     .blurb = "Output values are multiples of this number; 0 and 1 take all values",
     .flags = live},
    {.field = choice<&Settings::chroma_resampler, resampler_type>(),
     .name = "chroma-resampler",
     .nick = "Chroma resampler",
     .blurb = "Kernel that moves chroma to another grid where the picture keeps its size",
     .flags = live},
    {.field = choice<&Settings::chroma_mode, chroma_mode_type>(),
     .name = "chroma-mode",
     .nick = "Chroma mode",
     .blurb = "Which chroma moves are filtered; the others take the nearest sample",
     .flags = live},
    {.field = choice<&Settings::alpha_mode, alpha_mode_type>(),
     .name = "alpha-mode",
     .nick = "Alpha mode",
     .blurb = "Alpha is copied, set to alpha-value, or multiplied by it",
     .flags = live},
    {.field = &Settings::alpha_value,
     .name = "alpha-value",
     .nick = "Alpha value",
     .blurb = "Alpha for alpha-mode=set and mult; 1 is opaque",
     .minimum = 0,
     .maximum = 1,
     .flags = live},
    {.field = choice<&Settings::matrix_mode, matrix_mode_type>(),
     .name = "matrix-mode",
     .nick = "Matrix mode",
     .blurb = "Which of the two YUV matrices are applied",
     .flags = live},
    {.field = choice<&Settings::gamma_mode, gamma_mode_type>(),
     .name = "gamma-mode",
     .nick = "Gamma mode",
     .blurb = "remap converts the transfer function where the caps differ (and primaries in linear light); none leaves "
              "it",
     .flags = live},
    {.field = choice<&Settings::primaries_mode, primaries_mode_type>(),
     .name = "primaries-mode",
     .nick = "Primaries mode",
     .blurb = "fast converts the primaries where the caps differ; merge-only does where the transfer function is "
              "converted as well; none leaves them",
     .flags = live},
    {.field = choice<&Settings::hdr, hdr_type>(),
     .name = "hdr",
     .nick = "HDR",
     .blurb = "How light is kept between PQ, HLG and other transfer functions; needs gamma-mode=remap",
     .flags = live},
    {.field = &Settings::sharpness,
     .name = "sharpness",
     .nick = "Sharpness",
     .blurb = "Scaling kernels are narrower by this factor; other values than 1 take the slower own scaler",
     .minimum = 0.5,
     .maximum = 1.5,
     .flags = live},
    {.field = &Settings::sharpen,
     .name = "sharpen",
     .nick = "Sharpen",
     .blurb = "How much of the surroundings is taken away when scaling; other values than 0 take the slower own scaler",
     .minimum = 0,
     .maximum = 1,
     .flags = live},
    {.field = &Settings::envelope,
     .name = "envelope",
     .nick = "Envelope",
     .blurb = "Lobes of the kernels sinc and lanczos; at 2 method=lanczos has its usual three when scaling",
     .minimum = 1,
     .maximum = 5,
     .flags = live},
    {.field = choice<&Settings::fit, fit_type>(),
     .name = "fit",
     .nick = "Fit",
     .blurb = "How the picture fits a frame of another shape; auto is contain, and fill with add-borders=false",
     .flags = live},
    {.field = &Settings::border_color,
     .name = "border-color",
     .nick = "Border color",
     .blurb = "Colour of borders as ARGB (0xAARRGGBB) of BT.709, converted to the colour space of the output",
     .flags = live},
    {.field = &Settings::crop_left,
     .name = "crop-left",
     .nick = "Crop left",
     .blurb = "Pixels of the source's frame that are cut off at its left before it is turned and scaled",
     .minimum = 0,
     .maximum = G_MAXINT / 2,
     .flags = live},
    {.field = &Settings::crop_top,
     .name = "crop-top",
     .nick = "Crop top",
     .blurb = "Pixels of the source's frame that are cut off at its top before it is turned and scaled",
     .minimum = 0,
     .maximum = G_MAXINT / 2,
     .flags = live},
    {.field = &Settings::crop_right,
     .name = "crop-right",
     .nick = "Crop right",
     .blurb = "Pixels of the source's frame that are cut off at its right before it is turned and scaled",
     .minimum = 0,
     .maximum = G_MAXINT / 2,
     .flags = live},
    {.field = &Settings::crop_bottom,
     .name = "crop-bottom",
     .nick = "Crop bottom",
     .blurb = "Pixels of the source's frame that are cut off at its bottom before it is turned and scaled",
     .minimum = 0,
     .maximum = G_MAXINT / 2,
     .flags = live},
    {.field = &Settings::size_multiple,
     .name = "size-multiple",
     .nick = "Size multiple",
     .blurb = "Width and height that the caps leave open become multiples of this number (encoders want 2, 8 or 16)",
     .minimum = 1,
     .maximum = 1024,
     .flags = live},
}};
constexpr guint settings_count = 24; // of the table
constexpr guint plan_id = settings_count + 1, stats_id = settings_count + 2,
                direction_id = settings_count + 3; // GstVideoDirection's

GstStructure* stage_structure(const Converter::Running& r) {
    return gst_structure_new("stage", "kind", G_TYPE_STRING, stage_kind_name(r.stage.kind), "in", G_TYPE_STRING,
                             describe(r.stage.in).c_str(), "out", G_TYPE_STRING, describe(r.stage.out).c_str(),
                             "threads", G_TYPE_UINT, r.threads, "bounced-rows-in", G_TYPE_UINT64,
                             static_cast<guint64>(r.bounced_in), "bounced-rows-out", G_TYPE_UINT64,
                             static_cast<guint64>(r.bounced_out), "why", G_TYPE_STRING, r.stage.why.c_str(), nullptr);
}

GstStructure* plan_structure(const Settings& settings, const Report& report) {
    GstStructure* plan =
        gst_structure_new("plan", "engine", engine_type(), static_cast<gint>(settings.engine), nullptr);
    GValue stages = G_VALUE_INIT;
    gst_value_array_init(&stages, 0);
    for (const auto& running : report.stages) {
        GValue value = G_VALUE_INIT;
        g_value_init(&value, GST_TYPE_STRUCTURE);
        g_value_take_boxed(&value, stage_structure(running));
        gst_value_array_append_and_take_value(&stages, &value);
    }
    gst_structure_take_value(plan, "stages", &stages);
    return plan;
}

GstStructure* stats_structure(const Report& report) {
    return gst_structure_new("stats", "frames", G_TYPE_UINT64, static_cast<guint64>(report.times.frames()), "mean-ms",
                             G_TYPE_DOUBLE, report.times.mean(), "p99-ms", G_TYPE_DOUBLE, report.times.p99(), nullptr);
}

} // namespace

const char* stage_kind_name(Stage::Kind kind) {
    constexpr const char* names[] = {"copy", "own", "swscale", "turn", "fast"};
    return names[static_cast<int>(kind)];
}

void install_properties(GObjectClass* klass) {
    for (guint id = 1; id <= settings_count; ++id)
        g_object_class_install_property(klass, id, settings_table[id - 1].spec());
    const auto shown = static_cast<GParamFlags>(G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
    g_object_class_install_property(
        klass, plan_id,
        g_param_spec_boxed("plan", "Plan",
                           "How frames are converted: stages with their formats, threads, reasons, and the rows that "
                           "were copied because libswscale could not touch them where they lay; none: passing through",
                           GST_TYPE_STRUCTURE, shown));
    g_object_class_install_property(klass, stats_id,
                                    g_param_spec_boxed("stats", "Statistics",
                                                       "Frames converted since the start, and milliseconds for each",
                                                       GST_TYPE_STRUCTURE, shown));
    g_object_class_override_property(klass, direction_id, "video-direction");
}

void set_property(Settings& settings, guint id, const GValue* value) {
    if (id == direction_id)
        settings.direction = static_cast<GstVideoOrientationMethod>(g_value_get_enum(value));
    else
        settings_table[id - 1].set(settings, value);
}

void get_property(const Settings& settings, const Report& report, guint id, GValue* value) {
    if (id == plan_id)
        g_value_take_boxed(value, plan_structure(settings, report));
    else if (id == stats_id)
        g_value_take_boxed(value, stats_structure(report));
    else if (id == direction_id)
        g_value_set_enum(value, settings.direction);
    else
        settings_table[id - 1].get(settings, value);
}

} // namespace onair::sws

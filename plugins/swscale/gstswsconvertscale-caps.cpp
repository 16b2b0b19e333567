// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "common/gst/ref_ptr.hpp"
#include "engine/field_converter.hpp"
#include "engine/format_loss.hpp"
#include "engine/geometry.hpp"
#include "gstswsconvertscale-formats.hpp"
#include "gstswsconvertscale-private.hpp"

#include <algorithm>
#include <climits>
#include <numeric>
#include <vector>

namespace onair::sws {

using gst::CapsPtr;
using gst::CharPtr;

bool is_system_memory(const GstCapsFeatures* features) {
    if (!features || gst_caps_features_is_equal(features, GST_CAPS_FEATURES_MEMORY_SYSTEM_MEMORY)) return true;
    // Alternate fields, overlays and the like: the feature says what lies beside the pixels, not which memory it is.
    if (gst_caps_features_is_any(features)) return false;
    for (guint i = 0; i < gst_caps_features_get_size(features); ++i) {
        const gchar* feature = gst_caps_features_get_nth(features, i);
        if (!g_str_equal(feature, GST_CAPS_FEATURE_FORMAT_INTERLACED) && !g_str_has_prefix(feature, "meta:") &&
            !g_str_equal(feature, GST_CAPS_FEATURE_MEMORY_SYSTEM_MEMORY))
            return false;
    }
    return true;
}

namespace {

/// Two fields in one frame, at times at least; alternate fields are pictures of their own.
bool is_interlaced(const GstStructure* s) {
    const gchar* mode = gst_structure_get_string(s, "interlace-mode");
    return mode && !g_str_equal(mode, "progressive") && !g_str_equal(mode, "alternate");
}

/// What the caps say of the light of the material; true as long as its transfer function stays.
constexpr const char* light_fields[] = {"mastering-display-info", "content-light-level"};

/// The same video in any format, size and pixel shape. The interlace mode stays: nothing is deinterlaced here.
void loosen(GstStructure* s) {
    gst_structure_remove_fields(s, "format", "colorimetry", "chroma-site", nullptr);
    for (const char* field : light_fields)
        gst_structure_remove_field(s, field);
    gst_structure_set(s, "width", GST_TYPE_INT_RANGE, 1, G_MAXINT, "height", GST_TYPE_INT_RANGE, 1, G_MAXINT, nullptr);
    if (gst_structure_has_field(s, "pixel-aspect-ratio"))
        gst_structure_set(s, "pixel-aspect-ratio", GST_TYPE_FRACTION_RANGE, 1, G_MAXINT, G_MAXINT, 1, nullptr);
}

/// Calls `take` for the value itself or for each value of a list.
template <class F>
void for_each_value(const GValue* value, F&& take) {
    if (!value) return;
    if (!GST_VALUE_HOLDS_LIST(value)) return take(value);
    for (guint i = 0; i < gst_value_list_get_size(value); ++i)
        take(gst_value_list_get_value(value, i));
}

IntChoice int_choice(const GstStructure* s, const char* field) {
    std::vector<IntRange> ranges;
    for_each_value(gst_structure_get_value(s, field), [&](const GValue* v) {
        if (G_VALUE_HOLDS_INT(v))
            ranges.push_back({g_value_get_int(v), g_value_get_int(v)});
        else if (GST_VALUE_HOLDS_INT_RANGE(v))
            ranges.push_back({gst_value_get_int_range_min(v), gst_value_get_int_range_max(v)});
    });
    return IntChoice(std::move(ranges));
}

Rational fraction(const GValue* v) {
    return {gst_value_get_fraction_numerator(v), gst_value_get_fraction_denominator(v)};
}

RatioChoice ratio_choice(const GstStructure* s, const char* field) {
    std::vector<RatioRange> ranges;
    for_each_value(gst_structure_get_value(s, field), [&](const GValue* v) {
        if (GST_VALUE_HOLDS_FRACTION(v) && fraction(v) > Rational(0)) // 0/1 means unknown
            ranges.push_back({fraction(v), fraction(v)});
        else if (GST_VALUE_HOLDS_FRACTION_RANGE(v))
            ranges.push_back(
                {fraction(gst_value_get_fraction_range_min(v)), fraction(gst_value_get_fraction_range_max(v))});
    });
    return RatioChoice(std::move(ranges));
}

Size size_of(const GstStructure* s) {
    Size size;
    gst_structure_get_int(s, "width", &size.width);
    gst_structure_get_int(s, "height", &size.height);
    gint num = 1, den = 1;
    if (gst_structure_get_fraction(s, "pixel-aspect-ratio", &num, &den) && num > 0 && den > 0) size.par = {num, den};
    return size;
}

/// The picture's size without scaling.
Size natural_size(Size size, const GstVideoInfo& in, const Format& format, const Settings& s) {
    const SourceFrame frame = whole_frame(in);
    const Rect crop = crop_of(in, format, frame, s);
    size.width -= frame.width - crop.width;
    size.height -= (frame.height - crop.height) * (size.height / frame.height); // two fields, when they alternate
    return turned(size, orientation_of(s.direction));
}

Size rounded(Size size, int multiple) {
    size.width = nearest_multiple(size.width, multiple, {});
    size.height = nearest_multiple(size.height, multiple, {});
    return size;
}

/// The best choice so far among formats that the other side offers.
struct FormatChoice {
    guint structure = 0;
    GstVideoFormat format = GST_VIDEO_FORMAT_UNKNOWN;
    int loss = INT_MAX;
};

/// What loses least of `source`; of equals the one that stands first.
FormatChoice choose_format(const GstCaps* caps, const Format& source) {
    FormatChoice best;
    for (guint i = 0; i < gst_caps_get_size(caps); ++i) {
        if (!is_system_memory(gst_caps_get_features(caps, i))) continue;
        for_each_value(gst_structure_get_value(gst_caps_get_structure(caps, i), "format"), [&](const GValue* v) {
            if (!G_VALUE_HOLDS_STRING(v)) return;
            const GstVideoFormat gst = gst_video_format_from_string(g_value_get_string(v));
            const FormatPtr candidate = find_format(gst);
            if (!candidate) return;
            const int loss = conversion_loss(source, *candidate);
            if (loss < best.loss) best = {i, gst, loss};
        });
    }
    return best;
}

/// Colour travels with the picture: YUV to YUV keeps all of it; between RGB and YUV primaries and transfer stay and the
/// matrix follows the primaries, as videoconvertscale has it.
std::string colorimetry_for(const GstVideoInfo& in, GstVideoFormat out_format, const Size& size) {
    GstVideoInfo out;
    gst_video_info_init(&out);
    if (!gst_video_info_set_format(&out, out_format, static_cast<guint>(size.width), static_cast<guint>(size.height)))
        return {};
    GstVideoColorimetry colour = out.colorimetry;
    const bool same_kind = GST_VIDEO_INFO_IS_YUV(&in) == GST_VIDEO_INFO_IS_YUV(&out) &&
                           GST_VIDEO_INFO_IS_RGB(&in) == GST_VIDEO_INFO_IS_RGB(&out);
    if (same_kind) {
        colour = in.colorimetry;
    } else {
        colour.primaries = in.colorimetry.primaries;
        colour.transfer = in.colorimetry.transfer;
        if (GST_VIDEO_INFO_IS_YUV(&out)) {
            if (colour.primaries == GST_VIDEO_COLOR_PRIMARIES_BT2020)
                colour.matrix = GST_VIDEO_COLOR_MATRIX_BT2020;
            else if (colour.primaries == GST_VIDEO_COLOR_PRIMARIES_BT709)
                colour.matrix = GST_VIDEO_COLOR_MATRIX_BT709;
        } else if (GST_VIDEO_INFO_IS_GRAY(&out) && GST_VIDEO_INFO_IS_YUV(&in)) {
            colour.matrix = in.colorimetry.matrix; // the luma that is there
        }
    }
    const CharPtr text(gst_video_colorimetry_to_string(&colour));
    return text ? text.get() : "";
}

/// A chroma site only says something about the same subsampling.
bool same_subsampling(const GstVideoInfo& in, GstVideoFormat out_format) {
    const GstVideoFormatInfo* out = gst_video_format_get_info(out_format);
    return GST_VIDEO_INFO_IS_YUV(&in) && GST_VIDEO_FORMAT_INFO_IS_YUV(out) &&
           GST_VIDEO_FORMAT_INFO_W_SUB(out, 1) == GST_VIDEO_FORMAT_INFO_W_SUB(in.finfo, 1) &&
           GST_VIDEO_FORMAT_INFO_H_SUB(out, 1) == GST_VIDEO_FORMAT_INFO_H_SUB(in.finfo, 1);
}

/// Fixes `field` to `wanted`, or to the nearest thing the structure allows.
void fix_string(GstStructure* s, const char* field, const std::string& wanted) {
    if (wanted.empty()) return;
    if (gst_structure_has_field(s, field))
        gst_structure_fixate_field_string(s, field, wanted.c_str());
    else
        gst_structure_set(s, field, G_TYPE_STRING, wanted.c_str(), nullptr);
}

/// Narrows colorimetry and chroma site, where there is a choice, to those of `in`.
void fix_colour(GstStructure* s, const GstVideoInfo& in) {
    const CharPtr colour(gst_video_colorimetry_to_string(&in.colorimetry));
    if (colour && gst_structure_has_field(s, "colorimetry"))
        gst_structure_fixate_field_string(s, "colorimetry", colour.get());
}

void fix_size(GstStructure* s, const Size& size) {
    gst_structure_set(s, "width", G_TYPE_INT, size.width, "height", G_TYPE_INT, size.height, nullptr);
    const bool square = size.par == Rational(1);
    if (!square || gst_structure_has_field(s, "pixel-aspect-ratio"))
        gst_structure_set(s, "pixel-aspect-ratio", GST_TYPE_FRACTION, static_cast<gint>(size.par.num),
                          static_cast<gint>(size.par.den), nullptr);
}

/// The transfer function stays (or is not known on either side): what was said of the light still holds.
void fix_light(GstStructure* s, GstCaps* caps) {
    const gchar* name = gst_structure_get_string(s, "colorimetry");
    GstVideoColorimetry out{};
    GstVideoInfo in;
    if (!name || !gst_video_colorimetry_from_string(&out, name) || !gst_video_info_from_caps(&in, caps)) return;
    if (out.transfer != in.colorimetry.transfer) return;
    for (const char* field : light_fields)
        if (const gchar* value = gst_structure_get_string(gst_caps_get_structure(caps, 0), field))
            fix_string(s, field, value);
}

} // namespace

double peak_of(GstCaps* caps) {
    double peak = 0;
    const auto take = [&](double light) {
        if (light > 0) peak = peak > 0 ? std::min(peak, light) : light;
    };
    GstVideoMasteringDisplayInfo display;
    if (gst_video_mastering_display_info_from_caps(&display, caps))
        take(display.max_display_mastering_luminance / 10000.0);
    GstVideoContentLightLevel content;
    if (gst_video_content_light_level_from_caps(&content, caps)) take(content.max_content_light_level);
    return peak > 0 ? std::clamp(peak, 1.0, 10000.0) : 1000;
}

GstCaps* template_caps() {
    GValue formats = G_VALUE_INIT;
    gst_value_list_init(&formats, 0);
    for (const GstVideoFormat format : raw_formats()) {
        if (!find_format(format)) continue;
        GValue name = G_VALUE_INIT;
        g_value_init(&name, G_TYPE_STRING);
        g_value_set_static_string(&name, gst_video_format_to_string(format));
        gst_value_list_append_and_take_value(&formats, &name);
    }
    GstCaps* caps =
        gst_caps_new_simple("video/x-raw", "width", GST_TYPE_INT_RANGE, 1, G_MAXINT, "height", GST_TYPE_INT_RANGE, 1,
                            G_MAXINT, "framerate", GST_TYPE_FRACTION_RANGE, 0, 1, G_MAXINT, 1, nullptr);
    gst_caps_set_value(caps, "format", &formats);
    // Frames in other memory pass through untouched; alternate fields in system memory are converted.
    GstCaps* any = gst_caps_copy(caps);
    gst_caps_set_features_simple(any, gst_caps_features_new_any());
    gst_caps_append(caps, any);
    g_value_unset(&formats);
    return caps;
}

GstCaps* transform_caps(GstPadDirection, GstCaps* caps, GstCaps* filter) {
    CapsPtr loose(gst_caps_new_empty());
    for (guint i = 0; i < gst_caps_get_size(caps); ++i) {
        GstCapsFeatures* features = gst_caps_get_features(caps, i);
        GstStructure* s = gst_structure_copy(gst_caps_get_structure(caps, i));
        if (is_system_memory(features)) loosen(s);
        gst_caps_append_structure_full(loose.get(), s, features ? gst_caps_features_copy(features) : nullptr);
    }
    loose.reset(gst_caps_simplify(loose.release()));
    if (!filter) return loose.release();
    return gst_caps_intersect_full(filter, loose.get(), GST_CAPS_INTERSECT_FIRST);
}

bool fixes_size(const GstCaps* caps) {
    const auto fixed = [](const GstStructure* s, const char* field) {
        const GValue* value = gst_structure_get_value(s, field);
        return value && G_VALUE_HOLDS_INT(value);
    };
    for (guint i = 0; i < gst_caps_get_size(caps); ++i) {
        const GstStructure* s = gst_caps_get_structure(caps, i);
        if (!fixed(s, "width") || !fixed(s, "height")) return false;
    }
    return true;
}

GstCaps* fixate_caps(GstPadDirection direction, GstCaps* caps, GstCaps* othercaps, const Settings& settings) {
    const CapsPtr others(othercaps);
    // Nothing needs to change: pass through.
    CapsPtr same(gst_caps_intersect_full(others.get(), caps, GST_CAPS_INTERSECT_FIRST));
    GstVideoInfo in;
    gst_video_info_init(&in);
    const bool raw = gst_video_info_from_caps(&in, caps);
    const Size whole = size_of(gst_caps_get_structure(caps, 0));
    const FormatPtr source = raw ? find_format(GST_VIDEO_INFO_FORMAT(&in)) : nullptr;
    const bool forwards = direction == GST_PAD_SINK;
    const int multiple = forwards ? static_cast<int>(settings.size_multiple) : 1;
    const Size natural = forwards && source ? natural_size(whole, in, *source, settings) : whole;
    // What is asked for is no longer the whole picture's size: the caps are chosen, not taken over.
    const Size from = rounded(natural, multiple);
    if (!gst_caps_is_empty(same.get()) && from == whole) {
        same.reset(gst_caps_truncate(same.release()));
        // What the source left open is what it means by default, where downstream allows that.
        if (raw) fix_colour(gst_caps_get_structure(same.get(), 0), in);
        return gst_caps_fixate(same.release());
    }

    const FormatChoice choice = source ? choose_format(others.get(), *source) : FormatChoice{};
    if (choice.format == GST_VIDEO_FORMAT_UNKNOWN) return gst_caps_fixate(gst_caps_copy(others.get()));

    const GstCapsFeatures* features = gst_caps_get_features(others.get(), choice.structure);
    GstStructure* s = gst_structure_copy(gst_caps_get_structure(others.get(), choice.structure));
    gst_structure_set(s, "format", G_TYPE_STRING, gst_video_format_to_string(choice.format), nullptr);

    SizeChoice allowed{int_choice(s, "width"), int_choice(s, "height"), ratio_choice(s, "pixel-aspect-ratio")};
    // A missing PAR upstream means square pixels; downstream it means that any will do.
    if (direction == GST_PAD_SRC && !gst_structure_has_field(s, "pixel-aspect-ratio"))
        allowed.par = RatioChoice::only(Rational(1));
    Size size = choose_size(from, allowed);
    // Where the height is open it becomes one that both fields share evenly.
    const bool fields = is_interlaced(gst_caps_get_structure(caps, 0)) && size.height != natural.height;
    const int rows = fields ? std::lcm(multiple, field_unit(*find_format(choice.format))) : multiple;
    const int even = nearest_multiple(size.height, rows, allowed.height);
    if (fields && even != size.height) {
        allowed.height = IntChoice::only(even);
        size = choose_size(from, allowed);
    }
    size.width = nearest_multiple(size.width, multiple, allowed.width);
    size.height = nearest_multiple(size.height, rows, allowed.height);
    fix_size(s, size);
    fix_string(s, "colorimetry", colorimetry_for(in, choice.format, size));
    const gchar* site = gst_structure_get_string(gst_caps_get_structure(caps, 0), "chroma-site");
    if (site && same_subsampling(in, choice.format)) fix_string(s, "chroma-site", site);

    fix_light(s, caps);

    GstCaps* fixed = gst_caps_new_empty();
    gst_caps_append_structure_full(fixed, s, features ? gst_caps_features_copy(features) : nullptr);
    return gst_caps_fixate(fixed);
}

} // namespace onair::sws

// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
// Changes while frames flow: properties, controllers, caps; passing through; lateness.
#include "common/gst/maps.hpp"
#include "sws_harness.hpp"
#include "sws_pictures.hpp"

#include <doctest/doctest.h>

#include <gst/controller/controller.h>

#include <cstring>
#include <map>
#include <random>
#include <string>
#include <vector>

using namespace onair;
using test::raw;
using test::SwsHarness;

namespace {

/// One property and the values that a change picks from; the first is the default.
struct Knob {
    const char* name;
    std::vector<const char*> values;
};
const Knob knobs[] = {
    {"method", {"bicubic", "bilinear", "lanczos", "nearest-neighbour", "area", "sinc"}},
    {"fit", {"auto", "fill", "contain", "cover", "none"}},
    {"add-borders", {"true", "false"}},
    {"border-color", {"0xff000000", "0xffe04020", "0x80ffffff"}},
    {"crop-left", {"0", "1", "8", "13"}},
    {"crop-top", {"0", "2", "5"}},
    {"crop-right", {"0", "4", "7"}},
    {"crop-bottom", {"0", "6", "11"}},
    {"size-multiple", {"1", "2", "16"}},
    {"video-direction", {"identity", "90r", "180", "horiz", "vert", "ul-lr", "90l", "ur-ll"}},
    {"dither", {"none", "bayer", "floyd-steinberg"}},
    {"dither-quantization", {"1", "4"}},
    {"chroma-resampler", {"linear", "nearest", "cubic"}},
    {"chroma-mode", {"full", "none"}},
    {"alpha-mode", {"copy", "set", "mult"}},
    {"alpha-value", {"1.0", "0.5"}},
    {"matrix-mode", {"full", "none"}},
    {"gamma-mode", {"remap", "none"}},
    {"primaries-mode", {"fast", "none"}},
    {"sharpness", {"1.0", "1.2"}},
    {"sharpen", {"0.0", "0.2"}},
    {"envelope", {"2.0", "3.0"}},
    {"n-threads", {"1", "2", "0"}},
    {"engine", {"auto"}},
};
const char* const formats[] = {"I420", "NV12", "UYVY", "BGRA", "I422_10LE", "GRAY8", "RGB16", "A420"};
const char* const sizes[] = {"width=64,height=48,pixel-aspect-ratio=1/1", "width=96,height=54,pixel-aspect-ratio=1/1",
                             "width=49,height=35,pixel-aspect-ratio=1/1",
                             "width=48,height=80,pixel-aspect-ratio=64/45"};

template <class Random>
size_t pick(Random& random, size_t count) {
    return std::uniform_int_distribution<size_t>(0, count - 1)(random);
}

/// All bytes of the picture.
std::vector<guint8> picture_of(const GstVideoInfo& info, GstBuffer* buffer) {
    const gst::VideoFrameMap map(info, buffer, GST_MAP_READ);
    std::vector<guint8> out;
    for (int y = 0; y < info.height; ++y) {
        std::vector<guint8> row(static_cast<size_t>(info.width + 64) * 8);
        gpointer data[GST_VIDEO_MAX_PLANES];
        gint stride[GST_VIDEO_MAX_PLANES];
        for (guint i = 0; i < GST_VIDEO_MAX_PLANES; ++i) {
            data[i] = map.frame().data[i];
            stride[i] = i < GST_VIDEO_INFO_N_PLANES(&info) ? GST_VIDEO_FRAME_PLANE_STRIDE(&map.frame(), i) : 0;
        }
        info.finfo->unpack_func(info.finfo, GST_VIDEO_PACK_FLAG_NONE, row.data(), data, stride, 0, y, info.width);
        const auto* unpacked = gst_video_format_get_info(info.finfo->unpack_format);
        const size_t pixel = GST_VIDEO_FORMAT_INFO_DEPTH(unpacked, 0) > 8 ? 8 : 4;
        out.insert(out.end(), row.begin(), row.begin() + static_cast<ptrdiff_t>(pixel) * info.width);
    }
    return out;
}

/// What a new element makes of the frame with these settings.
std::vector<guint8> made_anew(const std::string& settings, const std::string& in, const std::string& out,
                              GstBuffer* buffer, GstVideoInfo& info) {
    SwsHarness h(("swsconvertscale" + settings).c_str());
    h.caps(in, out);
    REQUIRE(h.push(gst_buffer_ref(buffer)) == GST_FLOW_OK);
    info = h.output();
    const gst::BufferPtr made = h.pull();
    return picture_of(info, made.get());
}

GstVideoInfo caps_info(const std::string& text) {
    GstVideoInfo info;
    const gst::CapsPtr caps(gst_caps_from_string(text.c_str()));
    gst_video_info_from_caps(&info, caps.get());
    return info;
}

} // namespace

TEST_CASE("1000 random changes of properties and caps: every frame is what a new element makes of it") {
    std::mt19937 random(20261124);
    SwsHarness h;
    std::map<std::string, std::string> settings;
    std::string in, out;
    gst::BufferPtr picture;
    const auto new_input = [&] {
        const char* format = formats[pick(random, std::size(formats))];
        const char* size = sizes[pick(random, std::size(sizes))];
        in = raw(std::string("format=") + format + "," + size + ",framerate=25/1");
        GstVideoInfo info = caps_info(in);
        picture.reset(gst_buffer_new_allocate(nullptr, GST_VIDEO_INFO_SIZE(&info), nullptr));
        const gst::BufferMap map(picture.get(), GST_MAP_WRITE);
        for (guint8& byte : map.bytes())
            byte = static_cast<guint8>(random());
        gst_harness_set_src_caps_str(h.get(), in.c_str());
    };
    const auto new_output = [&] {
        out = raw(std::string("format=") + formats[pick(random, std::size(formats))]);
        if (pick(random, 4) > 0) out += std::string(",") + sizes[pick(random, std::size(sizes))];
        gst_harness_set_sink_caps_str(h.get(), out.c_str());
    };
    const auto set = [&](const Knob& knob, const char* value) {
        settings[knob.name] = value;
        gst_util_set_object_arg(G_OBJECT(h.element()), knob.name, value);
    };
    new_output();
    new_input();
    int different = 0, passed = 0;
    for (int i = 0; i < 1000; ++i) {
        const size_t what = pick(random, 16);
        if (what == 0)
            new_input();
        else if (what == 1)
            new_output();
        else if (what == 2) // back to the defaults
            for (const Knob& knob : knobs)
                set(knob, knob.values[0]);
        else {
            const Knob& knob = knobs[pick(random, std::size(knobs))];
            set(knob, knob.values[pick(random, knob.values.size())]);
        }
        std::string line;
        for (const auto& [name, value] : settings)
            line += " " + name + "=" + value;
        CAPTURE(i);
        CAPTURE(line);
        CAPTURE(in);
        CAPTURE(out);
        REQUIRE(h.push(gst_buffer_ref(picture.get())) == GST_FLOW_OK);
        const gst::BufferPtr made = h.pull();
        REQUIRE(made);
        passed += made.get() == picture.get();
        const GstVideoInfo is = h.output();
        GstVideoInfo wanted;
        const auto pixels = made_anew(line, in, out, picture.get(), wanted);
        REQUIRE(GST_VIDEO_INFO_WIDTH(&is) == GST_VIDEO_INFO_WIDTH(&wanted));
        REQUIRE(GST_VIDEO_INFO_HEIGHT(&is) == GST_VIDEO_INFO_HEIGHT(&wanted));
        REQUIRE(gst_video_info_is_equal(&is, &wanted));
        const bool same = picture_of(is, made.get()) == pixels;
        different += !same;
        CHECK(same);
    }
    CHECK(different == 0);
    CHECK(h.errors().empty());
    CHECK(h.warnings().empty());
    MESSAGE("frames that passed untouched: " << passed);
}

TEST_CASE("controlled properties have their values of each frame") {
    SwsHarness h("swsconvertscale method=nearest-neighbour");
    GstControlSource* source = gst_interpolation_control_source_new();
    g_object_set(source, "mode", GST_INTERPOLATION_MODE_LINEAR, nullptr);
    gst_object_add_control_binding(
        GST_OBJECT(h.element()), gst_direct_control_binding_new_absolute(GST_OBJECT(h.element()), "crop-left", source));
    gst_timed_value_control_source_set(GST_TIMED_VALUE_CONTROL_SOURCE(source), 0, 0);
    gst_timed_value_control_source_set(GST_TIMED_VALUE_CONTROL_SOURCE(source), GST_SECOND, 25);
    h.caps(raw("format=RGB,width=64,height=4,framerate=25/1"),
           raw("format=BGR,width=32,height=4,pixel-aspect-ratio=1/1"));
    g_object_set(h.element(), "fit", 1, nullptr); // fill
    for (int i = 0; i < 25; ++i) {
        GstBuffer* in = gst_buffer_new_allocate(nullptr, 64 * 4 * 3, nullptr);
        {
            const gst::BufferMap map(in, GST_MAP_WRITE);
            for (size_t n = 0; n < 64 * 4; ++n)
                std::memset(&map.bytes()[3 * n], static_cast<int>(n % 64), 3);
        }
        GST_BUFFER_PTS(in) = static_cast<GstClockTime>(i) * GST_SECOND / 25;
        REQUIRE(h.push(in) == GST_FLOW_OK);
        const gst::BufferPtr out = h.pull();
        const gst::BufferMap map(out.get(), GST_MAP_READ);
        CHECK(std::abs(int{map.bytes()[0]} - i) <= 1);
    }
    gst_object_unref(source);
}

TEST_CASE("what passes is the very buffer, before and after settings that took hold for a while") {
    SwsHarness h;
    h.caps(raw("format=I420,width=64,height=48,framerate=25/1"), raw("format=I420,width=64,height=48"));
    const auto passes = [&] {
        GstBuffer* in = test::frame("I420", 64, 48);
        gst_buffer_ref(in);
        REQUIRE(h.push(in) == GST_FLOW_OK);
        const gst::BufferPtr out = h.pull();
        const bool same = out.get() == in;
        gst_buffer_unref(in);
        return same;
    };
    CHECK(passes());
    for (const auto& [name, value] :
         {std::pair{"crop-left", "4"}, std::pair{"video-direction", "180"}, std::pair{"dither-quantization", "8"}}) {
        CAPTURE(name);
        GValue before = G_VALUE_INIT;
        g_value_init(&before, g_object_class_find_property(G_OBJECT_GET_CLASS(h.element()), name)->value_type);
        g_object_get_property(G_OBJECT(h.element()), name, &before);
        gst_util_set_object_arg(G_OBJECT(h.element()), name, value);
        CHECK_FALSE(passes());
        CHECK_FALSE(passes());
        g_object_set_property(G_OBJECT(h.element()), name, &before);
        CHECK(passes());
        g_value_unset(&before);
    }
}

TEST_CASE("every quality and geometry property may be controlled and changed while playing") {
    SwsHarness h;
    for (const Knob& knob : knobs) {
        CAPTURE(std::string(knob.name));
        const GParamSpec* spec = g_object_class_find_property(G_OBJECT_GET_CLASS(h.element()), knob.name);
        REQUIRE(spec);
        if (std::strcmp(knob.name, "video-direction") == 0) continue; // GstVideoDirection's, without flags
        CHECK((spec->flags & GST_PARAM_MUTABLE_PLAYING) != 0);
        CHECK((spec->flags & GST_PARAM_CONTROLLABLE) != 0);
    }
}

TEST_CASE("late frames are dropped when downstream says so, and no latency is added") {
    SwsHarness h;
    h.caps(raw("format=I420,width=64,height=48,framerate=25/1"), raw("format=NV12,width=32,height=24"));
    gst_harness_set_upstream_latency(h.get(), 40 * GST_MSECOND);
    CHECK(gst_harness_query_latency(h.get()) == 40 * GST_MSECOND);
    const auto push = [&](GstClockTime pts) {
        GstBuffer* in = test::frame("I420", 64, 48);
        GST_BUFFER_PTS(in) = pts;
        GST_BUFFER_DURATION(in) = 40 * GST_MSECOND;
        REQUIRE(h.push(in) == GST_FLOW_OK);
        return h.pull() != nullptr;
    };
    CHECK(push(0));
    gst_harness_push_upstream_event(h.get(), gst_event_new_qos(GST_QOS_TYPE_UNDERFLOW, 2.0, 5 * GST_SECOND, 0));
    CHECK_FALSE(push(40 * GST_MSECOND));
    CHECK(push(10 * GST_SECOND + 40 * GST_MSECOND));
}

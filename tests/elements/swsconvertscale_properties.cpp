// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
// The settings beyond size and format, and what the element tells of itself.
#include "sws_harness.hpp"
#include "sws_pictures.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

using namespace onair;
using namespace onair::test;

namespace {

/// Bytes of a frame after the element; `element` with its properties.
std::vector<uint8_t> converted(const std::string& element, const std::string& in, const std::string& out,
                               std::vector<uint8_t> frame) {
    GstHarness* h = gst_harness_new_parse(element.c_str());
    gst_harness_set_sink_caps_str(h, out.c_str());
    gst_harness_set_src_caps_str(h, in.c_str());
    GstBuffer* buffer = gst_buffer_new_memdup(frame.data(), frame.size());
    std::vector<uint8_t> result;
    if (gst_harness_push(h, buffer) == GST_FLOW_OK) {
        const gst::BufferPtr got(gst_harness_pull(h));
        result.resize(gst_buffer_get_size(got.get()));
        gst_buffer_extract(got.get(), 0, result.data(), result.size());
    }
    gst_harness_teardown(h);
    return result;
}

gst::StructurePtr structure(GstElement* element, const char* property) {
    GstStructure* s = nullptr;
    g_object_get(element, property, &s, nullptr);
    return gst::StructurePtr(s);
}

std::vector<std::string> stage_kinds(GstElement* element) {
    std::vector<std::string> kinds;
    const auto plan = structure(element, "plan");
    const GValue* stages = gst_structure_get_value(plan.get(), "stages");
    for (guint i = 0; i < gst_value_array_get_size(stages); ++i)
        kinds.emplace_back(
            gst_structure_get_string(gst_value_get_structure(gst_value_array_get_value(stages, i)), "kind"));
    return kinds;
}

constexpr const char* grey8 = "format=GRAY8,width=64,height=16,framerate=25/1";

} // namespace

TEST_CASE("every property of videoconvertscale is there with its type, range and numbers") {
    const gst::ElementPtr theirs(gst_element_factory_make("videoconvertscale", nullptr));
    const gst::ElementPtr ours(gst_element_factory_make("swsconvertscale", nullptr));
    REQUIRE(theirs);
    // Of its own base class, and newer than our oldest GStreamer.
    const std::set<std::string> left_out{"name", "parent", "converter-config"};
    guint count = 0;
    gchar* text = nullptr;
    GParamSpec** specs = g_object_class_list_properties(G_OBJECT_GET_CLASS(theirs.get()), &count);
    for (guint i = 0; i < count; ++i) {
        const std::string name = specs[i]->name;
        if (left_out.count(name)) continue;
        CAPTURE(name);
        GParamSpec* mine = g_object_class_find_property(G_OBJECT_GET_CLASS(ours.get()), name.c_str());
        REQUIRE(mine);
        CHECK((mine->flags & G_PARAM_READWRITE) == G_PARAM_READWRITE);
        if (name != "method") CHECK(mine->value_type == specs[i]->value_type);
        if (G_IS_PARAM_SPEC_DOUBLE(mine)) {
            CHECK(G_PARAM_SPEC_DOUBLE(mine)->minimum == G_PARAM_SPEC_DOUBLE(specs[i])->minimum);
            CHECK(G_PARAM_SPEC_DOUBLE(mine)->maximum == G_PARAM_SPEC_DOUBLE(specs[i])->maximum);
        }
        if (G_IS_PARAM_SPEC_UINT(mine)) CHECK(G_PARAM_SPEC_UINT(mine)->maximum == G_PARAM_SPEC_UINT(specs[i])->maximum);
        if (!G_IS_PARAM_SPEC_ENUM(mine)) continue;
        const GEnumClass *a = G_PARAM_SPEC_ENUM(mine)->enum_class, *b = G_PARAM_SPEC_ENUM(specs[i])->enum_class;
        for (guint v = 0; v < b->n_values; ++v) {
            const GEnumValue* same = g_enum_get_value(const_cast<GEnumClass*>(a), b->values[v].value);
            REQUIRE(same);
            CHECK(std::string(same->value_nick) == b->values[v].value_nick);
        }
    }
    g_free(specs);
    g_free(text);
}

TEST_CASE("grey and RGB in limited range") {
    std::vector<uint8_t> grey(64 * 16, 235);
    CHECK(converted("swsconvertscale", raw(std::string(grey8) + ",colorimetry=2:4:0:0"),
                    raw(std::string(grey8) + ",colorimetry=1:4:0:0"), grey)[100] == 255);
    std::fill(grey.begin(), grey.end(), uint8_t{255});
    CHECK(converted("swsconvertscale", raw(std::string(grey8) + ",colorimetry=1:4:0:0"),
                    raw("format=RGB,colorimetry=2:1:0:0"), grey)[100] == 235);
}

TEST_CASE("alpha is copied, set and multiplied") {
    std::vector<uint8_t> frame(8 * 8 * 4);
    for (size_t i = 0; i < frame.size(); ++i)
        frame[i] = i % 4 == 0 ? 200 : 100; // A R G B
    const auto alpha = [&](const std::string& properties) {
        return converted("swsconvertscale " + properties, raw("format=ARGB,width=8,height=8,framerate=25/1"),
                         raw("format=RGBA"), frame)[3];
    };
    CHECK(alpha("") == 200);
    CHECK(alpha("alpha-mode=set alpha-value=0.5") == 128);
    CHECK(alpha("alpha-mode=mult alpha-value=0.5") == 100);
    const auto to_ayuv = converted("swsconvertscale alpha-mode=set alpha-value=0",
                                   raw("format=ARGB,width=8,height=8,framerate=25/1"), raw("format=ARGB"), frame);
    CHECK(to_ayuv[0] == 0); // nothing else changes, and yet frames do not pass through
}

TEST_CASE("frames that pass through are converted as soon as a setting asks for it") {
    SwsHarness h;
    h.caps(raw("format=RGBA,width=8,height=8,framerate=25/1"), raw("format=RGBA,width=8,height=8,framerate=25/1"));
    const auto alpha = [&] {
        REQUIRE(h.push(bytes(8 * 8 * 4, 200)) == GST_FLOW_OK);
        const auto got = h.pull();
        guint8 pixel[4];
        gst_buffer_extract(got.get(), 0, pixel, sizeof pixel);
        return static_cast<int>(pixel[3]);
    };
    CHECK(alpha() == 200);
    CHECK(stage_kinds(h.element()).empty());
    g_object_set(h.element(), "alpha-mode", 1, nullptr);
    CHECK(alpha() == 255);
    CHECK(stage_kinds(h.element()).size() == 1);
    g_object_set(h.element(), "alpha-mode", 0, nullptr);
    CHECK(alpha() == 200);
}

TEST_CASE("dither and quantization") {
    // 10 bit 401 lies a quarter above 8 bit 100.
    std::vector<uint8_t> frame(64 * 16 * 2 * 3);
    auto* samples = reinterpret_cast<uint16_t*>(frame.data());
    std::fill_n(samples, frame.size() / 2, uint16_t{401});
    const auto mean = [&](const std::string& properties) {
        const auto out = converted("swsconvertscale " + properties,
                                   raw("format=Y444_10LE,width=64,height=16,framerate=25/1,colorimetry=bt709"),
                                   raw("format=Y444,colorimetry=bt709"), frame);
        double sum = 0;
        for (size_t i = 0; i < 64 * 16; ++i)
            sum += out.at(i);
        return sum / (64 * 16);
    };
    CHECK(mean("dither=none") == 100);
    for (const std::string kind : {"bayer", "verterr", "floyd-steinberg", "sierra-lite"}) {
        CAPTURE(kind);
        CHECK(mean("dither=" + kind) == doctest::Approx(100.25).epsilon(0.0005));
    }
    CHECK(mean("dither=none dither-quantization=16") == 96);
}

TEST_CASE("primaries and transfer follow the caps, unless they are told not to") {
    std::vector<uint8_t> red(8 * 8 * 3);
    for (size_t i = 0; i < red.size(); i += 3)
        red[i] = 255;
    const auto convert = [&](const std::string& properties) {
        const auto out = converted("swsconvertscale " + properties,
                                   raw("format=RGB,width=8,height=8,framerate=25/1,colorimetry=1:1:5:1"),
                                   raw("format=RGB,colorimetry=1:1:5:7"), red);
        return std::vector<uint8_t>(out.begin(), out.begin() + 3);
    };
    // BT.2087: linear 0.6274, 0.0691, 0.0164 encoded by BT.709's curve.
    CHECK(convert("") == std::vector<uint8_t>{202, 59, 19});
    CHECK(convert("primaries-mode=none") == std::vector<uint8_t>{255, 0, 0});
    CHECK(convert("gamma-mode=none") == std::vector<uint8_t>{160, 18, 4});
    CHECK(convert("primaries-mode=merge-only") == std::vector<uint8_t>{255, 0, 0}); // the transfer stays
}

TEST_CASE("plan says how frames are converted, stats how many and how fast") {
    SwsHarness h;
    CHECK(stage_kinds(h.element()).empty());
    h.caps(raw("format=v210,width=1280,height=720,framerate=25/1"), raw("format=I420,width=640,height=360"));
    for (int i = 0; i < 3; ++i) {
        REQUIRE(h.push(frame("v210", 1280, 720)) == GST_FLOW_OK);
        CHECK(h.pull());
    }
    CHECK(stage_kinds(h.element()) == std::vector<std::string>{"fast"});
    const auto stats = structure(h.element(), "stats");
    guint64 frames = 0;
    gdouble mean = 0, p99 = 0;
    REQUIRE(gst_structure_get(stats.get(), "frames", G_TYPE_UINT64, &frames, "mean-ms", G_TYPE_DOUBLE, &mean, "p99-ms",
                              G_TYPE_DOUBLE, &p99, nullptr));
    CHECK(frames == 3);
    CHECK(mean > 0);
    CHECK(p99 >= mean / 3);
}

TEST_CASE("a change of engine while playing takes effect, and one that is refused says so once") {
    SwsHarness h;
    h.caps(raw("format=v210,width=64,height=48,framerate=25/1"), raw("format=I420,width=64,height=48"));
    REQUIRE(h.push(frame("v210", 64, 48)) == GST_FLOW_OK);
    g_object_set(h.element(), "engine", 1, nullptr); // libswscale has no v210
    CHECK(h.push(frame("v210", 64, 48)) == GST_FLOW_ERROR);
    const auto errors = h.errors();
    REQUIRE(errors.size() == 1);
    CHECK(errors[0].has("format v210"));
    g_object_set(h.element(), "engine", 0, nullptr); // and it goes on
    CHECK(h.push(frame("v210", 64, 48)) == GST_FLOW_OK);
    CHECK(h.errors().empty());
}

TEST_CASE("bands run on the application's task pool when there is one") {
    for (GstTaskPool* pool : {gst_shared_task_pool_new(), gst_task_pool_new()}) {
        SwsHarness h;
        gst_task_pool_prepare(pool, nullptr);
        GstContext* context = gst_context_new("gst.task.pool", FALSE);
        gst_structure_set(gst_context_writable_structure(context), "pool", GST_TYPE_TASK_POOL, pool, nullptr);
        gst_element_set_context(h.element(), context);
        gst_context_unref(context);
        g_object_set(h.element(), "n-threads", 4, nullptr);
        h.caps(raw("format=Y444_10LE,width=64,height=480,framerate=25/1"), raw("format=BGRA"));
        for (int i = 0; i < 20; ++i) {
            REQUIRE(h.push(frame("Y444_10LE", 64, 480)) == GST_FLOW_OK);
            CHECK(h.pull());
        }
        gst_task_pool_cleanup(pool);
        gst_object_unref(pool);
    }
}

TEST_CASE("alternate fields are converted one by one, and only to alternate fields") {
    for (const auto& [out, flow] :
         {std::pair{"video/x-raw(format:Interlaced),format=BGRA,width=32,height=24,interlace-mode=alternate",
                    GST_FLOW_OK},
          std::pair{"video/x-raw,format=BGRA,width=32,height=24", GST_FLOW_NOT_NEGOTIATED}}) {
        CAPTURE(out);
        SwsHarness h;
        h.caps("video/x-raw(format:Interlaced),format=I420,width=64,height=48,interlace-mode=alternate,framerate=25/1",
               out);
        GstBuffer* field = bytes(64 * 24 * 3 / 2, 128);
        GST_BUFFER_FLAG_SET(field, GST_VIDEO_BUFFER_FLAG_TOP_FIELD);
        CHECK(h.push(field) == flow);
        if (flow != GST_FLOW_OK) continue;
        const auto got = h.pull();
        REQUIRE(got);
        CHECK(gst_buffer_get_size(got.get()) >= 32 * 12 * 4);
    }
}

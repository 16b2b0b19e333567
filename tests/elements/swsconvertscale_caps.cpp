// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
// What swsconvertscale negotiates: formats, sizes and shapes, passthrough, other memory, and what it refuses.
#include "sws_harness.hpp"

#include <doctest/doctest.h>

#include <map>
#include <set>

using namespace onair;
using namespace onair::test;

namespace {

std::set<std::string> template_formats(const char* pad) {
    SwsHarness h;
    const gst::PadPtr p(gst_element_get_static_pad(h.element(), pad));
    const gst::CapsPtr caps(gst_pad_get_pad_template_caps(p.get()));
    std::set<std::string> names;
    const GValue* list = gst_structure_get_value(gst_caps_get_structure(caps.get(), 0), "format");
    for (guint i = 0; i < gst_value_list_get_size(list); ++i)
        names.insert(g_value_get_string(gst_value_list_get_value(list, i)));
    return names;
}

/// "1280x720 1/1 I420 bt709 mpeg2"
std::string text(const GstVideoInfo& info) {
    const gst::CharPtr colour(gst_video_colorimetry_to_string(&info.colorimetry));
    return std::to_string(info.width) + "x" + std::to_string(info.height) + " " + std::to_string(info.par_n) + "/" +
           std::to_string(info.par_d) + " " + (info.finfo ? GST_VIDEO_INFO_NAME(&info) : "none") + " " +
           (colour ? colour.get() : "");
}

} // namespace

TEST_CASE("every raw format is offered, and nothing else") {
    guint n = 0;
    const GstVideoFormat* raw = gst_video_formats_raw(&n);
    std::set<std::string> all;
    for (guint i = 0; i < n; ++i)
        all.insert(gst_video_format_to_string(raw[i]));
    CHECK(all.size() >= 111); // GStreamer 1.22
    CHECK(template_formats("sink") == all);
    CHECK(template_formats("src") == all);
    for (const char* never : {"ENCODED", "DMA_DRM"})
        CHECK_FALSE(all.contains(never));
}

TEST_CASE("what the caps leave open keeps the picture's shape, format and colour") {
    struct Row {
        std::string in, out, becomes;
    };
    const Row rows[] = {
        {"format=I420,width=1920,height=1080", "height=720", "1280x720 1/1 I420 bt709"},
        {"format=I420,width=1920,height=1080", "width=640", "640x360 1/1 I420 bt709"},
        {"format=I420,width=1920,height=1080", "format=NV12", "1920x1080 1/1 NV12 bt709"},
        {"format=I420,width=720,height=576,pixel-aspect-ratio=16/15", "pixel-aspect-ratio=1/1",
         "768x576 1/1 I420 bt601"},
        {"format=I420,width=720,height=576,pixel-aspect-ratio=64/45", "width=1920,height=1080,pixel-aspect-ratio=1/1",
         "1920x1080 1/1 I420 bt601"},
        {"format=I420,width=1920,height=1080", "width=720,height=576", "720x576 64/45 I420 bt709"},
        {"format=I420,width=3840,height=2160", "width=[1,1920],height=[1,1200]", "1920x1080 1/1 I420 bt709"},
        {"format=I420,width=1920,height=1080", "width={640,1280},height={360,720}", "1280x720 1/1 I420 bt709"},
        // the format that loses least
        {"format=I422_10LE,width=64,height=48", "format={I420,RGB,I420_10LE,Y42B}", "64x48 1/1 Y42B bt601"},
        {"format=Y444,width=64,height=48", "format={GRAY8,I420,Y42B}", "64x48 1/1 Y42B bt601"},
        {"format=BGRA,width=64,height=48", "format={BGRx,RGBA}", "64x48 1/1 RGBA sRGB"},
        {"format=NV12,width=64,height=48", "format={RGB,GRAY8,NV21}", "64x48 1/1 NV21 bt601"},
        {"format=I420,width=64,height=48", "format={NV12,I420},width=32", "32x24 1/1 I420 bt601"},
        // colour travels with the picture
        {"format=I420,width=720,height=576", "format=I420,width=1920,height=1080", "1920x1080 45/64 I420 bt601"},
        {"format=I420,width=64,height=48,colorimetry=bt2020", "format=Y444_10LE", "64x48 1/1 Y444_10LE bt2020"},
        {"format=RGB,width=64,height=48", "format=I420", "64x48 1/1 I420 2:3:7:1"},
        {"format=I420,width=64,height=48,colorimetry=bt709", "format=RGB", "64x48 1/1 RGB 1:1:5:1"},
        {"format=I420,width=64,height=48", "format=Y42B,colorimetry={bt709,bt601}", "64x48 1/1 Y42B bt601"},
        {"format=I420,width=64,height=48", "format=I420,colorimetry={bt709,bt601}", "64x48 1/1 I420 bt601"},
        {"format=I420,width=64,height=48,pixel-aspect-ratio=0/1", "width=32", "32x24 1/1 I420 bt601"},
    };
    for (const Row& row : rows) {
        CAPTURE(row.in);
        CAPTURE(row.out);
        SwsHarness h;
        h.caps(raw(row.in) + ",framerate=25/1", raw(row.out));
        CHECK(text(h.output()) == row.becomes);
        CHECK(h.errors().empty());
    }
}

TEST_CASE("of several formats the one that videoconvertscale would take") {
    const std::string lists[] = {
        "I420,RGB,I420_10LE,Y42B", "GRAY8,I420,Y42B", "BGRx,RGBA", "RGB,GRAY8,NV21", "NV12,Y444,BGRA",   "RGB16,GRAY8",
        "I420,I422_10LE,GBR_10LE", "v210,UYVY",       "RGB8P,BGR", "NV12_4L4,Y42B",  "UYVP,AYUV64,RGB16"};
    for (const std::string in :
         {"I420", "I422_10LE", "Y444_16LE", "BGRA", "RGB", "GRAY8", "A420", "GBR_10LE", "UYVY", "v210", "r210", "AYUV"})
        for (const std::string& list : lists) {
            CAPTURE(in);
            CAPTURE(list);
            std::string chosen[2];
            for (const int theirs : {0, 1}) {
                const gst::ElementPtr e(
                    gst_element_factory_make(theirs ? "videoconvertscale" : "swsconvertscale", nullptr));
                auto* trans = GST_BASE_TRANSFORM(e.get());
                const gst::CapsPtr from(
                    gst_caps_from_string(raw("width=64,height=48,framerate=25/1,format=" + in).c_str()));
                const gst::CapsPtr to(GST_BASE_TRANSFORM_GET_CLASS(trans)->fixate_caps(
                    trans, GST_PAD_SINK, from.get(),
                    gst_caps_from_string(
                        raw("width=[1,MAX],height=[1,MAX],framerate=25/1,format={" + list + "}").c_str())));
                chosen[theirs] = gst_structure_get_string(gst_caps_get_structure(to.get(), 0), "format");
            }
            CHECK(chosen[0] == chosen[1]);
        }
}

TEST_CASE("nothing to change: the buffer itself goes through") {
    const std::string same[] = {"", ",colorimetry=bt601", ",format=I420"};
    for (const std::string& out : same) {
        CAPTURE(out);
        SwsHarness h;
        h.caps(raw("format=I420,width=64,height=48,framerate=25/1"), "video/x-raw" + out);
        GstBuffer* in = frame("I420", 64, 48);
        CHECK(h.push(gst_buffer_ref(in)) == GST_FLOW_OK);
        CHECK(h.pull().get() == in);
        gst_buffer_unref(in);
        CHECK(gst_base_transform_is_passthrough(GST_BASE_TRANSFORM(h.element())));
    }
    for (const std::string out : {"format=YV12", "width=32", "colorimetry=bt709", "pixel-aspect-ratio=4/3,width=64"}) {
        CAPTURE(out);
        SwsHarness h;
        h.caps(raw("format=I420,width=64,height=48,framerate=25/1"), raw(out));
        CHECK(h.push(frame("I420", 64, 48)) == GST_FLOW_OK);
        CHECK_FALSE(gst_base_transform_is_passthrough(GST_BASE_TRANSFORM(h.element())));
    }
}

TEST_CASE("frames in other memory pass and are never touched") {
    for (const std::string caps :
         {"video/x-raw(memory:GLMemory),format=RGBA,width=64,height=48,framerate=25/1",
          "video/x-raw(format:Interlaced),format=I420,width=64,height=48,interlace-mode=alternate,"
          "framerate=25/1",
          "video/x-raw(memory:SystemMemory,meta:GstVideoOverlayComposition),format=I420,width=64,"
          "height=48,framerate=25/1"}) {
        CAPTURE(caps);
        SwsHarness h;
        h.caps(caps, caps);
        GstBuffer* in = bytes(16); // smaller than any frame: nobody looks
        CHECK(h.push(gst_buffer_ref(in)) == GST_FLOW_OK);
        CHECK(h.pull().get() == in);
        gst_buffer_unref(in);
        CHECK(h.errors().empty());
    }
    SwsHarness h; // and are not converted
    h.caps("video/x-raw(memory:GLMemory),format=RGBA,width=64,height=48,framerate=25/1", raw("format=I420"));
    CHECK(h.push(bytes(16)) == GST_FLOW_NOT_NEGOTIATED);
}

TEST_CASE("caps that do not go together are refused without a word of ours or with exactly one") {
    struct Row {
        std::string in, out;
        const char* says; ///< null: the caps do not intersect, which is upstream's to report
    };
    const Row rows[] = {
        {"format=I420,width=64,height=48,framerate=25/1", "format=I420,framerate=30/1", nullptr},
        {"format=I420,width=720,height=486,interlace-mode=interleaved", "format=Y42B", "multiple of 4 rows before"},
        {"format=Y42B,width=720,height=576,interlace-mode=interleaved", "format=Y42B,height=287", "and of 2 after"},
        {"format=Y42B,width=720,height=576,interlace-mode=mixed", "format=I420,height=486", "and of 4 after"},
        {"format=Y42B,width=720,height=576,interlace-mode=fields", "format=Y42B,height=288", "interlace-mode=fields"},
        {"format=Y42B,width=720,height=576,interlace-mode=interleaved", "interlace-mode=progressive", nullptr},
        {"format=I420,width=64,height=48,interlace-mode=alternate", "format=NV12", "interlace mode lacks"},
        {"format=I420,width=64,height=48", "format=RGBA64_LE,width=30000,height=30000", "cannot be used"},
    };
    for (const Row& row : rows) {
        CAPTURE(row.in);
        CAPTURE(row.out);
        SwsHarness h;
        h.caps(raw(row.in), raw(row.out));
        CHECK(h.push(frame("Y444", 64, 48)) == GST_FLOW_NOT_NEGOTIATED);
        const auto errors = h.errors();
        REQUIRE(errors.size() == (row.says ? 1 : 0));
        if (row.says) CHECK_MESSAGE(errors[0].has(row.says), errors[0].text);
    }
}

TEST_CASE("interlaced pictures whose rows stay are converted") {
    for (const std::string out : {"format=UYVY", "format=I422_10LE", "format=Y42B,width=360"}) {
        CAPTURE(out);
        SwsHarness h;
        h.caps(raw("format=Y42B,width=720,height=576,interlace-mode=interleaved,framerate=25/1"), raw(out));
        CHECK(h.push(frame("Y42B", 720, 576)) == GST_FLOW_OK);
        CHECK(h.pull());
        const gst::CapsPtr caps(gst_pad_get_current_caps(h.get()->sinkpad));
        CHECK(std::string(gst_structure_get_string(gst_caps_get_structure(caps.get(), 0), "interlace-mode")) ==
              "interleaved");
        CHECK(h.errors().empty());
    }
}

TEST_CASE("method has videoconvertscale's names and numbers, then libswscale's own") {
    SwsHarness h;
    GstElement* theirs = gst_element_factory_make("videoconvertscale", nullptr);
    REQUIRE(theirs);
    const auto values = [](GstElement* e) {
        GParamSpec* spec = g_object_class_find_property(G_OBJECT_GET_CLASS(e), "method");
        std::map<int, std::string> all;
        const GEnumClass* klass = G_PARAM_SPEC_ENUM(spec)->enum_class;
        for (guint i = 0; i < klass->n_values; ++i)
            all[klass->values[i].value] = klass->values[i].value_nick;
        return all;
    };
    const auto ours = values(h.element()), reference = values(theirs);
    CHECK(reference.size() == 10);
    for (const auto& [number, nick] : reference)
        CHECK(ours.at(number) == nick);
    CHECK(ours.at(10) == "bicubic");
    CHECK(ours.size() == 15);
    gint method = -1;
    guint threads = 9;
    gboolean borders = FALSE;
    g_object_get(h.element(), "method", &method, "n-threads", &threads, "add-borders", &borders, nullptr);
    CHECK(method == 10);
    CHECK(threads == 0);
    CHECK(borders);
    gst_object_unref(theirs);
}

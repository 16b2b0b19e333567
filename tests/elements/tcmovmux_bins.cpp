// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
// Inside other elements: splitmuxsink, encodebin.
#include "tests/support/mov_feed.hpp"
#include "tests/support/skip.hpp"

#include <doctest/doctest.h>
#include <gst/pbutils/pbutils.h>

#include <string>

using namespace onair;
using namespace onair::test;

namespace {

/// The files 0, 1, … of a directory that splitmuxsink has filled.
Mov part(const TempDir& dir, int n) { return Mov::read(dir / ("part" + std::to_string(n) + ".mov")); }

const std::string stamped = "videotestsrc num-buffers=100 ! video/x-raw,format=UYVY,width=64,height=48,"
                            "framerate=25/1 ! timecodestamper ! s.video ";

} // namespace

TEST_CASE("splitmuxsink: each part has the running timecode and reads on its own") {
    if (!have_element("splitmuxsink") || !have_element("timecodestamper"))
        return skip("splitmuxsink or timecodestamper is not installed");
    ran();
    struct Row {
        const char* what;
        std::string options;
    };
    const Row rows[] = {
        {"plain", "muxer=\"tcmovmux name=x\""},
        {"async finalize", "async-finalize=true muxer-factory=tcmovmux"},
        {"fragmented", "muxer=\"tcmovmux name=x mode=fragmented fragment-duration=500\""},
        {"faststart", "muxer=\"tcmovmux name=x mode=faststart\""},
        {"reset muxer", "reset-muxer=true muxer=\"tcmovmux name=x\""},
    };
    for (const Row& row : rows) {
        CAPTURE(std::string(row.what));
        TempDir dir;
        const PipelineResult result =
            run_launch("splitmuxsink name=s max-size-time=1000000000 location=" + (dir / "part%d.mov") + " " +
                           row.options + " " + stamped +
                           " audiotestsrc num-buffers=188 ! audio/x-raw,format=S16LE,"
                           "rate=48000,channels=1 ! s.audio_0",
                       30 * GST_SECOND);
        REQUIRE_MESSAGE(result.eos, all_said(result));
        CHECK(result.errors.empty());
        for (int n = 0; n < 4; ++n) {
            CAPTURE(n);
            const Mov mov = part(dir, n);
            CHECK(mov.first_sample(mov.by_handler("tmcd")) == n * 25);
            CHECK(mov.by_handler("vide").timecode_tracks.size() == 1);
            CHECK(mov.count("soun") == 1);
        }
    }
}

TEST_CASE("encodebin: profiles of QuickTime and of MP4") {
    for (const char* needed : {"encodebin", "x264enc", "h264parse", "timecodestamper"})
        if (!have_element(needed)) return skip(std::string(needed) + " is not installed");
    ran();
    gst_pb_utils_init();
    struct Row {
        const char* container;
        const char* brand;
    };
    const Row rows[] = {{"video/quicktime,variant=apple", "qt  "},
                        {"video/quicktime", "qt  "},
                        {"video/quicktime,variant=iso", "isom"}};
    for (const Row& row : rows) {
        CAPTURE(std::string(row.container));
        TempDir dir;
        const gst::CapsPtr container(gst_caps_from_string(row.container));
        const gst::CapsPtr codec(gst_caps_from_string("video/x-h264"));
        GstEncodingContainerProfile* profile =
            gst_encoding_container_profile_new("movie", nullptr, container.get(), nullptr);
        // encodebin takes elements by rank; a profile that names the element takes ours.
        gst_encoding_profile_set_preset_name(GST_ENCODING_PROFILE(profile), "tcmovmux");
        gst_encoding_container_profile_add_profile(
            profile, GST_ENCODING_PROFILE(gst_encoding_video_profile_new(codec.get(), nullptr, nullptr, 0)));
        GstElement* pipeline = gst_parse_launch(
            ("videotestsrc num-buffers=10 ! video/x-raw,width=64,height=48,framerate=25/1 ! timecodestamper name=t "
             "encodebin name=e ! " + // which does not tell its muxer the variant that the profile wants
             std::string(row.container) +
             " ! filesink location=" + (dir / "a.mov"))
                .c_str(),
            nullptr);
        REQUIRE(pipeline);
        const gst::ElementPtr bin(gst_bin_get_by_name(GST_BIN(pipeline), "e"));
        const gst::ElementPtr stamper(gst_bin_get_by_name(GST_BIN(pipeline), "t"));
        g_object_set(bin.get(), "profile", profile, nullptr); // its pads follow from it
        gst_encoding_profile_unref(profile);
        REQUIRE(gst_element_link(stamper.get(), bin.get()));
        const PipelineResult result = run_pipeline(pipeline, {}, 20 * GST_SECOND);
        gst_object_unref(pipeline);
        CHECK_MESSAGE(result.eos, all_said(result));
        const Mov mov = Mov::read(dir / "a.mov");
        CHECK(mov.text(8, 4) == std::string(row.brand));
        CHECK(mov.count("tmcd") == 1);
    }
}

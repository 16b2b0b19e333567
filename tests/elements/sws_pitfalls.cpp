// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
// What goes wrong with libswscale when one does not know, and the test that would show it.
//
// | | pitfall | test |
// |---|---|---|
// | P1 | a frame of another size than the caps: refused, or the rest stale | sws-data "caps and frames of different
// size" | | P2 | sws_receive_slice() misplaces rows; last odd slice refused | unit sws-converter "same for every number
// of threads", sws-threads | | P3 | range set after init is ignored; 10 bit full white is 1020 | here | | P4 | reads
// and writes beside the planes | unit sws-guard, sws-guard-pages | | P5 | untagged is BT.601 to libswscale, at any size
// | here | | P6 | its default chroma position is the centre, GStreamer's is left | here | | P7 | a matrix change of 10
// bit goes through 8-bit RGB | here | | P8 | grey and RGB are always full range | sws-properties "grey and RGB in
// limited range" | | P9 | error diffusion runs on one thread | sws-threads (dither 1 to 3) | | P10 | sws_scale() never
// uses threads | sws-properties "plan says how frames are converted" | | P11 | a frame without buffer: the result goes
// elsewhere | unit sws-converter, every case | | P12 | a context belongs to one streaming thread | sws-crowd, sws-tsan
// | | P13 | full chroma with 15/16 bit RGB warns at each init | here | | P14 | interlaced 4:2:0 whose height is no
// multiple of 4 | here | | P15 | its log lines go to stderr | unit av-log, sws-log-order | | P16 | GStreamer's table
// for VYUY is that of UYVY | here | | P17 | padding bytes taken for alpha | here, sws-properties "alpha is copied, set
// and multiplied" | | P18 | 9.0's copy of a 4:2:0 picture of odd height loses a chroma row | here | | P19 | primaries
// are retagged, not converted | sws-properties "primaries and transfer follow the caps", sws-exactness | | P20 |
// pointer and places with borders | sws-data "a pointer in the output", "metas" | | P21 | extreme ratios are refused or
// go through 8 bit | here |
#include "sws_harness.hpp"
#include "tests/proofs/sws_proof.hpp"

#include <doctest/doctest.h>

using namespace onair;
using namespace onair::test;

namespace {

GstVideoInfo info_with(const char* format, int width, int height, const char* colorimetry,
                       GstVideoChromaSite site = GST_VIDEO_CHROMA_SITE_MPEG2) {
    GstVideoInfo info = info_of(format, width, height);
    gst_video_colorimetry_from_string(&info.colorimetry, colorimetry);
    if (GST_VIDEO_INFO_IS_YUV(&info)) info.chroma_site = site;
    return info;
}

/// Each component one value.
Pic flat(const GstVideoInfo& info, std::array<int, 4> value) {
    const reference::Side side = side_of(info);
    reference::Samples samples;
    for (int c = 0; c < side.components; ++c)
        samples[static_cast<size_t>(c)].assign(
            static_cast<size_t>(side.columns(c, info.width) * side.rows(c, info.height)),
            value[static_cast<size_t>(c)]);
    return write_samples(info, samples);
}

/// All samples of each component, when they are all the same; else -1.
std::array<int, 4> flat_values(const Pic& pic) {
    std::array<int, 4> value{-1, -1, -1, -1};
    if (!pic) return value;
    const reference::Samples samples = read_samples(pic);
    for (size_t c = 0; c < 4; ++c)
        if (!samples[c].empty() && samples[c] == std::vector<double>(samples[c].size(), samples[c][0]))
            value[c] = static_cast<int>(samples[c][0]);
    return value;
}

const std::string ours = "swsconvertscale dither=none add-borders=false";

} // namespace

TEST_CASE("P3: limited white is full white at every depth, and back") {
    // 1:… is full range, 2:… limited, both BT.709
    for (const auto& [format, limited, full] :
         {std::tuple{"Y444", 235, 255}, std::tuple{"Y444_10LE", 940, 1023}, std::tuple{"I422_10LE", 940, 1023},
          std::tuple{"Y444_12LE", 3760, 4095}}) {
        CAPTURE(format);
        const GstVideoInfo a = info_with(format, 64, 32, "2:3:5:1"), b = info_with(format, 64, 32, "1:3:5:1");
        const int middle = 1 << (GST_VIDEO_INFO_COMP_DEPTH(&a, 0) - 1);
        CHECK(flat_values(convert(ours, flat(a, {limited, middle, middle, 0}), b))[0] == full);
        CHECK(flat_values(convert(ours, flat(b, {full, middle, middle, 0}), a))[0] == limited);
    }
}

TEST_CASE("P5: untagged HD is BT.709, untagged SD BT.601") {
    for (const auto& [height, tag] : {std::pair{720, "bt709"}, std::pair{576, "bt601"}}) {
        CAPTURE(height);
        SwsHarness untagged, tagged;
        const std::string size = "width=64,framerate=25/1,height=" + std::to_string(height);
        untagged.caps(raw("format=I420," + size), raw("format=RGB," + size));
        tagged.caps(raw("format=I420," + size + ",colorimetry=" + tag), raw("format=RGB," + size));
        const Pic picture = flat(info_of("I420", 64, height), {120, 90, 200, 0});
        std::vector<uint8_t> seen;
        for (SwsHarness* h : {&untagged, &tagged}) {
            REQUIRE(h->push(gst_buffer_ref(picture.buffer.get())) == GST_FLOW_OK);
            const gst::BufferPtr out = h->pull();
            const gst::BufferMap map(out.get(), GST_MAP_READ);
            seen.insert(seen.end(), map.bytes().begin(), map.bytes().begin() + 3);
        }
        CHECK(seen[0] == seen[3]);
        CHECK(seen[1] == seen[4]);
        CHECK(seen[2] == seen[5]);
    }
}

TEST_CASE("P6: chroma without a site lies where GStreamer says, else on the left") {
    const GstVideoInfo out = info_with("Y444", 64, 32, "bt709");
    reference::Samples edge;
    edge[0].assign(64 * 32, 100);
    for (int i = 0; i < 32 * 16; ++i)
        for (const size_t c : {1, 2})
            edge[c].push_back(i % 32 < 16 ? 60 : 200);
    const auto chroma = [&](GstVideoChromaSite site) {
        return read_samples(convert(ours, write_samples(info_with("I420", 64, 32, "bt709", site), edge), out))[1];
    };
    // From 1.26 on gst_video_info_from_caps() fills in what the caps leave open.
    GstVideoInfo told = info_with("I420", 64, 32, "bt709", GST_VIDEO_CHROMA_SITE_UNKNOWN);
    const gst::CapsPtr caps(gst_video_info_to_caps(&told));
    REQUIRE(gst_video_info_from_caps(&told, caps.get()));
    const bool unknown = told.chroma_site == GST_VIDEO_CHROMA_SITE_UNKNOWN;
    CHECK(chroma(GST_VIDEO_CHROMA_SITE_UNKNOWN) == chroma(unknown ? GST_VIDEO_CHROMA_SITE_MPEG2 : told.chroma_site));
    CHECK(chroma(GST_VIDEO_CHROMA_SITE_MPEG2) != chroma(GST_VIDEO_CHROMA_SITE_JPEG));
}

TEST_CASE("P7: 10 bit stay 10 bit when the matrix changes") {
    const GstVideoInfo in = info_with("Y444_10LE", 1024, 2, "2:4:5:1"),
                       out = info_with("Y444_10LE", 1024, 2, "2:3:5:1");
    reference::Samples ramp;
    for (int i = 0; i < 2048; ++i) {
        ramp[0].push_back(i % 1024);
        ramp[1].push_back(512);
        ramp[2].push_back(512);
    }
    const Pic pic = convert(ours, write_samples(in, ramp), out);
    REQUIRE(pic);
    CHECK(read_samples(pic)[0] == ramp[0]); // grey: each of the 1024 levels stays itself
}

TEST_CASE("P13: RGB of 15 and 16 bit brings no warning") {
    for (const char* format : {"RGB15", "BGR15", "RGB16", "BGR16"}) {
        CAPTURE(format);
        SwsHarness h;
        h.caps(raw("format=I420,width=64,height=32,framerate=25/1"),
               raw(std::string("format=") + format + ",width=32,height=32,framerate=25/1,pixel-aspect-ratio=2/1"));
        REQUIRE(h.push(frame("I420", 64, 32)) == GST_FLOW_OK);
        CHECK(h.warnings().empty());
        CHECK(h.pull());
    }
}

TEST_CASE("P14: interlaced pictures of any height convert whole, or are refused with a word") {
    for (const int height : {8, 10, 14}) {
        CAPTURE(height);
        SwsHarness h;
        const std::string size = "width=16,interlace-mode=interleaved,framerate=25/1,height=" + std::to_string(height);
        h.caps(raw("format=I420," + size), raw("format=Y42B," + size));
        const GstFlowReturn flow = h.push(frame("I420", 16, height));
        const size_t errors = h.errors().size();
        CHECK((flow == GST_FLOW_OK ? errors == 0 : errors == 1));
        if (flow == GST_FLOW_OK) CHECK(h.pull());
    }
}

TEST_CASE("P16: VYUY is Cr Y Cb Y") {
    SwsHarness h;
    h.caps(raw("format=Y42B,width=4,height=1,framerate=25/1,colorimetry=bt709"),
           raw("format=VYUY,width=4,height=1,framerate=25/1,colorimetry=bt709"));
    const Pic picture = flat(info_of("Y42B", 4, 1), {50, 100, 200, 0});
    REQUIRE(h.push(gst_buffer_ref(picture.buffer.get())) == GST_FLOW_OK);
    const gst::BufferPtr out = h.pull();
    const gst::BufferMap map(out.get(), GST_MAP_READ);
    const uint8_t want[] = {200, 50, 100, 50, 200, 50, 100, 50};
    REQUIRE(map.bytes().size() >= sizeof want);
    CHECK(std::memcmp(map.bytes().data(), want, sizeof want) == 0);
}

TEST_CASE("P17: what is no alpha is never taken for it") {
    for (const char* in : {"RGBx", "xRGB", "BGRx", "I420", "GRAY8"}) {
        CAPTURE(in);
        const GstVideoInfo from = info_of(in, 16, 8), to = info_of("ARGB", 16, 8);
        Pic picture{from, gst::BufferPtr(bytes(GST_VIDEO_INFO_SIZE(&from), 7))}; // X too is 7
        CHECK(flat_values(convert(ours, picture, to))[3] == 255);
        CHECK(flat_values(convert(ours, picture, info_of("ARGB", 8, 8)))[3] == 255);
    }
}

TEST_CASE("P18: the last chroma row of an odd height is there") {
    for (const char* out : {"YV12", "NV12", "A420"}) {
        CAPTURE(out);
        const Pic picture = flat(info_of("I420", 64, 63), {80, 60, 210, 0});
        const auto value = flat_values(convert(ours + " n-threads=3", picture, info_of(out, 64, 63)));
        CHECK(value[0] == 80);
        CHECK(value[1] == 60);
        CHECK(value[2] == 210);
    }
}

TEST_CASE("P21: extreme ratios keep 10 bits") {
    for (const auto& [sw, sh, dw, dh] : {std::tuple{8192, 2, 2, 2}, std::tuple{2, 8192, 2, 2},
                                         std::tuple{2, 2, 8192, 4}, std::tuple{4096, 2048, 1, 1}}) {
        CAPTURE(sw);
        CAPTURE(dw);
        const auto value = flat_values(
            convert(ours, flat(info_of("Y444_10LE", sw, sh), {513, 301, 702, 0}), info_of("Y444_10LE", dw, dh)));
        CHECK(value[0] == 513);
        CHECK(value[1] == 301);
        CHECK(value[2] == 702);
    }
}

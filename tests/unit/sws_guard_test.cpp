// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
// libswscale never leaves a frame: pages that fault behind every frame, canaries in every byte that is not picture.
#include "sws_frames.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace onair;
using namespace onair::sws;
using test::GuardedFrame;
using test::Layout;

namespace {

/// The formats of the measurements behind frame_view.hpp: one of each kind of layout.
const std::vector<AVPixelFormat>& kinds() {
    static const std::vector<AVPixelFormat> all = [] {
        std::vector<AVPixelFormat> list;
        for (const char* name :
             {"yuv420p",  "yuv422p",  "yuv444p",  "yuv411p",  "yuv410p",     "nv12",        "nv21",
              "nv24",     "yuyv422",  "uyvy422",  "rgb24",    "bgr24",       "bgra",        "0rgb",
              "gray",     "gbrp",     "yuva420p", "gbrap",    "yuv420p10le", "yuv422p10le", "p010le",
              "gray16le", "rgb565le", "rgba64le", "gbrp10le", "ayuv64le",    "x2rgb10le",   "yuva444p16le"})
            if (const AVPixelFormat format = av_get_pix_fmt(name); is_supported(format) && test::format(format))
                list.push_back(format);
        return list;
    }();
    return all;
}

void check(AVPixelFormat from, int sw, int sh, AVPixelFormat to, int dw, int dh, bool safe, unsigned threads) {
    const std::string pair = std::string(av_get_pix_fmt_name(from)) + " to " + av_get_pix_fmt_name(to);
    CAPTURE(pair);
    CAPTURE(sw);
    CAPTURE(dw);
    if (from == to && sw == dw && sh == dh) return; // copied by us
    GuardedFrame src(from, sw, sh, safe ? Layout::safe_in : Layout::gstreamer);
    GuardedFrame dst(to, dw, dh, safe ? Layout::safe_out : Layout::gstreamer);
    src.fill();
    Converter converter(test::by_swscale(test::request(test::side(from, sw, sh), test::side(to, dw, dh), threads)));
    test::convert(converter, src.view(), dst.view());
    CHECK(src.damaged() == 0);
    if (safe) {
        CHECK(test::bounced(converter) == std::pair<uint64_t, uint64_t>(0, 0)); // libswscale worked in these frames
    } else {
        CHECK(dst.damaged() == 0);
    }
}

} // namespace

TEST_CASE("every kind of format to every other, small sizes, GStreamer's default layout") {
    for (const AVPixelFormat from : kinds())
        for (const AVPixelFormat to : kinds()) {
            check(from, 33, 17, to, 33, 17, false, 1);
            check(from, 100, 18, to, 67, 25, false, 1);
        }
}

TEST_CASE("every kind of format to every other in the least layout that counts as safe") {
    for (const AVPixelFormat from : kinds())
        for (const AVPixelFormat to : kinds()) {
            check(from, 33, 17, to, 33, 17, true, 1);
            check(from, 64, 18, to, 64, 18, true, 1); // rows that fill the stride
            check(from, 64, 18, to, 128, 12, true, 1);
            check(from, 352, 18, to, 320, 27, true, 1);
        }
}

TEST_CASE("sizes at which libswscale 5.1 crashes on GStreamer's default layout") {
    for (const auto& [width, height] : {std::pair{720, 576}, std::pair{720, 480}, std::pair{854, 480},
                                        std::pair{1366, 768}, std::pair{322, 242}, std::pair{100, 100}}) {
        for (const char* from : {"nv12", "yuv422p", "rgb24", "yuv420p10le"})
            for (const char* to : {"yuv420p", "uyvy422", "gbrp"})
                check(av_get_pix_fmt(from), width, height, av_get_pix_fmt(to), width, height, false, 2);
    }
}

TEST_CASE("several threads, rows of several bands") {
    for (const AVPixelFormat from : kinds())
        for (const char* to : {"yuv420p", "rgb24", "nv12", "yuv422p10le"}) {
            check(from, 97, 211, av_get_pix_fmt(to), 97, 211, false, 3);
            check(from, 97, 211, av_get_pix_fmt(to), 64, 131, true, 3);
        }
}

TEST_CASE("what lies beside and behind the picture never shows in the result") {
    for (const AVPixelFormat from : kinds())
        for (const AVPixelFormat to : kinds())
            for (const auto& [sw, sh, dw, dh] : {std::array{33, 17, 33, 17}, std::array{33, 17, 47, 29},
                                                 std::array{100, 18, 67, 11}, std::array{1, 1, 5, 3}}) {
                if (from == to && sw == dw) continue;
                const std::string what = std::string(av_get_pix_fmt_name(from)) + " to " + av_get_pix_fmt_name(to) +
                                         " " + std::to_string(sw) + " to " + std::to_string(dw);
                CAPTURE(what);
                GuardedFrame src(from, sw, sh, Layout::safe_in);
                src.fill();
                GuardedFrame dark(to, dw, dh, Layout::safe_out), bright(to, dw, dh, Layout::safe_out);
                const Request r = test::request(test::side(from, sw, sh), test::side(to, dw, dh));
                src.pad(0);
                test::convert(r, src.view(), dark.view());
                src.pad(255);
                test::convert(r, src.view(), bright.view());
                CHECK(dark.same_picture(bright));
            }
}

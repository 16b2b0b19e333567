// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
// Proof: the picture does not depend on the number of threads.
//
//   sws-threads [--subset] [--seed N]
//
// Random formats, sizes, colours, methods and dithers, engine=auto and swscale, noise as the picture; each with
// n-threads 1, 2, 3 and 7. Exits with 1 when any two differ.
#include "tests/proofs/sws_planes.hpp"
#include "tests/proofs/sws_proof.hpp"

#include <cstdlib>

using namespace onair::test;

namespace {

GstVideoInfo some_side(std::mt19937& random, const std::vector<std::string>& formats) {
    const int width = 1 + static_cast<int>(random() % 400), height = 1 + static_cast<int>(random() % 700);
    GstVideoInfo info = info_of(formats[random() % formats.size()].c_str(), width, height);
    const GstVideoColorMatrix matrices[] = {GST_VIDEO_COLOR_MATRIX_BT601, GST_VIDEO_COLOR_MATRIX_BT709,
                                            GST_VIDEO_COLOR_MATRIX_BT2020};
    const GstVideoChromaSite sites[] = {GST_VIDEO_CHROMA_SITE_MPEG2, GST_VIDEO_CHROMA_SITE_JPEG,
                                        GST_VIDEO_CHROMA_SITE_COSITED};
    if (!GST_VIDEO_INFO_IS_YUV(&info)) return info;
    info.colorimetry.matrix = matrices[random() % 3];
    info.colorimetry.range = random() % 2 ? GST_VIDEO_COLOR_RANGE_0_255 : GST_VIDEO_COLOR_RANGE_16_235;
    info.chroma_site = sites[random() % 3];
    return info;
}

Pic noise(const GstVideoInfo& info, std::mt19937& random) {
    Pic pic{info, plain_buffer(info)};
    const onair::gst::BufferMap map(pic.buffer.get(), GST_MAP_WRITE);
    for (uint8_t& byte : map.bytes())
        byte = static_cast<uint8_t>(random());
    return pic;
}

/// All pixels as GStreamer unpacks them: padding and bits without meaning are no part of the picture.
std::vector<uint8_t> pixels(const Pic& pic) {
    const auto* unpacked = gst_video_format_get_info(pic.info.finfo->unpack_format);
    const size_t row = static_cast<size_t>(pic.info.width) * (GST_VIDEO_FORMAT_INFO_DEPTH(unpacked, 0) > 8 ? 8 : 4);
    std::vector<uint8_t> line(row + 512), all;
    const onair::gst::VideoFrameMap map(pic.info, pic.buffer.get(), GST_MAP_READ);
    gpointer data[GST_VIDEO_MAX_PLANES] = {};
    gint stride[GST_VIDEO_MAX_PLANES] = {};
    for (guint p = 0; p < GST_VIDEO_INFO_N_PLANES(&pic.info); ++p) {
        data[p] = map.frame().data[p];
        stride[p] = map.frame().info.stride[p];
    }
    for (int y = 0; y < pic.info.height; ++y) {
        pic.info.finfo->unpack_func(pic.info.finfo, GST_VIDEO_PACK_FLAG_NONE, line.data(), data, stride, 0, y,
                                    pic.info.width);
        const size_t cut = rows_are_cut(pic.info) ? row / static_cast<size_t>(pic.info.width) : 0;
        std::fill(line.begin() + static_cast<ptrdiff_t>(row - cut), line.end(), uint8_t{0});
        all.insert(all.end(), line.begin(), line.begin() + static_cast<ptrdiff_t>(row));
    }
    return all;
}

} // namespace

int main(int argc, char** argv) {
    gst_init(&argc, &argv);
    int cases = 200;
    unsigned seed = 20261124;
    for (int i = 1; i < argc; ++i) {
        if (std::strcmp(argv[i], "--subset") == 0) cases = 12;
        if (std::strcmp(argv[i], "--seed") == 0 && i + 1 < argc)
            seed = static_cast<unsigned>(std::strtoul(argv[i + 1], nullptr, 10));
    }
    std::mt19937 random(seed);
    const std::vector<std::string> formats = offered_formats();
    int done = 0, different = 0, by_swscale = 0, refused = 0;
    for (int turn = 0; done < cases && turn < 20 * cases; ++turn) {
        const GstVideoInfo in = some_side(random, formats);
        GstVideoInfo out = some_side(random, formats);
        if (random() % 3 == 0)
            gst_video_info_set_format(&out, GST_VIDEO_INFO_FORMAT(&out), static_cast<guint>(in.width),
                                      static_cast<guint>(in.height));
        out.fps_n = in.fps_n;
        const bool swscale = random() % 3 == 0 && has_property("swsconvertscale", "engine");
        const std::string method = std::to_string(random() % 14), dither = std::to_string(random() % 5);
        const Pic picture = noise(in, random);
        std::vector<uint8_t> first, other;
        bool there = true, same = true;
        for (const char* threads : {"1", "2", "3", "7"}) {
            const std::string line =
                element_with("swsconvertscale", {{"method", method},
                                                 {"dither", dither},
                                                 {"engine", swscale ? "swscale" : "auto"},
                                                 {"n-threads", threads},
                                                 {"add-borders", random() % 2 ? "true" : "false"}});
            static std::string last; // borders are drawn once a case
            const size_t borders = line.rfind(" add-borders=");
            if (std::strcmp(threads, "1") == 0) last = line.substr(borders);
            const Pic pic = convert(line.substr(0, borders) + last, picture, out);
            if (!pic) {
                there = false;
                refused += !swscale;
                break;
            }
            const std::vector<uint8_t> now = pixels(pic);
            if (first.empty()) first = now;
            if (now != first) other = now;
            same = same && now == first;
        }
        if (!there && swscale) continue; // a format that libswscale lacks
        ++done;
        by_swscale += swscale;
        different += !same;
        if (!same) {
            size_t at = 0, count = 0;
            for (size_t i = other.size(); i-- > 0;)
                if (other[i] != first[i]) {
                    at = i;
                    ++count;
                }
            const size_t pixel = first.size() / static_cast<size_t>(out.width) / static_cast<size_t>(out.height);
            std::fprintf(stderr, "%zu bytes differ, the first at column %zu of row %zu\n", count,
                         at / pixel % static_cast<size_t>(out.width), at / pixel / static_cast<size_t>(out.width));
        }
        if (!same || !there)
            std::fprintf(stderr, "%s: %s %dx%d to %s %dx%d method=%s dither=%s engine=%s\n",
                         same ? "REFUSED" : "DIFFERENT", GST_VIDEO_INFO_NAME(&in), in.width, in.height,
                         GST_VIDEO_INFO_NAME(&out), out.width, out.height, method.c_str(), dither.c_str(),
                         swscale ? "swscale" : "auto");
    }
    std::printf("%d random cases (%d by engine=swscale), seed %u, n-threads 1, 2, 3, 7: %d differ, %d refused\n", done,
                by_swscale, seed, different, refused);
    return different || refused || done < cases ? 1 : 0;
}

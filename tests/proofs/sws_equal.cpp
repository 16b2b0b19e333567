// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
// Proof: engine=swscale makes byte for byte what `ffmpeg -vf scale` of the installed FFmpeg makes.
//
//   sws-equal [--subset] [--markdown]
//
// Both are told flags, range, matrix and chroma positions. Exits with 1 when a case differs that is not in
// `departures`. The program `ffmpeg` must be of the version whose libswscale is linked; skips (77) where there is none.
#include "tests/proofs/sws_planes.hpp"
#include "tests/proofs/sws_proof.hpp"
#include "tests/support/command.hpp"

#include <fstream>

using namespace onair::test;

namespace {

struct Format {
    const char *gst, *av;
};
struct Pair {
    Format in, out;
};
constexpr Pair pairs[] = {
    {{"I420", "yuv420p"}, {"I420", "yuv420p"}},
    {{"I420", "yuv420p"}, {"Y42B", "yuv422p"}},
    {{"I420", "yuv420p"}, {"BGRA", "bgra"}},
    {{"NV12", "nv12"}, {"I420", "yuv420p"}},
    {{"UYVY", "uyvy422"}, {"I420", "yuv420p"}},
    {{"I422_10LE", "yuv422p10le"}, {"I422_10LE", "yuv422p10le"}},
    {{"I422_10LE", "yuv422p10le"}, {"I420", "yuv420p"}},
    {{"P010_10LE", "p010le"}, {"NV12", "nv12"}},
    {{"BGRA", "bgra"}, {"I420", "yuv420p"}},
    {{"RGB", "rgb24"}, {"Y444", "yuv444p"}},
    {{"GBR_10LE", "gbrp10le"}, {"Y444_10LE", "yuv444p10le"}},
    {{"Y444_12LE", "yuv444p12le"}, {"GBR_12LE", "gbrp12le"}},
};

struct Variant {
    const char* name;
    int in_w, in_h, out_w, out_h;
    const char *method, *flag;
    GstVideoColorMatrix in_matrix, out_matrix;
    bool in_full, out_full;
    GstVideoChromaSite in_site, out_site;
};
constexpr auto m601 = GST_VIDEO_COLOR_MATRIX_BT601, m709 = GST_VIDEO_COLOR_MATRIX_BT709;
constexpr auto left = GST_VIDEO_CHROMA_SITE_MPEG2, centre = GST_VIDEO_CHROMA_SITE_JPEG,
               top_left = GST_VIDEO_CHROMA_SITE_COSITED;
constexpr Variant variants[] = {
    {"down, bicubic", 320, 192, 192, 112, "bicubic", "bicubic", m709, m709, false, false, left, left},
    {"up, lanczos, centred to left", 320, 192, 512, 256, "lanczos", "lanczos", m709, m709, false, false, centre, left},
    {"same size, limited to full", 320, 192, 320, 192, "bicubic", "bicubic", m709, m709, false, true, left, left},
    {"down, bilinear, 601 to 709", 320, 192, 128, 96, "bilinear", "bilinear", m601, m709, false, false, left, left},
    {"down, area, full, top left", 320, 192, 160, 64, "area", "area", m601, m601, true, true, top_left, top_left},
    {"up, spline, full to limited", 320, 192, 384, 288, "spline", "spline", m709, m709, true, false, left, left},
    {"up, nearest", 320, 192, 640, 384, "nearest-neighbour", "neighbor", m709, m709, false, false, left, left},
};

GstVideoInfo side(const Format& format, int width, int height, GstVideoColorMatrix matrix, bool full,
                  GstVideoChromaSite site) {
    GstVideoInfo info = info_of(format.gst, width, height);
    if (!GST_VIDEO_INFO_IS_YUV(&info)) {
        info.colorimetry.transfer = GST_VIDEO_TRANSFER_BT709;
        return info;
    }
    info.colorimetry.matrix = matrix;
    info.colorimetry.range = full ? GST_VIDEO_COLOR_RANGE_0_255 : GST_VIDEO_COLOR_RANGE_16_235;
    info.chroma_site = site;
    return info;
}

std::string av_side(const char* which, const GstVideoInfo& info) {
    if (!GST_VIDEO_INFO_IS_YUV(&info)) return "";
    const std::string w = which;
    const reference::Side s = side_of(info);
    std::string line = w + "_range=" + (s.full ? "full" : "limited") + ":" + w +
                       "_color_matrix=" + (info.colorimetry.matrix == m601 ? "bt601" : "bt709") + ":";
    if (s.sub_w > 1) line += w + "_h_chr_pos=" + (s.cosited_w ? "0" : "128") + ":";
    if (s.sub_h > 1) line += w + "_v_chr_pos=" + (s.cosited_h ? "0" : "128") + ":";
    return line;
}

Pic noise(const GstVideoInfo& info) {
    std::mt19937 random(7);
    const reference::Side s = side_of(info);
    reference::Samples samples;
    for (int c = 0; c < s.components; ++c) {
        const int columns = s.columns(c, info.width), rows = s.rows(c, info.height);
        const int top = (1 << s.depth[static_cast<size_t>(c)]) - 1;
        for (int i = 0; i < columns * rows; ++i) { // a ramp with some noise
            const int ramp = top * (i % columns) / columns;
            samples[static_cast<size_t>(c)].push_back(
                std::clamp(ramp + static_cast<int>(random() % static_cast<unsigned>(top / 2)) - top / 4, 0, top));
        }
    }
    return write_samples(info, samples);
}

std::string bytes_of(const Pic& pic) {
    const onair::gst::BufferPtr plain(gst_buffer_new_allocate(nullptr, GST_VIDEO_INFO_SIZE(&pic.info), nullptr));
    copy_picture(pic.info, pic.buffer.get(), plain.get());
    const onair::gst::BufferMap map(plain.get(), GST_MAP_READ);
    return {reinterpret_cast<const char*>(map.bytes().data()), map.bytes().size()};
}

struct Outcome {
    bool made = false;
    long bytes = 0, different = 0;
    std::string filter, words;
};

Outcome compare(const TempDir& dir, const Pair& pair, const Variant& v) {
    const GstVideoInfo in = side(pair.in, v.in_w, v.in_h, v.in_matrix, v.in_full, v.in_site);
    const GstVideoInfo out = side(pair.out, v.out_w, v.out_h, v.out_matrix, v.out_full, v.out_site);
    const Pic picture = noise(in);
    Outcome result;
    const Pic ours = convert(
        element_with("swsconvertscale", {{"engine", "swscale"}, {"add-borders", "false"}, {"method", v.method}}),
        picture, out);
    if (!ours) {
        result.words = "swsconvertscale made nothing";
        return result;
    }
    const std::string raw = bytes_of(picture), mine = bytes_of(ours);
    std::ofstream(dir / "in.raw", std::ios::binary) << raw;
    result.filter = "scale=" + std::to_string(v.out_w) + ":" + std::to_string(v.out_h) + ":" + av_side("in", in) +
                    av_side("out", out) + "flags=" + v.flag + "+accurate_rnd+full_chroma_int+full_chroma_inp";
    const CommandResult run =
        run_command("ffmpeg -v error -nostdin -y -f rawvideo -s " + std::to_string(v.in_w) + "x" +
                    std::to_string(v.in_h) + " -pix_fmt " + pair.in.av + " -i " + (dir / "in.raw") + " -vf " +
                    result.filter + " -f rawvideo -pix_fmt " + pair.out.av + " " + (dir / "out.raw"));
    std::ifstream file(dir / "out.raw", std::ios::binary);
    const std::string theirs((std::istreambuf_iterator<char>(file)), {});
    result.words = run.output;
    result.made = run.status == 0 && theirs.size() == mine.size();
    result.bytes = static_cast<long>(mine.size());
    for (size_t i = 0; result.made && i < mine.size(); ++i)
        result.different += mine[i] != theirs[i];
    return result;
}

} // namespace

int main(int argc, char** argv) {
    gst_init(&argc, &argv);
    bool subset = false, markdown = false;
    for (int i = 1; i < argc; ++i) {
        subset |= std::strcmp(argv[i], "--subset") == 0;
        markdown |= std::strcmp(argv[i], "--markdown") == 0;
    }
    if (!have_program("ffmpeg") || !has_property("swsconvertscale", "engine")) {
        std::printf("SKIPPED: needs the program ffmpeg and the property engine\n");
        return 77;
    }
    const TempDir dir;
    int equal = 0, different = 0, failed = 0;
    size_t turn = 0;
    if (markdown)
        std::printf("| from | to | what | `-vf` of ffmpeg | bytes | different |\n|---|---|---|---|---|---|\n");
    for (const Pair& pair : pairs)
        for (const Variant& v : variants) {
            if (subset && turn++ % 17 != 0) continue;
            const Outcome o = compare(dir, pair, v);
            equal += o.made && o.different == 0;
            different += o.different > 0;
            failed += !o.made;
            if (markdown)
                std::printf("| %s | %s | %s | `%s` | %ld | %s |\n", pair.in.gst, pair.out.gst, v.name, o.filter.c_str(),
                            o.bytes, o.made ? std::to_string(o.different).c_str() : "not made");
            if (!o.made || o.different)
                std::fprintf(stderr, "%s %s to %s, %s: %ld of %ld bytes\n   %s\n   %s\n",
                             o.made ? "DIFFERENT" : "NOT MADE", pair.in.gst, pair.out.gst, v.name, o.different, o.bytes,
                             o.filter.c_str(), o.words.c_str());
        }
    std::printf("\n%d cases are equal byte for byte, %d differ, %d could not be made\n", equal, different, failed);
    return different || failed ? 1 : 0;
}

// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
// Proof: code values against docs/specs/conversion.md in double precision, beside videoconvertscale and FFmpeg's
// program.
//
//   sws-exactness [--subset] [--markdown] [--no-ffmpeg]
//
// Exits with 1 when swsconvertscale is more than 1 code away from the reference (rounded) anywhere; with dither=bayer
// 2, and 0.02 in the mean. --markdown prints docs/exactness.md.
#include "tests/proofs/sws_proof.hpp"
#include "tests/support/command.hpp"
#include "tests/support/sws_code_errors.hpp"

#include <fstream>
#include <map>

using namespace onair::test;

namespace {

constexpr int width = 192, height = 96; // no format has padding at this size

struct Format {
    const char* name;
    const char* av; ///< FFmpeg's name of the same bytes, or null
};
constexpr Format formats[] = {
    {"Y444", "yuv444p"},
    {"Y444_10LE", "yuv444p10le"},
    {"Y444_12LE", "yuv444p12le"},
    {"Y42B", "yuv422p"},
    {"UYVY", "uyvy422"},
    {"I422_10LE", "yuv422p10le"},
    {"v210", nullptr},
    {"I422_12LE", "yuv422p12le"},
    {"I420", "yuv420p"},
    {"NV12", "nv12"},
    {"I420_10LE", "yuv420p10le"},
    {"P010_10LE", "p010le"},
    {"I420_12LE", "yuv420p12le"},
    {"RGB", "rgb24"},
    {"BGRA", "bgra"},
    {"GBR_10LE", "gbrp10le"},
    {"GBR_12LE", "gbrp12le"},
    {"ARGB64_LE", nullptr},
    {"GRAY8", "gray"},
    {"GRAY16_LE", "gray16le"},
};

struct Tone {
    GstVideoColorMatrix matrix;
    bool full;
};
constexpr auto m601 = GST_VIDEO_COLOR_MATRIX_BT601, m709 = GST_VIDEO_COLOR_MATRIX_BT709,
               m2020 = GST_VIDEO_COLOR_MATRIX_BT2020;
/// The colours of both sides. RGB and grey keep full range but in `narrow`; FFmpeg is asked for `ffmpeg` ones.
struct Change {
    Tone in, out;
    bool narrow, ffmpeg;
    GstVideoChromaSite in_site = GST_VIDEO_CHROMA_SITE_MPEG2, out_site = GST_VIDEO_CHROMA_SITE_MPEG2;
};
constexpr Change changes[] = {
    {{m709, false}, {m709, false}, false, true},
    {{m601, false}, {m601, false}, false, false, GST_VIDEO_CHROMA_SITE_JPEG, GST_VIDEO_CHROMA_SITE_JPEG},
    {{m2020, false}, {m2020, false}, true, false},
    {{m709, false}, {m709, true}, false, true},
    {{m601, true}, {m601, false}, false, false},
    {{m709, true}, {m709, true}, false, false, GST_VIDEO_CHROMA_SITE_JPEG, GST_VIDEO_CHROMA_SITE_MPEG2},
    {{m601, false}, {m709, false}, false, true},
    {{m709, false}, {m2020, false}, true, false, GST_VIDEO_CHROMA_SITE_MPEG2, GST_VIDEO_CHROMA_SITE_COSITED},
    {{m2020, true}, {m601, false}, false, false},
    {{m709, false}, {m601, true}, false, true},
};

GstVideoInfo side(const char* format, const Tone& tone, GstVideoChromaSite site, bool narrow) {
    GstVideoInfo info = info_of(format, width, height);
    const bool yuv = GST_VIDEO_INFO_IS_YUV(&info), rgb = GST_VIDEO_INFO_IS_RGB(&info);
    const bool full = yuv || narrow ? tone.full : true;
    info.colorimetry = {full ? GST_VIDEO_COLOR_RANGE_0_255 : GST_VIDEO_COLOR_RANGE_16_235,
                        rgb ? GST_VIDEO_COLOR_MATRIX_RGB : tone.matrix, GST_VIDEO_TRANSFER_BT709,
                        GST_VIDEO_COLOR_PRIMARIES_BT709};
    info.chroma_site = yuv ? site : GST_VIDEO_CHROMA_SITE_UNKNOWN;
    return info;
}

// --- figures ---------------------------------------------------------------------------------------------------------

struct Line {
    CodeError ours, theirs, ffmpeg;
};
using Table = std::map<std::string, Line>;

std::string kind(const GstVideoInfo& info) {
    if (GST_VIDEO_INFO_IS_RGB(&info)) return "RGB";
    if (GST_VIDEO_INFO_IS_GRAY(&info)) return "grey";
    const reference::Side s = side_of(info);
    return s.sub_h == 2 ? "4:2:0" : s.sub_w == 2 ? "4:2:2" : "4:4:4";
}

/// videoconvertscale at its most exact; `light` when transfer or primaries are to be converted (it clips to the gamut
/// then).
Settings peer(bool light, const char* dither = "none") {
    Settings s = {{"dither", dither},
                  {"chroma-resampler", "linear"},
                  {"chroma-mode", "full"},
                  {"matrix-mode", "full"},
                  {"n-threads", "1"}};
    if (light) s.insert(s.end(), {{"gamma-mode", "remap"}, {"primaries-mode", "fast"}});
    return s;
}

// --- FFmpeg's program ------------------------------------------------------------------------------------------------

std::string av_side(const char* which, const GstVideoInfo& info) {
    if (!GST_VIDEO_INFO_IS_YUV(&info)) return "";
    const reference::Side s = side_of(info);
    const std::string w = which;
    const char* matrix = info.colorimetry.matrix == m601   ? "bt601"
                         : info.colorimetry.matrix == m709 ? "bt709"
                                                           : "bt2020";
    std::string line = w + "_range=" + (s.full ? "full" : "limited") + ":" + w + "_color_matrix=" + matrix + ":";
    if (s.sub_w > 1) line += w + "_h_chr_pos=" + (s.cosited_w ? "0" : "128") + ":";
    if (s.sub_h > 1) line += w + "_v_chr_pos=" + (s.cosited_h ? "0" : "128") + ":";
    return line;
}

Pic by_ffmpeg(const TempDir& dir, const Pic& from, const char* in, const GstVideoInfo& to, const char* out) {
    const auto full = [](const GstVideoInfo& i) {
        return GST_VIDEO_INFO_IS_YUV(&i) || i.colorimetry.range == GST_VIDEO_COLOR_RANGE_0_255;
    };
    if (!in || !out || !full(from.info) || !full(to)) return {};
    {
        const onair::gst::BufferMap map(from.buffer.get(), GST_MAP_READ);
        std::ofstream(dir / "in.raw", std::ios::binary)
            .write(reinterpret_cast<const char*>(map.bytes().data()), static_cast<std::streamsize>(map.bytes().size()));
    }
    const CommandResult run = run_command(
        std::string("ffmpeg -v error -nostdin -y -f rawvideo -s 192x96 -pix_fmt ") + in + " -i " + (dir / "in.raw") +
        " -vf scale=" + av_side("in", from.info) + av_side("out", to) +
        "flags=bilinear+accurate_rnd+full_chroma_int+full_chroma_inp:sws_dither=none -f rawvideo -pix_fmt " + out +
        " " + (dir / "out.raw"));
    std::ifstream file(dir / "out.raw", std::ios::binary);
    const std::string bytes((std::istreambuf_iterator<char>(file)), {});
    if (run.status != 0 || bytes.size() != GST_VIDEO_INFO_SIZE(&to)) {
        std::fprintf(stderr, "ffmpeg %s to %s: %s\n", in, out, run.output.c_str());
        return {};
    }
    Pic pic{to, onair::gst::BufferPtr(gst_buffer_new_allocate(nullptr, bytes.size(), nullptr))};
    gst_buffer_fill(pic.buffer.get(), 0, bytes.data(), bytes.size());
    return pic;
}

// --- the parts -------------------------------------------------------------------------------------------------------

struct Options {
    bool subset = false, markdown = false, ffmpeg = true;
};

/// Tells of one conversion that is wrong; the command that makes it is in the caps.
bool acceptable(const Line& one, const GstVideoInfo& from, const GstVideoInfo& to, double limit) {
    if (one.ours.failed == 0 && one.ours.largest <= limit) return true;
    const onair::gst::CapsPtr in(gst_video_info_to_caps(&from)), out(gst_video_info_to_caps(&to));
    const onair::gst::CharPtr a(gst_caps_to_string(in.get())), b(gst_caps_to_string(out.get()));
    std::fprintf(stderr, "WRONG %s: largest %.0f, rms %.3f\n   %s\n   %s\n", one.ours.failed ? "refused" : "value",
                 one.ours.largest, one.ours.rms(), a.get(), b.get());
    return false;
}

/// Part 1: the same transfer and primaries on both sides.
int same_light(const Options& options, Table& table, std::mt19937& random) {
    const TempDir dir;
    const std::string ours = element_with("swsconvertscale", {{"dither", "none"}, {"n-threads", "1"}});
    const std::string theirs = element_with("videoconvertscale", peer(false));
    int wrong = 0;
    unsigned turn = 0;
    std::set<std::string> done;
    for (const Format& a : formats)
        for (const Format& b : formats)
            for (const Change& change : changes) {
                if (options.subset && turn++ % 41 != 0) continue;
                const GstVideoInfo in = side(a.name, change.in, change.in_site, change.narrow);
                const GstVideoInfo out = side(b.name, change.out, change.out_site, change.narrow);
                const onair::gst::CapsPtr in_caps(gst_video_info_to_caps(&in)), out_caps(gst_video_info_to_caps(&out));
                const onair::gst::CharPtr in_text(gst_caps_to_string(in_caps.get())),
                    out_text(gst_caps_to_string(out_caps.get()));
                if (gst_video_info_is_equal(&in, &out) ||
                    !done.insert(in_text.get() + std::string(out_text.get())).second)
                    continue;
                const reference::Side s = side_of(in), d = side_of(out);
                Line one;
                for (const bool tame : {false, true}) {
                    const reference::Samples samples =
                        tame ? natural(s, width, height, random) : wild(s, width, height, random);
                    const Pic picture = write_samples(in, samples);
                    const reference::Samples truth = reference::convert(s, d, samples, width, height);
                    one.ours.add(convert(ours, picture, out), truth);
                    if (!tame) continue;
                    if (!options.subset) one.theirs.add(convert(theirs, picture, out), truth);
                    if (options.ffmpeg && change.ffmpeg && a.av && b.av)
                        if (const Pic pic = by_ffmpeg(dir, picture, a.av, out, b.av)) one.ffmpeg.add(pic, truth);
                }
                wrong += !acceptable(one, in, out, 1);
                const bool both = GST_VIDEO_INFO_IS_YUV(&in) && GST_VIDEO_INFO_IS_YUV(&out);
                const std::string key = kind(in) + " to " + kind(out) +
                                        (both && change.in.matrix != change.out.matrix ? ", other matrix" : "") +
                                        " | " + (d.depth[0] > 8 ? "10 to 16" : "8");
                Line& line = table[key];
                line.ours.merge(one.ours);
                line.theirs.merge(one.theirs);
                line.ffmpeg.merge(one.ffmpeg);
            }
    return wrong;
}

struct Light {
    const char* name;
    GstVideoTransferFunction in_transfer;
    GstVideoColorPrimaries in_primaries;
    GstVideoTransferFunction out_transfer;
    GstVideoColorPrimaries out_primaries;
    double limit; ///< largest error, codes of the output
};
constexpr auto p709 = GST_VIDEO_COLOR_PRIMARIES_BT709, p2020 = GST_VIDEO_COLOR_PRIMARIES_BT2020,
               p601 = GST_VIDEO_COLOR_PRIMARIES_SMPTE170M;
constexpr Light lights[] = {
    {"sRGB to BT.709 transfer", GST_VIDEO_TRANSFER_SRGB, p709, GST_VIDEO_TRANSFER_BT709, p709, 1},
    {"BT.709 to sRGB transfer", GST_VIDEO_TRANSFER_BT709, p709, GST_VIDEO_TRANSFER_SRGB, p709, 1},
    {"BT.709 to BT.2020 primaries", GST_VIDEO_TRANSFER_BT709, p709, GST_VIDEO_TRANSFER_BT2020_10, p2020, 1},
    {"BT.2020 to BT.709 primaries", GST_VIDEO_TRANSFER_BT2020_12, p2020, GST_VIDEO_TRANSFER_BT709, p709, 1},
    {"BT.601 (SMPTE 170M) to BT.709 primaries", GST_VIDEO_TRANSFER_BT709, p601, GST_VIDEO_TRANSFER_BT709, p709, 1},
    {"sRGB to BT.2020 transfer and primaries", GST_VIDEO_TRANSFER_SRGB, p709, GST_VIDEO_TRANSFER_BT2020_12, p2020, 1},
    {"HLG to PQ transfer", GST_VIDEO_TRANSFER_ARIB_STD_B67, p2020, GST_VIDEO_TRANSFER_SMPTE2084, p2020, 1},
};

/// Part 2: transfer or primaries change; colours that exist on the input's side.
int other_light(const Options& options, Table& table, std::mt19937& random) {
    const std::string ours = element_with("swsconvertscale", {{"dither", "none"}, {"n-threads", "1"}, {"hdr", "off"}});
    const std::string theirs = element_with("videoconvertscale", peer(true));
    const char* some[] = {"RGB", "GBR_12LE", "Y444_10LE", "Y444", "I420"};
    int wrong = 0;
    for (const Light& light : lights)
        for (const char* a : some)
            for (const char* b : some) {
                if (options.subset && (std::strcmp(a, "RGB") != 0 || std::strcmp(b, "Y444_10LE") != 0)) continue;
                GstVideoInfo in = side(a, {m709, false}, GST_VIDEO_CHROMA_SITE_MPEG2, false);
                GstVideoInfo out = side(b, {m709, false}, GST_VIDEO_CHROMA_SITE_MPEG2, false);
                in.colorimetry.transfer = light.in_transfer;
                in.colorimetry.primaries = light.in_primaries;
                out.colorimetry.transfer = light.out_transfer;
                out.colorimetry.primaries = light.out_primaries;
                const reference::Side s = side_of(in), d = side_of(out);
                const reference::Samples samples = natural(s, width, height, random);
                const Pic picture = write_samples(in, samples);
                const reference::Samples truth = reference::convert(s, d, samples, width, height);
                Line one;
                one.ours.add(convert(ours, picture, out), truth);
                if (!options.subset) one.theirs.add(convert(theirs, picture, out), truth);
                wrong += !acceptable(one, in, out, light.limit);
                Line& line = table[std::string(light.name) + " | " + (d.depth[0] > 8 ? "10 to 16" : "8")];
                line.ours.merge(one.ours);
                line.theirs.merge(one.theirs);
            }
    return wrong;
}

/// Part 3: dither=bayer where bits are lost.
int dithered(const Options& options, Table& table, std::mt19937& random) {
    if (!has_property("swsconvertscale", "dither")) return 0;
    const std::string ours = element_with("swsconvertscale", {{"dither", "bayer"}, {"n-threads", "1"}});
    const std::string theirs = element_with("videoconvertscale", peer(false, "bayer"));
    const std::pair<const char*, const char*> pairs[] = {
        {"I420_10LE", "I420"},      {"I422_10LE", "UYVY"}, {"P010_10LE", "NV12"},
        {"Y444_12LE", "Y444_10LE"}, {"v210", "I420"},      {"GBR_12LE", "RGB"},
        {"I422_10LE", "BGRA"},      {"ARGB64_LE", "Y42B"}, {"GRAY16_LE", "GRAY8"}};
    int wrong = 0;
    for (const auto& [a, b] : pairs) {
        const GstVideoInfo in = side(a, {m709, false}, GST_VIDEO_CHROMA_SITE_MPEG2, false);
        const GstVideoInfo out = side(b, {m709, false}, GST_VIDEO_CHROMA_SITE_MPEG2, false);
        const reference::Side s = side_of(in);
        const reference::Samples samples = wild(s, width, height, random);
        const Pic picture = write_samples(in, samples);
        const reference::Samples truth = reference::convert(s, side_of(out), samples, width, height);
        Line& line = table[std::string(a) + " to " + b + " | " + std::to_string(GST_VIDEO_INFO_COMP_DEPTH(&out, 0))];
        line.ours.add(convert(ours, picture, out), truth);
        if (!options.subset) line.theirs.add(convert(theirs, picture, out), truth);
        const bool good = acceptable(line, in, out, 2) && std::abs(line.ours.mean()) < 0.02;
        if (!good) std::fprintf(stderr, "WRONG dither %s to %s: mean %.4f\n", a, b, line.ours.mean());
        wrong += !good;
    }
    return wrong;
}

void print(const char* title, const Table& table, bool ffmpeg, bool mean) {
    std::printf("\n## %s\n\n| conversion | bits of the output | pictures | swsconvertscale | videoconvertscale |%s\n"
                "|---|---|---|---|---|%s\n",
                title,
                ffmpeg ? " ffmpeg -vf scale |"
                : mean ? " mean, ours | mean, videoconvertscale |"
                       : "",
                ffmpeg ? "---|"
                : mean ? "---|---|"
                       : "");
    for (const auto& [name, line] : table) {
        std::printf("| %s | %d | %s%s | %s |", name.c_str(), line.ours.pictures + line.ours.failed,
                    line.ours.text().c_str(),
                    line.ours.failed ? (", " + std::to_string(line.ours.failed) + " refused").c_str() : "",
                    line.theirs.text().c_str());
        if (ffmpeg) std::printf(" %s |", line.ffmpeg.text().c_str());
        if (mean) std::printf(" %.4f | %.4f |", line.ours.mean(), line.theirs.mean());
        std::printf("\n");
    }
}

constexpr const char* heading = R"(<!-- SPDX-FileCopyrightText: gst-plugins-onair contributors -->
<!-- SPDX-License-Identifier: LGPL-2.1-or-later -->
# Exactness

Code values of the output against [specs/conversion.md](specs/conversion.md), computed in double precision and rounded.
Each cell is `largest / rms` error in codes of the output (of its own depth). 0 / 0.000 is every value as the
contract has it. Made by

    ./onair test --slow sws-exactness
    meson devenv -C build build/tests/proofs/sws-exactness --markdown > docs/exactness.md

Pictures of 192x96: a third noise, a third ramps, a third the outermost codes. swsconvertscale gets two for each
conversion: one of R'G'B' brought to the input's side, and one of arbitrary codes, so that foot- and headroom and colours
outside of RGB count as well; the others get the first. YUV of 8, 10 and 12 bit at 4:4:4, 4:2:2 and 4:2:0, planar and packed (v210, UYVY, NV12, P010), RGB of 8, 10, 12
and 16 bit, grey of 8 and 16; BT.601, 709 and 2020 matrices, full and limited range, chroma left, centred and top left.
swsconvertscale: `dither=none`. videoconvertscale: `dither=none chroma-resampler=linear chroma-mode=full
matrix-mode=full`, with other transfer or primaries also `gamma-mode=remap primaries-mode=fast`. ffmpeg: `flags=bilinear+accurate_rnd+full_chroma_int+full_chroma_inp`, `sws_dither=none`,
range, matrix and chroma positions given, in four of the ten changes of colour; `-` where it has not the format, or a
range for it. videoconvertscale leaves the range of YUV as it is where the matrix is the same, which is most of its error
from YUV to YUV of more than 8 bits.

Limits: 1 code everywhere; with `dither=bayer` 2 codes, and 0.02 in the mean over values that do not clip.
)";

} // namespace

int main(int argc, char** argv) {
    gst_init(&argc, &argv);
    Options options;
    for (int i = 1; i < argc; ++i) {
        options.subset |= std::strcmp(argv[i], "--subset") == 0;
        options.markdown |= std::strcmp(argv[i], "--markdown") == 0;
        options.ffmpeg &= std::strcmp(argv[i], "--no-ffmpeg") != 0;
    }
    options.ffmpeg = options.ffmpeg && !options.subset && have_program("ffmpeg");
    std::mt19937 random(20261124);
    Table same, other, bayer;
    int wrong = same_light(options, same, random);
    wrong += other_light(options, other, random);
    wrong += dithered(options, bayer, random);
    if (options.markdown) std::printf("%s", heading);
    print("Same transfer and primaries", same, true, false);
    print("Other transfer or primaries", other, false, false);
    if (!bayer.empty()) print("dither=bayer", bayer, false, true);
    long pictures = 0;
    for (const Table* t : {&same, &other, &bayer})
        for (const auto& [name, line] : *t)
            pictures += line.ours.pictures + line.ours.failed;
    std::printf("\n%ld conversions, %d over the limit (1 code; with dither 2, and 0.02 in the mean)\n", pictures,
                wrong);
    return wrong ? 1 : 0;
}

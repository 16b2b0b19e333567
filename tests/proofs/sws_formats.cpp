// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
// Proof: every raw format of the running GStreamer to every other, at many sizes, and every byte read and written is
// the picture's.
//
//   sws-formats [--guard] [--subset] [--engine swscale] [--only FORMAT] [--largest WxH]
//
// One colour goes in; that colour must come out. --guard: planes lie between pages that fault when touched, tight
// strides, once flush with the page behind and once with the one before. Exits with 1 when anything was refused, wrong
// or faulted (with engine=swscale formats that libswscale lacks are refused, and counted apart).
#include "tests/proofs/sws_planes.hpp"
#include "tests/proofs/sws_proof.hpp"
#include "tests/support/pipeline.hpp"

#include <csetjmp>
#include <csignal>

using namespace onair::test;

namespace {

struct Size {
    int width, height;
};

GstVideoInfo flat_info(const std::string& format, Size size) {
    GstVideoInfo info = info_of(format.c_str(), size.width, size.height);
    const bool rgb = GST_VIDEO_INFO_IS_RGB(&info);
    info.colorimetry = {rgb ? GST_VIDEO_COLOR_RANGE_0_255 : GST_VIDEO_COLOR_RANGE_16_235,
                        rgb ? GST_VIDEO_COLOR_MATRIX_RGB : GST_VIDEO_COLOR_MATRIX_BT709, GST_VIDEO_TRANSFER_BT709,
                        GST_VIDEO_COLOR_PRIMARIES_BT709};
    return info;
}

// --- one colour ------------------------------------------------------------------------------------------------------

constexpr std::array<double, 3> colour{0.70, 0.35, 0.45};
double luma(const std::array<double, 3>& c) { return 0.2126 * c[0] + 0.7152 * c[1] + 0.0722 * c[2]; }

/// A pixel in GStreamer's unpacked form of the format (AYUV or ARGB of 8 or 16 bit) and back to R'G'B' with alpha.
struct Unpacker {
    explicit Unpacker(const GstVideoInfo& of)
        : info(of), rgb(GST_VIDEO_INFO_IS_RGB(&of)),
          wide(GST_VIDEO_FORMAT_INFO_DEPTH(gst_video_format_get_info(of.finfo->unpack_format), 0) > 8) {}
    GstVideoInfo info;
    bool rgb, wide;

    std::array<int, 4> pixel() const {
        const double y = luma(colour);
        std::array<double, 4> v{255, colour[0] * 255, colour[1] * 255, colour[2] * 255};
        if (!rgb) v = {255, 16 + 219 * y, 128 + 224 * (colour[2] - y) / 1.8556, 128 + 224 * (colour[0] - y) / 1.5748};
        std::array<int, 4> result{};
        for (size_t i = 0; i < 4; ++i)
            result[i] = static_cast<int>(std::lround(wide ? v[i] * (rgb || i == 0 ? 257 : 256) : v[i]));
        return result;
    }
    std::array<double, 4> real(const std::array<int, 4>& p) const {
        std::array<double, 4> v{};
        for (size_t i = 0; i < 4; ++i)
            v[i] = wide ? p[i] / (rgb || i == 0 ? 257.0 : 256.0) : p[i];
        const double alpha = v[0] / 255;
        if (rgb) return {v[1] / 255, v[2] / 255, v[3] / 255, alpha};
        const double y = (v[1] - 16) / 219, cb = (v[2] - 128) / 224, cr = (v[3] - 128) / 224;
        if (GST_VIDEO_INFO_IS_GRAY(&info)) return {y, y, y, alpha};
        const double r = y + 1.5748 * cr, b = y + 1.8556 * cb;
        return {r, (y - 0.2126 * r - 0.0722 * b) / 0.7152, b, alpha};
    }
};

struct Planes {
    gpointer data[GST_VIDEO_MAX_PLANES] = {};
    gint stride[GST_VIDEO_MAX_PLANES] = {};
    explicit Planes(const GstVideoFrame& f) {
        for (guint p = 0; p < GST_VIDEO_FRAME_N_PLANES(&f); ++p) {
            data[p] = f.data[p];
            stride[p] = f.info.stride[p];
        }
    }
};

void put(std::vector<uint8_t>& line, size_t i, int value, bool wide) {
    if (wide)
        reinterpret_cast<uint16_t*>(line.data())[i] = static_cast<uint16_t>(value);
    else
        line[i] = static_cast<uint8_t>(value);
}

/// GStreamer's own functions for these swap the chroma of the last column of an odd width, or leave out a last tile
/// that is not full (1.22 to 1.28); their rows have room for more.
int packed_width(const GstVideoInfo& info) {
    const GstVideoFormat f = GST_VIDEO_INFO_FORMAT(&info);
    if (std::string(GST_VIDEO_INFO_NAME(&info)).rfind("MT2110", 0) == 0) {
        const int tile = static_cast<int>(info.finfo->tile_info[0].width);
        return (info.width + tile - 1) / tile * tile;
    }
    return f == GST_VIDEO_FORMAT_VYUY || f == GST_VIDEO_FORMAT_NV61 ? (info.width + 1) / 2 * 2 : info.width;
}

Pic flat_picture(const GstVideoInfo& info) {
    Pic pic{info, plain_buffer(info)};
    const Unpacker unpacker(info);
    const auto pixel = unpacker.pixel();
    const auto row = static_cast<size_t>(info.width + 64) * 8;
    const int lines = std::max(1, info.finfo->pack_lines);
    std::vector<uint8_t> line(row * static_cast<size_t>(lines));
    for (size_t i = 0; i < line.size() / (unpacker.wide ? 2 : 1); ++i)
        put(line, i, pixel[i % 4], unpacker.wide);
    const onair::gst::VideoFrameMap map(pic.info, pic.buffer.get(), GST_MAP_READWRITE);
    Planes planes(map.frame());
    for (int y = 0; y < info.height; y += lines)
        info.finfo->pack_func(info.finfo, GST_VIDEO_PACK_FLAG_NONE, line.data(), static_cast<gint>(row), planes.data,
                              planes.stride, info.chroma_site, y, packed_width(info));
    if (info.finfo->flags & GST_VIDEO_FORMAT_FLAG_PALETTE) { // pack_func leaves it to the caller
        gsize bytes = 0;
        const gconstpointer palette = gst_video_format_get_palette(GST_VIDEO_INFO_FORMAT(&info), &bytes);
        std::memcpy(planes.data[1], palette, bytes);
    }
    return pic;
}

/// Opaque, as far as GStreamer's unpacking tells: it leaves alpha of 2 bits, and two bits that mean nothing, at 3/4.
double opaque(const GstVideoInfo& info) {
    const bool two_bits = GST_VIDEO_INFO_N_COMPONENTS(&info) == 4 && GST_VIDEO_INFO_COMP_DEPTH(&info, 3) == 2;
    const bool two_left = std::string(GST_VIDEO_INFO_NAME(&info)).find("10x2") != std::string::npos;
    return two_bits || two_left ? 0.74 : 0.99;
}

double tolerance(const GstVideoInfo& info) {
    if (info.finfo->flags & GST_VIDEO_FORMAT_FLAG_PALETTE) return 0.26; // 6x6x6 colours
    int least = 16;
    for (guint c = 0; c < std::min(3u, GST_VIDEO_INFO_N_COMPONENTS(&info)); ++c)
        least = std::min(least, static_cast<int>(GST_VIDEO_INFO_COMP_DEPTH(&info, c)));
    return least < 8 ? 1.6 / (1 << least) : 0.022;
}

/// Empty when every pixel has the colour; else what is wrong. Of tall pictures some rows, the outermost always.
std::string wrong_colour(const GstVideoInfo& from, const Pic& pic) {
    const Unpacker unpacker(pic.info);
    std::array<double, 3> want = colour;
    if (GST_VIDEO_INFO_IS_GRAY(&from) || GST_VIDEO_INFO_IS_GRAY(&pic.info)) want.fill(luma(colour));
    const double least_alpha = opaque(pic.info);
    const double allowed = tolerance(from) + tolerance(pic.info);
    std::vector<uint8_t> line(static_cast<size_t>(pic.info.width + 64) * 8);
    const onair::gst::VideoFrameMap map(pic.info, pic.buffer.get(), GST_MAP_READ);
    Planes planes(map.frame());
    const int height = pic.info.height, step = std::max(1, height / 40);
    for (int y = 0; y < height; y = y + step < height || y == height - 1 ? y + step : height - 1) {
        pic.info.finfo->unpack_func(pic.info.finfo, GST_VIDEO_PACK_FLAG_NONE, line.data(), planes.data, planes.stride,
                                    0, y, packed_width(pic.info));
        const bool cut = rows_are_cut(pic.info);
        std::array<int, 4> last{-1, -1, -1, -1};
        for (int x = 0; x < pic.info.width; ++x) {
            std::array<int, 4> p{};
            for (size_t c = 0; c < 4; ++c) {
                const size_t i = static_cast<size_t>(x) * 4 + c;
                p[c] = unpacker.wide ? reinterpret_cast<const uint16_t*>(line.data())[i] : line[i];
            }
            if (p == last || (cut && x == pic.info.width - 1)) continue;
            last = p;
            const auto v = unpacker.real(p);
            for (size_t c = 0; c < 3; ++c)
                if (std::abs(v[c] - want[c]) > allowed || v[3] < least_alpha) {
                    char text[160];
                    std::snprintf(text, sizeof text, "at %d,%d: %.3f %.3f %.3f alpha %.3f, not %.3f %.3f %.3f", x, y,
                                  v[0], v[1], v[2], v[3], want[0], want[1], want[2]);
                    return text;
                }
        }
    }
    return "";
}

// --- the run ---------------------------------------------------------------------------------------------------------

sigjmp_buf back;
volatile sig_atomic_t armed = 0;
char now[200];

void on_signal(int number) {
    if (number == SIGSEGV && armed) siglongjmp(back, 1);
    const char what[] = "\ndied at ";
    if (write(2, what, sizeof what - 1) < 0 || write(2, now, std::strlen(now)) < 0) _exit(4);
    _exit(3);
}

struct Counts {
    int done = 0, refused = 0, wrong = 0, faults = 0;
    bool good() const { return refused + wrong + faults == 0; }
};

class Run {
  public:
    Run(bool guard, std::string engine) : guard_(guard), engine_(std::move(engine)) {
        line_ = element_with(
            "swsconvertscale",
            {{"add-borders", "false"}, {"dither", "none"}, {"engine", engine_}, {"n-threads", guard ? "1" : "2"}});
    }
    Counts counts;

    void one(const std::string& a, Size s, const std::string& b, Size d) {
        const GstVideoInfo in = flat_info(a, s), out = flat_info(b, d);
        std::snprintf(now, sizeof now, "%s %dx%d to %s %dx%d\n", a.c_str(), s.width, s.height, b.c_str(), d.width,
                      d.height);
        const Pic& from = source(in);
        GstHarness* h = gst_harness_new_parse(line_.c_str());
        const onair::gst::BusPtr bus(gst_bus_new());
        gst_element_set_bus(h->element, bus.get());
        gst_harness_set_caps(h, gst_video_info_to_caps(&in), gst_video_info_to_caps(&out));
        bool keep = false;
        if (gst_video_info_is_equal(&in, &out)) {
            // Passed through: nothing to convert.
        } else if (!guard_) {
            Pic to{out, plain_buffer(out, 0x55)};
            transform(h, bus.get(), from.buffer.get(), to, in);
        } else {
            for (const bool before : {false, true})
                keep |= !guarded(h, bus.get(), from, out, before);
        }
        gst_element_set_bus(h->element, nullptr);
        if (!keep) gst_harness_teardown(h); // a faulted element holds locks and mappings
    }

  private:
    const Pic& source(const GstVideoInfo& info) {
        if (!source_ || !gst_video_info_is_equal(&source_.info, &info)) source_ = flat_picture(info);
        return source_;
    }

    bool guarded(GstHarness* h, GstBus* bus, const Pic& from, const GstVideoInfo& out, bool before) {
        const onair::gst::BufferPtr in = guarded_buffer(from.info, before);
        copy_picture(from.info, from.buffer.get(), in.get());
        Pic to{out, guarded_buffer(out, before)};
        if (sigsetjmp(back, 1)) {
            armed = 0;
            ++counts.faults;
            tell("FAULT", before ? "flush with the page before" : "flush with the page behind");
            (void)gst_buffer_ref(in.get());
            (void)gst_buffer_ref(to.buffer.get());
            return false;
        }
        armed = 1;
        transform(h, bus, in.get(), to, from.info);
        armed = 0;
        return true;
    }

    void transform(GstHarness* h, GstBus* bus, GstBuffer* in, Pic& to, const GstVideoInfo& in_info) {
        GstBaseTransform* trans = GST_BASE_TRANSFORM(element_of(h));
        ++counts.done;
        const bool negotiated = gst_pad_has_current_caps(h->sinkpad);
        const GstFlowReturn flow = negotiated
                                       ? GST_BASE_TRANSFORM_GET_CLASS(trans)->transform(trans, in, to.buffer.get())
                                       : GST_FLOW_NOT_NEGOTIATED;
        armed = 0;
        if (flow != GST_FLOW_OK) {
            ++counts.refused;
            std::string words = gst_flow_get_name(flow);
            while (const onair::gst::MessagePtr m{gst_bus_pop_filtered(bus, GST_MESSAGE_ERROR)}) {
                const Said said = said_by(m.get(), gst_message_parse_error);
                words += ": " + said.text + " (" + said.debug + ")";
            }
            if (engine_ == "auto" || counts.refused < 3) tell("REFUSED", words);
            return;
        }
        if (guard_) {
            const onair::gst::BufferPtr plain = plain_buffer(to.info);
            copy_picture(to.info, to.buffer.get(), plain.get());
            report(in_info, Pic{to.info, onair::gst::BufferPtr(gst_buffer_ref(plain.get()))});
        } else {
            report(in_info, to);
        }
    }

    void report(const GstVideoInfo& in, const Pic& pic) {
        const std::string wrong = wrong_colour(in, pic);
        if (wrong.empty()) return;
        ++counts.wrong;
        tell("WRONG", wrong);
    }

    static GstElement* element_of(GstHarness* h) {
        GstElement* element = gst_harness_find_element(h, "swsconvertscale");
        gst_object_unref(element);
        return element;
    }
    void tell(const char* what, const std::string& words) {
        if (++told_ <= 60) std::fprintf(stderr, "%s %s   %s\n", what, now, words.c_str());
    }

    bool guard_;
    std::string engine_, line_;
    Pic source_;
    int told_ = 0;
};

constexpr std::pair<Size, Size> pairs[] = {{{64, 48}, {64, 48}}, {{64, 48}, {42, 70}}, {{33, 17}, {35, 29}}};
constexpr Size sizes[] = {{1, 1},     {1, 2},     {2, 1},      {3, 5},       {33, 17},    {322, 242},
                          {720, 576}, {854, 480}, {1366, 768}, {1920, 1080}, {3840, 2160}};
constexpr const char* at_8k[] = {"I420", "NV12",      "I422_10LE", "P010_10LE", "v210", "UYVY",
                                 "BGRA", "Y444_12LE", "GBR_10LE",  "AYUV64",    "RGB",  "GRAY16_LE"};

struct Options {
    bool guard = false, subset = false;
    std::string engine = "auto", only;
    Size largest{7680, 4320};
};

/// Every format to every format at three pairs of sizes; of the subset's pairs each format is both sides at least once.
void all_to_all(const Options& options, const std::vector<std::string>& formats, Run& run) {
    size_t turn = 0;
    for (const std::string& a : formats) {
        ++turn;
        if (!options.only.empty() && a != options.only) continue;
        for (const auto& [s, d] : pairs)
            for (size_t i = 0; i < formats.size(); ++i) {
                if (options.subset && (i + turn * 7) % 37 != 0) continue;
                run.one(a, s, formats[i], d);
            }
    }
}

/// Every format at every size: to itself, to and from another format, at another size.
void all_sizes(const Options& options, const std::vector<std::string>& formats, Run& run) {
    size_t turn = 0;
    for (const Size& s : sizes) {
        if (s.width > options.largest.width || s.height > options.largest.height) continue;
        const Size other = s.width < 64 ? Size{24, 18} : Size{320, 180};
        for (const std::string& f : formats) {
            const char* partner = turn++ % 2 ? "I422_10LE" : "BGRA";
            if (!options.only.empty() && f != options.only) continue;
            if (options.subset && (s.width > 64 || turn % 5 != 0)) continue;
            run.one(f, s, f, other);
            run.one(f, s, partner, other);
            run.one(partner, other, f, s);
        }
    }
    if (options.subset || options.largest.width < 7680) return;
    for (const char* f : at_8k)
        if (options.only.empty() || f == options.only) {
            run.one(f, {7680, 4320}, f, {1920, 1080});
            run.one("I422_10LE", {1920, 1080}, f, {7680, 4320});
        }
}

} // namespace

int main(int argc, char** argv) {
    gst_init(&argc, &argv);
    g_log_set_always_fatal(static_cast<GLogLevelFlags>(G_LOG_LEVEL_CRITICAL | G_LOG_LEVEL_ERROR));
    Options options;
    for (int i = 1; i < argc; ++i) {
        const std::string word = argv[i];
        options.guard |= word == "--guard";
        options.subset |= word == "--subset";
        if (i + 1 == argc) continue;
        if (word == "--engine") options.engine = argv[++i];
        if (word == "--only") options.only = argv[++i];
        if (word == "--largest") std::sscanf(argv[++i], "%dx%d", &options.largest.width, &options.largest.height);
    }
    for (const int number : {SIGSEGV, SIGBUS, SIGTRAP, SIGABRT})
        std::signal(number, on_signal);
    const std::vector<std::string> raw = raw_formats(), formats = offered_formats();
    std::set<std::string> lacking(raw.begin(), raw.end());
    for (const std::string& f : formats)
        lacking.erase(f);
    Run run(options.guard, options.engine);
    all_to_all(options, formats, run);
    const int square = run.counts.done;
    all_sizes(options, formats, run);
    std::printf(
        "%zu of %zu raw formats (GStreamer %d.%d.%d), engine=%s%s: %d conversions (%d of formats to formats), %d "
        "refused, %d wrong, %d faults\n",
        formats.size(), raw.size(), GST_VERSION_MAJOR, GST_VERSION_MINOR, GST_VERSION_MICRO, options.engine.c_str(),
        options.guard ? ", guard pages" : "", run.counts.done, square, run.counts.refused, run.counts.wrong,
        run.counts.faults);
    for (const std::string& f : lacking)
        std::printf("not offered: %s\n", f.c_str());
    if (options.engine != "auto") return run.counts.wrong + run.counts.faults ? 1 : 0;
    return run.counts.good() && lacking.empty() ? 0 : 1;
}

// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
// Memory while an hour is recorded, faster than life: 50 pictures a second with two B-frames and a timecode each, and
// 16 tracks of PCM, into /dev/null. The resident memory is read at each minute of media.
//
//   movmux-hour [--minutes 60] [--csv memory.csv] [--svg memory.svg]
//
// Each mode is a process of its own. At the end: what the index took an hour, against the stated bound.
#include "tests/support/mov_feed.hpp"

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <map>
#include <sstream>
#include <stdexcept>
#include <string>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

using namespace onair::test;

namespace {

constexpr int tracks = 16, rate = 50, sound_rate = 48000;
constexpr double stated = 2.9; ///< MB an hour of the index, docs/elements/tcmovmux.md
const std::vector<std::string> modes = {"hybrid", "fragmented"};
using Curve = std::vector<double>; ///< MiB at each minute

double resident() {
    std::ifstream statm("/proc/self/statm");
    uint64_t all = 0, pages = 0;
    statm >> all >> pages;
    return static_cast<double>(pages) * static_cast<double>(sysconf(_SC_PAGESIZE)) / 1048576;
}

GstBuffer* shared(GstMemory* memory, int64_t pts, int64_t dts) {
    GstBuffer* buffer = gst_buffer_new();
    gst_buffer_append_memory(buffer, gst_memory_ref(memory));
    GST_BUFFER_PTS(buffer) = static_cast<GstClockTime>(pts);
    GST_BUFFER_DTS(buffer) = static_cast<GstClockTime>(dts);
    return buffer;
}

/// The pictures and the sound of a second; sizes vary, or the index would need no table of them.
class Feeder {
  public:
    explicit Feeder(GstElement* pipeline) {
        for (int i = 0; i <= tracks; ++i) {
            const std::string name = i < tracks ? "a" + std::to_string(i) : "v";
            sources_.push_back(gst_bin_get_by_name(GST_BIN(pipeline), name.c_str()));
        }
        for (int size = 0; size < 64; ++size)
            pictures_.push_back(gst_allocator_alloc(nullptr, static_cast<gsize>(200 + size), nullptr));
        sound_ = gst_allocator_alloc(nullptr, sound_rate / 10 * 2, nullptr);
    }
    ~Feeder() {
        for (GstElement* source : sources_)
            gst_object_unref(source);
        for (GstMemory* memory : pictures_)
            gst_memory_unref(memory);
        gst_memory_unref(sound_);
    }
    Feeder(const Feeder&) = delete;
    Feeder& operator=(const Feeder&) = delete;

    void second(int64_t at) {
        for (int64_t part = 0; part < 10; ++part) {
            for (int64_t n = (at * 10 + part) * rate / 10; n < (at * 10 + part + 1) * rate / 10; ++n)
                push(tracks, picture(n));
            const int64_t begin = (at * 10 + part) * GST_SECOND / 10;
            for (int i = 0; i < tracks; ++i)
                push(i, shared(sound_, begin, begin));
        }
    }
    void end() {
        for (GstElement* source : sources_)
            gst_app_src_end_of_stream(GST_APP_SRC(source));
    }

  private:
    void push(int source, GstBuffer* buffer) {
        gst_app_src_push_buffer(GST_APP_SRC(sources_[static_cast<size_t>(source)]), buffer);
    }
    /// I B B P … in decoding order.
    GstBuffer* picture(int64_t n) {
        const int64_t group = n / 3 * 3, shown = n % 3 == 0 ? group + 2 : group + n % 3 - 1;
        GstBuffer* buffer = shared(pictures_[static_cast<size_t>(n * 7919 % 64)], (shown + 2) * GST_SECOND / rate,
                                   n * GST_SECOND / rate);
        if (n % rate != 0) GST_BUFFER_FLAG_SET(buffer, GST_BUFFER_FLAG_DELTA_UNIT);
        const auto number = static_cast<guint>(shown);
        gst_buffer_add_video_time_code_meta_full(buffer, rate, 1, nullptr, GST_VIDEO_TIME_CODE_FLAGS_NONE,
                                                 number / (3600 * rate) % 24, number / (60 * rate) % 60,
                                                 number / rate % 60, number % rate, 0);
        return buffer;
    }

    std::vector<GstElement*> sources_;
    std::vector<GstMemory*> pictures_;
    GstMemory* sound_ = nullptr;
};

/// One mode, in this process: a line for each minute.
int run_one(const std::string& mode, int minutes) {
    const auto blocking = [](const std::string& name, const std::string& caps, const std::string& pad) {
        return appsrc(name, caps) + " block=true max-buffers=50 max-bytes=0 max-time=0 ! m." + pad + " ";
    };
    std::string line = "tcmovmux name=m mode=" + mode + " ! filesink location=/dev/null " +
                       blocking("v",
                                "video/x-h264,stream-format=avc,alignment=au,width=64,height=48,framerate=50/1,"
                                "codec_data=(buffer)0142c01effe1000467420000010004680000",
                                "video_0");
    for (int i = 0; i < tracks; ++i)
        line += blocking("a" + std::to_string(i), "audio/x-raw,format=S16LE,layout=interleaved,rate=48000,channels=1",
                         "audio_" + std::to_string(i));
    GstElement* pipeline = gst_parse_launch(line.c_str(), nullptr);
    if (!pipeline) return 2;
    const PipelineResult result = run_pipeline(
        pipeline,
        [&] {
            Feeder feeder(pipeline);
            for (int64_t second = 0; second < minutes * 60; ++second) {
                feeder.second(second);
                if (second % 60 == 59) std::printf("%.3f\n", resident());
            }
            feeder.end();
        },
        60 * GST_SECOND);
    gst_object_unref(pipeline);
    if (!result.eos) std::fprintf(stderr, "%s: %s\n", mode.c_str(), all_said(result).c_str());
    return result.eos ? 0 : 1;
}

Curve measure(const std::string& self, const std::string& mode, int minutes) {
    FILE* child = popen((self + " --run " + mode + " " + std::to_string(minutes)).c_str(), "r");
    if (!child) throw std::runtime_error("no child process");
    Curve curve;
    for (double value = 0; std::fscanf(child, "%lf", &value) == 1;)
        curve.push_back(value);
    if (pclose(child) != 0 || curve.size() != static_cast<size_t>(minutes))
        throw std::runtime_error("the run of mode=" + mode + " failed");
    return curve;
}

void write_csv(const std::string& path, const std::map<std::string, Curve>& curves, int minutes) {
    std::ofstream csv(path);
    csv << "minute,hybrid_mib,fragmented_mib\n";
    for (int n = 0; n < minutes; ++n)
        csv << n + 1 << ',' << curves.at("hybrid")[static_cast<size_t>(n)] << ','
            << curves.at("fragmented")[static_cast<size_t>(n)] << '\n';
}

void write_svg(const std::string& path, const std::map<std::string, Curve>& curves, double top) {
    constexpr double width = 640, height = 320, left = 50, bottom = 40;
    std::ofstream svg(path);
    svg << "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"" << width << "\" height=\"" << height
        << "\" font-family=\"sans-serif\" font-size=\"12\">\n<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n";
    const double plot_width = width - left - 20, plot_height = height - bottom - 20;
    for (int step = 0; step <= 4; ++step) {
        const double y = 20 + plot_height * (4 - step) / 4;
        svg << "<line x1=\"" << left << "\" x2=\"" << width - 20 << "\" y1=\"" << y << "\" y2=\"" << y
            << "\" stroke=\"#ddd\"/><text x=\"5\" y=\"" << y + 4 << "\">" << top * step / 4 << " MiB</text>\n";
    }
    double label = 36;
    for (const auto& [mode, curve] : curves) {
        const char* colour = mode == "hybrid" ? "#c33" : "#36c";
        svg << "<polyline fill=\"none\" stroke=\"" << colour << "\" stroke-width=\"2\" points=\"";
        for (size_t n = 0; n < curve.size(); ++n)
            svg << left + plot_width * static_cast<double>(n + 1) / static_cast<double>(curve.size()) << ','
                << 20 + plot_height * (1 - curve[n] / top) << ' ';
        svg << "\"/><text x=\"" << left + 10 << "\" y=\"" << label << "\" fill=\"" << colour << "\">mode=" << mode
            << "</text>\n";
        label += 16;
    }
    svg << "<text x=\"" << left << "\" y=\"" << height - 12 << "\">resident memory of the process; "
        << curves.at("hybrid").size() << " minutes of media, 50 pictures a second, 16 tracks of PCM</text>\n</svg>\n";
}

/// Growth from minute 5 on (by then all pools are filled), in MB an hour.
double growth(const Curve& curve) {
    const size_t from = std::min<size_t>(4, curve.size() - 1);
    const double minutes = std::max<double>(static_cast<double>(curve.size() - 1 - from), 1);
    return (curve.back() - curve[from]) * 1.048576 * 60 / minutes;
}

int compare(const std::string& self, int minutes, const std::string& csv, const std::string& svg) {
    std::map<std::string, Curve> curves;
    double top = 0;
    std::printf("| mode | minute 5, MiB | minute %d, MiB | growth, MB an hour |\n|---|---|---|---|\n", minutes);
    for (const std::string& mode : modes) {
        const Curve& curve = curves[mode] = measure(self, mode, minutes);
        top = std::max(top, *std::max_element(curve.begin(), curve.end()));
        std::printf("| %s | %.1f | %.1f | %.2f |\n", mode.c_str(), curve[std::min<size_t>(4, curve.size() - 1)],
                    curve.back(), growth(curve));
    }
    if (!csv.empty()) write_csv(csv, curves, minutes);
    if (!svg.empty()) write_svg(svg, curves, (static_cast<int>(top) / 20 + 1) * 20);
    const double index = growth(curves["hybrid"]);
    std::printf("\nstated bound of the index, %.1f MB an hour and 10 %% for the allocator: %s\n", stated,
                index <= stated * 1.1 ? "kept" : "NOT KEPT");
    return index <= stated * 1.1 ? 0 : 1;
}

} // namespace

int main(int argc, char** argv) {
    gst_init(&argc, &argv);
    try {
        if (argc == 4 && std::strcmp(argv[1], "--run") == 0) return run_one(argv[2], std::stoi(argv[3]));
        int minutes = 60;
        std::string csv, svg;
        for (int n = 1; n + 1 < argc; n += 2) {
            const std::string word = argv[n];
            if (word == "--minutes") minutes = std::max(std::stoi(argv[n + 1]), 2);
            if (word == "--csv") csv = argv[n + 1];
            if (word == "--svg") svg = argv[n + 1];
        }
        return compare(std::filesystem::canonical("/proc/self/exe").string(), minutes, csv, svg);
    } catch (const std::exception& problem) {
        std::fprintf(stderr, "movmux-hour: %s\n", problem.what());
        return 2;
    }
}

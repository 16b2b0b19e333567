// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
// Speed and memory of muxing what is already encoded: ProRes HQ 3840x2160 frames from memory into a file on tmpfs, in
// paired runs beside qtmux, filesink alone and ffmpeg -c copy; then the peak memory of an hour at 25 frames a second.
//
//   movmux-bench [--runs 9] [--megabytes 1800] [--dir /dev/shm] [--no-hour]
//
// Each run is a process of its own (`movmux-bench --run …`): CPU time is that between PLAYING and EOS, peak memory that
// of the process. Frames are encoded once, lie in a file on tmpfs and are mapped; they reach the muxer as read-only
// memories, 24 different ones in turn.
#include "tests/support/mov_feed.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <map>
#include <random>
#include <sstream>
#include <stdexcept>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

using namespace onair::test;
using onair::gst::BusPtr;
using onair::gst::CapsPtr;
using onair::gst::ElementPtr;
using onair::gst::MessagePtr;

namespace {

struct Options {
    int runs = 9;
    uint64_t megabytes = 1800;
    std::string dir = "/dev/shm", self;
    bool hour = true;
};

/// What one run used.
struct Used {
    double wall = 0, cpu = 0; ///< seconds
    double peak = 0;          ///< MiB, the whole process
    bool ok = false;
};

double seconds(const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}
double cpu_of(const rusage& used) { return seconds(used.ru_utime) + seconds(used.ru_stime); }

rusage usage_now() {
    rusage used{};
    getrusage(RUSAGE_SELF, &used);
    return used;
}

// --- the frames ---------------------------------------------------------------------------------------------------

constexpr int picture_count = 24;

/// Encodes them into `dir`/frames (the bytes) and `dir`/frames.txt (caps, then one size a line).
void make_frames(const std::string& dir) {
    GError* error = nullptr;
    const std::string line = "videotestsrc pattern=zone-plate kx2=20 ky2=20 kt=1 num-buffers=24 ! "
                             "video/x-raw,format=I422_10LE,width=3840,height=2160,framerate=25/1 ! "
                             "avenc_prores_ks profile=hq bitrate=700000000 ! appsink name=s sync=false max-buffers=2";
    const ElementPtr pipeline(gst_parse_launch(line.c_str(), &error));
    if (error) throw std::runtime_error(error->message);
    const ElementPtr sink(gst_bin_get_by_name(GST_BIN(pipeline.get()), "s"));
    gst_element_set_state(pipeline.get(), GST_STATE_PLAYING);
    std::ofstream bytes(dir + "/frames", std::ios::binary), index(dir + "/frames.txt");
    int count = 0;
    while (GstSample* sample = gst_app_sink_pull_sample(GST_APP_SINK(sink.get()))) {
        GstBuffer* buffer = gst_sample_get_buffer(sample);
        const onair::gst::CharPtr caps(gst_caps_to_string(gst_sample_get_caps(sample)));
        GstMapInfo map;
        gst_buffer_map(buffer, &map, GST_MAP_READ);
        bytes.write(reinterpret_cast<const char*>(map.data), static_cast<std::streamsize>(map.size));
        if (count++ == 0) index << caps.get() << "\n";
        index << map.size << "\n";
        gst_buffer_unmap(buffer, &map);
        gst_sample_unref(sample);
    }
    gst_element_set_state(pipeline.get(), GST_STATE_NULL);
    if (count != picture_count) throw std::runtime_error("avenc_prores_ks gave no frames");
}

struct Frames {
    std::string caps;
    std::vector<std::pair<size_t, size_t>> places; ///< offset, size
    GstMemory* memory = nullptr;

    /// Not `mapped`: only the caps, so that the frames do not count in the process's memory.
    Frames(const std::string& dir, bool mapped) {
        std::ifstream index(dir + "/frames.txt");
        std::getline(index, caps);
        if (!mapped) return;
        size_t offset = 0;
        for (size_t size = 0; index >> size; offset += size)
            places.emplace_back(offset, size);
        const int file = open((dir + "/frames").c_str(), O_RDONLY | O_CLOEXEC);
        void* data = mmap(nullptr, offset, PROT_READ, MAP_SHARED | MAP_POPULATE, file, 0);
        close(file);
        if (data == MAP_FAILED) throw std::runtime_error("the frames cannot be mapped");
        memory = gst_memory_new_wrapped(GST_MEMORY_FLAG_READONLY, data, offset, 0, offset, nullptr, nullptr);
    }
    ~Frames() {
        if (memory) gst_memory_unref(memory);
    }
    Frames(const Frames&) = delete;
    Frames& operator=(const Frames&) = delete;

    GstBuffer* buffer(size_t n) const {
        const auto [offset, size] = places[n % places.size()];
        GstBuffer* made = gst_buffer_new();
        gst_buffer_append_memory(made,
                                 gst_memory_share(memory, static_cast<gssize>(offset), static_cast<gssize>(size)));
        return made;
    }
};

// --- one run, in a process of its own -----------------------------------------------------------------------------

void set_times(GstBuffer* buffer, uint64_t n) {
    GST_BUFFER_PTS(buffer) = n * 40 * GST_MSECOND;
    GST_BUFFER_DURATION(buffer) = 40 * GST_MSECOND;
}

void add_timecode(GstBuffer* buffer, uint64_t n) {
    gst_buffer_add_video_time_code_meta_full(buffer, 25, 1, nullptr, GST_VIDEO_TIME_CODE_FLAGS_NONE,
                                             static_cast<guint>(1 + n / 90000), static_cast<guint>(n / 1500 % 60),
                                             static_cast<guint>(n / 25 % 60), static_cast<guint>(n % 25), 0);
}

/// Feeds until `bytes` have gone in, or for `frames` small frames with sound beside them.
void feed(GstElement* pipeline, const Frames& coded, uint64_t bytes, uint64_t frames) {
    const ElementPtr video(gst_bin_get_by_name(GST_BIN(pipeline), "v"));
    const ElementPtr sound(gst_bin_get_by_name(GST_BIN(pipeline), "a"));
    uint64_t sent = 0;
    for (uint64_t n = 0; frames ? n < frames : sent < bytes; ++n) {
        GstBuffer* buffer = frames ? gst_buffer_new_allocate(nullptr, 512, nullptr) : coded.buffer(n);
        set_times(buffer, n);
        if (frames) add_timecode(buffer, n);
        sent += gst_buffer_get_size(buffer);
        if (gst_app_src_push_buffer(GST_APP_SRC(video.get()), buffer) != GST_FLOW_OK) break;
        if (!sound) continue;
        GstBuffer* piece = gst_buffer_new_allocate(nullptr, 1920 * 4, nullptr);
        set_times(piece, n);
        if (gst_app_src_push_buffer(GST_APP_SRC(sound.get()), piece) != GST_FLOW_OK) break;
    }
    gst_app_src_end_of_stream(GST_APP_SRC(video.get()));
    if (sound) gst_app_src_end_of_stream(GST_APP_SRC(sound.get()));
}

/// The feeding thread may be blocked in appsrc by then.
GstBusSyncReply end_at_error(GstBus*, GstMessage* message, gpointer) {
    if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_ERROR) {
        std::fprintf(stderr, "%s\n", said_by(message, gst_message_parse_error).text.c_str());
        _exit(1);
    }
    return GST_BUS_PASS;
}

int run_one(const std::string& dir, const std::string& line, uint64_t bytes, uint64_t frames) {
    const Frames coded(dir, frames == 0);
    GError* error = nullptr;
    const ElementPtr pipeline(gst_parse_launch(line.c_str(), &error));
    if (error) throw std::runtime_error(error->message);
    for (const char* name : {"v", "a"}) {
        const ElementPtr source(gst_bin_get_by_name(GST_BIN(pipeline.get()), name));
        if (!source) continue;
        const CapsPtr caps(gst_caps_from_string(*name == 'v' ? coded.caps.c_str() : pcm_caps.c_str()));
        g_object_set(source.get(), "format", GST_FORMAT_TIME, "block", TRUE, "max-bytes",
                     guint64{frames ? 1U : 64U} << 20, "caps", caps.get(), nullptr);
    }
    const BusPtr bus(gst_element_get_bus(pipeline.get()));
    gst_bus_set_sync_handler(bus.get(), end_at_error, nullptr, nullptr);
    const auto begin = std::chrono::steady_clock::now();
    const rusage before = usage_now();
    gst_element_set_state(pipeline.get(), GST_STATE_PLAYING);
    feed(pipeline.get(), coded, bytes, frames);
    const MessagePtr message(gst_bus_timed_pop_filtered(bus.get(), GST_CLOCK_TIME_NONE, GST_MESSAGE_EOS));
    const rusage after = usage_now();
    const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - begin;
    gst_element_set_state(pipeline.get(), GST_STATE_NULL);
    std::printf("%f %f %ld\n", wall.count(), cpu_of(after) - cpu_of(before), after.ru_maxrss);
    return 0;
}

// --- the comparison -----------------------------------------------------------------------------------------------

struct Candidate {
    std::string name, element; ///< element empty: filesink alone; "ffmpeg"
};

const std::vector<Candidate> candidates{
    {"tcmovmux plain", "tcmovmux mode=plain timecode=01:00:00:00 name=m"},
    {"tcmovmux fragmented", "tcmovmux mode=fragmented timecode=01:00:00:00 name=m"},
    {"tcmovmux hybrid", "tcmovmux mode=hybrid timecode=01:00:00:00 name=m"},
    {"tcmovmux hybrid sync=none", "tcmovmux mode=hybrid sync=none timecode=01:00:00:00 name=m"},
    {"qtmux", "qtmux name=m"},
    {"filesink alone", ""},
    {"ffmpeg -c copy", "ffmpeg"},
};

Used run_gst(const Options& options, const std::string& line, uint64_t bytes, uint64_t frames) {
    const CommandResult said = run_command("'" + options.self + "' --run '" + options.dir + "' '" + line + "' " +
                                           std::to_string(bytes) + " " + std::to_string(frames));
    Used used;
    long kib = 0;
    std::istringstream text(said.output);
    used.ok = said.status == 0 && text >> used.wall >> used.cpu >> kib;
    used.peak = static_cast<double>(kib) / 1024;
    if (!used.ok) std::fprintf(stderr, "%s: %s\n", line.c_str(), said.output.c_str());
    return used;
}

Used run_ffmpeg(const Options& options) {
    const std::string in = options.dir + "/in.mov", out = options.dir + "/out.mov";
    const auto begin = std::chrono::steady_clock::now();
    const pid_t child = fork();
    if (child == 0) {
        execlp("ffmpeg", "ffmpeg", "-v", "error", "-nostdin", "-y", "-i", in.c_str(), "-map", "0:v", "-c", "copy",
               "-timecode", "01:00:00:00", out.c_str(), nullptr);
        _exit(127);
    }
    int status = 0;
    rusage spent{};
    wait4(child, &status, 0, &spent);
    const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - begin;
    return {wall.count(), cpu_of(spent), static_cast<double>(spent.ru_maxrss) / 1024, status == 0};
}

Used run_candidate(const Options& options, const Candidate& candidate) {
    const std::string sink = "filesink location=" + options.dir + "/out.mov";
    // On a virtual machine memory that was free for a while has gone back to the host, and costs more to write than to
    // mux: what comes first would pay for all. So the same bytes are written once before each run, and freed for it.
    run_gst(options, "appsrc name=v ! " + sink, options.megabytes * 1000000, 0);
    std::remove((options.dir + "/out.mov").c_str());
    if (candidate.element == "ffmpeg") return run_ffmpeg(options);
    const std::string line = candidate.element.empty()
                                 ? "appsrc name=v ! " + sink
                                 : candidate.element + " ! " + sink + " appsrc name=v ! m.video_0";
    return run_gst(options, line, options.megabytes * 1000000, 0);
}

double median(std::vector<double> values) {
    if (values.empty()) return 0;
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}

struct Series {
    std::vector<double> wall, cpu, peak;
    bool absent = false;
};

/// Each round runs all in another order: nobody always comes behind the same one, whose freed memory it gets. The first
/// round only warms up.
std::map<std::string, Series> measure(const Options& options) {
    std::map<std::string, Series> all;
    std::vector<Candidate> order = candidates;
    std::minstd_rand random(1);
    for (int round = 0; round <= options.runs; ++round) {
        std::shuffle(order.begin(), order.end(), random);
        for (const Candidate& candidate : order) {
            Series& series = all[candidate.name];
            if (series.absent) continue;
            const Used used = run_candidate(options, candidate);
            series.absent = !used.ok;
            if (round == 0 || !used.ok) continue;
            series.wall.push_back(used.wall);
            series.cpu.push_back(used.cpu);
            series.peak.push_back(used.peak);
            if (std::getenv("ONAIR_BENCH_ROUNDS"))
                std::fprintf(stderr, "%d %s: wall %.3f cpu %.3f\n", round, candidate.name.c_str(), used.wall, used.cpu);
        }
    }
    return all;
}

/// The median of the rounds' ratios.
double paired(const std::vector<double>& a, const std::vector<double>& b) {
    std::vector<double> ratios;
    for (size_t n = 0; n < std::min(a.size(), b.size()); ++n)
        ratios.push_back(a[n] / b[n]);
    return median(ratios);
}

bool show(const Options& options, std::map<std::string, Series>& all) {
    const Series &theirs = all["qtmux"], &alone = all["filesink alone"];
    std::printf("ProRes HQ 3840x2160, %llu MB into %s, medians of %d paired runs\n\n"
                "| | wall, s | to qtmux | CPU, s | to filesink | peak memory, MiB |\n|---|---|---|---|---|---|\n",
                static_cast<unsigned long long>(options.megabytes), options.dir.c_str(), options.runs);
    bool good = true;
    for (const Candidate& candidate : candidates) {
        const Series& mine = all[candidate.name];
        if (mine.absent) {
            std::printf("| %s | absent or failed | | | | |\n", candidate.name.c_str());
            continue;
        }
        const double wall = paired(mine.wall, theirs.wall), cpu = median(mine.cpu), limit_base = median(alone.cpu);
        std::printf("| %s | %.3f | %.2f | %.3f | %.2f | %.0f |\n", candidate.name.c_str(), median(mine.wall), wall, cpu,
                    paired(mine.cpu, alone.cpu), median(mine.peak));
        if (candidate.name.rfind("tcmovmux", 0) == 0)
            good = good && wall <= 1.05 && cpu <= std::max(1.1 * limit_base, limit_base + 0.15);
    }
    std::printf("\nlimits (wall 1.05 x qtmux, CPU 1.1 x filesink or 0.15 s more): %s\n", good ? "kept" : "NOT KEPT");
    return good;
}

/// The index of an hour: small frames with a timecode each and sound, as fast as possible.
void show_hour(const Options& options) {
    std::printf("\nPeak memory, small frames at 25 a second with a timecode each, and PCM\n\n"
                "| | a minute, MiB | an hour, MiB |\n|---|---|---|\n");
    for (const char* element : {"tcmovmux mode=plain", "tcmovmux mode=hybrid", "tcmovmux mode=fragmented", "qtmux"}) {
        const std::string line = std::string(element) + " name=m ! filesink location=" + options.dir +
                                 "/out.mov appsrc name=v ! queue ! m.video_0 appsrc name=a ! queue ! m.audio_0";
        const Used minute = run_gst(options, line, 0, 1500), hour = run_gst(options, line, 0, 90000);
        if (minute.ok && hour.ok)
            std::printf("| %s | %.1f | %.1f |\n", element, minute.peak, hour.peak);
        else
            std::printf("| %s | absent or failed | |\n", element);
    }
}

bool compare(Options options) {
    const std::string dir = options.dir + "/onair-movmux-bench-" + std::to_string(getpid());
    std::filesystem::create_directory(dir);
    options.dir = dir;
    bool good = false;
    try {
        make_frames(dir);
        // ffmpeg reads a movie of the same frames
        run_gst(options, "qtmux name=m ! filesink location=" + dir + "/in.mov appsrc name=v ! m.video_0",
                options.megabytes * 1000000, 0);
        auto all = measure(options);
        good = show(options, all);
        if (options.hour) show_hour(options);
    } catch (const std::exception& problem) {
        std::fprintf(stderr, "movmux-bench: %s\n", problem.what());
    }
    std::filesystem::remove_all(dir);
    return good;
}

} // namespace

int main(int argc, char** argv) {
    gst_init(&argc, &argv);
    try {
        if (argc == 6 && std::strcmp(argv[1], "--run") == 0)
            return run_one(argv[2], argv[3], std::stoull(argv[4]), std::stoull(argv[5]));
        Options options;
        options.self = std::filesystem::canonical("/proc/self/exe").string();
        for (int n = 1; n < argc; ++n) {
            const std::string word = argv[n];
            if (word == "--no-hour")
                options.hour = false;
            else if (word == "--runs" && n + 1 < argc)
                options.runs = std::stoi(argv[++n]);
            else if (word == "--megabytes" && n + 1 < argc)
                options.megabytes = std::stoull(argv[++n]);
            else if (word == "--dir" && n + 1 < argc)
                options.dir = argv[++n];
            else
                throw std::runtime_error("unknown option " + word);
        }
        return compare(options) ? 0 : 1;
    } catch (const std::exception& problem) {
        std::fprintf(stderr, "movmux-bench: %s\n", problem.what());
        return 2;
    }
}

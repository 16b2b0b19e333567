// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
// A recorder to be killed (tests/proofs/mov_kill.py).
//
//   mov-recorder make CODING FILE           encodes 48 frames once: h264 (320x240, B-frames), prores (1920x1080)
//   mov-recorder run FILE COUNTS SPEED FRAMES LINE
//       plays LINE, a pipeline with "appsrc name=v" and up to eight "appsrc name=aN", fed from FILE at SPEED times the
//       pace of life, 25 frames a second; EOS after FRAMES. COUNTS is a file of 64-bit numbers in host order, mapped,
//       so that they outlive a kill: video frames that entered the muxer, buffers and lists that left it, 1 after EOS.
//       SIGTERM: EOS at once.
//       ONAIR_KILL_AT=N: kills itself before push N (from 0) of the muxer after EOS has come to it; its own EOS counts
//       as the last push.
//   mov-recorder count FILE                 frames of video that qtdemux finds, and the words of its error if any
//
// Frame n has the timecode n + 90000 * (n / 37) from 01:00:00:00 on: it jumps an hour every 37 frames.
#include "tests/support/mov_feed.hpp"

#include <atomic>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <fstream>
#include <sys/mman.h>
#include <thread>
#include <unistd.h>
#include <vector>

using namespace onair::test;
using onair::gst::CapsPtr;
using onair::gst::ElementPtr;

namespace {

constexpr size_t template_size = 48;
constexpr GstClockTime frame_time = GST_SECOND / 25;
constexpr GstClockTime reordered_base = 1000 * 3600 * GST_SECOND; ///< as behind x264enc

struct Coded {
    uint64_t key = 1, shown = 0;
    std::string bytes;
};
struct Template {
    std::string caps;
    std::vector<Coded> frames; ///< in decode order
};

[[noreturn]] void die(const std::string& text) {
    std::fprintf(stderr, "%s\n", text.c_str());
    std::exit(1);
}

ElementPtr parse(const std::string& line) {
    GError* error = nullptr;
    ElementPtr pipeline(gst_parse_launch(line.c_str(), &error));
    if (error) die(error->message);
    return pipeline;
}

ElementPtr child(const ElementPtr& bin, const std::string& name) {
    return ElementPtr(gst_bin_get_by_name(GST_BIN(bin.get()), name.c_str()));
}

// --- the template: caps, then each frame ----------------------------------------------------------------------------

void put(std::ofstream& file, const std::string& bytes) {
    const uint64_t size = bytes.size();
    file.write(reinterpret_cast<const char*>(&size), sizeof size)
        .write(bytes.data(), static_cast<std::streamsize>(size));
}

std::string get(std::ifstream& file) {
    uint64_t size = 0;
    file.read(reinterpret_cast<char*>(&size), sizeof size);
    std::string bytes(file ? size : 0, '\0');
    file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    return bytes;
}

int make(const std::string& coding, const std::string& path) {
    const std::string source = "videotestsrc pattern=ball num-buffers=48 ! video/x-raw,framerate=25/1,";
    const ElementPtr pipeline = parse(
        coding == "prores"
            ? source +
                  "width=1920,height=1080,format=I422_10LE ! avenc_prores_ks profile=hq ! appsink name=s sync=false"
            : source +
                  "width=320,height=240,format=I420 ! x264enc speed-preset=ultrafast b-adapt=false bframes=2 "
                  "key-int-max=12 threads=1 ! video/x-h264,stream-format=avc,alignment=au ! appsink name=s sync=false");
    const ElementPtr sink = child(pipeline, "s");
    gst_element_set_state(pipeline.get(), GST_STATE_PLAYING);
    std::vector<std::pair<GstClockTime, Coded>> frames;
    std::string caps_text;
    while (GstSample* sample = gst_app_sink_pull_sample(GST_APP_SINK(sink.get()))) {
        GstBuffer* buffer = gst_sample_get_buffer(sample);
        Coded coded;
        coded.bytes.resize(gst_buffer_get_size(buffer));
        gst_buffer_extract(buffer, 0, coded.bytes.data(), coded.bytes.size());
        coded.key = !GST_BUFFER_FLAG_IS_SET(buffer, GST_BUFFER_FLAG_DELTA_UNIT);
        frames.emplace_back(GST_BUFFER_PTS(buffer), std::move(coded));
        const onair::gst::CharPtr text(gst_caps_to_string(gst_sample_get_caps(sample)));
        caps_text = text.get();
        gst_sample_unref(sample);
    }
    gst_element_set_state(pipeline.get(), GST_STATE_NULL);
    if (frames.size() != template_size) die("the encoder gave " + std::to_string(frames.size()) + " frames");
    std::ofstream file(path, std::ios::binary);
    put(file, caps_text);
    for (const auto& [time, coded] : frames) {
        const auto earlier = [at = time](const auto& other) { return other.first < at; };
        const auto shown = static_cast<uint64_t>(std::count_if(frames.begin(), frames.end(), earlier));
        put(file, std::to_string(coded.key) + " " + std::to_string(shown));
        put(file, coded.bytes);
    }
    return file ? 0 : 1;
}

Template read_template(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    Template made{get(file), {}};
    for (size_t i = 0; i < template_size; ++i) {
        Coded coded;
        std::sscanf(get(file).c_str(), "%" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT, &coded.key, &coded.shown);
        coded.bytes = get(file);
        made.frames.push_back(std::move(coded));
    }
    if (!file) die("no template in " + path);
    return made;
}

// --- recording ------------------------------------------------------------------------------------------------------

struct Counts {
    std::atomic<uint64_t> entered, left, ended;
};

Counts* map_counts(const std::string& path) {
    const int fd = open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC, 0644);
    if (fd < 0 || ftruncate(fd, sizeof(Counts)) != 0) die("cannot make " + path);
    void* at = mmap(nullptr, sizeof(Counts), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (at == MAP_FAILED) die("cannot map " + path);
    return static_cast<Counts*>(at);
}

struct Watch {
    Counts* counts;
    std::atomic<bool> eos{false};
    std::atomic<int> pushes{0};
    int kill_at = -1;
};

GstPadProbeReturn watch_in(GstPad*, GstPadProbeInfo* info, gpointer user) {
    auto& watch = *static_cast<Watch*>(user);
    if (info->type & GST_PAD_PROBE_TYPE_BUFFER)
        ++watch.counts->entered;
    else if (GST_EVENT_TYPE(GST_PAD_PROBE_INFO_EVENT(info)) == GST_EVENT_EOS)
        watch.eos = true;
    return GST_PAD_PROBE_OK;
}

GstPadProbeReturn watch_out(GstPad*, GstPadProbeInfo* info, gpointer user) {
    auto& watch = *static_cast<Watch*>(user);
    const bool event = info->type & GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM;
    if (event && GST_EVENT_TYPE(GST_PAD_PROBE_INFO_EVENT(info)) != GST_EVENT_EOS) return GST_PAD_PROBE_OK;
    watch.counts->left += !event;
    if (watch.eos && watch.kill_at >= 0 && watch.pushes++ == watch.kill_at) raise(SIGKILL);
    return GST_PAD_PROBE_OK;
}

void watch_muxer(const ElementPtr& pipeline, Watch& watch) {
    const ElementPtr muxer = child(pipeline, "m");
    if (!muxer) die("no muxer named m");
    const onair::gst::PadPtr out(gst_element_get_static_pad(muxer.get(), "src"));
    gst_pad_add_probe(out.get(),
                      static_cast<GstPadProbeType>(GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_BUFFER_LIST |
                                                   GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM),
                      watch_out, &watch, nullptr);
    const ElementPtr video = child(pipeline, "v");
    const onair::gst::PadPtr source(gst_element_get_static_pad(video.get(), "src"));
    gst_pad_add_probe(source.get(),
                      static_cast<GstPadProbeType>(GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM),
                      watch_in, &watch, nullptr);
}

/// The video's, then the sound's.
std::vector<ElementPtr> sources(const ElementPtr& pipeline) {
    std::vector<ElementPtr> all;
    for (const char* name : {"v", "a0", "a1", "a2", "a3", "a4", "a5", "a6", "a7"})
        if (ElementPtr source = child(pipeline, name)) all.push_back(std::move(source));
    return all;
}

/// Before it plays: the source keeps the format that it starts with.
void set_up(const ElementPtr& source) {
    g_object_set(source.get(), "format", GST_FORMAT_TIME, "block", TRUE, "max-bytes", guint64{1},
                 "handle-segment-change", TRUE, nullptr);
}

void begin(const ElementPtr& source, const std::string& caps_text, GstClockTime base) {
    const CapsPtr caps(gst_caps_from_string(caps_text.c_str()));
    GstSegment segment;
    gst_segment_init(&segment, GST_FORMAT_TIME);
    segment.start = segment.position = base;
    GstSample* sample = gst_sample_new(nullptr, caps.get(), &segment, nullptr);
    gst_app_src_push_sample(GST_APP_SRC(source.get()), sample);
    gst_sample_unref(sample);
}

void stamp(GstBuffer* buffer, uint64_t frame) {
    const uint64_t count = (90000 + frame + 90000 * (frame / 37)) % (24 * 90000);
    const auto part = [&](uint64_t unit, uint64_t of) { return static_cast<guint>(count / unit % of); };
    gst_buffer_add_video_time_code_meta_full(buffer, 25, 1, nullptr, GST_VIDEO_TIME_CODE_FLAGS_NONE, part(90000, 24),
                                             part(1500, 60), part(25, 60), part(1, 25), 0);
}

GstBuffer* video_buffer(const Template& made, bool reordered, uint64_t n) {
    const Coded& what = made.frames[n % template_size];
    const uint64_t shown = n / template_size * template_size + what.shown;
    GstBuffer* buffer = gst_buffer_new_memdup(what.bytes.data(), what.bytes.size());
    const GstClockTime base = reordered ? reordered_base : 0;
    GST_BUFFER_PTS(buffer) = base + shown * frame_time;
    GST_BUFFER_DTS(buffer) = reordered ? base + n * frame_time - 2 * frame_time : GST_CLOCK_TIME_NONE;
    GST_BUFFER_DURATION(buffer) = frame_time;
    if (!what.key) GST_BUFFER_FLAG_SET(buffer, GST_BUFFER_FLAG_DELTA_UNIT);
    stamp(buffer, shown);
    return buffer;
}

std::atomic<bool> told_to_end{false};

/// Feeds until `frames` are through, it is told to end, or the pipeline does not take any more.
void feed(const ElementPtr& pipeline, const Template& made, double speed, uint64_t frames) {
    const ElementPtr video = child(pipeline, "v");
    std::vector<ElementPtr> sounds = sources(pipeline);
    sounds.erase(sounds.begin());
    const bool reordered = made.caps.find("h264") != std::string::npos;
    begin(video, made.caps, reordered ? reordered_base : 0);
    for (const ElementPtr& sound : sounds)
        begin(sound, "audio/x-raw,format=S16LE,layout=interleaved,rate=48000,channels=1", 0);
    const auto start = std::chrono::steady_clock::now();
    GstFlowReturn flow = GST_FLOW_OK;
    for (uint64_t n = 0; n < frames && flow == GST_FLOW_OK && !told_to_end; ++n) {
        std::this_thread::sleep_until(start + std::chrono::duration_cast<std::chrono::steady_clock::duration>(
                                                  std::chrono::duration<double>(static_cast<double>(n) / 25 / speed)));
        flow = gst_app_src_push_buffer(GST_APP_SRC(video.get()), video_buffer(made, reordered, n));
        for (const ElementPtr& sound : sounds) {
            Piece piece;
            piece.pts = piece.dts = n * frame_time;
            piece.duration = frame_time;
            piece.size = 1920 * 2;
            flow = std::min(flow, gst_app_src_push_buffer(GST_APP_SRC(sound.get()), make_buffer(piece)));
        }
    }
    gst_app_src_end_of_stream(GST_APP_SRC(video.get()));
    for (const ElementPtr& sound : sounds)
        gst_app_src_end_of_stream(GST_APP_SRC(sound.get()));
}

int run(char** argv) {
    const Template made = read_template(argv[0]);
    Watch watch;
    watch.counts = map_counts(argv[1]);
    std::signal(SIGTERM, [](int) { told_to_end = true; });
    if (const char* at = std::getenv("ONAIR_KILL_AT")) watch.kill_at = std::atoi(at);
    const double speed = std::atof(argv[2]);
    const auto frames = static_cast<uint64_t>(std::atoll(argv[3]));
    const ElementPtr pipeline = parse(argv[4]);
    watch_muxer(pipeline, watch);
    for (const ElementPtr& source : sources(pipeline))
        set_up(source);
    const onair::gst::BusPtr bus(gst_element_get_bus(pipeline.get()));
    gst_element_set_state(pipeline.get(), GST_STATE_PLAYING);
    std::thread feeder([&] { feed(pipeline, made, speed, frames); });
    const onair::gst::MessagePtr message(gst_bus_timed_pop_filtered(
        bus.get(), GST_CLOCK_TIME_NONE, static_cast<GstMessageType>(GST_MESSAGE_EOS | GST_MESSAGE_ERROR)));
    const bool good = GST_MESSAGE_TYPE(message.get()) == GST_MESSAGE_EOS;
    if (!good) {
        GError* error = nullptr;
        gchar* debug = nullptr;
        gst_message_parse_error(message.get(), &error, &debug);
        std::printf("error: %s (%s)\n", error->message, debug ? debug : "");
        g_error_free(error);
        g_free(debug);
    }
    gst_element_set_state(pipeline.get(), GST_STATE_NULL);
    if (good) watch.counts->ended = 1;
    feeder.join();
    return good ? 0 : 1;
}

// --- reading --------------------------------------------------------------------------------------------------------

GstPadProbeReturn count_one(GstPad*, GstPadProbeInfo*, gpointer user) {
    ++*static_cast<std::atomic<int>*>(user);
    return GST_PAD_PROBE_OK;
}

struct Reading {
    GstElement* pipeline;
    std::atomic<int> frames{0};
};

void take_pad(GstElement*, GstPad* pad, gpointer user) {
    auto& reading = *static_cast<Reading*>(user);
    GstElement* sink = gst_element_factory_make("fakesink", nullptr);
    g_object_set(sink, "sync", FALSE, "async", FALSE, nullptr);
    gst_bin_add(GST_BIN(reading.pipeline), sink);
    const onair::gst::PadPtr to(gst_element_get_static_pad(sink, "sink"));
    gst_pad_link(pad, to.get());
    const onair::gst::CharPtr name(gst_pad_get_name(pad));
    if (std::string(name.get()).starts_with("video"))
        gst_pad_add_probe(pad, GST_PAD_PROBE_TYPE_BUFFER, count_one, &reading.frames, nullptr);
    gst_element_sync_state_with_parent(sink);
}

int count(const std::string& path) {
    const ElementPtr pipeline = parse("filesrc name=f ! qtdemux name=d");
    Reading reading{pipeline.get(), {}};
    g_object_set(child(pipeline, "f").get(), "location", path.c_str(), nullptr);
    g_signal_connect(child(pipeline, "d").get(), "pad-added", G_CALLBACK(take_pad), &reading);
    const onair::gst::BusPtr bus(gst_element_get_bus(pipeline.get()));
    gst_element_set_state(pipeline.get(), GST_STATE_PLAYING);
    const onair::gst::MessagePtr message(gst_bus_timed_pop_filtered(
        bus.get(), 30 * GST_SECOND, static_cast<GstMessageType>(GST_MESSAGE_EOS | GST_MESSAGE_ERROR)));
    std::string words = message ? "" : "no EOS within 30 s";
    if (message && GST_MESSAGE_TYPE(message.get()) == GST_MESSAGE_ERROR) {
        GError* error = nullptr;
        gst_message_parse_error(message.get(), &error, nullptr);
        words = error->message;
        g_error_free(error);
    }
    gst_element_set_state(pipeline.get(), GST_STATE_NULL);
    std::printf("%d %s\n", reading.frames.load(), words.c_str());
    return 0;
}

} // namespace

int main(int argc, char** argv) {
    gst_init(&argc, &argv);
    const std::string verb = argc > 1 ? argv[1] : "";
    if (verb == "make" && argc == 4) return make(argv[2], argv[3]);
    if (verb == "run" && argc == 7) return run(argv + 2);
    if (verb == "count" && argc == 3) return count(argv[2]);
    die("mov-recorder make CODING FILE | run FILE COUNTS SPEED FRAMES LINE | count FILE");
}

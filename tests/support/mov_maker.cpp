// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
// Makes many movies in one process for the proofs: each job is a pipeline whose appsrc "v" (and "a") is fed with frames
// that were encoded once and get the times and timecodes of the job. Jobs come on standard input, a word first:
//
//   job NAME
//   line PIPELINE                   with `appsrc name=v` and perhaps `appsrc name=a`; no caps: they are set here
//   video CODING RATE_N RATE_D      CODING: prores, intra (H.264), b (H.264 with B-frames)
//   frame PTS DURATION TIMECODE|-   ns from the beginning, in the order of presentation
//   sound KIND START END            KIND: pcm, aac; ns
//   pipe FILE                       the sink "out" is an fdsink that writes into `cat > FILE`
//   end
//
// Answers: "ok NAME", "error NAME TEXT" or "refused NAME TIMECODE" (the running GStreamer has no timecode at that
// rate), and "message NAME STRUCTURE" for each element message.
#include "tests/support/mov_feed.hpp"

#include <cstdint>
#include <cstdio>
#include <iostream>
#include <map>
#include <sstream>
#include <vector>

using namespace onair::test;
using onair::gst::BusPtr;
using onair::gst::CapsPtr;
using onair::gst::ElementPtr;
using onair::gst::MessagePtr;

namespace {

struct Frame {
    GstClockTime pts = 0, duration = 0;
    std::string timecode;
};

struct Job {
    std::string name, line, coding, pipe, sound;
    int rate_n = 25, rate_d = 1;
    GstClockTime sound_start = 0, sound_end = 0;
    std::vector<Frame> frames;
};

/// A coded frame: where it is shown among its group of `Template::frames.size()`.
struct Coded {
    std::vector<guint8> bytes;
    bool key = true;
    size_t shown = 0;
};
struct Template {
    std::string caps;
    std::vector<Coded> frames; ///< in decode order
};

constexpr size_t template_size = 48;

/// x264enc begins at 1000 hours, so that decoding times before the segment are representable; so do we with B-frames.
constexpr GstClockTime reordered_base = 1000 * 3600 * GST_SECOND;

std::string encoder_line(const std::string& coding) {
    const std::string source =
        "videotestsrc pattern=ball num-buffers=48 ! video/x-raw,width=64,height=48,framerate=25/1,format=";
    if (coding == "prores") return source + "I422_10LE ! avenc_prores_ks profile=hq ! appsink name=s sync=false";
    const std::string x264 = source + "I420 ! x264enc speed-preset=ultrafast b-adapt=false threads=1 ";
    const std::string sink = " ! video/x-h264,stream-format=avc,alignment=au ! appsink name=s sync=false";
    return coding == "b" ? x264 + "bframes=2 key-int-max=12" + sink : x264 + "key-int-max=1 bframes=0" + sink;
}

/// The caps without their frame rate, which each job sets; throws when the encoder is not there.
Template encode(const std::string& coding) {
    GError* error = nullptr;
    const ElementPtr pipeline(gst_parse_launch(encoder_line(coding).c_str(), &error));
    if (error) throw std::runtime_error(error->message);
    const ElementPtr sink(gst_bin_get_by_name(GST_BIN(pipeline.get()), "s"));
    gst_element_set_state(pipeline.get(), GST_STATE_PLAYING);
    Template made;
    std::vector<GstClockTime> times;
    while (GstSample* sample = gst_app_sink_pull_sample(GST_APP_SINK(sink.get()))) {
        GstBuffer* buffer = gst_sample_get_buffer(sample);
        Coded coded;
        coded.bytes.resize(gst_buffer_get_size(buffer));
        gst_buffer_extract(buffer, 0, coded.bytes.data(), coded.bytes.size());
        coded.key = !GST_BUFFER_FLAG_IS_SET(buffer, GST_BUFFER_FLAG_DELTA_UNIT);
        times.push_back(GST_BUFFER_PTS(buffer));
        made.frames.push_back(std::move(coded));
        const CapsPtr caps(gst_caps_copy(gst_sample_get_caps(sample)));
        gst_structure_remove_field(gst_caps_get_structure(caps.get(), 0), "framerate");
        const onair::gst::CharPtr text(gst_caps_to_string(caps.get()));
        made.caps = text.get();
        gst_sample_unref(sample);
    }
    gst_element_set_state(pipeline.get(), GST_STATE_NULL);
    if (made.frames.size() != template_size) throw std::runtime_error("the encoder of " + coding + " gave no frames");
    for (size_t n = 0; n < times.size(); ++n)
        made.frames[n].shown = static_cast<size_t>(
            std::count_if(times.begin(), times.end(), [&](GstClockTime other) { return other < times[n]; }));
    return made;
}

const Template& coded_template(const std::string& coding) {
    static std::map<std::string, Template> all;
    const auto found = all.find(coding);
    return found != all.end() ? found->second : all.emplace(coding, encode(coding)).first->second;
}

void push(GstElement* source, GstBuffer* buffer) { gst_app_src_push_buffer(GST_APP_SRC(source), buffer); }

/// Times before `base` become running times before 0, as behind x264enc.
void begin(GstElement* source, const std::string& caps_text, GstClockTime base) {
    g_object_set(source, "format", GST_FORMAT_TIME, "max-bytes", guint64{0}, "handle-segment-change", TRUE, nullptr);
    const CapsPtr caps(gst_caps_from_string(caps_text.c_str()));
    GstSegment segment;
    gst_segment_init(&segment, GST_FORMAT_TIME);
    segment.start = segment.position = base;
    GstSample* sample = gst_sample_new(nullptr, caps.get(), &segment, nullptr);
    gst_app_src_push_sample(GST_APP_SRC(source), sample);
    gst_sample_unref(sample);
}

/// False when the running GStreamer refuses the timecode's rate.
bool stamp(GstBuffer* buffer, const Job& job, const Frame& frame) {
    if (frame.timecode.empty()) return true;
    unsigned h = 0, m = 0, s = 0, f = 0;
    char separator = ':';
    std::sscanf(frame.timecode.c_str(), "%u:%u:%u%c%u", &h, &m, &s, &separator, &f);
    const auto flags = separator == ';' ? GST_VIDEO_TIME_CODE_FLAGS_DROP_FRAME : GST_VIDEO_TIME_CODE_FLAGS_NONE;
    return gst_buffer_add_video_time_code_meta_full(buffer, static_cast<guint>(job.rate_n),
                                                    static_cast<guint>(job.rate_d), nullptr, flags, h, m, s, f, 0);
}

bool feed_video(GstElement* source, const Job& job) {
    const Template& coded = coded_template(job.coding);
    const bool reordered = job.coding == "b";
    const GstClockTime base = reordered ? reordered_base : 0;
    const GstClockTime frame =
        gst_util_uint64_scale(GST_SECOND, static_cast<guint64>(job.rate_d), static_cast<guint64>(job.rate_n));
    begin(source, coded.caps + ",framerate=(fraction)" + std::to_string(job.rate_n) + "/" + std::to_string(job.rate_d),
          base);
    for (size_t n = 0; n < job.frames.size(); ++n) {
        const Coded& what = coded.frames[n % template_size];
        const size_t shown = n / template_size * template_size + what.shown;
        if (shown >= job.frames.size()) continue;
        GstBuffer* buffer = gst_buffer_new_memdup(what.bytes.data(), what.bytes.size());
        GST_BUFFER_PTS(buffer) = base + job.frames[shown].pts;
        GST_BUFFER_DTS(buffer) = reordered ? base + job.frames[n].pts - 2 * frame : GST_CLOCK_TIME_NONE;
        GST_BUFFER_DURATION(buffer) = job.frames[shown].duration;
        if (!what.key) GST_BUFFER_FLAG_SET(buffer, GST_BUFFER_FLAG_DELTA_UNIT);
        if (!stamp(buffer, job, job.frames[shown])) {
            gst_buffer_unref(buffer);
            return false;
        }
        push(source, buffer);
    }
    gst_app_src_end_of_stream(GST_APP_SRC(source));
    return true;
}

void feed_sound(GstElement* source, const Job& job) {
    const bool pcm = job.sound == "pcm";
    begin(source,
          pcm ? pcm_caps
              : "audio/mpeg,mpegversion=4,stream-format=raw,framed=true,base-profile=lc,profile=lc,level=(string)2,"
                "rate=48000,channels=2,codec_data=(buffer)1190",
          0);
    for (guint64 sample = 0;; sample += 1024) {
        const GstClockTime at = job.sound_start + gst_util_uint64_scale(sample, GST_SECOND, 48000);
        if (at >= job.sound_end) break;
        Piece piece;
        piece.pts = piece.dts = at;
        piece.duration = gst_util_uint64_scale(1024, GST_SECOND, 48000);
        piece.size = pcm ? 4096 : 200;
        push(source, make_buffer(piece));
    }
    gst_app_src_end_of_stream(GST_APP_SRC(source));
}

std::string one_line(std::string text) {
    std::replace(text.begin(), text.end(), '\n', ' ');
    return text;
}

/// Plays to EOS or an error; unlike run_pipeline() without waiting for further messages.
PipelineResult play(GstElement* pipeline) {
    PipelineResult result;
    const BusPtr bus(gst_element_get_bus(pipeline));
    gst_element_set_state(pipeline, GST_STATE_PLAYING);
    while (const MessagePtr message{gst_bus_timed_pop(bus.get(), 20 * GST_SECOND)})
        if (take_message(result, message.get())) break;
    gst_element_set_state(pipeline, GST_STATE_PAUSED);
    while (const MessagePtr message{gst_bus_pop(bus.get())})
        take_message(result, message.get());
    gst_element_set_state(pipeline, GST_STATE_NULL);
    return result;
}

void tell(const Job& job, const PipelineResult& result) {
    for (const std::string& message : result.messages)
        std::cout << "message " << job.name << " " << one_line(message) << "\n";
    for (const Said& warning : result.warnings)
        std::cout << "warning " << job.name << " " << one_line(warning.text) << "\n";
    if (!result.errors.empty())
        std::cout << "error " << job.name << " " << one_line(result.errors[0].text) << " | "
                  << one_line(result.errors[0].debug) << "\n";
    else
        std::cout << (result.eos ? "ok " : "error ") << job.name << (result.eos ? "" : " no EOS within 20 s") << "\n";
}

void run(const Job& job) {
    GError* error = nullptr;
    const ElementPtr pipeline(gst_parse_launch(job.line.c_str(), &error));
    if (error) {
        std::cout << "error " << job.name << " " << one_line(error->message) << "\n";
        return g_error_free(error);
    }
    FILE* pipe = nullptr;
    if (!job.pipe.empty()) {
        pipe = popen(("cat > '" + job.pipe + "'").c_str(), "w");
        const ElementPtr out(gst_bin_get_by_name(GST_BIN(pipeline.get()), "out"));
        g_object_set(out.get(), "fd", fileno(pipe), nullptr);
    }
    const ElementPtr video(gst_bin_get_by_name(GST_BIN(pipeline.get()), "v"));
    const ElementPtr sound(gst_bin_get_by_name(GST_BIN(pipeline.get()), "a"));
    if (feed_video(video.get(), job)) {
        if (sound) feed_sound(sound.get(), job);
        tell(job, play(pipeline.get()));
    } else {
        std::cout << "refused " << job.name << " " << job.rate_n << "/" << job.rate_d << "\n";
    }
    if (pipe) pclose(pipe);
}

} // namespace

int main(int argc, char** argv) {
    gst_init(&argc, &argv);
    Job job;
    for (std::string text; std::getline(std::cin, text);) {
        std::istringstream line(text);
        std::string word;
        line >> word;
        if (word == "job") {
            job = Job{};
            line >> job.name;
        } else if (word == "line") {
            std::getline(line >> std::ws, job.line);
        } else if (word == "video") {
            line >> job.coding >> job.rate_n >> job.rate_d;
        } else if (word == "frame") {
            Frame& frame = job.frames.emplace_back();
            line >> frame.pts >> frame.duration >> frame.timecode;
            if (frame.timecode == "-") frame.timecode.clear();
        } else if (word == "sound") {
            line >> job.sound >> job.sound_start >> job.sound_end;
        } else if (word == "pipe") {
            line >> job.pipe;
        } else if (word == "end") {
            try {
                run(job);
            } catch (const std::exception& problem) {
                std::cout << "error " << job.name << " " << problem.what() << "\n";
            }
        }
    }
    return 0;
}

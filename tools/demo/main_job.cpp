// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "main_job.hpp"

#include "common/base/error.hpp"
#include "common/base/text.hpp"
#include "source_timecode.hpp"

#include <csignal>
#include <cstdio>
#include <filesystem>

namespace onair::demo {

namespace {

volatile std::sig_atomic_t asked_to_stop = 0;

GstElement* make(const char* factory, const char* name) {
    GstElement* element = gst_element_factory_make(factory, name);
    if (!element)
        throw Error(ErrorKind::not_found,
                    fill("There is no element \"{0}\". Our own are found through GST_PLUGIN_PATH; "
                         "the others are in GStreamer's good and libav plugins.",
                         {factory}));
    return element;
}

/// One error of the bus as our own.
Error error_of(GstMessage* message) {
    GError* error = nullptr;
    gchar* debug = nullptr;
    gst_message_parse_error(message, &error, &debug);
    const gst::ErrorPtr owned_error(error);
    const gst::CharPtr owned_debug(debug);
    return {ErrorKind::library, error->message, debug ? debug : ""};
}

/// "1920x1080" as the caps that the scaler must meet. Square pixels: what does not fit gets borders. HD colour whatever
/// the source's is.
std::string video_branch(const Options& options, const std::string& before) {
    return before + fill("swsconvertscale ! "
                         "video/x-raw,format=I422_10LE,width={0},height={1},pixel-aspect-ratio=1/1,colorimetry=bt709 ! "
                         "queue max-size-buffers=8 max-size-bytes=0 max-size-time=0 ! "
                         "avenc_prores_ks profile=hq threads=auto",
                         {std::to_string(options.width), std::to_string(options.height)});
}

constexpr const char* audio_branch = "audioconvert ! audio/x-raw,format=S24LE";

/// A rate that timecode can count: the picture's own, a small multiple of it (25 for 12.5), else the next whole one; 30
/// where there is none.
Rational timecode_rate(Rational fps) {
    if (fps.num == 0) return 30;
    for (int64_t times = 1; times <= 4; ++times)
        if (const Rational rate = fps * Rational(times); tc::Rate::has_timecode(rate)) return rate;
    return (fps.num + fps.den - 1) / fps.den;
}

/// What a decoded video needs before it is scaled: a whole frame rate that timecode has, progressive pictures.
std::string preparation(const GstCaps* caps) {
    const GstStructure* s = gst_caps_get_structure(caps, 0);
    std::string out;
    const gchar* mode = gst_structure_get_string(s, "interlace-mode");
    if (mode && !g_str_equal(mode, "progressive")) out += "deinterlace fields=top ! ";
    gint num = 0, den = 1;
    gst_structure_get_fraction(s, "framerate", &num, &den);
    const Rational fps(num, den);
    const Rational wanted = timecode_rate(fps);
    return wanted == fps ? out : out + fill("videorate ! video/x-raw,framerate={0} ! ", {to_text(wanted)});
}

} // namespace

MainJob::MainJob(const Options& options, EventLog& events)
    : options_(options), events_(events), movie_(options.output + "/out.mov"), part_(movie_ + ".part"),
      pipeline_(gst_pipeline_new("main")) {
    add_output();
    std::string timecode = options_.timecode;
    if (timecode.empty() && !options_.input.empty()) timecode = source_timecode(options_.input);
    if (timecode.empty()) timecode = "01:00:00:00";
    start_ = tc::parse(timecode);
    if (options_.input.empty())
        add_generated_source(start_);
    else
        add_file_source(timecode);
}

MainJob::~MainJob() { gst_element_set_state(pipeline_.get(), GST_STATE_NULL); }

void MainJob::add_output() {
    mux_ = make("tcmovmux", "mux");
    GstElement* file = make("filesink", "file");
    g_object_set(file, "location", part_.c_str(), nullptr);
    gst_bin_add_many(GST_BIN(pipeline_.get()), mux_, file, nullptr);
    gst_element_link(mux_, file);
}

void MainJob::add_generated_source(const tc::Parsed& start) {
    const tc::Rate rate(start.drop_frame ? Rational(30000, 1001) : Rational(25), start.drop_frame);
    tc::validate(start.address, rate);
    const int64_t frames = int64_t{options_.seconds} * rate.nominal();
    generated_ = std::make_unique<GeneratedSource>(rate, start.address, frames);
    GstElement* tone = make("audiotestsrc", "tone");
    // As long as the video: blocks of 10 ms.
    const int64_t blocks = scale_round(frames, 100 * rate.fps().den, rate.fps().num);
    g_object_set(tone, "freq", 1000.0, "volume", 0.1, "samplesperbuffer", 480, "num-buffers", static_cast<gint>(blocks),
                 nullptr);
    gst_bin_add_many(GST_BIN(pipeline_.get()), generated_->element(), tone, nullptr);
    const gst::PadPtr video(gst_element_get_static_pad(generated_->element(), "src"));
    const gst::PadPtr audio(gst_element_get_static_pad(tone, "src"));
    link_branch(video.get(), video_branch(options_, "").c_str(), "video_%u");
    link_branch(audio.get(), (std::string("audio/x-raw,rate=48000,channels=2 ! ") + audio_branch).c_str(), "audio_%u");
}

void MainJob::add_file_source(const std::string& timecode) {
    g_object_set(mux_, "timecode", timecode.c_str(), nullptr);
    GstElement* file = make("filesrc", "input");
    GstElement* decoder = make("decodebin", "decoder");
    g_object_set(file, "location", options_.input.c_str(), nullptr);
    gst_bin_add_many(GST_BIN(pipeline_.get()), file, decoder, nullptr);
    gst_element_link(file, decoder);
    g_signal_connect(decoder, "pad-added", G_CALLBACK(+[](GstElement*, GstPad* pad, gpointer self) {
                         static_cast<MainJob*>(self)->link_decoded(pad);
                     }),
                     this);
    g_signal_connect(decoder, "no-more-pads", G_CALLBACK(+[](GstElement* element, gpointer data) {
                         auto& self = *static_cast<MainJob*>(data);
                         if (!self.has_video_)
                             GST_ELEMENT_ERROR(element, STREAM, WRONG_TYPE,
                                               ("%s has no video.", self.options_.input.c_str()), (nullptr));
                     }),
                     this);
}

/// decodebin holds all its pads back until each was announced, so the muxer knows its streams before data flows.
void MainJob::link_decoded(GstPad* pad) {
    const gst::CapsPtr caps(gst_pad_get_current_caps(pad));
    if (!caps) return;
    const gchar* kind = gst_structure_get_name(gst_caps_get_structure(caps.get(), 0));
    try {
        if (g_str_equal(kind, "video/x-raw") && !has_video_) {
            has_video_ = true;
            link_branch(pad, video_branch(options_, preparation(caps.get())).c_str(), "video_%u");
        } else if (g_str_equal(kind, "audio/x-raw")) {
            link_branch(pad, audio_branch, "audio_%u");
        }
    } catch (const Error& e) { // the callback's caller is GStreamer
        GST_ELEMENT_ERROR(pipeline_.get(), LIBRARY, FAILED, ("%s", e.what()), ("%s", e.detail().c_str()));
    }
}

/// queue ! description ! queue between `source` and a new pad of the muxer.
void MainJob::link_branch(GstPad* source, const char* description, const char* mux_pad) {
    const bool video = g_str_has_prefix(mux_pad, "video");
    // Sound may not run far ahead: what it is ahead when the job is interrupted is sound without pictures.
    const char* limits = video ? "max-size-buffers=4 max-size-bytes=0 max-size-time=0"
                               : "max-size-buffers=0 max-size-bytes=0 max-size-time=250000000";
    GError* error = nullptr;
    GstElement* branch = gst_parse_bin_from_description(
        fill("queue {0} ! {1} ! queue {0}", {limits, description}).c_str(), TRUE, &error);
    const gst::ErrorPtr owned(error);
    if (!branch) throw Error(ErrorKind::not_found, error ? error->message : description, description);
    gst_bin_add(GST_BIN(pipeline_.get()), branch);
    const gst::PadPtr in(gst_element_get_static_pad(branch, "sink")), out(gst_element_get_static_pad(branch, "src"));
    const gst::PadPtr sink(gst_element_request_pad_simple(mux_, mux_pad));
    if (!sink || GST_PAD_LINK_FAILED(gst_pad_link(out.get(), sink.get())) ||
        GST_PAD_LINK_FAILED(gst_pad_link(source, in.get())))
        throw Error(ErrorKind::negotiation, "The source cannot be linked.", description);
    if (video) watch(sink.get());
    gst_element_sync_state_with_parent(branch);
}

/// Follows what reaches the muxer: caps and, once a second, where the programme is.
void MainJob::watch(GstPad* pad) {
    constexpr auto kinds =
        static_cast<GstPadProbeType>(GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM);
    gst_pad_add_probe(
        pad, kinds,
        [](GstPad*, GstPadProbeInfo* info, gpointer data) {
            auto& self = *static_cast<MainJob*>(data);
            if (GST_PAD_PROBE_INFO_TYPE(info) & GST_PAD_PROBE_TYPE_BUFFER) {
                self.seen_frame(GST_BUFFER_PTS(GST_PAD_PROBE_INFO_BUFFER(info)));
                return GST_PAD_PROBE_OK;
            }
            GstEvent* event = GST_PAD_PROBE_INFO_EVENT(info);
            if (GST_EVENT_TYPE(event) == GST_EVENT_SEGMENT) {
                gst_event_copy_segment(event, &self.segment_);
            } else if (GST_EVENT_TYPE(event) == GST_EVENT_CAPS) {
                GstCaps* caps = nullptr;
                gst_event_parse_caps(event, &caps);
                self.seen_caps(caps);
            }
            return GST_PAD_PROBE_OK;
        },
        this, nullptr);
}

void MainJob::seen_caps(GstCaps* caps) {
    const gst::CharPtr text(gst_caps_to_string(caps));
    gint num = 0, den = 1;
    gst_structure_get_fraction(gst_caps_get_structure(caps, 0), "framerate", &num, &den);
    fps_ = {num, den};
    events_.add("onair.run.caps", {}, {{"video", text.get()}});
}

void MainJob::seen_frame(GstClockTime pts) {
    // Encoders move their timestamps (GstVideoEncoder by 1000 hours where DTS may be negative): only the segment says
    // when a frame is shown.
    const GstClockTime time = gst_segment_to_running_time(&segment_, GST_FORMAT_TIME, pts);
    const int64_t second = GST_CLOCK_TIME_IS_VALID(time) ? static_cast<int64_t>(time / GST_SECOND) : -1;
    const int64_t number = frames_++;
    if (second <= last_second_) return;
    last_second_ = second;
    const Position at = position_of(number, time);
    events_.add("onair.run.progress", at, {{"frame", std::to_string(number)}});
    const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - began_;
    std::printf("%6.1f s  %s  %lld frames  %.1f a second  %llu events\n",
                static_cast<double>(time) / static_cast<double>(GST_SECOND), at.timecode.c_str(),
                static_cast<long long>(number), static_cast<double>(number) / passed.count(),
                static_cast<unsigned long long>(events_.accepted()));
    std::fflush(stdout);
}

Position MainJob::position_of(int64_t frame, GstClockTime time) const {
    Position at{static_cast<int64_t>(time), ""};
    if (!tc::Rate::has_timecode(fps_)) return at;
    const tc::Rate rate(fps_, start_.drop_frame && tc::Rate::may_drop(fps_));
    at.timecode = tc::format(tc::from_frames(tc::to_frames(start_.address, rate) + frame, rate), rate.drop_frame());
    return at;
}

/// Until EOS or an error; a signal asks for EOS, so that the movie is whole as far as it goes.
void MainJob::wait_for_end() {
    const gst::BusPtr bus(gst_element_get_bus(pipeline_.get()));
    constexpr auto kinds =
        static_cast<GstMessageType>(GST_MESSAGE_EOS | GST_MESSAGE_ERROR | GST_MESSAGE_WARNING | GST_MESSAGE_ELEMENT);
    for (;;) {
        if (asked_to_stop && !interrupted_) {
            interrupted_ = true;
            gst_element_send_event(pipeline_.get(), gst_event_new_eos());
        }
        const gst::MessagePtr message(gst_bus_timed_pop_filtered(bus.get(), 200 * GST_MSECOND, kinds));
        if (!message) continue;
        if (GST_MESSAGE_TYPE(message.get()) == GST_MESSAGE_EOS) return;
        if (GST_MESSAGE_TYPE(message.get()) == GST_MESSAGE_ERROR) throw error_of(message.get());
        if (GST_MESSAGE_TYPE(message.get()) == GST_MESSAGE_WARNING) {
            GError* warning = nullptr;
            gst_message_parse_warning(message.get(), &warning, nullptr);
            const gst::ErrorPtr owned(warning);
            std::fprintf(stderr, "warning: %s\n", warning->message);
        }
    }
}

Outcome MainJob::run() {
    for (const int signal : {SIGINT, SIGTERM})
        std::signal(signal, [](int) { asked_to_stop = 1; });
    began_ = std::chrono::steady_clock::now();
    gst_element_set_state(pipeline_.get(), GST_STATE_PLAYING);
    wait_for_end();
    gst_element_set_state(pipeline_.get(), GST_STATE_NULL);
    std::filesystem::rename(part_, movie_);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began_;
    return {frames_, took.count(), interrupted_};
}

} // namespace onair::demo

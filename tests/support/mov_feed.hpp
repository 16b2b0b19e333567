// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "tests/support/command.hpp"
#include "tests/support/mov_reader.hpp"
#include "tests/support/pipeline.hpp"

#include <gst/app/app.h>
#include <gst/gst.h>
#include <gst/video/video.h>

#include <algorithm>
#include <functional>
#include <optional>
#include <string>

/// Pipelines of tcmovmux fed by hand. The muxer does not look into ProRes, so the pictures are plain bytes and no
/// encoder is needed.
namespace onair::test {

inline const std::string prores_caps = "video/x-prores,variant=(string)hq,width=64,height=48,framerate=";
inline const std::string pcm_caps =
    "audio/x-raw,format=S16LE,layout=interleaved,rate=48000,channels=2,channel-mask=(bitmask)3";

inline std::string appsrc(const std::string& name, const std::string& caps) {
    return "appsrc name=" + name + " format=time caps=\"" + caps + "\"";
}

/// What a buffer says; times in ns, none where unset.
struct Piece {
    GstClockTime pts = GST_CLOCK_TIME_NONE, dts = GST_CLOCK_TIME_NONE, duration = GST_CLOCK_TIME_NONE;
    size_t size = 100;
    bool key = true;
    const char* timecode = nullptr; ///< "HH:MM:SS:FF"
    int timecode_fps_n = 30, timecode_fps_d = 1;
};

inline GstBuffer* make_buffer(const Piece& piece) {
    GstBuffer* buffer = gst_buffer_new_allocate(nullptr, piece.size, nullptr);
    gst_buffer_memset(buffer, 0, 0x42, piece.size);
    GST_BUFFER_PTS(buffer) = piece.pts;
    GST_BUFFER_DTS(buffer) = piece.dts;
    GST_BUFFER_DURATION(buffer) = piece.duration;
    if (!piece.key) GST_BUFFER_FLAG_SET(buffer, GST_BUFFER_FLAG_DELTA_UNIT);
    if (piece.timecode) {
        unsigned h = 0, m = 0, s = 0, f = 0;
        char separator = ':';
        std::sscanf(piece.timecode, "%u:%u:%u%c%u", &h, &m, &s, &separator, &f);
        const auto flags = separator == ';' ? GST_VIDEO_TIME_CODE_FLAGS_DROP_FRAME : GST_VIDEO_TIME_CODE_FLAGS_NONE;
        gst_buffer_add_video_time_code_meta_full(buffer, static_cast<guint>(piece.timecode_fps_n),
                                                 static_cast<guint>(piece.timecode_fps_d), nullptr, flags, h, m, s, f,
                                                 0);
    }
    return buffer;
}

/// A pipeline that writes `file` in a directory of its own.
class MovRun {
  public:
    /// `branches`: everything that is linked to the muxer, "m." being its name.
    explicit MovRun(const std::string& branches, const std::string& options = "") {
        path_ = dir_ / "out.mov";
        GError* error = nullptr;
        pipeline_ = gst_parse_launch(
            ("tcmovmux name=m " + options + " ! filesink location=" + path_ + " " + branches).c_str(), &error);
        if (error) {
            const std::string said = error->message;
            g_error_free(error);
            throw std::runtime_error(said);
        }
    }
    ~MovRun() {
        gst_element_set_state(pipeline_, GST_STATE_NULL);
        gst_object_unref(pipeline_);
    }
    MovRun(const MovRun&) = delete;
    MovRun& operator=(const MovRun&) = delete;

    GstElement* pipeline() const { return pipeline_; }
    const std::string& path() const { return path_; }
    gst::ElementPtr element(const char* name) const {
        return gst::ElementPtr(gst_bin_get_by_name(GST_BIN(pipeline_), name));
    }

    void push(const char* source, const Piece& piece) const {
        gst_app_src_push_buffer(GST_APP_SRC(element(source).get()), make_buffer(piece));
    }
    void caps(const char* source, const std::string& text) const {
        GstCaps* caps = gst_caps_from_string(text.c_str());
        gst_app_src_set_caps(GST_APP_SRC(element(source).get()), caps);
        gst_caps_unref(caps);
    }
    void eos(const char* source) const { gst_app_src_end_of_stream(GST_APP_SRC(element(source).get())); }

    /// `count` pictures at `fps_n`/`fps_d`, the first with `timecode`, then EOS.
    void pictures(const char* source, int count, int fps_n = 30, int fps_d = 1, const char* timecode = nullptr,
                  GstClockTime from = 0) const {
        for (int n = 0; n < count; ++n) {
            Piece piece;
            piece.pts = from + gst_util_uint64_scale(static_cast<guint64>(n) * GST_SECOND, static_cast<guint64>(fps_d),
                                                     static_cast<guint64>(fps_n));
            piece.timecode = n == 0 ? timecode : nullptr;
            piece.timecode_fps_n = fps_n;
            piece.timecode_fps_d = fps_d;
            push(source, piece);
        }
        eos(source);
    }
    /// `count` tenths of a second of sound (48 kHz stereo, 16 bit), then EOS.
    void sound(const char* source, int count, GstClockTime from = 0) const {
        for (int n = 0; n < count; ++n) {
            Piece piece;
            piece.pts = from + static_cast<guint64>(n) * 100 * GST_MSECOND;
            piece.size = 4800 * 4;
            push(source, piece);
        }
        eos(source);
    }

    PipelineResult run(const std::function<void()>& feed) const {
        return run_pipeline(pipeline_, feed, 20 * GST_SECOND);
    }
    Mov movie() const { return Mov::read(path_); }

  private:
    TempDir dir_;
    std::string path_;
    GstElement* pipeline_ = nullptr;
};

inline size_t errors_with(const PipelineResult& result, const std::string& part) {
    return static_cast<size_t>(
        std::count_if(result.errors.begin(), result.errors.end(), [&](const Said& s) { return s.has(part); }));
}

inline std::string all_said(const PipelineResult& result) {
    std::string text = result.eos ? "EOS" : "";
    for (const Said& said : result.errors)
        text += "\nERROR " + said.text + " | " + said.debug;
    for (const Said& said : result.warnings)
        text += "\nWARNING " + said.text;
    for (const std::string& message : result.messages)
        text += "\nMESSAGE " + message;
    return text;
}

} // namespace onair::test

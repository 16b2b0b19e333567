// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "common/gst/ref_ptr.hpp"
#include "event_log.hpp"
#include "generated_source.hpp"
#include "options.hpp"

#include <chrono>
#include <memory>
#include <string>

namespace onair::demo {

/// What came out.
struct Outcome {
    int64_t frames = 0;
    double seconds = 0; ///< it took
    bool interrupted = false;
};

/// The main job: a source, scaled, encoded as ProRes HQ and 24-bit PCM, written with its timecode. Each step is told
/// to the event log.
///
///     appsrc or decodebin ! swsconvertscale ! avenc_prores_ks ! tcmovmux ! filesink
///                         ! audioconvert    ! S24LE           !
class MainJob {
  public:
    /// Throws Error when an element is missing or the timecode cannot be.
    MainJob(const Options& options, EventLog& events);
    ~MainJob();
    MainJob(const MainJob&) = delete;
    MainJob& operator=(const MainJob&) = delete;

    /// Runs to the end, or until the process is asked to stop (SIGINT, SIGTERM: the movie is finished properly).
    /// The movie takes its place only when it is whole. Throws Error with the element's own words.
    Outcome run();

  private:
    void add_output();
    void add_generated_source(const tc::Parsed& start);
    void add_file_source(const std::string& timecode);
    void link_branch(GstPad* source, const char* description, const char* mux_pad);
    void link_decoded(GstPad* pad);
    void watch(GstPad* pad);
    void seen_caps(GstCaps* caps);
    void seen_frame(GstClockTime pts);
    Position position_of(int64_t frame, GstClockTime time) const;
    void wait_for_end();

    const Options options_;
    EventLog& events_;
    const std::string movie_, part_;
    gst::ElementPtr pipeline_;
    GstElement* mux_ = nullptr; ///< the pipeline's
    std::unique_ptr<GeneratedSource> generated_;

    tc::Parsed start_;
    bool has_video_ = false;
    bool interrupted_ = false;
    std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();

    // What the video's streaming thread tells; read by others only when it has ended.
    GstSegment segment_{};
    Rational fps_;
    int64_t frames_ = 0;
    int64_t last_second_ = -1;
};

} // namespace onair::demo

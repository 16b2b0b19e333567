// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/mov_writer.hpp"
#include "engine/timecode_choice.hpp"
#include "gsttcmovmux-output.hpp"
#include "gsttcmovmux.h"
#include "gsttcmovmuxpad.hpp"

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

/// What the parts of the element share; the parts are: class, pads and states (gsttcmovmux.cpp), the movie from the
/// first buffers to the end (-movie.cpp), the source pad as the writer's output (-output.cpp).

GST_DEBUG_CATEGORY_EXTERN(gst_tc_mov_mux_debug);
#define GST_CAT_DEFAULT gst_tc_mov_mux_debug

namespace onair::mov {

/// The properties. Copied under the lock when the element starts.
struct Settings {
    std::string timecode;
    TimecodeSource timecode_source = TimecodeSource::automatic;
    std::string reel_name;
};

/// Of one movie; made at start and anew after a flush, dropped at stop.
struct State {
    Settings settings;
    std::optional<tc::Parsed> timecode;  ///< the property, read
    std::unique_ptr<PadOutput> output;   ///< outlives the writer
    std::unique_ptr<MovWriter> writer;   ///< null until every pad has its first buffer
    int64_t base = 0;                    ///< running time at which the movie starts, ns
    GstFlowReturn failure = GST_FLOW_OK; ///< after an error: what every later step answers
    bool finished = false;
};

// -movie.cpp
/// One step: starts the movie, writes one buffer, or finishes it. Throws Error.
GstFlowReturn step(GstAggregator* element, State& state, std::atomic<bool>& writing);

/// Ends the state with `flow`, which every later step answers. A movie that was begun is finished as far as it goes, so
/// that what was accepted before an error can be read. On the aggregating thread, before the error is posted: the
/// application may stop the pipeline at once.
void fail(GstAggregator* element, State& state, GstFlowReturn flow) noexcept;

/// New caps of a pad. Throws Error when they cannot be written.
void take_caps(GstAggregatorPad* pad, const GstCaps* caps);

} // namespace onair::mov

struct GstTcMovMuxPrivate {
    std::mutex lock; ///< of the settings
    onair::mov::Settings settings;
    std::atomic<bool> writing{false}; ///< the header is written: tracks can no longer be added

    std::unique_ptr<onair::mov::State> state; ///< the aggregating thread's own
};

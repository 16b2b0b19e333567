// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/mov_writer.hpp"
#include "engine/timecode_choice.hpp"
#include "gsttcmovmux-inputs.hpp"
#include "gsttcmovmux-output.hpp"
#include "gsttcmovmux-settings.hpp"
#include "gsttcmovmux.h"
#include "gsttcmovmuxpad.hpp"

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

/// What the parts of the element share; the parts are: class, pads and states (gsttcmovmux.cpp), properties
/// (-settings.cpp), what lies at the pads (-inputs.cpp), the beginning of a movie (-start.cpp), the movie to its end
/// (-movie.cpp), timecodes (-timecode.cpp), the source pad as the writer's output (-output.cpp).

GST_DEBUG_CATEGORY_EXTERN(gst_tc_mov_mux_debug);
#define GST_CAT_DEFAULT gst_tc_mov_mux_debug

namespace onair::mov {

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

// -start.cpp
/// Begins the movie with what lies at the pads. Everything is checked before the first byte goes out; throws Error.
void start_movie(GstAggregator* element, State& state, const std::vector<Input>& inputs);
/// What the source pad can be, of what downstream takes; empty when the two do not go together.
GstCaps* source_caps(const Settings& settings, const GstCaps* downstream);

// -children.cpp
void init_child_proxy(gpointer iface, gpointer data);
void tell_child(GstElement* element, GstPad* pad, bool added);

// -timecode.cpp
std::optional<CarriedTimecode> carried_timecode(GstBuffer* buffer);
/// Whether and how the track of a video pad has a timecode. Throws Error.
std::optional<TimecodePlan> timecode_plan(GstAggregator* element, const State& state, const Input& input);
/// Says where the timecode comes from, once for each pad.
void tell_first_timecode(GstAggregator* element, const State& state, const Input& input);
void tell_discontinuities(GstAggregator* element, State& state);

// -movie.cpp
/// One step: starts the movie, writes one buffer, or finishes it. Throws Error.
GstFlowReturn step(GstAggregator* element, State& state, std::atomic<bool>& writing, bool timeout);

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
    std::atomic<int64_t> held{0};     ///< ns that the writer holds back (one fragment)

    std::unique_ptr<onair::mov::State> state; ///< the aggregating thread's own
};

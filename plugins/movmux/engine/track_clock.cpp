// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/track_clock.hpp"

namespace onair::mov {

namespace {

constexpr int64_t second = 1000000000;

/// Jitter of timestamps that is no hole: 40 ms, as GstAudioBaseSink's alignment-threshold.
constexpr int64_t tolerated(int64_t rate) { return rate * 40 / 1000; }

} // namespace

TrackClock::TrackClock(int64_t timescale, Rational frame_rate, bool intra)
    : timescale_(timescale), frame_rate_(frame_rate), intra_(intra) {}

int64_t TrackClock::to_ticks(int64_t ns) const { return scale_round(ns, timescale_, second); }

TrackClock::Answer TrackClock::next(const PacketTimes& times) {
    Answer out;
    out.ticks.pts = to_ticks(times.pts);
    out.ticks.dts = times.dts && !intra_ ? to_ticks(*times.dts) : out.ticks.pts;
    if (times.duration)
        out.ticks.duration = to_ticks(times.pts + *times.duration) - out.ticks.pts;
    else if (frame_rate_.num > 0)
        out.ticks.duration = scale_round(timescale_, frame_rate_.den, frame_rate_.num);
    out.backwards = last_dts_ && out.ticks.dts <= *last_dts_;
    if (!out.backwards) last_dts_ = out.ticks.dts;
    return out;
}

SampleCounter::Step SampleCounter::next(int64_t pts, int64_t samples) {
    Step step;
    step.position = end_.value_or(pts);
    const int64_t difference = pts - step.position;
    if (difference > tolerated(rate_)) {
        step.fill = difference;
        step.position = pts;
    } else if (difference < -tolerated(rate_)) {
        step.overlap = -difference;
    }
    end_ = step.position + samples;
    return step;
}

} // namespace onair::mov

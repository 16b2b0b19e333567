// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/timecode_runs.hpp"

#include "engine/messages.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace onair::mov {

namespace {

using Wide = __int128;

constexpr Wide floor_div(Wide value, Wide by) { return value / by - (value % by != 0 && (value < 0) != (by < 0)); }

/// To nearest; halves upwards. `by` > 0.
constexpr Wide round_div(Wide value, Wide by) { return floor_div(2 * value + by, 2 * by); }

/// What stands in the file for `number`: within a day, unless it lies below 0 and may.
int64_t wrapped(int64_t number, int64_t day, const CountingFormat& format) {
    if (!format.wrap24 || (format.negative && number < 0)) return number;
    return static_cast<int64_t>(number - floor_div(number, day) * day);
}

/// The next number behind `number` that is written as 0 for a new day.
int64_t next_midnight(int64_t number, int64_t day, const CountingFormat& format) {
    if (!format.wrap24) return std::numeric_limits<int64_t>::max();
    if (format.negative && number < 0) return day;
    return static_cast<int64_t>((floor_div(number, day) + 1) * day);
}

} // namespace

TmcdFields tmcd_fields(const CountingFormat& format, int64_t timescale) {
    TmcdFields out;
    out.flags = (format.rate.drop_frame() ? TmcdFields::drop_frame : 0) | (format.wrap24 ? TmcdFields::wraps : 0) |
                (format.negative ? TmcdFields::negative : 0);
    out.frames = static_cast<uint8_t>(format.rate.nominal());
    const Rational count = format.rate.count_fps();
    const Rational number = Rational(timescale) / count;
    const bool whole = number.den == 1 && number.num > 0;
    out.timescale = static_cast<uint32_t>(whole ? timescale : count.num);
    out.frame_duration = static_cast<uint32_t>(whole ? number.num : count.den);
    return out;
}

ForcedStart forced_start(const tc::Parsed& property, Rational frame_rate, int base) {
    const tc::Rate rate(frame_rate, property.drop_frame, base);
    const int64_t number = to_frames(property, rate);
    return {number, {rate, true, number < 0}};
}

CountingFormat counting_format(const CarriedTimecode& carried, Rational frame_rate, int base) {
    const Rational counted = carried.rate.num > 0 ? carried.rate : frame_rate;
    // A count that is already slower than the pictures by a whole factor: each number stands on several pictures.
    const Rational factor = frame_rate.num > 0 ? frame_rate / counted : Rational(1);
    if (factor.den == 1 && factor.num > 1 && tc::Rate::has_timecode(frame_rate) && tc::Rate::has_timecode(counted)) {
        const int nominal = tc::Rate(counted, false).nominal();
        if (nominal >= 24) return {tc::Rate(frame_rate, carried.drop_frame, nominal)};
    }
    return {tc::Rate(counted, carried.drop_frame, base)};
}

TimecodeRuns::TimecodeRuns(TrackTiming timing, RunsPolicy policy) : timing_(timing), policy_(std::move(policy)) {}

void TimecodeRuns::frame(int64_t pts, int64_t, const std::optional<CarriedTimecode>& carried) {
    if (carried && !policy_.forced) {
        const Rational rate = carried->rate.num > 0 ? carried->rate : timing_.frame_rate;
        validate(carried->address, tc::Rate(rate, carried->drop_frame));
    }
    if (presented_ && pts <= *presented_) return;
    waiting_.try_emplace(pts, carried);
    if (waiting_.size() > window) present_until(waiting_.begin()->first + 1);
}

void TimecodeRuns::present_until(int64_t pts) {
    while (!waiting_.empty() && waiting_.begin()->first < pts) {
        const auto next = waiting_.extract(waiting_.begin());
        present(next.key(), next.mapped());
    }
}

void TimecodeRuns::present(int64_t pts, const std::optional<CarriedTimecode>& carried) {
    presented_ = pts;
    if (!first_) {
        first_ = pts;
        if (policy_.forced)
            anchors_.push_back({pts, policy_.forced->frame_number, 0, format_index(policy_.forced->format)});
    }
    if (!carried || policy_.forced) return;
    const Observation seen = observe(pts, *carried);
    if (anchors_.empty())
        begin(seen);
    else
        follow(seen);
    last_ = seen;
}

TimecodeRuns::Observation TimecodeRuns::observe(int64_t pts, const CarriedTimecode& carried) {
    const CountingFormat format = counting_format(carried, timing_.frame_rate, policy_.base);
    Observation out;
    out.pts = pts;
    out.format = format_index(format);
    const Rational counted = carried.rate.num > 0 ? carried.rate : timing_.frame_rate;
    const int64_t number = to_frames(carried.address, tc::Rate(counted, carried.drop_frame));
    const Measure m = measure(out.format);
    if (format.rate.divisor() > 1 && format.rate.fps() == counted) { // each picture has its own: the phase is told
        const int64_t divisor = format.rate.divisor();
        out.number = number / divisor;
        out.least = out.most = m.number * (number % divisor) / divisor;
    } else {
        out.number = number;
        out.most = m.slack;
    }
    return out;
}

void TimecodeRuns::begin(const Observation& first) {
    Anchor anchor{first.pts, first.number, static_cast<int64_t>(first.least), first.format};
    if (first.pts > *first_ && policy_.first == FirstTimecode::error) {
        const CountingFormat& format = formats_[first.format];
        throw error(Msg::timecode_late, {policy_.pad, tc::format_frames(first.number, format.rate),
                                         std::to_string(scale_round(first.pts - *first_, 1000, timing_.timescale))});
    }
    if (policy_.first == FirstTimecode::extrapolate) {
        const Measure m = measure(first.format);
        const Wide back = first.least - (first.pts - *first_) * m.tick;
        const Wide numbers = floor_div(back + m.tolerance, m.number);
        anchor.start = *first_;
        anchor.number += static_cast<int64_t>(numbers);
        anchor.phase = static_cast<int64_t>(back - numbers * m.number);
    }
    anchors_.push_back(anchor);
    room_ = first.most - first.least;
}

void TimecodeRuns::follow(const Observation& seen) {
    const Anchor& anchor = anchors_.back();
    const Measure m = measure(anchor.format);
    bool breaks = anchor.format != seen.format;
    if (!breaks) {
        // Where the picture lies behind the beginning of its number, if the anchor's phase is the least possible.
        const Wide place = distance(seen.pts - anchor.start, seen.number - anchor.number, m) + anchor.phase;
        breaks = place + room_ < seen.least - m.tolerance || place > seen.most + m.tolerance;
        const Wide least = std::max<Wide>(0, seen.least - place), most = std::min(room_, seen.most - place);
        if (!breaks && room_ > 0 && least <= most) {
            anchors_.back().phase += static_cast<int64_t>(least);
            room_ = most - least;
        }
    }
    if (!breaks) return;
    if (!is_drift(seen)) tell(seen);
    anchors_.push_back({seen.pts, seen.number, static_cast<int64_t>(seen.least), seen.format});
    room_ = seen.most - seen.least;
}

/// Each step was right, but the time and the count run at slightly different speeds: a sample puts them together again.
bool TimecodeRuns::is_drift(const Observation& seen) const {
    if (!last_ || last_->format != seen.format) return false;
    const Measure m = measure(seen.format);
    const Wide off = distance(seen.pts - last_->pts, seen.number - last_->number, m) + last_->least - seen.least;
    const Wide allowed = m.tolerance + (seen.most - seen.least);
    return off <= allowed && off >= -allowed;
}

void TimecodeRuns::tell(const Observation& seen) {
    ++discontinuity_count_;
    if (discontinuities_.size() >= kept_discontinuities) return;
    const Anchor& anchor = anchors_.back();
    const CountingFormat &was = formats_[anchor.format], &is = formats_[seen.format];
    const int64_t expected = number_at(anchor, measure(anchor.format), seen.pts);
    discontinuities_.push_back(
        {seen.pts, tc::format_frames(expected, was.rate, was.negative), tc::format_frames(seen.number, is.rate)});
}

uint32_t TimecodeRuns::format_index(const CountingFormat& format) {
    const auto known = std::find(formats_.begin(), formats_.end(), format);
    if (known != formats_.end()) return static_cast<uint32_t>(known - formats_.begin());
    formats_.push_back(format);
    return static_cast<uint32_t>(formats_.size() - 1);
}

TimecodeRuns::Measure TimecodeRuns::measure(uint32_t format) const {
    const tc::Rate& rate = formats_[format].rate;
    const Rational count = rate.count_fps();
    Measure m;
    m.tick = count.num;
    m.number = Wide{timing_.timescale} * count.den;
    const Wide picture = timing_.frame_ticks > 0 ? timing_.frame_ticks * m.tick : m.number / rate.divisor();
    m.slack = std::max<Wide>(0, m.number - picture);
    // Less than a tick is the rounding of times, no slack.
    if (m.slack < m.tick) m.slack = 0;
    m.tolerance = std::min(m.number, picture) / 2;
    m.day = rate.frames_per_day();
    return m;
}

/// `ticks` minus `numbers`, in parts, by the shortest way around the day.
TimecodeRuns::Wide TimecodeRuns::distance(int64_t ticks, int64_t numbers, const Measure& m) const {
    const Wide off = ticks * m.tick - numbers * m.number, day = m.day * m.number;
    return off - round_div(off, day) * day;
}

int64_t TimecodeRuns::number_at(const Anchor& anchor, const Measure& m, int64_t pts) const {
    const Wide behind = (pts - anchor.start) * m.tick + anchor.phase;
    return anchor.number + static_cast<int64_t>(floor_div(behind + m.tolerance, m.number));
}

int64_t TimecodeRuns::time_of(const Anchor& anchor, const Measure& m, int64_t number) const {
    const Wide parts = Wide{number - anchor.number} * m.number - anchor.phase;
    return anchor.start + static_cast<int64_t>(round_div(parts, m.tick));
}

/// The part [from, to) of a run. It is cut at midnight, and where it begins in the middle of a number: a sample cannot
/// say that, so the rest of that number is a sample of its own.
void TimecodeRuns::emit(const Anchor& anchor, int64_t from, int64_t to, std::vector<TimecodeRun>& out) const {
    const CountingFormat& format = formats_[anchor.format];
    const Measure m = measure(anchor.format);
    bool continues = from > anchor.start;
    for (int64_t number = number_at(anchor, m, from); from < to;) {
        int64_t next = next_midnight(number, m.day, format);
        const bool inside = m.slack > 0 && (from - time_of(anchor, m, number)) * m.tick > m.tolerance;
        if (inside) next = number + 1;
        const int64_t until =
            next == std::numeric_limits<int64_t>::max() ? to : std::clamp(time_of(anchor, m, next), from + 1, to);
        const int64_t written = wrapped(number, m.day, format);
        const bool midnight = written == 0 && number != anchor.number && !inside;
        out.push_back({from, until - from, written, format, continues && !midnight});
        from = until;
        number = next;
        continues = true;
    }
}

std::vector<TimecodeRun> TimecodeRuns::between(int64_t from, int64_t to) const {
    std::vector<TimecodeRun> out;
    auto anchor = std::upper_bound(anchors_.begin(), anchors_.end(), from,
                                   [](int64_t time, const Anchor& a) { return time < a.start; });
    if (anchor != anchors_.begin()) --anchor;
    for (; anchor != anchors_.end() && anchor->start < to; ++anchor) {
        const auto next = anchor + 1;
        const int64_t until = next == anchors_.end() ? to : std::min(to, next->start);
        emit(*anchor, std::max(from, anchor->start), until, out);
    }
    return out;
}

bool TimecodeRuns::known() const noexcept {
    return policy_.forced || !anchors_.empty() ||
           std::any_of(waiting_.begin(), waiting_.end(), [](const auto& w) { return w.second.has_value(); });
}

std::optional<CountingFormat> TimecodeRuns::first_format() const {
    if (policy_.forced) return policy_.forced->format;
    if (!anchors_.empty()) return formats_[anchors_.front().format];
    for (const auto& [pts, carried] : waiting_)
        if (carried) return counting_format(*carried, timing_.frame_rate, policy_.base);
    return std::nullopt;
}

std::optional<int64_t> TimecodeRuns::first_pts() const noexcept {
    if (first_) return first_;
    return waiting_.empty() ? std::nullopt : std::optional(waiting_.begin()->first);
}

std::vector<TimecodeRun> TimecodeRuns::take_until(int64_t presented) {
    present_until(presented);
    const int64_t from = taken_.value_or(std::numeric_limits<int64_t>::min());
    taken_ = std::max(from, presented);
    // What was given out cannot become another number any more.
    if (!anchors_.empty() && anchors_.back().start < presented) room_ = 0;
    std::vector<TimecodeRun> out = between(from, presented);
    if (!out.empty() && !emitted_) out.front().continuation = false;
    emitted_ = emitted_ || !out.empty();
    if (!policy_.keep_taken) drop_taken();
    return out;
}

void TimecodeRuns::forget_taken() {
    policy_.keep_taken = false;
    drop_taken();
}

/// The runs that ended before what was taken: the next part begins in a later one.
void TimecodeRuns::drop_taken() {
    if (!taken_ || anchors_.size() < 2) return;
    const auto later = std::upper_bound(anchors_.begin(), anchors_.end(), *taken_,
                                        [](int64_t time, const Anchor& a) { return time < a.start; });
    if (later - anchors_.begin() > 1) anchors_.erase(anchors_.begin(), later - 1);
}

std::vector<TimecodeRun> TimecodeRuns::finish(int64_t end) {
    present_until(std::numeric_limits<int64_t>::max());
    return between(std::numeric_limits<int64_t>::min(), end);
}

std::vector<Discontinuity> TimecodeRuns::take_discontinuities() { return std::exchange(discontinuities_, {}); }

} // namespace onair::mov

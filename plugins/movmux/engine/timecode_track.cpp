// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/timecode_track.hpp"

#include "engine/box_writer.hpp"
#include "engine/track_box.hpp"

#include <algorithm>
#include <utility>

namespace onair::mov {

TimecodeTrack::TimecodeTrack(TimecodePlan plan, std::string pad, TrackTiming timing, size_t media, uint32_t id)
    : plan_(std::move(plan)), pad_(std::move(pad)), timing_(timing), media_(media), id_(id),
      runs_(timing_, plan_.runs) {}

void TimecodeTrack::frame(int64_t pts, int64_t duration, const std::optional<CarriedTimecode>& carried) {
    if (carried && !first_carried_) first_carried_ = pts;
    runs_.frame(pts, duration, carried);
}

bool TimecodeTrack::begin_without() {
    if (!plan_.running || timing_.frame_rate.num <= 0) return false;
    const int64_t first = runs_.first_pts().value_or(0);
    runs_ = TimecodeRuns(timing_, plan_.runs);
    runs_.frame(first, timing_.frame_ticks, CarriedTimecode{{}, false, timing_.frame_rate});
    return true;
}

uint32_t TimecodeTrack::description_of(const CountingFormat& format) {
    const auto at = std::find(formats_.begin(), formats_.end(), format);
    if (at != formats_.end()) return static_cast<uint32_t>(at - formats_.begin()) + 1;
    formats_.push_back(format);
    return static_cast<uint32_t>(formats_.size());
}

std::vector<TimecodeRun> TimecodeTrack::take_until(int64_t presented, bool fixed_format) {
    std::vector<TimecodeRun> runs = runs_.take_until(presented);
    for (TimecodeRun& run : runs) {
        if (!fixed_format || formats_.empty() || run.format == formats_.front()) continue;
        // The same address, counted as the description says, as far as that has it.
        const tc::Timecode address = tc::from_frames(run.frame_number, run.format.rate);
        const int frames = std::min(address.frames, formats_.front().rate.nominal() - 1);
        run.frame_number =
            tc::to_frames(tc::Timecode{address.hours, address.minutes, address.seconds, frames}, formats_.front().rate);
        run.format = formats_.front();
        format_refused_ = true;
    }
    return runs;
}

std::vector<TimecodeRun> TimecodeTrack::finish(int64_t end) {
    if (!known() && !begin_without()) return {};
    return runs_.finish(end);
}

std::vector<std::vector<uint8_t>> TimecodeTrack::descriptions(Brand brand) const {
    std::vector<std::vector<uint8_t>> entries;
    for (const CountingFormat& format : formats_) {
        const TmcdFields fields = tmcd_fields(format, timing_.timescale);
        BoxWriter w;
        w.box("tmcd", [&] {
            w.zeros(6);
            w.u16(1); // data reference
            w.u32(0);
            w.u32(fields.flags);
            w.u32(fields.timescale);
            w.u32(fields.frame_duration);
            w.u8(fields.frames);
            w.u8(0);
            if (plan_.reel_name.empty() || brand != Brand::quicktime) return;
            w.box("name", [&] {
                w.u16(plan_.reel_name.size());
                w.u16(language_code("", brand));
                w.text(plan_.reel_name);
            });
        });
        entries.push_back(w.take());
    }
    return entries;
}

std::vector<uint8_t> timecode_sample(const TimecodeRun& run) {
    BoxWriter w;
    w.i32(run.frame_number);
    return w.take();
}

} // namespace onair::mov

// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/movie.hpp"

#include <algorithm>
#include <utility>

namespace onair::mov {

namespace {

constexpr uint64_t largest_short = INT32_MAX;

int64_t movie_timescale(const std::vector<TrackSpec>& tracks) {
    const auto video = std::find_if(tracks.begin(), tracks.end(), [](const TrackSpec& t) { return t.is_video(); });
    int64_t scale = track_timescale(video == tracks.end() ? tracks.front() : *video);
    while (scale < 10000)
        scale *= 2;
    return scale;
}

/// The size shown. MP4's is that of square pixels, QuickTime's the stored one (the aspect ratio is in `pasp`).
uint32_t shown_width(const AVCodecParameters& p, Brand brand) {
    const AVRational& aspect = p.sample_aspect_ratio;
    const uint64_t width = uint64_t{static_cast<uint32_t>(p.width)} << 16;
    if (brand == Brand::quicktime || aspect.num <= 0 || aspect.den <= 0) return static_cast<uint32_t>(width);
    return static_cast<uint32_t>(scale_round(static_cast<int64_t>(width), aspect.num, aspect.den));
}

/// Edit list and duration, in movie ticks: a gap before what is shown. In fragments nobody knows yet how long that is.
void place(TrackHeader& header, Form form, int64_t gap, int64_t shown, int64_t media_time) {
    const bool whole = form == Form::whole;
    header.duration = whole ? static_cast<uint64_t>(gap + shown) : 0;
    if (!whole && gap == 0 && media_time == 0) return;
    if (gap > 0) header.edits.push_back({static_cast<uint64_t>(gap), -1});
    header.edits.push_back({whole ? static_cast<uint64_t>(shown) : 0, media_time});
}

} // namespace

Movie::Movie(MovieSpec spec)
    : spec_(std::move(spec)), timescale_(movie_timescale(spec_.tracks)),
      metadata_(describe_metadata(spec_.metadata, spec_.brand)) {
    uint32_t id = 1;
    for (TrackSpec& track : spec_.tracks)
        tracks_.emplace_back(std::move(track), spec_.brand, id++);
    spec_.tracks.clear();
    for (size_t i = 0; i < tracks_.size(); ++i) {
        const MediaTrack& track = tracks_[i];
        if (!track.spec().timecode || (spec_.timecode.shared && !timecodes(last_form()).empty())) continue;
        add_timecode(track, i, id++);
    }
}

void Movie::add_timecode(const MediaTrack& track, size_t media, uint32_t id) {
    const TrackTiming timing{track.timescale(), track.spec().frame_rate, track.frame_ticks()};
    for (const Form form : {Form::whole, Form::fragments}) {
        if (!has(form)) continue;
        TimecodePlan plan = *track.spec().timecode;
        plan.runs.keep_taken = form == Form::whole;
        // The whole movie's timecode has the last word on what is an error; the fragments go on to the end without.
        if (form != last_form() && plan.runs.first == FirstTimecode::error)
            plan.runs.first = FirstTimecode::extrapolate;
        timecodes(form).emplace_back(std::move(plan), track.spec().name, timing, media, id);
    }
}

TimecodeTrack* Movie::timecode_of(size_t media, Form form) {
    auto& all = timecodes(form);
    const auto at = std::find_if(all.begin(), all.end(), [&](const TimecodeTrack& t) { return t.media() == media; });
    return at == all.end() ? nullptr : &*at;
}

void Movie::drop_timecode(const TimecodeTrack& track, Form form) {
    auto& all = timecodes(form);
    const uint32_t id = track.id();
    all.erase(std::find_if(all.begin(), all.end(), [&](const auto& t) { return t.id() == id; }));
}

size_t Movie::index_memory() const noexcept {
    size_t bytes = 0;
    for (const MediaTrack& track : tracks_)
        bytes += track.index.memory();
    for (const TimecodeTrack& track : timecodes(Form::whole))
        bytes += track.memory();
    return bytes;
}

void Movie::drop_index() {
    for (MediaTrack& track : tracks_)
        track.index = SampleIndex();
    for (TimecodeTrack& track : timecodes(Form::whole))
        track.forget_taken();
}

int64_t Movie::movie_ticks(int64_t ticks, int64_t timescale) const { return scale_round(ticks, timescale_, timescale); }

/// The movie begins with its earliest presentation: usually 0, the earliest first buffer; pictures that follow the
/// first one and are shown before it lie earlier.
int64_t Movie::start() const {
    std::optional<int64_t> earliest;
    for (const MediaTrack& track : tracks_)
        if (!track.empty()) {
            const int64_t at = movie_ticks(track.first_pts(), track.timescale());
            earliest = earliest ? std::min(*earliest, at) : at;
        }
    return std::min<int64_t>(earliest.value_or(0), 0);
}

TrackHeader Movie::header_of(size_t media, Form form) const {
    const MediaTrack& track = tracks_[media];
    const AVCodecParameters& parameters = *track.spec().parameters;
    TrackHeader header;
    header.id = track.id();
    header.kind = track.spec().is_video() ? TrackKind::video : TrackKind::sound;
    if (track.spec().is_video()) {
        header.width = shown_width(parameters, spec_.brand);
        header.height = static_cast<uint32_t>(parameters.height) << 16;
    }
    header.timescale = track.timescale();
    const int64_t gap = movie_ticks(track.first_pts(), track.timescale()) - start();
    const int64_t shown = movie_ticks(track.end_pts() - track.first_pts(), track.timescale());
    place(header, form, gap, shown, track.first_pts() - track.first_dts());
    for (const TimecodeTrack& timecode : timecodes(form))
        if (timecode.media() == media || spec_.timecode.shared) header.timecode_tracks.push_back(timecode.id());
    header.descriptions = {with_bit_rate(track.description().entry, track.bit_rate())};
    header.extra = track.description().extra;
    return header;
}

TrackHeader Movie::header_of(const TimecodeTrack& track, Form form) const {
    TrackHeader header;
    header.id = track.id();
    header.kind = TrackKind::timecode;
    header.enabled = spec_.timecode.enabled;
    header.name = spec_.timecode.name;
    header.language = spec_.timecode.language;
    header.timescale = track.timescale();
    const MediaTrack& video = tracks_[track.media()];
    const int64_t origin = track.origin.value_or(video.first_pts());
    const int64_t gap = movie_ticks(origin, track.timescale()) - start();
    const int64_t shown = movie_ticks(track.index.media_duration(), track.timescale());
    place(header, form, gap, shown, 0);
    header.descriptions = track.descriptions(spec_.brand);
    return header;
}

void Movie::write_file_type(BoxWriter& w) const {
    w.box("ftyp", [&] {
        if (spec_.brand == Brand::quicktime) {
            w.type("qt");
            w.u32(0x200);
            w.type("qt");
            return;
        }
        w.type("isom");
        w.u32(0x200);
        w.type("isom");
        w.type(has(Form::fragments) ? "iso6" : "iso2");
        w.type("mp41");
    });
}

void Movie::write_box(BoxWriter& w, Form form, uint64_t shift) {
    uint64_t duration = 0;
    std::vector<std::pair<TrackHeader, const SampleIndex*>> headers;
    for (size_t i = 0; i < tracks_.size(); ++i)
        headers.emplace_back(header_of(i, form), &tracks_[i].index);
    for (const TimecodeTrack& track : timecodes(form))
        headers.emplace_back(header_of(track, form), &track.index);
    for (const auto& [header, index] : headers)
        duration = std::max(duration, header.duration);
    w.box("moov", [&] {
        const uint8_t version = duration > largest_short;
        w.full_box("mvhd", version, 0, [&] {
            w.sized(version, 0);
            w.sized(version, 0);
            w.u32(static_cast<uint64_t>(timescale_));
            w.sized(version, duration);
            w.u32(0x10000); // rate
            w.u16(0x100);   // volume
            w.zeros(10);
            write_matrix(w);
            w.zeros(24);
            w.u32(headers.size() + 1); // next id
        });
        for (const auto& [header, index] : headers)
            write_track(w, header, *index, spec_.brand, shift);
        if (form == Form::fragments)
            w.box("mvex", [&] {
                for (const auto& [header, index] : headers)
                    w.full_box("trex", 0, 0, [&, id = header.id] {
                        w.u32(id);
                        w.u32(1);    // description
                        w.zeros(12); // duration, size, flags
                    });
            });
        w.bytes(metadata_);
    });
}

} // namespace onair::mov

// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/mov_writer.hpp"

#include "engine/messages.hpp"

#include <utility>

namespace onair::mov {

MovWriter::MovWriter(Output& output, MovieSpec spec, Warn warn)
    : warn_(std::move(warn)), movie_(std::make_unique<Movie>(std::move(spec))),
      layout_(make_layout(*movie_, output, warn_)) {
    warned_.resize(movie_->tracks().size());
    layout_->begin();
}

MovWriter::~MovWriter() = default;

void MovWriter::write(size_t index, const Packet& packet) {
    MediaTrack& track = movie_->tracks().at(index);
    std::vector<Piece> pieces = track.accept(packet, warn_);
    for (Piece& piece : pieces) {
        count_timecode(index, piece, packet.timecode);
        layout_->add(index, std::move(piece));
    }
    if (movie_->has(Form::fragments)) warn_of_fragments(index, packet);
}

void MovWriter::count_timecode(size_t index, const Piece& piece, const std::optional<CarriedTimecode>& carried) {
    if (TimecodeTrack* timecode = movie_->timecode_of(index, Form::whole)) {
        timecode->frame(piece.pts, piece.usual_duration, carried);
        // Nothing is presented before it is decoded: what lies before is settled, and discontinuities are told in time.
        timecode->take_until(piece.sample.dts, false);
    }
    if (TimecodeTrack* timecode = movie_->timecode_of(index, Form::fragments))
        timecode->frame(piece.pts, piece.usual_duration, carried);
}

/// What the boxes in front of the fragments cannot tell any more.
void MovWriter::warn_of_fragments(size_t index, const Packet& packet) {
    const bool hybrid = movie_->has(Form::whole);
    const TrackSpec& spec = movie_->tracks()[index].spec();
    const bool gone = packet.timecode && spec.timecode && !movie_->timecode_of(index, Form::fragments);
    if (gone && !movie_->spec().timecode.shared)
        warn_once(index, error(hybrid ? Msg::timecode_too_late_hybrid : Msg::timecode_too_late, {spec.name}));
    for (const TimecodeTrack& each : movie_->timecodes(Form::fragments))
        if (each.format_refused())
            warn_once(each.media(), error(hybrid ? Msg::timecode_format_hybrid : Msg::timecode_format, {each.pad()}));
}

void MovWriter::warn_once(size_t track, const Error& doubt) {
    if (warned_[track] || !warn_) return;
    warned_[track] = true;
    warn_(doubt);
}

int64_t MovWriter::held() const { return movie_->has(Form::fragments) ? movie_->spec().fragment_duration : 0; }

void MovWriter::finish() {
    std::vector<std::string> missing;
    for (const TimecodeTrack& track : movie_->timecodes(movie_->last_form()))
        if (track.plan().required && !track.plan().running && !track.known()) missing.push_back(track.pad());
    layout_->finish();
    if (!missing.empty()) throw error(Msg::meta_never, {missing.front()});
}

uint64_t MovWriter::packets(size_t track) const { return movie_->tracks()[track].packets(); }

std::vector<DiscontinuityReport> MovWriter::take_discontinuities() {
    std::vector<DiscontinuityReport> reports;
    for (TimecodeTrack& track : movie_->timecodes(movie_->last_form()))
        for (Discontinuity& what : track.take_discontinuities())
            reports.push_back({track.media(), scale_round(what.at, 1000000000, track.timescale()), std::move(what)});
    return reports;
}

} // namespace onair::mov

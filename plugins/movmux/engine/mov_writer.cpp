// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/mov_writer.hpp"

#include "engine/messages.hpp"

#include <utility>

namespace onair::mov {

MovWriter::MovWriter(Output& output, MovieSpec spec, Warn warn)
    : warn_(std::move(warn)), movie_(std::make_unique<Movie>(std::move(spec))), layout_(make_layout(*movie_, output)) {
    warned_.resize(movie_->tracks().size());
    layout_->begin();
}

MovWriter::~MovWriter() = default;

void MovWriter::write(size_t index, const Packet& packet) {
    MediaTrack& track = movie_->tracks().at(index);
    std::vector<Piece> pieces = track.accept(packet, warn_);
    TimecodeTrack* timecode = movie_->timecode_of(index);
    for (Piece& piece : pieces) {
        if (!track.index.has_room(piece.sample.count)) throw error(Msg::too_many_samples, {track.spec().name});
        if (timecode) timecode->frame(piece.pts, piece.usual_duration, packet.timecode);
        // Nothing is presented before it is decoded: what lies before is settled, and discontinuities are told in time.
        if (timecode && !movie_->fragmented()) timecode->take_until(piece.sample.dts, false);
        layout_->add(index, std::move(piece));
    }
    const bool gone = packet.timecode && track.spec().timecode && !movie_->timecode_of(index);
    if (gone && !movie_->spec().timecode.shared) warn_once(index, error(Msg::timecode_too_late, {track.spec().name}));
    for (const TimecodeTrack& each : movie_->timecodes())
        if (each.format_refused()) warn_once(each.media(), error(Msg::timecode_format, {each.pad()}));
}

void MovWriter::warn_once(size_t track, const Error& doubt) {
    if (warned_[track] || !warn_) return;
    warned_[track] = true;
    warn_(doubt);
}

int64_t MovWriter::held() const { return movie_->fragmented() ? movie_->spec().fragment_duration : 0; }

void MovWriter::finish() {
    std::vector<std::string> missing;
    for (const TimecodeTrack& track : movie_->timecodes())
        if (track.plan().required && !track.plan().running && !track.known()) missing.push_back(track.pad());
    layout_->finish();
    if (!missing.empty()) throw error(Msg::meta_never, {missing.front()});
}

uint64_t MovWriter::packets(size_t track) const { return movie_->tracks()[track].packets(); }

std::vector<DiscontinuityReport> MovWriter::take_discontinuities() {
    std::vector<DiscontinuityReport> reports;
    for (TimecodeTrack& track : movie_->timecodes())
        for (Discontinuity& what : track.take_discontinuities())
            reports.push_back({track.media(), scale_round(what.at, 1000000000, track.timescale()), std::move(what)});
    return reports;
}

} // namespace onair::mov

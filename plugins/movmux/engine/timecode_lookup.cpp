// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/timecode_lookup.hpp"

#include "engine/messages.hpp"

#include <algorithm>
#include <cmath>

namespace onair::mov {

namespace {

const FileTrack& choose(const TimecodeFile& file, int number, const std::string& name) {
    const std::vector<const FileTrack*> tracks = file.timecode_tracks();
    if (number >= static_cast<int>(tracks.size()))
        throw error(Msg::file_no_such_track, {name, std::to_string(number), std::to_string(tracks.size())});
    if (number >= 0) return *tracks[static_cast<size_t>(number)];
    for (const FileTrack& track : file.tracks)
        if (track.handler == "vide" && !track.timecode_references.empty())
            if (const FileTrack* referred = file.track(track.timecode_references.front());
                referred && referred->handler == "tmcd")
                return *referred;
    return *tracks.front();
}

/// How many pictures a number lasts; 1 when it is no whole count.
int pictures_of(const Counting& counting, Rational frame_rate) {
    if (frame_rate.num <= 0) return 1;
    const double ratio = frame_rate.value() / counting.rate.fps().value();
    const double whole = std::round(ratio);
    if (whole < 2 || whole > 255 || std::abs(ratio / whole - 1) > 0.005) return 1;
    const int pictures = static_cast<int>(whole);
    const Rational fps = counting.rate.fps() * Rational(pictures);
    const bool possible = tc::Rate::has_timecode(fps) && (!counting.rate.drop_frame() || tc::Rate::may_drop(fps));
    return possible ? pictures : 1;
}

} // namespace

TimecodeLookup::TimecodeLookup(const TimecodeFile& file, int number, const std::string& name) {
    const FileTrack& track = choose(file, number, name);
    track_id_ = track.id;
    for (const TimecodeDescription& description : track.descriptions) {
        const std::optional<Counting> counting = counting_of(description.fields);
        if (!counting)
            throw error(Msg::file_timecode_wrong, {std::to_string(track.id), "its description counts no time"});
        if (!counting->doubt.empty()) doubts_.push_back(counting->doubt);
        countings_.push_back(*counting);
    }
    spans_ = timecode_spans(file, track);
}

std::optional<Stamp> TimecodeLookup::at(int64_t time, Rational frame_rate) const {
    // A picture's time is rounded; half a millisecond is less than half of any picture.
    constexpr int64_t rounding = 500000;
    auto span = std::upper_bound(spans_.begin(), spans_.end(), time + rounding,
                                 [](int64_t t, const TimecodeSpan& s) { return t < s.start; });
    if (span == spans_.begin()) return std::nullopt;
    --span;
    const Counting& counting = countings_[span->description];
    const int pictures = pictures_of(counting, frame_rate);
    const tc::Rate rate(counting.rate.fps() * Rational(pictures), counting.rate.drop_frame());
    return Stamp{tc::from_frames(number_at(*span, counting, std::max(time, span->start), pictures), rate), rate};
}

} // namespace onair::mov

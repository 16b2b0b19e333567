// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/timecode_spans.hpp"

#include <algorithm>
#include <limits>

namespace onair::mov {

namespace {

using Wide = __int128;
constexpr int64_t second = 1000000000;

int64_t saturate(Wide value) {
    constexpr int64_t most = std::numeric_limits<int64_t>::max();
    return static_cast<int64_t>(std::clamp<Wide>(value, -most, most));
}

int64_t to_ns(Wide ticks, uint32_t timescale) {
    return saturate((ticks * second + (ticks < 0 ? -1 : 1) * Wide{timescale} / 2) / timescale);
}

} // namespace

std::optional<Counting> counting_of(const TmcdFields& fields) {
    if (fields.flags & TmcdFields::counter || fields.frame_duration == 0 || fields.timescale == 0) return std::nullopt;
    Rational seconds(fields.frame_duration, fields.timescale);
    int64_t nominal = fields.frames;
    const double actual = seconds.inverse().value();
    std::string doubt;
    // Cameras write 29 for 30000/1001: the count is the rate rounded, and readers take it so.
    const int64_t rounded = static_cast<int64_t>(actual + 0.5);
    if (nominal > 0 && nominal + 1 == rounded && nominal == static_cast<int64_t>(actual)) {
        doubt = "it says " + std::to_string(nominal) + " numbers a second at a rate of " + std::to_string(rounded);
        nominal = rounded;
    }
    if (nominal == 0) nominal = rounded;
    if (nominal == 0 || nominal > 255) return std::nullopt;
    // Fast pictures that are counted at half the rate or less, with the pictures' duration in the description: the
    // number of frames is what counts.
    const int64_t factor = static_cast<int64_t>(actual / static_cast<double>(nominal) + 0.5);
    if (factor > 1) seconds = seconds * Rational(factor);
    // Exact rates are written as 2997/100 and the like.
    const double off = seconds.inverse().value() / static_cast<double>(nominal);
    if (off < 0.98 || off > 1.02) doubt = "the numbers last another time than their number a second says";
    const bool dropping = fields.flags & TmcdFields::drop_frame;
    const bool slowed = off < 0.9995 || dropping;
    const Rational fps = slowed ? Rational(nominal * 1000, 1001) : Rational(nominal);
    if (dropping && !tc::Rate::may_drop(fps)) {
        doubt = "it says drop frame, which does not exist at " + std::to_string(nominal) + " a second";
        return Counting{tc::Rate(off < 0.9995 ? fps : Rational(nominal), false), seconds, doubt};
    }
    if (dropping && off >= 0.9995) doubt = "it says drop frame at a whole rate";
    return Counting{tc::Rate(fps, dropping), seconds, doubt};
}

std::vector<TimecodeSpan> timecode_spans(const TimecodeFile& file, const FileTrack& track) {
    std::vector<TrackEdit> edits = track.edits;
    if (edits.empty()) edits.push_back({0, 0});
    const int64_t media_end =
        track.timecodes.empty() ? 0 : saturate(Wide{track.timecodes.back().time} + track.timecodes.back().duration);
    std::vector<TimecodeSpan> out;
    int64_t presented = 0;
    for (const TrackEdit& edit : edits) {
        const int64_t length =
            edit.duration ? to_ns(Wide{edit.duration}, file.movie_timescale)
                          : (edit.media_time < 0 ? 0 : to_ns(Wide{media_end} - edit.media_time, track.timescale));
        if (length <= 0) continue;
        const int64_t end = saturate(Wide{presented} + length);
        if (edit.media_time >= 0) {
            const auto after = [&](int64_t time, const TimecodeSample& s) { return time < s.time; };
            auto sample = std::upper_bound(track.timecodes.begin(), track.timecodes.end(), edit.media_time, after);
            if (sample != track.timecodes.begin()) --sample;
            for (; sample != track.timecodes.end(); ++sample) {
                const int64_t from = to_ns(Wide{sample->time} - edit.media_time, track.timescale);
                const bool last = sample + 1 == track.timecodes.end();
                const int64_t until =
                    last ? end - presented : to_ns(Wide{(sample + 1)->time} - edit.media_time, track.timescale);
                TimecodeSpan span;
                span.start = saturate(Wide{presented} + std::max<int64_t>(0, from));
                span.end = std::min(end, saturate(Wide{presented} + until));
                span.elapsed = from < 0 ? -from : 0;
                span.value = sample->value;
                span.description = sample->description;
                if (span.start >= end) break;
                if (span.end > span.start) out.push_back(span);
            }
        }
        presented = end;
    }
    return out;
}

int64_t number_at(const TimecodeSpan& span, const Counting& counting, int64_t time, int pictures) {
    const Wide picture = Wide{second} * counting.number_seconds.num; // numbers last picture / den ns
    const Wide elapsed = (Wide{time} - span.start + span.elapsed) * counting.number_seconds.den * pictures;
    const Wide numbers = (2 * elapsed + picture) / (2 * picture); // to nearest: times are rounded
    return saturate(Wide{span.value} * pictures + numbers);
}

} // namespace onair::mov

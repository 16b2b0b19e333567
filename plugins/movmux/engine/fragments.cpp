// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/fragments.hpp"

#include "engine/fragment_box.hpp"
#include "engine/reserve.hpp"

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <utility>

namespace onair::mov {

namespace {

constexpr int64_t second = 1000000000;
constexpr int64_t longest_wait_for_pictures = 10 * second;
constexpr uint64_t largest_fragment = uint64_t{1} << 30; // positions in it have 31 bits
constexpr uint64_t box_header = 8;

/// Bytes of a free box that keep `size` bytes at `position` within one sector, or within one block of a file system
/// when they are more: 0 when they are there already or fit in none. Disks write these whole or not at all. A power cut
/// that leaves the beginning of a moof and zeros for its end makes libavformat refuse the whole file.
uint64_t padding(uint64_t position, uint64_t size) {
    for (const uint64_t unit : {uint64_t{512}, uint64_t{4096}}) {
        if (size > unit) continue;
        const uint64_t left = unit - position % unit;
        if (size <= left) return 0;
        return left < box_header ? left + unit : left;
    }
    return 0;
}

} // namespace

Fragments::Fragments(Movie& movie, Stream& stream, Written written)
    : movie_(movie), stream_(stream), written_(std::move(written)), pending_(movie.tracks().size()),
      shown_end_(movie.tracks().size(), std::numeric_limits<int64_t>::min()) {
    for (size_t i = 0; i < pending_.size(); ++i)
        samples_.emplace_back();
}

void Fragments::begin() {
    BoxWriter w;
    movie_.write_file_type(w);
    if (movie_.has(Form::whole)) write_reserve(w);
    stream_.write(w.data());
}

void Fragments::add(size_t track, Piece piece) {
    const int64_t now = scale_round(piece.sample.dts, second, movie_.tracks()[track].timescale());
    complete(track, piece.sample.dts);
    if (!begin_) begin_ = now;
    if (const Bounds bounds = bound_with(track, piece.sample.dts); is_full(now, bounds)) {
        flush(bounds);
        begin_ = now;
    }
    bytes_ += piece.payload.size;
    if (const std::optional<int64_t> duration = piece.sample.duration)
        take(track, std::move(piece), *duration);
    else
        pending_[track] = std::move(piece);
}

void Fragments::finish() {
    for (size_t i = 0; i < pending_.size(); ++i)
        if (pending_[i]) complete(i, pending_[i]->sample.dts + pending_[i]->usual_duration);
    flush(std::nullopt);
}

void Fragments::complete(size_t track, int64_t next_dts) {
    if (!pending_[track]) return;
    Piece piece = std::move(*pending_[track]);
    pending_[track].reset();
    const int64_t duration = std::max<int64_t>(next_dts - piece.sample.dts, 0);
    take(track, std::move(piece), duration);
}

void Fragments::take(size_t track, Piece piece, int64_t duration) {
    Samples& samples = samples_[track];
    shown_end_[track] = std::max(shown_end_[track], piece.pts + duration);
    if (written_) samples.originals.push_back(piece.sample);
    Sample sample = piece.sample;
    sample.duration = duration;
    if (sample.count > 1) { // PCM: readers of fragments make a packet of each sample
        sample.size *= sample.count;
        sample.duration = duration * sample.count;
        sample.count = 1;
    }
    samples.index.add(sample, samples.index.bytes()); // positions within the track's own bytes
    samples.payloads.push_back(std::move(piece.payload));
}

bool Fragments::is_full(int64_t now, const Bounds& bounds) const {
    if (bytes_ >= largest_fragment) return true;
    const int64_t length = now - *begin_, wanted = movie_.spec().fragment_duration;
    if (length < wanted || (length < 2 * wanted && has_holes(bounds))) return false;
    return number_ > 0 || std::all_of(timecodes().begin(), timecodes().end(),
                                      [&](const TimecodeTrack& t) { return is_settled(t, now, bounds); });
}

/// The boxes in front need not wait for the timecode any longer. The wait counts from the first picture, which may
/// come later than sound.
bool Fragments::is_settled(const TimecodeTrack& track, int64_t now, const Bounds& bounds) const {
    const std::optional<int64_t> bound = bounds[track.media()];
    if (track.known()) return !bound || track.known_before(*bound);
    const MediaTrack& video = movie_.tracks()[track.media()];
    if (video.empty()) return now - *begin_ >= std::max(movie_.spec().timecode_wait, longest_wait_for_pictures);
    return now - scale_round(video.first_pts(), second, video.timescale()) >= movie_.spec().timecode_wait;
}

Fragments::Bounds Fragments::bound_with(size_t track, int64_t dts) const {
    Bounds bounds(pending_.size());
    for (size_t i = 0; i < bounds.size(); ++i) {
        if (pending_[i])
            bounds[i] = shown_until(i, pending_[i]->sample.dts);
        else if (i == track)
            bounds[i] = shown_until(i, dts);
        else if (!samples_[i].index.empty())
            bounds[i] = samples_[i].index.first_dts() + samples_[i].index.media_duration();
    }
    return bounds;
}

/// Up to where all pictures are there, the next one being decoded at `next_dts`: to the end of what is shown when it
/// has no hole (it lasts as long as it takes to decode), else as far as decoding has come. Without B-frames it is the
/// same.
int64_t Fragments::shown_until(size_t track, int64_t next_dts) const {
    const MediaTrack& media = movie_.tracks()[track];
    if (shown_end_[track] <= next_dts) return next_dts;
    const int64_t decoded = next_dts - media.first_dts(), shown = shown_end_[track] - media.first_pts();
    return std::abs(shown - decoded) <= media.last_duration() / 2 ? shown_end_[track] : next_dts;
}

/// A picture is there whose predecessor is not: a fragment that ended here would have pictures without timecode until
/// the next one comes, which a recording that is cut off here never has.
bool Fragments::has_holes(const Bounds& bounds) const {
    for (size_t i = 0; i < bounds.size(); ++i)
        if (bounds[i] && shown_end_[i] > *bounds[i]) return true;
    return false;
}

/// Which timecode tracks there are: what came so far decides.
void Fragments::prepare_timecodes() {
    for (size_t i = 0; i < timecodes().size();) {
        TimecodeTrack& track = timecodes()[i];
        if (!track.known() && !track.begin_without()) {
            movie_.drop_timecode(track, Form::fragments);
            continue;
        }
        if (const auto format = track.first_format()) track.description_of(*format);
        ++i;
    }
}

/// The edit lists are about to be written: what has not come yet is placed by the times of its fragments alone.
void Fragments::settle_times() {
    for (MediaTrack& track : movie_.tracks())
        track.begin_at_start();
    for (TimecodeTrack& track : timecodes())
        if (!track.origin) track.origin = movie_.tracks()[track.media()].first_pts();
}

/// The boxes in front of the first fragment. The first samples of the timecode tracks are in the movie box itself and
/// in a small mdat behind it: readers that look for the start timecode do not look into fragments (mediainfo).
void Fragments::write_front(const std::vector<TimecodeSamples>& timecodes) {
    std::vector<uint8_t> numbers;
    for (const TimecodeSamples& t : timecodes) {
        t.track->index = t.index;
        t.track->index.move(numbers.size());
        numbers.insert(numbers.end(), t.bytes.begin(), t.bytes.end());
    }
    for (uint64_t shift = 0;;) { // where the small mdat lies depends on the size of what is before it
        BoxWriter w;
        movie_.write_box(w, Form::fragments, shift);
        if (!numbers.empty()) write_header(w, "mdat", numbers.size());
        const uint64_t place = stream_.position() + w.size();
        if (const bool settled = place == std::exchange(shift, place); !settled) continue;
        w.bytes(numbers);
        stream_.write(w.data());
        break;
    }
    for (const TimecodeSamples& t : timecodes)
        t.track->index = SampleIndex(); // the fragments' samples are not kept
}

std::vector<Fragments::TimecodeSamples> Fragments::take_timecodes(const std::optional<Bounds>& bounds) {
    std::vector<TimecodeSamples> all;
    for (TimecodeTrack& track : timecodes()) {
        const std::optional<int64_t> bound =
            bounds ? (*bounds)[track.media()] : std::optional(movie_.tracks()[track.media()].end_pts());
        if (!bound) continue;
        TimecodeSamples made{&track, {}, 0, 1, {}};
        for (const TimecodeRun& run : track.take_until(*bound, true)) {
            if (!track.origin) track.origin = run.start;
            if (made.index.empty()) {
                made.decode_time = run.start - *track.origin;
                made.description = track.description_of(run.format);
            }
            const std::vector<uint8_t> bytes = timecode_sample(run);
            Sample sample;
            sample.size = static_cast<uint32_t>(bytes.size());
            sample.duration = run.duration;
            made.index.add(sample, made.bytes.size());
            made.bytes.insert(made.bytes.end(), bytes.begin(), bytes.end());
        }
        if (!made.index.empty()) all.push_back(std::move(made));
    }
    return all;
}

void Fragments::flush(const std::optional<Bounds>& bounds) {
    const bool first = number_ == 0;
    if (first) prepare_timecodes();
    const std::vector<TimecodeSamples> timecodes = take_timecodes(bounds);
    if (first) settle_times();
    stream_.begin_group();
    if (first) write_front(timecodes);
    write_media(first ? std::vector<TimecodeSamples>() : timecodes);
    stream_.end_group(movie_.spec().sync);
    bytes_ = 0;
}

void Fragments::write_media(const std::vector<TimecodeSamples>& timecodes) {
    std::vector<TrackFragment> tracks;
    uint64_t size = 0;
    std::vector<uint8_t> numbers; // of the timecode tracks, in front of the media: they go out with the boxes
    for (const TimecodeSamples& t : timecodes) {
        tracks.push_back({t.track->id(), t.decode_time, t.description, size, &t.index});
        numbers.insert(numbers.end(), t.bytes.begin(), t.bytes.end());
        size += t.bytes.size();
    }
    for (size_t i = 0; i < samples_.size(); ++i) {
        const SampleIndex& index = samples_[i].index;
        if (index.empty()) continue;
        const MediaTrack& track = movie_.tracks()[i];
        tracks.push_back({track.id(), index.first_dts() - track.fragments_origin(), 1, size, &index});
        size += index.bytes();
    }
    if (tracks.empty()) return;
    BoxWriter boxes, w;
    write_fragment(boxes, ++number_, tracks, size);
    // Nothing of the first one is on the disk before: there is nothing that it could spoil.
    const uint64_t moof = boxes.size() - box_header;
    const uint64_t pad = number_ > 1 && movie_.spec().sync ? padding(stream_.position(), moof) : 0;
    if (pad) w.box("free", [&] { w.zeros(pad - box_header); });
    w.bytes(boxes.data());
    w.bytes(numbers);
    stream_.write(w.data());
    write_payloads();
}

void Fragments::write_payloads() {
    for (size_t i = 0; i < samples_.size(); ++i) {
        Samples samples = std::exchange(samples_[i], Samples());
        uint64_t position = stream_.position();
        for (const Payload& payload : samples.payloads)
            stream_.write_payload(payload);
        for (const Sample& sample : samples.originals) {
            written_(i, sample, position);
            position += uint64_t{sample.size} * sample.count;
        }
    }
}

} // namespace onair::mov

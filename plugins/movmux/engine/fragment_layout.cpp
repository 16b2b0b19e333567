// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/fragment_box.hpp"
#include "engine/layout.hpp"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

namespace onair::mov {

namespace {

constexpr int64_t second = 1000000000;
constexpr int64_t longest_wait_for_pictures = 10 * second;
constexpr uint64_t largest_fragment = uint64_t{1} << 30; // positions in it have 31 bits

/// A movie in fragments. Each lies whole in memory (references to what came in) until its duration is reached, and is
/// written in one group. The last sample of a track waits for the next one, whose time gives its duration.
class FragmentLayout final : public Layout {
    /// For each track the decoding time before which nothing more comes; none for one that has ended.
    using Bounds = std::vector<std::optional<int64_t>>;

  public:
    FragmentLayout(Movie& movie, Output& output) : movie_(movie), stream_(output), pending_(movie.tracks().size()) {
        for (size_t i = 0; i < pending_.size(); ++i)
            samples_.emplace_back();
    }

    void begin() override {}

    void add(size_t track, Piece piece) override {
        const int64_t now = scale_round(piece.sample.dts, second, movie_.tracks()[track].timescale());
        complete(track, piece.sample.dts);
        if (!begin_) begin_ = now;
        if (const Bounds bounds = bound_with(track, piece.sample.dts); is_full(now, bounds)) {
            flush(bounds);
            begin_ = now;
        }
        bytes_ += piece.payload.size;
        if (piece.sample.duration)
            take(track, std::move(piece));
        else
            pending_[track] = std::move(piece);
    }

    void finish() override {
        for (size_t i = 0; i < pending_.size(); ++i)
            if (pending_[i]) complete(i, pending_[i]->sample.dts + pending_[i]->usual_duration);
        flush(std::nullopt);
    }

  private:
    struct Samples {
        SampleIndex index;
        std::vector<Payload> payloads;
    };
    /// The timecode of one fragment.
    struct TimecodeSamples {
        TimecodeTrack* track;
        SampleIndex index;
        int64_t decode_time;
        uint32_t description;
        std::vector<uint8_t> bytes;
    };

    void complete(size_t track, int64_t next_dts) {
        if (!pending_[track]) return;
        Piece piece = std::move(*pending_[track]);
        pending_[track].reset();
        piece.sample.duration = std::max<int64_t>(next_dts - piece.sample.dts, 0);
        take(track, std::move(piece));
    }

    void take(size_t track, Piece piece) {
        Samples& samples = samples_[track];
        if (piece.sample.count > 1) { // PCM: readers of fragments make a packet of each sample
            piece.sample.size *= piece.sample.count;
            piece.sample.duration = *piece.sample.duration * piece.sample.count;
            piece.sample.count = 1;
        }
        samples.index.add(piece.sample, samples.index.bytes()); // positions within the track's own bytes
        samples.payloads.push_back(std::move(piece.payload));
    }

    bool is_full(int64_t now, const Bounds& bounds) const {
        if (bytes_ >= largest_fragment) return true;
        if (now - *begin_ < movie_.spec().fragment_duration) return false;
        return number_ > 0 || std::all_of(movie_.timecodes().begin(), movie_.timecodes().end(),
                                          [&](const TimecodeTrack& t) { return is_settled(t, now, bounds); });
    }

    /// The boxes in front need not wait for the timecode any longer. The wait counts from the first picture, which may
    /// come later than sound.
    bool is_settled(const TimecodeTrack& track, int64_t now, const Bounds& bounds) const {
        const std::optional<int64_t> bound = bounds[track.media()];
        if (track.known()) return !bound || track.known_before(*bound);
        const MediaTrack& video = movie_.tracks()[track.media()];
        if (video.empty()) return now - *begin_ >= std::max(movie_.spec().timecode_wait, longest_wait_for_pictures);
        return now - scale_round(video.first_pts(), second, video.timescale()) >= movie_.spec().timecode_wait;
    }

    Bounds bound_with(size_t track, int64_t dts) const {
        Bounds bounds(pending_.size());
        for (size_t i = 0; i < bounds.size(); ++i) {
            if (pending_[i])
                bounds[i] = pending_[i]->sample.dts;
            else if (i == track)
                bounds[i] = dts;
            else if (!samples_[i].index.empty())
                bounds[i] = samples_[i].index.first_dts() + samples_[i].index.media_duration();
        }
        return bounds;
    }

    /// Which timecode tracks there are: what came so far decides.
    void prepare_timecodes() {
        for (size_t i = 0; i < movie_.timecodes().size();) {
            TimecodeTrack& track = movie_.timecodes()[i];
            if (!track.known() && !track.begin_without()) {
                movie_.drop_timecode(track);
                continue;
            }
            if (const auto format = track.first_format()) track.description_of(*format);
            ++i;
        }
    }

    /// The edit lists are about to be written: what has not come yet is placed by the times of its fragments alone.
    void settle_times() {
        for (MediaTrack& track : movie_.tracks())
            track.begin_at_start();
        for (TimecodeTrack& track : movie_.timecodes())
            if (!track.origin) track.origin = movie_.tracks()[track.media()].first_pts();
    }

    /// The boxes in front of the first fragment. The first samples of the timecode tracks are in the movie box itself
    /// and in a small mdat behind it: readers that look for the start timecode do not look into fragments (mediainfo).
    void write_front(const std::vector<TimecodeSamples>& timecodes) {
        std::vector<uint8_t> numbers;
        for (const TimecodeSamples& t : timecodes) {
            t.track->index = t.index;
            t.track->index.move(numbers.size());
            numbers.insert(numbers.end(), t.bytes.begin(), t.bytes.end());
        }
        for (uint64_t shift = 0;;) { // where the small mdat lies depends on the size of what is before it
            BoxWriter w;
            movie_.write_file_type(w);
            movie_.write_box(w, shift);
            if (!numbers.empty()) write_media_data_header(w, numbers.size());
            const bool settled = w.size() == shift;
            shift = w.size();
            if (!settled) continue;
            w.bytes(numbers);
            stream_.write(w.data());
            break;
        }
        for (const TimecodeSamples& t : timecodes)
            t.track->index = SampleIndex(); // the fragments' samples are not kept
    }

    std::vector<TimecodeSamples> take_timecodes(const std::optional<Bounds>& bounds) {
        std::vector<TimecodeSamples> all;
        for (TimecodeTrack& track : movie_.timecodes()) {
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

    void flush(const std::optional<Bounds>& bounds) {
        const bool first = number_ == 0;
        if (first) prepare_timecodes();
        const std::vector<TimecodeSamples> timecodes = take_timecodes(bounds);
        if (first) settle_times();
        stream_.begin_group();
        if (first) write_front(timecodes);
        write_media(first ? std::vector<TimecodeSamples>() : timecodes);
        stream_.end_group();
        bytes_ = 0;
    }

    void write_media(const std::vector<TimecodeSamples>& timecodes) {
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
            tracks.push_back({track.id(), index.first_dts() - track.first_dts(), 1, size, &index});
            size += index.bytes();
        }
        if (tracks.empty()) return;
        BoxWriter w;
        write_fragment(w, ++number_, tracks, size);
        w.bytes(numbers);
        stream_.write(w.data());
        for (Samples& samples : samples_) {
            for (const Payload& payload : samples.payloads)
                stream_.write_payload(payload);
            samples = Samples();
        }
    }

    Movie& movie_;
    Stream stream_;
    std::vector<std::optional<Piece>> pending_;
    std::vector<Samples> samples_;
    std::optional<int64_t> begin_; ///< of the fragment, ns
    uint64_t bytes_ = 0;
    uint32_t number_ = 0;
};

} // namespace

std::unique_ptr<Layout> make_fragment_layout(Movie& movie, Output& output) {
    return std::make_unique<FragmentLayout>(movie, output);
}

} // namespace onair::mov

// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/layout.hpp"
#include "engine/movie.hpp"
#include "engine/payload.hpp"
#include "engine/sample_index.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <vector>

namespace onair::mov {

/// A movie in fragments, front boxes included. Each lies whole in memory (references to what came in) until its
/// duration is reached, and is written in one group. The last sample of a track waits for the next one, whose time
/// gives its duration.
class Fragments {
  public:
    /// Told of each sample that was written, as it came in, with the position of its bytes; in order for each track.
    using Written = std::function<void(size_t track, const Sample& sample, uint64_t position)>;

    /// `movie` and `stream` outlive the fragments.
    Fragments(Movie& movie, Stream& stream, Written written = {});

    /// Writes the file type box, and the reserve of a hybrid movie: something goes out at once (a sink prerolls).
    void begin();
    void add(size_t track, Piece piece);
    /// Writes what is left.
    void finish();

    uint32_t written() const noexcept { return number_; } ///< fragments

  private:
    /// For each track the decoding time before which nothing more comes; none for one that has ended.
    using Bounds = std::vector<std::optional<int64_t>>;
    struct Samples {
        SampleIndex index;
        std::vector<Payload> payloads;
        std::vector<Sample> originals; ///< for `written`
    };
    /// The timecode of one fragment.
    struct TimecodeSamples {
        TimecodeTrack* track;
        SampleIndex index;
        int64_t decode_time;
        uint32_t description;
        std::vector<uint8_t> bytes;
    };

    std::deque<TimecodeTrack>& timecodes() const { return movie_.timecodes(Form::fragments); }
    void complete(size_t track, int64_t next_dts);
    void take(size_t track, Piece piece, int64_t duration);
    bool is_full(int64_t now, const Bounds& bounds) const;
    bool is_settled(const TimecodeTrack& track, int64_t now, const Bounds& bounds) const;
    Bounds bound_with(size_t track, int64_t dts) const;
    void prepare_timecodes();
    void settle_times();
    std::vector<TimecodeSamples> take_timecodes(const std::optional<Bounds>& bounds);
    void flush(const std::optional<Bounds>& bounds);
    void write_front(const std::vector<TimecodeSamples>& timecodes);
    void write_media(const std::vector<TimecodeSamples>& timecodes);
    void write_payloads();

    Movie& movie_;
    Stream& stream_;
    Written written_;
    std::vector<std::optional<Piece>> pending_;
    std::vector<Samples> samples_;
    std::optional<int64_t> begin_; ///< of the fragment, ns
    uint64_t bytes_ = 0;
    uint32_t number_ = 0;
};

} // namespace onair::mov

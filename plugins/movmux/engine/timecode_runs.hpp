// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "common/base/rational.hpp"
#include "common/timecode/timecode.hpp"
#include "engine/timecode_choice.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

/// From the timecodes that pictures carry to the samples of a timecode track.
///
/// A sample of a timecode track (docs/specs/tmcd.md) is the frame number of its first instant; a reader counts on from
/// there by time. A run is a stretch in which counting on by time gives the timecode that the pictures carry:
///
/// | at a picture                                              | run                                          |
/// |-----------------------------------------------------------|----------------------------------------------|
/// | its timecode is what the time since the run began implies | goes on, also over a gap in the pictures     |
/// | it carries none                                           | goes on                                      |
/// | its timecode is another one, a duplicate, an earlier one  | a new run, and a discontinuity               |
/// | its rate or drop-frame flag is another one                | a new run of another format, a discontinuity |
/// | the clocks drifted apart by half a frame, step by step    | a new run, no discontinuity                  |
/// | the count reaches 24 hours                                | a new run with number 0, no discontinuity    |
namespace onair::mov {

/// How a run is counted: one sample description of the timecode track.
struct CountingFormat {
    tc::Rate rate;         ///< with its base: rate.nominal() numbers a second, one for rate.divisor() pictures
    bool wrap24 = true;    ///< the count starts again after 24 hours
    bool negative = false; ///< numbers may be below 0
    bool operator==(const CountingFormat&) const = default;
};

/// The fields of a `tmcd` sample description.
struct TmcdFields {
    static constexpr uint32_t drop_frame = 1, wraps = 2, negative = 4, counter = 8;
    uint32_t flags = 0;
    uint32_t timescale = 0;
    uint32_t frame_duration = 0; ///< of one number, in 1/timescale s; exact
    uint8_t frames = 0;          ///< numbers a second
    bool operator==(const TmcdFields&) const = default;
};

/// The fields of `format`; in the video's ticks when a number is a whole count of them, else in the rate's own.
TmcdFields tmcd_fields(const CountingFormat& format, int64_t timescale);

/// One sample of the timecode track.
struct TimecodeRun {
    int64_t start = 0;    ///< presentation time of its first picture, in ticks of the video track
    int64_t duration = 0; ///< ticks, more than 0
    int64_t frame_number = 0;
    CountingFormat format;
    bool continuation = false; ///< counts on from the run before it: a later part of the same run
    bool operator==(const TimecodeRun&) const = default;
};

/// Where the timecode is not the one that the time implies.
struct Discontinuity {
    int64_t at = 0; ///< presentation time, ticks
    std::string expected, found;
};

/// What to do with the pictures before the first one that carries a timecode.
enum class FirstTimecode {
    extrapolate, ///< the first timecode is carried back to the first picture
    gap,         ///< the timecode track begins later than the video
    error,       ///< Error(timing)
};

struct TrackTiming {
    int64_t timescale = 0;   ///< ticks a second
    Rational frame_rate;     ///< of the pictures; 0: not fixed
    int64_t frame_ticks = 0; ///< of one picture, nominal; 0: not fixed
};

/// A timecode that counts from the first picture, whatever the pictures carry.
struct ForcedStart {
    int64_t frame_number = 0;
    CountingFormat format;
};

struct RunsPolicy {
    std::string pad; ///< name, for the error texts
    FirstTimecode first = FirstTimecode::extrapolate;
    int base = 0;                      ///< numbers a second at most (timecode-base); 0: one for each picture
    std::optional<ForcedStart> forced; ///< e.g. forced_start()
    bool keep_taken = true;            ///< false: what take_until() gave is forgotten; finish() gives the rest
};

/// The start that a property asks for: HH:MM:SS:FF, a leading '-' for a count below 0. Throws Error when the rate does
/// not have it.
ForcedStart forced_start(const tc::Parsed& property, Rational frame_rate, int base);

/// The format that a picture's timecode is counted in. Throws Error(timing) for a rate without timecode.
CountingFormat counting_format(const CarriedTimecode& carried, Rational frame_rate, int base);

/// Finds the runs. One object for each video track; not safe for threads.
/// Memory: 32 bytes for each run that is kept, and a window of 32 pictures, whatever the length of the movie.
class TimecodeRuns {
  public:
    /// Pictures that may wait for an earlier one: twice what H.264 and HEVC allow (16).
    static constexpr size_t window = 32;
    /// Discontinuities kept until they are taken; further ones are only counted.
    static constexpr size_t kept_discontinuities = 64;

    TimecodeRuns(TrackTiming timing, RunsPolicy policy);

    /// A picture, in decode order; `pts` in ticks. The second of two pictures at one time does not count.
    /// Throws Error(settings) for a timecode that its rate does not have, and then has taken nothing: the picture can
    /// be given again without it. Throws Error(timing) for a late first timecode when the policy says so.
    void frame(int64_t pts, int64_t duration, const std::optional<CarriedTimecode>& carried);

    /// Whether a timecode is known, also one of a picture that still waits.
    bool known() const noexcept;
    /// The format of the first run, or nothing when no timecode is known: for a movie box that comes before the data.
    std::optional<CountingFormat> first_format() const;
    /// The pictures' first presentation time.
    std::optional<int64_t> first_pts() const noexcept;

    /// The runs of [what was taken, presented): for a fragment. The caller promises that no picture before `presented`
    /// follows; a timecode of one that does is not looked at. Empty while no timecode is known; time that passes so has
    /// none in the fragments.
    std::vector<TimecodeRun> take_until(int64_t presented);

    /// All runs from the first picture (with FirstTimecode::gap: from the first timecode) to `end`, without holes;
    /// what take_until() gave, in one piece. Empty when no timecode was seen.
    std::vector<TimecodeRun> finish(int64_t end);

    /// From now on what take_until() gives is forgotten.
    void forget_taken();
    /// Bytes of memory that the runs take.
    size_t memory() const noexcept { return anchors_.size() * sizeof(Anchor); }

    std::vector<Discontinuity> take_discontinuities();
    uint64_t discontinuities() const noexcept { return discontinuity_count_; } ///< all so far

  private:
    using Wide = __int128;

    /// Number `number` stands at `start`, `phase` after its beginning. Times in parts: a tick is count_fps.num parts.
    struct Anchor {
        int64_t start = 0;
        int64_t number = 0;
        int64_t phase = 0;
        uint32_t format = 0;
    };
    /// What a picture says: the number and how long it has lasted, which a count slower than the pictures leaves open.
    struct Observation {
        int64_t pts = 0;
        int64_t number = 0;
        Wide least = 0, most = 0; ///< parts since the number began
        uint32_t format = 0;
    };
    /// Lengths in parts of one format.
    struct Measure {
        Wide tick = 1, number = 1;
        Wide slack = 0;     ///< by which a number lasts longer than a picture
        Wide tolerance = 0; ///< half of what counts on: jitter below it is none
        int64_t day = 0;    ///< numbers
    };

    void present(int64_t pts, const std::optional<CarriedTimecode>& carried);
    void present_until(int64_t pts);
    void drop_taken();
    Observation observe(int64_t pts, const CarriedTimecode& carried);
    void begin(const Observation& first);
    void follow(const Observation& seen);
    bool is_drift(const Observation& seen) const;
    void tell(const Observation& seen);
    uint32_t format_index(const CountingFormat& format);
    Measure measure(uint32_t format) const;
    Wide distance(int64_t ticks, int64_t numbers, const Measure& m) const;
    int64_t number_at(const Anchor& anchor, const Measure& m, int64_t pts) const;
    int64_t time_of(const Anchor& anchor, const Measure& m, int64_t number) const;
    void emit(const Anchor& anchor, int64_t from, int64_t to, std::vector<TimecodeRun>& out) const;
    std::vector<TimecodeRun> between(int64_t from, int64_t to) const;

    TrackTiming timing_;
    RunsPolicy policy_;
    std::map<int64_t, std::optional<CarriedTimecode>> waiting_; ///< pictures by presentation time
    std::vector<CountingFormat> formats_;
    std::vector<Anchor> anchors_;
    Wide room_ = 0; ///< parts by which the newest anchor's phase may still grow
    std::optional<Observation> last_;
    std::optional<int64_t> first_;     ///< of all pictures
    std::optional<int64_t> presented_; ///< the newest picture that was looked at
    std::optional<int64_t> taken_;
    bool emitted_ = false; ///< take_until() gave a run
    std::vector<Discontinuity> discontinuities_;
    uint64_t discontinuity_count_ = 0;
};

} // namespace onair::mov

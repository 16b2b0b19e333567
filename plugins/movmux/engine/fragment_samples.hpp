// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/box_reader.hpp"
#include "engine/sample_index.hpp"

#include <cstdint>
#include <functional>
#include <vector>

namespace onair::mov {

/// What a movie box or a fragment says of samples.
struct ToldSample {
    size_t track = 0;      ///< in the order of add_track()
    Sample sample;         ///< with its duration; `count` equal ones where one number is told for all
    uint64_t position = 0; ///< of the bytes of the first
    uint32_t number = 0;   ///< of the first in its run (trun), from 0
    uint64_t count_at = 0; ///< where the file says in 32 bits how many samples the run has; 0: nowhere
};

/// Reads the fragments of a movie (ISO/IEC 14496-12, 8.8), whoever wrote them.
///
/// | box       | what is read                                                                                       |
/// |-----------|----------------------------------------------------------------------------------------------------|
/// | mvex/trex | for each track: description, duration, size and flags of samples of which nothing else is told     |
/// | traf/tfhd | track; flags 0x1 base of positions, 0x2 description, 0x8 duration, 0x10 size, 0x20 sample flags for |
/// |           | all samples here; 0x20000 positions count from the moof, else from where the track before ends     |
/// | traf/tfdt | decoding time of the first sample; without it samples go on where the ones before ended            |
/// | traf/trun | flags 0x1 position of the bytes, 0x4 flags of the first sample; by the sample: 0x100 duration,      |
/// |           | 0x200 size, 0x400 flags, 0x800 composition offset (signed in version 1)                            |
class FragmentSamples {
  public:
    using Take = std::function<void(const ToldSample&)>;

    void add_defaults(const Box& mvex);
    void add_track(uint32_t id);
    /// Where the samples of the movie box end, ticks of the track.
    void begin_at(size_t track, int64_t dts) { tracks_.at(track).next_dts = dts; }

    /// `moof` is the parsed box. Throws Error(format) for one that contradicts itself; what it told before stands.
    void read(const Box& moof, const Take& take);

  private:
    struct Defaults {
        uint32_t id = 0, description = 1, duration = 0, size = 0, flags = 0;
    };
    struct Track {
        uint32_t id = 0;
        int64_t next_dts = 0;
    };
    /// Where a run begins.
    struct Place {
        size_t track;
        uint64_t base, at; ///< in the file
    };

    void read_track(const Box& traf, uint64_t moof, uint64_t& implied, const Take& take);
    void read_run(const Box& trun, const Defaults& defaults, Place& place, const Take& take);

    std::vector<Defaults> defaults_;
    std::vector<Track> tracks_;
};

} // namespace onair::mov

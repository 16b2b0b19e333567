// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/box_writer.hpp"
#include "engine/sample_index.hpp"

#include <cstdint>
#include <vector>

namespace onair::mov {

/// The samples of one track in one fragment; their bytes lie one after another.
struct TrackFragment {
    uint32_t track_id = 0;
    int64_t decode_time = 0; ///< of the first sample, ticks of the media
    uint32_t description = 1;
    uint64_t data_offset = 0; ///< of the first sample's bytes, from the start of the fragment's media
    const SampleIndex* index = nullptr;
};

/// The box `moof` and the header of the `mdat` behind it, which holds `media_size` bytes.
///
/// | box       | content (ISO/IEC 14496-12, 8.8)                                                                   |
/// |-----------|---------------------------------------------------------------------------------------------------|
/// | mfhd      | number of the fragment, from 1                                                                    |
/// | traf/tfhd | track; flag 0x20000: positions count from the moof; duration, size and flags that all samples have |
/// | traf/tfdt | version 1: decoding time of the first sample, 64 bits                                             |
/// | traf/trun | samples, position of their bytes, and what is not the same for all: duration, size, flags,         |
/// |           | composition offset (signed, version 1)                                                            |
///
/// A packet of PCM is one sample here: readers of fragments make a packet of each sample.
void write_fragment(BoxWriter& w, uint32_t number, const std::vector<TrackFragment>& tracks, uint64_t media_size);

} // namespace onair::mov

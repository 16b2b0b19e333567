// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/box_writer.hpp"
#include "engine/sample_index.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace onair::mov {

/// The sample table of a track. Boxes that would say nothing are left out: `stss` when every sample is a key, `ctts`
/// when presentation follows decoding.
///
/// | box  | content (QuickTime File Format, "Sample atoms"; ISO/IEC 14496-12, 8.6 to 8.7)                        |
/// |------|----------------------------------------------------------------------------------------------------|
/// | stsd | the sample descriptions, as they are given                                                           |
/// | stts | (count, duration) in ticks                                                                           |
/// | stss | numbers of the key samples, from 1                                                                   |
/// | ctts | (count, presentation minus decoding); version 1 when one of them is negative                         |
/// | stsc | (first chunk from 1, samples in each, description from 1)                                            |
/// | stsz | the size of all, or 0 and the size of each                                                           |
/// | stco | positions of the chunks; co64 when one lies beyond 4 GiB                                             |
///
/// `shift` is added to every position of a chunk.
void write_sample_table(BoxWriter& w, const std::vector<std::vector<uint8_t>>& descriptions, const SampleIndex& index,
                        uint64_t shift = 0);

} // namespace onair::mov

// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/fragment_reader.hpp"

#include <cstdint>
#include <vector>

namespace onair::mov {

/// The movie box of a plain movie with the samples of `movie`, whose bytes lie `shift` further back than they did.
///
/// | box                    | content                                                                              |
/// |------------------------|--------------------------------------------------------------------------------------|
/// | mvhd, tkhd, mdhd       | as they were, with the durations that were not known                                 |
/// | edts/elst              | as it was, the last edit as long as the samples; a track that began late has a gap;  |
/// |                        | a timecode track ends with its video                                                 |
/// | mdia/minf/stbl         | the sample descriptions as they were; all other tables new (sample_table.hpp)        |
/// | mvex                   | left out                                                                             |
/// | trak                   | left out when no sample of it is there, and references to it                         |
/// | everything else        | as it was                                                                            |
std::vector<uint8_t> plain_movie_box(FragmentedMovie movie, uint64_t shift);

} // namespace onair::mov

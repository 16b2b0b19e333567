// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/box_writer.hpp"

#include <cstdint>
#include <vector>

/// How a movie of fragments becomes a plain one without its media being written again. 16 bytes behind the file type
/// box are a box of their own until the end; then they are the header of one media-data box that spans all there was.
///
/// | boxes while recording            | boxes after the end                                                      |
/// |----------------------------------|--------------------------------------------------------------------------|
/// | ftyp                             | ftyp                                                                     |
/// | free, 16 bytes: the reserve      | mdat, 64-bit size:                                                       |
/// | moov with mvex, mdat (timecode)  |     all this is its content,                                             |
/// | moof, mdat, moof, mdat, …        |     and nothing in it is looked at as a box                              |
/// |                                  |     mdat: the samples of the timecode tracks, if there are any           |
/// |                                  |     free: its header, 8 bytes                                            |
/// |                                  | moov: the content of that free box, seen as a box of its own             |
///
/// The writes of the end, in this order. What follows `durable` may only be written when everything before it is on the
/// disk.
///
/// | write | bytes                          | what a reader sees when the file is cut off in it                       |
/// |-------|--------------------------------|-------------------------------------------------------------------------|
/// | a     | 8 to 15 of the reserve: the    | fragments: these bytes are the content of a free box                    |
/// |       | 64-bit size                    |                                                                         |
/// | b     | behind the last fragment: mdat | fragments, and behind them boxes without meaning, the last of them cut  |
/// |       | and free{moov}; durable        | off                                                                     |
/// | c     | 0 to 7 of the reserve: size 1  | before byte 3 is there a box of 16 bytes (free); from then on a box of  |
/// |       | and `mdat`; durable            | any name, free to mdat, with the 64-bit size: a plain movie             |
///
/// In c the first three bytes do not change (0), and byte 3 (16 becomes 1) alone switches; the name counts for nothing.
/// So the order in which the bytes of c reach the disk does not matter either.
namespace onair::mov {

inline constexpr uint64_t reserve_size = 16;

/// The reserve as it is while recording.
void write_reserve(BoxWriter& w);

/// One write of the end.
struct EndWrite {
    uint64_t position = 0;
    std::vector<uint8_t> bytes;
    bool durable = false;
};

/// The writes that make a plain movie of fragments; b is two of them, so that the movie box is not copied. `reserve`:
/// position of the reserve; `end`: where the last fragment ends; `timecodes`: the media-data box of the timecode
/// tracks, or nothing; `movie`: the movie box.
std::vector<EndWrite> end_writes(uint64_t reserve, uint64_t end, std::vector<uint8_t> timecodes,
                                 std::vector<uint8_t> movie);

} // namespace onair::mov

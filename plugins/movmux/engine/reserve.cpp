// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/reserve.hpp"

#include "engine/layout.hpp"

#include <utility>

namespace onair::mov {

void write_reserve(BoxWriter& w) {
    w.box("free", [&] { w.zeros(reserve_size - 8); });
}

std::vector<EndWrite> end_writes(uint64_t reserve, uint64_t end, std::vector<uint8_t> timecodes,
                                 std::vector<uint8_t> movie) {
    BoxWriter tail;
    tail.bytes(timecodes);
    write_header(tail, "free", movie.size());
    BoxWriter size, header;
    const uint64_t box = end + tail.size();
    size.u64(box - reserve);
    header.u32(1);
    header.type("mdat");
    return {{reserve + 8, size.take(), false},
            {end, tail.take(), false},
            {box, std::move(movie), true},
            {reserve, header.take(), true}};
}

} // namespace onair::mov

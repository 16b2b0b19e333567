// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <cstddef>
#include <cstdint>

/// scale_rows.hpp one sample at a time, for the ends of rows.
namespace onair::sws::fast::plain {

inline void take_8(const uint8_t* in, int16_t* out, size_t count, int left) {
    for (size_t i = 0; i < count; ++i)
        out[i] = static_cast<int16_t>(in[i] << left);
}

inline void take_16(const uint16_t* in, int16_t* out, size_t count, uint16_t mask, int left) {
    for (size_t i = 0; i < count; ++i)
        out[i] = static_cast<int16_t>((in[i] & mask) << left);
}

} // namespace onair::sws::fast::plain

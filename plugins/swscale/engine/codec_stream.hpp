// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/format.hpp"

#include <array>
#include <cstddef>
#include <memory>

namespace onair::sws {

/// How the samples of a row, whatever their component, follow each other in memory.
///
/// | packing | samples | bytes | layout                                                                 |
/// |---------|---------|-------|------------------------------------------------------------------------|
/// | bytes   | 1       | 1     |                                                                        |
/// | le32    | 3       | 4     | a little-endian integer: bits 0-9, 10-19, 20-29; 30 and 31 are 0         |
/// | le40    | 4       | 5     | a little-endian integer of 40 bits: 0-9, 10-19, 20-29, 30-39             |
/// | be40    | 4       | 5     | a big-endian integer of 40 bits: 39-30, 29-20, 19-10, 9-0                |
enum class Packing { bytes, le32, le40, be40 };

/// Formats whose rows are a stream of samples across the borders of bytes, or at uneven distances (IYU1).
struct StreamLayout {
    struct Component {
        int plane = 0;
        int group = 1;           ///< samples after which the order repeats: U Y V Y has 4
        int count = 1;           ///< of them, of this component
        std::array<int, 4> at{}; ///< and where
    };
    int components = 0;
    std::array<Component, 4> component{};
    Packing packing = Packing::le32;
    int unit_pixels = 1, unit_bytes = 1; ///< a row of any plane takes whole units
    bool repeats_last = false;           ///< what fills the last unit: the last luma sample again (UYVP), or 0 (v210)

    int row_bytes(int width) const { return (width + unit_pixels - 1) / unit_pixels * unit_bytes; }
};

/// `row_bytes`: of each plane. Where the last chroma sample of an odd width lies behind them (NV12_10LE32 of 3, 9, …
/// pixels, whose rows GStreamer makes one word too short), it is read as the one before, and of it only the bits that
/// lie in the row are written.
std::unique_ptr<RowCodec> make_stream_codec(const Format& format, const StreamLayout& layout, int width, int row_bytes);

} // namespace onair::sws

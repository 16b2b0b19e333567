// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/fast/fast_program.hpp"
#include "engine/fast/row_chain.hpp"
#include "engine/frame_view.hpp"

#include <array>
#include <memory>

namespace onair::sws::fast {

/// Writes all planes of the output straight from one packed plane of the source (UYVY to I422_10LE, I420 or NV12; v210
/// to I422_10LE): each byte is stored once, where it belongs, while the source is still being read. The bytes are those
/// of the PlaneWriters, which take two steps for a row and do what this does not know: filtered columns, other orders,
/// rows that do not end with a group.
class FrameSplitter {
  public:
    /// Null where the program is not one of these. `source` outlives it.
    static std::unique_ptr<FrameSplitter> make(const FastProgram& program, PlaneRows& source);
    /// False: the output's memory is not aligned as it has to be.
    bool begin(const FrameView& dst);
    /// Luma rows begin … end - 1; `begin` is even where chroma has half of the rows.
    void run(int begin, int end);

  private:
    FrameSplitter(const FastProgram& program, PlaneRows& source) : program_(program), source_(source) {}
    uint8_t* row(size_t component, int y) const;
    void split_pair(int y);

    const FastProgram& program_;
    PlaneRows& source_;
    bool halves_rows_ = false;         ///< of chroma
    size_t planes_ = 3;                ///< 2: Cb and Cr in turn
    std::array<PlaneView, 3> plane_{}; ///< of Y, Cb and Cr
};

} // namespace onair::sws::fast

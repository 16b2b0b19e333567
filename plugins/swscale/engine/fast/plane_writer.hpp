// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/fast/row_chain.hpp"

#include <array>
#include <memory>

namespace onair::sws::fast {

/// What a plane of the output is made of.
struct PlaneInput {
    std::array<Rows*, 4> rows{}; ///< by PlaneLayout::component
    Rows* pixels = nullptr;      ///< rows of the plane itself, instead of those
    bool wide = false;           ///< they are u16
    bool finished = true;        ///< of the output's depth already; else Depth is done while they are packed
    /// rows[0] are a plane's containers (RawRows), as many as the output's: their samples lie this much higher.
    std::optional<int> raw_shift;
};

/// Writes the rows of one plane of the output.
class PlaneWriter {
  public:
    PlaneWriter(const FastProgram& program, const PlaneLayout& layout, const PlaneInput& input);
    /// `warm`: the plane is in the caches, as FastProgram::fits has it.
    void begin(const PlaneView& view, bool warm);
    /// A row of the plane. Never a byte that is not the picture's.
    void write(int y);

  private:
    void pack(int y, uint8_t* out);
    void pack_pair(int y, uint8_t* out);
    void pack_group(int y, uint8_t* out);
    void pack_rgb_row(int y, uint8_t* out);
    void pack_v210_row(int y, uint8_t* out);
    const Pattern& add(size_t at, int y) const;

    const FastProgram& program_;
    PlaneLayout layout_;
    PlaneInput input_;
    std::array<Depth, 4> depth_{}; ///< of each component
    size_t columns_[4]{};
    size_t row_bytes_;
    bool aligned_ = true;
    bool as_it_is_ = false;          ///< rows[0] are the plane's
    bool straight_ = false;          ///< and are made in it
    bool streams_ = false;           ///< past the caches, where the memory allows it
    Stores stores_ = Stores::cached; ///< streamed: straight into the frame
    PlaneView view_;
    RowBuffer row_, end_[3];
};

} // namespace onair::sws::fast

// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/filter.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

/// Rows of numbers, made when they are asked for. A chain of these is what a pass is: each asks the one before it, and
/// those that will be asked again for the same row keep it. So a frame is crossed once, row by row, in the cache.
namespace onair::sws {

class RowSource {
  public:
    virtual ~RowSource() = default;
    /// Row 0 … height - 1 into `out`.
    virtual void fetch(int row, float* out) = 0;
};

/// The samples of one component of a picture in a frame, as they are.
class CodecRows : public RowSource {
  public:
    /// `columns` samples lie in a row of the frame; those of the picture are `across` and `down`.
    CodecRows(RowCodec& codec, int component, int columns, Span across, Span down)
        : codec_(codec), component_(component), across_(across), down_(down), samples_(static_cast<size_t>(columns)) {}
    void fetch(int row, float* out) override;
    /// The same as integers. Valid until the next call.
    const uint16_t* samples(int row);
    size_t columns() const { return static_cast<size_t>(across_.count); }
    int rows() const { return down_.count; }

  private:
    RowCodec& codec_;
    int component_;
    Span across_, down_;
    std::vector<uint16_t> samples_;
};

/// Rows filtered along themselves; keeps the last `kept` of them.
class FilteredRows {
  public:
    FilteredRows(RowSource& source, const Filter& columns, int width_in, int width_out, int height, int kept);
    /// Valid until `kept` other rows were asked for. Rows outside the picture are its outermost ones.
    const float* row(int row);
    void forget();

  private:
    RowSource& source_;
    const Filter& columns_;
    size_t inputs_, outputs_, margin_;
    int height_;
    std::vector<float> padded_; ///< one row of the source with margins
    std::vector<float> rows_;
    std::vector<int> held_; ///< which row lies in each place; -1: none
};

/// Both directions: what a component of the input looks like in another grid.
class ResampledRows : public RowSource {
  public:
    /// The filters outlive this.
    ResampledRows(RowSource& source, const Filter& columns, const Filter& rows, int width_in, int width_out,
                  int height);
    void fetch(int row, float* out) override;
    void forget() { filtered_.forget(); }

  private:
    RowSource& source_;
    const Filter& columns_;
    const Filter& rows_;
    size_t width_;
    FilteredRows filtered_;
};

} // namespace onair::sws

// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/fast/colour_program.hpp"
#include "engine/fast/pixel_rows.hpp"
#include "engine/fast/row_chain.hpp"

#include <vector>

namespace onair::sws::fast {

/// Makes the components of a colour together, row by row, and keeps what will be asked again. Of one thread at a time.
///
/// Rows are asked from the top, luma before the chroma that lies beside it. Sources keep four rows: those of 4:2:0 are
/// asked again for chroma.
class ColourRows {
  public:
    /// `program` outlives this. Rows of a source are u16 if `wide`, those made if the output has more than 8 bits.
    ColourRows(const ColourProgram& program, const std::array<Rows*, 3>& sources, bool wide);

    /// The sources are the components of this plane, pixels of four bytes: rows are made straight from those where the
    /// program allows it.
    void take_pixels(PlaneRows& plane, const PixelOffsets& offsets);

    /// A band of a frame: rows begin … end - 1 (of luma) are wanted. Nothing is kept of the band before, whose last
    /// rows may be in the frame.
    void begin(int begin, int end);
    /// As Rows::write_to().
    bool write_to(size_t component, const PlaneView& plane, bool streams);
    /// Row `row` of a component's own, valid until the next is asked for.
    const uint8_t* row(size_t component, int row);
    /// The same into the caller's memory.
    void make(size_t component, int row, uint8_t* out, size_t bytes);
    /// make_pixels() can make pixels with these offsets.
    bool makes_pixels(const PixelOffsets& offsets) const;
    /// R, G and B as pixels of four bytes, the fourth 255; past the caches with `stream`.
    void make_pixels(int row, const PixelOffsets& offsets, bool stream, uint8_t* out);

  private:
    using Words = std::vector<int16_t>;
    struct Lifted {
        int y = -1;
        std::array<Words, 2> rows;
    };
    struct Halved {
        int y = -1;
        std::array<Words, 2> rows; ///< centred numbers of 15 bits
    };
    std::array<InRow, 3> on_luma_grid(int y);
    void lift(int y, Lifted& out);
    void make_chroma(int row);
    void halve(int y, const OutRow* out);
    const Halved& halved(int y);
    void filter_chroma(int row);
    const MixRounding& rounding_of(const ColourProgram::Mix& mix, int row) const;
    void mix(const ColourProgram::Mix& mix, const InRow* in, const OutRow* out, int row, size_t count) const;
    HalfColour tinted(int y);
    void blend_chroma(int y, size_t component, Words& out);
    void make_luma(int y, const OutRow& out);
    const uint8_t* row_of_pixels(size_t component, int row);
    void mix_pixel_row(int y);
    void mix_pair(int pair);
    bool is_in_pairs() const { return !sums_.empty(); } ///< pixels, to 4:2:0
    OutRow place_of(size_t component, int row);
    OutRow made(size_t component) { return {made_[component].data(), wide_out_}; }

    const ColourProgram& program_;
    std::array<Rows*, 3> sources_;
    bool wide_, wide_out_;
    int begin_ = 0, end_ = 0;
    struct Target {
        PlaneView plane;
        bool streams = false;
    };
    std::array<Target, 3> targets_; ///< of pixels
    PlaneRows* pixels_ = nullptr;
    PixelMatrix pixel_matrix_;
    std::vector<uint16_t> sums_;         ///< of pixels that come in pairs of rows
    std::array<RowBuffer, 2> pair_luma_; ///< rows 2 * pair and 2 * pair - 1
    int pair_ = -1;                      ///< the last
    size_t width_, half_width_;
    std::array<RowBuffer, 3> made_;
    std::array<int, 3> held_{{-1, -1, -1}};
    std::array<Words, 2> blended_; ///< chroma between its rows
    std::array<RowBuffer, 3> tints_;
    std::array<Lifted, 2> lifted_; ///< luma is one row behind chroma at most
    std::array<Words, 3> columns_; ///< halved
    std::array<Halved, 4> halved_;
};

/// One component of them.
class ColourComponent : public Rows {
  public:
    ColourComponent(ColourRows& rows, size_t component) : rows_(rows), component_(component) {}
    const uint8_t* row(int y) override { return rows_.row(component_, y); }
    void make(int y, uint8_t* out, size_t bytes) override { rows_.make(component_, y, out, bytes); }
    bool write_to(const PlaneView& plane, bool streams) override { return rows_.write_to(component_, plane, streams); }

  private:
    ColourRows& rows_;
    size_t component_;
};

/// All of them, as rows of pixels.
class ColourPixels : public Rows {
  public:
    ColourPixels(ColourRows& rows, const PixelOffsets& offsets, bool stream, size_t columns)
        : rows_(rows), offsets_(offsets), stream_(stream), row_(4 * columns) {}
    const uint8_t* row(int y) override {
        rows_.make_pixels(y, offsets_, false, row_.data());
        return row_.data();
    }
    void make(int y, uint8_t* out, size_t) override { rows_.make_pixels(y, offsets_, stream_, out); }

  private:
    ColourRows& rows_;
    PixelOffsets offsets_;
    bool stream_;
    RowBuffer row_;
};

} // namespace onair::sws::fast

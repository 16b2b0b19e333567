// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/fast/colour_program.hpp"

#include <vector>

namespace onair::sws::fast {

/// Where a band's rows come from.
class ColourSource {
  public:
    virtual ~ColourSource() = default;
    /// Row `row` of a component's own; valid while no more than one other row of it is asked for.
    virtual InRow row(size_t component, int row) = 0;
};

/// Where they go. Luma comes first in each row; chroma of 4:2:0 some rows later.
class ColourSink {
  public:
    virtual ~ColourSink() = default;
    /// Where row `row` of a component's own is to be written.
    virtual OutRow place(size_t component, int row) = 0;
    /// Component 0 of its row is there; components 1 and 2 of theirs.
    virtual void luma_done(int row) = 0;
    virtual void chroma_done(int row) = 0;
};

/// Runs a program over bands of a frame. Of one thread at a time; allocates nothing after it is made.
class ColourBand {
  public:
    /// `program` outlives this.
    explicit ColourBand(const ColourProgram& program);
    /// Luma rows `begin` … `end` - 1 of the output, and its chroma rows that begin there.
    void run(ColourSource& in, ColourSink& out, int begin, int end);

  private:
    using Words = std::vector<int16_t>;
    void fetch(ColourSource& in, int y);
    void make_luma(ColourSink& out, int y);
    void halve(const OutRow* out, int y);
    void make_chroma(ColourSink& out, int k);
    void mix(const ColourProgram::Mix& mix, const InRow* in, const OutRow* out, int row, size_t count) const;
    void run_halving(ColourSource& in, ColourSink& out, int begin, int end);

    const ColourProgram& program_;
    size_t width_, half_width_;
    std::array<InRow, 3> rows_{}; ///< on the luma grid
    Words blended_;
    std::array<Words, 2> lifted_;
    std::array<Words, 3> halved_;
    static constexpr size_t kept = 4;           ///< rows of chroma that wait for the filter
    std::array<std::array<Words, 2>, kept> waiting_;
};

} // namespace onair::sws::fast

// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/fast/integer_filter.hpp"
#include "engine/pass_program.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

/// One component that changes its size, in integers: rows of samples go in from the top, each is filtered along itself
/// once and kept as long as output rows need it.
namespace onair::sws::fast {

/// What is done to the component. Pure, shared by threads.
struct Scaling {
    int rows = 1; ///< of the input
    Units units;
    RowFilter across;
    ColumnFilter down;
    bool dithered = false;
    int add = 0;   ///< to sums of units, without what rounds
    int shift = 0; ///< sums to output samples
    int largest = 255;

    /// Input rows that output row `row` is made of, first and last.
    struct Reach {
        int first, last;
    };
    Reach reach(int row) const;
};

/// `in_depth` bits a sample. None where 16 bits are not enough for one code of the output: more than 12 bits of input,
/// more than 10 of output, kernels that swing too far or have too many weights, dithers that hand errors on.
std::optional<Scaling> make_scaling(const PassProgram::Component& component, int in_depth, int rows_in);

/// The rows of one band. Used by one thread at a time.
class ScaledRows {
  public:
    /// `kept`: how many rows at once are needed at most.
    ScaledRows(const Scaling& scaling, int kept);

    /// Row `row` of the input.
    void push(const uint8_t* samples, int row);
    void push(const uint16_t* samples, int row);
    /// Where a row's samples may be put instead, with room for row_slack more, before pushed() takes them; null when
    /// they have to be shifted.
    uint16_t* room();
    void pushed(int row);
    /// Output row `row`; the input rows it needs were pushed and no more than `kept` since the first of them.
    void make(int row, uint8_t* out);
    void make(int row, uint16_t* out);

  private:
    int16_t* first_sample() { return input_.data() + row_slack + scaling_.across.margin; }
    Column column(int row);
    int16_t* place(int row) { return &ring_[static_cast<size_t>(row % kept_) * stride_]; }

    const Scaling& scaling_;
    int kept_;
    uint16_t mask_;
    size_t stride_;
    std::vector<int16_t> input_, ring_;
    std::vector<const int16_t*> rows_; ///< of one sum
    std::vector<int16_t> weights_;
    std::array<std::array<int16_t, 48>, 16> pattern_{};
};

} // namespace onair::sws::fast

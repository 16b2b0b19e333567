// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/pass_program.hpp"

#include <cstdint>
#include <memory>

/// One component that changes its size: rows of samples go in from the top, each is filtered along itself once and kept
/// as long as output rows need it.
namespace onair::sws::fast {

/// Does it for one band. Used by one thread at a time.
class Scaler {
  public:
    virtual ~Scaler() = default;
    /// Another band, or frame.
    virtual void begin() {}
    /// Row `row` of the input.
    virtual void push(const uint8_t* samples, int row) = 0;
    virtual void push(const uint16_t* samples, int row) = 0;
    /// The same of samples that stay where they are until the band is done.
    virtual void hold(const uint8_t* samples, int row) { push(samples, row); }
    virtual void hold(const uint16_t* samples, int row) { push(samples, row); }
    /// Where a row's samples may be put instead, with room for some more, before pushed() takes them; null when there
    /// is no such place.
    virtual uint16_t* room(int) { return nullptr; }
    virtual void pushed(int) {}
    /// Output row `row`; the input rows it needs were pushed and no more than `kept` since the first of them.
    virtual void make(int row, uint8_t* out) = 0;
    virtual void make(int row, uint16_t* out) = 0;
};

/// What is done to the component. Pure, shared by threads, outlives its scalers.
class Scaling {
  public:
    virtual ~Scaling() = default;
    /// Input rows that output row `row` is made of, first and last.
    struct Reach {
        int first, last;
    };
    virtual Reach reach(int row) const = 0;
    /// `kept`: how many input rows at once are needed at most.
    virtual std::unique_ptr<Scaler> scaler(int kept) const = 0;
};
using ScalingPtr = std::shared_ptr<const Scaling>;

/// In integers of 16 bits. Null where they are not enough for one code of the output: more than 12 bits of input, more
/// than 10 of output, kernels that swing too far or have too many weights. `in_depth` is of a sample.
ScalingPtr make_integer_scaling(const PassProgram::Component& component, int in_depth, int rows_in);
/// The same for components that become half as wide and less high: across rows first, so that no row of the input is
/// filtered along itself. Null also where other factors than powers of 2 are to be in the weights.
ScalingPtr make_halving_scaling(const PassProgram::Component& component, int in_depth, int rows_in);
/// In single precision.
ScalingPtr make_number_scaling(const PassProgram::Component& component, int in_depth, int rows_in);

/// The fastest of them that can do it; null for filters of more rows than are worth keeping and for what neither does:
/// dithers that hand errors on, coarser steps than 1.
ScalingPtr make_scaling(const PassProgram::Component& component, int in_depth, int rows_in);

} // namespace onair::sws::fast

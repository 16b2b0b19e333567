// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/fast/colour_program.hpp"
#include "engine/fast/row_layout.hpp"
#include "engine/fast/rows.hpp"
#include "engine/fast/scale_program.hpp"
#include "engine/pass_program.hpp"

#include <array>
#include <memory>
#include <optional>
#include <vector>

namespace onair::sws::fast {

/// A filter whose weights are integers: output i is the sum of blend[i].weights[t] * input[first[i] + t], divided by
/// 1 << log2_gain. Indices outside the input mean its outermost samples.
struct Weights {
    bool identity = true;
    int log2_gain = 0;
    std::vector<int> first;
    std::vector<Blend> blend;
    int period = 0, advance = 0; ///< as Filter's; 0: never repeats
};

/// What a pass over rows of integers does: the same numbers as PassProgram, where they can be had without rounding
/// before the end. Immutable and shared by threads.
///
///   sizes change: rows of a plane -> samples -> filtered along rows -> rows weighed -> depth and dither -> rows of a
///   plane rows of a plane -> samples of `working` bits -> rows blended -> columns filtered -> depth and dither -> rows
///   of a plane
struct FastProgram {
    enum class Way { constant, plain, coloured };
    struct Component {
        Way way = Way::constant;
        int source = 0;                ///< of plain: the input's component
        Weights columns, rows;         ///< rows first: sums of both are exact
        Depth depth;                   ///< from the sum to the output's sample, without the shift of its container
        std::array<Pattern, 16> add{}; ///< by row % 16
        uint16_t constant = 0;
        bool is_filtered() const { return !columns.identity || !rows.identity; }
    };

    Side in, out;                ///< of the picture's size
    Placement window, placement; ///< where it lies in the frames
    RowLayout reader, writer;
    int working = 8; ///< bits of the samples in between: those of the deeper side, whose rows are u8 at 8
    std::array<Component, 4> component{};
    std::optional<ColourProgram> colour; ///< of the components that are coloured
    ScaleProgramPtr scaling;             ///< instead of `component`: sizes, ranges, any weights
    bool streams = false;                ///< the output is too large to stay in the caches
    bool fits = false;                   ///< but it may with the input, if it is written again: cached_frames
};
using FastProgramPtr = std::shared_ptr<const FastProgram>;

/// Null where the way over numbers (NativePass) has to do it.
FastProgramPtr make_fast_program(const Side& in, const Side& out, const Placement& placement, const Quality& quality,
                                 const std::optional<Placement>& window = {});

} // namespace onair::sws::fast

// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/fast/half_rows.hpp"
#include "engine/fast/pixel_rows.hpp"
#include "engine/pass_program.hpp"

#include <optional>

/// A change of model or matrix in integer rows: YUV to RGB, RGB to YUV, YUV to YUV of another matrix.
namespace onair::sws::fast {

/// What is done to the rows; worked out once, immutable.
///
///   samples -> chroma to the luma grid -> matrix -> chroma's columns halved -> matrix -> chroma's rows filtered
///
/// Chroma is halved along the row before its matrix and down the columns behind it: all of it is linear, so the order
/// is free, and this one touches the fewest samples.
struct ColourProgram {
    enum class Sums {
        words,  ///< products of 16 bits, sums of 32
        halves, ///< products and sums of 16 bits
        floats, ///< for more than 10 bits
    };
    /// Chroma of the input that is not on the luma grid.
    struct Lift {
        Site site = Site::cosited;
        int down = 0;  ///< of double_columns
        int whole = 0; ///< sum of the blend's weights, as a power of 2, before `down` of it
        int blend_down = 0;
        int16_t blend_add = 0;
        Filter rows;
    };
    /// Chroma's rows of pixels, two by two, before its matrix.
    struct Pairs {
        PairWeights weights{};
        WordMatrix chroma;
    };
    /// Chroma of the output.
    struct Halving {
        Site site = Site::cosited;
        bool guarded = false; ///< the samples that are halved have a sign
        bool rows = false;
        Filter filter; ///< of rows; up to 4 taps
        WordMatrix last;
        std::optional<Pairs> pairs;
    };
    struct Mix {
        Sums sums = Sums::words;
        bool whole = true; ///< code values come out; else centred numbers of 15 bits
        WordMatrix words;
        HalfMatrix halves;
        FloatMatrix floats;
    };

    int width = 0, height = 0;
    int in_bits = 8, out_bits = 8;
    std::optional<Lift> lift;
    std::optional<Halving> halving;
    bool chroma_alone = false;            ///< chroma comes from chroma
    Mix all;                              ///< to three components, or with `halving` to luma
    Mix chroma;                           ///< with `halving`: to the other two
    std::array<MixRounding, 16> rounding; ///< of a component's rows 0 … 15, then again
};

/// Nothing where the pass needs more than this: other kernels, light, alpha, places in a frame, more than 12 bits.
std::optional<ColourProgram> make_colour_program(const PassProgram& pass, const Quality& quality);

} // namespace onair::sws::fast

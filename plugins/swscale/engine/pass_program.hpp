// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/dither.hpp"
#include "engine/fast/light_rows.hpp"
#include "engine/filter.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

namespace onair::sws {

/// A function on 0 … 1 as a table (engine/fast/light_rows.hpp).
class Curve {
  public:
    template <class F>
    Curve(fast::TableIndex index, F&& f) : index_(index), values_(fast::table_entries) {
        for (size_t i = 0; i < values_.size(); ++i)
            values_[i] = static_cast<float>(f(argument(i)));
        if (index == fast::TableIndex::octaves) values_[0] = static_cast<float>(f(0.0)); // and all that is less
    }
    void apply(float* row, size_t count) const { fast::look_up(row, values_.data(), index_, count); }

  private:
    double argument(size_t i) const;

    fast::TableIndex index_;
    std::vector<float> values_;
};

/// A curve that scales R, G and B together, by curve(m) / m; see PassProgram::Coloured::Gain.
class Ratio {
  public:
    template <class F>
    explicit Ratio(F&& curve) : values_(fast::octaves_size + 2) {
        for (size_t i = 0; i < values_.size(); ++i)
            values_[i] = static_cast<float>(curve(argument(i)) / argument(i));
    }
    /// Three rows, clipped to 0 … 1 before.
    void apply(float* r, float* g, float* b, const std::array<float, 3>& weights, size_t count) const {
        fast::gain(r, g, b, weights.data(), values_.data(), count);
    }

  private:
    static double argument(size_t i);

    std::vector<float> values_;
};

/// What one own pass does, worked out from its two sides: filters, matrices, tables. Immutable and shared by threads.
///
///   plain:    samples -> filter -> scale and offset -> round                      (each component by itself)
///   coloured: samples -> filter to the luma grid -> matrix [-> linear -> primaries -> encode -> matrix]
///             -> filter to the component's grid -> round                          (components of a colour together)
struct PassProgram {
    enum class Way {
        constant, ///< no such component in the input, or a set one
        verbatim, ///< the same integers
        plain,
        coloured,
    };
    struct Component {
        Way way = Way::constant;
        int source = 0; ///< of plain and verbatim: the input's component
        Filter columns, rows;
        Quantiser::Spec quantiser;
        uint16_t constant = 0;
        uint16_t border = 0; ///< around the picture
    };
    struct Coloured {
        int inputs = 0;                      ///< components of the input: 1 (grey) or 3
        int outputs = 0;                     ///< of the output: 1 or 3
        std::array<Filter, 3> columns, rows; ///< from the input's grids to the luma grid
        Affine3 first;                       ///< input's code values to R'G'B', or straight to the output's code values
        /// R, G and B of linear light times curve(m) / m, where m is their weighted sum or the largest of them.
        struct Gain {
            std::array<float, 3> weights; ///< all 0: the largest
            Ratio curve;
        };
        struct Light {
            Curve decode;
            std::vector<Gain> before; ///< in the input's primaries
            Matrix3 primaries;
            std::vector<Gain> behind; ///< in the output's
            Curve encode;
            Affine3 last; ///< R'G'B' to the output's code values
        };
        std::optional<Light> light;
    };

    Side in;          ///< has the cropped picture's size
    Placement window; ///< of `in` in the frame that is read
    Side out;         ///< has the picture's size
    Placement placement;
    std::array<Component, 4> component{}; ///< of the output
    std::optional<Coloured> coloured;
    bool in_order = false; ///< rows must be made from the top, by one thread
};

/// `placement.picture` has out's size, `window.picture` in's (none: the whole frame). Dithers as the quality says,
/// whatever the depths are.
PassProgram make_program(const Side& in, const Side& out, const Placement& placement, const Quality& quality,
                         const std::optional<Placement>& window = {});

/// What the quality's modes make of two colours.
bool converts_transfer(const Side& in, const Side& out, const Quality& quality);
bool converts_primaries(const Side& in, const Side& out, const Quality& quality);
/// Components keep their meaning: the same model, matrix, transfer and primaries, as far as they are converted at all.
bool same_colour(const Side& in, const Side& out, const Quality& quality);

} // namespace onair::sws

// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/colour.hpp"
#include "engine/format.hpp"
#include "engine/layout.hpp"
#include "engine/scale_spec.hpp"

/// What is asked of a conversion: two sides and how well. Plain values; numbers are videoconvertscale's.
namespace onair::sws {

enum class Dither { none = 0, verterr = 1, floyd_steinberg = 2, sierra_lite = 3, bayer = 4 };
enum class Resampler { nearest = 0, linear = 1, cubic = 2, sinc = 3, lanczos = 4 };
enum class ChromaMode { full = 0, upsample_only = 1, downsample_only = 2, none = 3 };
enum class AlphaMode { copy = 0, set = 1, mult = 2 };
enum class MatrixMode { full = 0, input_only = 1, output_only = 2, none = 3 };
enum class GammaMode { none = 0, remap = 1 };
/// Light between PQ, HLG and all others (engine/light.hpp). off: the transfer functions' formulas alone.
enum class Hdr { automatic = 0, clip = 1, off = 2 };
enum class PrimariesMode { none = 0, merge_only = 1, fast = 2 };

struct Quality {
    Method method = Method::bicubic;
    Resampler chroma_resampler = Resampler::linear;
    ChromaMode chroma_mode = ChromaMode::full;
    AlphaMode alpha_mode = AlphaMode::copy;
    double alpha_value = 1; ///< 0 … 1
    MatrixMode matrix_mode = MatrixMode::full;
    GammaMode gamma_mode = GammaMode::remap;
    PrimariesMode primaries_mode = PrimariesMode::fast;
    Dither dither = Dither::bayer;
    unsigned dither_quantization = 1; ///< output values are multiples of it
    double sharpness = 1;             ///< 0.5 … 1.5: the kernel is narrower by this factor
    double sharpen = 0;               ///< 0 … 1: how much of the surroundings is taken away
    double envelope = 2;              ///< 1 … 5: lobes of sinc and lanczos, chroma's too
    Hdr hdr = Hdr::automatic;
    double peak = 1000; ///< of PQ material, cd/m²: from the caps' light levels
    bool operator==(const Quality&) const = default;

    /// Kernels that libswscale has as well.
    bool plain_kernel() const { return sharpness == 1 && sharpen == 0 && envelope == 2; }
};

/// What the rows of a picture are: all of a frame, or every other one, from the first (top) or the second (bottom) on.
enum class Field { none, top, bottom };

/// One side of a conversion.
struct Side {
    FormatPtr format;
    int width = 0;  ///< luma samples, >= 1
    int height = 0; ///< rows, >= 1
    Colour colour;
    ChromaSite site;           ///< 0 cosited, else centred; of no meaning without subsampling in that direction
    Field field = Field::none; ///< of a field: height counts its rows, the site is that of the frame
    bool operator==(const Side&) const = default;
};

/// The whole frame.
inline Placement whole(const Side& side) { return {{0, 0, side.width, side.height}, side.width, side.height}; }

} // namespace onair::sws

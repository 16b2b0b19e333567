// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/fast/fast_program.hpp"
#include "engine/quality.hpp"

#include <optional>
#include <string>
#include <vector>

/// From what is asked to the stages that do it: a pure function of the request, never of time or of the frames.
///
/// | what changes                                   | stages                                                          |
/// |------------------------------------------------|-----------------------------------------------------------------|
/// | nothing                                        | copy                                                            |
/// | depth, layout, chroma grid, without a matrix   | rows of integers, where sums are exact in 16 bits (fast/)       |
/// | the order of the same samples                  | libswscale, where it has a fast path (exact, tested)            |
/// | format, colour, chroma grid                    | own pass                                                        |
/// | another range                                  | rows of integers or of single precision (fast/)                 |
/// | size, by a kernel that is the same function    | rows of integers, of single precision for deep samples (fast/): |
/// | here and there (bilinear, 4-tap, lanczos,      | at most 0.6 code from the kernel in double precision (sws-scale);
/// | | hermite, catrom, mitchell, bicubic)            | an own pass before it and behind it where colour changes as |
/// |                                                | well, for layouts that rows of integers do not know, and for    |
/// |                                                | dithers that hand errors on                                     |
/// | size, by another kernel, or of more than 64    | libswscale between planar frames, with own passes in the same   |
/// | input rows to an output row                    | way                                                             |
/// | size, beyond 16 to 1, or one libswscale lacks  | own pass                                                        |
/// | a crop                                         | the first stage reads that part of the frame                    |
/// | the orientation                                | a turn before the others, and an own pass to 4:4:4 before it    |
/// |                                                | where chroma would leave its grid                               |
namespace onair::sws {

enum class Engine {
    automatic = 0, ///< the contract of docs/specs/conversion.md
    swscale = 1,   ///< libswscale alone, as ffmpeg's scale filter
};

struct Request {
    Side in;                         ///< has the cropped picture's size
    std::optional<Placement> window; ///< of `in` in the source frame; none: the whole frame
    Orientation orientation;         ///< how the picture is turned before it is scaled
    Side out;                        ///< has the picture's size
    Placement placement;
    Quality quality;
    Engine engine = Engine::automatic;
    unsigned threads = 1; ///< on one frame, >= 1
    /// The frames hold two fields, which are converted apart: sizes and places are the frame's, rows of both sides go
    /// by twice the vertical subsampling.
    bool two_fields = false;
    bool operator==(const Request&) const = default;
};

/// From the source frame to the output frame, for pointers and regions.
Geometry geometry_of(const Request& request);

struct Stage {
    enum class Kind { copy, own, swscale, turn, fast };
    Kind kind = Kind::copy;
    Side in, out;
    Placement placement; ///< of `out` in the frame that the stage writes
    Quality quality;
    std::string why;                 ///< for the plan that the element shows
    std::optional<Placement> window; ///< of `in` in the frame that the stage reads; none: the whole frame
    Orientation orientation;         ///< of Kind::turn
    fast::FastProgramPtr program;    ///< of Kind::fast
};

/// Throws Error where libswscale alone cannot (engine=swscale).
std::vector<Stage> plan_stages(const Request& request);
/// One own pass, whatever is asked: the way when libswscale refuses a size.
std::vector<Stage> plan_own_pass(const Request& request, std::string why);

/// Values and places of all samples stay.
bool is_unchanged(const Side& in, const Side& out, const Quality& quality);

/// "3840x2160 I422_10LE"
std::string describe(const Side& side);

} // namespace onair::sws

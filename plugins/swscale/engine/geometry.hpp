// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "common/base/rational.hpp"

#include <vector>

/// Sizes and shapes of pictures: what the caps leave open is chosen so that the picture keeps its display aspect ratio.
/// Pure arithmetic, table-tested.
///
///   DAR = width / height * PAR
namespace onair::sws {

/// A picture's size and the shape of its pixels.
struct Size {
    int width = 0;
    int height = 0;
    Rational par{1, 1}; ///< of a pixel, width / height, > 0
    bool operator==(const Size&) const = default;
};

struct IntRange {
    int low, high; // inclusive
};
struct RatioRange {
    Rational low, high; // inclusive
};

/// What caps allow for a number: ranges in any order; none at all means anything from 1 on.
class IntChoice {
  public:
    IntChoice() = default;
    explicit IntChoice(std::vector<IntRange> ranges) : ranges_(std::move(ranges)) {}
    static IntChoice only(int value) { return IntChoice({{value, value}}); }

    bool fixed() const { return ranges_.size() == 1 && ranges_[0].low == ranges_[0].high; }
    /// More than one value, and a largest one.
    bool limited() const;
    bool allows(int value) const;
    /// The allowed value nearest to `wanted`; the smaller one when two are as near.
    int nearest(double wanted) const;

  private:
    std::vector<IntRange> ranges_;
};

class RatioChoice {
  public:
    RatioChoice() = default;
    explicit RatioChoice(std::vector<RatioRange> ranges) : ranges_(std::move(ranges)) {}
    static RatioChoice only(Rational value) { return RatioChoice({{value, value}}); }

    Rational nearest(Rational wanted) const;

  private:
    std::vector<RatioRange> ranges_;
};

struct SizeChoice {
    IntChoice width, height;
    RatioChoice par;
};

/// The display aspect ratio.
Rational display_aspect_ratio(const Size& size);

/// Chooses a size that `allowed` permits for a picture of size `from`.
///
/// What is fixed stays. Of the rest the choice keeps, in this order: the aspect ratio of the picture, its size, the
/// shape of its pixels, its height, its width. Where no choice keeps the aspect ratio, the one nearest to it is taken
/// (borders or stretching do the rest). Wanted by users: 1920x1080 with only height=720 asked becomes 1280x720. Where
/// both directions are limited (a sink's largest size) and the shape of the pixels is open, more of the size is kept by
/// another shape: 1920x2560 into 2048x2048 becomes 1920x2048 with 4:5 pixels, as videoconvertscale has it.
Size choose_size(const Size& from, const SizeChoice& allowed);

/// The multiple of `multiple` nearest to `size` that is allowed, the larger one of two; `size` where none is.
int nearest_multiple(int size, int multiple, const IntChoice& allowed);

struct Rect {
    int x = 0, y = 0, width = 0, height = 0;
    bool operator==(const Rect&) const = default;
};

/// Where the picture `from` lies in a frame of size `to`: all of it, or with `add_borders` the largest centred
/// rectangle with the picture's aspect ratio. Positions and sizes that do not reach the frame's edge are multiples of
/// `align_x` and `align_y` (the chroma subsampling), so that a border never cuts a chroma sample.
Rect place(const Size& from, const Size& to, bool add_borders, int align_x, int align_y);

} // namespace onair::sws

// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/fast/row_layout.hpp"
#include "engine/frame_view.hpp"
#include "engine/quality.hpp"

#include <memory>

/// Pictures that are a part of their frame: crops of the source, borders in the output.
namespace onair::sws::fast {

/// The picture begins where samples of all planes begin, and ends there or with the frame.
bool lies_on_samples(const Placement& placement, const Format& format, const RowLayout& layout);

/// The picture's part of a frame.
FrameView part_of(const FrameView& frame, const Placement& placement, const Format& format, const RowLayout& layout);

/// What lies around a picture.
class Border {
  public:
    Border(const Side& out, const Placement& placement, const RowLayout& layout);
    /// Beside the picture's luma rows begin … end - 1, and above the first and below the last of all.
    void paint(const FrameView& frame, int begin, int end) const;

  private:
    void paint_plane(const PlaneView& to, const PlaneLayout& layout, int begin, int end) const;

    FormatPtr format_;
    Placement placement_;
    RowLayout layout_;
    ScratchFrame rows_;  ///< as wide as the frame and as high as a chroma sample
    PictureShape shape_; ///< of the frame
};

} // namespace onair::sws::fast

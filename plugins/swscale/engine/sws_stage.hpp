// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/planner.hpp"
#include "engine/sws_scaler.hpp"

#include <cstdint>
#include <memory>

namespace onair::sws {

/// A stage that libswscale does. It reads up to 64 bytes past a row and writes into the padding behind one, so planes
/// that are not laid out for that are bounced through a frame of our own.
class SwsStage {
  public:
    /// Throws Error when libswscale refuses.
    SwsStage(const Stage& stage, unsigned threads);

    void run(const FrameView& src, const FrameView& dst);

    unsigned threads() const noexcept { return scaler_.spec().threads; }
    uint64_t bounced_in() const noexcept { return bounced_in_; }   ///< rows, of all planes and frames
    uint64_t bounced_out() const noexcept { return bounced_out_; } ///< the same on the way out

  private:
    /// The picture of `frame`.
    FrameView readable(const FrameView& frame);

    SwsScaler scaler_;
    Rect window_; ///< where the picture begins in the source frame
    Placement placement_;
    PictureShape src_shape_, picture_shape_;
    std::unique_ptr<ScratchFrame> border_; ///< rows of border; null without borders
    std::unique_ptr<ScratchFrame> src_scratch_, dst_scratch_;
    uint64_t bounced_in_ = 0, bounced_out_ = 0;
};

} // namespace onair::sws

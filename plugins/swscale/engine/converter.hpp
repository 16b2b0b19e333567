// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/frame_view.hpp"
#include "engine/geometry.hpp"
#include "engine/scale_spec.hpp"
#include "engine/sws_scaler.hpp"

#include <array>
#include <cstdint>
#include <memory>

namespace onair::sws {

/// Bytes that make every pixel of a packed format opaque; pixel_bytes 0 means nothing to do.
struct OpaqueBits {
    int pixel_bytes = 0;
    std::array<uint8_t, 8> bits{};
};

/// All that a stream's conversion needs; made once per negotiation.
struct ConversionPlan {
    ScaleSpec spec;      ///< spec.dst has the size of the picture inside the frame
    int frame_width = 0; ///< of the output frame; the rest around the picture is border
    int frame_height = 0;
    Rect picture; ///< where spec.dst lies in the output frame
    OpaqueBits opaque;
};

/// Converts frames of one plan: source into the picture's place, black around it. Not thread-safe.
class Converter {
  public:
    explicit Converter(const ConversionPlan& plan);

    /// Throws Error. The views are checked against the plan; planes that libswscale would read or write past are
    /// bounced through a frame of our own.
    void convert(const FrameView& src, const FrameView& dst);

    const ConversionPlan& plan() const noexcept { return plan_; }
    /// Frames of which planes went through a frame of our own on the way in and out.
    uint64_t bounced_in() const noexcept { return bounced_in_; }
    uint64_t bounced_out() const noexcept { return bounced_out_; }

  private:
    FrameView readable(const FrameView& src);
    void make_picture(const FrameView& src, const FrameView& place);
    void paint_borders(const FrameView& frame) const;

    ConversionPlan plan_;
    PictureShape src_shape_, picture_shape_, frame_shape_;
    std::unique_ptr<SwsScaler> scaler_; ///< null: the picture is only copied (libswscale's own no-op is not relied on)
    std::unique_ptr<ScratchFrame> src_scratch_, dst_scratch_;
    uint64_t bounced_in_ = 0, bounced_out_ = 0;
};

} // namespace onair::sws

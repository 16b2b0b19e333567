// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/frame_view.hpp"
#include "engine/scale_spec.hpp"

#include <memory>

struct SwsContext;
struct AVFrame;

namespace onair::sws {

/// One libswscale context for one ScaleSpec. Used by one thread at a time (libswscale keeps state in the context).
///
/// Traps of libswscale that this class keeps away, all measured on 5.1, 7.1 and 9.0:
///  - the geometry of the context is that of the frames: both come from the spec, so "Slice parameters 0, 2160 are
///    invalid" cannot occur; a frame always goes through whole;
///  - the range must be set before init (afterwards it is ignored for unscaled YUV);
///  - untagged means BT.601 there, so the matrix is always set;
///  - threads work through sws_scale_frame only;
///  - a positive return may still mean rows left out: it must equal the height.
class SwsScaler {
  public:
    /// Throws Error(negotiation) when libswscale cannot do it, with its own words.
    explicit SwsScaler(const ScaleSpec& spec);

    const ScaleSpec& spec() const noexcept { return spec_; }

    /// Both views must be safe (is_safe). Throws Error(library).
    void scale(const FrameView& src, const FrameView& dst);

  private:
    struct Free {
        void operator()(SwsContext* context) const noexcept;
        void operator()(AVFrame* frame) const noexcept;
    };

    ScaleSpec spec_;
    std::unique_ptr<SwsContext, Free> context_;
    std::unique_ptr<AVFrame, Free> src_frame_, dst_frame_;
};

} // namespace onair::sws

// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/converter.hpp"

#include "engine/messages.hpp"

#include "common/av/av_error.hpp"

extern "C" {
#include <libavutil/common.h>
#include <libavutil/imgutils.h>
#include <libavutil/pixdesc.h>
}

namespace onair::sws {

namespace {

/// The part of `frame` that begins at (x, y), which lies on a chroma sample.
FrameView window(const FrameView& frame, AVPixelFormat format, int x, int y) {
    const AVPixFmtDescriptor* desc = av_pix_fmt_desc_get(format);
    std::array<int, 4> bytes{};
    av_image_fill_linesizes(bytes.data(), format, x);
    FrameView out = frame;
    for (size_t i = 0; i < static_cast<size_t>(frame.planes); ++i) {
        const bool chroma = (i == 1 || i == 2) && !(desc->flags & AV_PIX_FMT_FLAG_RGB);
        const size_t row = static_cast<size_t>(chroma ? y >> desc->log2_chroma_h : y);
        const size_t skip = row * static_cast<size_t>(frame.plane[i].stride) + (x ? static_cast<size_t>(bytes[i]) : 0);
        out.plane[i].data += skip;
        out.plane[i].room -= skip;
    }
    return out;
}

void fill_black(const FrameView& view, const Picture& picture, int width, int height) {
    if (width <= 0 || height <= 0) return;
    std::array<uint8_t*, 4> data{};
    std::array<ptrdiff_t, 4> strides{};
    for (size_t i = 0; i < static_cast<size_t>(view.planes); ++i) {
        data[i] = view.plane[i].data;
        strides[i] = view.plane[i].stride;
    }
    const int result = av_image_fill_black(data.data(), strides.data(), picture.format,
                                           picture.full_range ? AVCOL_RANGE_JPEG : AVCOL_RANGE_MPEG, width, height);
    if (result < 0)
        throw error(Msg::library_refused, {"borders", describe(picture)},
                    av::error_text("av_image_fill_black", result));
}

void require_fit(const FrameView& view, const PictureShape& shape, AVPixelFormat format, int width, int height) {
    const int plane = first_misfit(view, shape);
    if (plane < 0) return;
    const PlaneView& v = view.plane[static_cast<size_t>(plane)];
    const PlaneShape& s = shape.plane[static_cast<size_t>(plane)];
    throw error(Msg::bad_layout,
                {size_text(width, height), av_get_pix_fmt_name(format), std::to_string(plane), std::to_string(v.stride),
                 std::to_string(s.row_bytes), std::to_string(s.rows), std::to_string(v.room)});
}

/// Sets the alpha bits that FFmpeg leaves undefined.
void make_opaque(const FrameView& view, const PictureShape& shape, const OpaqueBits& opaque) {
    const size_t step = static_cast<size_t>(opaque.pixel_bytes);
    for (int row = 0; row < shape.plane[0].rows; ++row) {
        uint8_t* at = view.plane[0].data + static_cast<ptrdiff_t>(row) * view.plane[0].stride;
        uint8_t* end = at + shape.plane[0].row_bytes;
        for (; at + step <= end; at += step)
            for (size_t i = 0; i < step; ++i)
                at[i] |= opaque.bits[i];
    }
}

} // namespace

Converter::Converter(const ConversionPlan& plan)
    : plan_(plan), src_shape_(shape_of(plan.spec.src.format, plan.spec.src.width, plan.spec.src.height)),
      picture_shape_(shape_of(plan.spec.dst.format, plan.spec.dst.width, plan.spec.dst.height)),
      frame_shape_(shape_of(plan.spec.dst.format, plan.frame_width, plan.frame_height)) {
    if (!plan.spec.is_copy()) scaler_ = std::make_unique<SwsScaler>(plan.spec);
}

/// Left, right, above and below; painted after scaling, because libswscale writes past the end of its rows.
void Converter::paint_borders(const FrameView& frame) const {
    const Rect& p = plan_.picture;
    const Picture& dst = plan_.spec.dst;
    const int right = p.x + p.width, below = p.y + p.height;
    const auto at = [&](int x, int y) { return window(frame, dst.format, x, y); };
    fill_black(frame, dst, p.x, plan_.frame_height);
    if (right < plan_.frame_width) fill_black(at(right, 0), dst, plan_.frame_width - right, plan_.frame_height);
    fill_black(frame, dst, plan_.frame_width, p.y);
    if (below < plan_.frame_height) fill_black(at(0, below), dst, plan_.frame_width, plan_.frame_height - below);
}

/// The planes that libswscale would read past are copied into a frame of our own first.
FrameView Converter::readable(const FrameView& src) {
    FrameView from = src;
    bool bounced = false;
    for (size_t i = 0; i < static_cast<size_t>(src.planes); ++i) {
        if (is_safe(src.plane[i], src_shape_.plane[i], Access::read)) continue;
        if (!src_scratch_) src_scratch_ = std::make_unique<ScratchFrame>(src_shape_);
        from.plane[i] = src_scratch_->view().plane[i];
        copy_rows(src.plane[i], from.plane[i], src_shape_.plane[i]);
        bounced = true;
    }
    bounced_in_ += bounced;
    return from;
}

/// Planes that libswscale would write past are made in a frame of our own and copied from there.
void Converter::make_picture(const FrameView& src, const FrameView& place) {
    if (!scaler_) return copy_rows(src, place, picture_shape_);

    const FrameView from = readable(src);
    // A picture with a border at its right has a living neighbour behind each row: never write there directly.
    const bool whole_rows = plan_.picture.width == plan_.frame_width;
    FrameView to = place;
    bool bounced = false;
    for (size_t i = 0; i < static_cast<size_t>(place.planes); ++i) {
        if (whole_rows && is_safe(place.plane[i], picture_shape_.plane[i], Access::write)) continue;
        if (!dst_scratch_) dst_scratch_ = std::make_unique<ScratchFrame>(picture_shape_);
        to.plane[i] = dst_scratch_->view().plane[i];
        bounced = true;
    }
    scaler_->scale(from, to);
    for (size_t i = 0; i < static_cast<size_t>(place.planes); ++i)
        if (to.plane[i].data != place.plane[i].data) copy_rows(to.plane[i], place.plane[i], picture_shape_.plane[i]);
    bounced_out_ += bounced;
}

void Converter::convert(const FrameView& src, const FrameView& dst) {
    require_fit(src, src_shape_, plan_.spec.src.format, plan_.spec.src.width, plan_.spec.src.height);
    require_fit(dst, frame_shape_, plan_.spec.dst.format, plan_.frame_width, plan_.frame_height);
    make_picture(src, window(dst, plan_.spec.dst.format, plan_.picture.x, plan_.picture.y));
    paint_borders(dst);
    if (plan_.opaque.pixel_bytes) make_opaque(dst, frame_shape_, plan_.opaque);
}

} // namespace onair::sws

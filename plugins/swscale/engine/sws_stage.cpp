// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/sws_stage.hpp"

#include "common/av/av_error.hpp"
#include "engine/filter.hpp"
#include "engine/messages.hpp"
#include "engine/side_codes.hpp"

#include <cstring>
#include <vector>

extern "C" {
#include <libavutil/imgutils.h>
#include <libavutil/pixdesc.h>
}

namespace onair::sws {

namespace {

bool is_yuv(const Side& side) { return side.format->model == ColourModel::yuv; }

Picture picture_of(const Side& side, const Side& other) {
    Picture p;
    p.width = side.width;
    p.height = side.height;
    p.format = side.format->av;
    // libswscale knows no range for RGB, nor for grey beside RGB; grey beside YUV is a luma plane of its range.
    p.full_range = is_yuv(side) ? side.colour.full_range : is_yuv(other) ? other.colour.full_range : true;
    if (side.format->model == ColourModel::rgb) p.full_range = true;
    p.matrix = is_yuv(side) || !is_yuv(other) ? side.colour.matrix : other.colour.matrix;
    const Format& f = *side.format;
    // Cosited is 0; libswscale takes the middle for its own default.
    if (is_yuv(side) && f.log2_chroma_w > 0 && side.site.horizontal == 0) p.chroma_site.horizontal = 0;
    if (is_yuv(side) && f.log2_chroma_h > 0 && side.site.vertical == 0) p.chroma_site.vertical = 0;
    // As ffmpeg's scale filter has it (interl=1); see Grid for the places.
    if (is_yuv(side) && f.log2_chroma_h > 0 && side.field != Field::none)
        p.chroma_site.vertical = static_cast<int>(128 * (2 * rows_of(side, 1).first));
    return p;
}

ScaleSpec spec_of(const Stage& stage, unsigned threads) {
    ScaleSpec spec{picture_of(stage.in, stage.out), picture_of(stage.out, stage.in), stage.quality.method, threads};
    return spec;
}

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

/// A few rows of border, as wide as the frame and as high as a chroma sample: what borders are copied from.
ScratchFrame border_rows(const Stage& stage) {
    Side side = stage.out;
    const Format& format = *side.format;
    side.width = stage.placement.frame_width;
    side.height = 1 << format.log2_chroma_h;
    ScratchFrame rows(format.shape(side.width, side.height));
    const auto codes = border_codes(side, stage.placement.border);
    std::vector<std::vector<uint16_t>> samples;
    for (int c = 0; c < format.components; ++c)
        samples.emplace_back(static_cast<size_t>(format.columns(c, side.width)), codes[static_cast<size_t>(c)]);
    const auto codec = format.codec(side.width, side.height);
    codec->begin(rows.view());
    for (int row = 0; row < side.height; ++row) {
        std::array<const uint16_t*, 4> at{};
        for (int c = 0; c < format.components; ++c)
            if (row == 0 || !format.is_chroma(c)) at[static_cast<size_t>(c)] = samples[static_cast<size_t>(c)].data();
        codec->write(row, at.data());
    }
    return rows;
}

/// `width` pixels of border in each of the rows of (x, y) … ; positions lie on chroma samples.
void paint(const FrameView& frame, const FrameView& border, AVPixelFormat format, const Rect& area) {
    if (area.width <= 0 || area.height <= 0) return;
    const FrameView to = window(frame, format, area.x, area.y), from = window(border, format, area.x, 0);
    const PictureShape shape = shape_of(format, area.width, area.height);
    for (size_t i = 0; i < static_cast<size_t>(shape.planes); ++i)
        for (int row = 0; row < shape.plane[i].rows; ++row)
            std::memcpy(to.plane[i].data + static_cast<ptrdiff_t>(row) * to.plane[i].stride, from.plane[i].data,
                        static_cast<size_t>(shape.plane[i].row_bytes));
}

/// Above, below, left and right; painted after scaling, because libswscale writes past the end of its rows.
void paint_borders(const FrameView& frame, const FrameView& border, const Placement& placement, AVPixelFormat format) {
    const Rect& p = placement.picture;
    const int right = p.x + p.width, below = p.y + p.height;
    const Rect areas[] = {{0, 0, placement.frame_width, p.y},
                          {0, below, placement.frame_width, placement.frame_height - below},
                          {0, p.y, p.x, p.height},
                          {right, p.y, placement.frame_width - right, p.height}};
    for (const Rect& area : areas)
        paint(frame, border, format, area);
}

} // namespace

SwsStage::SwsStage(const Stage& stage, unsigned threads)
    : scaler_(spec_of(stage, threads)), window_(stage.window ? stage.window->picture : Rect{}),
      placement_(stage.placement), src_shape_(shape_of(stage.in.format->av, stage.in.width, stage.in.height)),
      picture_shape_(shape_of(stage.out.format->av, stage.out.width, stage.out.height)) {
    if (!placement_.fills()) border_ = std::make_unique<ScratchFrame>(border_rows(stage));
}

/// The planes that libswscale would read past are copied into a frame of our own first.
FrameView SwsStage::readable(const FrameView& frame) {
    const FrameView src = window(frame, scaler_.spec().src.format, window_.x, window_.y);
    FrameView from = src;
    for (size_t i = 0; i < static_cast<size_t>(src.planes); ++i) {
        if (is_safe(src.plane[i], src_shape_.plane[i], Access::read)) continue;
        if (!src_scratch_) src_scratch_ = std::make_unique<ScratchFrame>(src_shape_);
        from.plane[i] = src_scratch_->view().plane[i];
        copy_rows(src.plane[i], from.plane[i], src_shape_.plane[i]);
        bounced_in_ += static_cast<uint64_t>(src_shape_.plane[i].rows);
    }
    return from;
}

/// Planes that libswscale would write past are made in a frame of our own and copied from there.
void SwsStage::run(const FrameView& src, const FrameView& dst) {
    const Picture& picture = scaler_.spec().dst;
    const FrameView from = readable(src),
                    place = window(dst, picture.format, placement_.picture.x, placement_.picture.y);
    // A picture with a border at its right has a living neighbour behind each row: never write there directly.
    const bool whole_rows = placement_.picture.width == placement_.frame_width;
    FrameView to = place;
    for (size_t i = 0; i < static_cast<size_t>(place.planes); ++i) {
        if (whole_rows && is_safe(place.plane[i], picture_shape_.plane[i], Access::write)) continue;
        if (!dst_scratch_) dst_scratch_ = std::make_unique<ScratchFrame>(picture_shape_);
        to.plane[i] = dst_scratch_->view().plane[i];
    }
    scaler_.scale(from, to);
    for (size_t i = 0; i < static_cast<size_t>(place.planes); ++i) {
        if (to.plane[i].data == place.plane[i].data) continue;
        copy_rows(to.plane[i], place.plane[i], picture_shape_.plane[i]);
        bounced_out_ += static_cast<uint64_t>(picture_shape_.plane[i].rows);
    }
    if (border_) paint_borders(dst, border_->view(), placement_, picture.format);
}

} // namespace onair::sws

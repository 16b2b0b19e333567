// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/frame_view.hpp"

#include <cstring>

extern "C" {
#include <libavutil/common.h>
#include <libavutil/imgutils.h>
#include <libavutil/pixdesc.h>
}

namespace onair::sws {

namespace {

constexpr size_t round_up(size_t n) { return (n + safe_alignment - 1) / safe_alignment * safe_alignment; }

size_t used_bytes(const PlaneView& plane, const PlaneShape& shape) {
    return static_cast<size_t>(plane.stride) * static_cast<size_t>(shape.rows - 1) +
           static_cast<size_t>(shape.row_bytes);
}

} // namespace

PictureShape shape_of(AVPixelFormat format, int width, int height) {
    PictureShape out;
    const AVPixFmtDescriptor* desc = av_pix_fmt_desc_get(format);
    std::array<int, 4> bytes{};
    if (!desc || av_image_fill_linesizes(bytes.data(), format, width) < 0) return out;
    out.planes = av_pix_fmt_count_planes(format);
    for (int i = 0; i < out.planes; ++i) {
        // Alpha, plane 3, and luma have every row; planes 1 and 2 are subsampled where they are chroma.
        const bool chroma = (i == 1 || i == 2) && !(desc->flags & AV_PIX_FMT_FLAG_RGB);
        const int rows = chroma ? AV_CEIL_RSHIFT(height, desc->log2_chroma_h) : height;
        // Rows are written in blocks of up to 64 bytes, which an aligned stride takes in; with three bytes a pixel the
        // blocks do not end there, and with several threads the next row may be another thread's.
        const bool packed = out.planes == 1 && desc->nb_components > 1;
        const int slack = packed && desc->comp[0].step == 3 ? safe_alignment : 0;
        out.plane[static_cast<size_t>(i)] = {bytes[static_cast<size_t>(i)], rows, slack, packed ? safe_tail : 0};
    }
    return out;
}

int first_misfit(const FrameView& view, const PictureShape& shape) {
    if (view.planes != shape.planes || shape.planes == 0) return 0;
    for (size_t i = 0; i < static_cast<size_t>(shape.planes); ++i) {
        const PlaneView& plane = view.plane[i];
        const bool fits =
            plane.data && plane.stride >= shape.plane[i].row_bytes && used_bytes(plane, shape.plane[i]) <= plane.room;
        if (!fits) return static_cast<int>(i);
    }
    return -1;
}

bool is_safe(const PlaneView& plane, const PlaneShape& shape, Access access) {
    if (plane.stride % safe_alignment != 0) return false;
    if (reinterpret_cast<uintptr_t>(plane.data) % safe_alignment != 0) return false;
    if (access == Access::write && plane.stride < shape.row_bytes + shape.slack) return false;
    // The last row is touched up to its stride like the others, and the tail comes behind that.
    const size_t whole_rows = static_cast<size_t>(plane.stride) * static_cast<size_t>(shape.rows);
    return plane.room >= whole_rows + static_cast<size_t>(access == Access::write ? shape.tail : safe_tail);
}

ScratchFrame::ScratchFrame(const PictureShape& shape) {
    std::array<size_t, 4> sizes{};
    size_t total = safe_alignment;
    view_.planes = shape.planes;
    for (size_t i = 0; i < static_cast<size_t>(shape.planes); ++i) {
        const size_t stride = round_up(static_cast<size_t>(shape.plane[i].row_bytes + shape.plane[i].slack));
        view_.plane[i].stride = static_cast<int>(stride);
        sizes[i] = stride * static_cast<size_t>(shape.plane[i].rows) + round_up(safe_tail);
        total += sizes[i];
    }
    memory_.resize(total);
    uint8_t* at = memory_.data();
    at += (safe_alignment - reinterpret_cast<uintptr_t>(at) % safe_alignment) % safe_alignment;
    for (size_t i = 0; i < static_cast<size_t>(shape.planes); ++i) {
        view_.plane[i].data = at;
        view_.plane[i].room = sizes[i];
        at += sizes[i];
    }
}

void copy_rows(const PlaneView& from, const PlaneView& to, const PlaneShape& shape) {
    const uint8_t* source = from.data;
    uint8_t* target = to.data;
    for (int row = 0; row < shape.rows; ++row) {
        std::memcpy(target, source, static_cast<size_t>(shape.row_bytes));
        source += from.stride;
        target += to.stride;
    }
}

void copy_rows(const FrameView& from, const FrameView& to, const PictureShape& shape) {
    for (size_t i = 0; i < static_cast<size_t>(shape.planes); ++i)
        copy_rows(from.plane[i], to.plane[i], shape.plane[i]);
}

} // namespace onair::sws

// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/fast/frame_part.hpp"

#include "engine/side_codes.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <numeric>
#include <vector>

namespace onair::sws::fast {

namespace {

/// Pixels that share bytes in a row of the plane, and those bytes.
struct Unit {
    int pixels, bytes;
};

Unit unit_of(const PlaneLayout& plane, const Format& format) {
    const int columns = 1 << (format.is_chroma(plane.component[0]) ? format.log2_chroma_w : 0);
    switch (plane.packing) {
    case Packing::plane:
        return {columns, plane.container};
    case Packing::pair:
        return {columns, 2 * plane.container};
    case Packing::group422:
        return {2, 4 * plane.container};
    case Packing::v210:
        return {6, 16};
    case Packing::rgb:
        return {1, plane.pixel};
    }
    return {1, 1};
}

int shift_of(const PlaneLayout& plane, const Format& format) {
    return format.is_chroma(plane.component[0]) ? format.log2_chroma_h : 0;
}

size_t bytes_before(int x, const PlaneLayout& plane, const Format& format) {
    const Unit unit = unit_of(plane, format);
    return static_cast<size_t>(x / unit.pixels) * static_cast<size_t>(unit.bytes);
}

ScratchFrame border_rows(const Side& out, const Placement& placement) {
    const Format& format = *out.format;
    const int width = placement.frame_width, height = 1 << format.log2_chroma_h;
    ScratchFrame rows(format.shape(width, height));
    const auto codes = border_codes(out, placement.border);
    std::array<std::vector<uint16_t>, 4> samples;
    for (int c = 0; c < format.components; ++c)
        samples[static_cast<size_t>(c)].assign(static_cast<size_t>(format.columns(c, width)),
                                               codes[static_cast<size_t>(c)]);
    const auto codec = format.codec(width, height);
    codec->begin(rows.view());
    for (int row = 0; row < height; ++row) {
        std::array<const uint16_t*, 4> at{};
        for (int c = 0; c < format.components; ++c)
            if (row == 0 || !format.is_chroma(c)) at[static_cast<size_t>(c)] = samples[static_cast<size_t>(c)].data();
        codec->write(row, at.data());
    }
    return rows;
}

} // namespace

bool lies_on_samples(const Placement& p, const Format& format, const RowLayout& layout) {
    const Rect& r = p.picture;
    const int rows = 1 << format.log2_chroma_h;
    const auto fits = [](int begin, int length, int whole, int unit) {
        return begin % unit == 0 && (length % unit == 0 || begin + length == whole);
    };
    return fits(r.y, r.height, p.frame_height, rows) &&
           std::all_of(layout.planes.begin(), layout.planes.end(), [&](const PlaneLayout& plane) {
               return fits(r.x, r.width, p.frame_width, unit_of(plane, format).pixels);
           });
}

FrameView part_of(const FrameView& frame, const Placement& placement, const Format& format, const RowLayout& layout) {
    FrameView part = frame;
    for (const PlaneLayout& plane : layout.planes) {
        PlaneView& view = part.plane[static_cast<size_t>(plane.plane)];
        const size_t row = static_cast<size_t>(placement.picture.y >> shift_of(plane, format));
        const size_t skip = row * static_cast<size_t>(view.stride) + bytes_before(placement.picture.x, plane, format);
        view.data += skip;
        view.room -= std::min(view.room, skip);
    }
    return part;
}

Border::Border(const Side& out, const Placement& placement, const RowLayout& layout)
    : format_(out.format), placement_(placement), layout_(layout), rows_(border_rows(out, placement)),
      shape_(out.format->shape(placement.frame_width, placement.frame_height)) {}

void Border::paint(const FrameView& frame, int begin, int end) const {
    for (const PlaneLayout& plane : layout_.planes)
        paint_plane(frame.plane[static_cast<size_t>(plane.plane)], plane, begin, end);
}

void Border::paint_plane(const PlaneView& to, const PlaneLayout& layout, int begin, int end) const {
    const size_t n = static_cast<size_t>(layout.plane), bytes = static_cast<size_t>(shape_.plane[n].row_bytes);
    const uint8_t* from = rows_.view().plane[n].data;
    const Rect& r = placement_.picture;
    const int shift = shift_of(layout, *format_), unit = 1 << shift;
    const auto row_of = [&](int y) { return (y + unit - 1) >> shift; }; // first row of the plane from luma row y on
    const auto paint_row = [&](int row, size_t first, size_t last) {
        uint8_t* at = to.data + static_cast<ptrdiff_t>(row) * to.stride;
        std::memcpy(at + first, from + first, last - first);
    };
    if (begin == 0)
        for (int row = 0; row < r.y >> shift; ++row)
            paint_row(row, 0, bytes);
    const size_t left = bytes_before(r.x, layout, *format_);
    const bool to_the_right = r.x + r.width < placement_.frame_width;
    const size_t right = to_the_right ? bytes_before(r.x + r.width, layout, *format_) : bytes;
    for (int row = row_of(r.y + begin); row < row_of(r.y + end); ++row) {
        paint_row(row, 0, left);
        paint_row(row, right, bytes);
    }
    if (end == r.height)
        for (int row = row_of(r.y + r.height); row < shape_.plane[n].rows; ++row)
            paint_row(row, 0, bytes);
}

} // namespace onair::sws::fast

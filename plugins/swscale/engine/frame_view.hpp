// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/scale_spec.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace onair::sws {

/// A frame in someone's memory, planes in FFmpeg's order.
struct PlaneView {
    uint8_t* data = nullptr;
    int stride = 0;  ///< bytes from one row to the next, > 0
    size_t room = 0; ///< bytes from `data` that may be touched: up to the next plane or the end of the memory
};

struct FrameView {
    int planes = 0;
    std::array<PlaneView, 4> plane{};
};

/// The bytes that a plane's picture itself takes.
struct PlaneShape {
    int row_bytes = 0;
    int rows = 0;
    int slack = 0; ///< bytes that libswscale may write behind a row, beyond the rounding of the stride
    int tail = 0;  ///< bytes that libswscale may write behind the last row
};

/// Shapes of the planes of a picture; `planes` of them are filled.
struct PictureShape {
    int planes = 0;
    std::array<PlaneShape, 4> plane{};
};
PictureShape shape_of(AVPixelFormat format, int width, int height);

/// The layout that every libswscale from 5.1 to 9.0 is safe with. Measured on guard pages over 1323 cases a version:
/// with GStreamer's default layout (stride rounded up to 4, nothing behind) half of the format pairs read, and up to 61
/// write, outside a plane, and 5.1 crashes on NV12 at 720x576; with 64/64 none does. Less will not do: without a tail
/// rows that fill their stride are read past, and packed frames written past (tests/unit/sws_guard_test.cpp).
constexpr int safe_alignment = 64; ///< of plane starts and strides, bytes
constexpr int safe_tail = 64;      ///< bytes that may be touched behind the last row

enum class Access { read, write };

/// True when libswscale can work in `plane` directly.
bool is_safe(const PlaneView& plane, const PlaneShape& shape, Access access);

/// The first plane whose rows do not lie inside its room (then the frame is not what the caps say); -1 when all do.
int first_misfit(const FrameView& view, const PictureShape& shape);

/// A frame of our own in the safe layout.
class ScratchFrame {
  public:
    explicit ScratchFrame(const PictureShape& shape);
    const FrameView& view() const noexcept { return view_; }

  private:
    std::vector<uint8_t> memory_;
    FrameView view_;
};

/// Copies the picture's own bytes, row by row; padding is never read nor written.
void copy_rows(const PlaneView& from, const PlaneView& to, const PlaneShape& shape);
void copy_rows(const FrameView& from, const FrameView& to, const PictureShape& shape);

} // namespace onair::sws

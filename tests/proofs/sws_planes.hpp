// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "tests/elements/sws_pictures.hpp"

#include <array>
#include <cstring>
#include <memory>
#include <sys/mman.h>
#include <unistd.h>

/// Pictures in memory between pages that must not be touched, and the bytes that are a picture's in each plane.
namespace onair::test {

struct PlaneSize {
    gint stride = 0;
    gsize row_bytes = 0; ///< of a row that are the picture's
    int rows = 0;
    gsize bytes() const { return static_cast<gsize>(stride) * static_cast<gsize>(rows); }
};

/// The planes of a picture with no byte to spare where the format lets one tell; GStreamer's own strides for tiles,
/// palettes and packings of bits.
inline std::vector<PlaneSize> tight_planes(const GstVideoInfo& info) {
    const GstVideoFormatInfo* f = info.finfo;
    const guint count = GST_VIDEO_INFO_N_PLANES(&info);
    std::vector<PlaneSize> planes(count);
    for (guint c = 0; c < GST_VIDEO_INFO_N_COMPONENTS(&info); ++c) {
        PlaneSize& plane = planes[f->plane[c]];
        plane.row_bytes = std::max(plane.row_bytes, static_cast<gsize>(GST_VIDEO_INFO_COMP_WIDTH(&info, c)) *
                                                        static_cast<gsize>(f->pixel_stride[c]));
        plane.rows = std::max(plane.rows, static_cast<int>(GST_VIDEO_INFO_COMP_HEIGHT(&info, c)));
    }
    const bool complex = f->flags & (GST_VIDEO_FORMAT_FLAG_COMPLEX | GST_VIDEO_FORMAT_FLAG_TILED);
    for (guint p = 0; p < count; ++p) {
        const bool palette = (f->flags & GST_VIDEO_FORMAT_FLAG_PALETTE) && p == 1;
        planes[p].stride = static_cast<gint>(planes[p].row_bytes);
        if (!complex && !palette && planes[p].row_bytes > 0) continue; // IYU1 has no pixel stride
        const gsize end = p + 1 < count ? info.offset[p + 1] : info.size;
        planes[p].stride = info.stride[p];
        planes[p].rows = 1; // one run of bytes
        planes[p].row_bytes = end - info.offset[p];
    }
    return planes;
}
inline gsize plane_bytes(const PlaneSize& plane) { return plane.rows == 1 ? plane.row_bytes : plane.bytes(); }

/// Memory that ends (or begins) at a page that must not be touched. With `before` it begins behind one, else it ends
/// before one; the byte that is nearest to the other end is whatever alignment leaves.
class GuardedMemory {
  public:
    GuardedMemory(gsize bytes, bool before) {
        const auto page = static_cast<gsize>(sysconf(_SC_PAGESIZE));
        const gsize room = (bytes + page - 1) / page * page;
        size_ = room + 2 * page;
        base_ = static_cast<uint8_t*>(mmap(nullptr, size_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
        if (base_ == MAP_FAILED) throw std::bad_alloc();
        mprotect(base_, page, PROT_NONE);
        mprotect(base_ + page + room, page, PROT_NONE);
        data = before ? base_ + page : base_ + page + room - bytes;
    }
    ~GuardedMemory() { munmap(base_, size_); }
    GuardedMemory(const GuardedMemory&) = delete;
    GuardedMemory& operator=(const GuardedMemory&) = delete;
    uint8_t* data = nullptr;

  private:
    uint8_t* base_ = nullptr;
    gsize size_ = 0;
};

/// A buffer with GstVideoMeta whose planes lie alone between guard pages.
inline gst::BufferPtr guarded_buffer(const GstVideoInfo& info, bool before) {
    gst::BufferPtr buffer(gst_buffer_new());
    gsize offset[GST_VIDEO_MAX_PLANES] = {}, at = 0;
    gint stride[GST_VIDEO_MAX_PLANES] = {};
    const auto planes = tight_planes(info);
    for (size_t p = 0; p < planes.size(); ++p) {
        const gsize bytes = plane_bytes(planes[p]);
        auto* memory = new GuardedMemory(bytes, before);
        gst_buffer_append_memory(
            buffer.get(), gst_memory_new_wrapped(static_cast<GstMemoryFlags>(0), memory->data, bytes, 0, bytes, memory,
                                                 [](gpointer m) { delete static_cast<GuardedMemory*>(m); }));
        offset[p] = at;
        stride[p] = planes[p].stride;
        at += bytes;
    }
    gst_buffer_add_video_meta_full(buffer.get(), GST_VIDEO_FRAME_FLAG_NONE, GST_VIDEO_INFO_FORMAT(&info),
                                   static_cast<guint>(info.width), static_cast<guint>(info.height),
                                   static_cast<guint>(planes.size()), offset, stride);
    return buffer;
}

/// The picture's bytes from one layout to another; no other byte is read or written.
inline void copy_picture(const GstVideoInfo& info, GstBuffer* from, GstBuffer* to) {
    const gst::VideoFrameMap in(info, from, GST_MAP_READ), out(info, to, GST_MAP_WRITE);
    const auto planes = tight_planes(info);
    for (size_t p = 0; p < planes.size(); ++p)
        for (int y = 0; y < planes[p].rows; ++y)
            std::memcpy(
                static_cast<uint8_t*>(out.frame().data[p]) + static_cast<ptrdiff_t>(y) * out.frame().info.stride[p],
                static_cast<uint8_t*>(in.frame().data[p]) + static_cast<ptrdiff_t>(y) * in.frame().info.stride[p],
                planes[p].row_bytes);
}

/// GStreamer's rows of some packings end before the last Cr does when the width is odd: nothing can be kept there.
inline bool rows_are_cut(const GstVideoInfo& info) {
    const GstVideoFormat f = GST_VIDEO_INFO_FORMAT(&info);
    const int pairs = (info.width + 1) / 2;
    if (std::string(GST_VIDEO_INFO_NAME(&info)) == "NV12_10BE_8L128") // tiles of 8 bytes, as many as luma needs
        return (pairs * 20 + 7) / 8 > (info.width * 10 + 63) / 64 * 8;
    return (f == GST_VIDEO_FORMAT_UYVP && info.stride[0] < 5 * pairs) ||
           ((f == GST_VIDEO_FORMAT_NV16_10LE32 || f == GST_VIDEO_FORMAT_NV12_10LE32) &&
            info.stride[1] < (2 * pairs + 2) / 3 * 4);
}

/// A buffer in GStreamer's own layout, all bytes `value`; with some bytes to spare, which its UYVP needs for odd
/// widths.
inline gst::BufferPtr plain_buffer(const GstVideoInfo& info, guint8 value = 0) {
    gst::BufferPtr buffer(gst_buffer_new_allocate(nullptr, GST_VIDEO_INFO_SIZE(&info) + 64, nullptr));
    gst_buffer_memset(buffer.get(), 0, value, GST_VIDEO_INFO_SIZE(&info) + 64);
    return buffer;
}

} // namespace onair::test

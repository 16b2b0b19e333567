// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <gst/gst.h>
#include <gst/video/video.h>

#include <cstdint>
#include <span>

/// Mapped memory that cannot be left mapped.
namespace onair::gst {

class BufferMap {
  public:
    BufferMap(GstBuffer* buffer, GstMapFlags flags)
        : buffer_(gst_buffer_map(buffer, &info_, flags) ? buffer : nullptr) {}
    ~BufferMap() {
        if (buffer_) gst_buffer_unmap(buffer_, &info_);
    }
    BufferMap(const BufferMap&) = delete;
    BufferMap& operator=(const BufferMap&) = delete;

    explicit operator bool() const noexcept { return buffer_ != nullptr; }
    std::span<uint8_t> bytes() const noexcept { return {info_.data, info_.size}; }

  private:
    GstMapInfo info_{};
    GstBuffer* buffer_;
};

/// A video frame mapped with the buffer's own strides and offsets (GstVideoMeta). False when it cannot be mapped.
class VideoFrameMap {
  public:
    VideoFrameMap(const GstVideoInfo& info, GstBuffer* buffer, GstMapFlags flags)
        : mapped_(gst_video_frame_map(&frame_, const_cast<GstVideoInfo*>(&info), buffer,
                                      static_cast<GstMapFlags>(int{flags} | int{GST_VIDEO_FRAME_MAP_FLAG_NO_REF}))) {}
    ~VideoFrameMap() {
        if (mapped_) gst_video_frame_unmap(&frame_);
    }
    VideoFrameMap(const VideoFrameMap&) = delete;
    VideoFrameMap& operator=(const VideoFrameMap&) = delete;

    explicit operator bool() const noexcept { return mapped_; }
    const GstVideoFrame& frame() const noexcept { return frame_; }

  private:
    GstVideoFrame frame_{};
    bool mapped_;
};

} // namespace onair::gst

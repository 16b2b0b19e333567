// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/messages.hpp"
#include "gstswsconvertscale-formats.hpp"
#include "gstswsconvertscale-private.hpp"

namespace onair::sws {

namespace {

/// A buffer without GstVideoMeta may be padded to pages or macroblocks; twice the picture is another picture.
constexpr gsize allocator_rounding = 65536;

} // namespace

/// The buffer's own geometry must be the caps': checked before anything is mapped, so that no row is read that is not
/// there ("Slice parameters 0, 2160 are invalid" was this mistake found too late).
static void check_geometry(const GstVideoInfo& info, GstBuffer* buffer) {
    const std::string size = size_text(GST_VIDEO_INFO_WIDTH(&info), GST_VIDEO_INFO_HEIGHT(&info));
    if (const GstVideoMeta* meta = gst_buffer_get_video_meta(buffer)) {
        const bool same = static_cast<int>(meta->width) == GST_VIDEO_INFO_WIDTH(&info) &&
                          (static_cast<int>(meta->height) == GST_VIDEO_INFO_HEIGHT(&info) ||
                           static_cast<int>(meta->height) == GST_VIDEO_INFO_FIELD_HEIGHT(&info)) &&
                          meta->format == GST_VIDEO_INFO_FORMAT(&info);
        if (!same)
            throw error(Msg::geometry_mismatch,
                        {size, GST_VIDEO_INFO_NAME(&info),
                         size_text(static_cast<int>(meta->width), static_cast<int>(meta->height)),
                         gst_video_format_to_string(meta->format)});
        return;
    }
    const gsize there = gst_buffer_get_size(buffer), needed = GST_VIDEO_INFO_SIZE(&info);
    const bool too_large = there > 2 * needed + allocator_rounding;
    if (there < needed || too_large)
        throw error(too_large ? Msg::frame_too_large : Msg::frame_too_small,
                    {size, GST_VIDEO_INFO_NAME(&info), std::to_string(needed), std::to_string(there)});
}

namespace {

/// Of a buffer with GstVideoCropMeta the caps give the size of the part (videocrop, decoders) or of the frame.
SourceFrame cropped_frame(const GstVideoInfo& info, const GstVideoMeta* video, const GstVideoCropMeta& crop) {
    SourceFrame source = whole_frame(info);
    if (video) {
        const bool holds_caps =
            static_cast<int>(video->width) >= source.width && static_cast<int>(video->height) >= source.height;
        if (video->format != GST_VIDEO_INFO_FORMAT(&info) || !holds_caps)
            throw error(Msg::geometry_mismatch,
                        {size_text(source.width, source.height), GST_VIDEO_INFO_NAME(&info),
                         size_text(static_cast<int>(video->width), static_cast<int>(video->height)),
                         gst_video_format_to_string(video->format)});
        source.width = static_cast<int>(video->width);
        source.height = static_cast<int>(video->height);
    }
    const auto inside = [](guint at, guint size, int space) {
        return size > 0 && guint64{at} + size <= static_cast<guint64>(space);
    };
    if (!inside(crop.x, crop.width, source.width) || !inside(crop.y, crop.height, source.height))
        throw error(Msg::bad_crop, {std::to_string(crop.width) + "x" + std::to_string(crop.height) + " at " +
                                        std::to_string(crop.x) + "," + std::to_string(crop.y),
                                    size_text(source.width, source.height)});
    source.crop = {static_cast<int>(crop.x), static_cast<int>(crop.y), static_cast<int>(crop.width),
                   static_cast<int>(crop.height)};
    return source;
}

SourceFrame geometry_of_buffer(const GstVideoInfo& info, GstBuffer* buffer) {
    const GstVideoMeta* video = gst_buffer_get_video_meta(buffer);
    const GstVideoCropMeta* crop = gst_buffer_get_video_crop_meta(buffer);
    if (crop && video) return cropped_frame(info, video, *crop);
    check_geometry(info, buffer);
    return crop ? cropped_frame(info, nullptr, *crop) : whole_frame(info);
}

} // namespace

SourceFrame source_frame_of(const GstVideoInfo& info, GstBuffer* buffer) {
    SourceFrame source = geometry_of_buffer(info, buffer);
    source.scan = scan_of(info, buffer);
    return source;
}

/// A mapped frame as the engine sees it. `room` ends at the next plane of the same memory when `exclusive` (writing),
/// else at the end of the memory, allocator's padding included: a read may run into the next plane, a write not.
FrameView view_of(const GstVideoFrame& frame, const Format& format, bool exclusive) {
    FrameView view;
    const guint planes = GST_VIDEO_FRAME_N_PLANES(&frame);
    view.planes = static_cast<int>(planes);
    const auto plane = [&](guint i) { return static_cast<uint8_t*>(GST_VIDEO_FRAME_PLANE_DATA(&frame, i)); };
    for (size_t i = 0; i < planes; ++i) {
        const guint g = static_cast<guint>(format.gst_plane[i]);
        const GstMapInfo& map = frame.map[frame.meta ? g : 0];
        const uint8_t* end = map.data + map.maxsize;
        for (guint other = 0; exclusive && other < planes; ++other)
            if (plane(other) > plane(g) && plane(other) < end) end = plane(other);
        view.plane[i] = {plane(g), view_stride(*frame.info.finfo, g, GST_VIDEO_FRAME_PLANE_STRIDE(&frame, g)),
                         static_cast<size_t>(end - plane(g))};
    }
    return view;
}

} // namespace onair::sws

// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "generated_source.hpp"

#include "common/gst/maps.hpp"

#include <gst/video/gstvideopool.h>

namespace onair::demo {

namespace {

constexpr int width = 3840, height = 2160;

/// Frames that a scaler can read in place: planes and rows on 64 bytes, room behind the last row.
gst::BufferPoolPtr make_pool(GstCaps* caps, const GstVideoInfo& info) {
    gst::BufferPoolPtr pool(gst_video_buffer_pool_new());
    GstStructure* config = gst_buffer_pool_get_config(pool.get());
    gst_buffer_pool_config_set_params(config, caps, static_cast<guint>(GST_VIDEO_INFO_SIZE(&info)), 2, 0);
    GstAllocationParams params;
    gst_allocation_params_init(&params);
    params.align = 63;
    params.padding = 64;
    gst_buffer_pool_config_set_allocator(config, nullptr, &params);
    gst_buffer_pool_config_add_option(config, GST_BUFFER_POOL_OPTION_VIDEO_META);
    gst_buffer_pool_set_config(pool.get(), config);
    gst_buffer_pool_set_active(pool.get(), TRUE);
    return pool;
}

GstClockTime time_of(int64_t frame, Rational fps) {
    return static_cast<GstClockTime>(scale_round(frame, fps.den * int64_t{GST_SECOND}, fps.num));
}

} // namespace

GeneratedSource::GeneratedSource(tc::Rate rate, tc::Timecode first, int64_t frames)
    : rate_(rate), first_(tc::to_frames(first, rate)), frames_(frames), card_(width, height),
      source_(GST_ELEMENT(gst_object_ref_sink(gst_element_factory_make("appsrc", "generated")))) {
    gst_video_info_set_format(&info_, GST_VIDEO_FORMAT_I422_10LE, width, height);
    gst_video_colorimetry_from_string(&info_.colorimetry, GST_VIDEO_COLORIMETRY_BT709); // as the card is drawn
    info_.fps_n = static_cast<gint>(rate.fps().num);
    info_.fps_d = static_cast<gint>(rate.fps().den);
    const gst::CapsPtr caps(gst_video_info_to_caps(&info_));
    pool_ = make_pool(caps.get(), info_);
    g_object_set(source_.get(), "caps", caps.get(), "format", GST_FORMAT_TIME, "max-bytes",
                 guint64{2} * GST_VIDEO_INFO_SIZE(&info_), nullptr);
    GstAppSrcCallbacks callbacks{};
    callbacks.need_data = need_data;
    gst_app_src_set_callbacks(GST_APP_SRC(source_.get()), &callbacks, this, nullptr);
}

GeneratedSource::~GeneratedSource() {
    GstAppSrcCallbacks none{};
    gst_app_src_set_callbacks(GST_APP_SRC(source_.get()), &none, nullptr, nullptr);
    gst_buffer_pool_set_active(pool_.get(), FALSE);
}

void GeneratedSource::need_data(GstAppSrc* source, guint, gpointer data) {
    auto& self = *static_cast<GeneratedSource*>(data);
    gst::BufferPtr frame = self.next_ < self.frames_ ? self.make_frame() : nullptr;
    if (frame)
        gst_app_src_push_buffer(source, frame.release());
    else
        gst_app_src_end_of_stream(source);
}

gst::BufferPtr GeneratedSource::make_frame() {
    GstBuffer* acquired = nullptr;
    if (gst_buffer_pool_acquire_buffer(pool_.get(), &acquired, nullptr) != GST_FLOW_OK) return nullptr;
    gst::BufferPtr buffer(acquired);
    const int64_t number = next_++;
    const tc::Timecode address = tc::from_frames(first_ + number, rate_);
    if (const gst::VideoFrameMap map(info_, buffer.get(), GST_MAP_WRITE); map) {
        CardFrame frame;
        for (guint p = 0; p < 3; ++p) {
            frame.plane[p] = static_cast<uint8_t*>(GST_VIDEO_FRAME_PLANE_DATA(&map.frame(), p));
            frame.stride[p] = GST_VIDEO_FRAME_PLANE_STRIDE(&map.frame(), p);
        }
        card_.draw(frame, number, tc::format(address, rate_.drop_frame()));
    }
    GST_BUFFER_PTS(buffer.get()) = time_of(number, rate_.fps());
    GST_BUFFER_DURATION(buffer.get()) = time_of(number + 1, rate_.fps()) - GST_BUFFER_PTS(buffer.get());
    add_timecode(buffer.get(), address);
    return buffer;
}

void GeneratedSource::add_timecode(GstBuffer* buffer, const tc::Timecode& address) const {
    const auto flags = rate_.drop_frame() ? GST_VIDEO_TIME_CODE_FLAGS_DROP_FRAME : GST_VIDEO_TIME_CODE_FLAGS_NONE;
    gst_buffer_add_video_time_code_meta_full(
        buffer, static_cast<guint>(rate_.fps().num), static_cast<guint>(rate_.fps().den), nullptr, flags,
        static_cast<guint>(address.hours), static_cast<guint>(address.minutes), static_cast<guint>(address.seconds),
        static_cast<guint>(address.frames), 0);
}

} // namespace onair::demo

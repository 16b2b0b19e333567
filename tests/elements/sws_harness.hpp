// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "common/gst/ref_ptr.hpp"
#include "tests/support/pipeline.hpp"

#include <gst/check/gstharness.h>
#include <gst/video/video.h>

#include <string>
#include <vector>

namespace onair::test {

/// swsconvertscale alone, between two pads that the test holds, with a bus to read its errors from.
class SwsHarness {
  public:
    explicit SwsHarness(const char* element = "swsconvertscale")
        : h_(gst_harness_new_parse(element)), bus_(gst_bus_new()) {
        element_.reset(gst_harness_find_element(h_, "swsconvertscale"));
        gst_element_set_bus(h_->element, bus_.get());
    }
    ~SwsHarness() {
        gst_element_set_bus(h_->element, nullptr);
        element_.reset();
        gst_harness_teardown(h_);
    }
    SwsHarness(const SwsHarness&) = delete;
    SwsHarness& operator=(const SwsHarness&) = delete;

    GstHarness* get() const { return h_; }
    GstElement* element() const { return element_.get(); }

    /// Downstream first, as a running pipeline has it.
    void caps(const std::string& in, const std::string& out) {
        gst_harness_set_sink_caps_str(h_, out.c_str());
        gst_harness_set_src_caps_str(h_, in.c_str());
    }
    GstFlowReturn push(GstBuffer* buffer) { return gst_harness_push(h_, buffer); }
    gst::BufferPtr pull() { return gst::BufferPtr(gst_harness_try_pull(h_)); }

    /// What the element sends downstream; empty before negotiation.
    GstVideoInfo output() const {
        GstVideoInfo info;
        gst_video_info_init(&info);
        if (const gst::CapsPtr caps{gst_pad_get_current_caps(h_->sinkpad)}) gst_video_info_from_caps(&info, caps.get());
        return info;
    }

    std::vector<Said> take(GstMessageType type) {
        std::vector<Said> said;
        while (const gst::MessagePtr m{gst_bus_pop_filtered(bus_.get(), type)})
            said.push_back(
                said_by(m.get(), type == GST_MESSAGE_ERROR ? gst_message_parse_error : gst_message_parse_warning));
        return said;
    }
    std::vector<Said> errors() { return take(GST_MESSAGE_ERROR); }
    std::vector<Said> warnings() { return take(GST_MESSAGE_WARNING); }

  private:
    GstHarness* h_;
    gst::BusPtr bus_;
    gst::ElementPtr element_;
};

/// A buffer of `size` bytes of `value`.
inline GstBuffer* bytes(gsize size, guint8 value = 128) {
    GstBuffer* buffer = gst_buffer_new_allocate(nullptr, size, nullptr);
    gst_buffer_memset(buffer, 0, value, size);
    return buffer;
}

/// A grey frame in the caps' default layout.
inline GstBuffer* frame(const char* format, int width, int height) {
    GstVideoInfo info;
    gst_video_info_set_format(&info, gst_video_format_from_string(format), static_cast<guint>(width),
                              static_cast<guint>(height));
    return bytes(GST_VIDEO_INFO_SIZE(&info));
}

inline std::string raw(const std::string& rest) { return "video/x-raw," + rest; }

} // namespace onair::test

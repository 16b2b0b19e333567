// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "tests/elements/sws_pictures.hpp"

#include <chrono>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

namespace onair::test {

/// What an element is to make of what.
struct ElementJob {
    const char* in;
    int in_width, in_height;
    const char* out;
    int out_width, out_height;
    const char* out_colour = nullptr;
    bool plain_memory = false; ///< the input does not come from the pool that the element proposes
    size_t frames = 1;         ///< on each side, in turn, as a pipeline's pools have several
};

/// One element alone in a harness whose downstream takes GstVideoMeta, ready to convert.
class ElementBench {
  public:
    ElementBench(const std::string& element, const ElementJob& c) : h_(gst_harness_new_parse(element.c_str())) {
        gst_harness_add_propose_allocation_meta(h_, GST_VIDEO_META_API_TYPE, nullptr);
        GstVideoInfo out = info_of(c.out, c.out_width, c.out_height);
        if (c.out_colour) gst_video_colorimetry_from_string(&out.colorimetry, c.out_colour);
        const Pic source = make_picture(gst_video_format_from_string(c.in), c.in_width, c.in_height);
        gst_harness_set_caps(h_, gst_video_info_to_caps(&source.info), gst_video_info_to_caps(&out));
        outputs_.resize(c.frames - 1);
        if (!c.plain_memory) open_pool(source.info);
        while (inputs_.size() < c.frames)
            inputs_.push_back(input(source));
    }
    ~ElementBench() {
        inputs_.clear();
        outputs_.clear();
        if (pool_) gst_buffer_pool_set_active(pool_.get(), FALSE);
        gst_harness_teardown(h_);
    }
    ElementBench(const ElementBench&) = delete;
    ElementBench& operator=(const ElementBench&) = delete;

    /// Milliseconds of one frame.
    double run() {
        GstBuffer* in = gst_buffer_ref(inputs_[++turn_ % inputs_.size()].get());
        const auto start = std::chrono::steady_clock::now();
        const GstFlowReturn flow = gst_harness_push(h_, in);
        const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - start;
        if (flow != GST_FLOW_OK) std::exit(1);
        gst::BufferPtr out(gst_harness_pull(h_));
        if (!outputs_.empty()) std::swap(outputs_[turn_ % outputs_.size()], out); // so that another one is written next
        return took.count();
    }

  private:
    void open_pool(const GstVideoInfo& info) {
        const gst::CapsPtr caps(gst_video_info_to_caps(&info));
        GstQuery* query = gst_query_new_allocation(caps.get(), TRUE);
        GstBufferPool* pool = nullptr;
        if (gst_pad_peer_query(h_->srcpad, query) && gst_query_get_n_allocation_pools(query) > 0)
            gst_query_parse_nth_allocation_pool(query, 0, &pool, nullptr, nullptr, nullptr);
        gst_query_unref(query);
        pool_.reset(pool);
        if (pool && !gst_buffer_pool_set_active(pool, TRUE)) pool_.reset();
    }

    /// A copy of the picture in a buffer of the pool, or in one of its own.
    gst::BufferPtr input(const Pic& source) {
        GstBuffer* buffer = nullptr;
        if (!pool_ || gst_buffer_pool_acquire_buffer(pool_.get(), &buffer, nullptr) != GST_FLOW_OK)
            return gst::BufferPtr(gst_buffer_copy_deep(source.buffer.get()));
        gst::BufferPtr out(buffer);
        const gst::VideoFrameMap from(source.info, source.buffer.get(), GST_MAP_READ);
        const gst::VideoFrameMap to(source.info, buffer, GST_MAP_WRITE);
        gst_video_frame_copy(const_cast<GstVideoFrame*>(&to.frame()), &from.frame());
        return out;
    }

    GstHarness* h_;
    gst::BufferPoolPtr pool_;
    std::vector<gst::BufferPtr> inputs_, outputs_;
    size_t turn_ = 0;
};

} // namespace onair::test

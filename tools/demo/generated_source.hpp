// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "common/gst/ref_ptr.hpp"
#include "common/timecode/timecode.hpp"
#include "test_card.hpp"

#include <gst/app/gstappsrc.h>
#include <gst/video/video.h>

namespace onair::demo {

/// An appsrc that plays the test card: 3840x2160, 10-bit 4:2:2, each frame with its timecode burnt in and as
/// GstVideoTimeCodeMeta.
class GeneratedSource {
  public:
    GeneratedSource(tc::Rate rate, tc::Timecode first, int64_t frames);
    ~GeneratedSource();
    GeneratedSource(const GeneratedSource&) = delete;
    GeneratedSource& operator=(const GeneratedSource&) = delete;

    /// The appsrc, owned by this object too.
    GstElement* element() const { return source_.get(); }

  private:
    static void need_data(GstAppSrc* source, guint, gpointer self);
    gst::BufferPtr make_frame();
    void add_timecode(GstBuffer* buffer, const tc::Timecode& address) const;

    tc::Rate rate_;
    int64_t first_;  ///< frame number since midnight
    int64_t frames_; ///< how many to make
    int64_t next_ = 0;
    TestCard card_;
    GstVideoInfo info_{};
    gst::BufferPoolPtr pool_;
    gst::ElementPtr source_;
};

} // namespace onair::demo

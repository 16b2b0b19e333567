// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/scale_spec.hpp"

#include "common/base/text.hpp"

#include <algorithm>

extern "C" {
#include <libavutil/pixdesc.h>
#include <libswscale/swscale.h>
}

namespace onair::sws {

std::string describe(const Picture& p) {
    const char* name = av_get_pix_fmt_name(p.format);
    return size_text(p.width, p.height) + " " + (name ? name : "?");
}

unsigned thread_count(unsigned asked, unsigned cores, int height) {
    const unsigned most = static_cast<unsigned>(std::max(1, height / 64));
    const unsigned wanted = asked ? asked : std::max(1u, cores);
    return std::min(wanted, most);
}

bool is_supported(AVPixelFormat format) { return sws_isSupportedInput(format) && sws_isSupportedOutput(format); }

} // namespace onair::sws

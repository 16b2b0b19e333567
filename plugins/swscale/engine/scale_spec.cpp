// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/scale_spec.hpp"

#include "common/base/text.hpp"

#include <algorithm>
#include <cstdint>

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

int conversion_loss(AVPixelFormat from, AVPixelFormat to) {
    const AVPixFmtDescriptor &a = *av_pix_fmt_desc_get(from), &b = *av_pix_fmt_desc_get(to);
    const auto depth = [](const AVPixFmtDescriptor& d) {
        int most = 0;
        for (int c = 0; c < std::min<int>(d.nb_components, 3); ++c)
            most = std::max(most, d.comp[c].depth);
        return most;
    };
    const auto grey = [](const AVPixFmtDescriptor& d) { return d.nb_components < 3; };
    const auto flag = [](const AVPixFmtDescriptor& d, uint64_t f) { return (d.flags & f) != 0; };
    struct Property {
        int from, to; ///< less is a loss
        int loss;
    };
    const Property properties[] = {
        {!grey(a), !grey(b), 128},
        {-a.log2_chroma_h, -b.log2_chroma_h, 32},
        {-a.log2_chroma_w, -b.log2_chroma_w, 16},
        {flag(a, AV_PIX_FMT_FLAG_ALPHA), flag(b, AV_PIX_FMT_FLAG_ALPHA), 8},
        {depth(a), depth(b), 4},
    };
    int sum = from != to;
    for (const Property& p : properties)
        sum += (p.to < p.from ? p.loss : 0) + (p.to != p.from);
    const bool other_model = flag(a, AV_PIX_FMT_FLAG_RGB) != flag(b, AV_PIX_FMT_FLAG_RGB);
    return sum + (other_model ? 3 : 0);
}

bool is_supported(AVPixelFormat format) { return sws_isSupportedInput(format) && sws_isSupportedOutput(format); }

} // namespace onair::sws

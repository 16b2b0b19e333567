// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/planar_format.hpp"

#include "engine/codec_words.hpp"

extern "C" {
#include <libavutil/pixdesc.h>
}

namespace onair::sws {

namespace {

/// "yuv422p10le", "yuva444p", "gray16le"
std::string av_name(ColourModel model, int depth, int w, int h, bool alpha) {
    const std::string bits = depth == 8 ? "" : std::to_string(depth) + "le";
    if (model == ColourModel::grey) return "gray" + bits;
    const char* sub = w == 0 ? (h == 0 ? "444p" : "440p") : h == 0 ? "422p" : "420p";
    return std::string(alpha ? "yuva" : "yuv") + sub + bits;
}

WordLayout layout_of(int components, int depth) {
    WordLayout layout;
    layout.components = components;
    const int bytes = depth > 8 ? 2 : 1;
    for (int i = 0; i < components; ++i)
        layout.field[static_cast<size_t>(i)] = {i, bytes, 0, bytes, 0, depth, false};
    return layout;
}

} // namespace

FormatPtr planar_format(ColourModel model, int depth, int log2_chroma_w, int log2_chroma_h, bool alpha) {
    const std::string name = av_name(model, depth, log2_chroma_w, log2_chroma_h, alpha);
    const AVPixelFormat av = av_get_pix_fmt(name.c_str());
    if (av == AV_PIX_FMT_NONE || !is_supported(av)) return nullptr;
    auto format = std::make_shared<Format>();
    format->name = (model == ColourModel::rgb ? "RGB as " : "") + name;
    format->model = model;
    format->components = model == ColourModel::grey ? 1 : alpha ? 4 : 3;
    for (int i = 0; i < format->components; ++i)
        format->depth[static_cast<size_t>(i)] = depth;
    format->log2_chroma_w = log2_chroma_w;
    format->log2_chroma_h = log2_chroma_h;
    format->av = av;
    format->shape = [av](int width, int height) { return shape_of(av, width, height); };
    format->words = std::make_shared<const WordLayout>(layout_of(format->components, depth));
    // A weak one: the format must not own itself.
    format->codec = [self = std::weak_ptr<const Format>(format), layout = layout_of(format->components, depth)](
                        int width, int) { return make_word_codec(*self.lock(), layout, width); };
    return format;
}

} // namespace onair::sws

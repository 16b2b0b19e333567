// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "source_timecode.hpp"

#include <cstdint> // before FFmpeg's common.h, which wants UINT64_C
#include <memory>

extern "C" {
#include <libavformat/avformat.h>
}

namespace onair::demo {

namespace {

std::string value_of(const AVDictionary* metadata) {
    const AVDictionaryEntry* entry = av_dict_get(metadata, "timecode", nullptr, 0);
    return entry ? entry->value : "";
}

} // namespace

std::string source_timecode(const std::string& file) {
    AVFormatContext* opened = nullptr;
    if (avformat_open_input(&opened, ("file:" + file).c_str(), nullptr, nullptr) < 0) return {};
    const auto close = [](AVFormatContext* context) { avformat_close_input(&context); };
    const std::unique_ptr<AVFormatContext, decltype(close)> context(opened, close);
    avformat_find_stream_info(context.get(), nullptr); // a timecode may stand in the pictures' own headers
    for (unsigned i = 0; i < context->nb_streams; ++i)
        if (const std::string timecode = value_of(context->streams[i]->metadata); !timecode.empty()) return timecode;
    return value_of(context->metadata);
}

} // namespace onair::demo

// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <memory>
#include <new>

extern "C" {
#include <libavcodec/codec_par.h>
#include <libavcodec/packet.h>
#include <libavutil/dict.h>
}

/// Ownership of FFmpeg's things, by their own functions. Only headers are needed here: users link libavcodec.
namespace onair::av {

struct Free {
    void operator()(AVCodecParameters* p) const noexcept { avcodec_parameters_free(&p); }
    void operator()(AVPacket* p) const noexcept { av_packet_free(&p); }
};

using CodecParametersPtr = std::unique_ptr<AVCodecParameters, Free>;
using PacketPtr = std::unique_ptr<AVPacket, Free>;

inline CodecParametersPtr make_codec_parameters() {
    CodecParametersPtr made(avcodec_parameters_alloc());
    if (!made) throw std::bad_alloc();
    return made;
}

inline PacketPtr make_packet() {
    PacketPtr made(av_packet_alloc());
    if (!made) throw std::bad_alloc();
    return made;
}

/// Options or metadata for a call that takes an AVDictionary.
class Dictionary {
  public:
    Dictionary() = default;
    ~Dictionary() { av_dict_free(&dict_); }
    Dictionary(const Dictionary&) = delete;
    Dictionary& operator=(const Dictionary&) = delete;

    void set(const char* key, const char* value) { av_dict_set(&dict_, key, value, 0); }
    void set(const char* key, int64_t value) { av_dict_set_int(&dict_, key, value, 0); }
    AVDictionary** address() noexcept { return &dict_; }

  private:
    AVDictionary* dict_ = nullptr;
};

} // namespace onair::av

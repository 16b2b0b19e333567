// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "common/av/av_ptr.hpp"
#include "common/base/rational.hpp"

#include <gst/gst.h>

#include <cstddef>
#include <optional>
#include <string>

namespace onair::gstav {

/// What caps say about an encoded or raw stream that a movie can hold.
struct CodecStream {
    av::CodecParametersPtr parameters;
    Rational frame_rate;   ///< pictures a second; 0 when the caps name no fixed one (and for audio)
    bool intra = false;    ///< every picture stands alone: decoding order is presentation order
    size_t unit_bytes = 0; ///< raw video: bytes of a picture; PCM: bytes of one sample of all channels; else 0
};

/// What the table knows for one kind (AVMEDIA_TYPE_VIDEO or _AUDIO): the caps of a pad template. Full reference.
GstCaps* codec_template_caps(AVMediaType type);

/// Why caps are refused that no row of the table takes.
inline constexpr const char* not_in_table =
    "the codec or one of its fields is not in the list that gst-inspect-1.0 shows for this pad";

/// Why caps are refused that later ones may complete: a parser sends them before it has seen the stream's parameters.
inline constexpr const char* codec_data_missing = "codec_data is missing (a parser before the muxer provides it)";

/// The stream of fixed `caps`; nothing when it cannot be written, and then `why` says the reason in words
/// ("codec_data is missing").
std::optional<CodecStream> stream_from_caps(const GstCaps* caps, std::string& why);

/// True when both describe the same sample description: a movie can go on from one to the other.
bool same_description(const AVCodecParameters& a, const AVCodecParameters& b);

} // namespace onair::gstav

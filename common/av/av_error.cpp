// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "common/av/av_error.hpp"

extern "C" {
#include <libavutil/error.h>
}

#include <array>

namespace onair::av {

std::string error_text(const char* call, int code) {
    std::array<char, AV_ERROR_MAX_STRING_SIZE> words{};
    av_strerror(code, words.data(), words.size());
    return std::string(call) + ": " + words.data() + " (" + std::to_string(code) + ")";
}

} // namespace onair::av

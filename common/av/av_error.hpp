// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <string>

namespace onair::av {

/// FFmpeg's own words for a return code, with the call: "avformat_write_header: Invalid argument (-22)".
std::string error_text(const char* call, int code);

} // namespace onair::av

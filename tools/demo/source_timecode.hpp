// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <string>

namespace onair::demo {

/// The start timecode that `file` itself names ("15:44:35:10", ';' before the frames for drop frame), read through
/// libavformat, because GStreamer's qtdemux does not read timecode tracks. Empty when it names none or cannot be read.
std::string source_timecode(const std::string& file);

} // namespace onair::demo

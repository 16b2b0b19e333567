// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

namespace onair::gstav {

/// Sends lines of FFmpeg that no collector wants to the debug category "onair-av"; those of other users to "libav" when
/// gst-libav is loaded. Called once by a plugin's init.
void forward_av_log_to_gst();

} // namespace onair::gstav

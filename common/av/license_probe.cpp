// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
// Run at configure time: exit status 1 when the FFmpeg that is linked is a GPL build.
#include <cstdint> // before FFmpeg's common.h, which wants UINT64_C
#include <cstring>

extern "C" {
#include <libavutil/avutil.h>
}

int main() { return std::strncmp(avutil_license(), "GPL", 3) == 0 ? 1 : 0; }

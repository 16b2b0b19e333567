// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/format.hpp"

namespace onair::sws {

/// Planes of samples that libswscale scales as they are, for the steps between two stages. RGB is three planes of the
/// same size, which libswscale takes for Y, Cb and Cr: it would take RGB apart into YUV to scale it, and lose by it.
/// `depth` is 8, 10, 12 or 16; with alpha 8, 10 or 16. Null when the running FFmpeg has none.
FormatPtr planar_format(ColourModel model, int depth, int log2_chroma_w, int log2_chroma_h, bool alpha);

} // namespace onair::sws

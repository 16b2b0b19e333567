// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/fast/rows.hpp"

/// Packed 4:2:2 of 8 bits to the rows of 4:2:0 in one go.
namespace onair::sws::fast {

/// A row of chroma of the output and the two rows of luma beside it.
struct SplitRows {
    const uint8_t* luma[2]{};   ///< rows of the source
    const uint8_t* chroma[4]{}; ///< the rows of the source that chroma is blended of, as many as the blend has taps
    uint8_t* y[2]{};
    uint8_t* u = nullptr;
    uint8_t* v = nullptr; ///< null: u gets both in turn, as the source has them
};

/// Chroma is (the sum of weights[t] * chroma[t], + half of 1 << shift) >> shift; the weights' sum is 1 << shift, shift
/// 1 … 8. y have 2 * groups samples, u and v `groups` of them.
void split_420(const SplitRows& rows, const Blend& blend, int shift, size_t groups, Order422 order, Stores stores);

} // namespace onair::sws::fast

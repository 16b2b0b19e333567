// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/format_loss.hpp"

#include <algorithm>

namespace onair::sws {

namespace {

int depth_of(const Format& f) {
    return *std::max_element(f.depth.begin(), f.depth.begin() + std::min(f.components, 3));
}

} // namespace

int conversion_loss(const Format& from, const Format& to) {
    if (from.name == to.name) return 0;
    struct Property {
        int from, to; ///< less is a loss
        int loss;
    };
    const Property properties[] = {
        {!from.palette, !to.palette, 64},
        {-from.log2_chroma_h, -to.log2_chroma_h, 32},
        {-from.log2_chroma_w, -to.log2_chroma_w, 16},
        {from.has_alpha(), to.has_alpha(), 8},
        {depth_of(from), depth_of(to), 4},
    };
    int sum = 1;
    for (const Property& p : properties)
        sum += (p.to < p.from ? p.loss : 0) + (p.to != p.from);
    if (from.model != to.model) sum += to.model == ColourModel::grey ? 128 + 2 : 2;
    return sum;
}

} // namespace onair::sws

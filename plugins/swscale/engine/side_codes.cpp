// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/side_codes.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace onair::sws {

namespace {

/// R'G'B' of BT.709 in the side's primaries and transfer. The curves of SDR are one for a colour that a user names:
/// grey stays the grey it is.
Vector3 in_colour_of(const Colour& colour, Vector3 rgb) {
    const bool pq = colour.transfer == Transfer::smpte2084, hlg = colour.transfer == Transfer::arib_std_b67;
    const bool other = colour.primaries != Primaries::unknown && colour.primaries != Primaries::bt709;
    const bool grey = rgb[0] == rgb[1] && rgb[1] == rgb[2];
    if (!pq && !hlg && (!other || grey)) return rgb;
    for (double& v : rgb)
        v = to_linear(Transfer::bt709, v);
    if (other) rgb = primaries_change(Primaries::bt709, colour.primaries) * rgb;
    constexpr double pq_white = 203.0 / 10000, hlg_white = 0.26496256; // HLG's scene light of 75 %
    const double white = pq ? pq_white : hlg ? hlg_white : 1;
    for (double& v : rgb)
        v = from_linear(pq || hlg ? colour.transfer : Transfer::bt709, std::clamp(v, 0.0, 1.0) * white);
    return rgb;
}

} // namespace

CodeScale codes_of(const Side& side, int component) {
    const int depth = side.format->depth[static_cast<size_t>(component)];
    if (component == 3) return alpha_codes(depth);
    return side.format->is_chroma(component) ? chroma_codes(depth, side.colour.full_range)
                                             : luma_codes(depth, side.colour.full_range);
}

uint16_t code_of(const Side& side, int component, double value) {
    const CodeScale c = codes_of(side, component);
    const double largest = std::ldexp(1, side.format->depth[static_cast<size_t>(component)]) - 1;
    return static_cast<uint16_t>(std::clamp(std::floor(c.scale * value + c.offset + 0.5), 0.0, largest));
}

std::array<uint16_t, 4> border_codes(const Side& side, const BorderColour& border) {
    Vector3 numbers = in_colour_of(side.colour, {border[0], border[1], border[2]});
    if (side.format->model != ColourModel::rgb) numbers = inverse(rgb_from_yuv(side.colour.matrix)) * numbers;
    const std::array<double, 4> values{numbers[0], numbers[1], numbers[2], border[3]};
    std::array<uint16_t, 4> codes{};
    for (int i = 0; i < side.format->components; ++i)
        codes[static_cast<size_t>(i)] = code_of(side, i, values[static_cast<size_t>(i)]);
    return codes;
}

} // namespace onair::sws

// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/quality.hpp"

#include <array>
#include <cstdint>

namespace onair::sws {

/// What the code values of a component mean.
CodeScale codes_of(const Side& side, int component);
/// The code value nearest to a number.
uint16_t code_of(const Side& side, int component, double value);

/// The border in the components of `side`. Its colour is R'G'B' of BT.709; other primaries are converted in linear
/// light. For PQ and HLG 1.0 is diffuse white as ITU-R BT.2408 table 1 has it: 203 cd/m² in PQ (58 %), 75 % in HLG.
std::array<uint16_t, 4> border_codes(const Side& side, const BorderColour& border);

} // namespace onair::sws

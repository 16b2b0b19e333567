// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/colour.hpp"

/// Light of a display in cd/m², where PQ or HLG meet another transfer function (docs/specs/conversion.md, HDR). Pure
/// arithmetic in double precision.
///
/// | transfer | display light of R'G'B' 1.0 | from R'G'B' | source |
/// |---|---|---|---|
/// | PQ | 10,000 | the EOTF | ITU-R BT.2100 table 4 |
/// | HLG | 1,000 | inverse OETF, then the OOTF of gamma 1.2 | ITU-R BT.2100 table 5 |
/// | BT.709, BT.601, BT.2020, SMPTE 240M | 203 | power 2.4 (BT.1886, black 0) | ITU-R BT.2408 2.1, 5.1 |
/// | others | 203 | their formula | |
namespace onair::sws {

/// One of the two is PQ or HLG and the other is something else.
bool maps_light(Transfer from, Transfer to);

/// cd/m² of R'G'B' 1.0.
double display_peak(Transfer transfer);

/// One component of R'G'B' to light, 1.0 being the peak, and back; of HLG scene light, which the OOTF makes the
/// display's.
double to_display_component(Transfer transfer, double encoded);
double from_display_component(Transfer transfer, double light);

/// HLG's OOTF for the luminance alone: Y of the scene to Y of the display and back, both 0 … 1. R, G and B follow in
/// proportion (BT.2100: E times Y^(gamma - 1)).
double hlg_ootf(double scene);
double hlg_inverse_ootf(double display);

/// The tone curve: ITU-R BT.2390 5.4.1 (EETF), black 0, for the largest of R, G and B. All in cd/m²; `light` <= `peak`.
double eetf(double light, double peak, double target);

} // namespace onair::sws

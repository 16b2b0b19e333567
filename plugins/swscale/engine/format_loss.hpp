// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/format.hpp"

namespace onair::sws {

/// What a picture loses on its way from one format to another; 0 for the same format, and less is better. The order is
/// videoconvertscale's: colour, palette, chroma rows, chroma columns, alpha, depth, model; among equals fewer changes.
/// It differs in the depth, which is here that of the samples, not of the memory they take (P010 loses nothing of its
/// 16 bits to I420_10LE).
int conversion_loss(const Format& from, const Format& to);

} // namespace onair::sws

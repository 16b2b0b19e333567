// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "tests/bench/frame_peers.hpp"
#include "tests/support/sws_code_errors.hpp"
#include "tests/support/sws_scale_reference.hpp"

/// What the peers of a race compute, beside docs/specs/conversion.md in double precision.
namespace onair::test {

/// A small picture of the same formats and the same ratio of sizes, full of detail.
ElementJob small_job(const ElementJob& job);

/// `kernel`: of a picture that changes its size, the peer's own. A peer's chroma may lie where it likes: of the sites
/// that formats know (left, centred, top left) those count that it comes nearest to, for each side. What lies within
/// the reach of an edge does not count: peers differ in what they take for pixels outside of the picture.
CodeError error_of(Peer& peer, const ElementJob& job, const reference::ScaleKernel& kernel);

/// Largest error of what is as exact as the contract: 1 code, 2 where the output has fewer bits, which is dithered.
double allowed_error(const ElementJob& job);

} // namespace onair::test

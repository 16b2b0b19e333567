// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <string>
#include <vector>

namespace onair::sws::fast {

/// The kind of vector instructions that row functions run on now: "AVX2", "NEON", "EMU128" (none).
std::string simd_target();
/// All that this processor has and that are compiled in, the best first.
std::vector<std::string> simd_targets();

/// Row functions run on that one alone as long as this lives; for tests, while no other thread is in a row function.
class SimdTarget {
  public:
    explicit SimdTarget(const std::string& name);
    ~SimdTarget();
    SimdTarget(const SimdTarget&) = delete;
    SimdTarget& operator=(const SimdTarget&) = delete;
};

} // namespace onair::sws::fast

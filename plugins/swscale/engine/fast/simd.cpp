// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/fast/simd.hpp"

#include "hwy/highway.h"

#include <cstdint>

namespace onair::sws::fast {

namespace {

/// What a processor without anything gets as well.
constexpr int64_t baseline = HWY_STATIC_TARGET;

std::vector<int64_t> targets() {
    std::vector<int64_t> all;
    for (int bit = 0; bit < 63; ++bit) {
        const int64_t target = int64_t{1} << bit;
        if (target != baseline && (hwy::SupportedTargets() & HWY_TARGETS & target)) all.push_back(target);
    }
    all.push_back(baseline);
    return all;
}

void use(int64_t mask) {
    hwy::SetSupportedTargetsForTest(mask);
    hwy::GetChosenTarget().DeInit();
}

} // namespace

std::string simd_target() { return hwy::TargetName(targets().front()); }

std::vector<std::string> simd_targets() {
    std::vector<std::string> names;
    for (const int64_t target : targets())
        names.emplace_back(hwy::TargetName(target));
    return names;
}

SimdTarget::SimdTarget(const std::string& name) {
    for (const int64_t target : targets())
        if (hwy::TargetName(target) == name) use(target);
}

SimdTarget::~SimdTarget() { use(0); }

} // namespace onair::sws::fast

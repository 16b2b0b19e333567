// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/fast/row_layout.hpp"
#include "engine/fast/scaler.hpp"

#include <memory>
#include <vector>

namespace onair::sws::fast {

/// How the components of a picture change their size, or at the same size their grid or range. Pure, shared by threads.
struct ScaleProgram {
    std::vector<ScalingPtr> component; ///< of the output, each from the same one of the input
    std::vector<int> kept;             ///< rows of each that are needed at once
};
using ScaleProgramPtr = std::shared_ptr<const ScaleProgram>;

/// Null where make_scaling() gives none, for kernels that libswscale alone has, and for components that the
/// input does not have.
ScaleProgramPtr make_scale_program(const PassProgram& pass, const Quality& quality, const RowLayout& reader);

} // namespace onair::sws::fast

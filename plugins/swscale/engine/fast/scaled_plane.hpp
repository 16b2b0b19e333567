// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/fast/row_chain.hpp"
#include "engine/fast/scale_program.hpp"

#include <cstddef>
#include <memory>
#include <vector>

namespace onair::sws::fast {

/// The components of one plane of the source, scaled: each of its rows is taken apart once. Used by one thread at a
/// time; rows must be asked for from the top of a band downwards.
class ScaledPlane {
  public:
    /// All outlive this; `width` is the output's. Rows of `plane` are u16 if `wide`, those that are made if `wide_out`.
    ScaledPlane(PlaneRows& plane, const PlaneLayout& layout, const ScaleProgram& program, const Format& out, int width,
                bool wide, bool wide_out);
    ~ScaledPlane();

    /// A new band.
    void begin();
    /// The rows of a component, in the output's depth.
    Rows* rows(int component);

  private:
    class Component;
    /// All source rows that row `y` of `component` is made of have gone in.
    void reach(const Component& component, int y);
    void push(int row);

    PlaneRows& plane_;
    bool wide_;
    bool direct_; ///< samples are unpacked to where they are filtered
    std::vector<std::unique_ptr<Component>> components_;
    int next_ = -1; ///< row of the source; -1: the band begins
};

} // namespace onair::sws::fast

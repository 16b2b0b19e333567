// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/executor.hpp"
#include "engine/planner.hpp"

#include <memory>
#include <vector>

namespace onair::sws {

/// A stage that turns and mirrors: each component's samples, as they are, into planes.
class TurnPass {
  public:
    /// The stage's output is planar_format()'s, with the depths of the input.
    TurnPass(const Stage& stage, unsigned bands);
    ~TurnPass();

    void run(const FrameView& src, const FrameView& dst, Executor& executor);

    unsigned bands() const noexcept { return static_cast<unsigned>(workers_.size()); }

  private:
    class Worker;
    Stage stage_;
    std::vector<std::unique_ptr<Worker>> workers_;
};

} // namespace onair::sws

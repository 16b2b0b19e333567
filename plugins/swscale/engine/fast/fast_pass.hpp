// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/executor.hpp"
#include "engine/fast/fast_program.hpp"
#include "engine/frame_view.hpp"

#include <memory>
#include <vector>

namespace onair::sws::fast {

class Border;

/// Runs a FastProgram over a frame, in bands of rows. The result does not depend on their number, nor on the vector
/// instructions. Allocates nothing per frame.
class FastPass {
  public:
    FastPass(FastProgramPtr program, unsigned bands);
    ~FastPass();
    void run(const FrameView& src, const FrameView& dst, Executor& executor);
    unsigned bands() const noexcept { return static_cast<unsigned>(workers_.size()); }

  private:
    class Worker;
    FastProgramPtr program_;
    std::unique_ptr<Border> border_; ///< null without borders
    std::vector<int> starts_;        ///< luma rows, one more than bands
    std::vector<std::unique_ptr<Worker>> workers_;
};

} // namespace onair::sws::fast

// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/executor.hpp"
#include "engine/fast/fast_program.hpp"
#include "engine/frame_view.hpp"

#include <atomic>
#include <memory>
#include <vector>

namespace onair::sws::fast {

class Border;

/// Runs a FastProgram over a frame, in bands of rows. Each thread has its own part of the frame, and helps the others
/// when it is done: one that woke up late, or was held up, has less to do. The result does not depend on the number of
/// threads, nor on the vector instructions. Allocates nothing per frame.
class FastPass {
  public:
    FastPass(FastProgramPtr program, unsigned threads);
    ~FastPass();
    void run(const FrameView& src, const FrameView& dst, Executor& executor);
    unsigned threads() const noexcept { return static_cast<unsigned>(workers_.size()); }

  private:
    class Worker;
    /// Bands that lie below each other, each begun by one thread.
    struct Part {
        std::vector<int> starts; ///< luma rows, one more than bands
        std::atomic<size_t> next{0};
    };
    FastProgramPtr program_;
    std::unique_ptr<Border> border_; ///< null without borders
    std::vector<Part> parts_;        ///< one a thread
    std::vector<std::unique_ptr<Worker>> workers_;
    const uint8_t* last_ = nullptr; ///< where the last frame was written
};

} // namespace onair::sws::fast

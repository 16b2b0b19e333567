// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/executor.hpp"
#include "engine/pass_program.hpp"

#include <memory>
#include <vector>

namespace onair::sws {

/// One pass of our own over a frame: any format, size and colour to any other, as docs/specs/conversion.md has it.
///
/// The output is cut into bands of rows; each is made by a worker with its own codecs and rows, so the result does not
/// depend on how many there are. Nothing is read or written outside the planes' pictures.
class NativePass {
  public:
    /// `bands`: the largest number of bands.
    NativePass(const PassProgram& program, unsigned bands);
    ~NativePass();

    void run(const FrameView& src, const FrameView& dst, Executor& executor);

    unsigned bands() const noexcept { return static_cast<unsigned>(starts_.size() - 1); }

  private:
    class Worker;
    std::unique_ptr<const PassProgram> program_;
    std::vector<int> starts_; ///< band i is the rows starts_[i] … starts_[i + 1] - 1 of the output frame
    std::vector<std::unique_ptr<Worker>> workers_;
};

} // namespace onair::sws

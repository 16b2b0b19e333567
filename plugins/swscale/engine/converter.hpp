// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/executor.hpp"
#include "engine/fast/fast_pass.hpp"
#include "engine/native_pass.hpp"
#include "engine/planner.hpp"
#include "engine/sws_stage.hpp"
#include "engine/turn_pass.hpp"

#include <cstdint>
#include <memory>
#include <vector>

namespace onair::sws {

class FieldConverter;

/// Converts frames of one request through the stages that the planner chose. Not thread-safe; a renegotiation makes
/// another.
class Converter {
  public:
    /// Throws Error when the request cannot be met.
    explicit Converter(const Request& request);
    ~Converter();

    /// Throws Error. The views are checked against the request first; nothing outside their pictures is touched.
    void convert(const FrameView& src, const FrameView& dst, Executor& executor);

    const Request& request() const noexcept { return request_; }

    /// One stage as it runs.
    struct Running {
        Stage stage;
        unsigned threads = 1;    ///< bands that it is cut into
        uint64_t bounced_in = 0; ///< rows that went through a frame of our own so far
        uint64_t bounced_out = 0;
    };
    std::vector<Running> stages() const;
    /// Brings the numbers of bounced rows up to date in what stages() gave.
    void count_bounced(std::vector<Running>& stages) const;

  private:
    struct Link {
        Stage stage;
        std::unique_ptr<NativePass> own;
        std::unique_ptr<fast::FastPass> fast;
        std::unique_ptr<SwsStage> sws;
        std::unique_ptr<TurnPass> turn;
        std::unique_ptr<ScratchFrame> result; ///< null for the last
    };
    void build(const std::vector<Stage>& stages);

    Request request_;
    Placement source_; ///< the picture in the source frame
    PictureShape src_shape_, frame_shape_;
    std::vector<Link> links_;
    std::unique_ptr<FieldConverter> fields_; ///< does it all when the request has two fields
};

} // namespace onair::sws

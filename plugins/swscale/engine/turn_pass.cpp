// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/turn_pass.hpp"

#include "engine/byte_order.hpp"
#include "engine/filter.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace onair::sws {

namespace {

/// Rows taken at a time: a transposed block writes runs of this length, not single samples all over the plane.
constexpr int block = 32;

void store(uint8_t* at, uint16_t sample, uint8_t) { *at = static_cast<uint8_t>(sample); }
void store(uint8_t* at, uint16_t sample, uint16_t) { store_le(at, sample); }

/// One component's samples in the source and its plane in the output.
struct Plane {
    Span across, down; ///< of the source's rows
    PlaneView to;
    int columns = 0, rows = 0; ///< of the output
};

} // namespace

class TurnPass::Worker {
  public:
    explicit Worker(const Stage& stage)
        : stage_(stage), window_(stage.window.value_or(whole(stage.in))),
          reader_(stage.in.format->codec(window_.frame_width, window_.frame_height)),
          rows_(static_cast<size_t>(block) * static_cast<size_t>(window_.frame_width)) {}

    /// Part `band` of `bands` of each component's rows.
    void run(const FrameView& src, const FrameView& dst, int band, int bands) {
        reader_->begin(src);
        for (int c = 0; c < stage_.out.format->components; ++c) {
            const Plane plane = plane_of(c, dst);
            const auto cut = [&](int i) { return static_cast<int>(int64_t{plane.down.count} * i / bands); };
            for (int row = cut(band); row < cut(band + 1); row += block)
                turn(c, plane, row, std::min(row + block, cut(band + 1)));
        }
    }

  private:
    Plane plane_of(int c, const FrameView& dst) const {
        const Format &in = *stage_.in.format, &out = *stage_.out.format;
        const Rect& at = window_.picture;
        const bool chroma = in.is_chroma(c);
        return {span_of(at.x, at.width, chroma ? in.log2_chroma_w : 0),
                span_of(at.y, at.height, chroma ? in.log2_chroma_h : 0), dst.plane[static_cast<size_t>(c)],
                out.columns(c, stage_.out.width), out.rows(c, stage_.out.height)};
    }

    void turn(int c, const Plane& plane, int begin, int end) {
        const size_t stride = static_cast<size_t>(window_.frame_width);
        for (int row = begin; row < end; ++row)
            reader_->read(c, plane.down.first + row, &rows_[static_cast<size_t>(row - begin) * stride]);
        if (stage_.out.format->depth[0] > 8)
            stage_.orientation.transpose ? across<uint16_t>(plane, begin, end) : along<uint16_t>(plane, begin, end);
        else
            stage_.orientation.transpose ? across<uint8_t>(plane, begin, end) : along<uint8_t>(plane, begin, end);
    }

    const uint16_t* sample(const Plane& plane, int row, int column) const {
        return &rows_[static_cast<size_t>(row) * static_cast<size_t>(window_.frame_width) +
                      static_cast<size_t>(plane.across.first + column)];
    }

    uint8_t* row_of(const Plane& plane, int row) const {
        if (stage_.orientation.mirror_y) row = plane.rows - 1 - row;
        return plane.to.data + static_cast<ptrdiff_t>(row) * plane.to.stride;
    }

    /// Where the first sample goes and how far apart they are.
    template <class Sample>
    std::pair<uint8_t*, ptrdiff_t> run_of(const Plane& plane, int row, int first) const {
        const bool back = stage_.orientation.mirror_x;
        if (back) first = plane.columns - 1 - first;
        const ptrdiff_t size = sizeof(Sample);
        return {row_of(plane, row) + first * size, back ? -size : size};
    }

    template <class Sample>
    void along(const Plane& plane, int begin, int end) const {
        for (int row = begin; row < end; ++row) {
            const uint16_t* from = sample(plane, row - begin, 0);
            auto [to, step] = run_of<Sample>(plane, row, 0);
            for (int i = 0; i < plane.across.count; ++i, to += step)
                store(to, from[i], Sample{});
        }
    }

    template <class Sample>
    void across(const Plane& plane, int begin, int end) const {
        for (int column = 0; column < plane.across.count; ++column) {
            const uint16_t* from = sample(plane, 0, column);
            auto [to, step] = run_of<Sample>(plane, column, begin);
            for (int row = begin; row < end; ++row, to += step, from += window_.frame_width)
                store(to, *from, Sample{});
        }
    }

    const Stage& stage_;
    Placement window_;
    std::unique_ptr<RowCodec> reader_;
    std::vector<uint16_t> rows_; ///< of the frame's width
};

TurnPass::TurnPass(const Stage& stage, unsigned bands) : stage_(stage) {
    const int most = std::max(1, stage.in.height / (2 * block));
    workers_.resize(static_cast<size_t>(std::clamp(static_cast<int>(bands), 1, most)));
}

TurnPass::~TurnPass() = default;

void TurnPass::run(const FrameView& src, const FrameView& dst, Executor& executor) {
    const int bands = static_cast<int>(workers_.size());
    executor.run(workers_.size(), [&](size_t band) {
        auto& worker = workers_[band];
        if (!worker) worker = std::make_unique<Worker>(stage_);
        worker->run(src, dst, static_cast<int>(band), bands);
    });
}

} // namespace onair::sws

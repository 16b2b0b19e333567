// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/fast/fast_pass.hpp"

#include "engine/fast/colour_rows.hpp"
#include "engine/fast/frame_part.hpp"
#include "engine/fast/plane_writer.hpp"
#include "engine/fast/row_chain.hpp"
#include "engine/fast/scaled_plane.hpp"

#include <algorithm>
#include <numeric>

namespace onair::sws::fast {

namespace {

/// Rows that a plane of the source keeps: what a blend takes at once.
constexpr int kept_rows = 4;

} // namespace

/// All that one band needs. Used by one thread at a time.
class FastPass::Worker {
  public:
    explicit Worker(const FastProgram& program) : program_(program), wide_(program.working > 8) {
        for (const PlaneLayout& plane : program.reader.planes)
            planes_.push_back(std::make_unique<PlaneRows>(plane, *program.in.format, program.in.width,
                                                          program.in.height, program.working,
                                                          program.scaling ? 1 : kept_rows));
        for (size_t i = 0; program.scaling && i < planes_.size(); ++i)
            scaled_.push_back(std::make_unique<ScaledPlane>(*planes_[i], program.reader.planes[i], *program.scaling,
                                                            *program.out.format, program.out.width, wide_,
                                                            program.out.format->depth[0] > 8));
        if (program.colour) make_colour();
        for (const PlaneLayout& plane : program.writer.planes)
            make_writer(plane);
    }

    void run(const FrameView& src, const FrameView& dst, int begin, int end) {
        for (size_t i = 0; i < planes_.size(); ++i)
            planes_[i]->begin(src.plane[static_cast<size_t>(program_.reader.planes[i].plane)]);
        for (const auto& plane : scaled_)
            plane->begin();
        if (colour_) colour_->begin(begin, end);
        for (const Writer& w : writers_)
            w.writer->begin(dst.plane[static_cast<size_t>(w.plane)]);
        for (int row = begin; row < end; ++row)
            for (const Writer& w : writers_)
                if ((row & ((1 << w.log2_rows) - 1)) == 0) w.writer->write(row >> w.log2_rows);
        if (program_.streams) finish_streams();
    }

  private:
    struct Writer {
        std::unique_ptr<PlaneWriter> writer;
        int plane = 0, log2_rows = 0;
    };

    Rows* keep(std::unique_ptr<Rows> rows) {
        rows_.push_back(std::move(rows));
        return rows_.back().get();
    }

    const FastProgram::Component& program_of(int component) const {
        return program_.component[static_cast<size_t>(component)];
    }

    Rows* source_of(int component) {
        const RowLayout::Place place = program_.reader.place_of(program_of(component).source);
        return keep(std::make_unique<SourceRows>(*planes_[place.plane], place.at));
    }

    void make_colour() {
        std::array<Rows*, 3> sources{};
        for (int i = 0; i < 3; ++i) {
            const RowLayout::Place place = program_.reader.place_of(i);
            sources[static_cast<size_t>(i)] = keep(std::make_unique<SourceRows>(*planes_[place.plane], place.at));
        }
        colour_ = std::make_unique<ColourRows>(*program_.colour, sources, wide_);
        const PlaneLayout& plane = program_.reader.planes[0];
        if (plane.packing != Packing::rgb || plane.pixel != 4) return;
        PixelOffsets offsets{};
        for (size_t i = 0; i < 3; ++i)
            offsets[static_cast<size_t>(plane.component[i])] = plane.offset[i];
        colour_->take_pixels(*planes_[0], offsets);
    }

    /// Rows of pixels that are made at once, where that can be.
    Rows* pixels_of(const PlaneLayout& plane) {
        if (!colour_ || plane.packing != Packing::rgb || plane.pixel != 4) return nullptr;
        PixelOffsets offsets{};
        for (size_t i = 0; i < static_cast<size_t>(plane.components); ++i)
            if (plane.component[i] < 3) offsets[static_cast<size_t>(plane.component[i])] = plane.offset[i];
        if (!colour_->makes_pixels(offsets)) return nullptr;
        return keep(std::make_unique<ColourPixels>(*colour_, offsets, program_.streams,
                                                   static_cast<size_t>(program_.out.width)));
    }

    /// In the output's depth.
    Rows* finished(int component) {
        if (program_.scaling) return scaled_[program_.reader.place_of(component).plane]->rows(component);
        const FastProgram::Component& c = program_of(component);
        const Format &in = *program_.in.format, &out = *program_.out.format;
        const bool wide_out = out.depth[0] > 8;
        const auto columns = static_cast<size_t>(out.columns(component, program_.out.width));
        if (c.way == FastProgram::Way::constant)
            return keep(std::make_unique<ConstantRows>(c.constant, columns, wide_out));
        if (c.way == FastProgram::Way::coloured)
            return keep(std::make_unique<ColourComponent>(*colour_, static_cast<size_t>(component)));
        Rows* source = source_of(component);
        if (!c.is_filtered() && program_.working == out.depth[0]) return source;
        return keep(std::make_unique<PlainRows>(*source, c,
                                                static_cast<size_t>(in.columns(c.source, program_.in.width)), columns,
                                                in.rows(c.source, program_.in.height), wide_, wide_out));
    }

    /// The plane of the source with the same samples in the same order, of no fewer bits.
    PlaneRows* same_plane(const PlaneLayout& plane) {
        if (plane.packing != Packing::plane && plane.packing != Packing::pair) return nullptr;
        for (size_t i = 0; i < planes_.size(); ++i) {
            const PlaneLayout& from = program_.reader.planes[i];
            bool same = from.packing == plane.packing && from.components == plane.components &&
                        from.depth == program_.working && (from.container == 2) == wide_;
            for (size_t c = 0; c < static_cast<size_t>(plane.components); ++c)
                same = same && from.component[c] == program_of(plane.component[c]).source;
            if (same) return planes_[i].get();
        }
        return nullptr;
    }

    void make_writer(const PlaneLayout& plane) {
        const auto end = plane.component.begin() + plane.components;
        // Depth is done while samples are packed, where all of a plane come as they are.
        const bool unfiltered = std::all_of(plane.component.begin(), end, [&](int i) {
            return program_of(i).way == FastProgram::Way::plain && !program_of(i).is_filtered();
        });
        PlaneInput input;
        input.finished = !unfiltered || plane.packing == Packing::v210 || plane.packing == Packing::rgb ||
                         program_.working == plane.depth;
        input.wide = input.finished ? plane.depth > 8 : wide_;
        if (PlaneRows* same = unfiltered ? same_plane(plane) : nullptr) {
            input.rows[0] = keep(std::make_unique<RawRows>(*same));
            input.raw_shift =
                program_.reader.planes[program_.reader.place_of(program_of(plane.component[0]).source).plane].shift;
            return add_writer(plane, input);
        }
        input.pixels = pixels_of(plane);
        for (size_t i = 0; !input.pixels && i < static_cast<size_t>(plane.components); ++i)
            input.rows[i] = input.finished ? finished(plane.component[i]) : source_of(plane.component[i]);
        add_writer(plane, input);
    }

    void add_writer(const PlaneLayout& plane, const PlaneInput& input) {
        const Format& out = *program_.out.format;
        writers_.push_back({std::make_unique<PlaneWriter>(program_, plane, input), plane.plane,
                            out.is_chroma(plane.component[0]) ? out.log2_chroma_h : 0});
    }

    const FastProgram& program_;
    bool wide_; ///< rows of the source are u16
    std::vector<std::unique_ptr<PlaneRows>> planes_;
    std::vector<std::unique_ptr<ScaledPlane>> scaled_; ///< of each plane, when sizes change
    std::vector<std::unique_ptr<Rows>> rows_;
    std::unique_ptr<ColourRows> colour_;
    std::vector<Writer> writers_;
};

FastPass::FastPass(FastProgramPtr program, unsigned bands) : program_(std::move(program)), starts_{0} {
    const Format& out = *program_->out.format;
    const int rows = program_->out.height, wanted = static_cast<int>(std::max(1U, bands));
    const int unit = std::lcm(std::max(1, out.row_group), 1 << out.log2_chroma_h);
    for (int i = 1; i <= wanted; ++i) {
        const int64_t even = static_cast<int64_t>(rows) * i / wanted;
        const int end = i == wanted ? rows : static_cast<int>(even / unit * unit);
        if (end > starts_.back()) starts_.push_back(end);
    }
    workers_.resize(starts_.size() - 1);
    if (!program_->placement.fills())
        border_ = std::make_unique<Border>(program_->out, program_->placement, program_->writer);
}

FastPass::~FastPass() = default;

void FastPass::run(const FrameView& src, const FrameView& dst, Executor& executor) {
    const FastProgram& p = *program_;
    const FrameView from = part_of(src, p.window, *p.in.format, p.reader);
    const FrameView to = part_of(dst, p.placement, *p.out.format, p.writer);
    executor.run(workers_.size(), [&](size_t band) {
        auto& worker = workers_[band];
        if (!worker) worker = std::make_unique<Worker>(p);
        worker->run(from, to, starts_[band], starts_[band + 1]);
        if (border_) border_->paint(dst, starts_[band], starts_[band + 1]);
    });
}

} // namespace onair::sws::fast

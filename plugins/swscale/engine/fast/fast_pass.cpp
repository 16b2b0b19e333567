// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/fast/fast_pass.hpp"

#include "engine/fast/colour_rows.hpp"
#include "engine/fast/frame_part.hpp"
#include "engine/fast/frame_splitter.hpp"
#include "engine/fast/plane_writer.hpp"
#include "engine/fast/row_chain.hpp"
#include "engine/fast/scaled_plane.hpp"

#include <algorithm>
#include <functional>
#include <numeric>
#include <utility>

namespace onair::sws::fast {

namespace {

/// Rows that a plane of the source keeps: what a blend takes at once.
constexpr int kept_rows = 4;

/// How much of its part a thread does before it asks again whether others have taken the rest.
constexpr int bands_of_part = 8;

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
        splitter_ = FrameSplitter::make(program, *planes_[0]);
    }

    /// A new frame; `warm` as FastProgram::fits has it.
    void begin(const FrameView& src, const FrameView& dst, bool warm) {
        for (size_t i = 0; i < planes_.size(); ++i)
            planes_[i]->begin(src.plane[static_cast<size_t>(program_.reader.planes[i].plane)]);
        dst_ = dst;
        warm_ = warm;
        splits_ = splitter_ && splitter_->begin(dst);
        end_ = -1;
    }

    /// Rows of its output.
    void run(int begin, int end) {
        for (size_t i = 0; begin != end_ && i < scaled_.size(); ++i)
            scaled_[i]->begin();
        end_ = end;
        if (splits_)
            splitter_->run(begin, end);
        else
            write(begin, end);
        if (program_.streams) finish_streams();
    }

  private:
    struct Writer {
        std::unique_ptr<PlaneWriter> writer;
        int plane = 0, log2_rows = 0;
    };

    void write(int begin, int end) {
        if (colour_) colour_->begin(begin, end);
        for (const Writer& w : writers_)
            w.writer->begin(dst_.plane[static_cast<size_t>(w.plane)], warm_);
        // Planes that share no source go one after the other: fewer streams for the memory at a time.
        if (!colour_ && planes_.size() > 1 && !program_.scaling) {
            for (const Writer& w : writers_)
                write_rows(w, begin, end);
            return;
        }
        for (int row = begin; row < end; ++row)
            for (const Writer& w : writers_)
                write_rows(w, row, row + 1);
    }

    /// Those that begin in these luma rows.
    static void write_rows(const Writer& w, int begin, int end) {
        const int unit = 1 << w.log2_rows;
        for (int row = (begin + unit - 1) / unit; row < (end + unit - 1) / unit; ++row)
            w.writer->write(row);
    }

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
    FrameView dst_;
    bool warm_ = false;
    std::unique_ptr<FrameSplitter> splitter_; ///< instead of them, where there is one
    bool splits_ = false;                     ///< and it takes this frame
    int end_ = -1;                            ///< where the last band ended
};

FastPass::FastPass(FastProgramPtr program, unsigned threads) : program_(std::move(program)) {
    const Format& out = *program_->out.format;
    const int unit = std::lcm(std::max(1, out.row_group), 1 << out.log2_chroma_h);
    const int units = (program_->out.height + unit - 1) / unit;
    const int parts = std::clamp(static_cast<int>(threads), 1, units);
    const auto cut = [](int begin, int end, int i, int n) {
        return begin + static_cast<int>(int64_t{end - begin} * i / n);
    };
    parts_ = std::vector<Part>(static_cast<size_t>(parts));
    for (int i = 0; i < parts; ++i) {
        const int begin = cut(0, units, i, parts), end = cut(0, units, i + 1, parts);
        const int bands = parts == 1 ? 1 : std::min(bands_of_part, end - begin);
        for (int band = 0; band <= bands; ++band)
            parts_[static_cast<size_t>(i)].starts.push_back(
                std::min(cut(begin, end, band, bands) * unit, program_->out.height));
    }
    workers_.resize(parts_.size());
    if (!program_->placement.fills())
        border_ = std::make_unique<Border>(program_->out, program_->placement, program_->writer);
}

FastPass::~FastPass() = default;

void FastPass::run(const FrameView& src, const FrameView& dst, Executor& executor) {
    const FastProgram& p = *program_;
    const FrameView from = part_of(src, p.window, *p.in.format, p.reader);
    const FrameView to = part_of(dst, p.placement, *p.out.format, p.writer);
    for (Part& part : parts_)
        part.next = 0;
    const bool again = std::exchange(last_, dst.plane[0].data) == dst.plane[0].data;
    const bool warm = p.fits && again && parts_.size() > 1;
    const auto work = [&](size_t own) {
        auto& worker = workers_[own];
        if (!worker) worker = std::make_unique<Worker>(p);
        worker->begin(from, to, warm);
        for (size_t i = 0; i < parts_.size(); ++i) {
            Part& part = parts_[(own + i) % parts_.size()];
            while (true) {
                const size_t band = part.next++;
                if (band + 1 >= part.starts.size()) break;
                worker->run(part.starts[band], part.starts[band + 1]);
                if (border_) border_->paint(dst, part.starts[band], part.starts[band + 1]);
            }
        }
    };
    executor.run(workers_.size(), std::ref(work));
}

} // namespace onair::sws::fast

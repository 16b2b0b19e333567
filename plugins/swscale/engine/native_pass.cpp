// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/native_pass.hpp"

#include "engine/row_loops.hpp"
#include "engine/row_source.hpp"

#include <algorithm>
#include <array>
#include <numeric>

namespace onair::sws {

namespace {

/// Makes the components of a colour together, on the luma grid, and keeps the rows that chroma filters ask for again.
class ColourRows {
  public:
    using Coloured = PassProgram::Coloured;

    ColourRows(int width, const Coloured& program, int kept)
        : program_(program), width_(static_cast<size_t>(width)), rows_(3 * width_ * static_cast<size_t>(kept)),
          held_(static_cast<size_t>(kept), -1) {}

    void add(std::unique_ptr<ResampledRows> input) { inputs_.push_back(std::move(input)); }

    const float* row(int component, int y) {
        const size_t place = static_cast<size_t>(y) % held_.size();
        float* rows = &rows_[3 * width_ * place];
        if (held_[place] != y) {
            held_[place] = y;
            make(y, rows);
        }
        return rows + width_ * static_cast<size_t>(component);
    }
    void forget() {
        std::fill(held_.begin(), held_.end(), -1);
        for (auto& input : inputs_)
            input->forget();
    }

  private:
    /// y = matrix * x + offset over a row, in place.
    void apply(const Affine3& a, float* rows, size_t inputs, size_t outputs) const {
        float m[3][4];
        for (size_t i = 0; i < 3; ++i) {
            for (size_t j = 0; j < 3; ++j)
                m[i][j] = static_cast<float>(a.matrix[i][j]);
            m[i][3] = static_cast<float>(a.offset[i]);
        }
        float *r = rows, *g = rows + width_, *b = rows + 2 * width_;
        if (inputs == 1)
            loops::spread(r, g, b, m, width_);
        else if (outputs == 1)
            loops::gather(r, g, b, m, width_);
        else
            loops::mix(r, g, b, m, width_);
    }

    void make(int y, float* rows) {
        for (size_t i = 0; i < inputs_.size(); ++i)
            inputs_[i]->fetch(y, rows + width_ * i);
        const size_t outputs = static_cast<size_t>(program_.outputs);
        if (!program_.light) return apply(program_.first, rows, inputs_.size(), outputs);
        apply(program_.first, rows, inputs_.size(), 3);
        const auto gain = [&](const std::vector<PassProgram::Coloured::Gain>& gains) {
            for (const auto& g : gains)
                g.curve.apply(rows, rows + width_, rows + 2 * width_, g.weights, width_);
        };
        program_.light->decode.apply(rows, 3 * width_);
        gain(program_.light->before);
        apply({program_.light->primaries, {}}, rows, 3, 3);
        gain(program_.light->behind);
        program_.light->encode.apply(rows, 3 * width_);
        apply(program_.light->last, rows, 3, outputs);
    }

    const Coloured& program_;
    size_t width_;
    std::vector<float> rows_;
    std::vector<int> held_;
    std::vector<std::unique_ptr<ResampledRows>> inputs_;
};

/// One component of ColourRows.
class ColourComponent : public RowSource {
  public:
    ColourComponent(ColourRows& rows, int component, int width)
        : rows_(rows), component_(component), width_(static_cast<size_t>(width)) {}
    void fetch(int row, float* out) override {
        const float* in = rows_.row(component_, row);
        std::copy(in, in + width_, out);
    }

  private:
    ColourRows& rows_;
    int component_;
    size_t width_;
};

} // namespace

/// All that one band needs. Used by one thread at a time.
class NativePass::Worker {
  public:
    explicit Worker(const PassProgram& program)
        : program_(program), reader_(program.in.format->codec(program.window.frame_width, program.window.frame_height)),
          writer_(program.out.format->codec(program.placement.frame_width, program.placement.frame_height)) {
        make_codec_rows();
        if (program.coloured) make_colour();
        for (int i = 0; i < program.out.format->components; ++i)
            make_output(i);
    }

    void run(const FrameView& src, const FrameView& dst, int begin, int end) {
        reader_->begin(src);
        writer_->begin(dst);
        if (colour_) colour_->forget();
        for (Output& out : outputs_) {
            if (out.resampled) out.resampled->forget();
            if (out.quantiser) out.quantiser->begin();
        }
        for (int row = begin; row < end; ++row)
            make_row(row);
    }

  private:
    struct Output {
        const PassProgram::Component* program = nullptr;
        std::unique_ptr<RowSource> source; ///< of coloured components
        std::unique_ptr<ResampledRows> resampled;
        std::unique_ptr<Quantiser> quantiser;
        std::vector<float> numbers;
        std::vector<uint16_t> samples, border; ///< of a row of the frame
        size_t left = 0;                       ///< samples of border before the picture
    };

    void make_codec_rows() {
        const Format& format = *program_.in.format;
        const Rect& window = program_.window.picture;
        for (int i = 0; i < format.components; ++i) {
            const bool chroma = format.is_chroma(i);
            codec_rows_.push_back(
                std::make_unique<CodecRows>(*reader_, i, format.columns(i, program_.window.frame_width),
                                            span_of(window.x, window.width, chroma ? format.log2_chroma_w : 0),
                                            span_of(window.y, window.height, chroma ? format.log2_chroma_h : 0)));
        }
    }

    void make_colour() {
        const auto& c = *program_.coloured;
        int kept = 1;
        for (const auto& component : program_.component)
            if (component.way == PassProgram::Way::coloured && !component.rows.identity)
                kept = std::max(kept, component.rows.taps);
        const Side& out = program_.out;
        // Luma runs ahead of chroma by no more than the chroma filter's reach.
        colour_ = std::make_unique<ColourRows>(out.width, c, 2 * kept);
        for (int i = 0; i < c.inputs; ++i) {
            const size_t n = static_cast<size_t>(i);
            CodecRows& rows = *codec_rows_[n];
            colour_->add(std::make_unique<ResampledRows>(rows, c.columns[n], c.rows[n],
                                                         static_cast<int>(rows.columns()), out.width, rows.rows()));
        }
    }

    void make_output(int component) {
        const size_t n = static_cast<size_t>(component);
        const PassProgram::Component& c = program_.component[n];
        const Side& out = program_.out;
        Output o;
        o.program = &c;
        const int frame_columns = out.format->columns(component, program_.placement.frame_width);
        o.samples.assign(static_cast<size_t>(frame_columns), c.border);
        o.border = o.samples;
        o.left = static_cast<size_t>(out.format->is_chroma(component)
                                         ? program_.placement.picture.x >> out.format->log2_chroma_w
                                         : program_.placement.picture.x);
        const int width = out.format->columns(component, out.width);
        if (c.way == PassProgram::Way::plain) {
            CodecRows& rows = *codec_rows_[static_cast<size_t>(c.source)];
            o.resampled = std::make_unique<ResampledRows>(rows, c.columns, c.rows, static_cast<int>(rows.columns()),
                                                          width, rows.rows());
        } else if (c.way == PassProgram::Way::coloured) {
            o.source = std::make_unique<ColourComponent>(*colour_, component, out.width);
            o.resampled = std::make_unique<ResampledRows>(*o.source, c.columns, c.rows, out.width, width, out.height);
        }
        if (o.resampled) {
            o.quantiser = std::make_unique<Quantiser>(c.quantiser);
            o.numbers.resize(static_cast<size_t>(width));
        }
        outputs_.push_back(std::move(o));
    }

    /// Row `row` of the frame: all components that have samples in it.
    void make_row(int row) {
        std::array<const uint16_t*, 4> samples{};
        const Format& format = *program_.out.format;
        for (size_t i = 0; i < outputs_.size(); ++i) {
            const int component = static_cast<int>(i);
            const int shift = format.is_chroma(component) ? format.log2_chroma_h : 0;
            if (row & ((1 << shift) - 1)) continue;
            const int own = (row >> shift) - (program_.placement.picture.y >> shift);
            const bool inside = own >= 0 && own < format.rows(component, program_.out.height);
            if (inside) make_samples(outputs_[i], own);
            samples[i] = inside ? outputs_[i].samples.data() : outputs_[i].border.data();
        }
        writer_->write(row, samples.data());
    }

    void make_samples(Output& out, int row) {
        uint16_t* at = out.samples.data() + out.left;
        if (out.program->way == PassProgram::Way::verbatim) {
            CodecRows& rows = *codec_rows_[static_cast<size_t>(out.program->source)];
            std::copy_n(rows.samples(row), rows.columns(), at);
            return;
        }
        if (!out.resampled) { // a constant
            std::fill_n(at, out.program->quantiser.columns, out.program->constant);
            return;
        }
        out.resampled->fetch(row, out.numbers.data());
        out.quantiser->quantise(out.numbers.data(), at, row);
    }

    const PassProgram& program_;
    std::unique_ptr<RowCodec> reader_, writer_;
    std::vector<std::unique_ptr<CodecRows>> codec_rows_;
    std::unique_ptr<ColourRows> colour_;
    std::vector<Output> outputs_;
};

NativePass::NativePass(const PassProgram& program, unsigned bands)
    : program_(std::make_unique<const PassProgram>(program)), starts_{0} {
    const Format& out = *program_->out.format;
    const int rows = program_->placement.frame_height;
    const int unit = std::lcm(std::max(1, out.row_group), 1 << out.log2_chroma_h);
    const int wanted = program_->in_order ? 1 : static_cast<int>(std::max(1U, bands));
    for (int i = 1; i <= wanted; ++i) {
        const int64_t even = static_cast<int64_t>(rows) * i / wanted;
        const int end = i == wanted ? rows : static_cast<int>(even / unit * unit);
        if (end > starts_.back()) starts_.push_back(end);
    }
    workers_.resize(starts_.size() - 1);
}

NativePass::~NativePass() = default;

void NativePass::run(const FrameView& src, const FrameView& dst, Executor& executor) {
    executor.run(workers_.size(), [&](size_t band) {
        auto& worker = workers_[band]; // each band's own, so that no two threads share rows
        if (!worker) worker = std::make_unique<Worker>(*program_);
        worker->run(src, dst, starts_[band], starts_[band + 1]);
    });
}

} // namespace onair::sws

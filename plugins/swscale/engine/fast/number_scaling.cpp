// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/fast/number_rows.hpp"
#include "engine/fast/scale_rows.hpp"
#include "engine/fast/scaler.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>
#include <vector>

namespace onair::sws::fast {

namespace {

class NumberScaling : public Scaling {
  public:
    NumberScaling(PassProgram::Component component, int in_depth, int rows_in);
    Reach reach(int row) const override;
    std::unique_ptr<Scaler> scaler(int kept) const override;
    /// A row with its margins, filtered along itself.
    void filter(const float* in, float* out) const;

    PassProgram::Component component;
    int in_depth, rows, margin;

  private:
    bool strides() const {
        return component.columns.period > 0 && component.columns.advance <= 2 / component.columns.period;
    }

    size_t taps_ = 0; ///< along a row, filled up with zeros
    std::vector<int32_t> first_;
    std::vector<float> weights_;
};

NumberScaling::NumberScaling(PassProgram::Component c, int depth, int rows_in)
    : component(std::move(c)), in_depth(depth), rows(rows_in), margin(component.columns.margin()) {
    const Filter& f = component.columns;
    if (f.identity) return;
    const size_t taps = static_cast<size_t>(f.taps), unit = strides() ? static_cast<size_t>(f.advance) : 4;
    const size_t count = strides() ? static_cast<size_t>(f.period) : f.first.size();
    taps_ = (taps + unit - 1) / unit * unit;
    first_.assign(f.first.begin(), f.first.begin() + static_cast<ptrdiff_t>(count));
    first_.resize(count + 4, first_.back()); // outputs behind the last read the samples of the last
    weights_.assign(first_.size() * taps_, 0);
    for (size_t i = 0; i < count; ++i)
        std::copy_n(&f.weights[i * taps], taps, &weights_[i * taps_]);
}

Scaling::Reach NumberScaling::reach(int row) const {
    const Filter& f = component.rows;
    if (f.identity) return {row, row};
    const int first = f.first[static_cast<size_t>(row)];
    return {std::clamp(first, 0, rows - 1), std::clamp(first + f.taps - 1, 0, rows - 1)};
}

void NumberScaling::filter(const float* in, float* out) const {
    const size_t count = static_cast<size_t>(component.quantiser.columns);
    if (component.columns.identity) {
        std::copy_n(in, count, out);
    } else if (strides()) {
        const std::array<NumberPhase, 2> phases{{{first_[0], weights_.data()}, {first_[1], weights_.data() + taps_}}};
        step_numbers(in, out, count, phases.data(), static_cast<size_t>(component.columns.period),
                     static_cast<size_t>(component.columns.advance), taps_);
    } else {
        gather_numbers(in, out, count, first_.data(), weights_.data(), taps_);
    }
}

class NumberScaler : public Scaler {
  public:
    NumberScaler(const NumberScaling& scaling, int kept);
    void push(const uint8_t* samples, int row) override {
        take_numbers(samples, first_sample(), inputs());
        filter(row);
    }
    void push(const uint16_t* samples, int row) override {
        take_numbers(samples, first_sample(), inputs(), static_cast<uint16_t>((1 << scaling_.in_depth) - 1));
        filter(row);
    }
    void make(int row, uint8_t* out) override { finish_numbers(column(row), out, columns_); }
    void make(int row, uint16_t* out) override { finish_numbers(column(row), out, columns_); }

  private:
    size_t inputs() const { return static_cast<size_t>(scaling_.component.columns.inputs); }
    float* first_sample() { return input_.data() + scaling_.margin; }
    float* place(int row) { return &ring_[static_cast<size_t>(row % kept_) * stride_]; }
    void filter(int row);
    NumberColumn column(int row);

    const NumberScaling& scaling_;
    int kept_;
    size_t columns_, stride_;
    std::vector<float> input_, ring_;
    std::vector<const float*> rows_; ///< of one sum
    std::vector<float> weights_;
    std::array<std::array<float, 32>, 16> pattern_{};
};

std::unique_ptr<Scaler> NumberScaling::scaler(int kept) const { return std::make_unique<NumberScaler>(*this, kept); }

NumberScaler::NumberScaler(const NumberScaling& scaling, int kept)
    : scaling_(scaling), kept_(kept), columns_(static_cast<size_t>(scaling.component.quantiser.columns)),
      stride_((columns_ + row_slack + 15) / 16 * 16),
      input_(inputs() + 2 * static_cast<size_t>(scaling.margin) + row_slack),
      ring_(stride_ * static_cast<size_t>(kept)),
      rows_(scaling.component.rows.identity ? 1 : static_cast<size_t>(scaling.component.rows.taps)),
      weights_(rows_.size(), 1) {
    const Quantiser::Spec& q = scaling.component.quantiser;
    for (int y = 0; y < 16; ++y)
        for (int x = 0; x < 32; ++x) {
            // As Quantiser: the half that rounds is in the pattern.
            const float rounds =
                q.dither == Dither::bayer ? (static_cast<float>(ordered_pattern(x % 16, y)) + 0.5F) / 256 : 0.5F;
            pattern_[static_cast<size_t>(y)][static_cast<size_t>(x)] = q.offset + rounds;
        }
}

void NumberScaler::filter(int row) {
    float *in = first_sample(), *end = in + inputs();
    std::fill(input_.data(), in, in[0]);
    std::fill(end, end + scaling_.margin, end[-1]);
    scaling_.filter(in, place(row));
}

NumberColumn NumberScaler::column(int row) {
    const Filter& f = scaling_.component.rows;
    const Quantiser::Spec& q = scaling_.component.quantiser;
    NumberColumn c{rows_.data(),
                   weights_.data(),
                   1,
                   q.scale,
                   pattern_[static_cast<size_t>(row % 16)].data(),
                   static_cast<float>((1 << q.depth) - 1)};
    if (f.identity) {
        rows_[0] = place(row);
        return c;
    }
    const size_t taps = static_cast<size_t>(f.taps), n = static_cast<size_t>(row);
    c.taps = 0;
    for (size_t t = 0; t < taps; ++t) {
        const float w = f.weights[n * taps + t];
        if (w == 0) continue;
        rows_[c.taps] = place(std::clamp(f.first[n] + static_cast<int>(t), 0, scaling_.rows - 1));
        weights_[c.taps++] = w;
    }
    return c;
}

} // namespace

ScalingPtr make_number_scaling(const PassProgram::Component& component, int in_depth, int rows_in) {
    return std::make_shared<NumberScaling>(component, in_depth, rows_in);
}

} // namespace onair::sws::fast

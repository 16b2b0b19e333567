// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/fast/integer_filter.hpp"
#include "engine/fast/row_chain.hpp"
#include "engine/fast/scaler.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <utility>
#include <vector>

namespace onair::sws::fast {

namespace {

class IntegerScaling : public Scaling {
  public:
    int rows = 1; ///< of the input
    Units units;
    RowFilter across;
    ColumnFilter down;
    UnitsOut out;

    Reach reach(int row) const override;
    std::unique_ptr<Scaler> scaler(int kept) const override;
};

class IntegerScaler : public Scaler {
  public:
    IntegerScaler(const IntegerScaling& scaling, int kept);

    void push(const uint8_t* samples, int row) override;
    void push(const uint16_t* samples, int row) override;
    uint16_t* room(int) override;
    void pushed(int row) override;
    void make(int row, uint8_t* out) override;
    void make(int row, uint16_t* out) override;

  private:
    int16_t* first_sample() { return reinterpret_cast<int16_t*>(input_.data()) + before_; }
    Column column(int row);
    int16_t* place(int row) {
        return reinterpret_cast<int16_t*>(ring_[static_cast<size_t>(row) % ring_.size()].data());
    }

    const IntegerScaling& scaling_;
    uint16_t mask_;
    size_t before_; ///< samples of `input_` before the first, whole vectors
    RowBuffer input_;
    std::vector<RowBuffer> ring_;
    std::vector<const int16_t*> rows_; ///< of one sum
    std::vector<int16_t> weights_;
};

Scaling::Reach IntegerScaling::reach(int row) const {
    if (down.taps == 0) return {row, row};
    const int first = down.first[static_cast<size_t>(row)];
    return {std::clamp(first, 0, rows - 1), std::clamp(first + static_cast<int>(down.taps) - 1, 0, rows - 1)};
}

std::unique_ptr<Scaler> IntegerScaling::scaler(int kept) const { return std::make_unique<IntegerScaler>(*this, kept); }

IntegerScaler::IntegerScaler(const IntegerScaling& scaling, int kept)
    : scaling_(scaling), mask_(static_cast<uint16_t>((1 << scaling.units.depth) - 1)),
      before_((static_cast<size_t>(scaling.across.margin) + 31) / 32 * 32),
      input_((2 * before_ + static_cast<size_t>(scaling.across.inputs) + row_slack) * sizeof(int16_t)),
      rows_(std::max<size_t>(1, scaling.down.taps)), weights_(rows_.size()) {
    for (int i = 0; i < kept; ++i)
        ring_.emplace_back((static_cast<size_t>(scaling.across.outputs) + row_slack) * sizeof(int16_t));
}

void IntegerScaler::push(const uint8_t* samples, int row) {
    take_8(samples, first_sample(), static_cast<size_t>(scaling_.across.inputs), scaling_.across.lift);
    pushed(row);
}

void IntegerScaler::push(const uint16_t* samples, int row) {
    take_16(samples, first_sample(), static_cast<size_t>(scaling_.across.inputs), mask_, scaling_.across.lift);
    pushed(row);
}

uint16_t* IntegerScaler::room(int) {
    return scaling_.across.lift == 0 ? reinterpret_cast<uint16_t*>(first_sample()) : nullptr;
}

void IntegerScaler::pushed(int row) {
    const RowFilter& f = scaling_.across;
    int16_t *in = first_sample(), *end = in + f.inputs;
    std::fill(in - f.margin, in, in[0]);
    std::fill(end, end + f.margin, end[-1]);
    f.apply(in, place(row));
}

Column IntegerScaler::column(int row) {
    Column c = scaling_.out.column(row);
    c.rows = rows_.data();
    c.weights = weights_.data();
    const ColumnFilter& f = scaling_.down;
    if (f.taps == 0) {
        rows_[0] = place(row);
        return c;
    }
    const size_t n = static_cast<size_t>(row);
    for (size_t t = 0; t < f.taps; ++t) {
        const int16_t w = f.weights[n * f.taps + t];
        if (w == 0) continue;
        rows_[c.taps] = place(std::clamp(f.first[n] + static_cast<int>(t), 0, scaling_.rows - 1));
        weights_[c.taps++] = w;
    }
    return c;
}

void IntegerScaler::make(int row, uint8_t* out) {
    finish_8(column(row), out, static_cast<size_t>(scaling_.across.outputs));
}

void IntegerScaler::make(int row, uint16_t* out) {
    finish_16(column(row), out, static_cast<size_t>(scaling_.across.outputs));
}

/// Of one code of the output, what rounding between the steps costs at most: half a unit for each product across rows,
/// as much for a sample of the row before (each product of `step`), weights' own rounding.
double inner_error(const IntegerScaling& s, const Filter& rows) {
    const double along = s.across.way == RowFilter::Way::step ? static_cast<double>(s.across.taps) / 2 : 0.5;
    const double units = along * (1 + 2 * overshoot(rows)) + static_cast<double>(s.down.taps) * 5 / 8 + 0.5;
    return std::ldexp(units, -s.out.shift);
}

} // namespace

ScalingPtr make_integer_scaling(const PassProgram::Component& c, int in_depth, int rows_in) {
    const Quantiser::Spec& q = c.quantiser;
    if (in_depth < 8 || in_depth > 12 || q.depth < 8 || q.depth > 10) return nullptr;
    const auto units = units_for(in_depth, c.columns, c.rows);
    if (!units) return nullptr;
    auto made = std::make_shared<IntegerScaling>();
    IntegerScaling& s = *made;
    s.rows = rows_in;
    s.units = *units;
    const auto out = units_out(q, *units);
    if (!out) return nullptr;
    s.out = *out;
    s.across = make_row_filter(c.columns, q.columns, s.units);
    s.down = make_column_filter(c.rows, out->factor);
    if (inner_error(s, c.rows) > 0.45) return nullptr;
    return made;
}

} // namespace onair::sws::fast

// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/fast/integer_filter.hpp"
#include "engine/fast/row_chain.hpp"
#include "engine/fast/scaler.hpp"
#include "engine/fast/shrink_rows.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <utility>
#include <vector>

namespace onair::sws::fast {

namespace {

/// The taps of several outputs; those of one lie from begin[i] to begin[i + 1], what is added before what is
/// subtracted.
struct Taps {
    bool pairs = false; ///< sample at[t][1] has the weight of at[t][0]
    std::vector<std::array<int, 2>> at;
    std::vector<uint32_t> weights; ///< as WeighedRows has them
    std::vector<size_t> begin{0}, positive;
};

struct Tap {
    std::array<int, 2> at;
    float weight;
};

bool is_nothing(float weight) { return std::fabs(weight) < 1e-6F; }

/// The weights of an output without zeros at the ends.
struct Window {
    const float* weights;
    int first, last;
    Window(const Filter& f, size_t output)
        : weights(&f.weights[output * static_cast<size_t>(f.taps)]), first(0), last(f.taps - 1) {
        while (first < last && is_nothing(weights[first]))
            ++first;
        while (last > first && is_nothing(weights[last]))
            --last;
    }
    bool is_symmetric() const {
        for (int i = first, j = last; i < j; ++i, --j)
            if (!is_nothing(weights[i] - weights[j])) return false;
        return true;
    }
};

/// What is added, then what is subtracted.
std::vector<Tap> taps_of(const Filter& f, size_t output, bool pairs) {
    const Window w(f, output);
    const int first = f.first[output];
    std::vector<Tap> out;
    for (int t = w.first, last = w.last; t <= last; ++t) {
        const int other = pairs ? last-- : t;
        const float weight = t == other ? w.weights[t] : w.weights[t] + w.weights[other];
        if (!is_nothing(weight)) out.push_back({{first + t, first + other}, weight});
    }
    std::stable_partition(out.begin(), out.end(), [](const Tap& t) { return t.weight > 0; });
    return out;
}

/// 2^bits is 1.0. None where a weight is too large for 16 bits.
std::optional<Taps> make_taps(const Filter& f, size_t outputs, int bits) {
    Taps made;
    made.pairs = true;
    for (size_t i = 0; i < outputs; ++i)
        made.pairs = made.pairs && Window(f, i).is_symmetric();
    for (size_t i = 0; i < outputs; ++i) {
        const std::vector<Tap> taps = taps_of(f, i, made.pairs);
        std::vector<float> weights;
        for (const Tap& t : taps)
            weights.push_back(t.weight);
        std::vector<int> w(weights.size());
        to_integers(weights.data(), weights.size(), 1, bits, w.data(), 1 << bits);
        size_t positive = 0;
        for (size_t t = 0; t < w.size(); ++t) {
            const int size = weights[t] > 0 ? w[t] : -w[t];
            if (size < 0 || size > UINT16_MAX) return std::nullopt;
            positive += weights[t] > 0 ? 1 : 0;
            made.at.push_back(taps[t].at);
            made.weights.push_back(static_cast<uint32_t>(size) * 0x10001);
        }
        made.positive.push_back(positive);
        made.begin.push_back(made.at.size());
    }
    return made;
}

/// Output rows that are made together, from each input row once.
constexpr int together = 2;

class HalvingScaling : public Scaling {
  public:
    int rows = 1, out_rows = 1;
    int inputs = 1, outputs = 1; ///< samples of a row
    int margin = 0;              ///< samples that are read beyond both ends of a row
    Units units;
    UnitsOut out;
    Taps down, across; ///< across: of output 0

    std::vector<Reach> reaches; ///< of each row, and the others that are made with it

    Reach reach(int row) const override { return reaches[static_cast<size_t>(row)]; }
    void find_reaches();
    std::unique_ptr<Scaler> scaler(int kept) const override;
};

void HalvingScaling::find_reaches() {
    for (int row = 0; row < out_rows; ++row) {
        const int first = row / together * together, end = std::min(first + together, out_rows);
        Reach all{rows - 1, 0};
        for (size_t t = down.begin[static_cast<size_t>(first)]; t < down.begin[static_cast<size_t>(end)]; ++t)
            for (const int at : down.at[t]) {
                all.first = std::min(all.first, std::clamp(at, 0, rows - 1));
                all.last = std::max(all.last, std::clamp(at, 0, rows - 1));
            }
        reaches.push_back(all);
    }
}

/// What cutting products off adds to a sum on average, back.
int recovered(const Taps& taps, size_t output) {
    const int positive = static_cast<int>(taps.positive[output]);
    const int all = static_cast<int>(taps.begin[output + 1] - taps.begin[output]);
    return (positive - (all - positive)) / 2;
}

class HalvingScaler : public Scaler {
  public:
    HalvingScaler(const HalvingScaling& scaling, int kept);

    void begin() override { made_ = -1; }
    void push(const uint8_t* samples, int row) override { keep(samples, row, 1); }
    void push(const uint16_t* samples, int row) override { keep(samples, row, 2); }
    void hold(const uint8_t* samples, int row) override { held_[place(row)] = samples; }
    void hold(const uint16_t* samples, int row) override { held_[place(row)] = samples; }
    uint16_t* room(int row) override { return reinterpret_cast<uint16_t*>(own(row, 2)); }
    void pushed(int row) override { held_[place(row)] = own(row, 2); }
    void make(int row, uint8_t* out) override { finish(row, out); }
    void make(int row, uint16_t* out) override { finish(row, out); }

    static constexpr int before = 64; ///< samples that a SplitRow has room for on both sides

  private:
    size_t place(int row) const { return static_cast<size_t>(row) & (held_.size() - 1); }
    uint8_t* own(int row, size_t bytes) {
        if (own_.empty())
            for (size_t i = 0; i < held_.size(); ++i)
                own_.emplace_back((static_cast<size_t>(scaling_.inputs) + row_slack) * bytes);
        return own_[place(row)].data();
    }
    void keep(const void* samples, int row, size_t bytes) {
        uint8_t* to = own(row, bytes);
        std::copy_n(static_cast<const uint8_t*>(samples), static_cast<size_t>(scaling_.inputs) * bytes, to);
        held_[place(row)] = to;
    }
    SplitRow split(size_t i) {
        return {reinterpret_cast<uint16_t*>(split_[2 * i].data()) + before,
                reinterpret_cast<uint16_t*>(split_[2 * i + 1].data()) + before};
    }
    RowsAhead rows_ahead(int row) const;
    void blend(int row);
    void extend(const SplitRow& row) const;
    template <class T>
    void finish(int row, T* out);

    const HalvingScaling& scaling_;
    std::vector<const void*> held_; ///< input rows, by their number
    std::vector<RowBuffer> own_;    ///< those that would not have stayed where they were
    std::vector<RowBuffer> split_;
    std::array<std::vector<const void*>, 2> at_[together]; ///< what a sum's taps are
    int made_ = -1;                                        ///< the first of the rows in `split_`
};

std::unique_ptr<Scaler> HalvingScaling::scaler(int kept) const { return std::make_unique<HalvingScaler>(*this, kept); }

HalvingScaler::HalvingScaler(const HalvingScaling& scaling, int kept)
    : scaling_(scaling), held_(std::bit_ceil(static_cast<size_t>(kept))) {
    for (int i = 0; i < 2 * together; ++i)
        split_.emplace_back((static_cast<size_t>(scaling.inputs) / 2 + 2 * before + row_slack) * sizeof(uint16_t));
}

/// The outermost samples again, beyond both ends.
void HalvingScaler::extend(const SplitRow& row) const {
    const int margin = scaling_.margin, n = scaling_.inputs;
    for (int x = 1; x <= margin; ++x)
        row.at(-x) = row.at(0);
    for (int x = 0; x < margin; ++x)
        row.at(n + x) = row.at(n - 1);
}

/// The rows of the frame below those that were handed over.
RowsAhead HalvingScaler::rows_ahead(int row) const {
    const int last = scaling_.reach(row).last;
    if (!own_.empty() || last < 1) return {};
    const auto at = [&](int y) { return reinterpret_cast<uintptr_t>(held_[place(y)]); };
    const uintptr_t stride = at(last) - at(last - 1);
    return {at(last) + stride, at(last) + 2 * stride};
}

void HalvingScaler::blend(int row) {
    const HalvingScaling& s = scaling_;
    const size_t count = static_cast<size_t>(std::min(together, s.out_rows - row));
    WeighedRows sums[together];
    SplitRow out[together];
    for (size_t r = 0; r < count; ++r) {
        const size_t output = static_cast<size_t>(row) + r, begin = s.down.begin[output];
        WeighedRows& sum = sums[r];
        sum.taps = s.down.begin[output + 1] - begin;
        for (size_t side = 0; side < 2; ++side) {
            at_[r][side].resize(sum.taps);
            for (size_t t = 0; t < sum.taps; ++t)
                at_[r][side][t] = held_[place(std::clamp(s.down.at[begin + t][side], 0, s.rows - 1))];
        }
        sum.a = at_[r][0].data();
        sum.b = at_[r][1].data();
        sum.weights = &s.down.weights[begin];
        sum.positive = s.down.positive[output];
        sum.pairs = s.down.pairs;
        sum.offset = static_cast<uint16_t>(32768 - s.units.bias() + recovered(s.down, output));
        out[r] = split(r);
    }
    const RowsAhead ahead = rows_ahead(row);
    if (s.units.depth > 8)
        blend_16(sums, s.units.depth, out, count, static_cast<size_t>(s.inputs), ahead);
    else
        blend_8(sums, out, count, static_cast<size_t>(s.inputs), ahead);
    for (size_t r = 0; r < count; ++r)
        extend(out[r]);
    made_ = row;
}

template <class T>
void HalvingScaler::finish(int row, T* out) {
    const int first = row / together * together;
    if (made_ != first) blend(first);
    const HalvingScaling& s = scaling_;
    const SplitRow in = split(static_cast<size_t>(row - first));
    WeighedRows sum;
    sum.taps = s.across.at.size();
    for (size_t side = 0; side < 2; ++side) {
        at_[0][side].resize(std::max(at_[0][side].size(), sum.taps));
        for (size_t t = 0; t < sum.taps; ++t) {
            const int x = s.across.at[t][side];
            at_[0][side][t] = &in.at(x);
        }
    }
    sum.a = at_[0][0].data();
    sum.b = at_[0][1].data();
    sum.weights = s.across.weights.data();
    sum.positive = s.across.positive[0];
    sum.pairs = s.across.pairs;
    sum.offset = static_cast<uint16_t>(recovered(s.across, 0));
    finish_halves(sum, s.out.column(row), out, static_cast<size_t>(s.outputs));
}

/// Of one code of the output at most: half a unit for each product, and as its weight is rounded.
double inner_error(const HalvingScaling& s, const Filter& columns) {
    const auto most = [](const Taps& taps) {
        size_t n = 0;
        for (size_t i = 0; i + 1 < taps.begin.size(); ++i)
            n = std::max(n, taps.begin[i + 1] - taps.begin[i]);
        return static_cast<double>(n) * 5 / 8 + (taps.pairs ? 0.5 : 0);
    };
    return std::ldexp(most(s.down) * (1 + 2 * overshoot(columns)) + most(s.across), -s.out.shift);
}

} // namespace

ScalingPtr make_halving_scaling(const PassProgram::Component& c, int in_depth, int rows_in) {
    const Quantiser::Spec& q = c.quantiser;
    if (in_depth < 8 || in_depth > 12 || q.depth < 8 || q.depth > 10) return nullptr;
    if (!is_halving(c.columns) || c.rows.identity || static_cast<int>(c.rows.first.size()) >= rows_in) return nullptr;
    const auto units = units_for(in_depth, c.columns, c.rows);
    if (!units) return nullptr;
    const auto out = units_out(q, *units);
    if (!out || out->factor != 1) return nullptr;
    auto down = make_taps(c.rows, c.rows.first.size(), units->bits), across = make_taps(c.columns, 1, 16);
    if (!down || !across) return nullptr;
    auto made = std::make_shared<HalvingScaling>();
    made->rows = rows_in;
    made->out_rows = static_cast<int>(c.rows.first.size());
    made->inputs = c.columns.inputs;
    made->outputs = q.columns;
    made->margin = c.columns.margin();
    made->units = *units;
    made->out = *out;
    made->down = std::move(*down);
    made->across = std::move(*across);
    made->find_reaches();
    if (made->margin > HalvingScaler::before || inner_error(*made, c.columns) > 0.45) return nullptr;
    return made;
}

} // namespace onair::sws::fast

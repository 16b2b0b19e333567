// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/row_source.hpp"

#include "engine/row_loops.hpp"

#include <algorithm>

namespace onair::sws {

const uint16_t* CodecRows::samples(int row) {
    codec_.read(component_, down_.first + row, samples_.data());
    return samples_.data() + across_.first;
}

void CodecRows::fetch(int row, float* out) { loops::widen(samples(row), out, columns()); }

FilteredRows::FilteredRows(RowSource& source, const Filter& columns, int width_in, int width_out, int height, int kept)
    : source_(source), columns_(columns), inputs_(static_cast<size_t>(width_in)),
      outputs_(static_cast<size_t>(width_out)), margin_(columns.identity ? 0 : static_cast<size_t>(columns.margin())),
      height_(height), padded_(columns.identity ? 0 : inputs_ + 2 * margin_),
      rows_(outputs_ * static_cast<size_t>(kept)), held_(static_cast<size_t>(kept), -1) {}

void FilteredRows::forget() { std::fill(held_.begin(), held_.end(), -1); }

const float* FilteredRows::row(int row) {
    row = std::clamp(row, 0, height_ - 1);
    const size_t place = static_cast<size_t>(row) % held_.size();
    float* out = &rows_[place * outputs_];
    if (held_[place] == row) return out;
    held_[place] = row;
    if (columns_.identity) {
        source_.fetch(row, out);
        return out;
    }
    float* in = padded_.data() + margin_;
    source_.fetch(row, in);
    std::fill(padded_.data(), in, in[0]);
    std::fill(in + inputs_, in + inputs_ + margin_, in[inputs_ - 1]);
    columns_.apply(in, out);
    return out;
}

ResampledRows::ResampledRows(RowSource& source, const Filter& columns, const Filter& rows, int width_in, int width_out,
                             int height)
    : source_(source), columns_(columns), rows_(rows), width_(static_cast<size_t>(width_out)),
      filtered_(source, columns, width_in, width_out, height, rows.identity ? 1 : rows.taps) {}

void ResampledRows::fetch(int row, float* out) {
    if (rows_.identity && columns_.identity) return source_.fetch(row, out);
    if (rows_.identity) {
        const float* in = filtered_.row(row);
        std::copy(in, in + width_, out);
        return;
    }
    const size_t taps = static_cast<size_t>(rows_.taps);
    const float* w = &rows_.weights[static_cast<size_t>(row) * taps];
    const int first = rows_.first[static_cast<size_t>(row)];
    bool begun = false;
    for (size_t t = 0; t < taps; ++t) {
        if (w[t] == 0) continue;
        const float* in = filtered_.row(first + static_cast<int>(t));
        (begun ? loops::weigh_more : loops::weigh)(in, w[t], out, width_);
        begun = true;
    }
}

} // namespace onair::sws

// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/fast/rgb_rows.hpp"
#include "engine/fast/row_chain.hpp"

#include <algorithm>
#include <cstring>

namespace onair::sws::fast {

namespace {

uint16_t* words(uint8_t* bytes) { return reinterpret_cast<uint16_t*>(bytes); }
const uint16_t* words(const uint8_t* bytes) { return reinterpret_cast<const uint16_t*>(bytes); }

} // namespace

PlaneRows::PlaneRows(const PlaneLayout& layout, const Format& format, int width, int height, int working, int kept)
    : layout_(layout), rows_(format.rows(layout.component[0], height)), wide_(working > 8),
      left_(working - layout.depth), right_(layout.shift), mask_(static_cast<uint16_t>((1 << layout.depth) - 1)),
      held_(static_cast<size_t>(kept), -1) {
    const size_t count = static_cast<size_t>(layout.components);
    for (size_t i = 0; i < count; ++i)
        columns_[i] = static_cast<size_t>(format.columns(layout.component[i], width));
    row_bytes_ = static_cast<size_t>(format.shape(width, height).plane[static_cast<size_t>(layout.plane)].row_bytes);
    const size_t unit = layout.packing == Packing::group422 ? 2 : layout.packing == Packing::v210 ? 6 : 1;
    groups_ = columns_[0] / unit;
    rest_ = columns_[0] % unit;
    in_place_ = layout.packing == Packing::plane && wide_ == (layout.container == 2) && left_ == 0 && right_ == 0;
    if (layout.container != 1 || layout.packing == Packing::rgb) straight_ = RowBuffer(row_bytes_);
    if (in_place_ && layout.container == 1) return;
    // Whole groups are unpacked, the last of an odd row as well.
    for (size_t k = 0; k < held_.size(); ++k)
        for (size_t i = 0; i < count; ++i)
            ring_.emplace_back((columns_[i] + unit) * (wide_ ? 2 : 1));
}

void PlaneRows::begin(const PlaneView& view) {
    view_ = view;
    std::fill(held_.begin(), held_.end(), -1);
    const size_t unit = layout_.container == 2 ? 2 : 1;
    aligned_ = reinterpret_cast<uintptr_t>(view.data) % unit == 0 && static_cast<size_t>(view.stride) % unit == 0;
}

const uint8_t* PlaneRows::row(size_t at, int y) {
    y = std::clamp(y, 0, rows_ - 1);
    if (in_place_ && aligned_) return raw(y);
    const size_t count = static_cast<size_t>(layout_.components), place = static_cast<size_t>(y) % held_.size();
    RowBuffer* out = &ring_[place * count];
    if (held_[place] != y) {
        held_[place] = y;
        uint8_t* rows[4] = {};
        for (size_t i = 0; i < count; ++i)
            rows[i] = out[i].data();
        unpack_row(y, rows);
    }
    return out[at].data();
}

const uint8_t* PlaneRows::raw(int y) {
    const uint8_t* in = view_.data + static_cast<ptrdiff_t>(y) * view_.stride;
    if (aligned_) return in;
    std::memcpy(straight_.data(), in, row_bytes_);
    return straight_.data();
}

void PlaneRows::unpack_row(int y, uint8_t* const out[4], Stores stores) { unpack(raw(y), out, stores); }

void PlaneRows::unpack_pixels(const uint8_t* in, uint8_t* const out[4]) {
    const size_t count = static_cast<size_t>(layout_.components);
    Taken taken{};
    for (size_t i = 0; i < count; ++i)
        taken[static_cast<size_t>(layout_.offset[i])] = wide_ ? straight_.data() + i * groups_ : out[i];
    unpack_rgb(layout_.pixel, in, taken, groups_);
    for (size_t i = 0; wide_ && i < count; ++i)
        widen(straight_.data() + i * groups_, words(out[i]), groups_, left_);
}

void PlaneRows::unpack(const uint8_t* in, uint8_t* const out[4], Stores stores) {
    const bool from8 = layout_.container == 1;
    switch (layout_.packing) {
    case Packing::plane:
        if (in_place_)
            std::memcpy(out[0], in, row_bytes_);
        else if (from8)
            widen(in, words(out[0]), groups_, left_);
        else
            change(words(in), words(out[0]), groups_, {right_, mask_, 0, static_cast<uint16_t>(0xFFFF >> left_), left_},
                   Pattern{});
        return;
    case Packing::pair:
        if (!wide_)
            unpack_pairs(in, out[0], out[1], groups_);
        else if (from8)
            unpack_pairs(in, words(out[0]), words(out[1]), groups_, left_);
        else
            unpack_pairs(words(in), words(out[0]), words(out[1]), groups_, right_, mask_);
        break;
    case Packing::group422: {
        const size_t groups = groups_ + (rest_ > 0 ? 1 : 0); // a row of odd width has a whole group at its end
        if (!wide_)
            unpack_422(in, out[0], out[1], out[2], groups, layout_.order, stores);
        else if (from8)
            unpack_422(in, words(out[0]), words(out[1]), words(out[2]), groups, layout_.order, left_, stores);
        else
            unpack_422(words(in), words(out[0]), words(out[1]), words(out[2]), groups, layout_.order, right_, mask_,
                       stores);
        break;
    }
    case Packing::rgb:
        return unpack_pixels(in, out);
    case Packing::v210:
        unpack_v210(in, words(out[0]), words(out[1]), words(out[2]), groups_ + (rest_ > 0 ? 1 : 0), stores);
        break;
    }
    if (from8 || left_ == 0) return;
    for (size_t i = 0; i < static_cast<size_t>(layout_.components); ++i) // of few formats: 10 bits to more
        for (size_t x = 0; x < columns_[i]; ++x)
            words(out[i])[x] = static_cast<uint16_t>(words(out[i])[x] << left_);
}

} // namespace onair::sws::fast

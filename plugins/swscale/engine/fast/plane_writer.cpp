// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/fast/plane_writer.hpp"

#include "engine/fast/rgb_rows.hpp"

#include <algorithm>
#include <cstring>

namespace onair::sws::fast {

namespace {

constexpr Pattern nothing{};

uint16_t* words(uint8_t* bytes) { return reinterpret_cast<uint16_t*>(bytes); }
const uint16_t* words(const uint8_t* bytes) { return reinterpret_cast<const uint16_t*>(bytes); }

/// A copy of the last samples of a row, with what follows them.
template <class T>
T* tail(RowBuffer& buffer, const T* from, size_t count, size_t room, T fill) {
    T* at = reinterpret_cast<T*>(buffer.data());
    std::copy_n(from, count, at);
    std::fill(at + count, at + room, fill);
    return at;
}

} // namespace

PlaneWriter::PlaneWriter(const FastProgram& program, const PlaneLayout& layout, const PlaneInput& input)
    : program_(program), layout_(layout), input_(input) {
    const Format& format = *program.out.format;
    for (size_t i = 0; i < static_cast<size_t>(layout.components); ++i) {
        const int component = layout.component[i];
        columns_[i] = static_cast<size_t>(format.columns(component, program.out.width));
        Depth& depth = depth_[i];
        if (input.finished)
            depth.largest = static_cast<uint16_t>((1 << layout.depth) - 1);
        else
            depth = program.component[static_cast<size_t>(component)].depth;
        depth.left = layout.shift;
    }
    if (input.raw_shift) {
        columns_[0] *= static_cast<size_t>(layout_.components); // in turn
        layout_.packing = Packing::plane;
        depth_[0].right = *input.raw_shift;
        depth_[0].mask = static_cast<uint16_t>((1 << program.in.format->depth[0]) - 1);
    }
    as_it_is_ = layout_.packing == Packing::plane && input_.finished && depth_[0].left == depth_[0].right &&
                input_.wide == (layout_.container == 2);
    const PictureShape shape = format.shape(program.out.width, program.out.height);
    row_bytes_ = static_cast<size_t>(shape.plane[static_cast<size_t>(layout.plane)].row_bytes);
    row_ = RowBuffer(row_bytes_);
    for (RowBuffer& end : end_)
        end = RowBuffer(32);
}

void PlaneWriter::begin(const PlaneView& view, bool warm) {
    view_ = view;
    streams_ = program_.streams && !(warm && as_it_is_);
    const size_t unit = layout_.container == 2 ? 2 : 1;
    const auto begins_at = [&](size_t n) {
        return reinterpret_cast<uintptr_t>(view.data) % n == 0 && static_cast<size_t>(view.stride) % n == 0;
    };
    aligned_ = begins_at(unit);
    // Words of packed 4:2:2 are interleaved by stores of their own.
    const bool packs = layout_.packing != Packing::group422 || layout_.container == 1;
    stores_ = streams_ && packs && begins_at(stream_alignment) ? Stores::streamed : Stores::cached;
    straight_ = as_it_is_ && aligned_ && input_.rows[0]->write_to(view, streams_);
}

void PlaneWriter::write(int y) {
    uint8_t* out = view_.data + static_cast<ptrdiff_t>(y) * view_.stride;
    if (straight_) return static_cast<void>(input_.rows[0]->row(y));
    if (input_.pixels) return input_.pixels->make(y, out, row_bytes_);
    if (layout_.packing == Packing::rgb) return pack_rgb_row(y, out); // which streams itself
    if (stores_ == Stores::streamed && !as_it_is_) return pack(y, out);
    if (streams_) {
        const uint8_t* made = row_.data();
        if (as_it_is_)
            made = input_.rows[0]->row(y);
        else
            pack(y, row_.data());
        return stream(made, out, row_bytes_);
    }
    if (as_it_is_ && aligned_) return input_.rows[0]->make(y, out, row_bytes_);
    if (aligned_) return pack(y, out);
    pack(y, row_.data());
    std::memcpy(out, row_.data(), row_bytes_);
}

const Pattern& PlaneWriter::add(size_t at, int y) const {
    if (input_.finished) return nothing;
    return program_.component[static_cast<size_t>(layout_.component[at])].add[static_cast<size_t>(y % 16)];
}

void PlaneWriter::pack(int y, uint8_t* out) {
    switch (layout_.packing) {
    case Packing::plane: {
        const uint8_t* in = input_.rows[0]->row(y);
        if (!input_.wide)
            std::memcpy(out, in, columns_[0]);
        else if (layout_.container == 1)
            change(words(in), out, columns_[0], depth_[0], add(0, y), stores_);
        else
            change(words(in), words(out), columns_[0], depth_[0], add(0, y), stores_);
        return;
    }
    case Packing::pair:
        return pack_pair(y, out);
    case Packing::group422:
        return pack_group(y, out);
    case Packing::v210:
        return pack_v210_row(y, out);
    case Packing::rgb:
        return pack_rgb_row(y, out);
    }
}

void PlaneWriter::pack_pair(int y, uint8_t* out) {
    const uint8_t *a = input_.rows[0]->row(y), *b = input_.rows[1]->row(y);
    if (!input_.wide)
        pack_pairs(a, b, out, columns_[0], stores_);
    else if (layout_.container == 1)
        pack_pairs(words(a), words(b), out, columns_[0], depth_[0], add(0, y), stores_);
    else
        pack_pairs(words(a), words(b), words(out), columns_[0], depth_[0], add(0, y), stores_);
}

void PlaneWriter::pack_group(int y, uint8_t* out) {
    const auto groups = [&](const uint8_t* luma, const uint8_t* u, const uint8_t* v, uint8_t* to, size_t count,
                            const Pattern& luma_add, const Pattern& chroma_add, Stores stores) {
        if (!input_.wide)
            pack_422(luma, u, v, to, count, layout_.order, stores);
        else if (layout_.container == 1)
            pack_422(words(luma), words(u), words(v), to, count, layout_.order, depth_[0], luma_add, chroma_add,
                     stores);
        else
            pack_422(words(luma), words(u), words(v), words(to), count, layout_.order, depth_[0], luma_add, chroma_add);
    };
    const uint8_t *luma = input_.rows[0]->row(y), *u = input_.rows[1]->row(y), *v = input_.rows[2]->row(y);
    const size_t whole = columns_[0] / 2, unit = input_.wide ? 2 : 1;
    const Pattern &luma_add = add(0, y), &chroma_add = add(1, y);
    groups(luma, u, v, out, whole, luma_add, chroma_add, stores_);
    if (columns_[0] % 2 == 0) return;
    // The luma sample that is no pixel is the last one again, as it was made.
    const size_t group = 4 * static_cast<size_t>(layout_.container);
    alignas(2) uint8_t last[8];
    uint8_t* twice = end_[0].data();
    std::memcpy(twice, luma + 2 * whole * unit, unit);
    std::memcpy(twice + unit, luma + 2 * whole * unit, unit);
    Pattern luma_last{}, chroma_last{};
    luma_last[0] = luma_last[1] = luma_add[2 * whole % 32];
    chroma_last[0] = chroma_add[2 * whole % 32];
    groups(twice, u + whole * unit, v + whole * unit, last, 1, luma_last, chroma_last, Stores::cached);
    std::memcpy(out + whole * group, last, group);
}

void PlaneWriter::pack_rgb_row(int y, uint8_t* out) {
    Given given{};
    for (size_t i = 0; i < static_cast<size_t>(layout_.components); ++i)
        given[static_cast<size_t>(layout_.offset[i])] = input_.rows[i]->row(y);
    (streams_ ? stream_rgb : pack_rgb)(layout_.pixel, given, out, columns_[0]);
}

void PlaneWriter::pack_v210_row(int y, uint8_t* out) {
    const size_t whole = columns_[0] / 6, rest = columns_[0] % 6;
    const uint16_t* in[3];
    for (size_t i = 0; i < 3; ++i)
        in[i] = words(input_.rows[i]->row(y));
    pack_v210(in[0], in[1], in[2], out, whole, stores_);
    if (rest == 0) return;
    uint16_t* last[3];
    for (size_t i = 0; i < 3; ++i) {
        const size_t from = whole * (i == 0 ? 6 : 3);
        last[i] = tail<uint16_t>(end_[i], in[i] + from, columns_[i] - from, 6, 0);
    }
    pack_v210(last[0], last[1], last[2], out + 16 * whole, 1);
}

} // namespace onair::sws::fast

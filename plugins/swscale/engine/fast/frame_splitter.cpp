// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/fast/frame_splitter.hpp"

#include "engine/fast/split_rows.hpp"

#include <algorithm>

namespace onair::sws::fast {

namespace {

bool stays(const FastProgram& p, int component) {
    const FastProgram::Component& c = p.component[static_cast<size_t>(component)];
    return c.way == FastProgram::Way::plain && c.source == component && !c.is_filtered();
}

/// Chroma is blended of rows alone, and rounded.
bool is_blended(const FastProgram& p, int component) {
    const FastProgram::Component& c = p.component[static_cast<size_t>(component)];
    const Pattern& add = c.add[0];
    return c.way == FastProgram::Way::plain && c.source == component && c.columns.identity && !c.rows.identity &&
           c.depth.shift >= 1 && c.depth.shift <= 8 && c.rows.log2_gain == c.depth.shift &&
           std::all_of(c.add.begin(), c.add.end(), [&](const Pattern& a) { return a == add; }) &&
           std::all_of(add.begin(), add.end(), [&](uint16_t a) { return a == 1 << c.depth.shift >> 1; });
}

/// Samples of `depth` bits in the low bits of their containers, a plane for each component, in order.
bool is_planar(const RowLayout& layout, int depth) {
    for (size_t i = 0; i < layout.planes.size(); ++i) {
        const PlaneLayout& plane = layout.planes[i];
        if (plane.packing != Packing::plane || plane.component[0] != static_cast<int>(i) || plane.shift != 0 ||
            plane.depth != depth || plane.container != (depth > 8 ? 2 : 1))
            return false;
    }
    return layout.planes.size() == 3;
}

/// NV12 of a source whose Cb comes first, NV21 of one whose Cr does.
bool is_semi_planar(const RowLayout& layout, const Order422& order) {
    if (layout.planes.size() != 2 || layout.planes[0].packing != Packing::plane) return false;
    const PlaneLayout& chroma = layout.planes[1];
    return chroma.packing == Packing::pair && chroma.container == 1 && chroma.component[0] == (order.v_first ? 2 : 1);
}

} // namespace

std::unique_ptr<FrameSplitter> FrameSplitter::make(const FastProgram& p, PlaneRows& source) {
    if (p.scaling || p.colour || p.reader.planes.size() != 1 || p.out.format->components != 3 || !stays(p, 0))
        return nullptr;
    const PlaneLayout& from = p.reader.planes[0];
    const bool group422 = from.packing == Packing::group422, v210 = from.packing == Packing::v210;
    if ((!group422 && !v210) || p.in.width % (v210 ? 6 : 2) != 0) return nullptr;
    std::unique_ptr<FrameSplitter> splitter(new FrameSplitter(p, source));
    const bool planar = is_planar(p.writer, p.working);
    if (stays(p, 1) && stays(p, 2)) {
        // Words that become deeper are shifted in a second step.
        if (!planar || (from.container > 1 && from.depth != p.working)) return nullptr;
        return splitter;
    }
    if (!group422 || from.container != 1 || p.working != 8 || p.out.format->depth[0] != 8 || !is_blended(p, 1) ||
        !is_blended(p, 2) || (!planar && !is_semi_planar(p.writer, from.order)))
        return nullptr;
    splitter->halves_rows_ = true;
    if (!planar) splitter->planes_ = 2;
    return splitter;
}

bool FrameSplitter::begin(const FrameView& dst) {
    const size_t unit = program_.streams ? stream_alignment : program_.working > 8 ? 2 : 1;
    for (size_t i = 0; i < planes_; ++i) {
        plane_[i] = dst.plane[static_cast<size_t>(program_.writer.planes[i].plane)];
        if (reinterpret_cast<uintptr_t>(plane_[i].data) % unit != 0 ||
            static_cast<size_t>(plane_[i].stride) % unit != 0)
            return false;
    }
    return true;
}

uint8_t* FrameSplitter::row(size_t component, int y) const {
    return plane_[component].data + static_cast<ptrdiff_t>(y) * plane_[component].stride;
}

void FrameSplitter::run(int begin, int end) {
    const Stores stores = program_.streams ? Stores::streamed : Stores::cached;
    for (int y = begin; y < end; y += halves_rows_ ? 2 : 1) {
        if (halves_rows_) {
            split_pair(y);
            continue;
        }
        uint8_t* const to[4] = {row(0, y), row(1, y), row(2, y), nullptr};
        source_.unpack_row(y, to, stores);
    }
}

void FrameSplitter::split_pair(int y) {
    const int last = program_.in.height - 1, second = std::min(y + 1, last);
    const FastProgram::Component& chroma = program_.component[1];
    const auto at = static_cast<size_t>(y / 2);
    const Blend& blend = chroma.rows.blend[at];
    SplitRows rows{{source_.raw(y), source_.raw(second)}, {}, {row(0, y), row(0, second)}, row(1, y / 2), nullptr};
    for (int t = 0; t < blend.taps; ++t)
        rows.chroma[static_cast<size_t>(t)] = source_.raw(std::clamp(chroma.rows.first[at] + t, 0, last));
    if (planes_ == 3) rows.v = row(2, y / 2);
    split_420(rows, blend, chroma.depth.shift, static_cast<size_t>(program_.in.width) / 2,
              program_.reader.planes[0].order, program_.streams ? Stores::streamed : Stores::cached);
}

} // namespace onair::sws::fast

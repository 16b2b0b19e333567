// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/fast/row_layout.hpp"

#include "engine/codec_stream.hpp"
#include "engine/codec_words.hpp"

#include <algorithm>
#include <utility>

namespace onair::sws::fast {

namespace {

using Fields = std::vector<std::pair<int, WordField>>; ///< components of a plane, in order of address

bool all_step(const Fields& fields, int containers) {
    return std::all_of(fields.begin(), fields.end(),
                       [&](const auto& f) { return f.second.step == containers * f.second.container; });
}

bool is_group422(const Format& format, const Fields& fields) {
    if (fields.size() != 3 || format.model != ColourModel::yuv || format.log2_chroma_w != 1) return false;
    return std::all_of(fields.begin(), fields.end(),
                       [](const auto& f) { return f.second.step == (f.first == 0 ? 2 : 4) * f.second.container; });
}

/// Packed, of bytes; one that means nothing is written as ones.
bool is_rgb(const Format& format, const Fields& fields) {
    const int step = fields[0].second.step;
    if (format.model != ColourModel::rgb || fields.size() < 3 || fields[0].second.container != 1) return false;
    if (!all_step(fields, step) || step > 4) return false;
    return static_cast<size_t>(step) == fields.size() || format.words->ones != 0;
}

std::optional<PlaneLayout> plane_of(const Format& format, const Fields& fields) {
    const WordField& first = fields[0].second;
    if (first.container > 2) return std::nullopt;
    for (const auto& [component, f] : fields)
        if ((f.big_endian && f.container > 1) || f.container != first.container || f.shift != first.shift ||
            f.depth != first.depth || (f.container == 1 && f.depth != 8))
            return std::nullopt;
    PlaneLayout plane;
    plane.plane = first.plane;
    plane.container = first.container;
    plane.shift = first.shift;
    plane.depth = first.depth;
    plane.components = static_cast<int>(fields.size());
    for (size_t i = 0; i < fields.size(); ++i)
        plane.component[i] = fields[i].first;
    if (fields.size() == 1 && all_step(fields, 1)) return plane;
    if (is_rgb(format, fields)) {
        plane.packing = Packing::rgb;
        plane.pixel = first.step;
        for (size_t i = 0; i < fields.size(); ++i)
            plane.offset[i] = fields[i].second.offset;
        return plane;
    }
    if (fields.size() == 2 && all_step(fields, 2)) {
        plane.packing = Packing::pair;
        return plane;
    }
    if (!is_group422(format, fields)) return std::nullopt;
    plane.packing = Packing::group422;
    plane.component = {0, 1, 2};
    plane.order.luma_first = fields[0].first == 0;
    plane.order.v_first = fields[plane.order.luma_first ? 1 : 0].first == 2;
    return plane;
}

std::optional<RowLayout> of_words(const Format& format) {
    std::array<Fields, 4> planes;
    for (int c = 0; c < format.components; ++c) {
        const WordField& f = format.words->field[static_cast<size_t>(c)];
        planes[static_cast<size_t>(f.plane)].emplace_back(c, f);
    }
    RowLayout layout;
    for (Fields& fields : planes) {
        if (fields.empty()) continue;
        std::sort(fields.begin(), fields.end(),
                  [](const auto& a, const auto& b) { return a.second.offset < b.second.offset; });
        const auto plane = plane_of(format, fields);
        if (!plane) return std::nullopt;
        layout.planes.push_back(*plane);
    }
    return layout;
}

} // namespace

RowLayout::Place RowLayout::place_of(int component) const {
    for (size_t p = 0; p < planes.size(); ++p)
        for (size_t i = 0; i < static_cast<size_t>(planes[p].components); ++i)
            if (planes[p].component[i] == component) return {p, i};
    return {};
}

std::optional<RowLayout> row_layout(const Format& format) {
    if (format.palette || format.tiled) return std::nullopt;
    if (format.words) return of_words(format);
    if (format.stream && format.name == "v210") return RowLayout{{{Packing::v210, 0, 4, 0, 10, 3, {0, 1, 2}, {}}}};
    return std::nullopt;
}

} // namespace onair::sws::fast

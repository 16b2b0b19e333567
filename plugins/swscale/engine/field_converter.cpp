// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/field_converter.hpp"

#include "engine/messages.hpp"
#include "engine/planar_format.hpp"

#include <algorithm>

namespace onair::sws {

namespace {

constexpr std::array fields{Field::top, Field::bottom};

/// Every other row can be had by twice the stride.
bool has_rows_apart(const Format& format) { return !format.tiled && !format.palette; }

/// The same samples in planes: of the format's own depth where there is one, else of more bits.
Side in_planes(const Side& side) {
    Side planar = side;
    const Format& f = *side.format;
    const int depth = *std::max_element(f.depth.begin(), f.depth.begin() + f.components);
    for (const int d : {8, 10, 12, 16}) {
        if (depth > d) continue;
        planar.format = planar_format(f.model, d, f.log2_chroma_w, f.log2_chroma_h, f.has_alpha());
        if (planar.format) return planar;
    }
    throw error(Msg::unknown_format, {f.name});
}

} // namespace

FrameView field_of(const FrameView& frame, Field field) {
    FrameView out = frame;
    for (size_t i = 0; i < static_cast<size_t>(frame.planes); ++i) {
        PlaneView& plane = out.plane[i];
        if (field == Field::bottom) {
            plane.data += plane.stride;
            plane.room -= static_cast<size_t>(plane.stride);
        }
        plane.stride *= 2;
    }
    return out;
}

Request field_request(const Request& frame, Field field) {
    Request r = frame;
    r.two_fields = false;
    for (Side* side : {&r.in, &r.out}) {
        side->field = field;
        side->height /= 2;
    }
    const auto halve = [](Placement& p) {
        p.picture.y /= 2;
        p.picture.height /= 2;
        p.frame_height /= 2;
    };
    halve(r.placement);
    if (r.window) halve(*r.window);
    return r;
}

bool has_whole_fields(const Format& format, int y, int height) {
    return y % field_unit(format) == 0 && height % field_unit(format) == 0;
}

FieldConverter::FieldConverter(const Request& request) {
    Request r = request;
    if (!has_rows_apart(*r.in.format)) {
        Request planes = r; // the cropped picture
        planes.two_fields = false;
        planes.out = in_planes(r.in);
        planes.placement = whole(planes.out);
        planes.orientation = {};
        planes.quality = {};
        before_ = {std::make_unique<Converter>(planes),
                   std::make_unique<ScratchFrame>(planes.out.format->shape(r.in.width, r.in.height))};
        r.in = planes.out;
        r.window.reset();
    }
    if (!has_rows_apart(*r.out.format)) {
        Request tiles = r; // the frame with its borders
        tiles.two_fields = false;
        tiles.out.width = r.placement.frame_width;
        tiles.out.height = r.placement.frame_height;
        tiles.in = in_planes(tiles.out);
        tiles.window.reset();
        tiles.orientation = {};
        tiles.placement = whole(tiles.out);
        tiles.quality.alpha_mode = AlphaMode::copy;
        behind_ = {std::make_unique<Converter>(tiles),
                   std::make_unique<ScratchFrame>(tiles.in.format->shape(tiles.in.width, tiles.in.height))};
        r.out.format = tiles.in.format;
    }
    for (size_t i = 0; i < fields.size(); ++i)
        field_[i] = std::make_unique<Converter>(field_request(r, fields[i]));
}

void FieldConverter::convert(const FrameView& src, const FrameView& dst, Executor& executor) {
    const FrameView from = before_.planar ? before_.planar->view() : src;
    const FrameView to = behind_.planar ? behind_.planar->view() : dst;
    if (before_.converter) before_.converter->convert(src, from, executor);
    for (size_t i = 0; i < fields.size(); ++i)
        field_[i]->convert(field_of(from, fields[i]), field_of(to, fields[i]), executor);
    if (behind_.converter) behind_.converter->convert(to, dst, executor);
}

std::vector<const Converter*> FieldConverter::parts() const {
    std::vector<const Converter*> all{before_.converter.get(), field_[0].get(), field_[1].get(),
                                      behind_.converter.get()};
    std::erase(all, nullptr);
    return all;
}

std::vector<Converter::Running> FieldConverter::stages() const {
    std::vector<Converter::Running> all;
    for (const Converter* part : parts())
        for (Converter::Running& running : part->stages())
            all.push_back(std::move(running));
    return all;
}

void FieldConverter::count_bounced(std::vector<Converter::Running>& stages) const {
    const auto now = this->stages();
    for (size_t i = 0; i < std::min(now.size(), stages.size()); ++i) {
        stages[i].bounced_in = now[i].bounced_in;
        stages[i].bounced_out = now[i].bounced_out;
    }
}

} // namespace onair::sws

// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/fast/fast_program.hpp"

#include "engine/fast/frame_part.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace onair::sws::fast {

namespace {

constexpr int most_log2_gain = 4;

/// 1 << log2_gain times the weights are integers; -1 when they are not.
int log2_gain_of(const Filter& filter) {
    for (int log2 = 0; log2 <= most_log2_gain; ++log2)
        if (std::all_of(filter.weights.begin(), filter.weights.end(), [&](float w) {
                const float scaled = std::ldexp(w, log2);
                return scaled >= 0 && scaled == std::floor(scaled);
            }))
            return log2;
    return -1;
}

std::optional<Weights> weights_of(const Filter& filter) {
    Weights out;
    out.identity = filter.identity;
    if (filter.identity) return out;
    out.log2_gain = log2_gain_of(filter);
    if (filter.taps > 4 || out.log2_gain < 0) return std::nullopt;
    out.first = filter.first;
    const auto taps = static_cast<size_t>(filter.taps);
    for (size_t i = 0; i < out.first.size(); ++i) {
        Blend& b = out.blend.emplace_back();
        b.taps = filter.taps;
        for (size_t t = 0; t < taps; ++t)
            b.weights[t] = static_cast<uint16_t>(std::ldexp(filter.weights[i * taps + t], out.log2_gain));
    }
    out.period = filter.period;
    out.advance = filter.advance;
    return out;
}

/// What is added to a sum that `shift` bits will be cut from, so that it is rounded (halves up) or dithered as by
/// Quantiser.
uint16_t addend(Dither dither, int shift, int x, int y) {
    if (shift == 0) return 0;
    if (dither == Dither::none) return static_cast<uint16_t>(1 << (shift - 1));
    const int pattern = ordered_pattern(x, y);
    return static_cast<uint16_t>(shift <= 8 ? pattern >> (8 - shift) : (pattern << (shift - 8)) + (1 << (shift - 9)));
}

/// `pairs`: samples lie beside those of another component.
void set_patterns(FastProgram::Component& c, Dither dither, bool pairs) {
    for (int y = 0; y < 16; ++y)
        for (int x = 0; x < 64; ++x)
            c.add[static_cast<size_t>(y)][static_cast<size_t>(x)] =
                addend(dither, c.depth.shift, (pairs ? x / 2 : x) % 16, y);
}

bool lies_in_pairs(const RowLayout& layout, int component) {
    const PlaneLayout& plane = layout.planes[layout.place_of(component).plane];
    return plane.packing == Packing::pair || (plane.packing == Packing::group422 && component > 0);
}

/// False when it cannot be done in integers.
bool set_plain(FastProgram& program, const PassProgram::Component& from, int component) {
    FastProgram::Component& c = program.component[static_cast<size_t>(component)];
    const auto columns = weights_of(from.columns), rows = weights_of(from.rows);
    if (!columns || !rows) return false;
    c.way = FastProgram::Way::plain;
    c.source = from.source;
    c.columns = *columns;
    c.rows = *rows;
    const int in = program.in.format->depth[static_cast<size_t>(from.source)];
    const int out = program.out.format->depth[static_cast<size_t>(component)];
    const Quantiser::Spec& q = from.quantiser;
    if (q.offset != 0 || q.scale != std::ldexp(1.0F, out - in) || q.step != 1 || diffuses(q.dither)) return false;
    const int log2_gain = c.columns.log2_gain + c.rows.log2_gain;
    if (program.working + log2_gain > 16) return false;
    c.depth.mask = static_cast<uint16_t>((1 << program.working) - 1);
    c.depth.shift = log2_gain + program.working - out;
    c.depth.largest = static_cast<uint16_t>((1 << out) - 1);
    // Filtered samples are finished before they are packed.
    set_patterns(c, q.dither, !c.is_filtered() && lies_in_pairs(program.writer, component));
    return true;
}

bool is_one_depth(const Format& f) {
    return std::all_of(f.depth.begin(), f.depth.begin() + f.components, [&](int d) { return d == f.depth[0]; });
}

/// Alpha that nothing is made of is not unpacked.
void leave_alpha(RowLayout& reader) {
    for (PlaneLayout& plane : reader.planes) {
        if (plane.packing != Packing::rgb || plane.components < 4) continue;
        const size_t at =
            static_cast<size_t>(std::find(plane.component.begin(), plane.component.end(), 3) - plane.component.begin());
        for (size_t i = at; i + 1 < plane.component.size(); ++i) {
            plane.component[i] = plane.component[i + 1];
            plane.offset[i] = plane.offset[i + 1];
        }
        plane.components = 3;
    }
}

/// Frames of this size do not stay in the caches until they are read again. Streamed, UYVY to I420 of 2160p is 4 to 16
/// % quicker in pools of 1, 2, 4 and 6 frames, and 3 to 9 % together with a step that writes the input before it and
/// one that reads the output behind it (an L3 cache of 32 MiB): what is stored there costs a read, and drives out the
/// input.
constexpr size_t large_frame = size_t{4} << 20;

/// Where samples are only put elsewhere the memory's rate is the limit, and a second thread does not help. If the frame
/// is in the cache, because the one before was written to the same memory, rows that are copied are stored there: I420
/// to NV12 of 2160p takes 0.32 to 0.38 ms instead of 0.5 with 2 threads (0.33 to 0.43 with pairs stored there as well;
/// 0.56 instead of 0.48 with 1). Both frames, at most:
constexpr size_t cached_frames = size_t{24} << 20;

size_t frame_bytes(const Side& side) {
    const PictureShape shape = side.format->shape(side.width, side.height);
    size_t sum = 0;
    for (size_t i = 0; i < static_cast<size_t>(shape.planes); ++i)
        sum += static_cast<size_t>(shape.plane[i].row_bytes) * static_cast<size_t>(shape.plane[i].rows);
    return sum;
}

bool only_moves(const FastProgram& p) {
    return !p.scaling && !p.colour && p.in.format->depth[0] == p.out.format->depth[0] &&
           std::all_of(p.component.begin(), p.component.begin() + p.out.format->components,
                       [](const auto& c) { return c.way == FastProgram::Way::plain && !c.is_filtered(); });
}

/// The same sides by filters of any weights.
FastProgramPtr with_scaling(FastProgram program, const PassProgram& pass, const Quality& quality) {
    program.component = {};
    program.working = program.in.format->depth[0];
    program.scaling = make_scale_program(pass, quality, program.reader);
    return program.scaling ? std::make_shared<const FastProgram>(std::move(program)) : nullptr;
}

} // namespace

FastProgramPtr make_fast_program(const Side& in, const Side& out, const Placement& placement, const Quality& quality,
                                 const std::optional<Placement>& window) {
    auto reader = row_layout(*in.format), writer = row_layout(*out.format);
    if (!reader || !writer || !is_one_depth(*in.format) || !is_one_depth(*out.format)) return nullptr;
    const Placement source = window.value_or(whole(in));
    if (!lies_on_samples(source, *in.format, *reader) || !lies_on_samples(placement, *out.format, *writer))
        return nullptr;
    auto program = std::make_shared<FastProgram>();
    program->in = in;
    program->out = out;
    program->window = source;
    program->placement = placement;
    program->reader = std::move(*reader);
    program->writer = std::move(*writer);
    const bool coloured = !same_colour(in, out, quality); // the matrix changes the depth as well
    program->working = coloured ? in.format->depth[0] : std::max(in.format->depth[0], out.format->depth[0]);
    program->streams = frame_bytes(out) >= large_frame;
    const PassProgram pass = make_program(in, out, placement, quality, window);
    if (in.width != out.width || in.height != out.height) return with_scaling(*program, pass, quality);
    if (coloured) {
        program->colour = make_colour_program(pass, quality);
        if (!program->colour) return nullptr;
        leave_alpha(program->reader);
    }
    for (int i = 0; i < out.format->components; ++i) {
        const PassProgram::Component& from = pass.component[static_cast<size_t>(i)];
        program->component[static_cast<size_t>(i)].constant = from.constant;
        if (from.way == PassProgram::Way::coloured)
            program->component[static_cast<size_t>(i)].way = FastProgram::Way::coloured;
        else if (from.way != PassProgram::Way::constant && !set_plain(*program, from, i))
            return coloured ? nullptr : with_scaling(*program, pass, quality); // another range, other weights
    }
    program->fits = only_moves(*program) && frame_bytes(in) + frame_bytes(out) <= cached_frames;
    return program;
}

} // namespace onair::sws::fast

// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/fast/scale_program.hpp"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <utility>

namespace onair::sws::fast {

namespace {

/// Kernels that are the same function here and in libswscale.
bool has_kernel(Method method) {
    constexpr Method methods[] = {Method::bilinear, Method::four_tap, Method::lanczos,  Method::bilinear2,
                                  Method::hermite,  Method::catrom,   Method::mitchell, Method::bicubic};
    return std::find(std::begin(methods), std::end(methods), method) != std::end(methods);
}

/// Output rows are made a chroma row at a time. The components of a source's plane go in together, up to the last row
/// that any of them needs.
void find_kept(ScaleProgram& p, const PassProgram& pass, const PlaneLayout& plane) {
    const Format& out = *pass.out.format;
    const int unit = 1 << out.log2_chroma_h;
    int pushed = 0;
    for (int begin = 0; begin < pass.out.height; begin += unit) {
        const auto each = [&](auto&& what) {
            for (size_t i = 0; i < static_cast<size_t>(plane.components); ++i) {
                const size_t c = static_cast<size_t>(plane.component[i]);
                if (c < p.component.size()) what(c, out.is_chroma(plane.component[i]) ? out.log2_chroma_h : 0);
            }
        };
        each([&](size_t c, int shift) {
            const int end = out.rows(static_cast<int>(c), pass.out.height);
            pushed = std::max(pushed, p.component[c]->reach(std::min((begin + unit - 1) >> shift, end - 1)).last);
        });
        each([&](size_t c, int shift) {
            p.kept[c] = std::max(p.kept[c], pushed - p.component[c]->reach(begin >> shift).first + 1);
        });
    }
}

/// Rows across which a filter reaches, so that a band keeps few.
constexpr int most_taps = 64;

} // namespace

ScalingPtr make_scaling(const PassProgram::Component& c, int in_depth, int rows_in) {
    if (c.rows.taps > most_taps || c.quantiser.step != 1 || diffuses(c.quantiser.dither)) return nullptr;
    for (const auto make : {make_halving_scaling, make_integer_scaling})
        if (ScalingPtr scaling = make(c, in_depth, rows_in)) return scaling;
    return make_number_scaling(c, in_depth, rows_in);
}

ScaleProgramPtr make_scale_program(const PassProgram& pass, const Quality& quality, const RowLayout& reader) {
    const bool sized = pass.in.width != pass.out.width || pass.in.height != pass.out.height;
    if ((sized && !has_kernel(quality.method)) || pass.coloured || pass.in_order) return nullptr;
    auto program = std::make_shared<ScaleProgram>();
    const Format &in = *pass.in.format, &out = *pass.out.format;
    for (int i = 0; i < out.components; ++i) {
        const PassProgram::Component& c = pass.component[static_cast<size_t>(i)];
        if ((c.way != PassProgram::Way::plain && c.way != PassProgram::Way::verbatim) || c.source != i) return nullptr;
        auto scaling = make_scaling(c, in.depth[static_cast<size_t>(i)], in.rows(i, pass.in.height));
        if (!scaling) return nullptr;
        program->component.push_back(std::move(scaling));
    }
    program->kept.assign(program->component.size(), 1);
    for (const PlaneLayout& plane : reader.planes)
        find_kept(*program, pass, plane);
    return program;
}

} // namespace onair::sws::fast

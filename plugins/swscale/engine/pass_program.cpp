// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/pass_program.hpp"

#include "engine/light.hpp"
#include "engine/side_codes.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>

namespace onair::sws {

namespace {

/// Colours only; alpha goes its own way.
int colours(const Side& side) { return std::min(side.format->components, 3); }

/// Code values of a side to numbers, or back.
Affine3 numbers_from_codes(const Side& side) {
    Affine3 out;
    for (size_t i = 0; i < static_cast<size_t>(colours(side)); ++i) {
        const CodeScale c = codes_of(side, static_cast<int>(i));
        out.matrix[i][i] = 1 / c.scale;
        out.offset[i] = -c.offset / c.scale;
    }
    if (side.format->model == ColourModel::grey) out.matrix[1][1] = out.matrix[2][2] = 0; // neutral chroma
    return out;
}

Affine3 codes_from_numbers(const Side& side) {
    Affine3 out;
    for (size_t i = 0; i < static_cast<size_t>(colours(side)); ++i) {
        const CodeScale c = codes_of(side, static_cast<int>(i));
        out.matrix[i][i] = c.scale;
        out.offset[i] = c.offset;
    }
    return out;
}

/// R'G'B' from the side's numbers; nothing to do for RGB.
Matrix3 to_rgb(const Side& side, bool wanted) {
    if (side.format->model == ColourModel::rgb || !wanted) return identity3;
    return rgb_from_yuv(side.colour.matrix);
}

bool output_matrix(const Quality& q) {
    return q.matrix_mode == MatrixMode::full || q.matrix_mode == MatrixMode::output_only;
}
bool input_matrix(const Quality& q) {
    return q.matrix_mode == MatrixMode::full || q.matrix_mode == MatrixMode::input_only;
}

/// The steps of engine/light.hpp as tables: between them 1.0 is the largest light that the side before can say.
PassProgram::Coloured::Light hdr_light(const Side& in, const Side& out, const Quality& quality,
                                       const Matrix3& primaries, const Affine3& last) {
    const Transfer from = in.colour.transfer, to = out.colour.transfer;
    const double in_unit = display_peak(from), out_unit = display_peak(to);
    const auto weights = [](Primaries p) {
        const Vector3 w = luminance_weights(p);
        return std::array{static_cast<float>(w[0]), static_cast<float>(w[1]), static_cast<float>(w[2])};
    };
    PassProgram::Coloured::Light light{
        Curve(fast::TableIndex::root, [&](double v) { return to_display_component(from, v); }),    {},  primaries, {},
        Curve(fast::TableIndex::octaves, [&](double v) { return from_display_component(to, v); }), last};
    if (from == Transfer::arib_std_b67)
        light.before.push_back({weights(in.colour.primaries), Ratio([](double y) { return hlg_ootf(y); })});
    const double peak = from == Transfer::smpte2084 ? quality.peak : in_unit;
    if (quality.hdr == Hdr::automatic && peak > out_unit)
        light.before.push_back(
            {{0, 0, 0}, Ratio([&](double m) { return eetf(std::min(m * in_unit, peak), peak, out_unit) / in_unit; })});
    for (auto& row : light.primaries)
        for (double& v : row)
            v *= in_unit / out_unit;
    if (to == Transfer::arib_std_b67)
        light.behind.push_back({weights(out.colour.primaries), Ratio([](double y) { return hlg_inverse_ootf(y); })});
    return light;
}

PassProgram::Coloured make_coloured(const Side& in, const Side& out, const Quality& quality, const Rect& window) {
    PassProgram::Coloured c;
    c.inputs = colours(in);
    c.outputs = colours(out);
    const bool up = quality.chroma_mode == ChromaMode::full || quality.chroma_mode == ChromaMode::upsample_only;
    const Kernel chroma = chroma_kernel(up ? quality.chroma_resampler : Resampler::nearest, quality);
    const bool scaled = in.width != out.width || in.height != out.height;
    for (int i = 0; i < c.inputs; ++i) {
        const size_t n = static_cast<size_t>(i);
        const Kernel kernel = scaled ? scaling_kernel(quality) : chroma;
        c.columns[n] = make_filter(columns_of(in, i, window.x), columns_of(out, 0), in.width, out.width, kernel);
        c.rows[n] = make_filter(rows_of(in, i, window.y), rows_of(out, 0), in.height, out.height, kernel);
    }
    const Affine3 rgb = Affine3{to_rgb(in, input_matrix(quality)), {}} * numbers_from_codes(in);
    const Affine3 last = codes_from_numbers(out) * Affine3{inverse(to_rgb(out, output_matrix(quality))), {}};
    const bool transfer = converts_transfer(in, out, quality), primaries = converts_primaries(in, out, quality);
    if (!transfer && !primaries) {
        c.first = last * rgb;
        return c;
    }
    // Without gamma-mode=remap primaries are changed on the encoded values, as videoconvertscale has it.
    const bool linear = quality.gamma_mode == GammaMode::remap;
    const Transfer decode = linear ? in.colour.transfer : Transfer::gamma10;
    const Transfer encode = linear ? (transfer ? out.colour.transfer : in.colour.transfer) : Transfer::gamma10;
    const Matrix3 change = primaries ? primaries_change(in.colour.primaries, out.colour.primaries) : identity3;
    c.first = rgb;
    if (transfer && quality.hdr != Hdr::off && maps_light(decode, encode))
        c.light.emplace(hdr_light(in, out, quality, change, last));
    else
        c.light.emplace(PassProgram::Coloured::Light{
            Curve(fast::TableIndex::root, [&](double v) { return to_linear(decode, v); }),
            {},
            change,
            {},
            Curve(fast::TableIndex::octaves, [&](double v) { return from_linear(encode, v); }),
            last});
    return c;
}

bool is_verbatim(const PassProgram::Component& c, const Side& in, const Side& out, int component) {
    const size_t n = static_cast<size_t>(component), from = static_cast<size_t>(c.source);
    return c.columns.identity && c.rows.identity && c.quantiser.scale == 1 && c.quantiser.offset == 0 &&
           c.quantiser.dither == Dither::none && c.quantiser.step == 1 &&
           in.format->depth[from] == out.format->depth[n];
}

/// A component that comes from one component of the input.
void make_plain(PassProgram::Component& c, const PassProgram& program, int component, const Quality& quality) {
    const Side &in = program.in, &out = program.out;
    const Rect& window = program.window.picture;
    c.way = PassProgram::Way::plain;
    c.source = component;
    const bool scaled = in.width != out.width || in.height != out.height;
    const Grid from_columns = columns_of(in, component, window.x), to_columns = columns_of(out, component);
    const Grid from_rows = rows_of(in, component, window.y), to_rows = rows_of(out, component);
    const auto kernel = [&](const Grid& from, const Grid& to) {
        if (scaled) return scaling_kernel(quality);
        const bool up = from.spacing > to.spacing;
        const bool smooth = quality.chroma_mode == ChromaMode::full ||
                            quality.chroma_mode == (up ? ChromaMode::upsample_only : ChromaMode::downsample_only);
        return chroma_kernel(smooth ? quality.chroma_resampler : Resampler::nearest, quality);
    };
    c.columns = make_filter(from_columns, to_columns, in.width, out.width, kernel(from_columns, to_columns));
    c.rows = make_filter(from_rows, to_rows, in.height, out.height, kernel(from_rows, to_rows));
    const CodeScale from = codes_of(in, component), to = codes_of(out, component);
    c.quantiser.scale = static_cast<float>(to.scale / from.scale);
    c.quantiser.offset = static_cast<float>(to.offset - from.offset * (to.scale / from.scale));
}

void make_alpha(PassProgram::Component& c, const PassProgram& program, const Quality& quality) {
    const bool there = program.in.format->has_alpha() && quality.alpha_mode != AlphaMode::set;
    const double value = quality.alpha_mode == AlphaMode::copy ? 1 : quality.alpha_value;
    c.constant = code_of(program.out, 3, value);
    c.border = code_of(program.out, 3, value * program.placement.border[3]);
    if (!there) return;
    make_plain(c, program, 3, quality);
    if (quality.alpha_mode != AlphaMode::mult) return;
    c.quantiser.scale *= static_cast<float>(value);
    c.quantiser.offset *= static_cast<float>(value);
}

/// The argument of an entry of a table of octaves.
double octave_argument(size_t i) {
    const auto bits = static_cast<uint32_t>(std::min(i, fast::octaves_size)) << fast::cut_mantissa;
    return std::bit_cast<float>(fast::first_octave + bits);
}

} // namespace

double Curve::argument(size_t i) const {
    if (index_ == fast::TableIndex::octaves) return octave_argument(i);
    const double root = static_cast<double>(std::min(i, fast::root_size)) / fast::root_size;
    return root * root;
}

double Ratio::argument(size_t i) { return octave_argument(i); }

bool converts_transfer(const Side& in, const Side& out, const Quality& quality) {
    const Transfer a = in.colour.transfer, b = out.colour.transfer;
    return quality.gamma_mode == GammaMode::remap && a != b && a != Transfer::unknown && b != Transfer::unknown;
}

bool converts_primaries(const Side& in, const Side& out, const Quality& quality) {
    const Primaries a = in.colour.primaries, b = out.colour.primaries;
    if (quality.primaries_mode == PrimariesMode::none || a == b) return false;
    if (a == Primaries::unknown || b == Primaries::unknown) return false;
    if (quality.primaries_mode == PrimariesMode::merge_only && !converts_transfer(in, out, quality)) return false;
    // Linear light needs a curve to come from.
    return quality.gamma_mode == GammaMode::none || in.colour.transfer != Transfer::unknown;
}

bool same_colour(const Side& in, const Side& out, const Quality& quality) {
    if (converts_transfer(in, out, quality) || converts_primaries(in, out, quality)) return false;
    const ColourModel a = in.format->model, b = out.format->model;
    if (a == ColourModel::rgb && b == ColourModel::rgb) return true;
    if (a == ColourModel::rgb || b == ColourModel::rgb) return false;
    // Grey's neutral chroma is the same in every matrix.
    const bool matters = a == ColourModel::yuv && quality.matrix_mode != MatrixMode::none;
    return !matters || in.colour.matrix == out.colour.matrix;
}

PassProgram make_program(const Side& in, const Side& out, const Placement& placement, const Quality& quality,
                         const std::optional<Placement>& window) {
    PassProgram program{in, window.value_or(whole(in)), out, placement, {}, {}, false};
    const bool coloured = !same_colour(in, out, quality);
    if (coloured) program.coloured = make_coloured(in, out, quality, program.window.picture);
    const std::array<uint16_t, 4> border = border_codes(out, placement.border);
    for (int i = 0; i < out.format->components; ++i) {
        PassProgram::Component& c = program.component[static_cast<size_t>(i)];
        c.constant = code_of(out, i, i == 3 ? 1 : 0); // black, opaque
        c.border = border[static_cast<size_t>(i)];
        if (i == 3) {
            make_alpha(c, program, quality);
        } else if (coloured) {
            c.way = PassProgram::Way::coloured;
            const bool smooth =
                quality.chroma_mode == ChromaMode::full || quality.chroma_mode == ChromaMode::downsample_only;
            const Kernel kernel = chroma_kernel(smooth ? quality.chroma_resampler : Resampler::nearest, quality);
            c.columns = make_filter(columns_of(out, 0), columns_of(out, i), out.width, out.width, kernel);
            c.rows = make_filter(rows_of(out, 0), rows_of(out, i), out.height, out.height, kernel);
        } else if (i < in.format->components && !(in.format->model == ColourModel::grey && i > 0)) {
            make_plain(c, program, i, quality);
        }
        c.quantiser.depth = out.format->depth[static_cast<size_t>(i)];
        c.quantiser.columns = out.format->columns(i, out.width);
        c.quantiser.dither = i == 3 ? Dither::none : quality.dither;
        c.quantiser.step = i == 3 ? 1 : std::clamp(quality.dither_quantization, 1U, 1U << c.quantiser.depth);
        if (c.way == PassProgram::Way::plain && is_verbatim(c, in, out, i)) c.way = PassProgram::Way::verbatim;
        if (c.way != PassProgram::Way::constant && diffuses(c.quantiser.dither)) program.in_order = true;
    }
    return program;
}

} // namespace onair::sws

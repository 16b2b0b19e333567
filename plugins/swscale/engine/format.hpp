// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/frame_view.hpp"

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

/// A pixel format as numbers: what its samples mean, where they lie, and how a row of them is read and written.
///
/// All of the engine's own conversions work on samples in their own grid: 0 … 2^depth - 1, right-aligned, one array for
/// each component. A codec knows one memory layout and nothing about colour, size changes or other formats; so n
/// formats need n codecs, not n * n.
namespace onair::sws {

enum class ColourModel {
    yuv,  ///< components 0 Y, 1 Cb, 2 Cr
    rgb,  ///< components 0 R, 1 G, 2 B
    grey, ///< component 0 Y
};

/// Reads and writes rows of one format. Belongs to one thread (it may keep the row it has taken apart last).
class RowCodec {
  public:
    virtual ~RowCodec() = default;

    /// A new frame: nothing kept of the last one is valid. `frame` outlives the calls that follow.
    virtual void begin(const FrameView& frame) = 0;

    /// The samples of row `row` of component `component`, both in the component's own grid (chroma row 3 of 4:2:0 lies
    /// at luma rows 6 and 7). Writes as many samples as the component has in a row. Never reads a byte that is not the
    /// picture's.
    virtual void read(int component, int row, uint16_t* out) = 0;

    /// Writes one luma row and the samples of the other components that lie in it. samples[c] is null exactly when
    /// component c has no samples in this row (4:2:0 chroma in odd rows). Never writes a byte that is not the
    /// picture's; bits that mean nothing (X of RGBx) are written as videoconvertscale does.
    virtual void write(int luma_row, const uint16_t* const samples[4]) = 0;
};

struct WordLayout;
struct StreamLayout;

/// One pixel format. Immutable; made once (by the glue for GStreamer's formats, by tests for their own) and shared.
struct Format {
    std::string name; ///< GStreamer's, for error texts: "I422_10LE"
    ColourModel model = ColourModel::yuv;
    int components = 0;                         ///< 1, 3, or 4 with alpha, which is component 3 (grey: 1 only)
    std::array<int, 4> depth{};                 ///< bits of each component, 1 … 16
    int log2_chroma_w = 0;                      ///< of components 1 and 2
    int log2_chroma_h = 0;                      ///< of components 1 and 2
    AVPixelFormat av = AV_PIX_FMT_NONE;         ///< libswscale's name, where it reads and writes this very layout
                                                ///< with all its components
    std::array<int, 4> gst_plane{{0, 1, 2, 3}}; ///< plane i of FFmpeg's order is GStreamer's plane gst_plane[i]
    bool palette = false;                       ///< written samples become the nearest of a few colours
    bool tiled = false;                         ///< rows do not lie at a stride
    int row_unit = 1;                           ///< pixels that a row's bytes come in groups of (v210: 6, UYVY: 2)
    int row_group = 1;                          ///< luma rows that share bytes: one thread writes them, in order
    /// Where the samples lie, of formats that are described by one of these (codec_words.hpp, codec_stream.hpp).
    std::shared_ptr<const WordLayout> words;
    std::shared_ptr<const StreamLayout> stream;

    bool has_alpha() const { return components == 4; }
    bool is_chroma(int component) const { return model == ColourModel::yuv && (component == 1 || component == 2); }
    /// Samples of a component in a row, rows of a component; for a picture of this size.
    int columns(int component, int width) const { return is_chroma(component) ? -(-width >> log2_chroma_w) : width; }
    int rows(int component, int height) const { return is_chroma(component) ? -(-height >> log2_chroma_h) : height; }

    /// The bytes that the planes of a picture take.
    std::function<PictureShape(int width, int height)> shape;
    /// A codec for pictures of this size. Not thread-safe itself; any number may be made.
    std::function<std::unique_ptr<RowCodec>(int width, int height)> codec;
};
using FormatPtr = std::shared_ptr<const Format>;

} // namespace onair::sws

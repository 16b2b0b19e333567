// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gstswsconvertscale-formats.hpp"

#include "engine/format_table.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <map>
#include <memory>
#include <utility>

namespace onair::sws {

namespace {

bool is_tiled(const GstVideoFormatInfo& info) { return GST_VIDEO_FORMAT_INFO_IS_TILED(&info); }

/// Of a row inside a tile. MT2110 has no rows inside its tiles, but a size that is a multiple of their number.
int tile_row_bytes(const GstVideoFormatInfo& info, size_t plane) {
    return static_cast<int>(info.tile_info[plane].size / std::max(1u, info.tile_info[plane].height));
}

/// False where GStreamer finds the size too large.
bool layout_of(const GstVideoFormatInfo& info, int width, int height, GstVideoInfo& out) {
    gst_video_info_init(&out);
    return width > 0 && height > 0 &&
           gst_video_info_set_format(&out, info.format, static_cast<guint>(width), static_cast<guint>(height));
}

std::array<TileCount, 4> tiles_of(const GstVideoFormatInfo& info, int width, int height) {
    std::array<TileCount, 4> out{};
    GstVideoInfo layout;
    if (!layout_of(info, width, height, layout)) return out;
    for (guint i = 0; i < info.n_planes; ++i)
        out[i] = {static_cast<int>(GST_VIDEO_TILE_X_TILES(layout.stride[i])),
                  static_cast<int>(GST_VIDEO_TILE_Y_TILES(layout.stride[i]))};
    return out;
}

Tiling tiling_of(const GstVideoFormatInfo& info) {
    Tiling tiling;
    for (guint i = 0; i < info.n_planes; ++i)
        tiling.plane[i] = {tile_row_bytes(info, i), static_cast<int>(info.tile_info[i].height),
                           static_cast<int>(info.tile_info[i].size)};
    tiling.count = [&info](int width, int height) { return tiles_of(info, width, height); };
    tiling.index = [mode = info.tile_mode](int x, int y, TileCount tiles) -> size_t {
        return gst_video_tile_get_index(mode, x, y, tiles.x, tiles.y);
    };
    return tiling;
}

/// What GStreamer's functions may touch: the whole of its own layout.
PictureShape gst_shape(const GstVideoFormatInfo& info, int width, int height) {
    PictureShape shape;
    GstVideoInfo layout;
    if (!layout_of(info, width, height, layout)) return shape;
    shape.planes = static_cast<int>(info.n_planes);
    for (guint i = 0; i < info.n_planes; ++i) {
        if (is_tiled(info)) {
            shape.plane[i] = {static_cast<int>(GST_VIDEO_TILE_X_TILES(layout.stride[i])) * tile_row_bytes(info, i),
                              static_cast<int>(GST_VIDEO_TILE_Y_TILES(layout.stride[i]) * info.tile_info[i].height), 0,
                              0};
            continue;
        }
        gint component[GST_VIDEO_MAX_COMPONENTS];
        gst_video_format_info_component(&info, i, component);
        const int rows = GST_VIDEO_FORMAT_INFO_SCALE_HEIGHT(&info, component[0], height);
        shape.plane[i] = {layout.stride[i], rows, 0, 0};
    }
    if (GST_VIDEO_FORMAT_INFO_HAS_PALETTE(&info)) { // 256 entries of four bytes
        shape.plane[0].row_bytes = width;
        shape.plane[1] = {4, 256, 0, 0};
    }
    return shape;
}

/// Reads and writes through GStreamer's own pack and unpack functions: rows of four 8 or 16-bit components, alpha
/// first. What a palette (RGB8P), or a layout that the engine's table does not know, needs.
class GstCodec final : public RowCodec {
  public:
    GstCodec(const GstVideoFormatInfo& info, const Format& format, int width, int height)
        : info_(info), format_(format), width_(static_cast<size_t>(width)),
          bytes_(GST_VIDEO_FORMAT_INFO_DEPTH(gst_video_format_get_info(info.unpack_format), 0) / 8),
          tiles_(is_tiled(info) ? tiles_of(info, width, height) : std::array<TileCount, 4>{}) {
        // The functions for MT2110 leave out a last tile that is not full: all tiles are worked on as full ones.
        const size_t unit = is_tiled(info) ? std::max(1u, info.tile_info[0].width) : 1;
        whole_width_ = (width_ + unit - 1) / unit * unit;
        pixels_.resize((whole_width_ + 8) * 4 * bytes_);
    }

    void begin(const FrameView& frame) override {
        kept_ = -1;
        for (size_t i = 0; i < static_cast<size_t>(frame.planes); ++i) {
            data_[i] = frame.plane[i].data;
            stride_[i] = frame.plane[i].stride;
            if (is_tiled(info_))
                stride_[i] = static_cast<gint>(
                    GST_VIDEO_TILE_MAKE_STRIDE(frame.plane[i].stride / tile_row_bytes(info_, i), tiles_[i].y));
        }
    }

    void read(int component, int row, uint16_t* out) override {
        const bool chroma = format_.is_chroma(component);
        const int y = chroma ? row << format_.log2_chroma_h : row;
        if (kept_ != y) {
            info_.unpack_func(&info_, GST_VIDEO_PACK_FLAG_TRUNCATE_RANGE, pixels_.data(), data_, stride_, 0, y,
                              static_cast<gint>(whole_width_));
            kept_ = y;
        }
        const size_t step = size_t{1} << (chroma ? format_.log2_chroma_w : 0);
        const auto columns = static_cast<size_t>(format_.columns(component, static_cast<int>(width_)));
        const int shift = unused_bits(component);
        for (size_t i = 0; i < columns; ++i)
            out[i] = static_cast<uint16_t>(get(i * step * 4 + place(component)) >> shift);
    }

    void write(int luma_row, const uint16_t* const samples[4]) override {
        kept_ = -1;
        for (int c = 0; c < 4; ++c) {
            const uint16_t* from = c < format_.components ? samples[c] : nullptr;
            const int log2_step = format_.is_chroma(c) ? format_.log2_chroma_w : 0;
            const int shift = c < format_.components ? unused_bits(c) : 0;
            for (size_t x = 0; x < whole_width_; ++x) {
                const size_t i = std::min(x, width_ - 1) >> log2_step;
                set(x * 4 + place(c), from ? static_cast<uint16_t>(from[i] << shift) : uint16_t{0xFFFF});
            }
        }
        if (luma_row == 0) write_palette();
        info_.pack_func(&info_, GST_VIDEO_PACK_FLAG_NONE, pixels_.data(), static_cast<gint>(pixels_.size()), data_,
                        stride_, GST_VIDEO_CHROMA_SITE_UNKNOWN, luma_row, static_cast<gint>(whole_width_));
    }

  private:
    static size_t place(int component) { return component == 3 ? 0 : static_cast<size_t>(component) + 1; }
    int unused_bits(int component) const {
        return static_cast<int>(bytes_) * 8 - format_.depth[static_cast<size_t>(component)];
    }

    uint16_t get(size_t i) const {
        if (bytes_ == 1) return pixels_[i];
        uint16_t v;
        std::memcpy(&v, pixels_.data() + i * 2, 2);
        return v;
    }
    void set(size_t i, uint16_t v) {
        if (bytes_ == 1)
            pixels_[i] = static_cast<uint8_t>(v);
        else
            std::memcpy(pixels_.data() + i * 2, &v, 2);
    }

    /// The colours that pack_func chooses from; it does not write them itself.
    void write_palette() {
        if (!GST_VIDEO_FORMAT_INFO_HAS_PALETTE(&info_)) return;
        gsize size = 0;
        if (gconstpointer palette = gst_video_format_get_palette(info_.format, &size))
            std::memcpy(data_[1], palette, std::min<gsize>(size, 1024));
    }

    const GstVideoFormatInfo& info_;
    const Format format_;
    size_t width_, whole_width_ = 0;
    size_t bytes_; ///< of a component of a pixel
    std::array<TileCount, 4> tiles_;
    std::vector<uint8_t> pixels_;
    int kept_ = -1; ///< the luma row that pixels_ holds
    gpointer data_[GST_VIDEO_MAX_PLANES] = {};
    gint stride_[GST_VIDEO_MAX_PLANES] = {};
};

FormatPtr gst_format(const GstVideoFormatInfo& info) {
    if (!info.unpack_func || !info.pack_func || info.pack_lines != 1) return nullptr;
    const GstVideoFormatInfo* unpacked = gst_video_format_get_info(info.unpack_format);
    const bool palette = GST_VIDEO_FORMAT_INFO_HAS_PALETTE(&info);
    const int bits = static_cast<int>(GST_VIDEO_FORMAT_INFO_DEPTH(unpacked, 0));
    if (bits != 8 && bits != 16) return nullptr;
    Format format;
    format.name = info.name;
    format.model = GST_VIDEO_FORMAT_INFO_IS_GRAY(&info)  ? ColourModel::grey
                   : GST_VIDEO_FORMAT_INFO_IS_RGB(&info) ? ColourModel::rgb
                                                         : ColourModel::yuv;
    format.palette = palette;
    format.components = palette ? 4 : static_cast<int>(info.n_components);
    for (size_t c = 0; c < static_cast<size_t>(format.components); ++c)
        format.depth[c] = palette ? bits : std::min(bits, static_cast<int>(info.depth[c]));
    if (format.model == ColourModel::yuv) {
        format.log2_chroma_w = static_cast<int>(info.w_sub[1]);
        format.log2_chroma_h = static_cast<int>(info.h_sub[1]);
    }
    if (is_tiled(info)) format.row_group = static_cast<int>(std::max(1u, info.tile_info[0].height));
    format.tiled = is_tiled(info);
    const Format plain = format;
    format.shape = [&info](int width, int height) { return gst_shape(info, width, height); };
    format.codec = [&info, plain](int width, int height) -> std::unique_ptr<RowCodec> {
        return std::make_unique<GstCodec>(info, plain, width, height);
    };
    return std::make_shared<const Format>(std::move(format));
}

FormatPtr make(GstVideoFormat format) {
    const GstVideoFormatInfo& info = *gst_video_format_get_info(format);
    const Tiling tiling = is_tiled(info) ? tiling_of(info) : Tiling{};
    MemoryRules rules;
    if (is_tiled(info))
        rules.tiling = &tiling;
    else
        rules.row_limit = [&info](int width) {
            GstVideoInfo layout;
            return layout_of(info, width, 1, layout) ? layout.stride[0] : 0;
        };
    FormatPtr own = make_format(info.name, rules);
    return own ? own : gst_format(info);
}

} // namespace

const std::vector<GstVideoFormat>& raw_formats() {
    static const std::vector<GstVideoFormat> all = [] {
        guint n = 0;
        const GstVideoFormat* formats = gst_video_formats_raw(&n);
        return std::vector<GstVideoFormat>(formats, formats + n);
    }();
    return all;
}

FormatPtr find_format(GstVideoFormat format) {
    static const std::map<GstVideoFormat, FormatPtr> all = [] {
        std::map<GstVideoFormat, FormatPtr> made;
        for (const GstVideoFormat raw : raw_formats())
            if (FormatPtr one = make(raw)) made.emplace(raw, std::move(one));
        return made;
    }();
    const auto at = all.find(format);
    return at == all.end() ? nullptr : at->second;
}

std::string way_of(GstVideoFormat format) {
    const std::string_view own = way_of(std::string_view(gst_video_format_to_string(format)));
    return own.empty() ? "GStreamer" : std::string(own);
}

int view_stride(const GstVideoFormatInfo& info, guint plane, int stride) {
    return is_tiled(info) ? static_cast<int>(GST_VIDEO_TILE_X_TILES(stride)) * tile_row_bytes(info, plane) : stride;
}

} // namespace onair::sws

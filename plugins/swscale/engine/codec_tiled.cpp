// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/codec_tiled.hpp"

#include <algorithm>
#include <cstring>
#include <utility>
#include <vector>

namespace onair::sws {

namespace {

class TiledCodec final : public RowCodec {
  public:
    TiledCodec(const Format& format, const Tiling& tiling, int width, int height, std::unique_ptr<RowCodec> linear,
               const std::array<int, 4>& linear_bytes, const std::array<int, 4>& plane_of)
        : components_(format.components), tiling_(tiling), count_(tiling.count(width, height)),
          linear_(std::move(linear)), bytes_(linear_bytes), plane_of_(plane_of) {
        for (int c = 0; c < components_; ++c) {
            const auto plane = static_cast<size_t>(plane_of_[static_cast<size_t>(c)]);
            log2_rows_[static_cast<size_t>(c)] = format.is_chroma(c) ? format.log2_chroma_h : 0;
            row_[plane].resize(static_cast<size_t>(bytes_[plane]));
            // A stride of 0: every row of the linear picture is the one that was collected.
            one_row_.plane[plane] = {row_[plane].data(), 0, row_[plane].size()};
            one_row_.planes = std::max(one_row_.planes, static_cast<int>(plane) + 1);
        }
    }

    void begin(const FrameView& frame) override {
        frame_ = &frame;
        kept_.fill(-1);
        linear_->begin(one_row_);
    }

    void read(int component, int row, uint16_t* out) override {
        const auto plane = static_cast<size_t>(plane_of_[static_cast<size_t>(component)]);
        if (kept_[plane] != row) {
            for_each_chunk(plane, row, [&](uint8_t* there, uint8_t* here, size_t n) { std::memcpy(here, there, n); });
            kept_[plane] = row;
        }
        linear_->read(component, row, out);
    }

    void write(int luma_row, const uint16_t* const samples[4]) override {
        kept_.fill(-1);
        linear_->write(luma_row, samples);
        std::array<bool, 4> done{};
        for (size_t c = 0; c < static_cast<size_t>(components_); ++c) {
            const auto plane = static_cast<size_t>(plane_of_[c]);
            if (!samples[c] || std::exchange(done[plane], true)) continue;
            for_each_chunk(plane, luma_row >> log2_rows_[c],
                           [&](uint8_t* there, uint8_t* here, size_t n) { std::memcpy(there, here, n); });
        }
    }

  private:
    template <class Copy>
    void for_each_chunk(size_t plane, int row, Copy&& copy) {
        const PlaneView& view = frame_->plane[plane];
        const TilePlane& tile = tiling_.plane[plane];
        const TileCount tiles{view.stride / tile.row_bytes, count_[plane].y};
        const size_t inside = static_cast<size_t>(row % tile.rows) * static_cast<size_t>(tile.row_bytes);
        const auto chunk = static_cast<size_t>(tile.row_bytes);
        const auto bytes = static_cast<size_t>(bytes_[plane]);
        for (size_t at = 0; at < bytes; at += chunk) {
            const size_t index = tiling_.index(static_cast<int>(at / chunk), row / tile.rows, tiles);
            copy(view.data + index * static_cast<size_t>(tile.size) + inside, row_[plane].data() + at,
                 std::min(chunk, bytes - at));
        }
    }

    int components_;
    Tiling tiling_;
    std::array<TileCount, 4> count_;
    std::unique_ptr<RowCodec> linear_;
    std::array<int, 4> bytes_, plane_of_;
    std::array<int, 4> log2_rows_{};
    std::array<std::vector<uint8_t>, 4> row_;
    std::array<int, 4> kept_{{-1, -1, -1, -1}}; ///< the row that row_[plane] holds
    FrameView one_row_;
    const FrameView* frame_ = nullptr;
};

} // namespace

std::unique_ptr<RowCodec> make_tiled_codec(const Format& format, const Tiling& tiling, int width, int height,
                                           std::unique_ptr<RowCodec> linear, const std::array<int, 4>& linear_bytes,
                                           const std::array<int, 4>& plane_of) {
    return std::make_unique<TiledCodec>(format, tiling, width, height, std::move(linear), linear_bytes, plane_of);
}

} // namespace onair::sws

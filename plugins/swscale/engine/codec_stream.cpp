// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/codec_stream.hpp"

#include "engine/byte_order.hpp"

#include <algorithm>
#include <cstring>
#include <vector>

namespace onair::sws {

namespace {

constexpr uint16_t ten_bits = 0x3FF;

ONAIR_SAMPLE_LOOP void unpack_bytes(const uint8_t* __restrict at, uint16_t* __restrict out, size_t units) {
    for (size_t i = 0; i < units; ++i)
        out[i] = at[i];
}

ONAIR_SAMPLE_LOOP void pack_bytes(const uint16_t* __restrict in, uint8_t* __restrict at, size_t units) {
    for (size_t i = 0; i < units; ++i)
        at[i] = static_cast<uint8_t>(in[i]);
}

ONAIR_SAMPLE_LOOP void unpack_le32(const uint8_t* __restrict at, uint16_t* __restrict out, size_t units) {
    for (size_t i = 0; i < units; ++i) {
        const auto w = load_le<uint32_t>(at + i * 4);
        out[i * 3] = w & ten_bits;
        out[i * 3 + 1] = w >> 10 & ten_bits;
        out[i * 3 + 2] = w >> 20 & ten_bits;
    }
}

ONAIR_SAMPLE_LOOP void pack_le32(const uint16_t* __restrict in, uint8_t* __restrict at, size_t units) {
    for (size_t i = 0; i < units; ++i) {
        const uint32_t w =
            in[i * 3] | static_cast<uint32_t>(in[i * 3 + 1]) << 10 | static_cast<uint32_t>(in[i * 3 + 2]) << 20;
        store_le(at + i * 4, w);
    }
}

ONAIR_SAMPLE_LOOP void unpack_le40(const uint8_t* __restrict at, uint16_t* __restrict out, size_t units) {
    for (size_t i = 0; i < units; ++i, at += 5) {
        out[i * 4] = static_cast<uint16_t>((at[0] | at[1] << 8) & ten_bits);
        out[i * 4 + 1] = static_cast<uint16_t>((at[1] >> 2 | at[2] << 6) & ten_bits);
        out[i * 4 + 2] = static_cast<uint16_t>((at[2] >> 4 | at[3] << 4) & ten_bits);
        out[i * 4 + 3] = static_cast<uint16_t>(at[3] >> 6 | at[4] << 2);
    }
}

ONAIR_SAMPLE_LOOP void pack_le40(const uint16_t* __restrict in, uint8_t* __restrict at, size_t units) {
    for (size_t i = 0; i < units; ++i, at += 5, in += 4) {
        at[0] = static_cast<uint8_t>(in[0]);
        at[1] = static_cast<uint8_t>(in[0] >> 8 | in[1] << 2);
        at[2] = static_cast<uint8_t>(in[1] >> 6 | in[2] << 4);
        at[3] = static_cast<uint8_t>(in[2] >> 4 | in[3] << 6);
        at[4] = static_cast<uint8_t>(in[3] >> 2);
    }
}

ONAIR_SAMPLE_LOOP void unpack_be40(const uint8_t* __restrict at, uint16_t* __restrict out, size_t units) {
    for (size_t i = 0; i < units; ++i, at += 5) {
        out[i * 4] = static_cast<uint16_t>(at[0] << 2 | at[1] >> 6);
        out[i * 4 + 1] = static_cast<uint16_t>((at[1] << 4 | at[2] >> 4) & ten_bits);
        out[i * 4 + 2] = static_cast<uint16_t>((at[2] << 6 | at[3] >> 2) & ten_bits);
        out[i * 4 + 3] = static_cast<uint16_t>((at[3] << 8 | at[4]) & ten_bits);
    }
}

ONAIR_SAMPLE_LOOP void pack_be40(const uint16_t* __restrict in, uint8_t* __restrict at, size_t units) {
    for (size_t i = 0; i < units; ++i, at += 5, in += 4) {
        at[0] = static_cast<uint8_t>(in[0] >> 2);
        at[1] = static_cast<uint8_t>(in[0] << 6 | in[1] >> 4);
        at[2] = static_cast<uint8_t>(in[1] << 4 | in[2] >> 6);
        at[3] = static_cast<uint8_t>(in[2] << 2 | in[3] >> 8);
        at[4] = static_cast<uint8_t>(in[3]);
    }
}

struct PackingRow {
    Packing packing;
    size_t samples, bytes; ///< of a unit
    size_t bits;           ///< of a sample
    void (*unpack)(const uint8_t* at, uint16_t* out, size_t units);
    void (*pack)(const uint16_t* in, uint8_t* at, size_t units);
};
constexpr PackingRow packings[] = {
    {Packing::bytes, 1, 1, 8, &unpack_bytes, &pack_bytes},
    {Packing::le32, 3, 4, 10, &unpack_le32, &pack_le32},
    {Packing::le40, 4, 5, 10, &unpack_le40, &pack_le40},
    {Packing::be40, 4, 5, 10, &unpack_be40, &pack_be40},
};

const PackingRow& row_of(Packing packing) {
    return *std::find_if(std::begin(packings), std::end(packings),
                         [=](const PackingRow& row) { return row.packing == packing; });
}

/// Rows that end inside a unit (the chunks of a tiled row) end in a copy of it.
constexpr size_t largest_unit = 5;

void unpack_row(const PackingRow& p, const uint8_t* at, size_t bytes, uint16_t* out) {
    const size_t units = bytes / p.bytes, rest = bytes % p.bytes;
    p.unpack(at, out, units);
    if (rest == 0) return;
    uint8_t last[largest_unit] = {};
    std::memcpy(last, at + units * p.bytes, rest);
    p.unpack(last, out + units * p.samples, 1);
}

void pack_row(const PackingRow& p, const uint16_t* in, uint8_t* at, size_t bytes) {
    const size_t units = bytes / p.bytes, rest = bytes % p.bytes;
    p.pack(in, at, units);
    if (rest == 0) return;
    uint8_t last[largest_unit] = {};
    p.pack(in + units * p.samples, last, 1);
    std::memcpy(at + units * p.bytes, last, rest);
}

using Place = StreamLayout::Component;

/// Sample i of a component lies at stream position (i / count) * group + at[i % count].
size_t position(const Place& c, size_t i) {
    const auto count = static_cast<size_t>(c.count);
    return i / count * static_cast<size_t>(c.group) + static_cast<size_t>(c.at[i % count]);
}

/// Even distances as constants, so that the loops become vector instructions.
template <size_t step>
ONAIR_SAMPLE_LOOP void take_every(const uint16_t* __restrict stream, uint16_t* __restrict out, size_t n) {
    for (size_t i = 0; i < n; ++i)
        out[i] = stream[i * step];
}
template <size_t step>
ONAIR_SAMPLE_LOOP void put_every(uint16_t* __restrict stream, const uint16_t* __restrict in, size_t n) {
    for (size_t i = 0; i < n; ++i)
        stream[i * step] = in[i];
}

size_t even_step(const Place& c) {
    const bool even = c.count == 1 || (c.count == 2 && c.at[1] - c.at[0] == c.group / 2);
    return even ? static_cast<size_t>(c.group / c.count) : 0;
}

void take(const Place& c, const uint16_t* stream, uint16_t* out, size_t n) {
    const uint16_t* from = stream + c.at[0];
    switch (even_step(c)) {
    case 1:
        return take_every<1>(from, out, n);
    case 2:
        return take_every<2>(from, out, n);
    case 4:
        return take_every<4>(from, out, n);
    default:
        for (size_t i = 0; i < n; ++i)
            out[i] = stream[position(c, i)];
    }
}

void put(const Place& c, uint16_t* stream, const uint16_t* in, size_t n) {
    uint16_t* to = stream + c.at[0];
    switch (even_step(c)) {
    case 1:
        return put_every<1>(to, in, n);
    case 2:
        return put_every<2>(to, in, n);
    case 4:
        return put_every<4>(to, in, n);
    default:
        for (size_t i = 0; i < n; ++i)
            stream[position(c, i)] = in[i];
    }
}

class StreamCodec final : public RowCodec {
  public:
    StreamCodec(const Format& format, const StreamLayout& layout, int width, int row_bytes)
        : layout_(layout), packing_(row_of(layout.packing)), row_bytes_(static_cast<size_t>(row_bytes)),
          available_(layout.packing == Packing::le32 ? row_bytes_ / 4 * 3 : row_bytes_ * 8 / packing_.bits) {
        size_t positions = row_bytes_ / packing_.bytes * packing_.samples + packing_.samples;
        for (int c = 0; c < layout.components; ++c) {
            const auto i = static_cast<size_t>(c);
            const Place& place = layout_.component[i];
            columns_[i] = static_cast<size_t>(format.columns(c, width));
            present_[i] = columns_[i];
            while (present_[i] > 0 && position(place, present_[i] - 1) >= available_)
                --present_[i];
            log2_rows_[i] = format.is_chroma(c) ? format.log2_chroma_h : 0;
            positions = std::max(positions, (columns_[i] / static_cast<size_t>(place.count) + 1) *
                                                static_cast<size_t>(place.group));
        }
        stream_.resize(positions);
    }

    void begin(const FrameView& frame) override {
        frame_ = &frame;
        kept_plane_ = -1;
    }

    void read(int component, int row, uint16_t* out) override {
        const auto c = static_cast<size_t>(component);
        const Place& place = layout_.component[c];
        if (place.plane != kept_plane_ || row != kept_row_) {
            unpack_row(packing_, at(place.plane, row), row_bytes_, stream_.data());
            kept_plane_ = place.plane;
            kept_row_ = row;
        }
        take(place, stream_.data(), out, present_[c]);
        for (size_t i = present_[c]; i < columns_[c]; ++i)
            out[i] = i > 0 ? out[i - 1] : uint16_t{512};
    }

    void write(int luma_row, const uint16_t* const samples[4]) override {
        kept_plane_ = -1;
        int last_plane = 0;
        for (int c = 0; c < layout_.components; ++c)
            last_plane = std::max(last_plane, layout_.component[static_cast<size_t>(c)].plane);
        for (int plane = 0; plane <= last_plane; ++plane)
            write_plane(plane, luma_row, samples);
    }

  private:
    uint8_t* at(int plane, int row) const {
        const PlaneView& view = frame_->plane[static_cast<size_t>(plane)];
        return view.data + static_cast<ptrdiff_t>(row) * view.stride;
    }

    void write_plane(int plane, int luma_row, const uint16_t* const samples[4]) {
        std::fill(stream_.begin(), stream_.end(), uint16_t{0}); // what lies behind the last sample
        int row = -1;
        for (size_t c = 0; c < static_cast<size_t>(layout_.components); ++c) {
            const Place& place = layout_.component[c];
            if (place.plane != plane || !samples[c]) continue;
            put(place, stream_.data(), samples[c], columns_[c]);
            if (layout_.repeats_last)
                for (size_t i = columns_[c]; i % static_cast<size_t>(place.count) != 0; ++i)
                    stream_[position(place, i)] = samples[c][columns_[c] - 1];
            row = luma_row >> log2_rows_[c];
        }
        if (row >= 0) pack_row(packing_, stream_.data(), at(plane, row), row_bytes_);
    }

    StreamLayout layout_;
    const PackingRow& packing_;
    size_t row_bytes_;
    size_t available_; ///< samples that a row of the plane holds
    std::array<size_t, 4> columns_{}, present_{};
    std::array<int, 4> log2_rows_{};
    std::vector<uint16_t> stream_;
    int kept_plane_ = -1, kept_row_ = -1; ///< what stream_ holds
    const FrameView* frame_ = nullptr;
};

} // namespace

std::unique_ptr<RowCodec> make_stream_codec(const Format& format, const StreamLayout& layout, int width,
                                            int row_bytes) {
    return std::make_unique<StreamCodec>(format, layout, width, row_bytes);
}

} // namespace onair::sws

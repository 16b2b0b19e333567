// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/codec_words.hpp"

#include "engine/byte_order.hpp"

#include <algorithm>
#include <cstddef>
#include <cstring>

namespace onair::sws {

namespace {

/// What a row is read as: for a component, an integer as long as its step, so that the loops are shifts and masks only
/// and become vector instructions.
struct ReadField {
    int bits = 0;  ///< to shift right, the container's position included
    int shift = 0; ///< inside the container, after its bytes are turned
    uint16_t mask = 0;
    int offset = 0; ///< bytes; of no use where the step is an integer's size
    int step = 1;
};

using ReadRow = void (*)(const uint8_t* row, const ReadField& f, uint16_t* out, size_t n);

ONAIR_SAMPLE_LOOP void read_bytes(const uint8_t* __restrict row, const ReadField&, uint16_t* __restrict out, size_t n) {
    for (size_t i = 0; i < n; ++i)
        out[i] = row[i];
}

ONAIR_SAMPLE_LOOP void read_stepped(const uint8_t* __restrict row, const ReadField& f, uint16_t* __restrict out,
                                    size_t n) {
    const size_t step = static_cast<size_t>(f.step);
    row += f.offset;
    for (size_t i = 0; i < n; ++i)
        out[i] = row[i * step];
}

ONAIR_SAMPLE_LOOP void read_threes(const uint8_t* __restrict row, const ReadField& f, uint16_t* __restrict out,
                                   size_t n) {
    row += f.offset;
    for (size_t i = 0; i < n; ++i)
        out[i] = row[i * 3];
}

template <class Word>
ONAIR_SAMPLE_LOOP void read_words(const uint8_t* __restrict row, const ReadField& f, uint16_t* __restrict out,
                                  size_t n) {
    const int bits = f.bits;
    const uint16_t mask = f.mask;
    for (size_t i = 0; i < n; ++i)
        out[i] = static_cast<uint16_t>(load_le<Word>(row + i * sizeof(Word)) >> bits) & mask;
}

/// Containers of two bytes, high byte first.
template <class Word>
ONAIR_SAMPLE_LOOP void read_be16(const uint8_t* __restrict row, const ReadField& f, uint16_t* __restrict out,
                                 size_t n) {
    const int bits = f.bits, shift = f.shift;
    const uint16_t mask = f.mask;
    for (size_t i = 0; i < n; ++i) {
        const auto v = static_cast<uint16_t>(load_le<Word>(row + i * sizeof(Word)) >> bits);
        out[i] = static_cast<uint16_t>(swap_bytes(v) >> shift) & mask;
    }
}

ONAIR_SAMPLE_LOOP void read_be32(const uint8_t* __restrict row, const ReadField& f, uint16_t* __restrict out,
                                 size_t n) {
    const int shift = f.shift;
    const uint16_t mask = f.mask;
    for (size_t i = 0; i < n; ++i)
        out[i] = static_cast<uint16_t>(swap_bytes(load_le<uint32_t>(row + i * 4)) >> shift) & mask;
}

ReadRow reader_of(const WordField& f) {
    if (f.big_endian && f.container == 4) return &read_be32;
    const bool be16 = f.big_endian && f.container == 2;
    if (f.step == 1) return &read_bytes;
    if (f.step == 2) return be16 ? &read_be16<uint16_t> : &read_words<uint16_t>;
    if (f.step == 4) return be16 ? &read_be16<uint32_t> : &read_words<uint32_t>;
    if (f.step == 8) return be16 ? &read_be16<uint64_t> : &read_words<uint64_t>;
    return f.step == 3 ? &read_threes : &read_stepped; // 8 bit
}

ReadField read_field(const WordField& f) {
    ReadField r;
    r.shift = f.shift;
    r.bits = f.offset * 8 + (f.big_endian ? 0 : f.shift);
    r.mask = static_cast<uint16_t>((1u << f.depth) - 1);
    r.offset = f.offset;
    r.step = f.step;
    return r;
}

/// One plane as it is written: each word is the sum of its samples, shifted.
struct WritePlane {
    int samples = 0;                    ///< in a word
    std::array<int, 4> component{};     ///< of each sample
    std::array<int, 4> index{};         ///< which of its component's samples in the word
    std::array<int, 4> per{1, 1, 1, 1}; ///< samples of its component in the word
    std::array<int, 4> shift{};         ///< position in the word, its bytes in order of address
    std::array<int, 4> offset{};        ///< bytes; for words of three
    uint64_t ones = 0;
    int word_bytes = 0;
    int swap = 0; ///< bytes of the integers whose bytes are turned; 0: none
};

using WriteRow = void (*)(uint8_t* row, const WritePlane& p, const uint16_t* const* s, size_t words);

template <class Word>
void put(uint8_t* at, Word value) {
    store_le(at, value);
}

ONAIR_SAMPLE_LOOP void write_bytes(uint8_t* __restrict row, const WritePlane&, const uint16_t* const* s, size_t words) {
    const uint16_t* __restrict a = s[0];
    for (size_t i = 0; i < words; ++i)
        row[i] = static_cast<uint8_t>(a[i]);
}

ONAIR_SAMPLE_LOOP void write_threes(uint8_t* __restrict row, const WritePlane& p, const uint16_t* const* s,
                                    size_t words) {
    const uint16_t* by_place[3] = {};
    for (size_t k = 0; k < 3; ++k)
        by_place[p.offset[k]] = s[k];
    const uint16_t* __restrict a = by_place[0], * __restrict b = by_place[1], * __restrict c = by_place[2];
    for (size_t i = 0; i < words; ++i) {
        row[i * 3] = static_cast<uint8_t>(a[i]);
        row[i * 3 + 1] = static_cast<uint8_t>(b[i]);
        row[i * 3 + 2] = static_cast<uint8_t>(c[i]);
    }
}

template <class Word, int swap>
Word turned(Word w) {
    if constexpr (swap == 2) return swap_pairs(w);
    if constexpr (swap != 0 && swap != 2) return swap_bytes(w);
    return w;
}

/// One sample of each component in a word.
template <class Word, int samples, int swap>
ONAIR_SAMPLE_LOOP void write_words(uint8_t* __restrict row, const WritePlane& p, const uint16_t* const* s,
                                   size_t words) {
    const uint16_t* __restrict a = s[0];
    const uint16_t* __restrict b = samples > 1 ? s[1] : nullptr;
    const uint16_t* __restrict c = samples > 2 ? s[2] : nullptr;
    const uint16_t* __restrict d = samples > 3 ? s[3] : nullptr;
    const auto ones = static_cast<Word>(p.ones);
    const std::array<int, 4> shift = p.shift;
    for (size_t i = 0; i < words; ++i) {
        Word w = ones | static_cast<Word>(static_cast<Word>(a[i]) << shift[0]);
        if constexpr (samples > 1) w |= static_cast<Word>(static_cast<Word>(b[i]) << shift[1]);
        if constexpr (samples > 2) w |= static_cast<Word>(static_cast<Word>(c[i]) << shift[2]);
        if constexpr (samples > 3) w |= static_cast<Word>(static_cast<Word>(d[i]) << shift[3]);
        put<Word>(row + i * sizeof(Word), turned<Word, swap>(w));
    }
}

/// Two luma samples that share their chroma; the order of samples is Y Y U V.
template <class Word, int swap>
ONAIR_SAMPLE_LOOP void write_pairs(uint8_t* __restrict row, const WritePlane& p, const uint16_t* const* s,
                                   size_t words) {
    const uint16_t* __restrict y = s[0], * __restrict u = s[2], * __restrict v = s[3];
    const std::array<int, 4> shift = p.shift;
    for (size_t i = 0; i < words; ++i) {
        const Word w = static_cast<Word>(static_cast<Word>(y[2 * i]) << shift[0]) |
                       static_cast<Word>(static_cast<Word>(y[2 * i + 1]) << shift[1]) |
                       static_cast<Word>(static_cast<Word>(u[i]) << shift[2]) |
                       static_cast<Word>(static_cast<Word>(v[i]) << shift[3]);
        put<Word>(row + i * sizeof(Word), turned<Word, swap>(w));
    }
}

template <class Word, int swap>
WriteRow word_writer(const WritePlane& p) {
    if (p.per[0] == 2) return &write_pairs<Word, swap>;
    constexpr WriteRow by_samples[] = {&write_words<Word, 1, swap>, &write_words<Word, 2, swap>,
                                       &write_words<Word, 3, swap>, &write_words<Word, 4, swap>};
    return by_samples[p.samples - 1];
}

WriteRow writer_of(const WritePlane& p) {
    switch (p.word_bytes * 10 + p.swap) {
    case 10:
        return &write_bytes;
    case 20:
        return word_writer<uint16_t, 0>(p);
    case 22:
        return word_writer<uint16_t, 2>(p);
    case 40:
        return word_writer<uint32_t, 0>(p);
    case 42:
        return word_writer<uint32_t, 2>(p);
    case 44:
        return word_writer<uint32_t, 4>(p);
    case 80:
        return word_writer<uint64_t, 0>(p);
    case 82:
        return word_writer<uint64_t, 2>(p);
    default:
        return &write_threes;
    }
}

WritePlane write_plane(const WordLayout& layout, int plane) {
    WritePlane p;
    p.word_bytes = layout.word_bytes(plane);
    p.ones = plane == 0 ? layout.ones : 0;
    for (int c = 0; c < layout.components; ++c) {
        const WordField& f = layout.field[static_cast<size_t>(c)];
        if (f.plane != plane) continue;
        const int per = layout.per_word(c);
        for (int k = 0; k < per; ++k) {
            const auto at = static_cast<size_t>(p.samples++);
            p.component[at] = c;
            p.index[at] = k;
            p.per[at] = per;
            p.offset[at] = f.offset + k * f.step;
            // Inside a turned integer the first byte is the highest: a turned container lies where it lay.
            p.shift[at] = p.offset[at] * 8 + f.shift;
        }
        p.swap = f.big_endian && f.container > 1 ? f.container : 0;
    }
    return p;
}

class WordCodec final : public RowCodec {
  public:
    WordCodec(const Format& format, const WordLayout& layout, int width) : components_(layout.components) {
        for (int c = 0; c < components_; ++c) {
            const WordField& f = layout.field[static_cast<size_t>(c)];
            Component& mine = component_[static_cast<size_t>(c)];
            mine = {f.plane, read_field(f), reader_of(f), static_cast<size_t>(format.columns(c, width)),
                    format.is_chroma(c) ? format.log2_chroma_h : 0};
            planes_ = std::max(planes_, f.plane + 1);
        }
        for (int i = 0; i < planes_; ++i) {
            Plane& plane = plane_[static_cast<size_t>(i)];
            plane.write = write_plane(layout, i);
            plane.writer = writer_of(plane.write);
            const auto first = static_cast<size_t>(plane.write.component[0]);
            plane.columns = component_[first].columns;
            plane.whole_words = plane.columns / static_cast<size_t>(plane.write.per[0]);
        }
    }

    void begin(const FrameView& frame) override { frame_ = &frame; }

    void read(int component, int row, uint16_t* out) override {
        const Component& c = component_[static_cast<size_t>(component)];
        c.reader(at(c.plane, row), c.field, out, c.columns);
    }

    void write(int luma_row, const uint16_t* const samples[4]) override {
        for (int i = 0; i < planes_; ++i) {
            const Plane& plane = plane_[static_cast<size_t>(i)];
            const uint16_t* s[4] = {};
            for (size_t k = 0; k < static_cast<size_t>(plane.write.samples); ++k)
                s[k] = samples[plane.write.component[k]];
            if (!s[0]) continue; // no chroma in this row
            uint8_t* row = at(i, luma_row >> component_[static_cast<size_t>(plane.write.component[0])].log2_rows);
            plane.writer(row, plane.write, s, plane.whole_words);
            if (plane.whole_words * static_cast<size_t>(plane.write.per[0]) < plane.columns) write_rest(row, plane, s);
        }
    }

  private:
    struct Component {
        int plane = 0;
        ReadField field;
        ReadRow reader = nullptr;
        size_t columns = 0;
        int log2_rows = 0;
    };
    struct Plane {
        WritePlane write;
        WriteRow writer = nullptr;
        size_t columns = 0, whole_words = 0;
    };

    uint8_t* at(int plane, int row) const {
        const PlaneView& view = frame_->plane[static_cast<size_t>(plane)];
        return view.data + static_cast<ptrdiff_t>(row) * view.stride;
    }

    /// The word at the end of an odd row.
    static void write_rest(uint8_t* row, const Plane& plane, const uint16_t* const* s) {
        const uint16_t y = s[0][plane.columns - 1];
        const uint16_t luma[2] = {y, y};
        const uint16_t* rest[4] = {luma, luma, s[2] + plane.whole_words, s[3] + plane.whole_words};
        plane.writer(row + plane.whole_words * static_cast<size_t>(plane.write.word_bytes), plane.write, rest, 1);
    }

    int components_;
    int planes_ = 0;
    std::array<Component, 4> component_{};
    std::array<Plane, 4> plane_{};
    const FrameView* frame_ = nullptr;
};

} // namespace

int WordLayout::word_bytes(int plane) const {
    int most = 0;
    for (int c = 0; c < components; ++c)
        if (field[static_cast<size_t>(c)].plane == plane) most = std::max(most, field[static_cast<size_t>(c)].step);
    return most;
}

int word_row_bytes(const Format& format, const WordLayout& layout, int plane, int width) {
    int words = 0;
    for (int c = 0; c < layout.components; ++c) {
        if (layout.field[static_cast<size_t>(c)].plane != plane) continue;
        const int per = layout.per_word(c);
        words = std::max(words, (format.columns(c, width) + per - 1) / per);
    }
    return words * layout.word_bytes(plane);
}

std::unique_ptr<RowCodec> make_word_codec(const Format& format, const WordLayout& layout, int width) {
    return std::make_unique<WordCodec>(format, layout, width);
}

} // namespace onair::sws

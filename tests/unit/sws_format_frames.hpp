// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/format.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>
#include <random>
#include <sys/mman.h>
#include <unistd.h>
#include <utility>
#include <vector>

namespace onair::test {

/// Where the planes of a frame lie between the pages that fault.
enum class Guard {
    behind, ///< rows without padding; the last byte of each plane is followed by a page that faults
    before, ///< padded rows; the first byte follows a page that faults, padding holds canaries
    aligned ///< the same, rows beginning at multiples of 64 bytes
};

/// A frame of exactly the bytes that a format's shape names, each plane in a mapping of its own between two faulting
/// pages.
class FormatFrame {
  public:
    FormatFrame(const sws::Format& format, int width, int height, Guard guard, uint8_t fill)
        : shape_(format.shape(width, height)), guard_(guard) {
        view_.planes = shape_.planes;
        for (size_t i = 0; i < planes(); ++i) {
            const sws::PlaneShape& plane = shape_.plane[i];
            // Strides of tiled planes count whole tiles, and palettes have none.
            const bool padded = guard != Guard::behind && plane.row_bytes > 4 && !is_tiled(format.name);
            const int padding = !padded ? 0 : guard == Guard::before ? 13 : 128 - plane.row_bytes % 64;
            view_.plane[i].stride = plane.row_bytes + padding;
            view_.plane[i].room = static_cast<size_t>(view_.plane[i].stride) * static_cast<size_t>(plane.rows - 1) +
                                  static_cast<size_t>(plane.row_bytes);
            view_.plane[i].data = map(view_.plane[i].room);
            for (int y = 0; y < plane.rows; ++y)
                std::memset(row(i, y), fill, static_cast<size_t>(plane.row_bytes));
        }
    }
    ~FormatFrame() {
        for (const auto& [at, size] : mappings_)
            munmap(at, size);
    }
    FormatFrame(const FormatFrame&) = delete;
    FormatFrame& operator=(const FormatFrame&) = delete;

    const sws::FrameView& view() const { return view_; }
    const sws::PictureShape& shape() const { return shape_; }
    size_t planes() const { return static_cast<size_t>(shape_.planes); }
    uint8_t* row(size_t plane, int y) const {
        return view_.plane[plane].data + static_cast<ptrdiff_t>(y) * view_.plane[plane].stride;
    }

    template <class Random>
    void randomise(Random& random) {
        for (size_t i = 0; i < planes(); ++i)
            for (int y = 0; y < shape_.plane[i].rows; ++y)
                for (int x = 0; x < shape_.plane[i].row_bytes; ++x)
                    row(i, y)[x] = static_cast<uint8_t>(random());
    }

    /// Bytes between the rows that were changed.
    size_t damaged() const {
        size_t bad = 0;
        for (size_t i = 0; i < planes(); ++i) {
            const auto stride = static_cast<size_t>(view_.plane[i].stride);
            for (size_t n = 0; n < view_.plane[i].room; ++n)
                bad += n % stride >= static_cast<size_t>(shape_.plane[i].row_bytes) && view_.plane[i].data[n] != canary;
        }
        return bad;
    }

  private:
    static constexpr uint8_t canary = 0xA5;

    static bool is_tiled(const std::string& name) {
        for (const char* part : {"_64Z32", "_4L4", "_32L32", "_16L32S", "_8L128", "MT2110"})
            if (name.find(part) != std::string::npos) return true;
        return false;
    }

    uint8_t* map(size_t size) {
        const auto page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
        const size_t usable = (size + page - 1) / page * page;
        void* mapping = mmap(nullptr, usable + 2 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (mapping == MAP_FAILED) throw std::bad_alloc();
        mappings_.emplace_back(mapping, usable + 2 * page);
        auto* begin = static_cast<uint8_t*>(mapping) + page;
        mprotect(begin, usable, PROT_READ | PROT_WRITE);
        std::memset(begin, canary, usable);
        return guard_ == Guard::behind ? begin + usable - size : begin;
    }

    sws::PictureShape shape_;
    Guard guard_;
    sws::FrameView view_;
    std::vector<std::pair<void*, size_t>> mappings_;
};

/// The samples of a picture, a plane for each component, in the components' own grids.
struct Samples {
    std::array<std::vector<std::vector<uint16_t>>, 4> row; ///< [component][row][column]

    Samples(const sws::Format& format, int width, int height) {
        for (int c = 0; c < format.components; ++c)
            row[static_cast<size_t>(c)].assign(static_cast<size_t>(format.rows(c, height)),
                                               std::vector<uint16_t>(static_cast<size_t>(format.columns(c, width))));
    }
    bool operator==(const Samples&) const = default;

    template <class Random>
    void randomise(const sws::Format& format, Random& random) {
        for (size_t c = 0; c < 4; ++c)
            for (auto& line : row[c])
                for (uint16_t& sample : line)
                    sample = static_cast<uint16_t>(random() & ((1u << format.depth[c]) - 1));
    }
};

/// All samples of a frame, a component after the other or a row after the other.
inline Samples read_all(const sws::Format& format, const sws::FrameView& view, int width, int height,
                        bool by_component) {
    Samples out(format, width, height);
    const auto codec = format.codec(width, height);
    codec->begin(view);
    if (by_component) {
        for (int c = 0; c < format.components; ++c)
            for (int y = 0; y < format.rows(c, height); ++y)
                codec->read(c, y, out.row[static_cast<size_t>(c)][static_cast<size_t>(y)].data());
        return out;
    }
    for (int y = 0; y < height; ++y)
        for (int c = 0; c < format.components; ++c)
            if (y < format.rows(c, height))
                codec->read(c, y, out.row[static_cast<size_t>(c)][static_cast<size_t>(y)].data());
    return out;
}

inline void write_all(const sws::Format& format, const sws::FrameView& view, const Samples& samples, int width,
                      int height) {
    const auto codec = format.codec(width, height);
    codec->begin(view);
    for (int y = 0; y < height; ++y) {
        const uint16_t* line[4] = {};
        for (int c = 0; c < format.components; ++c) {
            const int log2 = format.is_chroma(c) ? format.log2_chroma_h : 0;
            if (y % (1 << log2) == 0)
                line[c] = samples.row[static_cast<size_t>(c)][static_cast<size_t>(y >> log2)].data();
        }
        codec->write(y, line);
    }
}

} // namespace onair::test

// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/converter.hpp"
#include "engine/format_table.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <new>
#include <string>
#include <string_view>
#include <sys/mman.h>
#include <unistd.h>
#include <utility>

extern "C" {
#include <libavutil/pixdesc.h>
}

/// Frames for tests: each in a mapping whose last byte is followed by a page that faults, with canaries in every byte
/// that is not the picture's. libswscale is not compiled with a sanitizer, so a page is what catches it.
namespace onair::test {

enum class Layout {
    gstreamer, ///< as GStreamer allocates by default: strides rounded up to 4, planes one after another, no tail
    tight,     ///< no padding at all
    safe_in,   ///< the least that sws::is_safe accepts for reading, each plane with its own faulting page behind it
    safe_out,  ///< the same for writing
};

class GuardedFrame {
  public:
    GuardedFrame(AVPixelFormat format, int width, int height, Layout layout)
        : shape_(sws::shape_of(format, width, height)) {
        // An odd row of two pixels that share their chroma ends with a luma sample that is no pixel.
        if (width % 2 == 1 && format == AV_PIX_FMT_UYVY422) beside_ = 1;
        if (width % 2 == 1 && format == AV_PIX_FMT_YUYV422) beside_ = 2;
        view_.planes = shape_.planes;
        const bool apart = layout == Layout::safe_in || layout == Layout::safe_out;
        size_t total = 0;
        std::array<size_t, 4> at{};
        for (size_t i = 0; i < planes(); ++i) {
            const sws::PlaneShape& plane = shape_.plane[i];
            const int align = apart ? sws::safe_alignment : layout == Layout::gstreamer ? 4 : 1;
            const int tail = layout == Layout::safe_in ? sws::safe_tail : layout == Layout::safe_out ? plane.tail : 0;
            const int bytes = plane.row_bytes + (layout == Layout::safe_out ? plane.slack : 0);
            view_.plane[i].stride = (bytes + align - 1) / align * align;
            view_.plane[i].room = static_cast<size_t>(view_.plane[i].stride) * static_cast<size_t>(plane.rows) +
                                  static_cast<size_t>(tail);
            at[i] = total;
            total += view_.plane[i].room;
            if (apart) view_.plane[i].data = map(view_.plane[i].room);
        }
        if (apart) return;
        uint8_t* base = map(total);
        for (size_t i = 0; i < planes(); ++i)
            view_.plane[i].data = base + at[i];
    }
    ~GuardedFrame() {
        for (size_t i = 0; i < used_; ++i)
            munmap(mappings_[i].first, mappings_[i].second);
    }
    GuardedFrame(const GuardedFrame&) = delete;
    GuardedFrame& operator=(const GuardedFrame&) = delete;

    const sws::FrameView& view() const { return view_; }
    size_t planes() const { return static_cast<size_t>(shape_.planes); }
    const sws::PictureShape& shape() const { return shape_; }
    uint8_t* row(size_t plane, int y) const {
        return view_.plane[plane].data + static_cast<ptrdiff_t>(y) * view_.plane[plane].stride;
    }

    /// A picture without meaning, the same for every layout.
    void fill() {
        for (size_t i = 0; i < planes(); ++i)
            for (int y = 0; y < shape_.plane[i].rows; ++y)
                for (int x = 0; x < shape_.plane[i].row_bytes; ++x)
                    row(i, y)[x] = static_cast<uint8_t>(x * 3 + y * 5 + static_cast<int>(i) * 31);
    }

    /// Sets the bytes that are not the picture's.
    void pad(uint8_t value) {
        for (size_t i = 0; i < planes(); ++i) {
            const size_t stride = static_cast<size_t>(view_.plane[i].stride);
            for (size_t n = 0; n < view_.plane[i].room; ++n)
                if (!is_picture(i, n, stride)) view_.plane[i].data[n] = value;
        }
        if (beside_ == 0) return;
        for (int y = 0; y < shape_.plane[0].rows; ++y)
            row(0, y)[shape_.plane[0].row_bytes - beside_] = value;
    }

    /// Bytes that are not the picture's and were changed.
    size_t damaged() const {
        size_t bad = 0;
        for (size_t i = 0; i < planes(); ++i) {
            const uint8_t* begin = view_.plane[i].data;
            for (size_t n = 0; n < view_.plane[i].room; ++n) {
                const size_t stride = static_cast<size_t>(view_.plane[i].stride);
                bad += !is_picture(i, n, stride) && begin[n] != canary;
            }
        }
        return bad;
    }

    bool same_picture(const GuardedFrame& other) const {
        for (size_t i = 0; i < planes(); ++i)
            for (int y = 0; y < shape_.plane[i].rows; ++y)
                if (std::memcmp(row(i, y), other.row(i, y), static_cast<size_t>(shape_.plane[i].row_bytes)) != 0)
                    return false;
        return true;
    }

  private:
    static constexpr uint8_t canary = 0xA5;

    bool is_picture(size_t plane, size_t n, size_t stride) const {
        return n / stride < static_cast<size_t>(shape_.plane[plane].rows) &&
               n % stride < static_cast<size_t>(shape_.plane[plane].row_bytes);
    }

    /// `size` bytes that end where a faulting page begins.
    uint8_t* map(size_t size) {
        const size_t page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
        const size_t usable = (size + page - 1) / page * page;
        void* mapping = mmap(nullptr, usable + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (mapping == MAP_FAILED) throw std::bad_alloc();
        auto* begin = static_cast<uint8_t*>(mapping);
        mprotect(begin + usable, page, PROT_NONE);
        std::memset(begin, canary, usable);
        mappings_[used_++] = {mapping, usable + page};
        return begin + usable - size;
    }

    sws::PictureShape shape_;
    sws::FrameView view_;
    int beside_ = 0; ///< position from the end of a row
    std::array<std::pair<void*, size_t>, 4> mappings_{};
    size_t used_ = 0;
};

/// The engine's format of FFmpeg's name; null when there is none.
inline sws::FormatPtr format(AVPixelFormat av) {
    for (const std::string_view name : sws::known_formats())
        if (const auto found = sws::make_format(name); found && found->av == av) return found;
    return nullptr;
}

/// One side of a request: YUV as HD video has it, RGB and grey in full range.
inline sws::Side side(sws::FormatPtr format, int width, int height) {
    sws::Side s;
    s.colour.full_range = format->model != sws::ColourModel::yuv;
    s.format = std::move(format);
    s.width = width;
    s.height = height;
    s.site.horizontal = 0;
    return s;
}
inline sws::Side side(AVPixelFormat av, int width, int height) { return side(format(av), width, height); }

inline sws::Request request(const sws::Side& in, const sws::Side& out, unsigned threads = 1) {
    sws::Request r;
    r.in = in;
    r.out = out;
    r.placement = {{0, 0, out.width, out.height}, out.width, out.height};
    r.quality.dither = sws::Dither::none;
    r.threads = threads;
    return r;
}
inline sws::Request by_swscale(sws::Request r) {
    r.engine = sws::Engine::swscale;
    return r;
}

inline void convert(sws::Converter& converter, const sws::FrameView& src, const sws::FrameView& dst) {
    sws::ThreadPool pool(converter.request().threads);
    converter.convert(src, dst, pool);
}
inline void convert(const sws::Request& r, const sws::FrameView& src, const sws::FrameView& dst) {
    sws::Converter converter(r);
    convert(converter, src, dst);
}

/// Rows that went through a frame of our own, in and out.
inline std::pair<uint64_t, uint64_t> bounced(const sws::Converter& converter) {
    std::pair<uint64_t, uint64_t> sum;
    for (const auto& stage : converter.stages()) {
        sum.first += stage.bounced_in;
        sum.second += stage.bounced_out;
    }
    return sum;
}

} // namespace onair::test

// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/fast/rgb_rows.hpp"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/fast/rgb_rows.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace onair::sws::fast::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;
using D8 = hn::ScalableTag<uint8_t>;

void UnpackRgb(int bytes, const uint8_t* in, const Taken& out, size_t count) {
    const size_t step = static_cast<size_t>(bytes);
    size_t x = 0;
    const D8 d;
    const auto put = [&](hn::Vec<D8> v, size_t component) {
        if (out[component]) hn::StoreU(v, d, out[component] + x);
    };
    for (const size_t n = hn::Lanes(d); n <= count && x < count; x += n) {
        x = std::min(x, count - n); // the last ends with the row
        hn::Vec<D8> a, b, c, e;
        if (bytes == 4) {
            hn::LoadInterleaved4(d, in + 4 * x, a, b, c, e);
            put(e, 3);
        } else {
            hn::LoadInterleaved3(d, in + 3 * x, a, b, c);
        }
        put(a, 0);
        put(b, 1);
        put(c, 2);
    }
    for (; x < count; ++x)
        for (size_t i = 0; i < step; ++i)
            if (out[i]) out[i][x] = in[step * x + i];
}

void PackRgb(int bytes, const Given& in, uint8_t* out, size_t count) {
    const size_t step = static_cast<size_t>(bytes);
    size_t x = 0;
    const D8 d;
    const auto get = [&](size_t component) {
        return in[component] ? hn::LoadU(d, in[component] + x) : hn::Set(d, uint8_t{255});
    };
    for (const size_t n = hn::Lanes(d); n <= count && x < count; x += n) {
        x = std::min(x, count - n); // the last ends with the row
        if (bytes == 4)
            hn::StoreInterleaved4(get(0), get(1), get(2), get(3), d, out + 4 * x);
        else
            hn::StoreInterleaved3(get(0), get(1), get(2), d, out + 3 * x);
    }
    for (; x < count; ++x)
        for (size_t i = 0; i < step; ++i)
            out[step * x + i] = in[i] ? in[i][x] : uint8_t{255};
}

void StreamRgb(int bytes, const Given& in, uint8_t* out, size_t count) {
    const auto from = [&](size_t x) {
        Given rest = in;
        for (const uint8_t*& row : rest)
            if (row) row += x;
        return rest;
    };
    const size_t step = static_cast<size_t>(bytes);
    size_t x = 0;
    const D8 d;
    const size_t n = hn::Lanes(d);
    const auto misfit = [&](size_t pixels) { return (reinterpret_cast<uintptr_t>(out) + step * pixels) % n; };
    while (x < n && misfit(x) != 0)
        ++x;
    if (x == n || x >= count) return PackRgb(bytes, in, out, count); // no pixel begins where a vector may
    PackRgb(bytes, in, out, x);
    alignas(64) uint8_t packed[4 * 64];
    for (; x + n <= count; x += n) {
        PackRgb(bytes, from(x), packed, n);
        for (size_t i = 0; i < step; ++i)
            hn::Stream(hn::Load(d, packed + i * n), d, out + step * x + i * n);
    }
    PackRgb(bytes, from(x), out + step * x, count - x);
}

} // namespace
} // namespace onair::sws::fast::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace onair::sws::fast {

HWY_EXPORT(UnpackRgb);
HWY_EXPORT(PackRgb);
HWY_EXPORT(StreamRgb);

void unpack_rgb(int bytes, const uint8_t* in, const Taken& out, size_t count) {
    HWY_DYNAMIC_DISPATCH(UnpackRgb)(bytes, in, out, count);
}
void pack_rgb(int bytes, const Given& in, uint8_t* out, size_t count) {
    HWY_DYNAMIC_DISPATCH(PackRgb)(bytes, in, out, count);
}
void stream_rgb(int bytes, const Given& in, uint8_t* out, size_t count) {
    HWY_DYNAMIC_DISPATCH(StreamRgb)(bytes, in, out, count);
}

} // namespace onair::sws::fast
#endif

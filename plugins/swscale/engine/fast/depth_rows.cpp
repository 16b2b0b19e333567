// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/fast/rows.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/fast/depth_rows.cpp"
#include "hwy/foreach_target.h"

#include "engine/fast/rows-inl.hpp"
#include "hwy/cache_control.h"
#include "hwy/highway.h"

#include <cstring>

HWY_BEFORE_NAMESPACE();
namespace onair::sws::fast::HWY_NAMESPACE {

using namespace hwy::HWY_NAMESPACE;

void Change16(const uint16_t* HWY_RESTRICT in, uint16_t* HWY_RESTRICT out, size_t count, const Depth& depth,
              const Pattern& add, Stores stores) {
    const D16 d;
    const DepthVectors p(depth);
    const size_t n = Lanes(d);
    ForRow(
        stores, count, n,
        [&](size_t x, auto store) HWY_ATTR { store(p(LoadU(d, in + x), LoadU(d, add.data() + x % 32)), d, out + x); },
        [&](size_t x) { out[x] = change_one(in[x], depth, add, x); });
}

void Change16To8(const uint16_t* HWY_RESTRICT in, uint8_t* HWY_RESTRICT out, size_t count, const Depth& depth,
                 const Pattern& add, Stores stores) {
    const D16 d;
    const D8 d8;
    const DepthVectors p(depth);
    const size_t n = Lanes(d);
    ForRow(
        stores, count, 2 * n,
        [&](size_t x, auto store) HWY_ATTR {
            const auto lower = p(LoadU(d, in + x), LoadU(d, add.data() + x % 32));
            const auto upper = p(LoadU(d, in + x + n), LoadU(d, add.data() + (x + n) % 32));
            store(ConcatEven(d8, BitCast(d8, upper), BitCast(d8, lower)), d8, out + x);
        },
        [&](size_t x) { out[x] = static_cast<uint8_t>(change_one(in[x], depth, add, x)); });
}

void Widen(const uint8_t* HWY_RESTRICT in, uint16_t* HWY_RESTRICT out, size_t count, int left) {
    const D16 d;
    const Rebind<uint8_t, D16> half;
    const auto by = Set(d, static_cast<uint16_t>(1 << left));
    ForRow(
        count, Lanes(d), [&](size_t x) HWY_ATTR { StoreU(Mul(PromoteTo(d, LoadU(half, in + x)), by), d, out + x); },
        [&](size_t x) { out[x] = static_cast<uint16_t>(in[x] << left); });
}

void StreamBytes(const uint8_t* HWY_RESTRICT in, uint8_t* HWY_RESTRICT out, size_t bytes) {
    const D8 d;
    const size_t n = Lanes(d), ahead = (n - reinterpret_cast<uintptr_t>(out) % n) % n;
    if (bytes < ahead + n) {
        std::memcpy(out, in, bytes);
        return;
    }
    std::memcpy(out, in, ahead);
    size_t x = ahead;
    for (; x + n <= bytes; x += n)
        Stream(LoadU(d, in + x), d, out + x);
    std::memcpy(out + x, in + x, bytes - x);
}

} // namespace onair::sws::fast::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace onair::sws::fast {

HWY_EXPORT(Change16);
HWY_EXPORT(Change16To8);
HWY_EXPORT(Widen);
HWY_EXPORT(StreamBytes);

void change(const uint16_t* in, uint16_t* out, size_t count, const Depth& depth, const Pattern& add, Stores stores) {
    HWY_DYNAMIC_DISPATCH(Change16)(in, out, count, depth, add, stores);
}
void change(const uint16_t* in, uint8_t* out, size_t count, const Depth& depth, const Pattern& add, Stores stores) {
    HWY_DYNAMIC_DISPATCH(Change16To8)(in, out, count, depth, add, stores);
}
void widen(const uint8_t* in, uint16_t* out, size_t count, int left) {
    HWY_DYNAMIC_DISPATCH(Widen)(in, out, count, left);
}
void stream(const uint8_t* in, uint8_t* out, size_t bytes) { HWY_DYNAMIC_DISPATCH(StreamBytes)(in, out, bytes); }
void finish_streams() { hwy::FlushStream(); }

} // namespace onair::sws::fast
#endif

// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/fast/matrix_rows.hpp"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/fast/matrix_rows.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "engine/fast/words-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace onair::sws::fast::HWY_NAMESPACE {
namespace {

void store(D16 d, V16 v, uint8_t* at, V16, V16) {
    const hn::Rebind<uint8_t, D16> d8;
    (void)d;
    hn::StoreU(hn::DemoteTo(d8, v), d8, at);
}
void store(D16 d, V16 v, int16_t* at, V16 low, V16 high) { hn::StoreU(hn::Min(hn::Max(v, low), high), d, at); }

int to_word(int v) { return std::clamp(v, -32768, 32767); }

template <class T>
const T* samples(const InRow& row) {
    return static_cast<const T*>(row.at);
}

V16 load(D16 d, const uint8_t* at) { return hn::PromoteTo(d, hn::LoadU(hn::Rebind<uint8_t, D16>(), at)); }
V16 load(D16 d, const int16_t* at) { return hn::LoadU(d, at); }

template <class First, class Others, bool four, size_t outputs, class Out>
void words(const WordMatrix& m, const InRow* rows, const OutRow* out_rows, const MixRounding& rounding, size_t count) {
    const First* in0 = samples<First>(rows[0]);
    const Others *in1 = samples<Others>(rows[1]), *in2 = samples<Others>(rows[2]);
    const Others* in3 = four ? samples<Others>(rows[3]) : nullptr;
    Out* out[outputs];
    for (size_t i = 0; i < outputs; ++i)
        out[i] = static_cast<Out*>(out_rows[i].at);
    size_t x = 0;
    const D16 d;
    const V16 low = hn::Set(d, m.low), high = hn::Set(d, m.high);
    V16 ab[outputs], cd[outputs];
    V32 add[outputs];
    for (size_t i = 0; i < outputs; ++i) {
        ab[i] = pair(m.factor[i][0], m.factor[i][1]);
        cd[i] = pair(m.factor[i][2], m.factor[i][3]);
        add[i] = hn::Set(D32(), m.add[i]);
    }
    for (const size_t n = hn::Lanes(d); n <= count && x < count; x += n) {
        x = std::min(x, count - n); // the last ends with the row
        const V16 a = hn::ShiftLeftSame(load(d, in0 + x), m.first_shift), b = load(d, in1 + x), c = load(d, in2 + x);
        V16 e = hn::Zero(d);
        if constexpr (four) e = load(d, in3 + x);
        const V16 ab_low = hn::InterleaveLower(d, a, b), ab_high = hn::InterleaveUpper(d, a, b);
        const V16 cd_low = hn::InterleaveLower(d, c, e), cd_high = hn::InterleaveUpper(d, c, e);
        const V16 half = hn::LoadU(d, &rounding.words[x % 16]);
        for (size_t i = 0; i < outputs; ++i) {
            const V32 first = hn::ShiftRightSame(dot(ab_low, cd_low, ab[i], cd[i], add[i]), m.shift[i]);
            const V32 second = hn::ShiftRightSame(dot(ab_high, cd_high, ab[i], cd[i], add[i]), m.shift[i]);
            const V16 v = hn::SaturatedAdd(hn::ReorderDemote2To(d, first, second), half);
            store(d, hn::ShiftRightSame(v, m.guard), out[i] + x, low, high);
        }
    }
    for (; x < count; ++x)
        for (size_t i = 0; i < outputs; ++i) {
            int sum = m.factor[i][0] * (in0[x] << m.first_shift) + m.factor[i][1] * in1[x] + m.factor[i][2] * in2[x];
            if constexpr (four) sum += m.factor[i][3] * in3[x];
            const int v = to_word(to_word((sum + m.add[i]) >> m.shift[i]) + rounding.words[x % 16]) >> m.guard;
            const bool bytes = sizeof(Out) == 1;
            out[i][x] = static_cast<Out>(std::clamp<int>(v, bytes ? 0 : m.low, bytes ? 255 : m.high));
        }
}

template <class First, class Others, class Out>
void words_to(const WordMatrix& m, const InRow* in, const OutRow* out, const MixRounding& rounding, size_t count) {
    if (m.outputs == 1) return words<First, Others, false, 1, Out>(m, in, out, rounding, count);
    if (m.outputs == 2) return words<First, Others, false, 2, Out>(m, in, out, rounding, count);
    words<First, Others, false, 3, Out>(m, in, out, rounding, count);
}

template <class Out>
void words_from(const WordMatrix& m, const InRow* in, const OutRow* out, const MixRounding& rounding, size_t count) {
    if (m.inputs == 4) return words<int16_t, int16_t, true, 1, Out>(m, in, out, rounding, count);
    if (!in[0].wide && !in[1].wide) return words_to<uint8_t, uint8_t, Out>(m, in, out, rounding, count);
    if (!in[0].wide) return words_to<uint8_t, int16_t, Out>(m, in, out, rounding, count);
    words_to<int16_t, int16_t, Out>(m, in, out, rounding, count);
}

void MixWords(const WordMatrix& m, const InRow* in, const OutRow* out, const MixRounding& rounding, size_t count) {
    if (out[0].wide) return words_from<int16_t>(m, in, out, rounding, count);
    words_from<uint8_t>(m, in, out, rounding, count);
}

using DF = hn::Repartition<float, D16>;
using VF = hn::Vec<DF>;
VF load_floats(const uint8_t* at) {
    return hn::ConvertTo(DF(), hn::PromoteTo(D32(), hn::LoadU(hn::Rebind<uint8_t, D32>(), at)));
}
VF load_floats(const int16_t* at) {
    return hn::ConvertTo(DF(), hn::PromoteTo(D32(), hn::LoadU(hn::Rebind<int16_t, D32>(), at)));
}

/// Keeps floor() a cut towards zero.
constexpr float lift = 32768;

template <class First, class Others, class Out>
void floats(const FloatMatrix& m, const InRow* rows, const OutRow* out_rows, const MixRounding& rounding,
            size_t count) {
    const First* in0 = samples<First>(rows[0]);
    const Others *in1 = samples<Others>(rows[1]), *in2 = samples<Others>(rows[2]);
    for (size_t i = 0; i < static_cast<size_t>(m.outputs); ++i) {
        Out* out = static_cast<Out*>(out_rows[i].at);
        const auto& f = m.factor[i];
        size_t x = 0;
        const DF d;
        const VF a = hn::Set(d, f[0]), b = hn::Set(d, f[1]), c = hn::Set(d, f[2]), add = hn::Set(d, m.add[i] + lift);
        const VF low = hn::Set(d, m.low + lift), high = hn::Set(d, m.high + lift);
        for (const size_t n = hn::Lanes(d); n <= count && x < count; x += n) {
            x = std::min(x, count - n); // the last ends with the row
            VF sum = hn::Add(hn::Mul(a, load_floats(in0 + x)), hn::Mul(b, load_floats(in1 + x)));
            sum = hn::Add(sum, hn::Mul(c, load_floats(in2 + x)));
            sum = hn::Add(sum, hn::Add(hn::LoadU(d, &rounding.floats[x % 16]), add));
            const auto whole = hn::ConvertTo(D32(), hn::Min(hn::Max(sum, low), high));
            const hn::Rebind<Out, D32> narrow;
            const V32 value = hn::Sub(whole, hn::Set(D32(), static_cast<int32_t>(lift)));
            hn::StoreU(hn::DemoteTo(narrow, value), narrow, out + x);
        }
        for (; x < count; ++x) {
            float sum = f[0] * static_cast<float>(in0[x]) + f[1] * static_cast<float>(in1[x]);
            sum = sum + f[2] * static_cast<float>(in2[x]);
            sum = sum + (rounding.floats[x % 16] + (m.add[i] + lift));
            out[x] = static_cast<Out>(static_cast<int>(std::clamp(sum, m.low + lift, m.high + lift)) -
                                      static_cast<int>(lift));
        }
    }
}

template <class Out>
void floats_from(const FloatMatrix& m, const InRow* in, const OutRow* out, const MixRounding& rounding, size_t count) {
    if (!in[0].wide && !in[1].wide) return floats<uint8_t, uint8_t, Out>(m, in, out, rounding, count);
    if (!in[0].wide) return floats<uint8_t, int16_t, Out>(m, in, out, rounding, count);
    floats<int16_t, int16_t, Out>(m, in, out, rounding, count);
}

void MixFloats(const FloatMatrix& m, const InRow* in, const OutRow* out, const MixRounding& rounding, size_t count) {
    if (out[0].wide) return floats_from<int16_t>(m, in, out, rounding, count);
    floats_from<uint8_t>(m, in, out, rounding, count);
}

} // namespace
} // namespace onair::sws::fast::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace onair::sws::fast {

HWY_EXPORT(MixWords);
HWY_EXPORT(MixFloats);

void mix_words(const WordMatrix& m, const InRow* in, const OutRow* out, const MixRounding& rounding, size_t count) {
    HWY_DYNAMIC_DISPATCH(MixWords)(m, in, out, rounding, count);
}
void mix_floats(const FloatMatrix& m, const InRow* in, const OutRow* out, const MixRounding& rounding, size_t count) {
    HWY_DYNAMIC_DISPATCH(MixFloats)(m, in, out, rounding, count);
}

} // namespace onair::sws::fast
#endif

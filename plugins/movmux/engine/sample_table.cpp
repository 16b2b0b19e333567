// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/sample_table.hpp"

#include <algorithm>

namespace onair::mov {

namespace {

void write_descriptions(BoxWriter& w, const std::vector<std::vector<uint8_t>>& descriptions) {
    w.full_box("stsd", 0, 0, [&] {
        w.u32(descriptions.size());
        for (const auto& entry : descriptions)
            w.bytes(entry);
    });
}

void write_durations(BoxWriter& w, const SampleIndex& index) {
    w.full_box("stts", 0, 0, [&] {
        w.u32(index.durations().size());
        for (const auto& run : index.durations()) {
            w.u32(run.count);
            w.u32(run.value);
        }
    });
}

void write_keys(BoxWriter& w, const SampleIndex& index) {
    if (index.keys().empty() || (index.keys().uniform() && index.keys().begin()->value)) return;
    w.full_box("stss", 0, 0, [&] {
        const size_t count_at = w.size();
        w.u32(0);
        uint64_t number = 1;
        uint32_t keys = 0;
        for (const auto& run : index.keys()) {
            for (uint64_t i = 0; run.value && i < run.count; ++i, ++keys)
                w.u32(number + i);
            number += run.count;
        }
        w.patch_u32(count_at, keys);
    });
}

void write_compositions(BoxWriter& w, const SampleIndex& index) {
    const auto& runs = index.compositions();
    if (runs.empty()) return;
    const bool negative = std::any_of(runs.begin(), runs.end(), [](const auto& run) { return run.value < 0; });
    w.full_box("ctts", negative, 0, [&] {
        w.u32(runs.size());
        for (const auto& run : runs) {
            w.u32(run.count);
            w.i32(run.value);
        }
    });
}

void write_chunk_kinds(BoxWriter& w, const SampleIndex& index) {
    w.full_box("stsc", 0, 0, [&] {
        const auto kinds = index.chunk_kinds();
        w.u32(kinds.size());
        uint64_t first = 1;
        for (const auto& run : kinds) {
            w.u32(first);
            w.u32(run.value.samples);
            w.u32(run.value.description);
            first += run.count;
        }
    });
}

void write_sizes(BoxWriter& w, const SampleIndex& index) {
    w.full_box("stsz", 0, 0, [&] {
        const auto common = index.common_size();
        w.u32(index.empty() ? 0 : common.value_or(0));
        w.u32(index.samples());
        for (uint64_t i = 0; !common && i < index.samples(); ++i)
            w.u32(index.size_of(i));
    });
}

void write_positions(BoxWriter& w, const SampleIndex& index, uint64_t shift) {
    const auto& chunks = index.chunks();
    const bool large = !chunks.empty() && *std::max_element(chunks.begin(), chunks.end()) + shift > UINT32_MAX;
    w.full_box(large ? "co64" : "stco", 0, 0, [&] {
        w.u32(chunks.size());
        for (const uint64_t position : chunks)
            w.sized(large, position + shift);
    });
}

} // namespace

void write_sample_table(BoxWriter& w, const std::vector<std::vector<uint8_t>>& descriptions, const SampleIndex& index,
                        uint64_t shift) {
    w.box("stbl", [&] {
        write_descriptions(w, descriptions);
        write_durations(w, index);
        write_keys(w, index);
        write_compositions(w, index);
        write_chunk_kinds(w, index);
        write_sizes(w, index);
        write_positions(w, index, shift);
    });
}

} // namespace onair::mov

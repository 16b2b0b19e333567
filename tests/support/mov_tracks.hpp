// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/box_reader.hpp"

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// The tracks of a movie, to compare files that differ in where the media lie.
namespace onair::test {

/// Everything that a track's box says but where its samples lie, and the samples' bytes.
struct TrackContent {
    std::vector<uint8_t> boxes; ///< types and contents of all boxes but stsc, stco and co64
    std::vector<uint32_t> descriptions;
    std::vector<std::vector<uint8_t>> samples; ///< of PCM in one piece
};

inline void flatten(const mov::Box& box, std::vector<uint8_t>& out) {
    for (const std::string_view skipped : {"stsc", "stco", "co64"})
        if (box.type == skipped) return;
    out.insert(out.end(), box.type.begin(), box.type.end());
    const bool holder = !box.children.empty() && box.type != "stsd";
    if (!holder) out.insert(out.end(), box.content().begin(), box.content().end());
    for (const mov::Box& child : box.children)
        if (holder) flatten(child, out);
}

/// Samples in each chunk and their description, from stsc.
inline std::vector<std::pair<uint32_t, uint32_t>> chunk_kinds(const mov::Box& table, size_t chunks) {
    mov::Fields stsc(*table.child("stsc"));
    stsc.skip(4);
    std::vector<std::pair<uint32_t, uint32_t>> kinds(chunks);
    for (uint32_t rows = stsc.u32(); rows > 0; --rows) {
        const uint32_t first = stsc.u32(), samples = stsc.u32(), description = stsc.u32();
        std::fill(kinds.begin() + (first - 1), kinds.end(), std::pair(samples, description));
    }
    return kinds;
}

inline std::vector<uint64_t> chunk_positions(const mov::Box& table) {
    const mov::Box* large = table.child("co64");
    mov::Fields fields(large ? *large : *table.child("stco"));
    fields.skip(4);
    std::vector<uint64_t> positions(fields.u32());
    for (uint64_t& position : positions)
        position = fields.sized(large != nullptr);
    return positions;
}

inline TrackContent track_content(std::span<const uint8_t> file, const mov::Box& trak) {
    TrackContent out;
    flatten(trak, out.boxes);
    const mov::Box& table = *trak.find("mdia/minf/stbl");
    const std::vector<uint64_t> positions = chunk_positions(table);
    const auto kinds = chunk_kinds(table, positions.size());
    mov::Fields stsz(*table.child("stsz"));
    stsz.skip(4);
    const uint32_t common = stsz.u32();
    stsz.skip(4);
    const bool is_sound = common > 4 || (common && std::any_of(kinds.begin(), kinds.end(),
                                                               [](const auto& kind) { return kind.first > 100; }));
    std::vector<uint8_t> sound;
    for (size_t chunk = 0; chunk < positions.size(); ++chunk) {
        uint64_t at = positions[chunk];
        if (is_sound) { // PCM: as many samples as the chunk has, at once
            const auto bytes = file.subspan(at, uint64_t{common} * kinds[chunk].first);
            sound.insert(sound.end(), bytes.begin(), bytes.end());
            continue;
        }
        for (uint32_t i = 0; i < kinds[chunk].first; ++i) {
            const uint32_t size = common ? common : stsz.u32();
            const auto bytes = file.subspan(at, size);
            out.samples.emplace_back(bytes.begin(), bytes.end());
            out.descriptions.push_back(kinds[chunk].second);
            at += size;
        }
    }
    if (!sound.empty()) out.samples.push_back(std::move(sound));
    return out;
}

/// Of the outermost movie box, in order. Throws Error for what is no movie.
inline std::vector<TrackContent> movie_content(std::span<const uint8_t> file) {
    std::vector<TrackContent> out;
    for (const mov::Box& box : mov::parse_boxes(file)) {
        if (box.type != "moov") continue;
        for (const mov::Box* trak : box.all("trak"))
            out.push_back(track_content(file, *trak));
    }
    return out;
}

} // namespace onair::test

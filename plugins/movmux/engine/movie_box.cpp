// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/movie_box.hpp"

#include <algorithm>
#include <optional>
#include <string_view>

namespace onair::mov {

namespace {

using Bytes = std::span<const uint8_t>;

// QuickTime File Format, "Atoms": size (32 bits, big endian, with the header), type, content.
constexpr size_t header = 8;

uint32_t u32(Bytes bytes, size_t at) {
    return static_cast<uint32_t>(bytes[at]) << 24 | static_cast<uint32_t>(bytes[at + 1]) << 16 |
           static_cast<uint32_t>(bytes[at + 2]) << 8 | bytes[at + 3];
}

void put_u32(uint8_t* at, uint32_t value) {
    for (int i = 0; i < 4; ++i)
        at[i] = static_cast<uint8_t>(value >> (24 - 8 * i));
}

std::string_view type_of(Bytes box) { return {reinterpret_cast<const char*>(box.data()) + 4, 4}; }

/// The boxes in `content`, header included. Stops at what is none.
std::vector<Bytes> boxes(Bytes content) {
    std::vector<Bytes> found;
    while (content.size() >= header) {
        const uint32_t size = u32(content, 0);
        if (size < header || size > content.size()) break;
        found.push_back(content.first(size));
        content = content.subspan(size);
    }
    return found;
}

/// The first box along `path` inside `box`; empty when there is none.
Bytes find(Bytes box, std::initializer_list<std::string_view> path) {
    for (const std::string_view type : path) {
        const auto children = boxes(box.subspan(header));
        const auto at = std::find_if(children.begin(), children.end(), [&](Bytes b) { return type_of(b) == type; });
        if (at == children.end()) return {};
        box = *at;
    }
    return box;
}

// Offsets from the start of a box, version 0 (Movie, track and edit list atoms of the same document).
constexpr size_t tkhd_id = 20, tkhd_duration = 28, hdlr_subtype = 16;
constexpr size_t elst_count = 12, elst_entries = 16, elst_entry = 12, elst_media_time = 4;
constexpr size_t stsd_first = 16, tmcd_flags = 20; // stsd's first entry; flags inside it: 8 + 8 + 4 reserved
constexpr uint8_t wraps_after_24_hours = 2;

bool is_timecode(Bytes trak) {
    const Bytes hdlr = find(trak, {"mdia", "hdlr"});
    return hdlr.size() >= hdlr_subtype + 4 &&
           std::string_view(reinterpret_cast<const char*>(hdlr.data()) + hdlr_subtype, 4) == "tmcd";
}

bool refers_to(Bytes trak, uint32_t id) {
    const Bytes reference = find(trak, {"tref", "tmcd"});
    for (size_t at = header; at + 4 <= reference.size(); at += 4)
        if (u32(reference, at) == id) return true;
    return false;
}

/// A tkhd of version 0; empty for any other.
Bytes track_header(Bytes trak) {
    const Bytes tkhd = find(trak, {"tkhd"});
    return tkhd.size() >= tkhd_duration + 4 && tkhd[header] == 0 ? tkhd : Bytes{};
}

/// The video's edits with media time 0 wherever the video shows something.
std::vector<uint8_t> timecode_edits(Bytes edts) {
    std::vector<uint8_t> made(edts.begin(), edts.end());
    const Bytes elst = find(edts, {"elst"});
    if (elst.size() < elst_entries || elst[header] != 0) return {};
    const size_t offset = static_cast<size_t>(elst.data() - edts.data()), count = u32(elst, elst_count);
    if (elst.size() < elst_entries + count * elst_entry) return {};
    for (size_t i = 0; i < count; ++i) {
        const size_t at = elst_entries + i * elst_entry + elst_media_time;
        if (u32(elst, at) != UINT32_MAX) put_u32(made.data() + offset + at, 0);
    }
    return made;
}

void set_flags(std::vector<uint8_t>& trak) {
    const Bytes whole(trak);
    const Bytes stsd = find(whole, {"mdia", "minf", "stbl", "stsd"});
    if (stsd.size() < stsd_first + tmcd_flags + 4 || type_of(stsd.subspan(stsd_first)) != "tmcd") return;
    const size_t at = static_cast<size_t>(stsd.data() - whole.data()) + stsd_first + tmcd_flags + 3;
    trak[at] |= wraps_after_24_hours;
}

std::vector<uint8_t> corrected_track(Bytes trak, Bytes video) {
    std::vector<uint8_t> made(trak.begin(), trak.begin() + header);
    const std::vector<uint8_t> edits = timecode_edits(find(video, {"edts"}));
    const Bytes duration = track_header(video).subspan(tkhd_duration, 4);
    for (const Bytes child : boxes(trak.subspan(header))) {
        if (type_of(child) == "edts") continue;
        made.insert(made.end(), child.begin(), child.end());
        if (type_of(child) != "tkhd") continue;
        std::copy(duration.begin(), duration.end(),
                  made.end() - static_cast<std::ptrdiff_t>(child.size()) + static_cast<std::ptrdiff_t>(tkhd_duration));
        made.insert(made.end(), edits.begin(), edits.end());
    }
    put_u32(made.data(), static_cast<uint32_t>(made.size()));
    set_flags(made);
    return made;
}

/// The track that refers to timecode track `trak`, when both have the form that is understood here.
Bytes video_of(const std::vector<Bytes>& children, Bytes trak) {
    const Bytes own = track_header(trak);
    if (own.empty()) return {};
    for (const Bytes other : children)
        if (type_of(other) == "trak" && refers_to(other, u32(own, tkhd_id)))
            return !track_header(other).empty() && !timecode_edits(find(other, {"edts"})).empty() ? other : Bytes{};
    return {};
}

} // namespace

bool is_movie_box(Bytes bytes) {
    return bytes.size() >= header && type_of(bytes) == "moov" && u32(bytes, 0) == bytes.size();
}

std::vector<uint8_t> corrected_movie_box(Bytes moov) {
    std::vector<uint8_t> made(moov.begin(), moov.begin() + header);
    const std::vector<Bytes> children = boxes(moov.subspan(header));
    for (const Bytes child : children) {
        const Bytes video = type_of(child) == "trak" && is_timecode(child) ? video_of(children, child) : Bytes{};
        const std::vector<uint8_t> corrected = video.empty() ? std::vector<uint8_t>() : corrected_track(child, video);
        const Bytes copy = video.empty() ? child : Bytes(corrected);
        made.insert(made.end(), copy.begin(), copy.end());
    }
    put_u32(made.data(), static_cast<uint32_t>(made.size()));
    return made;
}

} // namespace onair::mov

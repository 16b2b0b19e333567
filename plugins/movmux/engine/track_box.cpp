// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/track_box.hpp"

#include "engine/sample_table.hpp"

#include <algorithm>
#include <string_view>

namespace onair::mov {

namespace {

constexpr uint64_t largest_short = INT32_MAX; // some readers take the 32 bits of version 0 as signed
constexpr uint32_t one = 0x10000;             // 16.16

struct Kind {
    const char* handler;
    const char* name;
    int volume; ///< 8.8
};
constexpr Kind kinds[] = {{"vide", "Video", 0}, {"soun", "Sound", 0x100}, {"tmcd", "Timecode", 0}};

const Kind& kind_of(const TrackHeader& header) { return kinds[static_cast<size_t>(header.kind)]; }

void write_header(BoxWriter& w, const TrackHeader& header) {
    const uint8_t version = header.duration > largest_short;
    w.full_box("tkhd", version, header.enabled ? 3 : 2, [&] {
        w.sized(version, 0); // created
        w.sized(version, 0); // modified
        w.u32(header.id);
        w.u32(0);
        w.sized(version, header.duration);
        w.zeros(8);
        w.u16(0); // layer
        w.u16(0); // alternate group: all tracks play together
        w.u16(static_cast<uint64_t>(kind_of(header).volume));
        w.u16(0);
        write_matrix(w);
        w.u32(header.width);
        w.u32(header.height);
    });
}

void write_media_header(BoxWriter& w, const TrackHeader& header, uint64_t duration, Brand brand) {
    const uint8_t version = duration > largest_short;
    w.full_box("mdhd", version, 0, [&] {
        w.sized(version, 0);
        w.sized(version, 0);
        w.u32(static_cast<uint64_t>(header.timescale));
        w.sized(version, duration);
        w.u16(language_code(header.language, brand));
        w.u16(0); // quality
    });
}

/// QuickTime's names have a length byte, MP4's end with a zero.
void write_handler(BoxWriter& w, std::string_view component, std::string_view type, std::string_view name,
                   Brand brand) {
    w.full_box("hdlr", 0, 0, [&] {
        if (brand == Brand::quicktime)
            w.type(component);
        else
            w.u32(0);
        w.type(type);
        w.zeros(12);
        name = name.substr(0, 255);
        if (brand == Brand::quicktime) w.u8(name.size());
        w.text(name);
        if (brand == Brand::mp4) w.u8(0);
    });
}

void write_timecode_media_header(BoxWriter& w, Brand brand) {
    if (brand == Brand::mp4) return w.full_box("nmhd", 0, 0, [] {});
    w.box("gmhd", [&] {
        w.full_box("gmin", 0, 0, [&] {
            w.u16(0x40); // graphics mode: copy with dither
            for (int i = 0; i < 3; ++i)
                w.u16(0x8000); // operation colour
            w.u32(0);          // balance
        });
        w.box("tmcd", [&] {
            w.full_box("tcmi", 0, 0, [&] {
                constexpr std::string_view font = "Lucida Grande";
                w.u32(0);  // font and face
                w.u16(12); // size
                w.u16(0);
                for (const unsigned colour : {0x0000, 0x0000, 0x0000, 0xffff, 0xffff, 0xffff}) // text, background
                    w.u16(colour);
                w.u8(font.size());
                w.text(font);
            });
        });
    });
}

void write_media_information(BoxWriter& w, const TrackHeader& header, const SampleIndex& index, Brand brand,
                             uint64_t shift) {
    w.box("minf", [&] {
        if (header.kind == TrackKind::video) w.full_box("vmhd", 0, 1, [&] { w.zeros(8); });
        if (header.kind == TrackKind::sound) w.full_box("smhd", 0, 0, [&] { w.zeros(4); });
        if (header.kind == TrackKind::timecode) write_timecode_media_header(w, brand);
        if (brand == Brand::quicktime) write_handler(w, "dhlr", "url ", "Data", brand);
        w.box("dinf", [&] {
            w.full_box("dref", 0, 0, [&] {
                w.u32(1);
                w.full_box("url ", 0, 1, [] {}); // flag 1: the data is in this file
            });
        });
        write_sample_table(w, header.descriptions, index, shift);
    });
}

} // namespace

void write_edits(BoxWriter& w, const std::vector<TrackEdit>& edits) {
    if (edits.empty()) return;
    const bool large = std::any_of(edits.begin(), edits.end(), [](const TrackEdit& e) {
        return e.duration > largest_short || e.media_time > static_cast<int64_t>(largest_short);
    });
    w.box("edts", [&] {
        w.full_box("elst", large, 0, [&] {
            w.u32(edits.size());
            for (const TrackEdit& edit : edits) {
                w.sized(large, edit.duration);
                w.sized(large, static_cast<uint64_t>(edit.media_time));
                w.u32(one); // rate
            }
        });
    });
}

void write_matrix(BoxWriter& w) {
    for (const uint32_t value : {one, 0U, 0U, 0U, one, 0U, 0U, 0U, 0x40000000U})
        w.u32(value);
}

uint16_t language_code(const std::string& language, Brand brand) {
    constexpr uint16_t unspecified = 0x7fff, undetermined = 0x55c4;
    if (language.size() != 3) return brand == Brand::quicktime ? unspecified : undetermined;
    unsigned code = 0;
    for (const char c : language)
        code = code << 5 | (static_cast<unsigned>(c - 0x60) & 31);
    return static_cast<uint16_t>(code);
}

void write_track(BoxWriter& w, const TrackHeader& header, const SampleIndex& index, Brand brand, uint64_t shift) {
    const std::string name = header.name.empty() ? kind_of(header).name : header.name;
    w.box("trak", [&] {
        write_header(w, header);
        w.bytes(header.extra);
        write_edits(w, header.edits);
        if (!header.timecode_tracks.empty())
            w.box("tref", [&] {
                w.box("tmcd", [&] {
                    for (const uint32_t id : header.timecode_tracks)
                        w.u32(id);
                });
            });
        w.box("mdia", [&] {
            write_media_header(w, header, static_cast<uint64_t>(index.media_duration()), brand);
            write_handler(w, "mhlr", kind_of(header).handler, name, brand);
            write_media_information(w, header, index, brand, shift);
        });
        if (brand == Brand::quicktime && !header.name.empty())
            w.box("udta", [&] { w.box("name", [&] { w.text(header.name); }); });
    });
}

} // namespace onair::mov

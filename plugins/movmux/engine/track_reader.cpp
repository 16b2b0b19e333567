// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/track_reader.hpp"

#include "engine/messages.hpp"

#include <algorithm>

namespace onair::mov {

namespace {

void read_edits(const Box& trak, TrackHead& track) {
    const Box* elst = trak.find("edts/elst");
    if (!elst) return;
    Fields f(*elst);
    const uint8_t version = take_version(f);
    track.edits.resize(f.count(version ? 20 : 12));
    for (TrackEdit& edit : track.edits) {
        edit.duration = f.sized(version);
        edit.media_time = version ? f.i64() : f.i32();
        f.skip(4); // rate
    }
}

} // namespace

const Box& need_box(const Box& trak, std::string_view path) {
    const Box* box = trak.find(path);
    if (!box) throw error(Msg::file_no_movie, {std::string("a track lacks its box ") + std::string(path)});
    return *box;
}

uint8_t take_version(Fields& fields) {
    const uint8_t version = fields.u8();
    fields.skip(3);
    return version;
}

uint32_t read_movie_timescale(const Box& moov) {
    const Box* header = moov.child("mvhd");
    if (!header) throw error(Msg::file_no_movie, {"its movie box has no header (mvhd)"});
    Fields f(*header);
    f.skip(take_version(f) ? 16 : 8);
    const uint32_t timescale = f.u32();
    if (timescale == 0) throw error(Msg::file_no_movie, {"its movie header has no timescale"});
    return timescale;
}

TrackHead read_track_head(const Box& trak) {
    TrackHead track;
    Fields head(need_box(trak, "tkhd"));
    const uint8_t version = head.u8();
    track.enabled = head.u24() & 1;
    head.skip(version ? 16 : 8);
    track.id = head.u32();
    head.skip(4);
    track.duration = head.sized(version);
    Fields media(need_box(trak, "mdia/mdhd"));
    media.skip(take_version(media) ? 16 : 8);
    track.timescale = media.u32();
    Fields handler(need_box(trak, "mdia/hdlr"));
    handler.skip(8);
    track.handler = handler.text(4);
    if (track.timescale == 0) throw error(Msg::file_no_movie, {"a track has no timescale"});
    read_edits(trak, track);
    if (const Box* tref = trak.child("tref"))
        for (const Box* reference : tref->all("tmcd"))
            for (Fields ids(*reference); ids.left() >= 4;)
                track.timecode_references.push_back(ids.u32());
    return track;
}

/// | offset in a `tmcd` sample entry | bytes | content                                                     |
/// |---------------------------------|-------|-------------------------------------------------------------|
/// | 8                               | 8     | reserved, data reference index                              |
/// | 16                              | 4     | reserved                                                    |
/// | 20                              | 4     | flags                                                       |
/// | 24                              | 4     | timescale                                                   |
/// | 28                              | 4     | frame duration                                              |
/// | 32                              | 2     | frames a second in 8 bits, reserved                         |
/// | 34                              | …     | box `name`: 16-bit length, 16-bit language, text (the reel) |
TimecodeDescription read_timecode_description(const Box& entry) {
    TimecodeDescription out;
    Fields f(entry);
    f.skip(12);
    out.flags_offset = f.position();
    out.fields.flags = f.u32();
    out.fields.timescale = f.u32();
    out.fields.frame_duration = f.u32();
    out.fields.frames = f.u8();
    constexpr size_t fixed = 26;
    if (entry.content().size() <= fixed) return out;
    try {
        for (const Box& box : parse_tail(entry, fixed))
            if (box.type == "name") {
                Fields name(box);
                const size_t length = name.u16();
                name.skip(2);
                out.reel = name.text(std::min(length, name.left()));
            }
    } catch (const Error&) {
        // Some writers leave one odd byte there; the reel is no reason to refuse a track.
    }
    return out;
}

} // namespace onair::mov

// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <cstdint>
#include <fstream>
#include <iterator>
#include <numeric>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

/// A reader of QuickTime boxes for tests, written apart from the muxer: it knows only what the tests ask, and throws on
/// anything that does not fit its box.
namespace onair::test {

struct Edit {
    uint64_t duration = 0;  ///< movie ticks
    int64_t media_time = 0; ///< -1: nothing is shown
    bool operator==(const Edit&) const = default;
};

struct MovTrack {
    uint32_t id = 0;
    uint64_t duration = 0;                 ///< tkhd, movie ticks
    uint32_t timescale = 0;                ///< mdhd
    std::string handler, entry;            ///< "vide", "apch"
    std::vector<uint8_t> description;      ///< the first sample entry, whole
    std::vector<uint32_t> timecode_tracks; ///< tref/tmcd
    std::vector<Edit> edits;
    std::vector<std::pair<uint32_t, uint32_t>> stts;
    std::vector<uint32_t> sizes;
    std::vector<uint64_t> chunks;

    uint64_t samples() const {
        return std::accumulate(stts.begin(), stts.end(), uint64_t{0}, [](uint64_t n, auto& e) { return n + e.first; });
    }
    uint64_t ticks() const {
        return std::accumulate(stts.begin(), stts.end(), uint64_t{0},
                               [](uint64_t n, auto& e) { return n + uint64_t{e.first} * e.second; });
    }
};

/// A timecode sample description (Apple, QuickTime File Format, "Timecode sample description").
struct TimecodeEntry {
    uint32_t flags = 0, timescale = 0, frame_duration = 0;
    uint8_t frames = 0;
    std::string reel;
};

class Mov {
  public:
    explicit Mov(std::vector<uint8_t> bytes) : bytes_(std::move(bytes)) { walk(0, bytes_.size(), ""); }

    static Mov read(const std::string& path) {
        std::ifstream file(path, std::ios::binary);
        return Mov({std::istreambuf_iterator<char>(file), {}});
    }

    std::vector<std::string> top; ///< types of the outermost boxes, in order
    uint32_t timescale = 0;       ///< mvhd
    std::vector<MovTrack> tracks;

    const MovTrack& by_handler(const std::string& handler, size_t skip = 0) const {
        for (const MovTrack& track : tracks)
            if (track.handler == handler && skip-- == 0) return track;
        throw std::runtime_error("no track " + handler);
    }
    size_t count(const std::string& handler) const {
        size_t n = 0;
        for (const MovTrack& track : tracks)
            n += track.handler == handler;
        return n;
    }

    TimecodeEntry timecode(const MovTrack& track) const {
        const Mov entry = Mov(track.description, 0);
        TimecodeEntry out;
        out.flags = entry.u32(20);
        out.timescale = entry.u32(24);
        out.frame_duration = entry.u32(28);
        out.frames = entry.u8(32);
        for (size_t at = 34; at + 12 <= track.description.size(); at += entry.u32(at)) {
            if (entry.text(at + 4, 4) == "name") out.reel = entry.text(at + 12, entry.u16(at + 8));
            if (entry.u32(at) < 8) break;
        }
        return out;
    }

    /// The first sample's 32 bits: the frame number of a timecode track.
    uint32_t first_sample(const MovTrack& track) const { return u32(track.chunks.at(0)); }

    uint8_t u8(uint64_t at) const { return bytes_.at(at); }
    uint32_t u16(uint64_t at) const { return uint32_t{u8(at)} << 8 | u8(at + 1); }
    uint32_t u32(uint64_t at) const { return u16(at) << 16 | u16(at + 2); }
    uint64_t u64(uint64_t at) const { return uint64_t{u32(at)} << 32 | u32(at + 4); }
    std::string text(uint64_t at, size_t size) const {
        if (at + size > bytes_.size()) throw std::runtime_error("text leaves the file");
        return {bytes_.begin() + static_cast<std::ptrdiff_t>(at),
                bytes_.begin() + static_cast<std::ptrdiff_t>(at + size)};
    }

  private:
    Mov(std::vector<uint8_t> bytes, int) : bytes_(std::move(bytes)) {}

    void walk(uint64_t at, uint64_t end, const std::string& parent) {
        while (at + 8 <= end) {
            uint64_t size = u32(at), header = 8;
            const std::string type = text(at + 4, 4);
            if (size == 1) size = u64(at + 8), header = 16;
            if (size < header || at + size > end) throw std::runtime_error("box " + type + " leaves " + parent);
            if (parent.empty()) top.push_back(type);
            box(type, parent, at + header, at + size);
            at += size;
        }
        if (at != end && parent != "udta") throw std::runtime_error("bytes left over in " + parent);
    }

    void box(const std::string& type, const std::string& parent, uint64_t at, uint64_t end) {
        if (type == "trak") tracks.emplace_back();
        for (const char* holder : {"moov", "trak", "mdia", "minf", "stbl", "edts", "tref"})
            if (type == holder) return walk(at, end, type);
        if (type == "mvhd") timescale = u32(at + (u8(at) ? 20 : 12));
        if (tracks.empty()) return;
        MovTrack& track = tracks.back();
        if (type == "tkhd")
            track.id = u32(at + (u8(at) ? 20 : 12)), track.duration = u8(at) ? u64(at + 28) : u32(at + 20);
        if (type == "mdhd") track.timescale = u32(at + (u8(at) ? 20 : 12));
        if (type == "hdlr" && parent == "mdia") track.handler = text(at + 8, 4);
        if (type == "tmcd" && parent == "tref")
            for (; at + 4 <= end; at += 4)
                track.timecode_tracks.push_back(u32(at));
        if (type == "stsd") {
            track.entry = text(at + 12, 4);
            for (uint64_t i = at + 8; i < at + 8 + u32(at + 8); ++i)
                track.description.push_back(u8(i));
        }
        for (uint32_t i = 0; type == "stts" && i < u32(at + 4); ++i)
            track.stts.emplace_back(u32(at + 8 + 8 * i), u32(at + 12 + 8 * i));
        for (uint32_t i = 0; type == "elst" && i < u32(at + 4); ++i)
            track.edits.push_back({u32(at + 8 + 12 * i), static_cast<int32_t>(u32(at + 12 + 12 * i))});
        for (uint32_t i = 0; type == "stsz" && i < u32(at + 8); ++i)
            track.sizes.push_back(u32(at + 4) ? u32(at + 4) : u32(at + 12 + 4 * i));
        for (uint32_t i = 0; type == "stco" && i < u32(at + 4); ++i)
            track.chunks.push_back(u32(at + 8 + 4 * i));
        for (uint32_t i = 0; type == "co64" && i < u32(at + 4); ++i)
            track.chunks.push_back(u64(at + 8 + 8 * i));
    }

    std::vector<uint8_t> bytes_;
};

} // namespace onair::test

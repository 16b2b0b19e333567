// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/box_writer.hpp"
#include "engine/timecode_runs.hpp"

#include <cstdint>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

/// Small movies for the tests of what reads timecode: one video track of empty JPEG pictures, one timecode track.
namespace onair::test {

struct MadeSample {
    uint32_t pictures = 0; ///< how many it lasts
    int32_t value = 0;
    uint32_t description = 1;
};

struct MadeMovie {
    uint32_t timescale = 30000, frame_ticks = 1001, pictures = 60;
    std::vector<mov::TmcdFields> descriptions{{3, 30000, 1001, 30}};
    std::string reel;
    std::vector<MadeSample> samples{{60, 107892, 1}};
    std::vector<std::pair<uint32_t, int32_t>> video_edits,
        timecode_edits;              ///< movie ticks (of the timescale), media time
    bool reference = true;           ///< tref of the video
    bool moov_first = false;         ///< before the data
    uint32_t free_behind = 0;        ///< a box `free` of this size behind the movie box; at least 8
    bool reference_on_sound = false; ///< a sound track stands first and has the reference instead

    std::vector<uint8_t> bytes() const {
        const uint32_t ftyp = 20;
        // The movie box has the same size whatever the offsets are.
        const uint32_t data = moov_first ? ftyp + static_cast<uint32_t>(moov(0).size()) + free_behind + 8 : ftyp + 8;
        mov::BoxWriter w;
        w.box("ftyp", [&] { w.text("qt  "), w.u32(0x200), w.text("qt  "); });
        if (moov_first) put_moov(w, data);
        w.box("mdat", [&] {
            for (const MadeSample& s : samples)
                w.i32(s.value);
            w.zeros(4 * pictures + 4);
        });
        if (!moov_first) put_moov(w, data);
        return w.take();
    }

    void write(const std::string& path) const {
        const auto all = bytes();
        std::ofstream(path, std::ios::binary)
            .write(reinterpret_cast<const char*>(all.data()), static_cast<std::streamsize>(all.size()));
    }

  private:
    void put_moov(mov::BoxWriter& w, uint32_t data) const {
        w.bytes(moov(data));
        if (free_behind) w.box("free", [&] { w.zeros(free_behind - 8); });
    }

    uint32_t length() const { return pictures * frame_ticks; }

    std::vector<uint8_t> moov(uint32_t data) const {
        mov::BoxWriter w;
        w.box("moov", [&] {
            w.full_box("mvhd", 0, 0, [&] {
                w.zeros(8), w.u32(timescale), w.u32(length()), w.u32(0x10000), w.u16(0x100), w.zeros(10), matrix(w);
                w.zeros(24), w.u32(4);
            });
            if (reference_on_sound) sound(w, data);
            video(w, data);
            timecode(w, data);
        });
        return w.take();
    }

    static void matrix(mov::BoxWriter& w) {
        for (const uint32_t n : {0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000})
            w.u32(n);
    }

    void head(mov::BoxWriter& w, uint32_t id, const std::vector<std::pair<uint32_t, int32_t>>& edits) const {
        w.full_box("tkhd", 0, 3, [&] {
            w.zeros(8), w.u32(id), w.zeros(4), w.u32(length()), w.zeros(16), matrix(w), w.u32(64 << 16),
                w.u32(48 << 16);
        });
        if (edits.empty()) return;
        w.box("edts", [&] {
            w.full_box("elst", 0, 0, [&] {
                w.u32(edits.size());
                for (const auto& [duration, media] : edits)
                    w.u32(duration), w.i32(media), w.u32(0x10000);
            });
        });
    }

    void refer(mov::BoxWriter& w) const {
        w.box("tref", [&] { w.box("tmcd", [&] { w.u32(2); }); });
    }

    template <class Entry, class Table>
    void media(mov::BoxWriter& w, const char* handler, uint32_t media_length, Entry&& entry, Table&& table) const {
        w.box("mdia", [&] {
            w.full_box("mdhd", 0, 0, [&] { w.zeros(8), w.u32(timescale), w.u32(media_length), w.u32(0); });
            w.full_box("hdlr", 0, 0, [&] { w.text("mhlr"), w.text(handler), w.zeros(12), w.u8(0); });
            w.box("minf", [&] {
                if (std::string(handler) == "vide") w.full_box("vmhd", 0, 1, [&] { w.zeros(8); });
                w.box("dinf", [&] { w.full_box("dref", 0, 0, [&] { w.u32(1), w.full_box("alis", 0, 1, [] {}); }); });
                w.box("stbl", [&] {
                    entry();
                    table();
                });
            });
        });
    }

    /// One chunk with all samples of one size.
    void one_chunk(mov::BoxWriter& w, uint32_t count, uint32_t size, uint32_t offset) const {
        w.full_box("stsc", 0, 0, [&] { w.u32(1), w.u32(1), w.u32(count), w.u32(1); });
        w.full_box("stsz", 0, 0, [&] { w.u32(size), w.u32(count); });
        w.full_box("stco", 0, 0, [&] { w.u32(1), w.u32(offset); });
    }

    void video(mov::BoxWriter& w, uint32_t data) const {
        w.box("trak", [&] {
            head(w, 1, video_edits);
            if (reference && !reference_on_sound) refer(w);
            media(
                w, "vide", length(),
                [&] {
                    w.full_box("stsd", 0, 0, [&] {
                        w.u32(1);
                        w.box("jpeg", [&] {
                            w.zeros(6), w.u16(1), w.zeros(16), w.u16(64), w.u16(48), w.u32(0x480000), w.u32(0x480000);
                            w.u32(0), w.u16(1), w.zeros(32), w.u16(24), w.i16(-1);
                        });
                    });
                },
                [&] {
                    w.full_box("stts", 0, 0, [&] { w.u32(1), w.u32(pictures), w.u32(frame_ticks); });
                    one_chunk(w, pictures, 4, data + 4 * static_cast<uint32_t>(samples.size()));
                });
        });
    }

    void sound(mov::BoxWriter& w, uint32_t data) const {
        w.box("trak", [&] {
            head(w, 3, {});
            if (reference) refer(w);
            media(
                w, "soun", 1,
                [&] {
                    w.full_box("stsd", 0, 0, [&] {
                        w.u32(1);
                        w.box("sowt", [&] {
                            w.zeros(6), w.u16(1), w.zeros(8), w.u16(2), w.u16(16), w.zeros(4), w.u32(48000u << 16);
                        });
                    });
                },
                [&] {
                    w.full_box("stts", 0, 0, [&] { w.u32(1), w.u32(1), w.u32(1); });
                    one_chunk(w, 1, 4, data + 4 * static_cast<uint32_t>(samples.size()) + 4 * pictures);
                });
        });
    }

    void timecode(mov::BoxWriter& w, uint32_t data) const {
        const auto entries = [&] {
            w.full_box("stsd", 0, 0, [&] {
                w.u32(descriptions.size());
                for (const mov::TmcdFields& f : descriptions)
                    w.box("tmcd", [&] {
                        w.zeros(6), w.u16(1), w.zeros(4), w.u32(f.flags), w.u32(f.timescale), w.u32(f.frame_duration);
                        w.u8(f.frames), w.u8(0);
                        if (!reel.empty()) w.box("name", [&] { w.u16(reel.size()), w.u16(0), w.text(reel); });
                    });
            });
        };
        uint32_t ticks = 0;
        for (const MadeSample& s : samples)
            ticks += s.pictures * frame_ticks;
        w.box("trak", [&] {
            head(w, 2, timecode_edits);
            media(w, "tmcd", ticks, entries, [&] {
                w.full_box("stts", 0, 0, [&] {
                    w.u32(samples.size());
                    for (const MadeSample& s : samples)
                        w.u32(1), w.u32(s.pictures * frame_ticks);
                });
                w.full_box("stsc", 0, 0, [&] {
                    w.u32(samples.size());
                    for (size_t i = 0; i < samples.size(); ++i)
                        w.u32(i + 1), w.u32(1), w.u32(samples[i].description);
                });
                w.full_box("stsz", 0, 0, [&] { w.u32(4), w.u32(samples.size()); });
                w.full_box("stco", 0, 0, [&] {
                    w.u32(samples.size());
                    for (size_t i = 0; i < samples.size(); ++i)
                        w.u32(data + 4 * i);
                });
            });
        });
    }
};

} // namespace onair::test

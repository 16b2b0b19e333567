// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/fragment_reader.hpp"

#include "engine/messages.hpp"
#include "engine/reserve.hpp"
#include "engine/sample_table_reader.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <map>
#include <utility>

namespace onair::mov {

namespace {

/// Uncompressed sound and the bytes of one of its samples; 0: as the sample entry says.
constexpr std::pair<std::string_view, uint32_t> pcm_types[] = {
    {"sowt", 0}, {"twos", 0}, {"lpcm", 0}, {"raw ", 0}, {"NONE", 0}, {"ipcm", 0}, {"fpcm", 0},
    {"in24", 3}, {"in32", 4}, {"fl32", 4}, {"fl64", 8}, {"ulaw", 1}, {"alaw", 1}};
constexpr uint32_t not_key = 0x10000; // sample flags: sample_is_non_sync_sample
constexpr uint32_t most_empty_samples = 1 << 20;

/// tfhd flags (ISO/IEC 14496-12, 8.8.7) and trun flags (8.8.8).
enum : uint32_t {
    tfhd_base = 0x1,
    tfhd_description = 0x2,
    tfhd_duration = 0x8,
    tfhd_size = 0x10,
    tfhd_flags = 0x20,
    tfhd_from_moof = 0x20000,
    trun_offset = 0x1,
    trun_first_flags = 0x4,
    trun_duration = 0x100,
    trun_size = 0x200,
    trun_flags = 0x400,
    trun_composition = 0x800,
};

struct Defaults {
    uint32_t description = 1, duration = 0, size = 0, flags = 0;
};

struct TrackState {
    Defaults defaults;
    uint32_t frame_bytes = 0; ///< of uncompressed sound; 0: other
    int64_t next_dts = 0;     ///< where the samples so far end
    uint64_t counting = 0;    ///< tmcd: ticks of the track that one number lasts, times `per`
    uint64_t per = 1;
    std::optional<int64_t> next_number; ///< tmcd: what the next one is when it counts on
    uint32_t last_description = 0;
};

bool printable(std::string_view type) {
    return std::all_of(type.begin(), type.end(),
                       [](char c) { return (c >= 0x20 && c < 0x7f) || static_cast<uint8_t>(c) == 0xa9; });
}

/// Bytes of a frame of uncompressed sound, of which a fragment may have many in one sample and a plain movie has one;
/// 0 for other sound.
///
/// | offset in a sound sample entry | bytes | content                                             |
/// |--------------------------------|-------|-----------------------------------------------------|
/// | 8                              | 8     | reserved, data reference index                      |
/// | 16                             | 8     | version in 16 bits, revision, vendor                |
/// | 24                             | 4     | channels, bits of a sample                          |
/// | 28                             | 8     | compression, packet size, rate                      |
/// | 36                             | 12    | version 1: samples a packet, bytes a packet, a frame |
/// | 36                             | 36    | version 2: …; bytes of a frame at 64                |
uint32_t frame_bytes(const Box& entry) {
    const auto known = std::find_if(std::begin(pcm_types), std::end(pcm_types),
                                    [&](const auto& type) { return type.first == entry.type; });
    if (known == std::end(pcm_types)) return 0;
    Fields f(entry);
    f.skip(8);
    const uint16_t version = f.u16();
    f.skip(6);
    const uint32_t channels = f.u16(), bits = f.u16();
    f.skip(8);
    if (version == 2) {
        f.skip(28);
        return f.u32();
    }
    return channels * (known->second ? known->second : bits / 8);
}

class Reader {
  public:
    Reader(uint64_t size, const ReadAt& read) : size_(size), read_(read) {}

    FragmentedMovie run() {
        while (const std::optional<OuterBox> box = next_box())
            if (!take(*box)) break;
        if (out_.moov.empty()) throw error(Msg::no_movie_to_recover, {seen_.empty() ? "nothing" : seen_});
        out_.end = std::min(out_.end, size_);
        return std::move(out_);
    }

  private:
    /// The next outermost box; nothing where the file ends or has no box any more. A media-data box may be cut off.
    std::optional<OuterBox> next_box() {
        std::array<uint8_t, 16> head{};
        if (at_ >= size_ || size_ - at_ < 8) return std::nullopt;
        const auto there = std::span(head).first(static_cast<size_t>(std::min<uint64_t>(16, size_ - at_)));
        if (!read_(at_, there)) throw error(Msg::file_unreadable, {std::to_string(at_)});
        Fields f(head, "file", at_);
        OuterBox box;
        box.offset = at_;
        box.size = f.u32();
        box.type = f.text(4);
        if (box.size == 1) box.size = f.u64(), box.header = 16;
        box.to_end = box.size == 0;
        if (!printable(box.type) || (box.to_end && box.type != "mdat")) return std::nullopt;
        if (box.to_end) box.size = size_ - at_;
        if (box.size < box.header) return std::nullopt;
        if (box.size > size_ - at_ && box.type != "mdat") return cut_off(box);
        // A finished movie of mode=hybrid that was cut off later: its fragments are still there.
        if (at_ == out_.file_type_size && at_ > 0 && box.header == reserve_size && box.size > size_ - at_) {
            out_.reserve = at_;
            box.size = reserve_size;
        }
        at_ += std::min(box.size, size_ - at_);
        return box;
    }

    std::optional<OuterBox> cut_off(const OuterBox& box) {
        note(box.type + " (cut off)");
        return std::nullopt;
    }

    void note(const std::string& what) {
        if (seen_.size() < 80) seen_ += (seen_.empty() ? "" : ", ") + what;
    }

    bool take(const OuterBox& box) {
        if (box.offset == 0 && box.type == "ftyp") out_.file_type_size = box.size;
        const bool behind_type = out_.file_type_size && box.offset == out_.file_type_size;
        if (behind_type && box.type == "free" && box.size == reserve_size) take_reserve(box);
        if (out_.moov.empty()) note(box.type);
        if (box.type == "mdat") out_.end = std::max(out_.end, std::min(box.offset + box.size, size_));
        if (box.type == "moov" && out_.moov.empty()) read_moov(box);
        return box.type != "moof" || read_moof(box);
    }

    /// An end that was begun (reserve.hpp, write a) has said where it began: what lies behind is not media.
    void take_reserve(const OuterBox& box) {
        out_.reserve = box.offset;
        std::array<uint8_t, 8> bytes{};
        if (!read_(box.offset + 8, bytes)) return;
        const uint64_t length = Fields(bytes, "free").u64();
        constexpr uint64_t box_header = 8;
        if (length > reserve_size + box_header && length - box_header <= size_ - box.offset)
            size_ = box.offset + length - box_header;
    }

    std::vector<uint8_t> whole(const OuterBox& box) {
        if (box.size > BoxLimits().size) throw error(Msg::too_many_boxes, {"bytes", std::to_string(BoxLimits().size)});
        std::vector<uint8_t> bytes(static_cast<size_t>(box.size));
        if (!read_(box.offset, bytes)) throw error(Msg::file_unreadable, {std::to_string(box.offset)});
        return bytes;
    }

    void read_moov(const OuterBox& outer) {
        out_.moov = whole(outer);
        out_.moov_offset = outer.offset;
        const std::vector<Box> boxes = parse_boxes(out_.moov, outer.offset);
        std::map<uint32_t, Defaults> defaults;
        if (const Box* mvex = boxes.at(0).child("mvex")) {
            out_.fragmented = true;
            for (const Box* trex : mvex->all("trex")) {
                Fields f(*trex);
                f.skip(4);
                const uint32_t id = f.u32();
                Defaults& d = defaults[id];
                d.description = f.u32(), d.duration = f.u32(), d.size = f.u32(), d.flags = f.u32();
            }
        }
        for (const Box* trak : boxes.at(0).all("trak"))
            read_trak(*trak, defaults);
        if (!out_.fragmented) return; // whole already: nobody wants its samples
        size_t i = 0;
        for (const Box* trak : boxes.at(0).all("trak")) {
            const size_t track = i++;
            if (const Box* stbl = trak->find("mdia/minf/stbl"))
                read_sample_table(*stbl,
                                  [&](const Sample& sample, uint64_t position) { add(track, sample, position); });
        }
    }

    void read_trak(const Box& trak, const std::map<uint32_t, Defaults>& defaults) {
        const Box *tkhd = trak.child("tkhd"), *mdhd = trak.find("mdia/mdhd"), *hdlr = trak.find("mdia/hdlr");
        const Box* stsd = trak.find("mdia/minf/stbl/stsd");
        if (!tkhd || !mdhd || !hdlr || !stsd) throw error(Msg::file_no_movie, {"a track has no header"});
        RecoveredTrack& track = out_.tracks.emplace_back();
        TrackState& state = states_.emplace_back();
        Fields head(*tkhd), media(*mdhd), handler(*hdlr);
        head.skip(head.u8() ? 19 : 11);
        track.id = head.u32();
        media.skip(media.u8() ? 19 : 11);
        track.timescale = media.u32();
        handler.skip(8);
        track.handler = handler.text(4);
        if (track.timescale == 0) throw error(Msg::file_no_movie, {"a track has no timescale"});
        if (const auto known = defaults.find(track.id); known != defaults.end()) state.defaults = known->second;
        if (const Box* tref = trak.child("tref"))
            for (const Box* reference : tref->all("tmcd"))
                for (Fields ids(*reference); ids.left() >= 4;)
                    track.timecode_references.push_back(ids.u32());
        if (stsd->children.empty()) return;
        const Box& entry = stsd->children.front();
        if (track.handler == "soun") state.frame_bytes = frame_bytes(entry);
        if (track.handler == "tmcd" && entry.type == "tmcd") {
            Fields f(entry);
            f.skip(16);
            state.per = f.u32();
            state.counting = uint64_t{f.u32()} * track.timescale;
        }
    }

    /// False where a fragment makes no sense: a power cut may leave holes.
    bool read_moof(const OuterBox& outer) {
        if (out_.moov.empty()) return true;
        const std::vector<uint8_t> bytes = whole(outer);
        bool any = false;
        try {
            const std::vector<Box> boxes = parse_boxes(bytes, outer.offset);
            uint64_t implied = outer.offset;
            for (const Box* traf : boxes.at(0).all("traf"))
                any |= read_traf(*traf, outer.offset, implied);
        } catch (const Error& e) {
            if (e.kind() == ErrorKind::resource) throw;
            return false;
        }
        out_.fragments += any;
        return true;
    }

    /// `implied`: where the data lies when the fragment does not say it: behind that of the track before.
    bool read_traf(const Box& traf, uint64_t moof, uint64_t& implied) {
        const Box* head = traf.child("tfhd");
        if (!head) throw error(Msg::file_no_movie, {"a track's fragment has no header (tfhd)"});
        Fields f(*head);
        f.skip(1);
        const uint32_t flags = f.u24(), id = f.u32();
        const auto found =
            std::find_if(out_.tracks.begin(), out_.tracks.end(), [&](const auto& t) { return t.id == id; });
        if (found == out_.tracks.end()) throw error(Msg::file_no_movie, {"a fragment belongs to no track"});
        const size_t track = static_cast<size_t>(found - out_.tracks.begin());
        TrackState& state = states_[track];
        Defaults defaults = state.defaults;
        uint64_t base = flags & tfhd_from_moof ? moof : implied;
        if (flags & tfhd_base) base = f.u64();
        if (flags & tfhd_description) defaults.description = f.u32();
        if (flags & tfhd_duration) defaults.duration = f.u32();
        if (flags & tfhd_size) defaults.size = f.u32();
        if (flags & tfhd_flags) defaults.flags = f.u32();
        int64_t dts = state.next_dts;
        if (const Box* tfdt = traf.child("tfdt")) {
            Fields time(*tfdt);
            const uint8_t version = time.u8();
            time.skip(3);
            dts = static_cast<int64_t>(time.sized(version));
        }
        uint64_t at = base;
        bool any = false;
        for (const Box* trun : traf.all("trun"))
            any |= read_trun(*trun, track, defaults, base, at, dts);
        implied = at;
        return any;
    }

    bool read_trun(const Box& trun, size_t track, const Defaults& defaults, uint64_t base, uint64_t& at, int64_t& dts) {
        Fields f(trun);
        const uint8_t version = f.u8();
        const uint32_t flags = f.u24(), count = f.u32();
        size_t each = 0;
        for (const uint32_t flag : {trun_duration, trun_size, trun_flags, trun_composition})
            each += flags & flag ? 4 : 0;
        if (flags & trun_offset) at = base + static_cast<uint64_t>(int64_t{f.i32()});
        uint32_t first_flags = defaults.flags;
        if (flags & trun_first_flags) first_flags = f.u32();
        if (uint64_t{count} * each > f.left())
            throw error(Msg::file_no_movie, {"a fragment has fewer samples than it says"});
        if (each == 0 && defaults.size == 0 && count > most_empty_samples)
            throw error(Msg::file_no_movie, {"a fragment has too many samples without bytes"});
        bool any = false;
        for (uint32_t i = 0; i < count; ++i) {
            Sample sample;
            sample.dts = dts;
            sample.description = defaults.description;
            sample.duration = flags & trun_duration ? f.u32() : defaults.duration;
            sample.size = flags & trun_size ? f.u32() : defaults.size;
            const uint32_t told = flags & trun_flags ? f.u32() : i == 0 ? first_flags : defaults.flags;
            sample.key = !(told & not_key);
            if (flags & trun_composition) {
                const uint32_t value = f.u32();
                sample.composition = version ? int64_t{static_cast<int32_t>(value)} : int64_t{value};
            }
            if (at > size_ || sample.size > size_ - at) { // what follows in this track would leave a hole
                out_.samples_lost += count - i;
                return shorten(sample, states_[track].frame_bytes, at) ? (add(track, sample, at), true) : any;
            }
            add(track, sample, at);
            any = true;
            dts += *sample.duration;
            at += sample.size;
        }
        return any;
    }

    /// Of uncompressed sound the frames are what counts: those that are whole stay.
    bool shorten(Sample& sample, uint32_t frame, uint64_t at) const {
        if (frame == 0 || at >= size_ || sample.size % frame != 0 || *sample.duration < sample.size / frame)
            return false;
        sample.size = static_cast<uint32_t>((size_ - at) / frame * frame);
        sample.duration = sample.size / frame;
        return sample.size > 0;
    }

    void add(size_t number, Sample sample, uint64_t position) {
        RecoveredTrack& track = out_.tracks[number];
        TrackState& state = states_[number];
        if (track.handler == "tmcd" && counts_on(track, state, sample, position)) return;
        const int64_t duration = *sample.duration, shown = sample.dts + sample.composition;
        track.presented_start = track.index.empty() ? shown : std::min(track.presented_start, shown);
        track.presented_end = std::max(track.presented_end, shown + duration);
        state.next_dts = sample.dts + duration;
        track.last_duration = duration;
        out_.end = std::max(out_.end, position + sample.size);
        const uint32_t frame = state.frame_bytes;
        if (frame && sample.size > frame && sample.size % frame == 0 && duration >= sample.size / frame) {
            sample.count = sample.size / frame - 1; // all but the last, which waits
            sample.size = frame;
            sample.duration = 1;
            put(track, sample, position);
            position += uint64_t{sample.count} * frame;
            sample.dts += sample.count;
            track.last_duration -= sample.count;
            sample.count = 1;
        }
        sample.duration.reset(); // until the next one, or as the file says when none follows: a gap stays one
        put(track, sample, position);
    }

    static void put(RecoveredTrack& track, const Sample& sample, uint64_t position) {
        if (!track.index.has_room(sample.count)) throw error(Msg::too_many_samples, {std::to_string(track.id)});
        track.index.add(sample, position);
    }

    /// A timecode sample that says what the one before it says of its time adds nothing; it becomes a part of that.
    bool counts_on(RecoveredTrack& track, TrackState& state, const Sample& sample, uint64_t position) {
        std::array<uint8_t, 4> bytes{};
        if (state.counting == 0 || sample.size != 4 || !read_(position, bytes)) return false;
        const int64_t number = Fields(bytes, "mdat").i32(), duration = *sample.duration;
        const int64_t numbers = static_cast<int64_t>(
            (static_cast<uint64_t>(duration) * state.per * 2 + state.counting) / (2 * state.counting));
        const bool on =
            state.next_number == number && sample.description == state.last_description && sample.dts == state.next_dts;
        state.next_number = number + numbers;
        state.last_description = sample.description;
        if (!on) return false;
        track.last_duration += duration;
        state.next_dts += duration;
        track.presented_end = state.next_dts;
        return true;
    }

    uint64_t size_;
    const ReadAt& read_;
    uint64_t at_ = 0;
    std::string seen_; ///< names of the boxes before the movie box
    FragmentedMovie out_;
    std::vector<TrackState> states_;
};

} // namespace

FragmentedMovie read_fragments(uint64_t file_size, const ReadAt& read) { return Reader(file_size, read).run(); }

} // namespace onair::mov

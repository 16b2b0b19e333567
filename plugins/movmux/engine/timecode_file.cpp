// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/timecode_file.hpp"

#include "engine/messages.hpp"

#include <algorithm>
#include <array>
#include <limits>

namespace onair::mov {

namespace {

using Wide = __int128;
constexpr int64_t second = 1000000000;

int64_t saturate(Wide value) {
    constexpr int64_t most = std::numeric_limits<int64_t>::max();
    return static_cast<int64_t>(std::clamp<Wide>(value, -most, most));
}

int64_t to_ns(Wide ticks, uint32_t timescale) {
    return saturate((ticks * second + (ticks < 0 ? -1 : 1) * Wide{timescale} / 2) / timescale);
}

[[noreturn]] void wrong(const FileTrack& track, std::string_view what) {
    throw error(Msg::file_timecode_wrong, {std::to_string(track.id), what});
}

/// Reads the box `type` at `path` of a track, which must be there.
const Box& need(const Box& trak, std::string_view path) {
    const Box* box = trak.find(path);
    if (!box) throw error(Msg::file_no_movie, {std::string("a track lacks its box ") + std::string(path)});
    return *box;
}

uint8_t version_of(Fields& f) {
    const uint8_t version = f.u8();
    f.skip(3);
    return version;
}

/// Durations of a track in the movie box, run-length coded as they stand.
struct Stts {
    uint32_t count, duration;
};

std::vector<Stts> read_stts(const Box& trak) {
    Fields f(need(trak, "mdia/minf/stbl/stts"));
    version_of(f);
    std::vector<Stts> out(f.count(8));
    for (Stts& entry : out)
        entry = {f.u32(), f.u32()};
    return out;
}

void read_edits(const Box& trak, FileTrack& track) {
    const Box* elst = trak.find("edts/elst");
    if (!elst) return;
    Fields f(*elst);
    const uint8_t version = version_of(f);
    track.edits.resize(f.count(version ? 20 : 12));
    for (FileEdit& edit : track.edits) {
        edit.duration = f.sized(version);
        edit.media_time = version ? f.i64() : f.i32();
        f.skip(4); // rate
    }
}

FileTrack read_track_head(const Box& trak) {
    FileTrack track;
    Fields head(need(trak, "tkhd"));
    const uint8_t version = head.u8();
    track.enabled = head.u24() & 1;
    head.skip(version ? 16 : 8);
    track.id = head.u32();
    head.skip(4);
    track.duration = head.sized(version);
    Fields media(need(trak, "mdia/mdhd"));
    media.skip(version_of(media) ? 16 : 8);
    track.timescale = media.u32();
    Fields handler(need(trak, "mdia/hdlr"));
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
TimecodeDescription read_description(const Box& entry) {
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

std::vector<uint64_t> read_chunks(const Box& trak) {
    const Box* small = trak.find("mdia/minf/stbl/stco");
    Fields f(small ? *small : need(trak, "mdia/minf/stbl/co64"));
    version_of(f);
    std::vector<uint64_t> out(f.count(small ? 4 : 8));
    for (uint64_t& offset : out)
        offset = small ? f.u32() : f.u64();
    return out;
}

class Reader {
  public:
    Reader(uint64_t size, const ReadAt& read) : size_(size), read_(read) {}

    TimecodeFile run() {
        out_.outer = outer_boxes(size_, read_);
        const auto moov =
            std::find_if(out_.outer.begin(), out_.outer.end(), [](const OuterBox& b) { return b.type == "moov"; });
        if (moov == out_.outer.end()) throw error(Msg::file_no_movie, {"it has no movie box (moov)"});
        out_.moov = whole(*moov);
        out_.moov_offset = moov->offset;
        const std::vector<Box> boxes = parse_boxes(out_.moov, moov->offset);
        read_moov(boxes.at(0));
        if (out_.fragmented)
            for (const OuterBox& box : out_.outer)
                if (box.type == "moof") read_moof(box);
        return std::move(out_);
    }

  private:
    /// Defaults of a track's fragments (trex).
    struct Defaults {
        uint32_t id = 0, description = 1, duration = 0, size = 0;
    };

    std::vector<uint8_t> whole(const OuterBox& box) {
        if (box.size > BoxLimits().size) throw error(Msg::too_many_boxes, {"bytes", std::to_string(BoxLimits().size)});
        std::vector<uint8_t> bytes(static_cast<size_t>(box.size));
        if (!read_(box.offset, bytes)) throw error(Msg::file_unreadable, {std::to_string(box.offset)});
        return bytes;
    }

    void read_moov(const Box& moov) {
        const Box* header = moov.child("mvhd");
        if (!header) throw error(Msg::file_no_movie, {"its movie box has no header (mvhd)"});
        Fields f(*header);
        f.skip(version_of(f) ? 16 : 8);
        out_.movie_timescale = f.u32();
        if (out_.movie_timescale == 0) throw error(Msg::file_no_movie, {"its movie header has no timescale"});
        if (const Box* mvex = moov.child("mvex")) {
            out_.fragmented = true;
            for (const Box* trex : mvex->all("trex")) {
                Fields d(*trex);
                version_of(d);
                Defaults defaults;
                defaults.id = d.u32();
                defaults.description = d.u32();
                defaults.duration = d.u32();
                defaults.size = d.u32();
                defaults_.push_back(defaults);
            }
        }
        for (const Box* trak : moov.all("trak"))
            read_trak(*trak);
    }

    void read_trak(const Box& trak) {
        FileTrack track = read_track_head(trak);
        const std::vector<Stts> stts = read_stts(trak);
        for (const Stts& entry : stts) {
            track.media_ticks += uint64_t{entry.count} * entry.duration;
            track.samples += entry.count;
        }
        const Box& stsd = need(trak, "mdia/minf/stbl/stsd");
        if (track.handler == "tmcd") {
            for (const Box& entry : stsd.children) {
                if (entry.type != "tmcd") wrong(track, "its samples are of the kind " + entry.type);
                track.descriptions.push_back(read_description(entry));
            }
            if (track.samples > 0) read_samples(trak, stts, track);
        }
        out_.tracks.push_back(std::move(track));
    }

    /// Every sample of 4 bytes lies somewhere in the file, so there cannot be more of them than the file is long.
    void check_count(const FileTrack& track, uint64_t more) const {
        if (track.timecodes.size() + more > size_ / 4 + 1)
            wrong(track, "it has more samples than the file has room for");
    }

    void read_samples(const Box& trak, const std::vector<Stts>& stts, FileTrack& track) {
        Fields sizes(need(trak, "mdia/minf/stbl/stsz"));
        version_of(sizes);
        const uint32_t each = sizes.u32(), count = sizes.u32();
        if (count != track.samples) wrong(track, "it has another number of sizes than of durations");
        check_count(track, count);
        for (uint32_t i = 0; i < count; ++i)
            if ((each ? each : sizes.u32()) != 4) wrong(track, "a sample is not 4 bytes long");
        track.timecodes.reserve(count);
        int64_t time = 0;
        for (const Stts& entry : stts)
            for (uint32_t i = 0; i < entry.count; ++i, time += entry.duration)
                track.timecodes.push_back({time, entry.duration, 0, 0, 0});
        place_samples(trak, track);
    }

    /// Chunks to samples: `stsc` says for runs of chunks how many samples each has, and their description.
    void place_samples(const Box& trak, FileTrack& track) {
        const std::vector<uint64_t> chunks = read_chunks(trak);
        Fields f(need(trak, "mdia/minf/stbl/stsc"));
        version_of(f);
        const uint32_t count = f.count(12);
        size_t sample = 0;
        uint32_t first = count ? f.u32() : 1;
        for (uint32_t i = 0; i < count; ++i) {
            const uint32_t per_chunk = f.u32(), description = f.u32();
            const uint32_t next = i + 1 < count ? f.u32() : static_cast<uint32_t>(chunks.size()) + 1;
            if (first == 0 || next < first || next > chunks.size() + 1) wrong(track, "its chunks are out of order");
            for (uint32_t chunk = first; chunk < next; ++chunk) {
                const size_t here = std::min<size_t>(per_chunk, track.timecodes.size() - sample);
                fill_chunk(track, sample, here, chunks[chunk - 1], description);
                sample += here;
            }
            first = next;
        }
        if (sample != track.timecodes.size()) wrong(track, "its chunks hold fewer samples than it has");
    }

    void fill_chunk(FileTrack& track, size_t first, size_t count, uint64_t offset, uint32_t description) {
        if (count == 0) return;
        if (description == 0 || description > track.descriptions.size())
            wrong(track, "a sample has a description that is not there");
        std::vector<uint8_t> bytes(count * 4);
        if (offset > size_ || bytes.size() > size_ - offset || !read_(offset, bytes))
            wrong(track, "a sample lies outside the file");
        Fields values(bytes, "mdat", offset);
        for (size_t i = first; i < first + count; ++i) {
            TimecodeSample& sample = track.timecodes[i];
            sample.offset = values.position();
            sample.value = values.i32();
            sample.description = description - 1;
        }
    }

    void read_moof(const OuterBox& outer) {
        const std::vector<uint8_t> bytes = whole(outer);
        const std::vector<Box> boxes = parse_boxes(bytes, outer.offset);
        uint64_t implied = outer.offset;
        for (const Box* traf : boxes.at(0).all("traf"))
            read_traf(*traf, outer.offset, implied);
    }

    /// `implied`: where the data lies when the fragment does not say it: behind that of the track before.
    void read_traf(const Box& traf, uint64_t moof, uint64_t& implied) {
        const Box* head = traf.child("tfhd");
        if (!head) throw error(Msg::file_no_movie, {"a track's fragment has no header (tfhd)"});
        Fields f(*head);
        f.skip(1);
        const uint32_t flags = f.u24();
        Defaults defaults;
        defaults.id = f.u32();
        for (const Defaults& known : defaults_)
            if (known.id == defaults.id) defaults = known;
        uint64_t base = flags & 0x20000 ? moof : implied;
        if (flags & 0x1) base = f.u64();
        if (flags & 0x2) defaults.description = f.u32();
        if (flags & 0x8) defaults.duration = f.u32();
        if (flags & 0x10) defaults.size = f.u32();
        const auto track = std::find_if(out_.tracks.begin(), out_.tracks.end(),
                                        [&](const FileTrack& t) { return t.id == defaults.id; });
        if (track == out_.tracks.end()) throw error(Msg::file_no_movie, {"a fragment belongs to no track"});
        if (const Box* tfdt = traf.child("tfdt")) {
            Fields time(*tfdt);
            track->media_ticks = time.sized(version_of(time));
        }
        uint64_t at = base;
        for (const Box* trun : traf.all("trun"))
            read_trun(*trun, *track, defaults, base, at);
        implied = at;
    }

    void read_trun(const Box& trun, FileTrack& track, const Defaults& defaults, uint64_t base, uint64_t& at) {
        Fields f(trun);
        f.skip(1);
        const uint32_t flags = f.u24();
        const size_t each = 4 * (!!(flags & 0x100) + !!(flags & 0x200) + !!(flags & 0x400) + !!(flags & 0x800));
        const uint32_t count = f.u32();
        if (flags & 0x1) at = base + static_cast<uint64_t>(int64_t{f.i32()});
        if (flags & 0x4) f.skip(4);
        if (uint64_t{count} * each > f.left())
            throw error(Msg::file_no_movie, {"a fragment has fewer samples than it says"});
        const bool timecode = track.handler == "tmcd";
        if (timecode) check_count(track, count);
        track.samples += count;
        if (each == 0 && !timecode) { // nothing to look at, and the count is not bounded by the box
            track.media_ticks += uint64_t{count} * defaults.duration;
            at += uint64_t{count} * defaults.size;
            return;
        }
        for (uint32_t i = 0; i < count; ++i) {
            const uint32_t duration = flags & 0x100 ? f.u32() : defaults.duration;
            const uint32_t size = flags & 0x200 ? f.u32() : defaults.size;
            f.skip(4 * (!!(flags & 0x400) + !!(flags & 0x800)));
            if (timecode) {
                if (size != 4) wrong(track, "a sample is not 4 bytes long");
                track.timecodes.push_back({saturate(track.media_ticks), duration, 0, 0, 0});
                fill_chunk(track, track.timecodes.size() - 1, 1, at, defaults.description);
            }
            track.media_ticks += duration;
            at += size;
        }
    }

    uint64_t size_;
    const ReadAt& read_;
    TimecodeFile out_;
    std::vector<Defaults> defaults_;
};

} // namespace

std::vector<const FileTrack*> TimecodeFile::timecode_tracks() const {
    std::vector<const FileTrack*> out;
    for (const FileTrack& track : tracks)
        if (track.handler == "tmcd") out.push_back(&track);
    return out;
}

const FileTrack* TimecodeFile::track(uint32_t id) const {
    const auto at = std::find_if(tracks.begin(), tracks.end(), [&](const FileTrack& t) { return t.id == id; });
    return at == tracks.end() ? nullptr : &*at;
}

TimecodeFile read_timecode_file(uint64_t file_size, const ReadAt& read) { return Reader(file_size, read).run(); }

std::optional<Counting> counting_of(const TmcdFields& fields) {
    if (fields.flags & TmcdFields::counter || fields.frame_duration == 0 || fields.timescale == 0) return std::nullopt;
    Rational seconds(fields.frame_duration, fields.timescale);
    int64_t nominal = fields.frames;
    const double actual = seconds.inverse().value();
    std::string doubt;
    // Cameras write 29 for 30000/1001: the count is the rate rounded, and readers take it so.
    const int64_t rounded = static_cast<int64_t>(actual + 0.5);
    if (nominal > 0 && nominal + 1 == rounded && nominal == static_cast<int64_t>(actual)) {
        doubt = "it says " + std::to_string(nominal) + " numbers a second at a rate of " + std::to_string(rounded);
        nominal = rounded;
    }
    if (nominal == 0) nominal = rounded;
    if (nominal == 0 || nominal > 255) return std::nullopt;
    // Fast pictures that are counted at half the rate or less, with the pictures' duration in the description: the
    // number of frames is what counts.
    const int64_t factor = static_cast<int64_t>(actual / static_cast<double>(nominal) + 0.5);
    if (factor > 1) seconds = seconds * Rational(factor);
    // Exact rates are written as 2997/100 and the like.
    const double off = seconds.inverse().value() / static_cast<double>(nominal);
    if (off < 0.98 || off > 1.02) doubt = "the numbers last another time than their number a second says";
    const bool dropping = fields.flags & TmcdFields::drop_frame;
    const bool slowed = off < 0.9995 || dropping;
    const Rational fps = slowed ? Rational(nominal * 1000, 1001) : Rational(nominal);
    if (dropping && !tc::Rate::may_drop(fps)) {
        doubt = "it says drop frame, which does not exist at " + std::to_string(nominal) + " a second";
        return Counting{tc::Rate(off < 0.9995 ? fps : Rational(nominal), false), seconds, doubt};
    }
    if (dropping && off >= 0.9995) doubt = "it says drop frame at a whole rate";
    return Counting{tc::Rate(fps, dropping), seconds, doubt};
}

std::vector<TimecodeSpan> timecode_spans(const TimecodeFile& file, const FileTrack& track) {
    std::vector<FileEdit> edits = track.edits;
    if (edits.empty()) edits.push_back({0, 0});
    const int64_t media_end =
        track.timecodes.empty() ? 0 : saturate(Wide{track.timecodes.back().time} + track.timecodes.back().duration);
    std::vector<TimecodeSpan> out;
    int64_t presented = 0;
    for (const FileEdit& edit : edits) {
        const int64_t length =
            edit.duration ? to_ns(Wide{edit.duration}, file.movie_timescale)
                          : (edit.media_time < 0 ? 0 : to_ns(Wide{media_end} - edit.media_time, track.timescale));
        if (length <= 0) continue;
        const int64_t end = saturate(Wide{presented} + length);
        if (edit.media_time >= 0) {
            const auto after = [&](int64_t time, const TimecodeSample& s) { return time < s.time; };
            auto sample = std::upper_bound(track.timecodes.begin(), track.timecodes.end(), edit.media_time, after);
            if (sample != track.timecodes.begin()) --sample;
            for (; sample != track.timecodes.end(); ++sample) {
                const int64_t from = to_ns(Wide{sample->time} - edit.media_time, track.timescale);
                const bool last = sample + 1 == track.timecodes.end();
                const int64_t until =
                    last ? end - presented : to_ns(Wide{(sample + 1)->time} - edit.media_time, track.timescale);
                TimecodeSpan span;
                span.start = saturate(Wide{presented} + std::max<int64_t>(0, from));
                span.end = std::min(end, saturate(Wide{presented} + until));
                span.elapsed = from < 0 ? -from : 0;
                span.value = sample->value;
                span.description = sample->description;
                if (span.start >= end) break;
                if (span.end > span.start) out.push_back(span);
            }
        }
        presented = end;
    }
    return out;
}

int64_t number_at(const TimecodeSpan& span, const Counting& counting, int64_t time, int pictures) {
    const Wide picture = Wide{second} * counting.number_seconds.num; // numbers last picture / den ns
    const Wide elapsed = (Wide{time} - span.start + span.elapsed) * counting.number_seconds.den * pictures;
    const Wide numbers = (2 * elapsed + picture) / (2 * picture); // to nearest: times are rounded
    return saturate(Wide{span.value} * pictures + numbers);
}

} // namespace onair::mov

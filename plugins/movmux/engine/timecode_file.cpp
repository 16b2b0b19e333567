// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/timecode_file.hpp"

#include "engine/fragment_samples.hpp"
#include "engine/messages.hpp"
#include "engine/sample_table_reader.hpp"

#include <algorithm>
#include <array>

namespace onair::mov {

namespace {

[[noreturn]] void wrong(const FileTrack& track, std::string_view what) {
    throw error(Msg::file_timecode_wrong, {std::to_string(track.id), what});
}

class Reader {
  public:
    Reader(uint64_t size, const ReadAt& read) : size_(size), read_(read) {}

    TimecodeFile run() {
        out_.outer = outer_boxes(size_, read_);
        const auto moov =
            std::find_if(out_.outer.begin(), out_.outer.end(), [](const OuterBox& b) { return b.type == "moov"; });
        if (moov == out_.outer.end()) throw error(Msg::file_no_movie, {"it has no movie box (moov)"});
        out_.moov = read_box(*moov, read_);
        out_.moov_offset = moov->offset;
        read_moov(parse_boxes(out_.moov, moov->offset).at(0));
        if (out_.fragmented)
            for (const OuterBox& box : out_.outer)
                if (box.type == "moof") read_moof(box);
        return std::move(out_);
    }

  private:
    void read_moov(const Box& moov) {
        out_.movie_timescale = read_movie_timescale(moov);
        if (const Box* mvex = moov.child("mvex")) {
            out_.fragmented = true;
            fragments_.add_defaults(*mvex);
        }
        for (const Box* trak : moov.all("trak"))
            read_trak(*trak);
    }

    void read_trak(const Box& trak) {
        FileTrack& track = out_.tracks.emplace_back();
        static_cast<TrackHead&>(track) = read_track_head(trak);
        read_durations(trak, track);
        const Box& stsd = need_box(trak, "mdia/minf/stbl/stsd");
        if (track.handler == "tmcd") {
            for (const Box& entry : stsd.children) {
                if (entry.type != "tmcd") wrong(track, "its samples are of the kind " + entry.type);
                track.descriptions.push_back(read_timecode_description(entry));
            }
            if (track.samples > 0) read_samples(need_box(trak, "mdia/minf/stbl"), track);
        }
        fragments_.add_track(track.id);
        constexpr uint64_t most = INT64_MAX / 2;
        fragments_.begin_at(out_.tracks.size() - 1, static_cast<int64_t>(std::min(track.media_ticks, most)));
    }

    static void read_durations(const Box& trak, FileTrack& track) {
        Fields f(need_box(trak, "mdia/minf/stbl/stts"));
        take_version(f);
        for (uint32_t n = f.count(8); n; --n) {
            const uint64_t count = f.u32(), duration = f.u32();
            track.media_ticks += count * duration;
            track.samples += count;
        }
    }

    /// Every sample of 4 bytes lies somewhere in the file, so there cannot be more of them than the file is long.
    void check_count(const FileTrack& track, uint64_t more) const {
        if (track.timecodes.size() + more > size_ / 4 + 1)
            wrong(track, "it has more samples than the file has room for");
    }

    void read_samples(const Box& stbl, FileTrack& track) {
        check_count(track, track.samples);
        track.timecodes.reserve(track.samples);
        read_sample_table(stbl, [&](const Sample& sample, uint64_t at) { take(track, sample, at); });
        if (track.timecodes.size() != track.samples) wrong(track, "it has another number of sizes than of durations");
    }

    void take(FileTrack& track, const Sample& sample, uint64_t position) const {
        check_count(track, sample.count);
        if (sample.size != 4) wrong(track, "a sample is not 4 bytes long");
        if (sample.description == 0 || sample.description > track.descriptions.size())
            wrong(track, "a sample has a description that is not there");
        std::array<uint8_t, 4> bytes{};
        int64_t time = sample.dts;
        for (uint32_t n = sample.count; n; --n, position += bytes.size(), time += *sample.duration) {
            if (position > size_ || bytes.size() > size_ - position || !read_(position, bytes))
                wrong(track, "a sample lies outside the file");
            const int32_t value = Fields(bytes, "mdat", position).i32();
            track.timecodes.push_back({time, *sample.duration, value, sample.description - 1, position});
        }
    }

    void read_moof(const OuterBox& outer) {
        const std::vector<uint8_t> bytes = read_box(outer, read_);
        fragments_.read(parse_boxes(bytes, outer.offset).at(0), [&](const ToldSample& told) {
            FileTrack& track = out_.tracks[told.track];
            const Sample& sample = told.sample;
            if (track.handler == "tmcd") take(track, sample, told.position);
            track.samples += sample.count;
            track.media_ticks = static_cast<uint64_t>(sample.dts + *sample.duration * sample.count);
        });
    }

    uint64_t size_;
    const ReadAt& read_;
    TimecodeFile out_;
    FragmentSamples fragments_;
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

} // namespace onair::mov

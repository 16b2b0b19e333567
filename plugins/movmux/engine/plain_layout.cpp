// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/layout.hpp"
#include "engine/messages.hpp"

namespace onair::mov {

namespace {

constexpr size_t wide_size = 8, media_header = 8;

/// A movie whose media come first. `wide` is the room that a 64-bit size of mdat takes when it is needed.
class PlainLayout final : public Layout {
  public:
    PlainLayout(Movie& movie, Output& output) : movie_(movie), stream_(output) {}

    void begin() override {
        BoxWriter w;
        movie_.write_file_type(w);
        wide_at_ = w.size();
        w.box("wide", [] {});
        w.u32(0); // to the end of the file, until the size is known
        w.type("mdat");
        stream_.write(w.data());
    }

    void add(size_t track, Piece piece) override {
        index_sample(movie_.tracks()[track], piece.sample, stream_.position());
        stream_.write_payload(piece.payload);
    }

    void finish() override {
        BoxWriter w;
        w.bytes(finish_tracks(movie_, stream_.position()));
        const uint64_t media = stream_.position() + w.size() - (wide_at_ + wide_size + media_header);
        movie_.write_box(w, Form::whole);
        stream_.write(w.data());
        patch_media_size(media);
    }

  private:
    void patch_media_size(uint64_t media) {
        BoxWriter w;
        const bool large = media + media_header > UINT32_MAX;
        if (large) {
            w.u32(1);
            w.type("mdat");
            w.u64(media + wide_size + media_header);
        } else {
            w.u32(media + media_header);
        }
        stream_.patch(wide_at_ + (large ? 0 : wide_size), w.data());
    }

    Movie& movie_;
    Stream stream_;
    uint64_t wide_at_ = 0;
};

} // namespace

void write_header(BoxWriter& w, std::string_view type, uint64_t size) {
    const bool large = size + media_header > UINT32_MAX;
    w.u32(large ? 1 : size + media_header);
    w.type(type);
    if (large) w.u64(size + 2 * media_header);
}

void index_sample(MediaTrack& track, const Sample& sample, uint64_t position) {
    if (!track.index.has_room(sample.count)) throw error(Msg::too_many_samples, {track.spec().name});
    track.index.add(sample, position);
}

std::vector<uint8_t> finish_tracks(Movie& movie, uint64_t position) {
    for (MediaTrack& track : movie.tracks())
        track.index.close(track.last_duration());
    std::vector<uint8_t> samples;
    for (size_t i = 0; i < movie.timecodes(Form::whole).size();) {
        TimecodeTrack& track = movie.timecodes(Form::whole)[i];
        const std::vector<TimecodeRun> runs = track.finish(movie.tracks()[track.media()].end_pts());
        if (runs.empty()) {
            movie.drop_timecode(track, Form::whole);
            continue;
        }
        track.origin = runs.front().start;
        for (const TimecodeRun& run : runs) {
            const std::vector<uint8_t> bytes = timecode_sample(run);
            Sample sample;
            sample.size = static_cast<uint32_t>(bytes.size());
            sample.dts = run.start - *track.origin;
            sample.duration = run.duration;
            sample.description = track.description_of(run.format);
            track.index.add(sample, position + samples.size());
            samples.insert(samples.end(), bytes.begin(), bytes.end());
        }
        ++i;
    }
    return samples;
}

std::unique_ptr<Layout> make_plain_layout(Movie& movie, Output& output) {
    return std::make_unique<PlainLayout>(movie, output);
}

std::unique_ptr<Layout> make_layout(Movie& movie, Output& output, const Warn& warn) {
    if (movie.spec().mode == Mode::hybrid) return make_hybrid_layout(movie, output, warn);
    constexpr std::unique_ptr<Layout> (*makers[])(Movie&, Output&) = {make_plain_layout, make_faststart_layout,
                                                                      make_fragment_layout};
    return makers[static_cast<size_t>(movie.spec().mode)](movie, output);
}

} // namespace onair::mov

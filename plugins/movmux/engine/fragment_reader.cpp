// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/fragment_reader.hpp"

#include "engine/box_writer.hpp"
#include "engine/fragment_samples.hpp"
#include "engine/messages.hpp"
#include "engine/reserve.hpp"
#include "engine/sample_table_reader.hpp"

#include <algorithm>
#include <array>
#include <deque>
#include <string>
#include <string_view>
#include <utility>

namespace onair::mov {

namespace {

bool printable(std::string_view type) {
    return std::all_of(type.begin(), type.end(),
                       [](char c) { return (c >= 0x20 && c < 0x7f) || static_cast<uint8_t>(c) == 0xa9; });
}

class Reader {
  public:
    Reader(uint64_t size, const ReadAt& read) : size_(size), read_(read) {}

    FragmentedMovie run() {
        while (const std::optional<OuterBox> box = next_box())
            if (!take(*box)) break;
        if (out_.moov.empty()) throw error(Msg::no_movie_to_recover, {seen_.empty() ? "nothing" : seen_});
        if (cut_media_) end_media(*cut_media_);
        std::erase_if(out_.trims, [&](const Trim& trim) { return trim.position >= out_.end; });
        return std::move(out_);
    }

  private:
    /// The next outermost box; nothing where the file ends or has no box any more. A media-data box may be cut off.
    std::optional<OuterBox> next_box() {
        constexpr uint64_t least = 8;
        if (at_ >= size_) return std::nullopt;
        if (size_ - at_ < least) return cut_off("");
        std::array<uint8_t, 16> head{};
        const auto there = std::span(head).first(static_cast<size_t>(std::min<uint64_t>(head.size(), size_ - at_)));
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
        if (box.size > size_ - at_ && box.type != "mdat") return cut_off(box.type);
        // A finished movie of mode=hybrid that was cut off later: its fragments are still there.
        if (at_ == out_.file_type_size && at_ > 0 && box.header == reserve_size && box.size > size_ - at_) {
            out_.reserve = at_;
            box.size = reserve_size;
        }
        at_ += std::min(box.size, size_ - at_);
        return box;
    }

    std::optional<OuterBox> cut_off(const std::string& type) {
        if (!type.empty()) note(type + " (cut off)");
        out_.torn = true;
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
        if (box.type == "mdat" && box.size > size_ - box.offset)
            cut_media_ = box;
        else if (box.type == "mdat")
            out_.end = std::max(out_.end, box.offset + box.size);
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
        if (length <= reserve_size + box_header || length - box_header > size_ - box.offset) return;
        const uint64_t end = box.offset + length - box_header;
        const bool begun = size_ - end >= bytes.size() && read_(end, bytes);
        if (begun && !std::equal(bytes.begin() + 4, bytes.end(), "free")) return; // the number itself is cut off
        out_.torn |= end < size_;
        size_ = end;
    }

    /// The media-data box at the end of the file ends behind its last whole sample.
    void end_media(const OuterBox& box) {
        out_.torn = true;
        out_.end = std::max({out_.end, box.offset + box.header, samples_end_});
        BoxWriter w;
        if (box.header == 16)
            w.u32(1), w.type("mdat"), w.u64(out_.end - box.offset);
        else
            w.u32(out_.end - box.offset);
        out_.trims.push_back({box.offset, w.take()});
    }

    void read_moov(const OuterBox& outer) {
        out_.moov = read_box(outer, read_);
        out_.moov_offset = outer.offset;
        const std::vector<Box> boxes = parse_boxes(out_.moov, outer.offset);
        if (const Box* mvex = boxes.at(0).child("mvex")) {
            out_.fragmented = true;
            fragments_.add_defaults(*mvex);
        }
        const std::vector<const Box*> traks = boxes.at(0).all("trak");
        for (const Box* trak : traks)
            read_trak(*trak);
        if (!out_.fragmented) return; // whole already: nobody wants its samples
        ToldSample told;
        for (told.track = 0; told.track < traks.size(); ++told.track) {
            const Box& stbl = need_box(*traks[told.track], "mdia/minf/stbl");
            read_sample_table(stbl, [&](const Sample& sample, uint64_t position) {
                told.sample = sample;
                told.position = position;
                take_sample(told);
            });
            fragments_.begin_at(told.track, builders_[told.track].next_dts());
        }
    }

    void read_trak(const Box& trak) {
        builders_.emplace_back(out_.tracks.emplace_back(), trak, read_);
        torn_.push_back(false);
        fragments_.add_track(out_.tracks.back().id);
    }

    /// False where a fragment makes no sense: a power cut may leave holes.
    bool read_moof(const OuterBox& outer) {
        if (out_.moov.empty()) return true;
        const std::vector<uint8_t> bytes = read_box(outer, read_);
        const uint64_t before = taken_;
        torn_.assign(torn_.size(), false);
        try {
            fragments_.read(parse_boxes(bytes, outer.offset).at(0), [&](const ToldSample& told) { take_sample(told); });
        } catch (const Error& e) {
            if (e.kind() == ErrorKind::resource) throw;
            return false;
        }
        out_.fragments += taken_ != before;
        return true;
    }

    void trim(uint64_t position, uint64_t value) {
        if (position == 0) return;
        BoxWriter w;
        w.u32(value);
        out_.trims.push_back({position, w.take()});
    }

    /// Keeps of what is told what lies whole in the file.
    void take_sample(const ToldSample& told) {
        TrackBuilder& track = builders_[told.track];
        bool& torn = torn_[told.track];
        Sample sample = told.sample;
        const uint64_t left = !torn && told.position < size_ ? size_ - told.position : 0;
        uint64_t whole = sample.count;
        if (torn || told.position > size_)
            whole = 0;
        else if (sample.size)
            whole = std::min(whole, left / sample.size);
        if (whole == sample.count) return add(track, sample, told.position);
        out_.samples_lost += sample.count - whole;
        Sample partial = sample;
        partial.count = 1;
        partial.dts += *sample.duration * static_cast<int64_t>(whole);
        const bool shortened = shorten(partial, track.frame_bytes(), left - std::min(left, whole * sample.size));
        if (!torn || told.number == 0) trim(told.count_at, told.number + whole + shortened);
        torn = true; // what follows in this track would leave a hole
        sample.count = static_cast<uint32_t>(whole);
        if (whole) add(track, sample, told.position);
        if (shortened) add(track, partial, told.position + whole * sample.size);
    }

    /// Of uncompressed sound the frames are what counts: those that are whole stay.
    static bool shorten(Sample& sample, uint32_t frame, uint64_t left) {
        if (frame == 0 || left >= sample.size || left < frame || sample.size % frame != 0 ||
            *sample.duration < sample.size / frame)
            return false;
        sample.size = static_cast<uint32_t>(left / frame * frame);
        sample.duration = sample.size / frame;
        return true;
    }

    void add(TrackBuilder& track, const Sample& sample, uint64_t position) {
        ++taken_;
        samples_end_ = std::max(samples_end_, position + uint64_t{sample.size} * sample.count);
        track.add(sample, position);
    }

    uint64_t size_;
    const ReadAt& read_;
    uint64_t at_ = 0, samples_end_ = 0, taken_ = 0;
    std::string seen_; ///< names of the boxes before the movie box
    FragmentSamples fragments_;
    FragmentedMovie out_;
    std::deque<TrackBuilder> builders_; ///< by track
    std::deque<bool> torn_;             ///< by track: a sample of this fragment is not whole
    std::optional<OuterBox> cut_media_; ///< the last box, when it is cut off
};

} // namespace

FragmentedMovie read_fragments(uint64_t file_size, const ReadAt& read) { return Reader(file_size, read).run(); }

} // namespace onair::mov

// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "edit.hpp"

#include "engine/box_writer.hpp"
#include "engine/timecode_spans.hpp"
#include "messages.hpp"
#include "movie_edit.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace onair::tctool {

using namespace onair::mov;

namespace {

std::vector<uint8_t> big_endian(uint32_t value) {
    BoxWriter w;
    w.u32(value);
    return w.take();
}

/// Numbers of a description, by the drop-frame flag that it is to have.
tc::Rate rate_of(const TmcdFields& fields, bool drop, uint32_t id) {
    TmcdFields plain = fields;
    plain.flags &= ~TmcdFields::drop_frame;
    const std::optional<Counting> counting = counting_of(plain);
    if (!counting) throw error(Msg::not_counted, {std::to_string(id)});
    if (!drop) return counting->rate;
    const Rational slowed(int64_t{counting->rate.nominal()} * 1000, 1001);
    if (!tc::Rate::may_drop(slowed)) throw error(Msg::no_drop_frame, {std::to_string(counting->rate.nominal())});
    return {slowed, true};
}

/// Without what is the same at both ends.
void trim(Patch& patch) {
    while (!patch.before.empty() && !patch.after.empty() && patch.before.back() == patch.after.back() &&
           patch.before.size() == patch.after.size())
        patch.before.pop_back(), patch.after.pop_back();
    const size_t shorter = std::min(patch.before.size(), patch.after.size());
    const auto first = std::mismatch(patch.before.begin(), patch.before.begin() + static_cast<std::ptrdiff_t>(shorter),
                                     patch.after.begin());
    patch.offset += static_cast<uint64_t>(first.first - patch.before.begin());
    patch.after.erase(patch.after.begin(), first.second);
    patch.before.erase(patch.before.begin(), first.first);
}

class Planner {
  public:
    Planner(const TimecodeFile& file, const Request& request) : file_(file), request_(request), movie_(file) {}

    Plan run(uint64_t size, const ReadAt& read, bool growing) {
        for (const FileTrack* track : wanted())
            change(*track);
        if (request_.command == Command::repair) {
            movie_.repair_references(done_);
            for (const FileTrack* track : wanted())
                movie_.repair_duration(*track, done_);
        }
        Plan out;
        out.size = size;
        out.patches = std::move(patches_);
        out.done = std::move(done_);
        movie_.place(out, size, growing);
        for (Patch& patch : out.patches) {
            const uint64_t there =
                patch.offset < size ? std::min<uint64_t>(patch.after.size(), size - patch.offset) : 0;
            patch.before.resize(static_cast<size_t>(there));
            if (!read(patch.offset, patch.before))
                throw error(Msg::not_understood, {"byte " + std::to_string(patch.offset) + " cannot be read"});
        }
        for (Patch& patch : out.patches)
            trim(patch);
        std::erase_if(out.patches, [](const Patch& p) { return p.before == p.after; });
        verify(out, size, read);
        return out;
    }

  private:
    std::vector<const FileTrack*> wanted() const {
        std::vector<const FileTrack*> tracks = file_.timecode_tracks();
        if (tracks.empty()) throw error(Msg::no_timecode, {});
        if (request_.track) std::erase_if(tracks, [&](const FileTrack* t) { return t->id != *request_.track; });
        if (tracks.empty()) throw error(Msg::no_such_track, {std::to_string(*request_.track)});
        return tracks;
    }

    void change(const FileTrack& track) {
        if (track.descriptions.empty() || track.timecodes.empty())
            throw error(Msg::not_counted, {std::to_string(track.id)});
        for (size_t i = 0; i < track.descriptions.size(); ++i) {
            uint32_t flags = track.descriptions[i].fields.flags;
            const bool drop = request_.drop_frame.value_or(flags & TmcdFields::drop_frame);
            rate_of(track.descriptions[i].fields, drop, track.id); // refuses
            if (request_.drop_frame) flags = (flags & ~TmcdFields::drop_frame) | (drop ? TmcdFields::drop_frame : 0);
            flags_.push_back(flags);
        }
        if (request_.command == Command::repair)
            repair_count(track);
        else
            move(track);
        for (size_t i = 0; i < track.descriptions.size(); ++i)
            if (flags_[i] != track.descriptions[i].fields.flags) {
                movie_.patch(track.descriptions[i].flags_offset, big_endian(flags_[i]));
                done_.push_back("track " + std::to_string(track.id) + ": flags " +
                                std::to_string(track.descriptions[i].fields.flags) + " to " +
                                std::to_string(flags_[i]));
            }
        flags_.clear();
    }

    /// Some cameras write 29 numbers a second at 30000/1001; half of the readers believe it.
    void repair_count(const FileTrack& track) {
        constexpr uint64_t behind_flags = 12;
        for (const TimecodeDescription& description : track.descriptions) {
            const std::optional<Counting> counting = counting_of(description.fields);
            const int nominal = counting ? counting->rate.nominal() : 0;
            if (nominal != description.fields.frames + 1) continue;
            movie_.patch(description.flags_offset + behind_flags, std::vector{static_cast<uint8_t>(nominal)});
            done_.push_back("track " + std::to_string(track.id) + ": " + std::to_string(nominal) + " numbers a second");
        }
    }

    /// By how many numbers of the first description the samples move.
    int64_t distance(const FileTrack& track, const tc::Rate& rate, int64_t first) {
        const bool drop = rate.drop_frame();
        std::string_view text = request_.argument;
        if (request_.command == Command::set) {
            const tc::Parsed start = tc::parse(text, tc::Sign::allowed);
            if (start.drop_frame != drop)
                throw error(Msg::flag_differs, {text, std::to_string(track.id), drop ? "drop frame" : "non-drop frame",
                                                start.drop_frame ? "on" : "off"});
            const int64_t number = to_frames(start, rate);
            if (number < 0 && track.timecodes.size() > 1) throw error(Msg::no_negative, {});
            if (number < 0)
                for (uint32_t& flags : flags_)
                    flags |= TmcdFields::negative;
            return number - first;
        }
        const bool minus = !text.empty() && text.front() == '-';
        if (!text.empty() && (text.front() == '-' || text.front() == '+')) text.remove_prefix(1);
        int64_t number = 0;
        const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
        if (failed != std::errc() || end != text.data() + text.size() || number < 0) {
            tc::Parsed by = tc::parse(text);
            validate(by.address, rate);
            number = to_frames(by.address, rate);
        }
        return minus ? -number : number;
    }

    void move(const FileTrack& track) {
        const std::vector<TimecodeSpan> spans = timecode_spans(file_, track);
        const uint32_t description = spans.empty() ? 0 : spans.front().description;
        const TmcdFields& fields = track.descriptions[description].fields;
        const tc::Rate rate = rate_of(fields, flags_[description] & TmcdFields::drop_frame, track.id);
        // The first timecode that is shown: an edit may begin in the middle of a sample.
        const std::optional<Counting> counting = counting_of(fields);
        if (!counting) throw error(Msg::not_counted, {std::to_string(track.id)});
        const int64_t first =
            spans.empty() ? track.timecodes.front().value : number_at(spans.front(), *counting, spans.front().start);
        const int64_t by = distance(track, rate, first);
        for (const TimecodeSample& sample : track.timecodes) {
            const TmcdFields& own = track.descriptions[sample.description].fields;
            const tc::Rate counted = rate_of(own, flags_[sample.description] & TmcdFields::drop_frame, track.id);
            int64_t value = sample.value + by * counted.nominal() / rate.nominal();
            const int64_t day = counted.frames_per_day();
            const bool negative = flags_[sample.description] & TmcdFields::negative;
            value = negative && value < 0 ? -(-value % day) : (value % day + day) % day;
            patches_.push_back({sample.offset, {}, big_endian(static_cast<uint32_t>(static_cast<int32_t>(value)))});
        }
        done_.push_back("track " + std::to_string(track.id) + ": starts at " +
                        tc::format_frames(first + by, rate, flags_[description] & TmcdFields::negative));
    }

    /// The changed file must read, and what is no timecode must be what it was.
    void verify(const Plan& plan, uint64_t size, const ReadAt& read) const {
        std::string why;
        try {
            const TimecodeFile after = read_timecode_file(plan.size, patched(read, size, plan));
            if (after.tracks.size() != file_.tracks.size()) why = "another number of tracks";
            for (size_t i = 0; why.empty() && i < after.tracks.size(); ++i) {
                const FileTrack &was = file_.tracks[i], &is = after.tracks[i];
                if (was.id != is.id || was.samples != is.samples || was.handler != is.handler) why = "another track";
                if (was.handler != "tmcd" && was.media_ticks != is.media_ticks) why = "another duration of a track";
            }
        } catch (const Error& e) {
            why = e.what();
        }
        if (!why.empty()) throw error(Msg::not_understood, {why});
    }

    const TimecodeFile& file_;
    const Request& request_;
    MovieEdit movie_;
    std::vector<uint32_t> flags_; ///< of the track that is being changed, by description
    std::vector<Patch> patches_;
    std::vector<std::string> done_;
};

} // namespace

Plan plan(const TimecodeFile& file, uint64_t size, const ReadAt& read, const Request& request, bool growing) {
    return Planner(file, request).run(size, read, growing);
}

ReadAt patched(const ReadAt& read, uint64_t size, const Plan& plan) {
    return [&read, size, &plan](uint64_t at, std::span<uint8_t> into) {
        std::fill(into.begin(), into.end(), uint8_t{0});
        if (at < size) {
            const size_t old = static_cast<size_t>(std::min<uint64_t>(into.size(), size - at));
            if (!read(at, into.first(old))) return false;
        }
        for (const Patch& patch : plan.patches) {
            const uint64_t from = std::max(at, patch.offset);
            const uint64_t to = std::min(at + into.size(), patch.offset + patch.after.size());
            for (uint64_t i = from; i < to; ++i)
                into[static_cast<size_t>(i - at)] = patch.after[static_cast<size_t>(i - patch.offset)];
        }
        return at + into.size() <= plan.size;
    };
}

} // namespace onair::tctool

// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/fragment_samples.hpp"

#include "engine/fragment_flags.hpp"
#include "engine/messages.hpp"

#include <algorithm>

namespace onair::mov {

namespace {

constexpr uint32_t is_not_key = 0x10000; // sample flags: sample_is_non_sync_sample
constexpr uint32_t most_empty_samples = 1 << 20;
constexpr uint64_t latest = uint64_t{1} << 62; // of decoding times: sums of two stay numbers

[[noreturn]] void wrong(std::string_view why) { throw error(Msg::file_no_movie, {why}); }

} // namespace

void FragmentSamples::add_defaults(const Box& mvex) {
    for (const Box* trex : mvex.all("trex")) {
        Fields f(*trex);
        f.skip(4);
        Defaults& d = defaults_.emplace_back();
        d.id = f.u32();
        d.description = f.u32();
        d.duration = f.u32();
        d.size = f.u32();
        d.flags = f.u32();
    }
}

void FragmentSamples::add_track(uint32_t id) { tracks_.push_back({id, 0}); }

void FragmentSamples::read(const Box& moof, const Take& take) {
    uint64_t implied = moof.offset; // where the data lies when a track's fragment does not say it
    for (const Box* traf : moof.all("traf"))
        read_track(*traf, moof.offset, implied, take);
}

void FragmentSamples::read_track(const Box& traf, uint64_t moof, uint64_t& implied, const Take& take) {
    const Box* head = traf.child("tfhd");
    if (!head) wrong("a track's fragment has no header (tfhd)");
    Fields f(*head);
    f.skip(1);
    const uint32_t flags = f.u24(), id = f.u32();
    const auto track = std::find_if(tracks_.begin(), tracks_.end(), [&](const Track& t) { return t.id == id; });
    if (track == tracks_.end()) wrong("a fragment belongs to no track");
    Defaults defaults;
    for (const Defaults& known : defaults_)
        if (known.id == id) defaults = known;
    uint64_t base = flags & from_moof ? moof : implied;
    if (flags & has_base) base = f.u64();
    if (flags & has_description) defaults.description = f.u32();
    if (flags & has_default_duration) defaults.duration = f.u32();
    if (flags & has_default_size) defaults.size = f.u32();
    if (flags & has_default_flags) defaults.flags = f.u32();
    if (const Box* tfdt = traf.child("tfdt")) {
        Fields time(*tfdt);
        const uint8_t version = time.u8();
        time.skip(3);
        const uint64_t dts = time.sized(version);
        if (dts > latest) wrong("a fragment begins at no time");
        track->next_dts = static_cast<int64_t>(dts);
    }
    Place place{static_cast<size_t>(track - tracks_.begin()), base, base};
    for (const Box* trun : traf.all("trun"))
        read_run(*trun, defaults, place, take);
    implied = place.at;
}

void FragmentSamples::read_run(const Box& trun, const Defaults& defaults, Place& place, const Take& take) {
    Fields f(trun);
    const uint8_t version = f.u8();
    const uint32_t flags = f.u24();
    ToldSample told;
    told.track = place.track;
    told.count_at = f.position();
    const uint32_t count = f.u32();
    size_t each = 0;
    for (const uint32_t flag : {has_duration, has_size, has_flags, has_composition})
        each += flags & flag ? 4 : 0;
    if (flags & has_data_offset) place.at = place.base + static_cast<uint64_t>(int64_t{f.i32()});
    const uint32_t first_flags = flags & has_first_flags ? f.u32() : defaults.flags;
    if (uint64_t{count} * each > f.left()) wrong("a fragment has fewer samples than it says");
    if (each == 0 && defaults.size == 0 && count > most_empty_samples)
        wrong("a fragment has too many samples without bytes");
    Sample& sample = told.sample;
    sample.description = defaults.description;
    int64_t& dts = tracks_[place.track].next_dts;
    for (uint32_t i = 0; i < count; i += sample.count) {
        const bool first_differs = i == 0 && first_flags != defaults.flags;
        sample.count = each || first_differs ? 1 : count - i;
        const uint32_t duration = flags & has_duration ? f.u32() : defaults.duration;
        sample.size = flags & has_size ? f.u32() : defaults.size;
        sample.key = !((flags & has_flags ? f.u32() : i == 0 ? first_flags : defaults.flags) & is_not_key);
        if (flags & has_composition) {
            const uint32_t value = f.u32();
            sample.composition = version ? int64_t{static_cast<int32_t>(value)} : int64_t{value};
        }
        sample.dts = dts;
        sample.duration = duration;
        told.position = place.at;
        told.number = i;
        const uint64_t ticks = uint64_t{duration} * sample.count;
        if (ticks > latest || static_cast<uint64_t>(dts) + ticks > latest) wrong("a fragment ends at no time");
        take(told);
        dts += static_cast<int64_t>(ticks);
        place.at += uint64_t{sample.size} * sample.count;
    }
}

} // namespace onair::mov

// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/sample_table_reader.hpp"

#include "engine/messages.hpp"

#include <optional>
#include <vector>

namespace onair::mov {

namespace {

[[noreturn]] void wrong(std::string_view why) { throw error(Msg::file_no_movie, {why}); }

/// A table of (count, value); one value after another.
class Runs {
  public:
    explicit Runs(const Box* box) {
        if (!box) return;
        fields_.emplace(*box);
        fields_->skip(4);
        entries_ = fields_->count(8);
    }
    bool there() const { return fields_.has_value(); }
    uint32_t next() {
        while (left_ == 0) {
            if (entries_ == 0) wrong("a table of its samples is too short");
            --entries_;
            left_ = fields_->u32();
            value_ = fields_->u32();
        }
        --left_;
        return value_;
    }

  private:
    std::optional<Fields> fields_;
    uint32_t entries_ = 0, left_ = 0, value_ = 0;
};

/// The numbers of the key samples; without the box all are.
class Keys {
  public:
    explicit Keys(const Box* box) {
        if (!box) return;
        fields_.emplace(*box);
        fields_->skip(4);
        left_ = fields_->count(4);
        step();
    }
    bool is_key(uint32_t number) {
        if (!fields_) return true;
        while (next_ && *next_ < number)
            step();
        return next_ == number;
    }

  private:
    void step() { next_ = left_-- > 0 ? std::optional(fields_->u32()) : std::nullopt; }

    std::optional<Fields> fields_;
    int64_t left_ = 0;
    std::optional<uint32_t> next_;
};

struct ChunkRun {
    uint32_t first, samples, description;
};

std::vector<ChunkRun> chunk_runs(const Box& stsc) {
    Fields f(stsc);
    f.skip(4);
    std::vector<ChunkRun> runs(f.count(12));
    for (ChunkRun& run : runs)
        run = {f.u32(), f.u32(), f.u32()};
    return runs;
}

const Box& need(const Box& stbl, const char* name) {
    const Box* box = stbl.child(name);
    if (!box) wrong(std::string("a track has no table ") + name);
    return *box;
}

} // namespace

void read_sample_table(const Box& stbl, const std::function<void(const Sample&, uint64_t)>& take) {
    Fields sizes(need(stbl, "stsz"));
    sizes.skip(4);
    const uint32_t each = sizes.u32(), count = sizes.u32();
    if (count == 0) return;
    const Box* small = stbl.child("stco");
    Fields positions(small ? *small : need(stbl, "co64"));
    positions.skip(4);
    const uint32_t chunks = positions.count(small ? 4 : 8);
    const std::vector<ChunkRun> runs = chunk_runs(need(stbl, "stsc"));
    Runs durations(&need(stbl, "stts")), compositions(stbl.child("ctts"));
    Keys keys(stbl.child("stss"));
    Sample sample;
    uint32_t number = 1;
    size_t run = 0;
    for (uint32_t chunk = 1; chunk <= chunks && number <= count; ++chunk) {
        while (run + 1 < runs.size() && runs[run + 1].first <= chunk)
            ++run;
        if (runs.empty() || runs[run].first > chunk) wrong("its chunks are out of order");
        uint64_t at = small ? positions.u32() : positions.u64();
        sample.description = runs[run].description;
        for (uint32_t i = 0; i < runs[run].samples && number <= count; ++i, ++number) {
            sample.size = each ? each : sizes.u32();
            sample.duration = durations.next();
            sample.composition = compositions.there() ? static_cast<int32_t>(compositions.next()) : 0;
            sample.key = keys.is_key(number);
            take(sample, at);
            sample.dts += *sample.duration;
            at += sample.size;
        }
    }
    if (number <= count) wrong("its chunks hold fewer samples than it has");
}

} // namespace onair::mov

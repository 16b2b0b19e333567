// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/sample_index.hpp"

#include <algorithm>

namespace onair::mov {

namespace {

/// Samples that follow one another without a byte between them are one chunk up to this size, so that a reader that
/// loads chunks does not load a whole track.
constexpr uint64_t largest_chunk = 1 << 20;

uint32_t table_value(int64_t ticks) { return static_cast<uint32_t>(std::clamp<int64_t>(ticks, 0, UINT32_MAX)); }

} // namespace

void SampleIndex::close(int64_t duration) {
    if (!open_) return;
    open_ = false;
    durations_.add(1, table_value(duration));
    ticks_ += table_value(duration);
}

void SampleIndex::add(const Sample& sample, uint64_t position) {
    if (sample.count == 0) return;
    if (samples_ == 0) first_dts_ = sample.dts;
    close(sample.dts - last_dts_);
    add_size(sample);
    add_chunk(sample, position);
    if (sample.composition != 0 && compositions_.empty()) compositions_.add(static_cast<uint32_t>(samples_), 0);
    if (sample.composition != 0 || !compositions_.empty())
        compositions_.add(sample.count, static_cast<int32_t>(sample.composition));
    keys_.add(sample.count, sample.key);
    open_ = !sample.duration;
    if (sample.duration) {
        durations_.add(sample.count, table_value(*sample.duration));
        ticks_ += int64_t{table_value(*sample.duration)} * sample.count;
    }
    last_dts_ = sample.dts;
    samples_ += sample.count;
    bytes_ += uint64_t{sample.count} * sample.size;
}

void SampleIndex::move(uint64_t bytes) {
    for (uint64_t& position : chunks_)
        position += bytes;
    chunk_end_ += bytes;
}

void SampleIndex::add_size(const Sample& sample) {
    if (samples_ == 0) common_size_ = sample.size;
    if (sizes_.empty() && sample.size != common_size_) sizes_.assign(samples_, common_size_);
    if (sample.size != common_size_ || !sizes_.empty()) sizes_.insert(sizes_.end(), sample.count, sample.size);
}

void SampleIndex::add_chunk(const Sample& sample, uint64_t position) {
    const uint64_t size = uint64_t{sample.count} * sample.size;
    const bool goes_on = !chunks_.empty() && position == chunk_end_ && last_chunk_.description == sample.description &&
                         chunk_bytes_ + size <= largest_chunk &&
                         last_chunk_.samples + uint64_t{sample.count} <= INT32_MAX;
    if (!goes_on) {
        if (!chunks_.empty()) kinds_.add(1, last_chunk_);
        chunks_.push_back(position);
        last_chunk_ = {0, sample.description};
        chunk_bytes_ = 0;
    }
    last_chunk_.samples += sample.count;
    chunk_bytes_ += size;
    chunk_end_ = position + size;
}

RunLengths<SampleIndex::ChunkKind> SampleIndex::chunk_kinds() const {
    RunLengths<ChunkKind> all = kinds_;
    if (!chunks_.empty()) all.add(1, last_chunk_);
    return all;
}

std::optional<uint32_t> SampleIndex::common_size() const noexcept {
    return sizes_.empty() ? std::optional(common_size_) : std::nullopt;
}

size_t SampleIndex::memory() const noexcept {
    return durations_.size() * sizeof(RunLengths<uint32_t>::Run) +
           compositions_.size() * sizeof(RunLengths<int32_t>::Run) + keys_.size() * sizeof(RunLengths<uint8_t>::Run) +
           kinds_.size() * sizeof(RunLengths<ChunkKind>::Run) + sizes_.size() * sizeof(uint32_t) +
           chunks_.size() * sizeof(uint64_t);
}

} // namespace onair::mov

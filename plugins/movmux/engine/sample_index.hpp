// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>

namespace onair::mov {

/// Values of which many in a row are the same, as the tables of a movie have them.
template <class T>
class RunLengths {
  public:
    struct Run {
        uint32_t count;
        T value;
    };
    void add(uint32_t count, const T& value) {
        if (count == 0) return;
        if (!runs_.empty() && runs_.back().value == value)
            runs_.back().count += count;
        else
            runs_.push_back({count, value});
    }
    bool uniform() const noexcept { return runs_.size() < 2; }
    bool empty() const noexcept { return runs_.empty(); }
    size_t size() const noexcept { return runs_.size(); }
    auto begin() const { return runs_.begin(); }
    auto end() const { return runs_.end(); }
    void clear() { runs_.clear(); }

  private:
    std::deque<Run> runs_; // grows without a copy of the whole
};

/// One sample, or `count` equal ones that follow one another (PCM).
struct Sample {
    uint32_t count = 1;
    uint32_t size = 0;               ///< bytes of each
    int64_t dts = 0;                 ///< of the first, ticks
    int64_t composition = 0;         ///< presentation minus decoding time, ticks
    std::optional<int64_t> duration; ///< ticks of each; none: until the next one begins
    bool key = true;
    uint32_t description = 1; ///< sample description, from 1
};

/// What is known of the samples of one track: the one source for the tables of a movie box and for track runs.
///
/// | per sample                          | bytes in memory                                                  |
/// |-------------------------------------|------------------------------------------------------------------|
/// | duration, key flag                  | 8 for each change                                                |
/// | composition offset                  | 8 for each change; nothing as long as all are 0                  |
/// | size                                | 0 while all are equal (PCM, raw video), else 4                   |
/// | chunk (samples one after another)   | 8 for its position, and 12 for each change of its length         |
class SampleIndex {
  public:
    struct ChunkKind {
        uint32_t samples = 0, description = 1;
        bool operator==(const ChunkKind&) const = default;
    };

    /// `position` is that of the sample's bytes in the file; samples come in decoding order.
    void add(const Sample& sample, uint64_t position);

    /// The duration of the last sample, when add() got none; without a call it is 0.
    void close(int64_t duration);

    /// Whether `count` more samples can be told: the tables count them in 32 bits.
    bool has_room(uint64_t count) const noexcept { return samples_ + count <= UINT32_MAX; }

    /// All positions further back by `bytes`.
    void move(uint64_t bytes);

    bool empty() const noexcept { return samples_ == 0; }
    uint64_t samples() const noexcept { return samples_; }
    uint64_t bytes() const noexcept { return bytes_; }
    int64_t first_dts() const noexcept { return first_dts_; }
    int64_t media_duration() const noexcept { return ticks_; } ///< sum of the durations that are known
    bool last_is_open() const noexcept { return open_; }

    const RunLengths<uint32_t>& durations() const noexcept { return durations_; }
    /// Empty when all are 0.
    const RunLengths<int32_t>& compositions() const noexcept { return compositions_; }
    const RunLengths<uint8_t>& keys() const noexcept { return keys_; }
    const std::deque<uint64_t>& chunks() const noexcept { return chunks_; }
    /// Samples and description of each chunk, in order.
    RunLengths<ChunkKind> chunk_kinds() const;
    /// The size of all samples, when they have one.
    std::optional<uint32_t> common_size() const noexcept;
    uint32_t size_of(uint64_t sample) const { return sizes_.empty() ? common_size_ : sizes_[sample]; }

    /// Bytes of memory that the index takes, without the allocator's own.
    size_t memory() const noexcept;

  private:
    void add_size(const Sample& sample);
    void add_chunk(const Sample& sample, uint64_t position);

    uint64_t samples_ = 0, bytes_ = 0;
    int64_t first_dts_ = 0, last_dts_ = 0, ticks_ = 0;
    bool open_ = false; ///< the last sample's duration is not known yet
    RunLengths<uint32_t> durations_;
    RunLengths<int32_t> compositions_;
    RunLengths<uint8_t> keys_;
    uint32_t common_size_ = 0;
    std::deque<uint32_t> sizes_; ///< empty while all are equal
    std::deque<uint64_t> chunks_;
    RunLengths<ChunkKind> kinds_; ///< of all chunks but the last
    ChunkKind last_chunk_;
    uint64_t chunk_end_ = 0, chunk_bytes_ = 0;
};

} // namespace onair::mov
